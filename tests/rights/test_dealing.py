"""What binds every act (DEA), and what must hold when a dealing is done (TIT)."""

from datetime import timedelta
from fractions import Fraction

import pytest

from rights.dealing import (
    Dealing,
    Final,
    cancelled_asset_is_empty,
    restriction_ends_with_its_right,
)
from rights.facts import Order, Override
from rights.grant import Grant
from rights.kinds import AuthorityKind, CancellationCause, RightKind
from rights.remarks import Cancellation, Control, Covenant, Freeze, Pledge, SetAside
from rights.title import Change, Title
from rights.transfer import Transfer
from tests.rights.plain import (
    ANNE,
    BEN,
    CARL,
    DORA,
    LATER,
    NOW,
    a_dealing,
    a_remark,
    a_title,
    an_interest,
    broken,
    consenting,
    outcome,
)

ALL_OF_IT = Transfer(interest="I-1", giver=ANNE, takers={BEN: Fraction(1)})
A_THIRD = {ANNE: Fraction(1, 3), BEN: Fraction(1, 3), CARL: Fraction(1, 3)}
SECOND = timedelta(seconds=1)


def a_transfer(**changes: object) -> Dealing:
    return a_dealing(ALL_OF_IT, applicants=(ANNE, BEN), **changes)


def a_grant(reference: str = "I-2") -> Grant:
    return Grant(
        reference=reference,
        parent="I-1",
        kind=RightKind.USE,
        grantees={BEN: Fraction(1)},
        valid_from=NOW,
        valid_to=LATER,
    )


def ordered(level: int) -> Order:
    return Order(authority=AuthorityKind.COURT, level=level, number="示例执1号")


def frozen(level: int = 2, *, interest: str = "") -> Title:
    freeze = Freeze(authority=AuthorityKind.COURT, level=level, order="示例执2号", months=36)
    return a_title(an_interest(), a_remark("N-1", freeze, interest=interest))


def test_dea_1_nothing_is_entered_on_a_cancelled_asset() -> None:
    title = a_title(an_interest(), a_remark("N-1", Cancellation(cause=CancellationCause.BY_LAW)))

    assert broken(a_transfer(), title) == ["DEA-1"]


@pytest.mark.parametrize("late", [timedelta(0), SECOND])
def test_dea_2_a_right_that_lapsed_is_not_dealt_in(late: timedelta) -> None:
    title = a_title(an_interest())

    assert broken(a_transfer(), title, at=LATER + late) == ["DEA-2"]
    assert broken(a_transfer(), title, at=LATER - SECOND) == []


def test_dea_2_a_right_that_the_register_does_not_know_is_not_dealt_in() -> None:
    assert broken(a_transfer(), a_title()) == ["DEA-2"]


@pytest.mark.parametrize("interest", ["", "I-1"])
def test_dea_3_what_is_frozen_does_not_move(interest: str) -> None:
    assert broken(a_transfer(), frozen(interest=interest)) == ["DEA-3"]


def test_e6_a_freeze_binds_every_role_but_not_an_order_of_its_rank() -> None:
    assert broken(a_transfer(order=ordered(1)), frozen()) == ["DEA-3"]
    assert broken(a_transfer(order=ordered(2)), frozen()) == []
    assert broken(a_transfer(order=ordered(3)), frozen()) == []


def test_e6_a_freeze_of_another_right_does_not_bind() -> None:
    assert broken(a_transfer(), frozen(interest="I-9")) == []


def test_dea_3_what_is_frozen_is_not_cut_up_further_down() -> None:
    grant = Grant(
        reference="I-3",
        parent="I-2",
        kind=RightKind.USE,
        grantees={CARL: Fraction(1)},
        valid_from=NOW,
        valid_to=LATER,
    )
    title = frozen(interest="I-1")
    nested = an_interest("I-2", granted_from="I-1", shares={BEN: Fraction(1)})
    title.interests["I-2"] = nested  # type: ignore[index] # a dict of this test's own

    assert "DEA-3" in broken(a_dealing(grant, applicants=(BEN,)), title)


def test_dea_4_regulatory_control_binds_like_a_freeze() -> None:
    control = Control(authority=AuthorityKind.REGULATOR, level=2, order="示例管1号")
    title = a_title(an_interest(), a_remark("N-1", control))

    assert broken(a_transfer(), title) == ["DEA-4"]
    assert broken(a_transfer(order=ordered(2)), title) == []


def pledged(*, no_disposal: bool) -> Title:
    pledge = Pledge(secured_fen=1, burdens={ANNE: Fraction(1)}, no_disposal=no_disposal)
    return a_title(an_interest(), a_remark("N-1", pledge, interest="I-1", party=DORA))


def test_dea_5_only_a_covenant_makes_the_pledgees_consent_necessary() -> None:
    assert broken(a_transfer(), pledged(no_disposal=True)) == ["DEA-5"]
    assert broken(a_transfer(), pledged(no_disposal=False)) == []


def test_dea_6_a_consent_to_another_dealing_is_refused() -> None:
    consents = consenting(a_dealing(ALL_OF_IT), DORA).consents

    assert broken(a_transfer(consents=consents), pledged(no_disposal=False)) == ["DEA-6"]


def test_tit_1_the_shares_of_every_right_sum_to_one() -> None:
    crooked = an_interest(shares={ANNE: Fraction(1), CARL: Fraction(1, 32767)})

    assert broken(a_transfer(), a_title(crooked)) == ["TIT-1"]


def test_tit_2_a_right_that_outlives_its_source_stops_every_dealing_on_the_asset() -> None:
    child = an_interest("I-2", granted_from="I-1", valid_to=LATER + SECOND)

    assert broken(a_transfer(), a_title(an_interest(), child)) == ["TIT-2"]


def test_tit_3_nothing_is_left_in_force_on_a_cancelled_asset() -> None:
    cancellation = a_remark("N-1", Cancellation(cause=CancellationCause.BY_LAW))
    change = Change(remarks=(cancellation,))
    for facts, holds in (
        ([], True),
        ([an_interest()], False),
        ([a_remark("N-2", Covenant())], False),
    ):
        final = Final(
            title=a_title(cancellation, *facts),
            change=change,
            dealing=a_transfer(),
            officer="U-1",
            at=NOW,
        )
        assert cancelled_asset_is_empty.holds(final) is holds


def test_tit_4_a_restriction_ends_no_later_than_its_right() -> None:
    for end, holds in ((LATER, True), (LATER + SECOND, False)):
        covenant = a_remark("N-1", Covenant(), interest="I-1", valid_to=end)
        final = Final(
            title=a_title(an_interest(), covenant),
            change=Change(remarks=(covenant,)),
            dealing=a_transfer(),
            officer="U-1",
            at=NOW,
        )
        assert restriction_ends_with_its_right.holds(final) is holds


def an_override(**changes: str) -> Override:
    fields = {"reference": "N-9", "rule": "GRT-8", "ground": "法院判决", "approved_by": "U-QIAN"}
    return Override(**(fields | changes))


def test_tit_5_an_override_needs_a_ground_a_second_person_and_a_rule_that_allows_it() -> None:
    title = a_title(an_interest(shares=A_THIRD))

    assert broken(a_dealing(a_grant(), overrides=(an_override(),)), title) == []
    for change in ({"ground": " "}, {"approved_by": "U-ZHAO"}, {"approved_by": ""}):
        dealing = a_dealing(a_grant(), overrides=(an_override(**change),))
        assert broken(dealing, title) == ["TIT-5"]
    frozen_rule = a_dealing(a_grant(), overrides=(an_override(rule="DEA-3"),))
    assert broken(frozen_rule, frozen()) == ["DEA-3", "TIT-5"]


def test_w8_what_was_overridden_is_named() -> None:
    title = a_title(an_interest(shares=A_THIRD))
    done = outcome(a_dealing(a_grant(), overrides=(an_override(),)), title)

    assert [(remark.body, remark.words) for remark in done.change.remarks] == [
        (SetAside(rule="GRT-8", approved_by="U-QIAN"), "法院判决")
    ]
    assert done.change.interests[0].reference == "I-2"


def test_every_broken_rule_of_every_act_is_reported_at_once() -> None:
    crowded = Transfer(interest="I-1", giver=ANNE, takers={ANNE: Fraction(2)})
    unknown = Transfer(interest="I-7", giver=ANNE, takers={"P-NOBODY": Fraction(1)})

    found = broken(a_dealing(crowded, unknown, applicants=(CARL,)), frozen())

    assert found == ["DEA-3", "TRF-1", "TRF-3", "TRF-4", "DEA-2", "TIT-6"]

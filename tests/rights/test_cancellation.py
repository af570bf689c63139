"""Cancellations: each CAN rule, and that nothing is left on the asset or comes after."""

from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest

from rights.cancellation import AssetCancellation
from rights.facts import Order
from rights.grant import Grant
from rights.kinds import (
    AuthorityKind,
    CancellationCause,
    ClearanceRoute,
    ObjectionStage,
    RightKind,
)
from rights.remarks import (
    Authorisation,
    Body,
    Cancellation,
    Caution,
    Clearance,
    Description,
    Freeze,
    Objection,
    Pledge,
    PriorityNotice,
    SetAside,
)
from rights.surrender import Surrender
from rights.title import GrantTerms
from tests.rights.plain import (
    ANNE,
    ASSET,
    BEN,
    DORA,
    LATER,
    NOW,
    a_dealing,
    a_remark,
    a_title,
    after,
    an_interest,
    broken,
    consenting,
)

OTHER_CAUSES = (
    CancellationCause.DATA_DESTROYED,
    CancellationCause.OBJECTION,
    CancellationCause.BY_LAW,
)
BENS = {BEN: Fraction(1)}
COURT = Order(authority=AuthorityKind.COURT, level=2, number="示例1")


def cancel(*rights: str, **changes: Any) -> AssetCancellation:
    fields: dict[str, Any] = {"cause": CancellationCause.OWN_REQUEST} | changes
    return AssetCancellation(
        reference="N-C", asset=ASSET, rights=rights or ("I-1",), words="示例：停止提供。", **fields
    )


def test_r9_a_cancellation_leaves_nothing_in_force_on_the_asset() -> None:
    pledge = a_remark(
        "N-1",
        Pledge(secured_fen=1, burdens={ANNE: Fraction(1)}, no_disposal=False),
        interest="I-1",
        party=DORA,
    )
    licence = an_interest("I-2", granted_from="I-1", shares=BENS)
    title = after(a_dealing(cancel()), a_title(an_interest(), licence, pledge))

    assert title.interests == {}
    assert title.is_cancelled(ASSET)
    record = title.remarks["N-C"]
    assert record.body == Cancellation(cause=CancellationCause.OWN_REQUEST)
    assert record.words == "示例：停止提供。"
    assert sorted(title.remarks) == ["N-C", "N-E1", "N-E2"]


def test_dea_1_a_cancelled_asset_takes_no_further_act() -> None:
    title = a_title(an_interest(), a_remark("N-0", Cancellation(cause=CancellationCause.BY_LAW)))
    grant = Grant(
        reference="I-5",
        parent="I-1",
        kind=RightKind.USE,
        grantees=BENS,
        valid_from=NOW,
        valid_to=LATER,
    )

    for item in (Surrender(interest="I-1"), grant, cancel()):
        assert broken(a_dealing(item), title)[0] == "DEA-1"
    assert "DEA-1" in broken(a_dealing(cancel(), cancel()), a_title(an_interest()))


def test_tit_3_another_holders_right_stands_against_it_until_it_ends_too() -> None:
    title = a_title(an_interest(), an_interest("I-2", shares=BENS))

    assert broken(a_dealing(cancel()), title) == ["TIT-3"]
    together = a_dealing(Surrender(interest="I-2"), cancel(), applicants=(ANNE, BEN))
    assert broken(together, title) == []
    assert broken(a_dealing(cancel("I-1", "I-2"), applicants=(ANNE, BEN)), title) == []


def test_tit_3_a_right_that_survives_is_named_or_stands_against_it() -> None:
    survivor = an_interest("I-2", granted_from="I-1", shares=BENS, terms=GrantTerms(survives=True))
    title = a_title(an_interest(), survivor)

    assert broken(a_dealing(cancel()), title) == ["TIT-3"]
    assert broken(a_dealing(cancel("I-1", "I-2")), title) == ["CAN-2"]
    assert broken(a_dealing(cancel("I-1", "I-2"), applicants=(ANNE, BEN)), title) == []


def test_r9_a_right_that_is_yet_to_begin_ends_with_the_registration() -> None:
    to_come = an_interest(
        "I-2",
        granted_from="I-1",
        shares=BENS,
        valid_from=NOW + timedelta(days=1),
        terms=GrantTerms(survives=True),
    )
    together = a_dealing(cancel("I-1", "I-2"), applicants=(ANNE, BEN))

    assert after(together, a_title(an_interest(), to_come)).interests == {}


@pytest.mark.parametrize(
    "body",
    [
        Caution(),
        Objection(stage=ObjectionStage.SUSTAINED),
        PriorityNotice(act="transfer"),
    ],
)
def test_tit_3_what_lies_on_the_asset_is_discharged_first(body: Body) -> None:
    lying = a_remark("N-1", body)

    assert broken(a_dealing(cancel()), a_title(an_interest(), lying)) == ["TIT-3"]
    over = a_remark("N-1", body, until=NOW)
    assert broken(a_dealing(cancel()), a_title(an_interest(), over)) == []


def test_tit_3_a_freeze_that_waits_stands_against_it_and_one_that_is_over_does_not() -> None:
    def standing(months: int) -> list[str]:
        freeze = Freeze(authority=AuthorityKind.COURT, level=2, order="示例1", months=months)
        waiting = a_remark("N-2", freeze, rank=(2, 1), valid_from=NOW - timedelta(days=1))
        title = a_title(an_interest(), a_remark("N-1", freeze), waiting)
        return broken(a_dealing(cancel(), order=COURT), title)

    assert standing(months=36) == ["TIT-3"]
    over = Freeze(authority=AuthorityKind.COURT, level=2, order="示例1", months=1)
    assert broken(a_dealing(cancel()), a_title(an_interest(), a_remark("N-1", over))) == []


@pytest.mark.parametrize(
    "body",
    [
        Authorisation(scenario="credit-scoring", paper="D-1"),
        Clearance(route=ClearanceRoute.ASSESSMENT, number="示例1", paper="D-1"),
    ],
)
def test_r9_what_the_holders_may_do_with_the_asset_falls_with_it(body: Body) -> None:
    title = after(a_dealing(cancel()), a_title(an_interest(), a_remark("N-1", body)))

    assert title.remarks["N-1"].until == NOW


def test_tit_3_what_was_to_begin_later_and_never_will_does_not_keep_the_asset() -> None:
    tomorrow = NOW + timedelta(days=1)
    coming = a_remark(
        "N-1", Authorisation(scenario="credit-scoring", paper="D-1"), valid_from=tomorrow
    )
    title = after(a_dealing(cancel()), a_title(an_interest(), coming))

    assert title.remarks["N-1"].until == tomorrow


@pytest.mark.parametrize(
    "body",
    [
        SetAside(rule="GRT-8", approved_by="U-2"),
        Description(before={"name": "a"}, after={"name": "b"}),
    ],
)
def test_tit_3_records_of_what_was_done_stay(body: Body) -> None:
    assert broken(a_dealing(cancel()), a_title(an_interest(), a_remark("N-1", body))) == []


def test_can_1_it_names_rights_of_the_asset_whose_terms_are_not_over() -> None:
    elsewhere = an_interest("I-7", asset="DA-000000002")
    lapsed = an_interest("I-8", valid_to=NOW)
    title = a_title(an_interest(), elsewhere, lapsed)

    for extra in ("I-7", "I-8", "I-9"):
        assert "CAN-1" in broken(a_dealing(cancel("I-1", extra)), title)


def test_can_2_at_own_request_every_holder_applies() -> None:
    title = a_title(an_interest(shares={ANNE: Fraction(2, 3), BEN: Fraction(1, 3)}))

    assert broken(a_dealing(cancel()), title) == ["CAN-2"]
    assert broken(a_dealing(cancel(), applicants=(ANNE, BEN)), title) == []
    nobody = AssetCancellation(reference="N-C", asset=ASSET, cause=CancellationCause.OWN_REQUEST)
    assert broken(a_dealing(nobody), a_title()) == ["CAN-2"]


@pytest.mark.parametrize("cause", OTHER_CAUSES)
def test_can_3_any_other_cause_rests_on_a_paper_and_not_on_the_holders(
    cause: CancellationCause,
) -> None:
    title = a_title(an_interest())
    asked = cancel(cause=cause, paper="D-1")

    assert broken(a_dealing(asked, applicants=()), title) == ["CAN-3"]
    on_paper = a_dealing(asked, applicants=(), instruments=frozenset({"D-1"}))
    assert broken(on_paper, title) == []


def test_can_4_a_frozen_right_does_not_fall_with_the_registration() -> None:
    freeze = Freeze(authority=AuthorityKind.COURT, level=2, order="示例1", months=36)
    licence = an_interest("I-2", granted_from="I-1", shares=BENS)
    title = a_title(an_interest(), licence, a_remark("N-1", freeze, interest="I-2"))

    assert "CAN-4" in broken(a_dealing(cancel()), title)


def test_e3_a_pledgee_agrees_to_the_cancellation_whatever_its_cause() -> None:
    pledge = a_remark(
        "N-1", Pledge(secured_fen=1, burdens={ANNE: Fraction(1)}), interest="I-1", party=DORA
    )
    title = a_title(an_interest(), pledge)
    for cause in CancellationCause:
        dealing = a_dealing(cancel(cause=cause, paper="D-1"), instruments=frozenset({"D-1"}))
        assert broken(dealing, title) == ["DEA-5"]
        assert broken(consenting(dealing, DORA), title) == []


def test_can_5_a_pledgor_does_not_shake_its_pledge_off_by_a_cancellation() -> None:
    own = an_interest("I-2", granted_from="I-1", terms=GrantTerms(may_transfer=True))
    pledge = a_remark(
        "N-1", Pledge(secured_fen=1, burdens={ANNE: Fraction(1)}), interest="I-2", party=DORA
    )
    title = a_title(an_interest(), own, pledge)

    assert broken(a_dealing(cancel()), title) == ["CAN-5"]
    assert broken(consenting(a_dealing(cancel()), DORA), title) == []

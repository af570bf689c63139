"""Surrenders and narrowings: each SUR and NAR rule, and what stands against them."""

from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest

from rights.facts import Facts, Limits, Order
from rights.kinds import AuthorityKind
from rights.remarks import Body, Control, Freeze, Pledge
from rights.scope import Scope
from rights.surrender import Narrowing, Surrender, unnested
from rights.title import GrantTerms
from tests.rights.plain import (
    ANNE,
    ASSET,
    BEN,
    CARL,
    DORA,
    NOW,
    a_dealing,
    a_remark,
    a_title,
    after,
    an_interest,
    broken,
    consenting,
)

DAY = timedelta(days=1)
HALF = Fraction(1, 2)
CREDIT = Scope(purposes=frozenset({"credit"}))
BOTH = Scope(purposes=frozenset({"credit", "retail"}))
UP = Surrender(interest="I-1")
LICENCE = an_interest("I-2", granted_from="I-1", shares={BEN: Fraction(1)}, scope=BOTH)
COURT = Order(authority=AuthorityKind.COURT, level=2, number="示例1")


def a_pledge(interest: str = "I-1") -> Any:
    body = Pledge(secured_fen=1, burdens={ANNE: Fraction(1)})
    return a_remark("N-1", body, interest=interest, party=DORA)


def test_sur_1_only_what_is_registered_and_not_over_is_given_up() -> None:
    assert broken(a_dealing(UP), a_title()) == ["SUR-1"]
    assert broken(a_dealing(UP), a_title(an_interest(valid_to=NOW))) == ["SUR-1"]
    yet_to_begin = an_interest(valid_from=NOW + DAY)
    assert after(a_dealing(UP), a_title(yet_to_begin)).interests == {}


def test_sur_2_all_holders_give_up_together() -> None:
    shares = {ANNE: Fraction(9, 10), BEN: Fraction(1, 10)}
    title = a_title(an_interest(shares=shares))

    assert broken(a_dealing(UP), title) == ["SUR-2"]
    assert broken(a_dealing(UP, applicants=(ANNE, BEN)), title) == []
    assert broken(a_dealing(UP, applicants=(), order=COURT), title) == []


@pytest.mark.parametrize(
    "body",
    [
        Freeze(authority=AuthorityKind.COURT, level=2, order="示例1", months=36),
        Control(authority=AuthorityKind.COURT, level=2, order="示例1"),
    ],
)
def test_sur_3_a_right_kept_for_a_creditor_does_not_fall_with_the_one_above_it(body: Body) -> None:
    title = a_title(an_interest(), LICENCE, a_remark("N-1", body, interest="I-2"))

    assert broken(a_dealing(UP), title) == ["SUR-3"]
    assert broken(a_dealing(UP, order=COURT), title) == []
    survivor = an_interest("I-2", granted_from="I-1", terms=GrantTerms(survives=True))
    assert broken(a_dealing(UP), a_title(an_interest(), survivor, title.remarks["N-1"])) == []


def test_e6_a_frozen_right_is_not_given_up() -> None:
    freeze = Freeze(authority=AuthorityKind.COURT, level=2, order="示例1", months=36)
    title = a_title(an_interest(), a_remark("N-1", freeze, interest="I-1"))

    assert broken(a_dealing(UP), title) == ["DEA-3", "SUR-3"]


def test_e3_the_pledgee_agrees_to_a_surrender_and_to_a_narrowing() -> None:
    title = a_title(an_interest(), a_pledge())
    for item in (UP, Narrowing(interest="I-1", scope=CREDIT)):
        dealing = a_dealing(item)
        assert broken(dealing, title) == ["DEA-5"]
        assert broken(consenting(dealing, CARL), title) == ["DEA-5"]
        assert broken(consenting(dealing, DORA), title) == []


def test_e3_one_consent_serves_every_act_of_the_dealing_that_it_names() -> None:
    other = a_remark("N-2", a_pledge().body, interest="I-9", party=DORA)
    title = a_title(an_interest(), an_interest("I-9"), a_pledge(), other)
    dealing = consenting(a_dealing(UP, Surrender(interest="I-9")), DORA)

    left = after(dealing, title)

    assert left.interests == {}
    assert left.used == {"D-10"}


def test_nar_1_the_new_scope_is_smaller_and_within_the_old_one() -> None:
    title = a_title(an_interest(scope=BOTH))

    def asked(scope: Scope) -> list[str]:
        return broken(a_dealing(Narrowing(interest="I-1", scope=scope)), title)

    assert asked(CREDIT) == []
    assert asked(BOTH) == ["NAR-1"]
    assert asked(Scope()) == ["NAR-1"]
    assert asked(Scope(purposes=frozenset({"health"}))) == ["NAR-1"]


def test_nar_2_a_scope_that_covers_nothing_is_no_narrowing() -> None:
    nothing = Narrowing(interest="I-1", scope=Scope(fields=frozenset()))

    assert broken(a_dealing(nothing), a_title(an_interest())) == ["NAR-2"]


def test_nar_3_all_holders_narrow_together() -> None:
    title = a_title(an_interest(shares={ANNE: HALF, BEN: HALF}))
    narrowing = Narrowing(interest="I-1", scope=CREDIT)

    assert broken(a_dealing(narrowing), title) == ["NAR-3"]
    assert broken(a_dealing(narrowing, applicants=(ANNE, BEN)), title) == []


def test_a_narrowing_keeps_everything_else() -> None:
    before = an_interest()
    title = after(a_dealing(Narrowing(interest="I-1", scope=CREDIT)), a_title(before))

    assert title.interests["I-1"] == before.revised(at=NOW, scope=CREDIT)


def test_tit_8_granted_rights_must_still_lie_within_the_narrowed_one() -> None:
    title = a_title(an_interest(), LICENCE)
    narrowing = Narrowing(interest="I-1", scope=CREDIT)

    assert broken(a_dealing(narrowing), title) == ["TIT-8"]
    both = a_dealing(narrowing, Narrowing(interest="I-2", scope=CREDIT), applicants=(ANNE, BEN))
    assert broken(both, title) == []
    survivor = an_interest("I-2", granted_from="I-1", terms=GrantTerms(survives=True))
    assert broken(a_dealing(narrowing), a_title(an_interest(), survivor)) == []


def test_tit_8_names_those_that_stand_against_it() -> None:
    narrow = an_interest("I-3", granted_from="I-1", scope=CREDIT)
    facts = Facts(
        request=Narrowing(interest="I-1", scope=CREDIT),
        title=a_title(an_interest(), LICENCE, narrow),
        at=NOW,
        applicants=frozenset({ANNE}),
        officer="U-1",
        order=None,
        consents=(),
        digest="",
        versions={ASSET: 1},
        position=0,
        limits=Limits(),
    )

    assert list(unnested(facts)) == ["I-2"]


def test_sur_4_a_pledgor_does_not_shake_its_pledge_off_by_ending_the_right_above() -> None:
    own = an_interest("I-2", granted_from="I-1", terms=GrantTerms(may_transfer=True))
    title = a_title(an_interest(), own, a_pledge("I-2"))

    assert broken(a_dealing(UP), title) == ["SUR-4"]
    assert broken(consenting(a_dealing(UP), DORA), title) == []
    assert broken(a_dealing(UP, applicants=(), order=COURT), title) == []


def test_e3_a_covenant_of_the_licensee_does_not_bind_whom_it_was_not_made_by() -> None:
    body = Pledge(secured_fen=1, burdens={BEN: Fraction(1)})
    pledge = a_remark("N-1", body, interest="I-2", party=DORA)

    assert broken(a_dealing(UP), a_title(an_interest(), LICENCE, pledge)) == []

"""Exclusivity covenants: each COV and COR rule, and what a covenant keeps from grants (R8)."""

from datetime import datetime, timedelta
from fractions import Fraction

import pytest

from rights.covenant import CovenantEntry, CovenantRelease
from rights.facts import Order
from rights.freeze import FreezeOrder
from rights.grant import Grant
from rights.kinds import AuthorityKind, RightKind
from rights.scope import EVERYTHING, Scope
from rights.title import Title
from tests.rights.plain import (
    ANNE,
    ASSET,
    BEN,
    CARL,
    LATER,
    NOW,
    a_dealing,
    a_title,
    after,
    an_interest,
    broken,
)

DAY = timedelta(days=1)
CREDIT, RETAIL = (Scope(purposes=frozenset({purpose})) for purpose in ("credit", "retail"))
ORDER = Order(authority=AuthorityKind.COURT, level=1, number="示例1号")


def a_covenant(
    *,
    valid_to: datetime = LATER,
    scope: Scope = CREDIT,
    party: str = BEN,
    interest: str = "I-1",
    asset: str = "",
) -> CovenantEntry:
    return CovenantEntry(
        reference="N-1",
        party=party,
        valid_to=valid_to,
        scope=scope,
        interest=interest,
        asset=asset,
    )


def a_grant(scope: Scope) -> Grant:
    return Grant(
        reference="I-2",
        parent="I-1",
        kind=RightKind.USE,
        grantees={CARL: Fraction(1)},
        valid_from=NOW,
        valid_to=LATER,
        scope=scope,
    )


def bound() -> Title:
    return after(a_dealing(a_covenant()), a_title(an_interest()))


RELEASE = CovenantRelease(remark="N-1", interest="I-1")


def test_r8_a_covenant_keeps_its_scope_from_being_granted_until_it_is_released() -> None:
    title = after(a_dealing(RELEASE, applicants=[BEN]), bound())

    assert broken(a_dealing(a_grant(EVERYTHING)), bound()) == ["GRT-6"]
    assert broken(a_dealing(a_grant(RETAIL)), bound()) == []
    assert broken(a_dealing(a_grant(CREDIT)), title) == []


def test_r8_a_grant_that_was_entered_first_stands_beside_it() -> None:
    title = after(a_dealing(a_grant(CREDIT)), a_title(an_interest()))

    assert "I-2" in after(a_dealing(a_covenant()), title).interests


def test_e6_nothing_is_promised_of_a_frozen_right() -> None:
    freeze = FreezeOrder(reference="N-9", months=36, interest="I-1")
    title = after(a_dealing(freeze, order=ORDER), a_title(an_interest()))

    assert broken(a_dealing(a_covenant()), title) == ["DEA-3"]


def test_cov_1_it_lies_on_one_right_and_names_whom_it_favours() -> None:
    title = a_title(an_interest())

    assert broken(a_dealing(a_covenant(asset=ASSET)), title) == ["COV-1"]
    assert broken(a_dealing(a_covenant(interest="", asset=ASSET)), title) == ["COV-1"]
    assert broken(a_dealing(a_covenant(party="")), title) == ["COV-1"]


def test_cov_2_holders_of_two_thirds_promise_it() -> None:
    title = a_title(an_interest(shares={ANNE: Fraction(1, 2), CARL: Fraction(1, 2)}))

    assert broken(a_dealing(a_covenant()), title) == ["COV-2"]
    assert broken(a_dealing(a_covenant(), applicants=[ANNE, CARL]), title) == []


@pytest.mark.parametrize(
    ("valid_to", "expected"), [(NOW, ["COV-3"]), (LATER, []), (LATER + DAY, ["COV-3"])]
)
def test_cov_3_its_term_lies_within_that_of_the_right(
    valid_to: datetime, expected: list[str]
) -> None:
    found = broken(a_dealing(a_covenant(valid_to=valid_to)), a_title(an_interest()))

    assert [number for number in found if number != "TIT-4"] == expected


def test_cov_4_its_scope_lies_within_that_of_the_right() -> None:
    narrow = a_title(an_interest(scope=CREDIT))

    assert broken(a_dealing(a_covenant()), narrow) == []
    assert broken(a_dealing(a_covenant(scope=EVERYTHING)), narrow) == ["COV-4"]


def test_cvr_1_only_a_covenant_in_force_is_released() -> None:
    dealing = a_dealing(RELEASE, applicants=[BEN])

    assert broken(dealing, a_title(an_interest())) == ["CVR-1"]
    assert broken(dealing, after(dealing, bound())) == ["CVR-1"]


def test_cvr_2_whom_it_favours_releases_it() -> None:
    assert broken(a_dealing(RELEASE, applicants=[ANNE]), bound()) == ["CVR-2"]
    assert broken(a_dealing(RELEASE, applicants=[], order=ORDER), bound()) == []

"""Export: each EXP rule, and what a clearance covers."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from rights.dealing import Dealing
from rights.export import RecordClearance, RevokeClearance, is_cleared
from rights.facts import Order
from rights.kinds import AuthorityKind, ClearanceRoute
from rights.remarks import Clearance
from rights.scope import Codes
from rights.title import AssetFacts, GrantTerms
from tests.rights.plain import (
    ANNE,
    ASSET,
    CARL,
    LATER,
    NOW,
    a_dealing,
    a_remark,
    a_title,
    after,
    an_interest,
    broken,
)
from tests.rights.test_grant import a_grant

DAY = timedelta(days=1)
PAPER = "D-CLEARANCE"
ORDER = Order(authority=AuthorityKind.REGULATOR, level=1, number="O-1")
TITLE = a_title(an_interest(), assets={ASSET: AssetFacts(number=ASSET, export_allowed=True)})


def clearing(*applicants: str, **changes: Any) -> Dealing:
    """Return the recording of a clearance for Singapore from now on, at Anne's wish."""
    fields: dict[str, Any] = {
        "reference": "N-1",
        "asset": ASSET,
        "route": ClearanceRoute.ASSESSMENT,
        "number": "EX-2026-1",
        "destinations": frozenset({"SG"}),
        "valid_from": NOW,
        "valid_to": LATER,
        "paper": PAPER,
    } | changes
    item = RecordClearance(**fields)
    return a_dealing(item, applicants=applicants or (ANNE,), instruments=frozenset({PAPER}))


def revoking(*applicants: str, clearance: str = "N-1", asset: str = ASSET) -> Dealing:
    item = RevokeClearance(clearance=clearance, asset=asset)
    return a_dealing(item, applicants=applicants or (ANNE,))


def codes(text: str) -> Codes:
    return None if text == "*" else frozenset(text.split())


def test_a_clearance_opens_export_and_its_revocation_closes_it() -> None:
    grant = a_grant(terms=GrantTerms(may_export=True))
    assert broken(a_dealing(grant), TITLE) == ["GRT-11"]

    title = after(clearing(destinations=None), TITLE)
    assert broken(a_dealing(grant), title) == []

    title = after(revoking(), title)
    assert broken(a_dealing(grant), title) == ["GRT-11"]
    assert title.remarks["N-1"].until == NOW


@pytest.mark.parametrize(
    ("cleared", "wanted", "is_covered"),
    [
        ("SG", "SG", True),
        ("SG MY", "SG", True),
        ("SG", "SG MY", False),
        ("SG", "CN SG", True),
        ("SG", "CN-31 SG", True),
        ("SG", "CN", True),
        ("US", "US-CA", True),
        ("US-CA", "US", False),
        ("*", "SG MY", True),
        ("*", "*", True),
        ("SG", "*", False),
        # Data is exported to Hong Kong, and CNX is no part of CN.
        ("SG", "HK", False),
        ("SG", "CNX", False),
    ],
)
def test_a_clearance_covers_its_destinations(cleared: str, wanted: str, is_covered: bool) -> None:  # noqa: FBT001 # a table of cases
    clearance = Clearance(
        route=ClearanceRoute.STANDARD_CONTRACT,
        number="1",
        destinations=codes(cleared),
        paper=PAPER,
    )
    title = a_title(a_remark("N-1", clearance))

    assert is_cleared(title, ASSET, codes(wanted), at=NOW) == is_covered
    assert not is_cleared(title, "DA-000000002", codes(wanted), at=NOW)
    assert not is_cleared(title, ASSET, codes(wanted), at=LATER)


@pytest.mark.parametrize("number", ["", "  "])
def test_exp_1_a_clearance_bears_its_number(number: str) -> None:
    assert broken(clearing(number=number), TITLE) == ["EXP-1"]


def test_exp_2_the_clearance_is_on_file() -> None:
    assert broken(clearing(paper="D-OTHER"), TITLE) == ["EXP-2"]


@pytest.mark.parametrize(
    ("days_from", "days_to", "expected"),
    [(-30, 30, []), (-30, 0, ["EXP-3"]), (30, 30, ["EXP-3"]), (30, 10, ["EXP-3"])],
)
def test_exp_3_a_clearance_lasts_beyond_its_recording(
    days_from: int, days_to: int, expected: list[str]
) -> None:
    term = {"valid_from": NOW + days_from * DAY, "valid_to": NOW + days_to * DAY}

    assert broken(clearing(**term), TITLE) == expected


@pytest.mark.parametrize(
    ("destinations", "expected"),
    [
        ("*", []),
        ("SG", []),
        ("HK", []),
        ("", ["EXP-4"]),
        ("CN", ["EXP-4"]),
        ("SG CN-31", ["EXP-4"]),
    ],
)
def test_exp_4_the_destinations_are_abroad(destinations: str, expected: list[str]) -> None:
    assert broken(clearing(destinations=codes(destinations)), TITLE) == expected


def test_exp_5_a_holder_applies_or_an_order_is_behind_it() -> None:
    title = after(clearing(), TITLE)

    assert broken(clearing(CARL), TITLE) == ["EXP-5"]
    assert broken(revoking(CARL), title) == ["EXP-5"]
    assert broken(replace(clearing(CARL), order=ORDER), TITLE) == []
    assert broken(replace(revoking(CARL), order=ORDER), title) == []


def test_exp_6_what_is_revoked_is_a_clearance_in_force() -> None:
    title = after(clearing(), TITLE)
    other = replace(title, assets={**title.assets, "DA-2": AssetFacts(number="DA-2")})

    assert broken(revoking(clearance="N-NONE"), title) == ["EXP-6"]
    assert broken(replace(revoking(asset="DA-2"), order=ORDER), other) == ["EXP-6"]
    assert broken(revoking(), after(revoking(), title)) == ["EXP-6"]

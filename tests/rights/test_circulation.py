"""Circulation filings: each CIR rule, and numbers without gaps."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest

from rights.circulation import FileCirculation, filings_of
from rights.dealing import Dealing
from rights.kinds import ClearanceRoute, RightKind
from rights.remarks import Authorisation, Circulation, Clearance, RemarkFacts
from rights.scope import Scope
from rights.title import AssetFacts, Change, GrantTerms, Title
from tests.rights.plain import (
    ANNE,
    ASSET,
    BEN,
    CARL,
    DORA,
    LATER,
    NOW,
    a_dealing,
    a_remark,
    a_title,
    after,
    an_interest,
    broken,
    outcome,
)

DAY = timedelta(days=1)
PAPER = "D-CONTRACT"


def a_flow(reference: str = "N-1", **changes: Any) -> FileCirculation:
    """Return a flow from Anne to Ben yesterday, under her right to operate."""
    fields: dict[str, Any] = {
        "asset": ASSET,
        "giver": ANNE,
        "taker": BEN,
        "occurred_at": NOW - DAY,
        "purpose": "credit",
        "territory": "CN-37",
        "channel": "exchange",
        "interest": "I-1",
    } | changes
    return FileCirculation(reference=reference, **fields)


def filing(*flows: FileCirculation, applicants: tuple[str, ...] = (ANNE,)) -> Dealing:
    return a_dealing(*flows, applicants=applicants, instruments=frozenset({PAPER}))


TITLE = a_title(an_interest())


def numbers(title: Title) -> list[str]:
    bodies = [remark.body for remark in filings_of(title, ASSET)]
    return sorted(body.number for body in bodies if isinstance(body, Circulation))


def test_a_filing_says_from_whom_to_whom_when_and_on_what_basis() -> None:
    title = after(filing(a_flow(paper=PAPER)), TITLE)

    remark = title.remarks["N-1"]
    assert (remark.party, remark.interest, remark.valid_from) == (BEN, "I-1", NOW - DAY)
    assert remark.body == Circulation(
        number=f"{ASSET}-LZ-1",
        giver=ANNE,
        purpose="credit",
        territory="CN-37",
        channel="exchange",
        paper=PAPER,
    )


def test_filings_are_numbered_without_gaps_within_a_dealing_and_across() -> None:
    title = after(filing(a_flow(), a_flow("N-2")), a_title(an_interest(), cleared()))
    refused = outcome(filing(a_flow("N-3"), a_flow("N-4", taker=ANNE)), title)
    assert refused.change == Change()
    title = after(filing(a_flow("N-5")), title)

    assert numbers(title) == [f"{ASSET}-LZ-{serial}" for serial in (1, 2, 3)]


def test_a_number_does_not_come_again_when_its_filing_ended() -> None:
    title = after(filing(a_flow(), a_flow("N-2")), TITLE)
    title = title.after(Change(ended={"N-2": NOW}))

    assert numbers(after(filing(a_flow("N-3")), title))[-1] == f"{ASSET}-LZ-3"


@pytest.mark.parametrize("member", ["purpose", "territory", "channel"])
def test_cir_1_purpose_territory_and_channel_are_named(member: str) -> None:
    assert "CIR-1" in broken(filing(a_flow(**{member: ""})), TITLE)


@pytest.mark.parametrize(
    ("taker", "applicants", "expected"),
    [
        (BEN, (ANNE,), []),
        (BEN, (BEN,), []),
        (BEN, (CARL,), ["CIR-2"]),
        (ANNE, (ANNE,), ["CIR-2"]),
        ("", (ANNE,), ["CIR-2"]),
    ],
)
def test_cir_2_data_flows_between_two_parties_and_one_files_it(
    taker: str, applicants: tuple[str, ...], expected: list[str]
) -> None:
    assert broken(filing(a_flow(taker=taker), applicants=applicants), TITLE) == expected


@pytest.mark.parametrize(
    ("interest", "paper", "expected"),
    [
        ("I-1", "", []),
        ("", PAPER, []),
        ("I-1", PAPER, []),
        ("", "", ["CIR-3"]),
        ("", "D-OTHER", ["CIR-3"]),
        ("I-1", "D-OTHER", ["CIR-3"]),
    ],
)
def test_cir_3_a_flow_rests_on_a_right_or_on_a_paper_on_file(
    interest: str, paper: str, expected: list[str]
) -> None:
    assert broken(filing(a_flow(interest=interest, paper=paper)), TITLE) == expected


def test_cir_4_the_right_was_in_force_when_the_data_flowed() -> None:
    ended = a_title(an_interest(valid_to=NOW - DAY))
    begun = a_title(an_interest(valid_from=NOW))
    lapsed_since = a_title(an_interest(valid_to=NOW - timedelta(hours=1)))

    assert broken(filing(a_flow()), ended) == ["CIR-4"]
    assert broken(filing(a_flow()), begun) == ["CIR-4"]
    assert broken(filing(a_flow()), lapsed_since) == []
    assert broken(filing(a_flow(interest="I-NONE")), TITLE) == ["CIR-4"]


def test_cir_4_the_right_lies_in_the_asset() -> None:
    elsewhere = a_title(
        an_interest(asset="DA-2"), assets={n: AssetFacts(number=n) for n in (ASSET, "DA-2")}
    )

    assert broken(filing(a_flow()), elsewhere) == ["CIR-4"]


@pytest.mark.parametrize(
    ("right", "expected"),
    [
        ({}, []),
        ({"kind": RightKind.USE}, ["CIR-5"]),
        ({"shares": {CARL: Fraction(1)}}, ["CIR-5"]),
        ({"kind": RightKind.USE, "shares": {BEN: Fraction(1)}}, []),
        ({"granted_from": "I-0"}, ["CIR-5"]),
        ({"granted_from": "I-0", "terms": GrantTerms(may_resell=True)}, []),
    ],
)
def test_cir_5_it_is_the_givers_right_to_operate_or_a_right_of_the_takers(
    right: dict[str, Any], expected: list[str]
) -> None:
    assert broken(filing(a_flow()), a_title(an_interest("I-0"), an_interest(**right))) == expected


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (Scope(purposes=frozenset({"credit"}), territories=frozenset({"CN"})), []),
        (Scope(purposes=frozenset({"retail"})), ["CIR-6"]),
        (Scope(territories=frozenset({"CN-31"})), ["CIR-6"]),
        (Scope(channels=frozenset({"api"})), ["CIR-6"]),
    ],
)
def test_cir_6_the_right_covers_purpose_territory_and_channel(
    scope: Scope, expected: list[str]
) -> None:
    assert broken(filing(a_flow()), a_title(an_interest(scope=scope))) == expected


def test_cir_7_what_is_filed_has_flowed() -> None:
    assert broken(filing(a_flow(occurred_at=NOW + timedelta(seconds=1))), TITLE) == ["CIR-7"]
    assert broken(filing(a_flow(occurred_at=NOW)), TITLE) == []


def test_cir_8_raw_public_data_does_not_circulate() -> None:
    title = replace(TITLE, assets={ASSET: AssetFacts(number=ASSET, is_raw_public=True)})

    assert broken(filing(a_flow()), title) == ["CIR-8"]
    assert broken(filing(a_flow(interest="", paper=PAPER)), title) == ["CIR-8"]


def cleared(**changes: Any) -> RemarkFacts:
    clearance = Clearance(
        route=ClearanceRoute.ASSESSMENT, number="1", destinations=frozenset({"SG"}), paper=PAPER
    )
    return a_remark("N-8", clearance, **changes)


@pytest.mark.parametrize(
    ("export_allowed", "clearance", "territory", "expected"),
    [
        (True, cleared(), "SG", []),
        # It was revoked after the data had flowed.
        (True, cleared(until=NOW), "SG", []),
        (True, cleared(until=NOW - DAY), "SG", ["CIR-9"]),
        (True, cleared(), "US", ["CIR-9"]),
        (False, cleared(), "SG", ["CIR-9"]),
        (False, cleared(), "CN", []),
    ],
)
def test_cir_9_what_flows_abroad_was_cleared(
    export_allowed: bool,  # noqa: FBT001 # a table of cases
    clearance: RemarkFacts,
    territory: str,
    expected: list[str],
) -> None:
    asset = AssetFacts(number=ASSET, export_allowed=export_allowed)
    title = a_title(an_interest(), clearance, assets={ASSET: asset})

    assert broken(filing(a_flow(territory=territory)), title) == expected


@pytest.mark.parametrize(
    ("of_right", "scenario", "until", "expected"),
    [
        ("credit-scoring", "credit-scoring", LATER, []),
        ("", "credit-scoring", LATER, []),
        # It was withdrawn after the data had flowed.
        ("", "credit-scoring", NOW, []),
        ("", "credit-scoring", NOW - DAY, ["CIR-10"]),
        ("", "", LATER, ["CIR-10"]),
        ("", "marketing", LATER, ["CIR-10"]),
        ("marketing", "credit-scoring", LATER, ["CIR-10"]),
    ],
)
def test_cir_10_personal_data_flows_as_it_was_authorised(
    of_right: str, scenario: str, until: Any, expected: list[str]
) -> None:
    right = an_interest(terms=GrantTerms(scenario=of_right))
    authorisation = a_remark(
        "N-8", Authorisation(scenario="credit-scoring", paper="D-1"), party=DORA, until=until
    )
    personal = {ASSET: AssetFacts(number=ASSET, is_personal=True)}
    title = a_title(right, authorisation, assets=personal)

    assert broken(filing(a_flow(scenario=scenario)), title) == expected

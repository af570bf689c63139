"""Authorisations: each AUT rule, what a withdrawal marks, and what it leaves as it was."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest

from rights.authorisation import Authorise, WithdrawAuthorisation
from rights.dealing import Dealing
from rights.facts import Order
from rights.kinds import AuthorityKind, BreachGround, RightKind
from rights.remarks import Authorisation, BasisWithdrawn, MeteredUse
from rights.title import AssetFacts, GrantTerms, Title
from rights.use import Use, is_in_breach
from tests.rights.plain import (
    ANNE,
    ASSET,
    BEN,
    CARL,
    DORA,
    LATER,
    NOW,
    a_dealing,
    a_title,
    after,
    an_interest,
    broken,
)
from tests.rights.test_grant import a_grant

DAY = timedelta(days=1)
PAPER, NOTICE = "D-CONSENT", "D-NOTICE"
CREDIT = "credit-scoring"
ORDER = Order(authority=AuthorityKind.REGULATOR, level=1, number="O-1")


def an_authorising(reference: str = "N-1", **changes: Any) -> Authorise:
    """Return Dora's authorisation of credit scoring from now on."""
    fields: dict[str, Any] = {
        "asset": ASSET,
        "scenario": CREDIT,
        "party": DORA,
        "valid_from": NOW,
        "valid_to": LATER,
        "paper": PAPER,
    } | changes
    return Authorise(reference=reference, **fields)


def authorising(*applicants: str, **changes: Any) -> Dealing:
    return a_dealing(
        an_authorising(**changes),
        applicants=applicants or (ANNE,),
        instruments=frozenset({PAPER}),
    )


def withdrawing(*applicants: str, authorisation: str = "N-1", **changes: Any) -> Dealing:
    fields = {"marks": {"I-2": "N-20", "I-3": "N-30"}, "asset": ASSET} | changes
    item = WithdrawAuthorisation(authorisation=authorisation, **fields)
    return a_dealing(item, applicants=applicants or (DORA,), instruments=frozenset({NOTICE}))


PERSONAL = a_title(an_interest(), assets={ASSET: AssetFacts(number=ASSET, is_personal=True)})


def granted(title: Title = PERSONAL) -> Title:
    """Return the title with Dora's authorisation and a licence of Ben's under it."""
    title = after(authorising(), title)
    return after(a_dealing(a_grant(terms=GrantTerms(scenario=CREDIT))), title)


def test_an_authorisation_lies_on_the_asset_and_favours_nobody_else() -> None:
    title = after(authorising(), PERSONAL)

    remark = title.remarks["N-1"]
    assert (remark.asset, remark.interest, remark.party) == (ASSET, "", DORA)
    assert remark.body == Authorisation(scenario=CREDIT, paper=PAPER)


def test_a_withdrawal_marks_the_rights_granted_for_the_scenario_and_ends_none() -> None:
    before = granted()
    other = an_interest("I-4", granted_from="I-1", terms=GrantTerms(scenario="marketing"))
    ended = an_interest("I-5", granted_from="I-1", terms=GrantTerms(scenario=CREDIT), valid_to=NOW)
    elsewhere = an_interest("I-6", asset="DA-2", terms=GrantTerms(scenario=CREDIT))
    others = {fact.reference: fact for fact in (other, ended, elsewhere)}
    before = replace(before, interests={**before.interests, **others})

    title = after(withdrawing(), before, at=NOW + DAY)

    assert title.interests == before.interests
    assert title.remarks["N-1"].until == NOW + DAY
    marks = [fact for fact in title.remarks.values() if isinstance(fact.body, BasisWithdrawn)]
    assert [(mark.reference, mark.interest) for mark in marks] == [("N-20", "I-2")]
    assert marks[0].body == BasisWithdrawn(authorisation="N-1")
    assert (marks[0].valid_from, marks[0].until) == (NOW + DAY, LATER)


def test_a_right_that_has_not_begun_is_marked_from_its_beginning() -> None:
    title = granted()
    coming = replace(title.interests["I-2"], valid_from=NOW + 9 * DAY)
    title = replace(title, interests={**title.interests, "I-2": coming})

    mark = after(withdrawing(), title, at=NOW + DAY).remarks["N-20"]

    assert (mark.valid_from, mark.until) == (NOW + 9 * DAY, LATER)


def test_what_was_done_before_a_withdrawal_stays_lawful_and_what_follows_is_a_breach() -> None:
    title = after(withdrawing(), granted(), at=NOW + 2 * DAY)

    def a_use(reference: str, day: int) -> Dealing:
        item = Use(
            reference=reference,
            interest="I-2",
            party=BEN,
            quantity=1,
            began=NOW + day * DAY,
            evidence=NOTICE,
            marks={"I-2": "N-99"},
        )
        return a_dealing(item, applicants=(BEN,), instruments=frozenset({NOTICE}))

    title = after(a_use("N-5", 1), title, at=NOW + 4 * DAY)
    assert not is_in_breach(title, "I-2")
    title = after(a_use("N-6", 3), title, at=NOW + 4 * DAY)
    assert is_in_breach(title, "I-2")

    bodies = [title.remarks[name].body for name in ("N-5", "N-6")]
    assert [body.breaches for body in bodies if isinstance(body, MeteredUse)] == [
        frozenset(),
        {BreachGround.UNAUTHORISED},
    ]


def test_after_a_withdrawal_nothing_more_is_granted_for_the_scenario() -> None:
    title = after(withdrawing(), granted(), at=NOW + DAY)
    again = a_grant("I-3", terms=GrantTerms(scenario=CREDIT), valid_from=NOW + 2 * DAY)

    assert broken(a_dealing(again), title, at=NOW + 2 * DAY) == ["GRT-10"]


@pytest.mark.parametrize("scenario", ["", "credit scoring", "credit,marketing", "信用、营销"])
def test_aut_1_an_authorisation_names_one_scenario(scenario: str) -> None:
    assert broken(authorising(scenario=scenario), PERSONAL) == ["AUT-1"]


@pytest.mark.parametrize(
    ("party", "group", "expected"),
    [
        (DORA, "", []),
        ("", "members-2026", []),
        (DORA, "members-2026", ["AUT-2"]),
        ("", "", ["AUT-2"]),
        ("", "members 2026", ["AUT-2"]),
    ],
)
def test_aut_2_one_party_authorises_or_one_group(
    party: str, group: str, expected: list[str]
) -> None:
    assert broken(authorising(party=party, group=group), PERSONAL) == expected


@pytest.mark.parametrize(
    ("days_from", "days_to", "expected"),
    [(-30, 30, []), (10, 30, []), (-30, 0, ["AUT-3"]), (30, 30, ["AUT-3"]), (30, 10, ["AUT-3"])],
)
def test_aut_3_an_authorisation_lasts_beyond_its_recording(
    days_from: int, days_to: int, expected: list[str]
) -> None:
    term = {"valid_from": NOW + days_from * DAY, "valid_to": NOW + days_to * DAY}

    assert broken(authorising(**term), PERSONAL) == expected


def test_aut_4_the_consent_is_on_file() -> None:
    assert broken(authorising(paper="D-OTHER"), PERSONAL) == ["AUT-4"]


@pytest.mark.parametrize(("applicant", "expected"), [(ANNE, []), (DORA, []), (CARL, ["AUT-5"])])
def test_aut_5_whoever_is_concerned_applies(applicant: str, expected: list[str]) -> None:
    assert broken(authorising(applicant), PERSONAL) == expected


def test_aut_5_a_holder_is_one_of_this_data_and_now() -> None:
    gone = an_interest("I-5", shares={CARL: Fraction(1)}, valid_to=NOW)
    elsewhere = an_interest("I-6", shares={CARL: Fraction(1)}, asset="DA-2")

    for right in (gone, elsewhere):
        title = replace(PERSONAL, interests={**PERSONAL.interests, right.reference: right})
        assert broken(authorising(CARL), title) == ["AUT-5"]


def test_aut_6_what_is_withdrawn_stands() -> None:
    title = granted()

    assert broken(withdrawing(authorisation="N-NONE"), title) == ["AUT-6"]
    assert broken(withdrawing(asset="DA-000000002"), title) == ["DEA-1", "AUT-6"]
    assert broken(withdrawing(), after(withdrawing(), title)) == ["AUT-6"]
    assert broken(withdrawing(), title, at=LATER) == ["AUT-6"]


@pytest.mark.parametrize(("applicant", "expected"), [(DORA, []), (ANNE, ["AUT-7"])])
def test_aut_7_whoever_gave_it_withdraws_it(applicant: str, expected: list[str]) -> None:
    assert broken(withdrawing(applicant, paper=NOTICE), granted()) == expected


def test_aut_7_that_a_group_withdraws_is_shown_by_a_paper() -> None:
    title = after(authorising(party="", group="members-2026"), PERSONAL)

    assert broken(withdrawing(ANNE), title) == ["AUT-7"]
    assert broken(withdrawing(ANNE, paper=NOTICE), title) == []


def test_aut_7_an_order_ends_an_authorisation_without_its_giver() -> None:
    assert broken(replace(withdrawing(ANNE), order=ORDER), granted()) == []


def test_aut_8_every_right_granted_for_the_scenario_gets_a_mark() -> None:
    title = granted()
    below = an_interest(
        "I-3",
        granted_from="I-2",
        kind=RightKind.USE,
        shares={CARL: Fraction(1)},
        terms=GrantTerms(scenario=CREDIT),
    )
    title = replace(title, interests={**title.interests, "I-3": below})

    assert broken(withdrawing(marks={"I-2": "N-20"}), title) == ["AUT-8"]
    assert broken(withdrawing(), title) == []

"""Enforcement: each ENF rule, and what becomes of the pledges ahead and behind."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from rights.enforcement import Enforce
from rights.facts import Order, Request
from rights.kinds import AuthorityKind
from rights.remarks import Freeze, Pledge, Subordination
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
    after,
    an_interest,
    broken,
    consenting,
)
from tests.rights.securities import (
    COURT,
    POLICE,
    a_pledge,
    a_release,
    body_of,
    decided,
    pledge_to,
    security,
)

HALF, QUARTER, ONE = Fraction(1, 2), Fraction(1, 4), Fraction(1)
EVE, FINN = "P-EVE", "P-FINN"
EVERYBODY = frozenset({ANNE, BEN, CARL, DORA, EVE, FINN})


def enforce(reference: str = "N-1", buyer: str = CARL) -> Enforce:
    return Enforce(interest="I-1", reference=reference, buyer=buyer)


def three(**bodies: Pledge) -> Title:
    """Return a title of Anne's with the pledges N-1 of Dora, N-2 of Eve and N-3 of Finn."""
    given = [bodies.get(name, security()) for name in ("first", "second", "third")]
    return a_title(
        an_interest(),
        *(
            a_pledge(f"N-{place}", body, party=party, rank=place + 1)
            for place, (body, party) in enumerate(zip(given, (DORA, EVE, FINN), strict=True), 1)
        ),
        parties=EVERYBODY,
    )


AGREED = (ANNE, DORA, CARL)


def test_the_pledged_part_moves_and_the_pledge_ends() -> None:
    title = a_title(an_interest(), a_pledge(body=security({ANNE: QUARTER}, no_disposal=True)))

    title = after(a_dealing(enforce(), applicants=AGREED), title)

    assert title.interests["I-1"].shares == {ANNE: 1 - QUARTER, CARL: QUARTER}
    assert title.interests["I-1"].revision == 2
    assert title.remarks == {}


def test_a_pledge_of_several_holders_takes_from_each() -> None:
    shares = {ANNE: HALF, BEN: QUARTER, CARL: QUARTER}
    title = a_title(an_interest(shares=shares), a_pledge(body=security({ANNE: HALF, BEN: QUARTER})))

    title = after(a_dealing(enforce(), applicants=(*AGREED, BEN)), title)

    assert title.interests["I-1"].shares == {CARL: ONE}


def test_those_behind_end_and_those_ahead_follow_the_part_that_moved() -> None:
    dealing = a_dealing(enforce("N-2"), applicants=[], order=COURT)

    title = after(dealing, three())

    assert set(title.remarks) == {"N-1"}
    assert body_of(title).burdens == {CARL: ONE}
    assert title.remarks["N-1"].rank == (2, 0)


def test_what_is_pledged_moves_before_what_is_free() -> None:
    """Anne pledged a half to each; both lie on the same half, and that one is sold."""
    half = security({ANNE: HALF})
    dealing = a_dealing(enforce("N-2"), applicants=[], order=COURT)

    title = after(dealing, three(first=half, second=half, third=security({ANNE: ONE})))

    assert title.interests["I-1"].shares == {ANNE: HALF, CARL: HALF}
    assert body_of(title, "N-1").burdens == {CARL: HALF}
    assert body_of(title, "N-3").burdens == {ANNE: HALF}


def test_pledges_on_the_shares_of_others_are_not_touched() -> None:
    shared = an_interest(shares={ANNE: HALF, BEN: HALF})
    other = a_pledge("N-2", security({BEN: HALF}), party=EVE, rank=3)
    title = a_title(shared, a_pledge(body=security({ANNE: HALF})), other, parties=EVERYBODY)

    title = after(a_dealing(enforce(), applicants=AGREED), title)

    assert title.remarks == {"N-2": other}


def test_the_order_in_effect_says_who_is_behind() -> None:
    place = a_remark("N-9", Subordination(yields="N-1", favours="N-2"), interest="I-1", party=EVE)
    title = three().after(Change(remarks=(place,)))

    title = after(a_dealing(enforce("N-2"), applicants=[], order=COURT), title)

    assert title.remarks == {}
    assert title.interests["I-1"].shares == {CARL: ONE}


def test_an_auction_that_clears_those_ahead_releases_them_in_the_same_dealing() -> None:
    dealing = a_dealing(a_release("N-1"), enforce("N-2"), applicants=[], order=COURT)

    assert after(dealing, three()).remarks == {}


def test_enf_1_only_a_pledge_in_force_is_enforced() -> None:
    lapsed = a_title(an_interest(), a_pledge(until=NOW))

    for title in (lapsed, a_title(an_interest())):
        assert broken(a_dealing(enforce(), applicants=AGREED), title) == ["ENF-1"]


@pytest.mark.parametrize("missing", AGREED)
def test_enf_2_pledgee_holders_and_buyer_apply_together(missing: str) -> None:
    title = a_title(an_interest(), a_pledge())
    applicants = [party for party in AGREED if party != missing]

    assert broken(a_dealing(enforce(), applicants=applicants), title) == ["ENF-2"]


def test_enf_2_of_authorities_only_a_court_enforces() -> None:
    title = a_title(an_interest(), a_pledge())

    assert broken(a_dealing(enforce(), applicants=[], order=POLICE), title) == ["ENF-2"]
    assert broken(a_dealing(enforce(), applicants=[], order=COURT), title) == []


def test_enf_3_the_buyer_holds_nothing_of_what_is_sold() -> None:
    title = a_title(an_interest(), a_pledge())

    assert broken(a_dealing(enforce(buyer=ANNE), applicants=AGREED), title) == ["ENF-3"]


def test_enf_4_by_agreement_nobody_behind_loses_security_without_agreeing() -> None:
    dealing = a_dealing(enforce("N-1"), applicants=AGREED)

    assert broken(dealing, three()) == ["ENF-4"]
    assert broken(consenting(dealing, EVE), three()) == ["ENF-4"]
    assert after(consenting(dealing, EVE, FINN), three()).remarks == {}
    assert broken(a_dealing(enforce("N-1"), applicants=[], order=COURT), three()) == []


def test_e3_a_covenant_ahead_stands_against_an_agreement_and_not_against_a_court() -> None:
    title = three(first=security(no_disposal=True), third=security(no_disposal=True))
    dealing = a_dealing(enforce("N-2"), applicants=[ANNE, EVE, CARL])

    assert broken(consenting(dealing, FINN), title) == ["DEA-5"]
    assert broken(consenting(dealing, FINN, DORA), title) == []
    assert broken(a_dealing(enforce("N-2"), applicants=[], order=COURT), title) == []


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2027, 6, 30, 15, 59, 59, tzinfo=UTC), ["ENF-5"]),
        (datetime(2027, 6, 30, 16, 0, 0, tzinfo=UTC), []),
    ],
)
def test_enf_5_the_pledgee_takes_nothing_before_the_debt_is_due(
    at: datetime, expected: list[str]
) -> None:
    """The last second of the day in Shanghai belongs to the debtor."""
    title = a_title(an_interest(), a_pledge(body=security(due_on=date(2027, 6, 30))))
    to_itself = a_dealing(enforce(buyer=DORA), applicants=[ANNE, DORA])

    assert broken(to_itself, title, at=at) == expected
    assert broken(a_dealing(enforce(), applicants=AGREED), title, at=at) == []
    ordered = a_dealing(enforce(buyer=DORA), applicants=[], order=COURT)
    assert broken(ordered, title, at=at) == []


def test_e6_only_a_court_of_rank_enforces_on_a_frozen_right() -> None:
    freeze = Freeze(authority=AuthorityKind.COURT, level=3, order="1", months=36)
    title = a_title(an_interest(), a_pledge(), a_remark("N-7", freeze, interest="I-1"))
    lower = Order(authority=AuthorityKind.COURT, level=2, number="2")

    assert broken(a_dealing(enforce(), applicants=AGREED), title) == ["DEA-3"]
    assert broken(a_dealing(enforce(), applicants=[], order=lower), title) == ["DEA-3"]
    assert broken(a_dealing(enforce(), applicants=[], order=COURT), title) == []


def test_two_pledges_are_enforced_in_one_dealing() -> None:
    quarter = security({ANNE: QUARTER})
    title = three(first=quarter, second=security({ANNE: HALF}))
    dealing = a_dealing(
        a_release("N-3"), enforce("N-1", CARL), enforce("N-2", BEN), applicants=[], order=COURT
    )

    title = after(dealing, title)

    assert title.interests["I-1"].shares == {ANNE: HALF, CARL: QUARTER, BEN: QUARTER}
    assert title.interests["I-1"].revision == 2
    assert title.remarks == {}


PARTIES = (ANNE, BEN, CARL)
PART = st.integers(1, 4).map(lambda quarters: Fraction(quarters, 4))
ACT = st.tuples(
    st.sampled_from(["pledge", "transfer", "release", "enforce"]),
    st.sampled_from(PARTIES),
    st.sampled_from(PARTIES),
    PART,
    st.integers(0, 3),
)


def request_of(
    kind: str, giver: str, taker: str, part: Fraction, chosen: int, *, title: Title, reference: str
) -> Request:
    """Return an act on the title; it may well be refused."""
    names = sorted(title.remarks) or ["N-0"]
    pledge = names[chosen % len(names)]
    match kind:
        case "pledge":
            return pledge_to(DORA, reference, burdens={giver: part}, no_disposal=bool(chosen % 2))
        case "transfer":
            return Transfer(interest="I-1", giver=giver, takers={taker: part})
        case "release":
            return a_release(pledge, **{giver.removeprefix("P-").lower(): part})
    return enforce(pledge, taker)


@given(st.lists(ACT, max_size=15))
def test_e4_whatever_happens_no_pledge_lies_on_more_than_its_pledgor_holds(
    acts: list[tuple[str, str, str, Fraction, int]],
) -> None:
    title = a_title(
        an_interest(shares={ANNE: HALF, BEN: HALF}),
        a_pledge("N-1", security({ANNE: HALF, BEN: QUARTER}), rank=2),
        a_pledge("N-2", security({BEN: HALF}), rank=3),
        parties=EVERYBODY,
    )
    for version, (kind, giver, taker, part, chosen) in enumerate(acts, start=20):
        item = request_of(kind, giver, taker, part, chosen, title=title, reference=f"N-{version}")
        order = COURT if kind == "enforce" else None
        dealing = consenting(a_dealing(item, applicants=PARTIES, order=order), DORA)
        if kind == "pledge":
            dealing = consenting(a_dealing(item, applicants=(*PARTIES, DORA)), DORA)
        outcome = decided(dealing, replace(title, used=frozenset()), version=version)
        event(f"{kind}: {'refused' if outcome.broken else 'entered'}")
        before, title = title, title.after(outcome.change)

        assert sum(title.interests["I-1"].shares.values()) == 1
        for reference, remark in title.remarks.items():
            burdens = body_of(title, reference).burdens
            held = title.interests["I-1"].shares
            assert burdens
            assert all(0 < burden <= held[party] for party, burden in burdens.items())
            if was := before.remarks.get(reference):
                assert remark.rank == was.rank
                assert remark.until == was.until
                was_burdened = sum(body_of(before, reference).burdens.values())
                now_burdened = sum(burdens.values())
                assert now_burdened <= was_burdened
                if kind == "transfer":
                    assert now_burdened == was_burdened


def naive_sale(
    shares: dict[str, Fraction], burdens: list[dict[str, Fraction]], sold: int, buyer: str
) -> tuple[dict[str, int], list[dict[str, int]]]:
    """Sell what one pledge lies on, unit by unit: each holder's share is a row of quarters.

    A pledge lies on the first units of a holder's row; each unit keeps the list of its pledges.
    """
    units = {
        holder: [
            [place for place, pledge in enumerate(burdens) if unit < pledge.get(holder, 0) * 4]
            for unit in range(int(share * 4))
        ]
        for holder, share in shares.items()
    }
    moving: list[list[int]] = []
    for holder, rows in units.items():
        moving += [[place for place in unit if place < sold] for unit in rows if sold in unit]
        units[holder] = [unit for unit in rows if sold not in unit]
    units.setdefault(buyer, []).extend(moving)
    held = {holder: len(rows) for holder, rows in units.items() if rows}
    left = [
        {
            holder: count
            for holder, rows in units.items()
            if (count := sum(place in unit for unit in rows))
        }
        for place in range(len(burdens))
    ]
    return held, left


QUARTERS = st.integers(0, 2).map(lambda quarters: Fraction(quarters, 4))


@given(
    st.lists(st.tuples(QUARTERS, QUARTERS).filter(any), min_size=1, max_size=4),
    st.integers(0, 3),
)
def test_a_sale_is_that_of_a_naive_reference(
    drawn: list[tuple[Fraction, Fraction]], chosen: int
) -> None:
    shares = {ANNE: HALF, BEN: HALF}
    burdens = [
        {party: part for party, part in zip((ANNE, BEN), parts, strict=True) if part}
        for parts in drawn
    ]
    sold = chosen % len(burdens)
    title = a_title(
        an_interest(shares=shares),
        *(
            a_pledge(f"N-{place}", security(pledge), rank=place + 2)
            for place, pledge in enumerate(burdens)
        ),
    )

    title = after(a_dealing(enforce(f"N-{sold}"), applicants=[], order=COURT), title)

    held, left = naive_sale(shares, burdens, sold, CARL)
    assert title.interests["I-1"].shares == {
        party: Fraction(units, 4) for party, units in held.items()
    }
    now: list[Any] = [
        body_of(title, name).burdens if (name := f"N-{place}") in title.remarks else {}
        for place in range(len(burdens))
    ]
    assert now == [
        {party: Fraction(units, 4) for party, units in pledge.items()} for pledge in left
    ]


def test_nothing_of_an_enforcement_reaches_back_before_its_entry() -> None:
    title = after(
        a_dealing(enforce("N-2"), applicants=[], order=COURT), three(), at=NOW + timedelta(days=1)
    )

    assert title.interests["I-1"].valid_from == NOW + timedelta(days=1)
    assert title.remarks["N-1"].valid_from == NOW + timedelta(days=1)
    assert title.remarks["N-1"].until == LATER

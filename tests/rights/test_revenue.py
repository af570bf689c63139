"""Revenue: each REV rule, and statements that sum to the fen."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from math import floor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rights.dealing import Dealing
from rights.facts import Order
from rights.kinds import AuthorityKind, RevenueRole
from rights.remarks import Pledge, RevenueRule, RevenueTerms
from rights.revenue import RecordRevenueTerms, apportion, distribution
from rights.title import Title
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
)

PAPER = "D-CONTRACT"
ORDER = Order(authority=AuthorityKind.COURT, level=1, number="O-1")
WHOLE = {ANNE: Fraction(1)}


def a_rule(role: RevenueRole = RevenueRole.SOURCE_UNIT, **changes: Any) -> RevenueRule:
    return RevenueRule(role=role, **({"rate": Fraction(1, 4)} | changes))


def sharing(*rules: RevenueRule, applicants: tuple[str, ...] = (ANNE,), **changes: Any) -> Dealing:
    fields: dict[str, Any] = {"reference": "N-1", "interest": "I-1", "paper": PAPER} | changes
    item = RecordRevenueTerms(rules=rules, **fields)
    return a_dealing(item, applicants=applicants, instruments=frozenset({PAPER}))


TITLE = a_title(an_interest())


def standing(title: Title) -> list[str]:
    return [name for name, fact in title.remarks.items() if isinstance(fact.body, RevenueTerms)]


def test_terms_lie_on_the_right_as_long_as_it_lasts() -> None:
    title = after(sharing(a_rule()), TITLE)

    remark = title.remarks["N-1"]
    assert remark.body == RevenueTerms(rules=(a_rule(),), paper=PAPER)
    assert (remark.interest, remark.valid_from, remark.until) == ("I-1", NOW, LATER)


def test_new_terms_replace_those_that_stand() -> None:
    title = after(sharing(a_rule(party=CARL)), TITLE)
    other = after(sharing(a_rule(), interest="I-2", reference="N-9"), a_title(an_interest("I-2")))
    title = replace(
        title,
        interests={**title.interests, **other.interests},
        remarks={**title.remarks, **other.remarks},
    )

    dealing = sharing(a_rule(rate=Fraction(1, 2)), reference="N-2", applicants=(ANNE, CARL))
    title = after(dealing, title, at=NOW + timedelta(days=1))

    assert sorted(standing(title)) == ["N-2", "N-9"]


def test_a_pledgee_with_a_covenant_consents_to_sharing_revenue() -> None:
    pledge = a_remark(
        "N-5", Pledge(secured_fen=100, burdens=dict(WHOLE)), interest="I-1", party=DORA
    )

    assert broken(sharing(a_rule()), a_title(an_interest(), pledge)) == ["DEA-5"]


@pytest.mark.parametrize(
    "rules",
    [
        [],
        [a_rule(rate=Fraction(0))],
        [a_rule(rate=Fraction(-1, 4))],
        [a_rule(per_use_fen=-1)],
        [a_rule(), a_rule(per_year_fen=-1)],
    ],
)
def test_rev_1_every_rule_gives_something_and_takes_nothing(rules: list[RevenueRule]) -> None:
    assert broken(sharing(*rules), TITLE) == ["REV-1"]


def test_rev_2_the_rates_do_not_exceed_the_whole() -> None:
    thirds = [a_rule(rate=Fraction(1, 3)) for _ in range(3)]

    assert broken(sharing(*thirds), TITLE) == []
    assert broken(sharing(*thirds, a_rule(rate=Fraction(1, 10**9))), TITLE) == ["REV-2"]


def test_rev_3_holders_of_two_thirds_share_revenue() -> None:
    shares = {ANNE: Fraction(1, 3), BEN: Fraction(1, 3), CARL: Fraction(1, 3)}
    title = a_title(an_interest(shares=shares))

    assert broken(sharing(a_rule()), title) == ["REV-3"]
    assert broken(sharing(a_rule(), applicants=(ANNE, CARL)), title) == []


def test_rev_4_nobodys_terms_are_changed_without_him() -> None:
    title = after(sharing(a_rule(party=CARL), a_rule(RevenueRole.PUBLIC_FUND)), TITLE)
    change = sharing(a_rule(party=CARL, rate=Fraction(1, 2)), reference="N-2")

    assert broken(change, title) == ["REV-4"]
    assert broken(replace(change, applicants=frozenset({ANNE, CARL})), title) == []
    assert broken(replace(change, order=ORDER), title) == []


def test_rev_5_the_contract_is_on_file() -> None:
    assert broken(sharing(a_rule(), paper="D-OTHER"), TITLE) == ["REV-5"]


def test_a_statement_pays_amounts_first_then_rates_and_leaves_the_rest_to_the_holders() -> None:
    terms = RevenueTerms(
        rules=(
            RevenueRule(role=RevenueRole.SUBJECT, party=DORA, per_use_fen=3),
            RevenueRule(role=RevenueRole.SOURCE_UNIT, per_year_fen=100, rate=Fraction(1, 3)),
            RevenueRule(role=RevenueRole.PUBLIC_FUND, rate=Fraction(1, 10)),
        ),
        paper=PAPER,
    )
    holders = {BEN: Fraction(1, 2), ANNE: Fraction(1, 2)}

    statement = distribution(terms, holders, revenue_fen=1000, uses=100, years=2)

    # 1000 - 300 - 200 = 500: of it 166 2/3, 50, and 141 2/3 for each holder.
    assert [(line.role, line.party, line.paid_fen) for line in statement.lines] == [
        (RevenueRole.SUBJECT, DORA, 300),
        (RevenueRole.SOURCE_UNIT, "", 200 + 166),
        (RevenueRole.PUBLIC_FUND, "", 50),
        (RevenueRole.HOLDER, ANNE, 142),
        (RevenueRole.HOLDER, BEN, 142),
    ]
    assert statement.lines[1].exact == Fraction(500, 3)
    assert [line.rounding for line in statement.lines] == [
        0,
        Fraction(-2, 3),
        0,
        Fraction(1, 3),
        Fraction(1, 3),
    ]
    assert statement.residue_fen == 2


def test_what_the_revenue_does_not_suffice_for_is_said_and_paid_in_order() -> None:
    terms = RevenueTerms(
        rules=(a_rule(per_year_fen=70), a_rule(RevenueRole.OTHER, per_year_fen=50)), paper=PAPER
    )

    lines = distribution(terms, WHOLE, revenue_fen=100, years=1).lines

    assert [(line.paid_fen, line.unpaid_fen) for line in lines] == [(70, 0), (30, 20), (0, 0)]


@pytest.mark.parametrize("amounts", [{"revenue_fen": -1}, {"uses": -1}, {"years": -1}])
def test_a_statement_of_negative_amounts_is_refused(amounts: dict[str, int]) -> None:
    terms = RevenueTerms(rules=(a_rule(),), paper=PAPER)

    with pytest.raises(ValueError, match="negative"):
        distribution(terms, WHOLE, **({"revenue_fen": 1} | amounts))


weights = st.lists(st.integers(0, 60), min_size=1, max_size=7).filter(any)


def parts_of(numbers: list[int]) -> list[Fraction]:
    return [Fraction(number, sum(numbers)) for number in numbers]


def one_by_one(total: int, parts: list[Fraction]) -> list[int]:
    """Give out the total as the definition says: each next one to the least served."""
    given = [0] * len(parts)
    for _ in range(total):
        ranks = [
            ((2 * had + 1) / part, place)
            for place, (had, part) in enumerate(zip(given, parts, strict=True))
            if part
        ]
        given[min(ranks)[1]] += 1
    return given


def largest_remainder(total: int, parts: Sequence[Fraction]) -> list[int]:
    exact = [total * part for part in parts]
    given = [floor(each) for each in exact]
    order = sorted(range(len(parts)), key=lambda place: (given[place] - exact[place], place))
    for place in order[: total - sum(given)]:
        given[place] += 1
    return given


@given(st.integers(0, 300), weights)
def test_apportioning_at_once_is_apportioning_one_by_one(total: int, numbers: list[int]) -> None:
    parts = parts_of(numbers)

    assert apportion(total, parts) == one_by_one(total, parts)


@given(st.integers(0, 10**15), weights)
def test_an_apportionment_sums_exactly_and_nobody_is_negative(
    total: int, numbers: list[int]
) -> None:
    parts = parts_of(numbers)
    given_out = apportion(total, parts)

    assert sum(given_out) == total
    assert min(given_out) >= 0
    assert all(part or not number for number, part in zip(given_out, parts, strict=True))
    # Rounding to the nearest moves nobody by more than half of one for each that is served.
    bound = Fraction(len(parts) + 1, 2)
    assert all(
        abs(number - total * part) <= bound for number, part in zip(given_out, parts, strict=True)
    )


@given(st.integers(0, 10**9), weights)
def test_parts_that_are_whole_are_paid_as_they_are(times: int, numbers: list[int]) -> None:
    assert apportion(times * sum(numbers), parts_of(numbers)) == [
        times * number for number in numbers
    ]


@given(st.integers(0, 10**12), st.integers(0, 50), weights)
def test_with_a_greater_total_nobody_gets_less(total: int, more: int, numbers: list[int]) -> None:
    parts = parts_of(numbers)

    assert all(
        one <= other
        for one, other in zip(apportion(total, parts), apportion(total + more, parts), strict=True)
    )


def test_the_largest_remainder_would_give_less_out_of_more() -> None:
    parts = [Fraction(6, 14), Fraction(6, 14), Fraction(2, 14)]

    assert [largest_remainder(total, parts)[2] for total in (10, 11)] == [2, 1]
    assert [apportion(total, parts)[2] for total in (10, 11)] == [1, 1]


@pytest.mark.parametrize("parts", [[Fraction(1, 2)], [Fraction(3, 2), Fraction(-1, 2)]])
def test_parts_that_make_no_whole_are_refused(parts: list[Fraction]) -> None:
    with pytest.raises(ValueError, match="sum to one"):
        apportion(10, parts)


@st.composite
def terms_and_holders(draw: st.DrawFn) -> tuple[RevenueTerms, dict[str, Fraction]]:
    """Return terms of up to four rules, whose rates leave something or nothing, and holders."""
    rates = parts_of(draw(st.lists(st.integers(0, 9), min_size=2, max_size=5).filter(any)))
    amounts = st.integers(0, 500)
    rules = tuple(
        RevenueRule(
            role=draw(st.sampled_from(RevenueRole)),
            rate=rate,
            per_use_fen=draw(amounts),
            per_year_fen=draw(amounts),
        )
        for rate in rates[1:]
    )
    shares = parts_of(draw(st.lists(st.integers(1, 9), min_size=1, max_size=4)))
    holders = {f"P-{place}": share for place, share in enumerate(shares)}
    return RevenueTerms(rules=rules, paper=PAPER), holders


@given(terms_and_holders(), st.integers(0, 10**7), st.integers(0, 9), st.integers(0, 3))
def test_a_statement_sums_exactly_to_the_revenue_and_nobody_is_negative(
    shared: tuple[RevenueTerms, dict[str, Fraction]], revenue: int, uses: int, years: int
) -> None:
    terms, holders = shared
    statement = distribution(terms, holders, revenue_fen=revenue, uses=uses, years=years)

    assert sum(line.paid_fen for line in statement.lines) == revenue
    assert all(
        min(line.fixed_fen, line.rated_fen, line.unpaid_fen) >= 0 for line in statement.lines
    )
    assert sum(line.rounding for line in statement.lines) == 0
    assert 0 <= statement.residue_fen < len(statement.lines)


@given(
    terms_and_holders(),
    st.integers(0, 5000),
    st.integers(0, 9),
    st.integers(0, 3),
    st.integers(0, 100),
)
def test_with_more_revenue_nobody_gets_less(
    shared: tuple[RevenueTerms, dict[str, Fraction]], revenue: int, uses: int, years: int, more: int
) -> None:
    terms, holders = shared
    less, greater = (
        distribution(terms, holders, revenue_fen=fen, uses=uses, years=years).lines
        for fen in (revenue, revenue + more)
    )

    assert all(one.paid_fen <= other.paid_fen for one, other in zip(less, greater, strict=True))

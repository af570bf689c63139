"""Who comes before whom: each SUB rule, and the order in effect beside a naive one."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rights.dealing import Dealing
from rights.ranking import ahead_of_each, ranking
from rights.release import Release
from rights.remarks import Subordination
from rights.subordination import Subordinate
from rights.title import Change, Title
from tests.rights.plain import (
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
from tests.rights.securities import COURT, a_pledge, decided

A, B, C, D = "N-A", "N-B", "N-C", "N-D"


def bank(reference: str) -> str:
    """Return the pledgee of a pledge; each has its own."""
    return f"P-{reference}"


def pledges(*references: str) -> Title:
    """Return a title on which the pledges were entered in that order."""
    return a_title(
        an_interest(),
        *(
            a_pledge(name, party=bank(name), rank=rank)
            for rank, name in enumerate(references, start=2)
        ),
        parties=frozenset(map(bank, references)),
    )


def order(title: Title) -> list[str]:
    """Return the pledges of the right in the order in effect."""
    return [remark.reference for remark in ranking(title, title.interests["I-1"], at=NOW)]


def behind(yields: str, favours: str, *, agreeing: Iterable[str] = ()) -> Dealing:
    """Return the dealing that puts a pledge behind another; who yields applies."""
    item = Subordinate(
        reference=f"N-{yields}{favours}", interest="I-1", yields=yields, favours=favours
    )
    return a_dealing(item, applicants=[bank(yields), *map(bank, agreeing)])


def test_e1_the_order_is_that_of_entry_and_nothing_that_is_typed() -> None:
    title = a_title(
        an_interest(),
        a_pledge("N-1", rank=5),
        a_pledge("N-2", rank=2),
        a_pledge("N-3", rank=10),
        replace(a_pledge("N-4"), rank=(2, 1)),
    )

    assert order(title) == ["N-2", "N-4", "N-1", "N-3"]


def test_a_pledge_that_lapsed_or_lies_elsewhere_has_no_place() -> None:
    title = a_title(
        an_interest(),
        a_pledge(A, until=NOW),
        a_pledge(B, rank=3),
        a_pledge(C, rank=4, interest="I-2"),
    )

    assert order(title) == [B]


def test_e2_who_yields_goes_behind_the_favoured_and_whoever_is_between_loses_nothing() -> None:
    title = after(behind(A, C), pledges(A, B, C, D))

    assert order(title) == [B, C, A, D]
    assert title.remarks[A].rank == (2, 0)


def test_a_place_is_given_up_for_one_pledge_and_comes_back_when_that_ends() -> None:
    title = after(behind(A, C), pledges(A, B, C))

    released = Release(interest="I-1", reference=C)
    title = after(a_dealing(released, applicants=[bank(C)]), title)

    assert order(title) == [A, B]
    assert not list(title.remarks_of(Subordination, at=NOW))


def test_only_the_favoured_pledgee_gives_the_place_back() -> None:
    title = after(behind(A, C), pledges(A, B, C))
    back = Release(interest="I-1", reference=f"N-{A}{C}")

    assert broken(a_dealing(back, applicants=[bank(A), bank(B)]), title) == ["REL-2"]
    assert order(after(a_dealing(back, applicants=[bank(C)]), title)) == [A, B, C]


def test_each_pledge_is_told_with_those_before_it() -> None:
    title = after(behind(A, C), pledges(A, B, C))

    assert ahead_of_each(title, title.interests["I-1"], at=NOW) == {
        B: frozenset(),
        C: {B},
        A: {B, C},
    }


def test_a_subordination_lasts_as_long_as_both_pledges() -> None:
    short = replace(pledges(A, B).remarks[B], until=LATER.replace(year=2027))
    title = after(behind(A, B), pledges(A, B).after(Change(remarks=(short,))))

    assert title.remarks[f"N-{A}{B}"].until == short.until


def test_sub_1_both_are_pledges_in_force_on_the_right() -> None:
    lapsed = a_title(an_interest(), a_pledge(A, party=bank(A)), a_pledge(B, rank=3, until=NOW))
    lapsed = replace(lapsed, parties=frozenset({bank(A)}))

    assert broken(behind(A, B), lapsed) == ["SUB-1"]
    assert "SUB-1" in broken(behind(A, A), pledges(A, B))
    assert broken(behind(A, B), pledges(A)) == ["SUB-1"]


def test_sub_2_only_who_stands_ahead_has_a_place_to_yield() -> None:
    assert broken(behind(B, A), pledges(A, B)) == ["SUB-2"]


def test_sub_3_a_circle_is_refused() -> None:
    title = after(behind(A, C), pledges(A, B, C))

    assert order(title) == [B, C, A]
    assert broken(behind(C, A), title) == ["SUB-3"]


def test_sub_3_a_circle_over_several_is_refused() -> None:
    title = after(behind(A, B), pledges(A, B, C))
    title = after(behind(B, C, agreeing=[A]), title)

    assert order(title) == [C, B, A]
    assert broken(behind(C, A, agreeing=[B]), title) == ["SUB-3"]


def test_should_a_circle_stand_in_the_tables_rank_decides_and_not_an_error() -> None:
    circle = [
        a_remark(f"N-{one}{two}", Subordination(yields=one, favours=two), interest="I-1")
        for one, two in ((A, B), (B, A))
    ]
    title = pledges(A, B, C).after(Change(remarks=tuple(circle)))

    assert order(title) == [C, A, B]


def test_sub_4_who_loses_the_place_agrees_and_not_another() -> None:
    item = behind(A, B).items
    for applicants in ([bank(B)], [bank(C)], []):
        assert broken(a_dealing(*item, applicants=applicants), pledges(A, B, C)) == ["SUB-4"]
    dealing = a_dealing(*item, applicants=[bank(B)])
    assert broken(consenting(dealing, bank(A)), pledges(A, B, C)) == []


def test_sub_4_no_order_takes_a_place_from_who_has_not_agreed() -> None:
    dealing = a_dealing(*behind(A, B).items, applicants=[], order=COURT)

    assert broken(dealing, pledges(A, B)) == ["SUB-4"]


def test_e2_who_yielded_to_one_that_yields_in_turn_must_agree_as_well() -> None:
    """A stands behind B; if B goes behind D, then C and D come before A, who never agreed."""
    title = after(behind(A, B), pledges(A, B, C, D))
    assert order(title) == [B, A, C, D]

    assert broken(behind(B, D), title) == ["SUB-4"]
    title = after(behind(B, D, agreeing=[A]), title)

    assert order(title) == [C, D, B, A]


@pytest.mark.parametrize("reference", [A, B])
def test_no_place_is_yielded_from_one_right_to_another(reference: str) -> None:
    title = pledges(A, B)
    other = replace(title.remarks[reference], interest="I-2")
    title = title.after(Change(interests=(an_interest("I-2"),), remarks=(other,)))

    assert broken(behind(A, B), title) == ["SUB-1"]


def naive_order(title: Title) -> tuple[str, ...]:
    """Return the first permutation, by ranks, in which every favoured pledge comes before."""
    by_rank = sorted(
        (fact for fact in title.remarks.values() if fact.reference.count("-") == 1),
        key=lambda fact: fact.rank,
    )
    bodies = [fact.body for fact in title.remarks.values() if isinstance(fact.body, Subordination)]
    return next(
        names
        for names in permutations(fact.reference for fact in by_rank)
        if all(names.index(body.favours) < names.index(body.yields) for body in bodies)
    )


SIX = [f"N-{number}" for number in range(6)]
PLACES = st.sampled_from(SIX)
TRIES = st.lists(st.tuples(PLACES, PLACES, st.sets(PLACES, max_size=2)), max_size=12)


@given(TRIES)
def test_e2_the_order_is_a_permutation_and_only_those_who_agreed_lose_a_place(
    tries: list[tuple[str, str, set[str]]],
) -> None:
    title = pledges(*SIX)
    for version, (yields, favours, agreeing) in enumerate(tries, start=20):
        before = ahead_of_each(title, title.interests["I-1"], at=NOW)
        outcome = decided(behind(yields, favours, agreeing=agreeing), title, version=version)
        following = title.after(outcome.change)
        if outcome.broken:
            assert following == title
            continue
        title = following
        now = ahead_of_each(title, title.interests["I-1"], at=NOW)
        assert sorted(order(title)) == SIX
        assert tuple(order(title)) == naive_order(title)
        assert favours in now[yields]
        for third in set(SIX) - agreeing - {yields}:
            assert now[third] <= before[third]


@given(TRIES, PLACES)
def test_e5_a_release_keeps_the_order_of_all_that_had_not_yielded_to_it(
    tries: list[tuple[str, str, set[str]]], ended: str
) -> None:
    title = pledges(*SIX)
    for version, (yields, favours, _) in enumerate(tries, start=20):
        dealing = behind(yields, favours, agreeing=SIX)
        title = title.after(decided(dealing, title, version=version).change)
    yielded = {ended}
    for _ in SIX:
        yielded |= {
            body.yields
            for _, body in title.remarks_of(Subordination, at=NOW)
            if body.favours in yielded
        }
    before = [name for name in order(title) if name not in yielded]
    ranks = {name: title.remarks[name].rank for name in SIX}

    title = after(
        a_dealing(Release(interest="I-1", reference=ended), applicants=[bank(ended)]), title
    )

    assert [name for name in order(title) if name not in yielded] == before
    assert all(title.remarks[name].rank == ranks[name] for name in order(title))

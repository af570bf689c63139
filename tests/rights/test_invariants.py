"""Invariants of title that no single rule keeps, each under its number."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rights.grant import Grant
from rights.inheritance import Inheritance, inherited
from rights.kinds import RightKind
from rights.title import GrantTerms, InterestFacts
from rights.transfer import Transfer
from tests.rights.plain import (
    ANNE,
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

SUBLICENSED = GrantTerms(may_sublicense=True)


def a_grant(reference: str, parent: str, **changes: Any) -> Grant:
    fields: dict[str, Any] = {
        "kind": RightKind.USE,
        "grantees": {BEN: Fraction(1)},
        "valid_from": NOW,
        "valid_to": LATER,
        "terms": SUBLICENSED,
    } | changes
    return Grant(reference=reference, parent=parent, **fields)


def test_r3_nobody_grants_more_than_he_has_down_the_whole_line() -> None:
    title = after(
        a_dealing(a_grant("I-2", "I-1", valid_to=NOW + timedelta(days=9))), a_title(an_interest())
    )

    longer = a_grant("I-3", "I-2", grantees={CARL: Fraction(1)}, valid_to=NOW + timedelta(days=10))
    assert broken(a_dealing(longer, applicants=(BEN,)), title) == ["GRT-2"]
    wider = a_grant("I-3", "I-2", kind=RightKind.OPERATE, valid_to=NOW + timedelta(days=9))
    assert broken(a_dealing(wider, applicants=(BEN,)), title) == ["GRT-1"]


@given(st.integers(1, 12))
def test_r5_every_right_descends_from_an_original_one(depth: int) -> None:
    title = a_title(an_interest())
    for level in range(1, depth + 1):
        title = after(
            a_dealing(a_grant(f"I-{level + 1}", f"I-{level}"), applicants=(ANNE, BEN)), title
        )

    line = list(title.line(f"I-{depth + 1}"))

    assert len(line) == depth + 1
    assert line[-1].is_original
    assert not any(fact.is_original for fact in line[:-1])


def test_r5_a_right_out_of_nothing_is_refused() -> None:
    assert broken(a_dealing(a_grant("I-2", "I-9")), a_title(an_interest())) == ["DEA-2"]


def test_r5_a_line_that_bites_its_tail_ends() -> None:
    first = an_interest("I-1", granted_from="I-2")
    second = an_interest("I-2", granted_from="I-1")

    assert [fact.reference for fact in a_title(first, second).line("I-1")] == ["I-1", "I-2"]


def test_r6_dealing_in_one_of_the_three_rights_changes_no_other() -> None:
    rights = [an_interest(f"I-{place}", kind=kind) for place, kind in enumerate(RightKind, start=1)]
    move = Transfer(interest="I-1", giver=ANNE, takers={BEN: Fraction(1)})

    title = after(a_dealing(move, applicants=(ANNE, BEN)), a_title(*rights))

    assert [title.interests[name] for name in ("I-2", "I-3")] == rights[1:]


def test_r7_rights_of_one_kind_stand_beside_each_other_and_are_never_summed() -> None:
    title = a_title(an_interest("I-1"), an_interest("I-2", shares={CARL: Fraction(1)}))

    for parent, holder in (("I-1", ANNE), ("I-2", CARL)):
        dealing = a_dealing(a_grant("I-3", parent), applicants=(holder,))
        assert broken(dealing, title) == []


RIGHTS = st.builds(
    lambda days, terms: an_interest(valid_to=NOW + timedelta(days=days), terms=terms),
    st.integers(1, 1000),
    st.builds(
        GrantTerms,
        binds_derivatives=st.booleans(),
        may_resell=st.booleans(),
        may_export=st.booleans(),
    ),
)


@given(st.lists(RIGHTS, max_size=6), RIGHTS)
def test_p4_a_further_source_never_lengthens_a_term_or_drops_an_obligation(
    rights: list[InterestFacts], further: InterestFacts
) -> None:
    before, with_it = inherited(rights), inherited([*rights, further])

    assert with_it.until <= before.until
    assert with_it.may_resell <= before.may_resell
    assert with_it.may_export <= before.may_export


@given(st.lists(RIGHTS, min_size=1, max_size=6))
def test_p4_the_same_source_twice_counts_once(rights: list[InterestFacts]) -> None:
    assert inherited([*rights, rights[0]]) == inherited(rights)


def test_p4_only_terms_that_bind_what_is_derived_are_inherited() -> None:
    free = an_interest(valid_to=NOW + timedelta(days=1))
    binding = replace(free, terms=GrantTerms(binds_derivatives=True, may_export=True))

    assert inherited([free]) == Inheritance()
    assert inherited([free, binding]) == Inheritance(
        until=free.until, may_resell=False, may_export=True
    )

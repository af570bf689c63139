"""What falls when a right ends early, and that a lapse needs nothing to run."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rights.ending import ending, falling
from rights.facts import Facts, Limits
from rights.kinds import AuthorityKind, ObjectionStage, RemarkKind
from rights.remarks import (
    Body,
    Caution,
    Control,
    Covenant,
    Freeze,
    Objection,
    Pledge,
    PriorityNotice,
    SourceEnded,
    Subordination,
)
from rights.surrender import Surrender
from rights.title import Change, GrantTerms, Title
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
)

SECOND = timedelta(seconds=1)
SURVIVING = GrantTerms(survives=True)


def facts_of(title: Title) -> Facts[Surrender]:
    return Facts(
        request=Surrender(interest="I-1"),
        title=title,
        at=NOW,
        applicants=frozenset({ANNE}),
        officer="U-1",
        order=None,
        consents=(),
        digest="",
        versions={ASSET: 7},
        position=3,
        limits=Limits(),
    )


def ended(title: Title, *references: str) -> Change:
    return ending(facts_of(title), references or ("I-1",))


def licence(reference: str, source: str, **changes: Any) -> Any:
    return an_interest(reference, granted_from=source, shares={BEN: Fraction(1)}, **changes)


def a_pledge(reference: str, interest: str, **changes: Any) -> Any:
    body = Pledge(secured_fen=1, burdens={ANNE: Fraction(1)}, no_disposal=False)
    return a_remark(reference, body, interest=interest, party=DORA, **changes)


def test_r4_every_right_granted_out_of_it_ends_in_the_same_entry() -> None:
    title = a_title(an_interest(), licence("I-2", "I-1"), licence("I-3", "I-2"), an_interest("I-9"))

    assert ended(title).ended == {"I-1": NOW, "I-2": NOW, "I-3": NOW}


def test_r4_what_survives_goes_on_as_it_was_granted_with_all_that_came_from_it() -> None:
    survivor = licence("I-2", "I-1", terms=SURVIVING)
    title = a_title(an_interest(), survivor, licence("I-3", "I-2"), licence("I-4", "I-1"))

    change = ended(title)

    assert change.ended == {"I-1": NOW, "I-4": NOW}
    left = title.after(change)
    assert left.interests["I-2"] == survivor
    assert left.in_force("I-3", LATER - SECOND)


def test_r4_a_right_that_survives_its_own_source_survives_whatever_ended_that() -> None:
    title = a_title(an_interest(), licence("I-2", "I-1"), licence("I-3", "I-2", terms=SURVIVING))

    assert ended(title).ended == {"I-1": NOW, "I-2": NOW}


def test_r4_a_granted_right_that_is_yet_to_begin_never_does() -> None:
    begins = NOW + timedelta(days=10)
    title = a_title(an_interest(), licence("I-2", "I-1", valid_from=begins))

    assert ended(title).ended == {"I-1": NOW, "I-2": begins}


def test_r4_no_dealing_ends_a_source_and_leaves_what_was_granted_from_it() -> None:
    """Even an act that forgot what falls would be refused at the end."""
    orphan = a_title(licence("I-2", "I-1"), an_interest("I-9"))

    assert broken(a_dealing(Surrender(interest="I-9")), orphan) == ["TIT-2"]
    survivor = a_title(licence("I-2", "I-1", terms=SURVIVING), an_interest("I-9"))
    assert broken(a_dealing(Surrender(interest="I-9")), survivor) == []


def test_e5_restrictions_fall_with_the_right_that_they_are_there_for() -> None:
    title = a_title(
        an_interest(),
        licence("I-2", "I-1"),
        an_interest("I-9"),
        a_pledge("N-1", "I-1"),
        a_pledge("N-2", "I-2"),
        a_remark("N-3", Covenant(), interest="I-1"),
        a_remark("N-4", PriorityNotice(act="transfer"), interest="I-1"),
        a_remark("N-5", Subordination(yields="N-6", favours="N-7"), interest="I-1"),
        a_pledge("N-8", "I-9"),
        a_remark("N-9", Subordination(yields="N-8", favours="N-2")),
    )

    fallen = {name for name in ended(title).ended if name.startswith("N-")}

    assert fallen == {"N-1", "N-2", "N-3", "N-4", "N-5", "N-9"}


def test_e5_orders_and_disputes_stay_when_the_right_ends() -> None:
    staying: dict[str, Body] = {
        "N-1": Freeze(authority=AuthorityKind.COURT, level=2, order="示例1", months=36),
        "N-2": Control(authority=AuthorityKind.REGULATOR, level=1, order="示例2"),
        "N-3": Caution(),
        "N-4": Objection(stage=ObjectionStage.OPEN),
    }
    remarks = [a_remark(name, body, interest="I-1") for name, body in staying.items()]

    assert ended(a_title(an_interest(), *remarks)).ended == {"I-1": NOW}


def test_each_right_that_ends_before_its_term_leaves_a_record_on_it() -> None:
    lapsed = licence("I-3", "I-1", valid_to=NOW)
    title = a_title(an_interest(), licence("I-2", "I-1", valid_to=NOW + SECOND), lapsed)

    records = ended(title).remarks

    assert [record.body for record in records] == [
        SourceEnded(ended="I-1"),
        SourceEnded(ended="I-2"),
    ]
    assert {record.kind for record in records} == {RemarkKind.SOURCE_ENDED}
    assert [(record.interest, record.valid_from, record.rank) for record in records] == [
        ("I-1", NOW, (7, 3)),
        ("I-2", NOW, (7, 3)),
    ]
    assert [record.valid_to for record in records] == [LATER, NOW + SECOND]


@given(st.lists(st.tuples(st.integers(0, 11), st.booleans()), min_size=1, max_size=12), st.data())
def test_r4_what_falls_is_what_a_search_right_by_right_finds(
    grants: list[tuple[int, bool]], data: st.DataObject
) -> None:
    """A naive reference: a right falls if it is named, or its source falls and it does not stay."""
    rights = [an_interest("I-0")]
    for number, (source, survives) in enumerate(grants, 1):
        terms = GrantTerms(survives=survives)
        rights.append(licence(f"I-{number}", f"I-{source % number}", terms=terms))
    named = data.draw(st.sets(st.sampled_from([right.reference for right in rights]), min_size=1))
    title = a_title(*rights)

    def falls(reference: str) -> bool:
        right = title.interests[reference]
        return reference in named or (
            not right.is_original and not right.terms.survives and falls(right.granted_from)
        )

    fell = [right.reference for right in falling(title, named, at=NOW)]

    assert len(fell) == len(set(fell))
    assert set(fell) == {right.reference for right in rights if falls(right.reference)}


def test_r10_at_its_end_a_right_is_over_with_all_on_it_and_nothing_had_to_run() -> None:
    title = a_title(
        an_interest(),
        licence("I-2", "I-1"),
        a_pledge("N-1", "I-1"),
        a_remark("N-2", Covenant(), interest="I-1"),
    )

    def standing(at: Any) -> tuple[bool, bool, int, int]:
        right = title.interests["I-1"]
        return (
            title.in_force("I-1", at) is not None,
            title.in_force("I-2", at) is not None,
            len(list(title.remarks_on(right, Pledge, at=at))),
            len(list(title.remarks_on(right, Covenant, at=at))),
        )

    assert standing(LATER - SECOND) == (True, True, 1, 1)
    assert standing(LATER) == (False, False, 0, 0)


def test_r10_what_has_lapsed_is_neither_ended_nor_recorded_as_ended() -> None:
    title = a_title(an_interest(valid_to=NOW), licence("I-2", "I-1", valid_to=NOW))

    assert ended(title) == Change()


def test_tit_2_a_survivor_may_outlive_its_source_and_another_may_not() -> None:
    lasting = licence("I-2", "I-1", valid_to=LATER + SECOND)
    other = Surrender(interest="I-9")

    assert broken(a_dealing(other), a_title(an_interest(), lasting, an_interest("I-9"))) == [
        "TIT-2"
    ]
    survivor = replace(lasting, terms=SURVIVING)
    assert broken(a_dealing(other), a_title(an_interest(), survivor, an_interest("I-9"))) == []


def test_tit_4_no_restriction_is_left_on_a_right_that_is_gone() -> None:
    title = a_title(an_interest("I-9"), a_pledge("N-1", "I-1"))

    assert broken(a_dealing(Surrender(interest="I-9")), title) == ["TIT-4"]


def test_a_surrender_leaves_nothing_of_the_right() -> None:
    title = after(
        a_dealing(Surrender(interest="I-1")), a_title(an_interest(), a_pledge("N-1", "I-1"))
    )

    assert title.interests == {}
    assert list(title.remarks) == ["N-E1"]

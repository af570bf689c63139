"""Uses: each USE rule, the counts along the line of grants, and what is marked as a breach."""

from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rights.dealing import Dealing
from rights.facts import Order
from rights.kinds import AuthorityKind, BreachGround, RightKind
from rights.remarks import Authorisation, Breach, Freeze, MeteredUse, RemarkFacts
from rights.title import AssetFacts, GrantTerms, InterestFacts, Title
from rights.use import Use, is_in_breach, uses_of
from tests.rights.plain import (
    ANNE,
    ASSET,
    BEN,
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

DAY = timedelta(days=1)
PAPER = "D-METER"


def a_use(reference: str = "N-1", interest: str = "I-2", **changes: Any) -> Use:
    """Return one use by Ben of his licence yesterday."""
    fields: dict[str, Any] = {
        "party": BEN,
        "quantity": 1,
        "began": NOW - DAY,
        "evidence": PAPER,
        "marks": {name: f"{reference}-{name}" for name in ("I-1", "I-2", "I-3")},
    } | changes
    return Use(reference=reference, interest=interest, **fields)


def reporting(*uses: Use, applicants: tuple[str, ...] = (BEN,), **changes: Any) -> Dealing:
    return a_dealing(
        *uses, applicants=applicants, **({"instruments": frozenset({PAPER})} | changes)
    )


def a_licence(max_uses: int | None = None, **changes: Any) -> InterestFacts:
    fields: dict[str, Any] = {
        "granted_from": "I-1",
        "kind": RightKind.USE,
        "shares": {BEN: Fraction(1)},
        "terms": GrantTerms(max_uses=max_uses, may_sublicense=True),
    } | changes
    return an_interest("I-2", **fields)


def licensed(max_uses: int | None = None, **changes: Any) -> Title:
    return a_title(an_interest(), a_licence(max_uses, **changes))


def sub_licensed(outer: int, inner: int | None) -> Title:
    """Return a title on which Carl holds a licence out of Ben's."""
    below = an_interest(
        "I-3",
        granted_from="I-2",
        kind=RightKind.USE,
        shares={CARL: Fraction(1)},
        terms=GrantTerms(max_uses=inner),
    )
    title = licensed(outer)
    return replace(title, interests={**title.interests, "I-3": below})


def used(title: Title, reference: str = "N-1") -> MeteredUse:
    body = title.remarks[reference].body
    assert isinstance(body, MeteredUse)
    return body


def marks(title: Title) -> dict[str, frozenset[BreachGround]]:
    """Return what the marks of breaches on the rights say."""
    return {
        remark.interest: remark.body.grounds
        for remark in title.remarks.values()
        if isinstance(remark.body, Breach)
    }


def test_a_lawful_use_is_counted_for_the_right_and_those_above_it() -> None:
    title = after(reporting(a_use(quantity=3)), licensed(3))

    assert (uses_of(title, "I-2"), uses_of(title, "I-1")) == (3, 3)
    assert used(title).counts_for == {"I-1", "I-2"}
    assert used(title).breaches == frozenset()
    assert not is_in_breach(title, "I-2")
    use = title.remarks["N-1"]
    assert (use.valid_from, use.until) == (NOW - DAY, NOW - DAY + timedelta(seconds=1))


def test_a_use_beyond_the_limit_is_recorded_and_marked() -> None:
    title = after(reporting(a_use(quantity=2)), licensed(2))
    title = after(reporting(a_use("N-2", began=NOW - 2 * DAY)), title)

    assert uses_of(title, "I-2") == 3
    assert used(title, "N-2").breaches == {BreachGround.BEYOND_COUNT}
    assert is_in_breach(title, "I-2")
    assert not is_in_breach(title, "I-1")
    mark = title.remarks["N-2-I-2"]
    assert mark.body == Breach(use="N-2", grounds=frozenset({BreachGround.BEYOND_COUNT}))
    assert (mark.interest, mark.valid_from, mark.until) == ("I-2", NOW, LATER)


def test_the_limit_of_a_right_counts_everything_used_beneath_it() -> None:
    title = after(reporting(a_use(quantity=4)), sub_licensed(5, 5))
    below = a_use("N-2", "I-3", party=CARL, quantity=2)
    title = after(reporting(below, applicants=(CARL,)), title)

    assert (uses_of(title, "I-3"), uses_of(title, "I-2")) == (2, 6)
    assert marks(title) == {"I-2": {BreachGround.BEYOND_COUNT}}


def test_what_was_used_beneath_still_counts_when_the_right_beneath_has_ended() -> None:
    below = a_use("N-2", "I-3", party=CARL, quantity=5)
    title = after(reporting(below, applicants=(CARL,)), sub_licensed(5, 5))
    without = {name: fact for name, fact in title.interests.items() if name != "I-3"}
    title = replace(title, interests=without)

    title = after(reporting(a_use("N-3")), title)

    assert uses_of(title, "I-2") == 6
    assert is_in_breach(title, "I-2")


def test_uses_of_one_dealing_count_one_after_another() -> None:
    title = after(reporting(a_use(), a_use("N-2", began=NOW - 2 * DAY)), licensed(1))

    assert used(title).breaches == frozenset()
    assert used(title, "N-2").breaches == {BreachGround.BEYOND_COUNT}


@given(
    st.lists(st.tuples(st.sampled_from(["I-1", "I-2", "I-3"]), st.integers(1, 4)), max_size=8),
    st.integers(0, 12),
    st.integers(0, 12),
)
def test_counts_and_marks_are_those_of_a_naive_tally(
    reported: list[tuple[str, int]], outer: int, inner: int
) -> None:
    holders = {"I-1": ANNE, "I-2": BEN, "I-3": CARL}
    above = {"I-1": ["I-1"], "I-2": ["I-2", "I-1"], "I-3": ["I-3", "I-2", "I-1"]}
    limits = {"I-2": outer, "I-3": inner}
    title = sub_licensed(outer, inner)
    tally = dict.fromkeys(holders, 0)
    breached = set()
    for place, (right, quantity) in enumerate(reported):
        item = a_use(
            f"N-{place}",
            right,
            party=holders[right],
            quantity=quantity,
            began=NOW - DAY - timedelta(seconds=place),
        )
        title = after(reporting(item, applicants=(holders[right],)), title)
        for each in above[right]:
            tally[each] += quantity
            if tally[each] > limits.get(each, tally[each]):
                breached.add(each)

    assert {right: uses_of(title, right) for right in holders} == tally
    assert {right for right in holders if is_in_breach(title, right)} == breached


@pytest.mark.parametrize(
    ("began", "ended", "grounds"),
    [
        (LATER - DAY, LATER, frozenset()),
        (LATER - DAY, LATER + DAY, {BreachGround.OUT_OF_TERM}),
        (LATER, None, {BreachGround.OUT_OF_TERM}),
        (NOW - 800 * DAY, NOW, {BreachGround.OUT_OF_TERM}),
    ],
)
def test_a_use_outside_the_term_is_a_breach(
    began: datetime, ended: datetime | None, grounds: frozenset[BreachGround]
) -> None:
    dealing = reporting(a_use(began=began, ended=ended))

    title = after(dealing, licensed(), at=LATER + DAY)

    assert used(title).breaches == grounds
    # The right has lapsed: there is nothing left to mark.
    assert marks(title) == {}


def test_when_the_right_began_is_asked_of_its_first_revision_alone() -> None:
    """A later revision begins with a transfer or renewal, which says nothing of what was before."""
    title = licensed(revision=2, valid_from=NOW)

    assert used(after(reporting(a_use()), title)).breaches == frozenset()


def test_a_use_is_recorded_whatever_binds_the_right() -> None:
    freeze = Freeze(authority=AuthorityKind.COURT, level=2, order="F-1", months=12)
    title = licensed()
    title = replace(title, remarks={"N-0": a_remark("N-0", freeze, valid_from=NOW - DAY)})

    assert broken(reporting(a_use()), title) == []


PERSONAL = {ASSET: AssetFacts(number=ASSET, is_personal=True)}
SCENARIO = GrantTerms(scenario="credit-scoring")


def an_authorisation(reference: str = "N-8", **changes: Any) -> RemarkFacts:
    return a_remark(reference, Authorisation(scenario="credit-scoring", paper="D-1"), **changes)


def personal(*authorisations: RemarkFacts) -> Title:
    title = licensed(terms=SCENARIO)
    remarks = {remark.reference: remark for remark in authorisations}
    return replace(title, assets=PERSONAL, remarks=remarks)


@pytest.mark.parametrize(
    ("authorisations", "grounds"),
    [
        ([], {BreachGround.UNAUTHORISED}),
        ([an_authorisation()], frozenset()),
        # It ended by an entry after the use, which therefore stays lawful (PIPL art. 15).
        ([an_authorisation(until=NOW)], frozenset()),
        ([an_authorisation(until=NOW - timedelta(hours=1))], {BreachGround.UNAUTHORISED}),
        (
            [
                an_authorisation(until=NOW - timedelta(hours=1)),
                an_authorisation("N-9", valid_from=NOW - timedelta(hours=1)),
            ],
            frozenset(),
        ),
        (
            [
                an_authorisation(until=NOW - timedelta(hours=2)),
                an_authorisation("N-9", valid_from=NOW - timedelta(hours=1)),
            ],
            {BreachGround.UNAUTHORISED},
        ),
        # A short one inside a long one shortens nothing.
        (
            [
                an_authorisation(),
                an_authorisation("N-9", valid_from=NOW - 3 * DAY, until=NOW - 2 * DAY),
            ],
            frozenset(),
        ),
        (
            [a_remark("N-8", Authorisation(scenario="marketing", paper="D-1"))],
            {BreachGround.UNAUTHORISED},
        ),
    ],
)
def test_a_use_of_personal_data_that_no_authorisation_covers_is_a_breach(
    authorisations: list[RemarkFacts], grounds: frozenset[BreachGround]
) -> None:
    title = after(reporting(a_use(ended=NOW)), personal(*authorisations))

    assert used(title).breaches == grounds
    assert marks(title) == ({"I-2": grounds} if grounds else {})


def test_only_a_scenario_of_personal_data_needs_an_authorisation() -> None:
    of_nobody = replace(personal(), assets={ASSET: AssetFacts(number=ASSET)})
    without_scenario = replace(licensed(), assets=PERSONAL)

    for title in (of_nobody, without_scenario):
        assert used(after(reporting(a_use()), title)).breaches == frozenset()


@pytest.mark.parametrize("quantity", [0, -1])
def test_use_1_a_use_is_at_least_one(quantity: int) -> None:
    assert broken(reporting(a_use(quantity=quantity)), licensed()) == ["USE-1"]


@pytest.mark.parametrize(
    ("began", "ended"),
    [
        (NOW + timedelta(seconds=1), None),
        (NOW - DAY, NOW + timedelta(seconds=1)),
        (NOW - DAY, NOW - DAY),
        (NOW - DAY, NOW - 2 * DAY),
    ],
)
def test_use_2_what_is_recorded_is_over(began: datetime, ended: datetime | None) -> None:
    assert broken(reporting(a_use(began=began, ended=ended)), licensed()) == ["USE-2"]


def test_use_2_a_use_at_this_very_instant_is_over() -> None:
    assert broken(reporting(a_use(began=NOW)), licensed()) == []


def test_use_3_the_evidence_is_on_file() -> None:
    assert broken(reporting(a_use(), instruments=frozenset({"D-OTHER"})), licensed()) == ["USE-3"]


def test_use_4_only_a_holder_uses_a_right() -> None:
    assert broken(reporting(a_use(party=CARL)), licensed()) == ["USE-4"]
    assert broken(reporting(a_use(interest="I-NONE")), licensed()) == ["USE-4", "USE-5"]


@pytest.mark.parametrize(
    ("applicant", "expected"), [(BEN, []), (ANNE, []), (CARL, ["USE-5"]), ("", ["USE-5"])]
)
def test_use_5_the_holder_or_one_above_reports(applicant: str, expected: list[str]) -> None:
    applicants = (applicant,) if applicant else ()

    assert broken(reporting(a_use(), applicants=applicants), licensed()) == expected


def test_use_5_an_order_needs_no_applicant() -> None:
    order = Order(authority=AuthorityKind.REGULATOR, level=1, number="O-1")

    assert broken(reporting(a_use(), applicants=(), order=order), licensed()) == []


def test_use_6_the_same_use_is_recorded_once() -> None:
    title = after(reporting(a_use()), licensed())

    assert broken(reporting(a_use("N-2")), title) == ["USE-6"]
    assert broken(reporting(a_use("N-2", began=NOW - 2 * DAY)), title) == []
    other = reporting(a_use("N-2", evidence="D-2"), instruments=frozenset({"D-2"}))
    assert broken(other, title) == []


def test_w10_reporting_a_use_again_creates_nothing() -> None:
    title = after(reporting(a_use()), licensed())

    assert broken(reporting(a_use()), title) == ["USE-6"]


def test_use_7_a_breach_needs_a_reference_for_every_mark() -> None:
    title = licensed(0)

    assert broken(reporting(a_use(marks={})), title) == ["USE-7"]
    assert broken(reporting(a_use(marks={"I-1": "N-9"})), title) == ["USE-7"]
    assert broken(reporting(a_use(marks={"I-2": "N-9"})), title) == []
    assert broken(reporting(a_use(marks={})), licensed(1)) == []

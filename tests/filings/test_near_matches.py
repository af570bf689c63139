"""Invariant W7: names that are alike are found, shown and decided before anything is registered."""

from fractions import Fraction

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import example, given
from hypothesis import strategies as st

from filings.cases import CaseStateError, NoteMissingError
from filings.checklist import CheckItem
from filings.likeness import bare, likeness
from filings.models import Filing, Likeness, NearMatch
from filings.near_matches import compared, near_matches
from filings.review import Finding, accept, decide_match, pass_examination, publicise, record_checks
from filings.submission import submit, withdraw
from primitives.rules import RulesBrokenError
from tests.factories import (
    BEFORE,
    NOON,
    Office,
    bring_to_examination,
    decide,
    find_all_different,
    make_complete_draft,
    make_office,
    make_party,
    register_asset,
)

NAME = "2025年全国城市人口数据表"
ALMOST = "2024年全国城市人口数据表"
UNLIKE = "山东省高速公路车流量日报"
NAMES = st.text(alphabet="数据表城市人口 2025-_，Ａ", max_size=12)


@pytest.fixture
def office(db: None) -> Office:
    return make_office()


def naive(one: str, other: str) -> Fraction:
    """Dice's coefficient by striking out pairs one by one."""
    left, right = bare(one), bare(other)
    if left == right:
        return Fraction(1)
    ours = [left[place : place + 2] for place in range(len(left) - 1)]
    rest = [right[place : place + 2] for place in range(len(right) - 1)]
    total, shared = len(ours) + len(rest), 0
    for pair in ours:
        if pair in rest:
            rest.remove(pair)
            shared += 1
    return Fraction(2 * shared, total) if total else Fraction(0)


@given(NAMES, NAMES)
@example("数数数数", "数数数据")
def test_likeness_is_symmetric_from_nothing_to_one_and_what_striking_out_gives(
    one: str, other: str
) -> None:
    assert likeness(one, other) == likeness(other, one) == naive(one, other)
    assert 0 <= likeness(one, other) <= 1
    assert likeness(one, one) == 1


@pytest.mark.parametrize(
    "written",
    [
        "２０２５年全国城市人口数据表",
        "2025 年 全国城市人口数据表",
        "《2025年全国城市人口数据表》",
        "2025年-全国城市人口数据表\u200b",
    ],
)
def test_width_spaces_and_punctuation_make_no_other_name(written: str) -> None:
    assert likeness(NAME, written) == 1


def test_names_without_a_common_pair_are_not_alike() -> None:
    assert likeness(NAME, UNLIKE) == 0


def accepted(office: Office, *, data: bytes, name: str) -> Filing:
    party = (
        make_party(office)
        if not Filing.objects.exists()
        else Filing.objects.all()[0].applicants.get()
    )
    return review(office, make_complete_draft(office, party, data=data, name=name))


def review(office: Office, filing: Filing) -> Filing:
    submit(filing, by=office.wang, at=NOON)
    accept(filing, by=office.wang, at=NOON)
    record_checks(filing, {item: Finding(is_met=True) for item in CheckItem}, by=office.li, at=NOON)
    filing.refresh_from_db()
    return filing


def refused(office: Office, filing: Filing) -> list[str]:
    with pytest.raises(RulesBrokenError) as caught:
        pass_examination(filing, by=office.li, at=NOON)
    return [rule.number for rule in caught.value.rules]


def test_w7_registered_data_with_a_similar_name_is_decided_before_the_case_passes(
    office: Office,
) -> None:
    party = make_party(office)
    asset = register_asset(office, party, data=b"one", name=ALMOST)
    register_asset(office, party, data=b"two", name=UNLIKE)
    filing = accepted(office, data=b"three", name=NAME)
    [match] = near_matches(filing)
    assert (match.other, match.is_other_data) == (asset, None)
    assert refused(office, filing) == ["FIL-30"]
    decide_match(filing, asset, Likeness.SAME, by=office.li, at=NOON, note="示例：同一数据")
    assert refused(office, filing) == ["FIL-30"]
    decide_match(filing, asset, Likeness.OTHER, by=office.li, at=NOON, note="示例：年份不同")
    assert pass_examination(filing, by=office.li, at=NOON).state == "EXAMINED"
    assert NearMatch.objects.get().note == "示例：年份不同"


def test_w7_what_is_filed_during_the_publicity_is_decided_before_the_decision(
    office: Office,
) -> None:
    first = make_complete_draft(office, make_party(office), data=b"one", name=NAME)
    second = accepted(office, data=b"two", name=ALMOST)
    pass_examination(second, by=office.li, at=NOON)
    second = publicise(second, by=office.li, at=BEFORE)
    submit(first, by=office.wang, at=NOON)
    with pytest.raises(RulesBrokenError) as caught:
        decide(office, second)
    assert [rule.number for rule in caught.value.rules] == ["FIL-30"]
    decide_match(second, first, Likeness.OTHER, by=office.li, at=NOON, note="示例：年份不同")
    assert decide(office, second).number


def test_w7_two_cases_are_compared_once_whichever_is_registered_first(office: Office) -> None:
    first = accepted(office, data=b"one", name=NAME)
    second = accepted(office, data=b"two", name=ALMOST)
    find_all_different(second, by=office.li)
    pass_examination(second, by=office.li, at=NOON)
    asset = decide(office, publicise(second, by=office.li, at=BEFORE))
    [match] = near_matches(first)
    assert (match.other, match.is_other_data) == (asset, True)


def test_w7_earlier_cases_are_compared_and_later_ones_or_drafts_are_not(office: Office) -> None:
    first = accepted(office, data=b"one", name=NAME)
    second = accepted(office, data=b"two", name=ALMOST)
    make_complete_draft(office, first.applicants.get(), data=b"three", name=NAME)
    assert near_matches(first) == []
    assert [match.other for match in near_matches(second)] == [first]
    withdraw(first, by=office.wang, at=NOON, note="示例：撤回")
    assert near_matches(second) == []


def test_a_case_that_was_found_to_be_other_data_stays_so_when_it_is_registered(
    office: Office,
) -> None:
    first = accepted(office, data=b"one", name=NAME)
    second = accepted(office, data=b"two", name=ALMOST)
    find_all_different(second, by=office.li)
    pass_examination(first, by=office.li, at=NOON)
    asset = decide(office, publicise(first, by=office.li, at=BEFORE))
    [match] = near_matches(second)
    assert (match.other, match.is_other_data) == (asset, True)


def test_w7_an_earlier_case_on_the_same_file_is_shown_first_whatever_its_name(
    office: Office,
) -> None:
    first = accepted(office, data=b"same", name=UNLIKE)
    alike = accepted(office, data=b"other", name=ALMOST)
    second = accepted(office, data=b"same", name=NAME)
    matches = near_matches(second)
    assert [match.other for match in matches] == [first, alike]
    assert [match.has_same_digest for match in matches] == [True, False]
    assert near_matches(first) == []
    assert refused(office, second) == ["FIL-30"]


def test_a_finding_needs_a_reason_an_examiner_and_a_case_in_review(office: Office) -> None:
    asset = register_asset(office, make_party(office), data=b"one", name=ALMOST)
    draft = make_complete_draft(
        office, Filing.objects.all()[0].applicants.get(), data=b"two", name=NAME
    )
    with pytest.raises(CaseStateError):
        decide_match(draft, asset, Likeness.OTHER, by=office.li, at=NOON, note="示例")
    filing = bring_to_examination(office, draft)
    with pytest.raises(NoteMissingError):
        decide_match(filing, asset, Likeness.OTHER, by=office.li, at=NOON, note=" ")
    with pytest.raises(PermissionDenied):
        decide_match(filing, asset, Likeness.OTHER, by=office.wang, at=NOON, note="示例")


def test_the_two_descriptions_stand_side_by_side_and_what_differs_is_marked(
    office: Office,
) -> None:
    party = make_party(office)
    asset = register_asset(office, party, data=b"one", name=ALMOST)
    filing = accepted(office, data=b"two", name=NAME)
    lines = {
        label: (ours, theirs, differs) for label, ours, theirs, differs in compared(filing, asset)
    }
    assert (NAME, ALMOST, True) in lines.values()
    assert ("全国", "全国", False) in lines.values()


def test_near_matches_ask_the_index_and_no_more_with_more_names(office: Office) -> None:
    party = make_party(office)
    register_asset(office, party, data=b"one", name=ALMOST)
    filing = accepted(office, data=b"two", name=NAME)
    asked = []
    for round_ in range(2):
        with CaptureQueriesContext(connection) as queries:
            near_matches(filing)
        asked.append(len(queries))
        register_asset(
            office, party, data=b"more %d" % round_, name=f"202{round_}年全国城市人口数据表"
        )
    assert asked[0] == asked[1] <= 5

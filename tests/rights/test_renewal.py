"""Renewals: each REN rule, and the window day by day."""

import calendar
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primitives.clock import CHINA
from rights.kinds import AuthorityKind
from rights.remarks import Covenant, Freeze, Pledge
from rights.renewal import Renewal, window
from rights.scope import Scope
from rights.terms import term_end
from rights.title import GrantTerms, Title
from tests.rights.plain import (
    ANNE,
    BEN,
    CARL,
    DORA,
    LATER,
    a_dealing,
    a_remark,
    a_title,
    after,
    an_interest,
    broken,
)

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
HALF = Fraction(1, 2)
BENS = {BEN: Fraction(1)}
NEW_END = term_end(LATER, 36)
IN_TIME = LATER - 30 * DAY
"""`LATER`, the end of the plain right, is noon of 26 November 2029 in Shanghai."""


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=CHINA).astimezone(UTC)  # type: ignore[arg-type,misc] # year, month, day...


def renewal(interest: str = "I-1", **changes: Any) -> Renewal:
    fields: dict[str, Any] = {"valid_to": NEW_END, "filed_at": IN_TIME} | changes
    return Renewal(interest=interest, **fields)


def filed(at: datetime, title: Title | None = None) -> list[str]:
    """Return what is broken by a renewal that is filed, and decided in the same second."""
    dealing = a_dealing(renewal(filed_at=at))
    return broken(dealing, title or a_title(an_interest()), at=at)


def test_a_renewal_keeps_the_right_and_gives_it_a_later_end() -> None:
    before = an_interest()
    title = after(a_dealing(renewal()), a_title(before), at=IN_TIME)

    assert title.interests["I-1"] == before.revised(at=IN_TIME, valid_to=NEW_END)
    assert title.in_force("I-1", NEW_END - SECOND)
    assert not title.in_force("I-1", NEW_END)


def test_ren_1_a_renewal_one_day_late_is_refused() -> None:
    assert filed(local(2029, 11, 25, 23, 59, 59)) == []
    assert filed(local(2029, 11, 26)) == ["REN-1"]
    assert filed(LATER - SECOND) == ["REN-1"]


def test_ren_1_a_renewal_one_day_early_is_refused() -> None:
    assert filed(local(2029, 5, 26)) == []
    assert filed(local(2029, 5, 26) - SECOND) == ["REN-1"]


def test_ren_1_a_term_that_ends_at_midnight_expires_on_the_day_before() -> None:
    title = a_title(an_interest(valid_to=local(2029, 11, 26)))

    assert filed(local(2029, 11, 25) - SECOND, title) == []
    assert filed(local(2029, 11, 25), title) == ["REN-1"]


def test_ren_1_nothing_is_filed_in_the_future() -> None:
    dealing = a_dealing(renewal(filed_at=IN_TIME + SECOND))

    assert broken(dealing, a_title(an_interest()), at=IN_TIME) == ["REN-1"]


@pytest.mark.parametrize(
    ("expires", "opens"),
    [
        (date(2028, 8, 31), date(2028, 2, 29)),
        (date(2027, 8, 31), date(2027, 2, 28)),
        (date(2027, 8, 28), date(2027, 2, 28)),
        (date(2028, 2, 29), date(2027, 8, 29)),
        (date(2027, 12, 31), date(2027, 6, 30)),
        (date(2027, 3, 31), date(2026, 9, 30)),
    ],
)
def test_ren_1_the_window_opens_on_the_last_day_where_a_month_is_short(
    expires: date, opens: date
) -> None:
    noon = local(expires.year, expires.month, expires.day, 12)

    assert window(noon, 6) == (
        local(opens.year, opens.month, opens.day),
        local(expires.year, expires.month, expires.day),
    )


def days_of_window(valid_to: datetime) -> set[date]:
    """A naive reference: count the days back from the day of the last second, one by one."""
    expires = (valid_to - SECOND).astimezone(CHINA).date()
    months = expires.year * 12 + expires.month - 1 - 6
    last = calendar.monthrange(months // 12, months % 12 + 1)[1]
    opens = date(months // 12, months % 12 + 1, min(expires.day, last))
    return {opens + timedelta(days=number) for number in range((expires - opens).days)}


instants = st.builds(
    lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds),
    st.integers(0, 10**9),
)
near_midnight = st.builds(
    lambda day, seconds: (
        datetime(day.year, day.month, day.day, tzinfo=CHINA) + timedelta(seconds=seconds)
    ),
    st.dates(date(2026, 1, 1), date(2060, 1, 1)),
    st.integers(-2, 2),
).map(lambda value: value.astimezone(UTC))


@given(st.one_of(instants, near_midnight), st.integers(-190, 2), st.integers(-2, 86_402))
def test_ren_1_the_window_is_what_counting_days_in_shanghai_gives(
    valid_to: datetime, days: int, seconds: int
) -> None:
    midnight = valid_to.astimezone(CHINA).replace(hour=0, minute=0, second=0)
    at = (midnight + timedelta(days=days, seconds=seconds)).astimezone(UTC)
    opens, closes = window(valid_to, 6)

    assert (opens <= at < closes) == (at.astimezone(CHINA).date() in days_of_window(valid_to))
    assert closes < valid_to


def test_ren_2_the_new_end_is_later_and_at_most_the_longest_term_after_the_old_one() -> None:
    def until(end: datetime) -> list[str]:
        return broken(a_dealing(renewal(valid_to=end)), a_title(an_interest()), at=IN_TIME)

    assert until(LATER) == ["REN-2"]
    assert until(LATER + SECOND) == []
    assert until(term_end(LATER, 60)) == []
    assert until(term_end(LATER, 60) + SECOND) == ["REN-2"]


def test_ren_3_any_holder_may_keep_the_right_alive() -> None:
    title = a_title(an_interest(shares={ANNE: Fraction(1, 10), CARL: Fraction(9, 10)}))

    assert broken(a_dealing(renewal()), title, at=IN_TIME) == []
    assert broken(a_dealing(renewal(), applicants=(BEN,)), title, at=IN_TIME) == ["REN-3"]


def test_ren_3_a_grant_is_lengthened_by_both_sides() -> None:
    source = an_interest(valid_to=NEW_END, shares={ANNE: Fraction(2, 3), CARL: Fraction(1, 3)})
    title = a_title(source, an_interest("I-2", granted_from="I-1", shares=BENS))
    asked = renewal("I-2")

    assert broken(a_dealing(asked, applicants=(BEN,)), title, at=IN_TIME) == ["REN-3"]
    assert broken(a_dealing(asked, applicants=(BEN, CARL)), title, at=IN_TIME) == ["REN-3"]
    assert broken(a_dealing(asked, applicants=(ANNE,)), title, at=IN_TIME) == ["REN-3"]
    assert broken(a_dealing(asked, applicants=(ANNE, BEN)), title, at=IN_TIME) == []


def test_ren_4_a_granted_right_is_not_renewed_beyond_its_source() -> None:
    title = a_title(an_interest(), an_interest("I-2", granted_from="I-1", shares=BENS))
    child = renewal("I-2")
    both = (ANNE, BEN)

    assert "REN-4" in broken(a_dealing(child, applicants=both), title, at=IN_TIME)
    first = a_dealing(renewal(), child, applicants=both)
    assert broken(first, title, at=IN_TIME) == []
    beyond = a_dealing(renewal(), renewal("I-2", valid_to=NEW_END + SECOND), applicants=both)
    assert broken(beyond, title, at=IN_TIME) == ["REN-4"]


def test_ren_4_what_survived_its_source_is_not_renewed() -> None:
    survivor = an_interest("I-2", granted_from="I-1", shares=BENS, terms=GrantTerms(survives=True))

    dealing = a_dealing(renewal("I-2"), applicants=(BEN,))
    assert broken(dealing, a_title(survivor), at=IN_TIME) == ["REN-4"]


def test_ren_5_a_longer_grant_meets_no_exclusive_one() -> None:
    exclusive = an_interest(
        "I-3",
        granted_from="I-1",
        shares={CARL: Fraction(1)},
        terms=GrantTerms(is_exclusive=True),
        valid_from=LATER,
        valid_to=NEW_END,
    )
    source = an_interest(valid_to=NEW_END)
    retail = Scope(purposes=frozenset({"retail"}))

    def asked(scope: Scope, exclusive_scope: Scope) -> list[str]:
        child = an_interest("I-2", granted_from="I-1", shares=BENS, scope=scope)
        other = exclusive.revised(at=LATER, scope=exclusive_scope)
        dealing = a_dealing(renewal("I-2"), applicants=(ANNE, BEN))
        return broken(dealing, a_title(source, child, other), at=IN_TIME)

    credit = Scope(purposes=frozenset({"credit"}))
    assert asked(Scope(), credit) == ["REN-5"]
    assert asked(retail, credit) == []
    covenant = a_remark("N-1", Covenant(), interest="I-1", valid_to=NEW_END)
    child = an_interest("I-2", granted_from="I-1", shares=BENS)
    dealing = a_dealing(renewal("I-2"), applicants=(ANNE, BEN))
    assert broken(dealing, a_title(source, child, covenant), at=IN_TIME) == ["REN-5"]


def test_r8_an_exclusive_licence_does_not_stand_in_its_own_way() -> None:
    source = an_interest(valid_to=NEW_END)
    child = an_interest("I-2", granted_from="I-1", shares=BENS, terms=GrantTerms(is_exclusive=True))

    dealing = a_dealing(renewal("I-2"), applicants=(ANNE, BEN))
    assert broken(dealing, a_title(source, child), at=IN_TIME) == []


def test_ren_6_what_ended_before_its_term_is_not_renewed() -> None:
    assert broken(a_dealing(renewal()), a_title(), at=IN_TIME) == ["REN-6"]


def test_a_frozen_right_is_renewed_and_stays_frozen() -> None:
    freeze = Freeze(authority=AuthorityKind.COURT, level=2, order="示例1", months=36)
    frozen = a_remark("N-1", freeze, interest="I-1", valid_from=IN_TIME - DAY, valid_to=NEW_END)
    title = after(a_dealing(renewal()), a_title(an_interest(), frozen), at=IN_TIME)

    assert title.remarks["N-1"] == frozen


def test_e9_a_renewal_lengthens_no_pledge_and_moves_no_rank() -> None:
    body = Pledge(secured_fen=1, burdens={ANNE: Fraction(1)})
    pledge = a_remark("N-1", body, interest="I-1", party=DORA)
    title = after(a_dealing(renewal()), a_title(an_interest(), pledge), at=IN_TIME)

    assert title.remarks["N-1"] == pledge


def test_r10_what_was_filed_in_time_and_decided_late_goes_on_without_a_gap() -> None:
    late = LATER + 10 * DAY
    before = a_title(an_interest())
    assert not before.in_force("I-1", late)

    title = after(a_dealing(renewal()), before, at=late)

    assert title.interests["I-1"].valid_from == LATER
    assert title.in_force("I-1", late)
    lost = a_dealing(renewal(filed_at=late))
    assert broken(lost, before, at=late) == ["REN-1"]
    over = a_dealing(renewal(valid_to=late))
    assert broken(over, before, at=late) == ["REN-2"]


@given(st.integers(0, 400), st.integers(1, 60))
def test_l2_a_renewal_is_contiguous_whenever_it_is_decided(delay: int, months: int) -> None:
    """It begins where the revision before it ends: at the act, or before it at the old end."""
    at = IN_TIME + timedelta(days=delay)
    end = term_end(LATER, months)
    dealing = a_dealing(renewal(valid_to=end))
    if end <= at:
        assert broken(dealing, a_title(an_interest()), at=at) == ["REN-2"]
        return

    title = after(dealing, a_title(an_interest()), at=at)

    assert title.interests["I-1"].valid_from == min(at, LATER)
    assert title.interests["I-1"].until == end

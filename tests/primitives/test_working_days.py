"""Working days, against the plain walk from day to day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primitives.working_days import Calendar, CalendarMissingError, Year

SPRING = Calendar(
    {
        2026: Year(
            holidays=frozenset(date(2026, 2, day) for day in (16, 17, 18, 19, 20, 23)),
            workdays=frozenset({date(2026, 2, 14), date(2026, 2, 28)}),
        )
    }
)
days = st.dates(min_value=date(2026, 1, 1), max_value=date(2026, 11, 1))


def walked(day: date, count: int) -> date:
    """Count one day after another; a naive reference."""
    while count:
        day += timedelta(days=1)
        off = day.weekday() >= 5 or day in SPRING.years[2026].holidays
        if day in SPRING.years[2026].workdays or not off:
            count -= 1
    return day


@given(days, st.integers(1, 40))
def test_days_are_added_as_one_counts_them(day: date, count: int) -> None:
    assert SPRING.add(day, count) == walked(day, count)


@given(days, st.integers(1, 40))
def test_between_is_what_was_added(day: date, count: int) -> None:
    assert SPRING.between(day, SPRING.add(day, count)) == count
    assert SPRING.between(SPRING.add(day, count), day) == -count


def test_a_make_up_saturday_is_worked_and_an_eve_is_not() -> None:
    assert SPRING.is_working(date(2026, 2, 14))
    assert not SPRING.is_working(date(2026, 2, 15))
    assert SPRING.add(date(2026, 2, 13), 1) == date(2026, 2, 14)
    assert SPRING.add(date(2026, 2, 14), 1) == date(2026, 2, 24)


def test_nothing_is_counted_into_a_year_that_is_not_known() -> None:
    with pytest.raises(CalendarMissingError) as missing:
        SPRING.add(date(2026, 12, 30), 5)
    assert missing.value.year == 2027
    with pytest.raises(CalendarMissingError):
        SPRING.between(date(2026, 12, 30), date(2027, 1, 2))


@pytest.mark.parametrize("count", [0, -1])
def test_no_days_are_no_term(count: int) -> None:
    with pytest.raises(ValueError, match=str(count)):
        SPRING.add(date(2026, 3, 2), count)

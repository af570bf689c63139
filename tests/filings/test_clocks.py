"""The clocks of a case, in the words of the articles, over the holidays of three real years."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from filings.calendars import calendar, enter_year, released_years
from filings.clocks import (
    Clock,
    Event,
    Limit,
    accepted_on,
    clock_of,
    end_of,
    publicity_ends_on,
    stops_of,
)
from filings.kinds import FilingType
from filings.profiles import profile_named
from filings.workflow import Action, State
from primitives.clock import CHINA
from primitives.working_days import Calendar, CalendarMissingError
from tests.factories import NOON, Office

PROFILE = profile_named("cn-nda-2026-35")
RULES = PROFILE.types[FilingType.INITIAL]
CALENDAR = Calendar(released_years())


def at(day: str, time: str = "10:00:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=CHINA).astimezone(UTC)


def events(*steps: tuple[Action, str]) -> list[Event]:
    return [Event(action=action, at=at(day)) for action, day in steps]


def due(state: State, *steps: tuple[Action, str]) -> str:
    clock = clock_of(state, events(*steps), profile=PROFILE, rules=RULES, calendar=CALENDAR)
    assert clock is not None
    return clock.due_on.isoformat()


@pytest.mark.parametrize(
    ("submitted", "last"),
    [
        ("2024-02-07", "2024-02-18"),  # 8, 9, then the Sunday after the Spring Festival
        ("2024-09-27", "2024-10-08"),  # Saturday 28 is none; 29, a worked Sunday, 30, 8
        ("2025-01-24", "2025-02-05"),  # Sunday 26 is worked, 27; then the festival
        ("2025-09-29", "2025-10-10"),
        ("2026-02-13", "2026-02-25"),  # Saturday 14 is worked
        ("2026-09-29", "2026-10-09"),
    ],
)
def test_the_result_is_told_within_three_working_days(submitted: str, last: str) -> None:
    """Article 17; the expected days were counted by hand on the printed calendars."""
    assert due(State.SUBMITTED, (Action.SUBMIT, submitted)) == last


def test_silence_is_acceptance_on_the_first_working_day_after_the_period() -> None:
    """Article 17, over National Day: told by 9 October, accepted on Saturday the 10th, worked."""
    steps = events((Action.SUBMIT, "2026-09-29"), (Action.DEEM_ACCEPTED, "2026-10-10"))
    assert accepted_on(steps, profile=PROFILE, calendar=CALENDAR) == date(2026, 10, 10)


def test_a_late_notice_does_not_move_the_day_of_acceptance() -> None:
    late = events((Action.SUBMIT, "2026-09-01"), (Action.ACCEPT, "2026-09-15"))
    assert accepted_on(late, profile=PROFILE, calendar=CALENDAR) == date(2026, 9, 7)
    early = events((Action.SUBMIT, "2026-09-01"), (Action.ACCEPT, "2026-09-02"))
    assert accepted_on(early, profile=PROFILE, calendar=CALENDAR) == date(2026, 9, 2)


ACCEPTED = (Action.SUBMIT, "2026-02-02"), (Action.ACCEPT, "2026-02-03")


def test_the_review_takes_ten_working_days_and_ten_more_once_extended() -> None:
    """Article 28, across the Spring Festival of 2026 with both Saturdays that are worked."""
    assert due(State.ACCEPTED, *ACCEPTED) == "2026-02-24"
    extended = (*ACCEPTED, (Action.EXTEND, "2026-02-10"))
    assert due(State.ACCEPTED, *extended) == "2026-03-09"


def test_supplement_publicity_and_objection_are_not_counted() -> None:
    """Article 28: counting stops after the day on which it stops and goes on after its end."""
    supplied = (
        *ACCEPTED,
        (Action.REQUEST_SUPPLEMENT, "2026-02-05"),
        (Action.SUPPLY, "2026-02-10"),
    )
    assert due(State.SUPPLEMENT_REQUESTED, *supplied[:-1]) == "2026-02-26"
    assert due(State.ACCEPTED, *supplied) == "2026-02-27"
    public = (*ACCEPTED, (Action.EXAMINE, "2026-02-04"), (Action.PUBLICISE, "2026-02-04"))
    assert due(State.PUBLICISED, *public) == "2026-03-02"
    objected = (*public, (Action.OBJECT, "2026-02-06"))
    assert due(State.OBJECTED, *objected) == "2026-02-27"
    resolved = (*objected, (Action.RESOLVE, "2026-02-12"))
    assert due(State.PUBLICISED, *resolved) == "2026-03-03"


def test_publicity_lasts_five_working_days_from_publication() -> None:
    steps = events((Action.PUBLICISE, "2026-09-28"))
    ends_on = publicity_ends_on(steps, rules=RULES, calendar=CALENDAR)
    assert ends_on == date(2026, 10, 10)


def test_day_five_ends_at_midnight_in_shanghai() -> None:
    clock = Clock(limit=Limit.COMPLETION, due_on=date(2026, 3, 6))
    assert not clock.is_over(at("2026-03-06", "23:59:59"))
    assert clock.is_over(at("2026-03-07", "00:00:00"))
    assert end_of(date(2026, 3, 6)) == at("2026-03-07", "00:00:00")


def test_a_step_at_night_is_of_the_day_in_shanghai() -> None:
    assert Event(action=Action.SUBMIT, at=at("2026-03-06", "00:30:00")).day == date(2026, 3, 6)


def test_no_deadline_is_guessed_beyond_the_years_that_are_known() -> None:
    with pytest.raises(CalendarMissingError):
        due(State.SUBMITTED, (Action.SUBMIT, "2026-12-30"))


def naive(steps: list[Event], accepted: date, days: int) -> date:
    """Walk from day to day and ask of each whether it counts; a reference."""
    stops = stops_of(steps, rules=RULES, calendar=CALENDAR)
    day = accepted
    while days:
        day += timedelta(days=1)
        stopped = any(first < day and (last is None or day <= last) for first, last in stops)
        if CALENDAR.is_working(day) and not stopped:
            days -= 1
    return day


@given(
    st.dates(min_value=date(2023, 1, 4), max_value=date(2026, 6, 1)),
    st.lists(st.integers(0, 9), min_size=4, max_size=4),
)
@settings(max_examples=200)
def test_w2_the_limit_is_what_a_walk_from_day_to_day_finds(start: date, gaps: list[int]) -> None:
    actions = (Action.ACCEPT, Action.REQUEST_SUPPLEMENT, Action.SUPPLY, Action.PUBLICISE)
    day, steps = start, [Event(action=Action.SUBMIT, at=at(start.isoformat()))]
    for action, gap in zip(actions, gaps, strict=True):
        day += timedelta(days=gap)
        steps.append(Event(action=action, at=at(day.isoformat())))
    accepted = accepted_on(steps, profile=PROFILE, calendar=CALENDAR)
    assert accepted is not None
    clock = clock_of(State.PUBLICISED, steps, profile=PROFILE, rules=RULES, calendar=CALENDAR)
    assert clock is not None
    assert clock.due_on == naive(steps, accepted, PROFILE.completion.value)
    longer = [*steps, Event(action=Action.EXTEND, at=steps[1].at)]
    extended = clock_of(State.PUBLICISED, longer, profile=PROFILE, rules=RULES, calendar=CALENDAR)
    assert extended is not None
    assert extended.due_on > clock.due_on


def test_the_released_years_are_those_of_the_notices() -> None:
    """Days off and worked of each year, as the notices' own totals have them."""
    off_and_worked = {
        year: (len(known.holidays), len(known.workdays)) for year, known in released_years().items()
    }
    assert off_and_worked == {2023: (18, 7), 2024: (19, 8), 2025: (18, 5), 2026: (19, 6)}


def test_a_year_is_entered_in_the_office_and_again_as_a_further_edition(office: Office) -> None:
    day = date(2027, 1, 1)
    first = enter_year(2027, holidays=[day], workdays=[], source="示例", by=office.wang, at=NOON)
    second = enter_year(2027, holidays=[], workdays=[], source="示例", by=office.wang, at=NOON)
    again = enter_year(2026, holidays=[], workdays=[], source="示例", by=office.wang, at=NOON)

    assert [first.edition, second.edition, again.edition] == [1, 2, 2]
    assert calendar().is_working(day)
    assert calendar().is_working(date(2026, 10, 1))


@pytest.mark.parametrize(
    ("holidays", "workdays"),
    [
        ([date(2026, 1, 1)], []),
        ([], [date(2027, 1, 4)]),
        ([date(2027, 1, 2)], [date(2027, 1, 2)]),
    ],
)
def test_a_year_that_contradicts_itself_is_refused(
    office: Office, holidays: list[date], workdays: list[date]
) -> None:
    with pytest.raises(ValidationError):
        enter_year(
            2027, holidays=holidays, workdays=workdays, source="示例", by=office.wang, at=NOON
        )
    with pytest.raises(PermissionDenied):
        enter_year(2027, holidays=[], workdays=[], source="示例", by=office.li, at=NOON)

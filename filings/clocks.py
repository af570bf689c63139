"""The statutory clocks of a case: until when what must be done, and when time stands still. Pure.

Days are those of Shanghai; a time limit begins on the day after the one that starts it (Civil Code
art. 201) and its last day ends at 24:00. The limit for the whole review does not run while a
supplement, the publicity or an objection is waited for (NDA35 art. 28).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from filings.profiles import Profile, TypeRules
from filings.workflow import FINAL, Action, State
from primitives.clock import CHINA
from primitives.working_days import Calendar

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A step of a case, as far as time is concerned."""

    action: Action
    at: datetime

    @property
    def day(self) -> date:
        """The day in Shanghai."""
        return day_of(self.at)


class Limit(StrEnum):
    """What a running clock is for."""

    ACCEPTANCE = "ACCEPTANCE"
    CORRECTION = "CORRECTION"
    SUPPLEMENT = "SUPPLEMENT"
    COMPLETION = "COMPLETION"
    OBJECTION = "OBJECTION"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What runs now.

    Attributes:
        limit: what must be done or waited for.
        due_on: the last day, in Shanghai.
    """

    limit: Limit
    due_on: date

    def is_over(self, at: datetime) -> bool:
        """Say whether the last day had ended at ``at``."""
        return at >= end_of(self.due_on)


def day_of(instant: datetime) -> date:
    """Return the day in Shanghai."""
    return instant.astimezone(CHINA).date()


def end_of(day: date) -> datetime:
    """Return the instant at which a day of Shanghai is over: 00:00 of the next."""
    return datetime.combine(day + DAY, time(), CHINA)


def clock_of(
    state: State,
    events: Sequence[Event],
    *,
    profile: Profile,
    rules: TypeRules,
    calendar: Calendar,
) -> Clock | None:
    """Return the clock that runs in a case; None while no time runs.

    Raises:
        CalendarMissingError: a day lies in a year whose working days are not known.
    """
    last = {event.action: event.day for event in events}
    if state == State.SUBMITTED:
        due_on = calendar.add(last[Action.SUBMIT], profile.acceptance.value)
        return Clock(limit=Limit.ACCEPTANCE, due_on=due_on)
    if state == State.CORRECTION_REQUESTED:
        due_on = calendar.add(last[Action.REQUEST_CORRECTION], profile.answer.value)
        return Clock(limit=Limit.CORRECTION, due_on=due_on)
    if state == State.SUPPLEMENT_REQUESTED:
        due_on = calendar.add(last[Action.REQUEST_SUPPLEMENT], profile.answer.value)
        return Clock(limit=Limit.SUPPLEMENT, due_on=due_on)
    if state == State.OBJECTED:
        objected = _objection_due_on(events, days=profile.objection.value, calendar=calendar)
        return Clock(limit=Limit.OBJECTION, due_on=objected) if objected else None
    if state in FINAL or state == State.DRAFT:
        return None
    stops = stops_of(events, rules=rules, calendar=calendar)
    due_on = _completed_by(events, stops, profile=profile, calendar=calendar)
    return Clock(limit=Limit.COMPLETION, due_on=due_on)


def objection_due_on(
    received: date,
    waits: Sequence[tuple[date, date | None]],
    *,
    days: int,
    calendar: Calendar,
) -> date | None:
    """Return the last day to decide an objection; None while arbitration or a court is awaited.

    ``waits`` are the first and the last day of each wait: the first still counts, the last does
    not.

    Raises:
        CalendarMissingError: as `clock_of`.
    """
    if any(last is None for _first, last in waits):
        return None
    for day in calendar.after(received):
        if any(first < day and (last is None or day <= last) for first, last in waits):
            continue
        days -= 1
        if days == 0:
            return day
    raise AssertionError  # the calendar's days do not end


def _objection_due_on(events: Sequence[Event], *, days: int, calendar: Calendar) -> date | None:
    """Return it for a case, from its last step into the state; it waits while a result is due."""
    place = max(n for n, event in enumerate(events) if event.action == Action.OBJECT)
    waits: list[tuple[date, date | None]] = []
    awaited, begun = 0, events[place].day
    for event in events[place + 1 :]:
        if event.action == Action.AWAIT_RESULT:
            begun = event.day if not awaited else begun
            awaited += 1
        elif event.action == Action.RECORD_RESULT and awaited:
            awaited -= 1
            if not awaited:
                waits.append((begun, event.day))
    if awaited:
        waits.append((begun, None))
    return objection_due_on(events[place].day, waits, days=days, calendar=calendar)


def accepted_on(events: Iterable[Event], *, profile: Profile, calendar: Calendar) -> date | None:
    """Return the day of acceptance by law: that of the notice, or the first after it is overdue.

    Raises:
        CalendarMissingError: as `clock_of`.
    """
    submitted: date | None = None
    for event in events:
        if event.action == Action.SUBMIT:
            submitted = event.day
        if event.action in (Action.ACCEPT, Action.DEEM_ACCEPTED) and submitted:
            return min(event.day, deemed_on(submitted, profile=profile, calendar=calendar))
    return None


def deemed_on(submitted: date, *, profile: Profile, calendar: Calendar) -> date:
    """Return from which day a filing counts as accepted if nothing is said (NDA35 art. 17).

    Raises:
        CalendarMissingError: as `clock_of`.
    """
    return calendar.add(calendar.add(submitted, profile.acceptance.value), 1)


def publicity_ends_on(
    events: Iterable[Event], *, rules: TypeRules, calendar: Calendar
) -> date | None:
    """Return the last day of the publicity; None if there was none.

    Raises:
        CalendarMissingError: as `clock_of`.
    """
    begun = [event.day for event in events if event.action == Action.PUBLICISE]
    if not begun or rules.publicity is None:
        return begun[-1] if begun else None
    return calendar.add(begun[-1], rules.publicity.value)


def stops_of(
    events: Sequence[Event], *, rules: TypeRules, calendar: Calendar
) -> list[tuple[date, date | None]]:
    """Return when time stood still: after the first day of each pair, up to the second.

    The last has no second day while what is waited for has not come.

    Raises:
        CalendarMissingError: as `clock_of`.
    """
    stops: list[tuple[date, date | None]] = []
    for place, event in enumerate(events):
        rest = events[place + 1 :]
        if event.action == Action.REQUEST_SUPPLEMENT:
            stops.append((event.day, _first(rest, Action.SUPPLY)))
        elif event.action == Action.OBJECT:
            stops.append((event.day, _first(rest, Action.RESOLVE)))
        elif event.action == Action.PUBLICISE:
            stops.append((event.day, publicity_ends_on(events, rules=rules, calendar=calendar)))
    return stops


def _completed_by(
    events: Sequence[Event],
    stops: Sequence[tuple[date, date | None]],
    *,
    profile: Profile,
    calendar: Calendar,
) -> date:
    start = accepted_on(events, profile=profile, calendar=calendar)
    if start is None:
        raise ValueError("the case was never accepted")
    days = profile.completion.value
    if any(event.action == Action.EXTEND for event in events):
        days += profile.extension.value
    for day in calendar.after(start):
        if any(first < day and (last is None or day <= last) for first, last in stops):
            continue
        days -= 1
        if days == 0:
            return day
    raise AssertionError  # the calendar's days do not end


def _first(events: Iterable[Event], action: Action) -> date | None:
    return next((event.day for event in events if event.action == action), None)

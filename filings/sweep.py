"""What happens in cases because time has passed (NDA35 art. 17, 18).

Entry point: `sweep`. Every step is dated at its lawful day, not at the day of the sweep: a sweep
that is missed for a week, or run twice, comes to the same.
"""

from datetime import datetime, time

from django.db import transaction

from filings.calendars import calendar
from filings.cases import events_of, keep_days, lock_case, rules_of, step_by_itself
from filings.clocks import day_of, deemed_on, end_of
from filings.models import Filing
from filings.workflow import FINAL, Action, State
from primitives.clock import CHINA
from primitives.working_days import CalendarMissingError

TIMED = {
    State.SUBMITTED: Action.DEEM_ACCEPTED,
    State.CORRECTION_REQUESTED: Action.LAPSE,
    State.SUPPLEMENT_REQUESTED: Action.LAPSE,
}


def sweep(*, at: datetime) -> list[tuple[str, Action]]:
    """Take every step whose time has come by ``at``; return case numbers and steps.

    Each case is a transaction of its own under its own lock: an officer who was faster has won.
    """
    _set_missing_days()
    overdue = Filing.objects.filter(state__in=TIMED, due_on__lt=day_of(at)).order_by("pk")
    taken = []
    for key in list(overdue.values_list("pk", flat=True)):
        with transaction.atomic():
            case = lock_case(key)
            if action := _let_time_pass(case, at=at):
                taken.append((case.number, action))
    return taken


def _let_time_pass(case: Filing, *, at: datetime) -> Action | None:
    action = TIMED.get(State(case.state))
    if action is None or case.due_on is None or day_of(at) <= case.due_on:
        return None
    if action == Action.LAPSE:
        step_by_itself(case, action, at=end_of(case.due_on), noticed_at=at)
        return action
    submitted = [event.day for event in events_of(case) if event.action == Action.SUBMIT][-1]
    try:
        day = deemed_on(submitted, profile=case.procedure, calendar=calendar())
    except CalendarMissingError:
        return None
    if day_of(at) < day:
        return None
    accepted_at = datetime.combine(day, time(), CHINA)
    step_by_itself(case, action, at=accepted_at, noticed_at=at)
    if not rules_of(case).is_reviewed:
        step_by_itself(case, Action.CLEAR, at=accepted_at)
    return action


def _set_missing_days() -> None:
    """Compute the days of cases that waited for a year to be entered."""
    waiting = Filing.objects.filter(due_on=None).exclude(state__in={State.DRAFT, *FINAL})
    for key in list(waiting.values_list("pk", flat=True)):
        with transaction.atomic():
            case = lock_case(key)
            keep_days(case)
            case.save(update_fields=["due_on", "publicity_ends_on"])

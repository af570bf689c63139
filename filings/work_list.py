"""An officer's start page: which cases wait, for whom, and until when.

Entry point: `WorkList`. Each of its lists shows its most urgent cases and counts no further than a
person would; each state is read by its index, so that the page stays fast however many are open.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import User
from accounts.roles import Role, roles_of
from filings.models import Filing, Part, Participation
from filings.queries import ADVANCING
from filings.workflow import EDITABLE, TRANSITIONS, Action, State

MAX_SHOWN = 20
MAX_COUNTED = 999
SOON = timedelta(days=3)
STOPPED = (
    State.CORRECTION_REQUESTED,
    State.SUPPLEMENT_REQUESTED,
    State.PUBLICISED,
    State.OBJECTED,
)
"""Where a case waits for the applicant, the public or an objection."""
NO_DAY = date.max
"""In its order, what is due on no day comes last."""
WAITING = frozenset(STOPPED) - {State.PUBLICISED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pile:
    """The most urgent of some cases, and how many there are.

    Attributes:
        keys: of at most `MAX_SHOWN` cases, those that are due first at the top; see `read`.
        count: at most `MAX_COUNTED`; ``is_more`` if there are more than that.
    """

    keys: Sequence[int]
    count: int
    is_more: bool

    def __bool__(self) -> bool:
        return bool(self.keys)


class WorkList:
    """What waits for one officer; reads their organisations once, and their roles if not given."""

    def __init__(self, officer: User, *, today: date, roles: frozenset[Role] | None = None) -> None:
        self._officer, self._today = officer, today
        self._roles = roles_of(officer) if roles is None else roles
        self._codes = list(officer.organisations.values_list("uscc", flat=True))
        steps = {action for action, row in TRANSITIONS.items() if row.roles & self._roles}
        self._mine = {state: step for state, step in ADVANCING.items() if step in steps}
        if Role.REGISTRAR in self._roles:
            self._mine |= dict.fromkeys(sorted(EDITABLE), Action.SUBMIT)

    def to_do(self) -> list[tuple[Action, Pile]]:
        """Return what the officer can do now, by step in the order of the procedure."""
        piles = [
            (action, self._pile(state for state, step in self._mine.items() if step == action))
            for action in Action
            if action in self._mine.values()
        ]
        return [(action, pile) for action, pile in piles if pile]

    def due_soon(self) -> Pile:
        """Return what is the officer's to do and is due within `SOON`, or overdue."""
        return pile_of(
            self._waiting_in(state).filter(due_on__lte=self._today + SOON) for state in self._mine
        )

    def waiting(self) -> QuerySet[Filing]:
        """Return every case that waits for a step which this officer may take."""
        cases = Filing.objects.none()
        for state in self._mine:
            cases = cases | self._waiting_in(state)
        return cases

    def for_another(self) -> Pile:
        """Return the cases that the officer took part in and that wait for another person."""
        return pile_of(
            self._ready_in(state).filter(
                self._took_part(PARTS_THAT_BAR[action] if state in self._mine else EVERY_PART)
            )
            for state, action in ADVANCING.items()
            if state not in WAITING and (state not in self._mine or action in PARTS_THAT_BAR)
        )

    def stopped(self) -> Pile:
        """Return the cases that the officer took part in and whose time does not run."""
        return pile_of(
            self._in(state)
            .filter(self._took_part(EVERY_PART))
            .exclude(publicity_ends_on__lt=self._today, state=State.PUBLICISED)
            for state in STOPPED
        )

    def _pile(self, states: Iterable[State]) -> Pile:
        return pile_of(map(self._waiting_in, states))

    def _in(self, state: State) -> QuerySet[Filing]:
        return Filing.objects.filter(state=state)

    def _ready_in(self, state: State) -> QuerySet[Filing]:
        """Return the cases in the state that need not wait for the end of their publicity."""
        cases = self._in(state)
        if state == State.PUBLICISED:
            return cases.filter(publicity_ends_on__lt=self._today)
        return cases

    def _waiting_in(self, state: State) -> QuerySet[Filing]:
        cases = self._ready_in(state)
        if barring := PARTS_THAT_BAR.get(self._mine[state]):
            cases = cases.exclude(self._took_part(barring))
        if self._codes:
            own = Q(organisation__uscc__in=self._codes) | Q(applicants__identifier__in=self._codes)
            cases = cases.exclude(pk__in=Filing.objects.filter(own).values("pk"))
        return cases

    def _took_part(self, parts: frozenset[Part]) -> Q:
        taken = Participation.objects.filter(
            filing=OuterRef("pk"), person=self._officer, part__in=parts
        )
        return Q(Exists(taken))


EVERY_PART = frozenset(Part)
PARTS_THAT_BAR = {
    Action.EXAMINE: frozenset({Part.FILED, Part.ACCEPTED}),
    Action.PUBLICISE: frozenset({Part.FILED, Part.ACCEPTED}),
    Action.REGISTER: EVERY_PART,
}
"""Whoever took one of these parts in a case does not take the step (FIL-4, FIL-5)."""


def pile_of(by_state: Iterable[QuerySet[Filing]]) -> Pile:
    """Return the most urgent of the cases and their number, by one statement.

    Each of ``by_state`` is of one state, in which an index has the days in order.
    """
    order = (F("due_on").asc(nulls_last=True), "pk")
    parts = [
        cases.order_by(*order).values_list("due_on", "pk")[: MAX_COUNTED + 1].query
        for cases in by_state
    ]
    if not parts:
        return Pile(keys=[], count=0, is_more=False)
    texts, values = zip(*(part.sql_with_params() for part in parts), strict=True)
    # Each in a query of its own: SQLite takes no limit in a part of a union.
    union = " UNION ALL ".join(
        f"SELECT * FROM ({text}) AS part_{place}"  # noqa: S608 # Django's own text
        for place, text in enumerate(texts)
    )
    with connection.cursor() as cursor:
        cursor.execute(union, list(chain.from_iterable(values)))
        found = sorted((str(due_on or NO_DAY), pk) for due_on, pk in cursor.fetchall())
    return Pile(
        keys=[pk for _due_on, pk in found[:MAX_SHOWN]],
        count=min(len(found), MAX_COUNTED),
        is_more=len(found) > MAX_COUNTED,
    )


def read(piles: Iterable[Pile]) -> dict[int, Filing]:
    """Return the cases of all the piles by key, with what a line of them shows."""
    keys = {pk for pile in piles for pk in pile.keys}
    rows = Filing.objects.select_related("filed_by").prefetch_related("applicants")
    return rows.in_bulk(keys) if keys else {}

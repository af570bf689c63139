"""Publicity and objections: what the public sees of a case, and what anyone may say against it.

Entry points: `notices`, `receive_objection`, `find_objection`, `told_of`. What the office does with
an objection: `filings.investigation`.
An objection in publicity stops the case's time limit at once; a further one restarts nothing; once
all are decided the case goes on (NDA35 art. 24, 25, 28, 29).
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from filings.calendars import calendar
from filings.cases import CaseStateError, lock_case, step_on_objection
from filings.clocks import day_of, end_of
from filings.messages import tell_objector
from filings.models import Filing, Objection, Step
from filings.workflow import Action, State
from primitives.working_days import CalendarMissingError
from registry.instruments import store_instrument
from registry.kinds import InstrumentKind
from registry.numbers import next_number

PUBLIC_STATES = frozenset({State.PUBLICISED, State.OBJECTED})
OPEN_TO_OBJECTION = PUBLIC_STATES | {State.REGISTERED}
MAX_OPEN_OBJECTIONS = 20
"""How many objections to one case may wait; further ones are handed in at the counter."""


class ObjectionRefusedError(Exception):
    """An objection that is not taken in here; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objector:
    """Who objects: name, how to reach them, and an e-mail address if they want to be written to."""

    name: str
    contact: str
    email: str = ""


def notices(*, at: datetime) -> QuerySet[Filing]:
    """Return the cases that are in publicity at ``at``, those that end first at the top."""
    return (
        Filing.objects.filter(state__in=PUBLIC_STATES, publicity_ends_on__gte=day_of(at))
        .prefetch_related("applicants")
        .order_by("publicity_ends_on", "pk")
    )


@transaction.atomic
def receive_objection(
    filing: Filing,
    upload: UploadedFile[bytes],
    *,
    objector: Objector,
    ground: str,
    at: datetime,
    at_counter: bool = False,
) -> tuple[Objection, str]:
    """Take in an objection and return it with the code that only its objector learns.

    What comes before the last day of the publicity ends stops the case; what comes later is an
    objection of the other kind, of which the registrant is to be notified. ``at_counter`` says that
    a registrar enters it for somebody who stands there.

    Raises:
        CaseStateError: the case is neither public nor registered.
        ObjectionRefusedError: too many wait already.
        InstrumentRefusedError: the evidence is empty, too large or of a kind that is not taken.
    """
    case = lock_case(filing.pk)
    if case.state not in OPEN_TO_OBJECTION:
        raise CaseStateError(_("There is nothing to object to: the case is not public."))
    is_full = case.objections.filter(outcome="").count() >= MAX_OPEN_OBJECTIONS
    if is_full and not at_counter:
        raise ObjectionRefusedError(
            _("Too many objections to this case wait. Hand yours in at the registrar's counter.")
        )
    is_public = (
        case.state in PUBLIC_STATES
        and case.publicity_ends_on is not None
        and at < end_of(case.publicity_ends_on)
    )
    code = secrets.token_hex(8)
    objection = Objection.objects.create(
        number=f"O{at:%Y%m}{next_number(f'objection:{at:%Y%m}'):05d}",
        code_sha256=_digest(code),
        filing=case,
        in_publicity=is_public,
        objector=objector.name,
        contact=objector.contact,
        email=objector.email,
        ground=ground,
        evidence=store_instrument(
            upload,
            kind=InstrumentKind.OTHER,
            title=str(_("Evidence of an objection")),
            stored_at=at,
        ),
        received_at=at,
        due_on=_due_on(case, is_public=is_public, at=at),
    )
    if is_public:
        note = f"{objection.number}: {ground}"
        is_first = case.state == State.PUBLICISED
        action = Action.OBJECT if is_first else Action.RECEIVE_OBJECTION
        step = step_on_objection(case, action, by=None, at=at, note=note)
        tell_objector(step, objection)
    return objection, code


def find_objection(number: str, code: str) -> Objection | None:
    """Return the objection if the code is its own."""
    found = Objection.objects.select_related("filing").filter(number=number).first()
    if found is None or not secrets.compare_digest(found.code_sha256, _digest(code)):
        return None
    return found


def told_of(objection: Objection) -> QuerySet[Step]:
    """Return the steps that concern the objection, in their order: they begin with its number."""
    steps = objection.filing.steps.filter(note__startswith=objection.number)
    return steps.order_by("pk")


def _due_on(case: Filing, *, is_public: bool, at: datetime) -> date | None:
    profile = case.procedure
    days = profile.objection if is_public else profile.later_objection
    try:
        return calendar().add(day_of(at), days.value)
    except CalendarMissingError:
        return None


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()

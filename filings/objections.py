"""Publicity and objections: what the public sees of a case, and what anyone may say against it.

Entry points: `notices`, `receive_objection`, `find_objection`, `notify_registrant`, `conclude`.
An objection in publicity stops the case's time limit at once; a further one restarts nothing; once
all are decided the case goes on (NDA35 art. 24, 25, 28, 29).
"""

import hashlib
import secrets
from datetime import date, datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Role, require_role
from filings.calendars import calendar
from filings.cases import (
    CaseStateError,
    NoteMissingError,
    lock_case,
    standing_facts,
    step_of_an_outsider,
    take_part,
)
from filings.clocks import day_of, end_of
from filings.models import Filing, Objection, Outcome, Part
from filings.review import refuse, resolve
from filings.rules import IMPARTIALITY_RULES, REVIEW_RULES
from filings.workflow import Action, State
from primitives.rules import require
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
    objector: str,
    contact: str,
    ground: str,
    at: datetime,
) -> tuple[Objection, str]:
    """Take in an objection and return it with the code that only its objector learns.

    What comes before the last day of the publicity ends stops the case; what comes later is an
    objection of the other kind, of which the registrant is to be notified.

    Raises:
        CaseStateError: the case is neither public nor registered.
        ObjectionRefusedError: too many wait already.
        InstrumentRefusedError: the evidence is empty, too large or of a kind that is not taken.
    """
    case = lock_case(filing.pk)
    if case.state not in OPEN_TO_OBJECTION:
        raise CaseStateError(_("There is nothing to object to: the case is not public."))
    if case.objections.filter(outcome="").count() >= MAX_OPEN_OBJECTIONS:
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
        objector=objector,
        contact=contact,
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
    if is_public and case.state == State.PUBLICISED:
        step_of_an_outsider(case, Action.OBJECT, at=at, note=objection.number)
    return objection, code


def find_objection(number: str, code: str) -> Objection | None:
    """Return the objection if the code is its own."""
    found = Objection.objects.select_related("filing").filter(number=number).first()
    if found is None or not secrets.compare_digest(found.code_sha256, _digest(code)):
        return None
    return found


@transaction.atomic
def notify_registrant(objection: Objection, *, by: User, at: datetime) -> Objection:
    """Keep that the registrant was told in writing of a later objection (NDA35 art. 29).

    Raises:
        PermissionDenied: ``by`` is no registrar.
        RulesBrokenError: the officer belongs to an applicant.
        CaseStateError: it was received in publicity, or is notified or concluded already.
    """
    require_role(by, Role.REGISTRAR)
    case, row = _lock(objection)
    require(IMPARTIALITY_RULES, standing_facts(case, officer=by))
    if row.in_publicity or row.notified_at or row.outcome:
        raise CaseStateError(_("There is nothing to notify of any more. Reload the page."))
    row.notified_at = at
    row.due_on = None
    row.save(update_fields=["notified_at", "due_on"])
    return row


@transaction.atomic
def conclude(
    objection: Objection, outcome: Outcome, *, by: User, at: datetime, conclusion: str
) -> Objection:
    """Decide an objection: one that stands refuses the case, the last of the others lets it go on.

    After registration the register is not touched: the conclusion leads to a filing of its own.

    Raises:
        PermissionDenied: ``by`` is no examiner.
        RulesBrokenError: the officer filed or accepted the case, or belongs to an applicant.
        CaseStateError: it is concluded already.
        NoteMissingError: no conclusion is written.
    """
    require_role(by, Role.EXAMINER)
    case, row = _lock(objection)
    require(REVIEW_RULES, standing_facts(case, officer=by))
    if row.outcome:
        raise CaseStateError(_("The objection is concluded already. Reload the page."))
    if not conclusion.strip():
        raise NoteMissingError(_("Write the conclusion; both sides will read it."))
    row.outcome, row.conclusion = outcome, conclusion.strip()
    row.concluded_by, row.concluded_at, row.due_on = by, at, None
    row.save(update_fields=["outcome", "conclusion", "concluded_by", "concluded_at", "due_on"])
    take_part(case, Part.EXAMINED, by=by)
    if case.state in PUBLIC_STATES:
        _carry_on(case, row, by=by, at=at)
    return row


def _carry_on(case: Filing, row: Objection, *, by: User, at: datetime) -> None:
    note = f"{row.number}: {row.conclusion}"
    if row.outcome in {Outcome.SUSTAINED, Outcome.REFERRED}:
        # An unresolved dispute is a ground of refusal of its own (NDA35 art. 22(3)).
        refuse(case, by=by, at=at, note=note)
    elif case.state == State.OBJECTED and not case.objections.filter(outcome="").exists():
        resolve(case, by=by, at=at, note=note)


def _lock(objection: Objection) -> tuple[Filing, Objection]:
    case = lock_case(objection.filing_id)
    return case, Objection.objects.select_for_update().get(pk=objection.pk)


def _due_on(case: Filing, *, is_public: bool, at: datetime) -> date | None:
    profile = case.procedure
    days = profile.objection if is_public else profile.later_objection
    try:
        return calendar().add(day_of(at), days.value)
    except CalendarMissingError:
        return None


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()

"""What the office does with an objection: notice, investigation, other bodies, the conclusion.

Entry points: `notify_registrant`, `inquire`, `begin_proceeding`, `settle_proceeding`, `propose`,
`confirm`, `send_back`, `objection_digest`. One officer proposes the conclusion, a second confirms
it, and the confirmation binds to the digest of what was shown. A pending arbitration or suit stops
the time limit and holds the conclusion (FIL-42); what it decides is followed (FIL-43).
"""

import hashlib
from dataclasses import dataclass, fields
from datetime import date, datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Role, require_role, roles_of
from filings.application import content_digest
from filings.calendars import calendar
from filings.cases import (
    CaseChangedError,
    CaseStateError,
    NoteMissingError,
    lock_case,
    standing_facts,
    step_on_objection,
    take_part,
)
from filings.clocks import day_of, objection_due_on
from filings.kinds import BINDING, Forum, Outcome, Result
from filings.messages import tell_objector
from filings.models import Filing, Inquiry, Objection, Part, Proceeding, Proposal, Step
from filings.objections import PUBLIC_STATES
from filings.review import refuse
from filings.rules import (
    CONFIRMATION_RULES,
    INQUIRY_RULES,
    PROPOSAL_RULES,
    ObjectionFacts,
    StandingFacts,
)
from filings.workflow import Action, State
from primitives.canonical_json import JsonObject, canonical_json, instant_text
from primitives.rules import Rule, require
from primitives.working_days import CalendarMissingError
from registry.instruments import store_instrument
from registry.kinds import InstrumentKind
from rights.models import Share

INVESTIGATORS = (Role.REGISTRAR, Role.EXAMINER)
MOST_LISTED = 20
"""How many objections the start page of the office shows; the list of all has the rest."""
NOTIFICATION_RULES: tuple[Rule[ObjectionFacts], ...] = INQUIRY_RULES[1:]
"""The registrar who accepted the case may notify of an objection to it, if impartial."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """How a proceeding ended, as its document says."""

    result: Result
    document: str
    effective_on: date


def objections_for(officer: User) -> list[Objection]:
    """Return the first open objections that wait for this officer, those due first at the top.

    The registrar notifies, the examiner proposes, and an approver settles what another proposed.
    """
    roles, waiting = roles_of(officer), Proposal.objects.filter(settled_at=None)
    theirs = Q(pk__in=())
    if Role.REGISTRAR in roles:
        theirs |= Q(in_publicity=False, notified_at=None)
    if Role.EXAMINER in roles:
        theirs |= ~Q(pk__in=waiting.values("objection"))
    if Role.APPROVER in roles:
        others = waiting.exclude(proposed_by=officer)
        theirs |= Q(pk__in=others.values("objection"))
    found = Objection.objects.filter(theirs, outcome="").select_related("filing")
    return list(found.order_by(F("due_on").asc(nulls_last=True), "pk")[:MOST_LISTED])


def may_be_disputed(objection: Objection) -> bool:
    """Say whether a proceeding elsewhere is still entered: who rejects a conclusion may go there.

    A case that was refused is decided; before its decision the objection must be open.
    """
    return not objection.outcome or objection.filing.state == State.REGISTERED


def objection_facts(
    objection: Objection, *, officer: User, outcome: str = "", proposed_by: str = ""
) -> ObjectionFacts:
    """Return what the rules on an objection look at.

    Who holds or held a right in the data has as much of a side in it as who applied for it.
    """
    standing = standing_facts(objection.filing, officer=officer)
    proceedings = objection.proceedings.filter(forum__in=BINDING)
    latest = proceedings.exclude(result="").order_by("effective_on", "pk").last()
    known = {field.name: getattr(standing, field.name) for field in fields(StandingFacts)}
    known["officer_is_applicant"] |= _is_of_a_holder(objection.filing, officer)
    return ObjectionFacts(
        **known,
        officer_is_objector=_is_objector(objection, officer),
        proposed_by=proposed_by,
        outcome=outcome,
        is_awaited=proceedings.filter(result="").exists(),
        bound_to=latest.result if latest else "",
    )


@transaction.atomic
def notify_registrant(objection: Objection, *, by: User, at: datetime) -> Objection:
    """Write to the registrant of a later objection (NDA35 art. 29): the letter of this step.

    Raises:
        PermissionDenied: ``by`` is no registrar.
        RulesBrokenError: the officer belongs to an applicant or is the objector.
        CaseStateError: it was received in publicity, or is notified or concluded already.
    """
    require_role(by, Role.REGISTRAR)
    case, row = _lock_open(objection)
    require(NOTIFICATION_RULES, objection_facts(row, officer=by))
    if row.in_publicity or row.notified_at:
        raise CaseStateError(_("There is nothing to notify of any more. Reload the page."))
    row.notified_at = at
    row.due_on = None
    row.save(update_fields=["notified_at", "due_on"])
    _beside(case, row, Action.NOTIFY_OBJECTION, by=by, at=at, words=row.ground)
    return row


@transaction.atomic
def inquire(
    objection: Objection,
    *,
    words: str,
    paper: UploadedFile[bytes] | None = None,
    by: User,
    at: datetime,
) -> Inquiry:
    """Keep one finding of the investigation.

    Raises:
        PermissionDenied: ``by`` is no examiner.
        RulesBrokenError: the officer filed or accepted the case, or has a side in it.
        CaseStateError: the objection is concluded.
        NoteMissingError: nothing is written.
        InstrumentRefusedError: the paper is empty, too large or of a kind that is not taken.
    """
    require_role(by, Role.EXAMINER)
    case, row = _lock_open(objection)
    require(INQUIRY_RULES, objection_facts(row, officer=by))
    if not words.strip():
        raise NoteMissingError(_("Write what was found."))
    take_part(case, Part.EXAMINED, by=by)
    title = str(_("Paper of an investigation"))
    kept = (
        store_instrument(paper, kind=InstrumentKind.OTHER, title=title, stored_at=at)
        if paper
        else None
    )
    return Inquiry.objects.create(
        objection=row,
        words=words.strip(),
        paper=kept,
        made_by=by,
        made_at=at,
    )


@transaction.atomic
def begin_proceeding(
    objection: Objection,
    *,
    forum: Forum,
    body: str,
    number: str,
    begun_on: date,
    by: User,
    at: datetime,
) -> Proceeding:
    """Enter that a mediation, an arbitration or a suit has begun; the last two stop the clock.

    Raises:
        PermissionDenied: ``by`` is neither registrar nor examiner.
        RulesBrokenError: the officer has a side in it.
        CaseStateError: nothing is disputed any more (`may_be_disputed`), or the day has not come.
    """
    require_role(by, *INVESTIGATORS)
    case, row = _lock_disputed(objection)
    require(NOTIFICATION_RULES, objection_facts(row, officer=by))
    if begun_on > day_of(at):
        raise CaseStateError(_("The proceeding cannot begin on a day that has not come."))
    proceeding = Proceeding.objects.create(
        objection=row,
        forum=forum,
        body=body.strip(),
        number=number.strip(),
        begun_on=begun_on,
        entered_by=by,
        entered_at=at,
    )
    action = Action.AWAIT_RESULT if forum in BINDING else Action.MEDIATE
    _beside(case, row, action, by=by, at=at, words=str(proceeding))
    _keep_due_on(case, row)
    return proceeding


@transaction.atomic
def settle_proceeding(
    proceeding: Proceeding,
    decided: Decided,
    paper: UploadedFile[bytes],
    *,
    by: User,
    at: datetime,
) -> Proceeding:
    """Enter how a proceeding ended, with its document; with the last awaited one time runs again.

    Raises:
        PermissionDenied: ``by`` is neither registrar nor examiner.
        RulesBrokenError: the officer has a side in it.
        CaseStateError: nothing is disputed any more, the result is entered already, or its document
            takes effect before the proceeding began or on a day that has not come.
        InstrumentRefusedError: the paper is empty, too large or of a kind that is not taken.
    """
    require_role(by, *INVESTIGATORS)
    case, row = _lock_disputed(proceeding.objection)
    require(NOTIFICATION_RULES, objection_facts(row, officer=by))
    ended = Proceeding.objects.select_for_update().get(pk=proceeding.pk)
    if ended.result:
        raise CaseStateError(_("The result is entered already. Reload the page."))
    if not ended.begun_on <= decided.effective_on <= day_of(at):
        raise CaseStateError(
            _("The document takes effect after the proceeding began, and not on a later day.")
        )
    ended.result, ended.document = decided.result, decided.document.strip()
    ended.effective_on, ended.settled_by, ended.settled_at = decided.effective_on, by, at
    ended.paper = store_instrument(
        paper, kind=InstrumentKind.OTHER, title=f"{ended.body} {ended.document}", stored_at=at
    )
    ended.save()
    action = Action.RECORD_RESULT if ended.forum in BINDING else Action.RECORD_MEDIATION
    words = f"{ended.body} {ended.document}, {ended.get_result_display()}"
    _beside(case, row, action, by=by, at=at, words=words)
    _keep_due_on(case, row)
    return ended


@transaction.atomic
def propose(
    objection: Objection, outcome: Outcome, *, by: User, at: datetime, conclusion: str
) -> Proposal:
    """Propose how an objection is concluded, and on which grounds; nothing is told to anyone yet.

    Raises:
        PermissionDenied: ``by`` is no examiner.
        RulesBrokenError: the officer filed or accepted the case, or has a side in it; a result is
            awaited, or says otherwise.
        CaseStateError: it is concluded, or a proposal waits.
        NoteMissingError: no conclusion is written.
    """
    require_role(by, Role.EXAMINER)
    case, row = _lock_open(objection)
    if row.proposals.filter(settled_at=None).exists():
        raise CaseStateError(_("A proposal waits for a second person already. Reload the page."))
    require(PROPOSAL_RULES, objection_facts(row, officer=by, outcome=outcome))
    if not conclusion.strip():
        raise NoteMissingError(_("Write the conclusion; both sides will read it."))
    take_part(case, Part.EXAMINED, by=by)
    return Proposal.objects.create(
        objection=row,
        outcome=outcome,
        conclusion=conclusion.strip(),
        proposed_by=by,
        proposed_at=at,
    )


@transaction.atomic
def confirm(objection: Objection, *, by: User, at: datetime, shown_digest: str) -> Objection:
    """Make the proposal the conclusion: one that stands refuses the case, the last lets it go on.

    ``shown_digest`` is `objection_digest` of what was shown. After registration the register is not
    touched: the conclusion leads to a filing of its own.

    Raises:
        PermissionDenied: ``by`` is no approver.
        RulesBrokenError: the officer proposed it, filed or accepted the case, or has a side in it;
            a result is awaited, or says otherwise.
        CaseStateError: no proposal waits.
        CaseChangedError: the objection or its case is no longer what the officer was shown.
    """
    require_role(by, Role.APPROVER)
    case, row = _lock_open(objection)
    proposal = _waiting(row)
    if objection_digest(row) != shown_digest:
        raise CaseChangedError(row.number)
    facts = objection_facts(
        row,
        officer=by,
        outcome=proposal.outcome,
        proposed_by=proposal.proposed_by.reference,
    )
    require(CONFIRMATION_RULES, facts)
    proposal.is_confirmed, proposal.settled_by, proposal.settled_at = True, by, at
    proposal.save(update_fields=["is_confirmed", "settled_by", "settled_at"])
    row.outcome, row.conclusion = proposal.outcome, proposal.conclusion
    row.concluded_by, row.concluded_at, row.due_on = by, at, None
    row.save(update_fields=["outcome", "conclusion", "concluded_by", "concluded_at", "due_on"])
    tell_objector(_carry_on(case, row, by=by, at=at), row)
    return row


@transaction.atomic
def send_back(objection: Objection, *, by: User, at: datetime, reason: str) -> Proposal:
    """Send the proposal back with a reason; the next one is made anew.

    Raises:
        PermissionDenied: ``by`` is no approver.
        RulesBrokenError: the officer filed or accepted the case, or has a side in it.
        CaseStateError: no proposal waits.
        NoteMissingError: no reason is written.
    """
    require_role(by, Role.APPROVER)
    _case, row = _lock_open(objection)
    require(INQUIRY_RULES, objection_facts(row, officer=by))
    proposal = _waiting(row)
    if not reason.strip():
        raise NoteMissingError(_("Write what is to be looked at again."))
    proposal.is_confirmed, proposal.settled_by, proposal.settled_at = False, by, at
    proposal.reason = reason.strip()
    proposal.save(update_fields=["is_confirmed", "settled_by", "settled_at", "reason"])
    return proposal


def objection_digest(objection: Objection) -> str:
    """Return the SHA-256 of everything that a second person is shown before they confirm."""
    shown: JsonObject = {
        "case": content_digest(objection.filing),
        "state": objection.filing.state,
        "number": objection.number,
        "objector": objection.objector,
        "ground": objection.ground,
        "evidence": objection.evidence.sha256,
        "inquiries": [
            [row.words, row.paper.sha256 if row.paper else None, row.made_by.reference]
            for row in objection.inquiries.select_related("paper", "made_by").order_by("pk")
        ],
        "proceedings": [
            [
                row.forum,
                row.body,
                row.number,
                row.begun_on.isoformat(),
                row.result,
                row.document,
                row.effective_on.isoformat() if row.effective_on else None,
                row.paper.sha256 if row.paper else None,
            ]
            for row in objection.proceedings.select_related("paper").order_by("pk")
        ],
        "proposals": [
            [row.pk, row.outcome, row.conclusion, instant_text(row.proposed_at)]
            for row in objection.proposals.filter(settled_at=None)
        ],
    }
    return hashlib.sha256(canonical_json(shown)).hexdigest()


def _carry_on(case: Filing, row: Objection, *, by: User, at: datetime) -> Step:
    note = f"{row.number}: {row.conclusion}"
    if case.state in PUBLIC_STATES:
        if row.outcome in {Outcome.SUSTAINED, Outcome.REFERRED}:
            # An unresolved dispute is a ground of refusal of its own (NDA35 art. 22(3)).
            return refuse(case, by=by, at=at, note=note).steps.latest("pk")
        if case.state == State.OBJECTED and not case.objections.filter(outcome="").exists():
            return step_on_objection(case, Action.RESOLVE, by=by, at=at, note=note)
    return step_on_objection(case, Action.CONCLUDE_OBJECTION, by=by, at=at, note=note)


def _beside(
    case: Filing, row: Objection, action: Action, *, by: User, at: datetime, words: str
) -> None:
    step = step_on_objection(case, action, by=by, at=at, note=f"{row.number}: {words}")
    tell_objector(step, row)


def _lock_open(objection: Objection) -> tuple[Filing, Objection]:
    case, row = _lock(objection)
    if row.outcome:
        raise CaseStateError(_("The objection is concluded already. Reload the page."))
    return case, row


def _lock_disputed(objection: Objection) -> tuple[Filing, Objection]:
    """Lock an objection about which others may still decide: after registration, to the end."""
    case, row = _lock(objection)
    if not may_be_disputed(row):
        raise CaseStateError(_("The objection is concluded already. Reload the page."))
    return case, row


def _lock(objection: Objection) -> tuple[Filing, Objection]:
    case = lock_case(objection.filing_id)
    row = Objection.objects.select_for_update().get(pk=objection.pk)
    row.filing = case
    return case, row


def _waiting(row: Objection) -> Proposal:
    found = row.proposals.select_related("proposed_by").filter(settled_at=None).first()
    if found is None:
        raise CaseStateError(_("No proposal waits. Reload the page."))
    return found


def _keep_due_on(case: Filing, row: Objection) -> None:
    """Set until when an objection in publicity is to be decided, with what is awaited."""
    if row.outcome or not row.in_publicity:
        return
    waits = [
        (day_of(each.entered_at), day_of(each.settled_at) if each.settled_at else None)
        for each in row.proceedings.filter(forum__in=BINDING)
    ]
    days = case.procedure.objection.value
    try:
        row.due_on = objection_due_on(
            day_of(row.received_at), waits, days=days, calendar=calendar()
        )
    except CalendarMissingError:
        row.due_on = None
    row.save(update_fields=["due_on"])


def _is_objector(objection: Objection, officer: User) -> bool:
    """Say whether the officer is named as the objector, or belongs to an organisation that is."""
    names = {officer.get_full_name(), officer.username}
    names |= set(officer.organisations.values_list("name", flat=True))
    return objection.objector.strip().casefold() in {name.strip().casefold() for name in names}


def _is_of_a_holder(filing: Filing, officer: User) -> bool:
    codes = officer.organisations.values("uscc")
    held = Q(interest__asset=filing.asset_id) | Q(interest__asset__in=filing.concerned.values("pk"))
    return Share.objects.filter(held, party__identifier__in=codes).exists()

"""The state of one case: locking it, moving it along the table, and the facts about it.

Every step goes through `take_step`; a step that finds the case elsewhere changes nothing.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, User
from accounts.roles import Role, require_role
from filings.application import papers_of
from filings.calendars import calendar
from filings.checklist import required_items
from filings.clocks import Event, clock_of, end_of, publicity_ends_on
from filings.dealing import dealing_of
from filings.kinds import BINDING, FilingType
from filings.letters import write_letter
from filings.messages import tell
from filings.models import Filing, Part, Participation, Proceeding, Step
from filings.near_matches import Match, near_matches
from filings.negative_list import Hit, hits
from filings.profiles import Declared, TypeRules
from filings.rules import CaseFacts, StandingFacts
from filings.workflow import TRANSITIONS, Action, State
from primitives.clock import CHINA
from primitives.rules import NumberedRule
from primitives.working_days import CalendarMissingError
from registry.instruments import damaged_instruments
from registry.kinds import IdentifierScheme, InstrumentKind
from registry.models import Party
from rights.objection import OBJECTION_CONCLUSION

NONE: frozenset[str] = frozenset()
IN_REVIEW = frozenset(
    {
        State.ACCEPTED,
        State.SUPPLEMENT_REQUESTED,
        State.EXAMINED,
        State.PUBLICISED,
        State.OBJECTED,
        State.CLEARED,
    }
)
"""Something may be registered or listed until the decision, so the review may be added to."""


class CaseStateError(Exception):
    """The case is not where the step needs it; the message says where it is and who moved it."""


class NoteMissingError(Exception):
    """The step needs a written ground."""


class CaseChangedError(Exception):
    """What is to be approved is no longer what the approver was shown."""


def lock_case(filing_id: int) -> Filing:
    """Return the case, locked until the transaction ends.

    Raises:
        Filing.DoesNotExist: there is no such case.
    """
    return Filing.objects.select_for_update().get(pk=filing_id)


def take_step(
    filing: Filing,
    action: Action,
    *,
    by: User,
    at: datetime,
    note: str = "",
    against: Sequence[NumberedRule] = (),
) -> Step:
    """Move a locked case one step and record who did it, when and why.

    ``against`` are the rules that stood against the application; its letter names them.

    Raises:
        PermissionDenied: ``by`` has none of the step's roles.
        CaseStateError: the table has no such step from where the case is.
        NoteMissingError: the step needs a ground and none is given.
    """
    require_step(filing, action, by=by)
    if TRANSITIONS[action].needs_note and not note.strip():
        raise NoteMissingError(_("Write the ground for this step; the applicant will read it."))
    return _move(filing, action, by=by, at=at, note=note, against=against)


def step_by_itself(
    filing: Filing, action: Action, *, at: datetime, noticed_at: datetime | None = None
) -> Step:
    """Move a locked case by a step that is nobody's.

    ``noticed_at`` is when it was seen that its time had come, if that was later: its letter bears
    that date, and not one on which nobody wrote it.

    Raises:
        CaseStateError: the table has no such step from where the case is.
    """
    row = TRANSITIONS[action]
    if row.roles or filing.state not in row.sources:
        raise CaseStateError(_where(filing, action))
    return _move(filing, action, by=None, at=at, note="", written_at=noticed_at)


def step_on_objection(
    filing: Filing, action: Action, *, by: User | None, at: datetime, note: str
) -> Step:
    """Record a step that an objection brings on a locked case: its receipt, or its conclusion.

    What is in `BESIDE` leaves the case where it is. Whether ``by`` may take it is the caller's to
    check (filings/investigation.py); None is somebody without an account.

    Raises:
        CaseStateError: the table has no such step from where the case is.
    """
    row = TRANSITIONS.get(action)
    if row and (row.roles or filing.state not in row.sources):
        raise CaseStateError(_where(filing, action))
    return _move(filing, action, by=by, at=at, note=note)


def _move(
    filing: Filing,
    action: Action,
    *,
    by: User | None,
    at: datetime,
    note: str,
    against: Sequence[NumberedRule] = (),
    written_at: datetime | None = None,
) -> Step:
    row = TRANSITIONS.get(action)
    target = row.target if row and row.target else State(filing.state)
    step = Step.objects.create(
        filing=filing,
        action=action,
        from_state=filing.state,
        to_state=target,
        taken_by=by,
        taken_at=at,
        note=note.strip(),
    )
    filing.state = target
    keep_days(filing)
    filing.save(update_fields=["state", "asset", "entry", "due_on", "publicity_ends_on"])
    write_letter(step, written_at=written_at or at, against=against)
    tell(step)
    return step


def keep_days(filing: Filing) -> None:
    """Set the days until which the case waits, from its steps; it is not saved.

    In a year whose working days are not entered nothing is due until they are.
    """
    rules = rules_of(filing)
    try:
        known = calendar()
        events = events_of(filing)
        clock = clock_of(
            State(filing.state),
            events,
            profile=filing.procedure,
            rules=rules,
            calendar=known,
        )
        filing.due_on = clock.due_on if clock else None
        filing.publicity_ends_on = publicity_ends_on(events, rules=rules, calendar=known)
    except CalendarMissingError:
        filing.due_on = filing.publicity_ends_on = None


def events_of(filing: Filing) -> list[Event]:
    """Return the steps of the case for its clocks, in their order."""
    rows = filing.steps.order_by("pk").values_list("action", "taken_at")
    return [Event(action=Action(action), at=at) for action, at in rows]


def rules_of(filing: Filing) -> TypeRules:
    """Return what the case's rule profile asks of filings of its type."""
    return filing.procedure.types[FilingType(filing.type)]


def require_step(filing: Filing, action: Action, *, by: User) -> None:
    """Refuse a step that the table does not have from here, or that is not this person's.

    Raises:
        PermissionDenied: ``by`` has none of the step's roles.
        CaseStateError: the table has no such step from where the case is.
    """
    require_role(by, *TRANSITIONS[action].roles)
    if filing.state not in TRANSITIONS[action].sources:
        raise CaseStateError(_where(filing, action))


def take_part(filing: Filing, part: Part, *, by: User) -> None:
    """Keep that ``by`` took part in the case, for good."""
    Participation.objects.bulk_create(
        [Participation(filing=filing, person=by, part=part)], ignore_conflicts=True
    )


def standing_facts(
    filing: Filing, *, officer: User, steps: Iterable[Step] | None = None
) -> StandingFacts:
    """Return who has done what in the case; reads no file.

    ``steps`` are all steps of the case, if they were read before.
    """
    read = filing.steps.all() if steps is None else steps
    people: dict[str, set[str]] = {part: set() for part in Part}
    for part, person in filing.participations.values_list("part", "person__reference"):
        people[part].add(person)
    return StandingFacts(
        officer=officer.reference,
        filed_by=frozenset(people[Part.FILED]),
        accepted_by=frozenset(people[Part.ACCEPTED]),
        examined_by=frozenset(people[Part.EXAMINED]),
        times=Counter(step.action for step in read),
        officer_is_applicant=_belongs_to_applicant(filing, officer),
    )


def case_facts(
    filing: Filing,
    *,
    officer: User,
    at: datetime,
    standing: StandingFacts | None = None,
    matches: Sequence[Match] | None = None,
    listed: Sequence[Hit] | None = None,
) -> CaseFacts:
    """Return what the rules of the procedure look at; reads every paper's file.

    ``standing`` are the `standing_facts` of the officer, ``matches`` and ``listed`` what
    `matches_of` and `listed_of` return, if they were read before.
    """
    instruments = [paper.instrument for paper in papers_of(filing)]
    applicants = list(filing.applicants.all())
    rules = rules_of(filing)
    is_for_acts = filing.type != FilingType.INITIAL
    acts = set(filing.acts.values_list("act", flat=True)) if is_for_acts else NONE
    return CaseFacts(
        **_members(standing or standing_facts(filing, officer=officer)),
        has_applicant=bool(applicants),
        papers=frozenset(instrument.kind for instrument in instruments),
        has_damaged_paper=bool(damaged_instruments(instruments)),
        met=NONE
        if filing.is_editable
        else frozenset(check.item for check in filing.checks.all() if check.is_met),
        applicant_usccs=frozenset(
            party.identifier
            for party in applicants
            if party.identifier_scheme == IdentifierScheme.USCC
        ),
        registrar_uscc=settings.REGISTRAR_USCC,
        required_papers=rules.papers,
        required_checks=required_items(FilingType(filing.type)) if rules.is_reviewed else NONE,
        has_power_of_attorney=filing.agent_id is None
        or any(paper.kind == InstrumentKind.POWER_OF_ATTORNEY for paper in instruments),
        is_overdue=filing.due_on is not None and at >= end_of(filing.due_on),
        needs_publicity=rules.publicity is not None,
        is_publicity_over=filing.publicity_ends_on is not None
        and at >= end_of(filing.publicity_ends_on),
        is_order=filing.type == FilingType.ORDER,
        names_order=hasattr(filing, "order"),
        is_for_acts=is_for_acts,
        has_acts=bool(acts),
        unconfirmed=unconfirmed(filing, applicants),
        open_objections=0 if filing.is_editable else filing.objections.filter(outcome="").count(),
        near_matches=tuple(
            match.is_other_data for match in (matches_of(filing) if matches is None else matches)
        ),
        undeclared=frozenset(row.name for row in undeclared(filing))
        if filing.is_editable
        else NONE,
        listed=tuple(
            hit.is_cleared for hit in (listed_of(filing, at=at) if listed is None else listed)
        ),
        ends_awaited_mark=OBJECTION_CONCLUSION.name in acts and _is_result_awaited(filing),
    )


def _is_result_awaited(filing: Filing) -> bool:
    """Say whether an arbitration or a suit is pending about data that the filing concerns."""
    assets = filing.concerned.values("pk")
    about = Q(objection__filing__asset__in=assets) | Q(objection__filing__concerned__in=assets)
    return Proceeding.objects.filter(about, result="", forum__in=BINDING).exists()


def undeclared(filing: Filing) -> list[Declared]:
    """Return what the rule profile has the applicant declare and nobody declared yet."""
    profile = filing.procedure
    if not profile.declarations or filing.type == FilingType.ORDER:
        return []
    made = {row.name for row in filing.declarations.all() if row.version == profile.version}
    return [row for row in profile.declarations if row.name not in made]


def matches_of(filing: Filing) -> list[Match]:
    """Return the near matches that must be decided: in review, and until the decision."""
    return near_matches(filing) if in_review(filing) else []


def listed_of(filing: Filing, *, at: datetime) -> list[Hit]:
    """Return what of the negative list must be answered: in review, and until the decision."""
    return hits(filing, at=at) if in_review(filing) else []


def in_review(filing: Filing) -> bool:
    """Say whether what the review found still counts and may be added to."""
    return filing.state in IN_REVIEW and rules_of(filing).is_reviewed


def unconfirmed(filing: Filing, applicants: Iterable[Party]) -> frozenset[str]:
    """Return the applicants of acts who neither filed them nor agree to what is asked for now.

    A signed application form that registrars alone took in speaks for all of them; what an
    applicant's own account filed speaks for that applicant.
    """
    if filing.type == FilingType.INITIAL or _is_signed_on_paper(filing):
        return NONE
    digest = dealing_of(filing).digest()
    confirmed = set(
        filing.given_consents.filter(dealing=digest).values_list("party__reference", flat=True)
    )
    account = filing.organisation.uscc if filing.organisation else None
    is_theirs = filing.filed_by.organisations.filter(uscc=account).exists()
    return frozenset(
        party.reference
        for party in applicants
        if party.reference not in confirmed and not (is_theirs and party.identifier == account)
    )


def _is_signed_on_paper(filing: Filing) -> bool:
    forms = filing.papers.filter(instrument__kind=InstrumentKind.APPLICATION_FORM)
    filed = filing.participations.filter(part=Part.FILED)
    others = filed.exclude(person__groups__name=Role.REGISTRAR.value)
    return forms.exists() and not others.exists()


def _members(facts: StandingFacts) -> dict[str, Any]:
    return {field.name: getattr(facts, field.name) for field in fields(StandingFacts)}


def _belongs_to_applicant(filing: Filing, officer: User) -> bool:
    """Say whether the officer is a member of the filing's account or of an applicant itself."""
    codes = filing.applicants.filter(identifier_scheme=IdentifierScheme.USCC)
    applicants = Q(organisation=filing.organisation_id) | Q(
        organisation__uscc__in=codes.values("identifier")
    )
    return Membership.objects.filter(applicants, user=officer).exists()


def _where(filing: Filing, action: Action) -> str:
    last = filing.steps.select_related("taken_by").order_by("-pk").first()
    if last is None:
        return _("“%(action)s” is not possible: the case is “%(state)s”.") % {
            "action": action.label,
            "state": State(filing.state).label,
        }
    return _(
        "“%(action)s” is not possible: the case is “%(state)s” since %(person)s took the step "
        "“%(last)s” at %(time)s. Reload the page."
    ) % {
        "action": action.label,
        "state": State(filing.state).label,
        "person": last.taken_by or _("the clock"),
        "last": last.get_action_display(),
        "time": f"{last.taken_at.astimezone(CHINA):%Y-%m-%d %H:%M}",
    }

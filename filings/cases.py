"""The state of one case: locking it, moving it along the table, and the facts about it.

Every step goes through `take_step`; a step that finds the case elsewhere changes nothing.
"""

from dataclasses import asdict
from datetime import datetime

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, User
from accounts.roles import require_role
from filings.models import Filing, Part, Participation, Step
from filings.rules import CaseFacts, StandingFacts
from filings.workflow import TRANSITIONS, Action, State
from primitives.clock import CHINA
from registry.instruments import damaged_instruments
from registry.kinds import IdentifierScheme


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


def take_step(filing: Filing, action: Action, *, by: User, at: datetime, note: str = "") -> Step:
    """Move a locked case one step and record who did it, when and why.

    Raises:
        PermissionDenied: ``by`` has none of the step's roles.
        CaseStateError: the table has no such step from where the case is.
        NoteMissingError: the step needs a ground and none is given.
    """
    require_step(filing, action, by=by)
    row = TRANSITIONS[action]
    if row.needs_note and not note.strip():
        raise NoteMissingError(_("Write the ground for this step; the applicant will read it."))
    target = row.target or State(filing.state)
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
    filing.save(update_fields=["state", "asset", "entry"])
    return step


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


def standing_facts(filing: Filing, *, officer: User) -> StandingFacts:
    """Return who has done what in the case; reads no file."""
    people: dict[str, set[str]] = {part: set() for part in Part}
    for part, person in filing.participations.values_list("part", "person__reference"):
        people[part].add(person)
    return StandingFacts(
        officer=officer.reference,
        filed_by=frozenset(people[Part.FILED]),
        accepted_by=frozenset(people[Part.ACCEPTED]),
        examined_by=frozenset(people[Part.EXAMINED]),
        corrections_asked=filing.steps.filter(action=Action.REQUEST_CORRECTION).count(),
        officer_is_applicant=_belongs_to_applicant(filing, officer),
    )


def case_facts(
    filing: Filing, *, officer: User, standing: StandingFacts | None = None
) -> CaseFacts:
    """Return what the rules of the procedure look at; reads every paper's file.

    ``standing`` are the `standing_facts` of the officer, if they were read before.
    """
    instruments = [paper.instrument for paper in filing.papers.select_related("instrument")]
    applicants = list(filing.applicants.all())
    return CaseFacts(
        **asdict(standing or standing_facts(filing, officer=officer)),
        has_applicant=bool(applicants),
        papers=frozenset(instrument.kind for instrument in instruments),
        has_damaged_paper=bool(damaged_instruments(instruments)),
        met=frozenset(filing.checks.filter(is_met=True).values_list("item", flat=True)),
        applicant_usccs=frozenset(
            party.identifier
            for party in applicants
            if party.identifier_scheme == IdentifierScheme.USCC
        ),
        registrar_uscc=settings.REGISTRAR_USCC,
    )


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

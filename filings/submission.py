"""The applicant's side: drafting, handing in papers, submitting, withdrawing.

Entry points: `create_filing`, `revise`, `hand_in`, `take_back`, `declare`, `submit`, `supply`,
`withdraw`.
A registrar may do all of it on paper applicants' behalf; an enterprise's members do it for their
own organisation.
"""

from collections.abc import Collection
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import allow, disallow
from accounts.roles import Role, require_role
from filings import fingerprints
from filings.cases import (
    CaseStateError,
    case_facts,
    lock_case,
    require_step,
    take_part,
    take_step,
    undeclared,
)
from filings.clocks import day_of
from filings.messages import VIEW
from filings.models import Declaration, Filing, Paper, Part
from filings.profiles import profile_on
from filings.rules import SUBMISSION_RULES, SUPPLY_RULES
from filings.workflow import EDITABLE, TAKES_PAPERS, Action, State
from primitives.rules import require
from registry import search
from registry.instruments import store_instrument
from registry.models import Named
from registry.numbers import next_numbers


@transaction.atomic
def create_filing(filing: Filing, *, by: User, at: datetime) -> Filing:
    """Number an unsaved draft and save it; its organisation's members may follow it from now on.

    Raises:
        PermissionDenied: ``by`` is neither a registrar nor an enterprise's user.
    """
    require_role(by, Role.REGISTRAR, Role.ENTERPRISE)
    (filing.number,) = filing_numbers(1, at=at)
    filing.filed_by, filing.created_at = by, at
    filing.profile_version = profile_on(filing.profile, day_of(at)).version
    filing.save()
    search.write(Named.FILING, filing.pk, filing.name)
    fingerprints.write(filing)
    take_part(filing, Part.FILED, by=by)
    if filing.organisation:
        allow(filing.organisation.group, VIEW, filing)
    return filing


def filing_numbers(count: int, *, at: datetime) -> list[str]:
    """Return the next numbers of filings, in order; needs an open transaction."""
    month = f"{at:%Y%m}"
    return [f"F{month}{number:05d}" for number in next_numbers(f"filing:{month}", count)]


@transaction.atomic
def revise(filing: Filing, *, by: User) -> Filing:
    """Save a changed draft; if it names another account, that one follows the case from now on.

    Raises:
        PermissionDenied: ``by`` is neither a registrar nor an enterprise's user.
        CaseStateError: the case is no longer in the applicant's hands.
    """
    require_role(by, Role.REGISTRAR, Role.ENTERPRISE)
    case = lock_case(filing.pk)
    _require_state(case, EDITABLE)
    filing.state, filing.due_on = case.state, case.due_on
    filing.save()
    search.write(Named.FILING, filing.pk, filing.name)
    fingerprints.write(filing)
    take_part(filing, Part.FILED, by=by)
    if case.organisation != filing.organisation:
        if case.organisation:
            disallow(case.organisation.group, VIEW, filing)
        if filing.organisation:
            allow(filing.organisation.group, VIEW, filing)
    return filing


@transaction.atomic
def hand_in(
    filing: Filing,
    upload: UploadedFile[bytes],
    *,
    kind: str,
    title: str,
    by: User,
    at: datetime,
) -> Paper:
    """Keep an uploaded file as a paper of the filing.

    Raises:
        PermissionDenied: ``by`` is neither a registrar nor an enterprise's user.
        CaseStateError: the case is no longer in the applicant's hands.
        InstrumentRefusedError: the file is empty, too large or of a kind that is not taken.
    """
    require_role(by, Role.REGISTRAR, Role.ENTERPRISE)
    _require_state(lock_case(filing.pk), TAKES_PAPERS)
    instrument = store_instrument(upload, kind=kind, title=title, stored_at=at)
    take_part(filing, Part.FILED, by=by)
    return Paper.objects.create(filing=filing, instrument=instrument)


@transaction.atomic
def take_back(paper: Paper, *, by: User) -> None:
    """Remove a paper from a filing that is still in the applicant's hands.

    Raises:
        PermissionDenied: ``by`` is neither a registrar nor an enterprise's user.
        CaseStateError: the case is no longer in the applicant's hands.
    """
    require_role(by, Role.REGISTRAR, Role.ENTERPRISE)
    _require_state(lock_case(paper.filing_id), EDITABLE)
    take_part(paper.filing, Part.FILED, by=by)
    instrument = paper.instrument
    paper.delete()
    instrument.delete()


@transaction.atomic
def declare(filing: Filing, names: Collection[str], *, by: User, at: datetime) -> None:
    """Keep that the applicant makes these declarations of the rule profile, in its version.

    What is no declaration of the profile, or was made before, is passed over.

    Raises:
        PermissionDenied: ``by`` is neither a registrar nor an enterprise's user.
        CaseStateError: the case is no longer in the applicant's hands.
    """
    require_role(by, Role.REGISTRAR, Role.ENTERPRISE)
    case = lock_case(filing.pk)
    _require_state(case, EDITABLE)
    version = case.procedure.version
    Declaration.objects.bulk_create(
        Declaration(filing=case, name=row.name, version=version, made_by=by, made_at=at)
        for row in undeclared(case)
        if row.name in names
    )
    take_part(case, Part.FILED, by=by)


@transaction.atomic
def submit(filing: Filing, *, by: User, at: datetime, declared: Collection[str] = ()) -> Filing:
    """Submit a draft, or submit a corrected filing again; ``declared`` are declared with it.

    Raises:
        RulesBrokenError: papers or applicants are missing; the filing stays as it was.
        CaseStateError: it is not a draft or under correction.
    """
    case = lock_case(filing.pk)
    require_step(case, Action.SUBMIT, by=by)
    if case.state == State.DRAFT:
        case.profile_version = profile_on(case.profile, day_of(at)).version
        case.save(update_fields=["profile_version"])
    if declared:
        declare(case, declared, by=by, at=at)
    require(SUBMISSION_RULES, case_facts(case, officer=by, at=at))
    take_step(case, Action.SUBMIT, by=by, at=at)
    take_part(case, Part.FILED, by=by)
    return case


@transaction.atomic
def supply(filing: Filing, *, by: User, at: datetime) -> Filing:
    """Answer a request for a supplement with the papers that were handed in; the review goes on.

    Raises:
        RulesBrokenError: the last day for it is over, or a paper is damaged.
        CaseStateError: no supplement is asked for.
    """
    case = lock_case(filing.pk)
    require_step(case, Action.SUPPLY, by=by)
    require(SUPPLY_RULES, case_facts(case, officer=by, at=at))
    take_step(case, Action.SUPPLY, by=by, at=at)
    take_part(case, Part.FILED, by=by)
    return case


@transaction.atomic
def withdraw(filing: Filing, *, by: User, at: datetime, note: str) -> Filing:
    """Withdraw a filing that is not yet decided; the register is not touched.

    Raises:
        CaseStateError: it is decided already.
        NoteMissingError: no ground is given.
    """
    case = lock_case(filing.pk)
    take_step(case, Action.WITHDRAW, by=by, at=at, note=note)
    return case


def require_editable(case: Filing, *, by: User) -> Filing:
    """Return a locked case that ``by`` may change.

    Raises:
        PermissionDenied: ``by`` is neither a registrar nor an enterprise's user.
        CaseStateError: the case is no longer in the applicant's hands.
    """
    require_role(by, Role.REGISTRAR, Role.ENTERPRISE)
    _require_state(case, EDITABLE)
    return case


def _require_state(case: Filing, states: frozenset[State]) -> None:
    if case.state not in states:
        raise CaseStateError(
            _("The filing is “%(state)s”; what is applied for can no longer be changed.")
            % {"state": case.get_state_display()}
        )

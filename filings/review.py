"""The office's side before the decision: acceptance, review, publicity, and every way to end.

Entry points: `accept`, `decline`, `request_correction`, `record_checks`, `decide_match`,
`decide_the_rest`, `answer_item`, `propose_override`, `take_override_back`, `request_supplement`,
`extend`, `pass_examination`, `exempt`, `publicise`, `refuse`, `terminate`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Role, require_role
from filings.cases import (
    CaseStateError,
    NoteMissingError,
    case_facts,
    in_review,
    lock_case,
    matches_of,
    require_step,
    rules_of,
    standing_facts,
    step_by_itself,
    take_part,
    take_step,
)
from filings.checklist import CheckItem
from filings.models import (
    Check,
    Filing,
    Likeness,
    ListAnswer,
    ListedItem,
    NearMatch,
    Part,
    ProposedOverride,
)
from filings.predictor import standing_against
from filings.rules import (
    ACCEPTANCE_RULES,
    CORRECTION_RULES,
    DECLINE_RULES,
    EXAMINATION_RULES,
    EXTENSION_RULES,
    IMPARTIALITY_RULES,
    PUBLICITY_RULES,
    REVIEW_RULES,
    SUPPLEMENT_RULES,
    CaseFacts,
)
from filings.title import refusals
from filings.workflow import Action, State
from primitives.identifiers import new_reference
from primitives.rules import Rule, RulesBrokenError, broken, require
from registry.models import DataAsset
from rights.dealing import OVERRIDABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """An examiner's answer to one checklist item."""

    is_met: bool
    note: str = ""


@transaction.atomic
def accept(filing: Filing, *, by: User, at: datetime) -> Filing:
    """Accept a submitted filing for review (NDA35 art. 17).

    Raises:
        RulesBrokenError: names every FIL rule that stands against acceptance.
        CaseStateError: the case is elsewhere.
    """
    case = lock_case(filing.pk)
    take_step(case, Action.ACCEPT, by=by, at=at)
    require(ACCEPTANCE_RULES, case_facts(case, officer=by, at=at))
    take_part(case, Part.ACCEPTED, by=by)
    if not rules_of(case).is_reviewed:
        step_by_itself(case, Action.CLEAR, at=at)
    return case


@transaction.atomic
def decline(filing: Filing, *, by: User, at: datetime, note: str) -> Filing:
    """Do not accept a filing; the ground is written.

    Raises:
        RulesBrokenError: the officer belongs to an applicant, or the time for it is over.
        CaseStateError: the case is elsewhere.
        NoteMissingError: no ground is given.
    """
    case = lock_case(filing.pk)
    require_step(case, Action.DECLINE, by=by)
    require(DECLINE_RULES, case_facts(case, officer=by, at=at))
    take_step(case, Action.DECLINE, by=by, at=at, note=note)
    return case


@transaction.atomic
def request_correction(filing: Filing, *, by: User, at: datetime, note: str) -> Filing:
    """Hand a filing back once, with everything that is missing.

    Raises:
        RulesBrokenError: correction was asked for before, or the time for it is over.
        CaseStateError: the case is elsewhere.
        NoteMissingError: nothing is asked for.
    """
    case = lock_case(filing.pk)
    require_step(case, Action.REQUEST_CORRECTION, by=by)
    require(CORRECTION_RULES, case_facts(case, officer=by, at=at))
    take_step(case, Action.REQUEST_CORRECTION, by=by, at=at, note=note)
    return case


@transaction.atomic
def record_checks(
    filing: Filing, findings: Mapping[CheckItem, Finding], *, by: User, at: datetime
) -> None:
    """Keep an examiner's answers; they may be given in several sittings.

    Raises:
        PermissionDenied: ``by`` is no examiner.
        RulesBrokenError: ``by`` has filed or accepted the case, or belongs to an applicant.
        CaseStateError: the case is not in review.
    """
    case = lock_case(filing.pk)
    require_role(by, Role.EXAMINER)
    if case.state != State.ACCEPTED:
        raise CaseStateError(case.get_state_display())
    require(REVIEW_RULES, standing_facts(case, officer=by))
    take_part(case, Part.EXAMINED, by=by)
    Check.objects.bulk_create(
        [
            Check(
                filing=case,
                item=item,
                is_met=finding.is_met,
                note=finding.note,
                checked_by=by,
                checked_at=at,
            )
            for item, finding in findings.items()
        ],
        update_conflicts=True,
        unique_fields=["filing", "item"],
        update_fields=["is_met", "note", "checked_by", "checked_at"],
    )


@transaction.atomic
def decide_match(
    filing: Filing,
    other: DataAsset | Filing,
    finding: Likeness,
    *,
    by: User,
    at: datetime,
    note: str,
) -> NearMatch:
    """Keep what an examiner found of data with a similar name; a later finding replaces it.

    Raises:
        PermissionDenied: ``by`` is no examiner.
        RulesBrokenError: ``by`` has filed or accepted the case, or belongs to an applicant.
        CaseStateError: the case is not in review.
        NoteMissingError: no reason is given.
    """
    case = _lock_for_review(filing, by=by)
    if not note.strip():
        raise NoteMissingError(_("Write what shows it."))
    named = {"case": other} if isinstance(other, Filing) else {"asset": other}
    given = {
        "finding": finding,
        "note": note.strip(),
        "decided_by": by,
        "decided_at": at,
    }
    match, _is_new = NearMatch.objects.update_or_create(filing=case, **named, defaults=given)
    return match


@transaction.atomic
def decide_the_rest(filing: Filing, *, by: User, at: datetime, note: str) -> int:
    """Find every near match that nobody decided to be other data; return how many there were.

    Those with the same digest, a part or the fields in common are decided one by one.

    Raises:
        As `decide_match`.
    """
    case = _lock_for_review(filing, by=by)
    rest = [match for match in matches_of(case) if match.decision is None and match.is_by_name]
    for match in rest:
        decide_match(case, match.other, Likeness.OTHER, by=by, at=at, note=note)
    return len(rest)


@transaction.atomic
def answer_item(
    filing: Filing, item: ListedItem, *, applies: bool, reason: str, by: User, at: datetime
) -> ListAnswer:
    """Keep whether an item of the negative list applies to a case; a later answer replaces it.

    Raises:
        PermissionDenied: ``by`` is no examiner.
        RulesBrokenError: ``by`` has filed or accepted the case, or belongs to an applicant.
        CaseStateError: the case is not in review.
        NoteMissingError: no reason is given.
    """
    case = _lock_for_review(filing, by=by)
    if not reason.strip():
        raise NoteMissingError(_("Write what shows it."))
    given = {
        "applies": applies,
        "reason": reason.strip(),
        "answered_by": by,
        "answered_at": at,
    }
    answer, _is_new = ListAnswer.objects.update_or_create(filing=case, item=item, defaults=given)
    return answer


@transaction.atomic
def propose_override(
    filing: Filing, rule: str, *, by: User, at: datetime, ground: str
) -> ProposedOverride:
    """Propose to set aside a rule that stands against a case; another person decides (W8).

    Raises:
        PermissionDenied: ``by`` is no examiner.
        RulesBrokenError: ``by`` has filed or accepted the case, or belongs to an applicant.
        CaseStateError: the case is not in review, the rule does not stand against it, or is none
            that may be set aside.
        NoteMissingError: no ground is given.
    """
    case = _lock_for_review(filing, by=by)
    if not ground.strip():
        raise NoteMissingError(_("Write why the rule is to be set aside; certificates print it."))
    if rule not in OVERRIDABLE or rule not in {found.number for found in refusals(case, at=at)}:
        raise CaseStateError(
            _("%(rule)s does not stand against the case, or may not be set aside.") % {"rule": rule}
        )
    return ProposedOverride.objects.create(
        filing=case,
        reference=new_reference("N"),
        rule=rule,
        ground=ground.strip(),
        proposed_by=by,
        proposed_at=at,
    )


@transaction.atomic
def take_override_back(filing: Filing, rule: str, *, by: User) -> None:
    """Take a proposal back, so that the rule stands again.

    Raises:
        PermissionDenied: ``by`` is no examiner.
        RulesBrokenError: ``by`` has filed or accepted the case, or belongs to an applicant.
        CaseStateError: the case is not in review.
    """
    _lock_for_review(filing, by=by).overrides.filter(rule=rule).delete()


@transaction.atomic
def request_supplement(filing: Filing, *, by: User, at: datetime, note: str) -> Filing:
    """Ask the applicant once for everything that the review lacks; the time limit stands still.

    Raises:
        RulesBrokenError: it was asked for before, or the officer filed, accepted or is concerned.
        CaseStateError: the case is elsewhere.
        NoteMissingError: nothing is asked for.
    """
    case = lock_case(filing.pk)
    require_step(case, Action.REQUEST_SUPPLEMENT, by=by)
    require(SUPPLEMENT_RULES, standing_facts(case, officer=by))
    take_step(case, Action.REQUEST_SUPPLEMENT, by=by, at=at, note=note)
    take_part(case, Part.EXAMINED, by=by)
    return case


@transaction.atomic
def extend(filing: Filing, *, by: User, at: datetime, note: str) -> Filing:
    """Extend the time limit for the review, once (NDA35 art. 28).

    Raises:
        RulesBrokenError: it was extended before, or is over.
        CaseStateError: the case is elsewhere.
        NoteMissingError: no ground is given.
    """
    case = lock_case(filing.pk)
    require_step(case, Action.EXTEND, by=by)
    require(EXTENSION_RULES, case_facts(case, officer=by, at=at))
    take_step(case, Action.EXTEND, by=by, at=at, note=note)
    return case


@transaction.atomic
def pass_examination(filing: Filing, *, by: User, at: datetime) -> Filing:
    """Find a case in order: checklist met, papers intact, every right allowed by the matrix.

    Raises:
        RulesBrokenError: names every rule that does not hold.
        CaseStateError: the case is elsewhere.
    """
    case = lock_case(filing.pk)
    take_step(case, Action.EXAMINE, by=by, at=at)
    _require_all(EXAMINATION_RULES, case, by, at)
    take_part(case, Part.EXAMINED, by=by)
    if rules_of(case).publicity is None:
        step_by_itself(case, Action.CLEAR, at=at)
    return case


@transaction.atomic
def exempt(filing: Filing, *, by: User, at: datetime, note: str) -> Filing:
    """Dispense with the publicity of an examined case on a ground that is recorded (art. 24).

    Raises:
        RulesBrokenError: there is none to dispense with, or the officer filed or accepted it.
        CaseStateError: the case is elsewhere.
        NoteMissingError: no ground is given.
    """
    case = lock_case(filing.pk)
    require_step(case, Action.EXEMPT, by=by)
    require(PUBLICITY_RULES, case_facts(case, officer=by, at=at))
    take_step(case, Action.EXEMPT, by=by, at=at, note=note)
    return case


@transaction.atomic
def publicise(filing: Filing, *, by: User, at: datetime) -> Filing:
    """Open the publicity of an examined case (NDA35 art. 24).

    Raises:
        RulesBrokenError: none is asked for, or the officer filed or accepted it.
        CaseStateError: the case is elsewhere.
    """
    case = lock_case(filing.pk)
    require_step(case, Action.PUBLICISE, by=by)
    require(PUBLICITY_RULES, case_facts(case, officer=by, at=at))
    take_step(case, Action.PUBLICISE, by=by, at=at)
    return case


@transaction.atomic
def terminate(filing: Filing, *, by: User, at: datetime, note: str) -> Filing:
    """End the review: what is needed cannot be supplied and cannot be verified (NDA35 art. 18).

    Raises:
        RulesBrokenError: the officer belongs to an applicant.
        CaseStateError: the case is elsewhere.
        NoteMissingError: no ground is given.
    """
    case = lock_case(filing.pk)
    take_step(case, Action.TERMINATE, by=by, at=at, note=note)
    require(IMPARTIALITY_RULES, standing_facts(case, officer=by))
    return case


@transaction.atomic
def refuse(filing: Filing, *, by: User, at: datetime, note: str) -> Filing:
    """Refuse registration in writing (NDA35 art. 22); the register is not touched.

    The letter names every rule that stands against the application beside the written ground.

    Raises:
        RulesBrokenError: the officer belongs to an applicant.
        CaseStateError: the case is elsewhere.
        NoteMissingError: no ground is given.
    """
    case = lock_case(filing.pk)
    require_step(case, Action.REFUSE, by=by)
    against = standing_against(case, by=by, at=at)
    take_step(case, Action.REFUSE, by=by, at=at, note=note, against=against)
    require(IMPARTIALITY_RULES, standing_facts(case, officer=by))
    return case


def _lock_for_review(filing: Filing, *, by: User) -> Filing:
    """Lock the case for an examiner's finding, and keep that they took part in it."""
    case = lock_case(filing.pk)
    require_role(by, Role.EXAMINER)
    if not in_review(case):
        raise CaseStateError(case.get_state_display())
    require(REVIEW_RULES, standing_facts(case, officer=by))
    take_part(case, Part.EXAMINED, by=by)
    return case


def _require_all(
    rules: tuple[Rule[CaseFacts], ...], case: Filing, officer: User, at: datetime
) -> None:
    found = (
        *broken(rules, case_facts(case, officer=officer, at=at)),
        *refusals(case, at=at),
    )
    if found:
        raise RulesBrokenError(found)

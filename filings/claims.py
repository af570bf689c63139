"""What an applicant claims in a draft: rights with their holders, sources, and who is responsible.

Entry points: `claim_rights`, `name_responsible`, `name_participants`, `add_source`, `drop_source`.
Each holds the case's lock, and changes nothing once the case has left the applicant's hands.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.db import transaction

from accounts.models import User
from filings.cases import lock_case, take_part
from filings.models import (
    ClaimedResponsibility,
    ClaimedRight,
    ClaimedShare,
    ClaimedSource,
    Filing,
    FusionParticipant,
    Paper,
    Part,
)
from filings.submission import require_editable
from registry.kinds import Stage
from registry.models import Party
from rights.kinds import RightKind


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenClaim:
    """One right as an applicant writes it down."""

    kind: RightKind
    term_months: int
    limits: str
    holders: Sequence[tuple[Party, Fraction]]


@transaction.atomic
def claim_rights(filing: Filing, claims: Collection[WrittenClaim], *, by: User) -> None:
    """Put these claims in place of those that the draft has.

    Raises:
        PermissionDenied: ``by`` is neither a registrar nor an enterprise's user.
        CaseStateError: the case is no longer in the applicant's hands.
    """
    case = _draft(filing, by)
    case.claims.all().delete()
    for claim in claims:
        right = ClaimedRight.objects.create(
            filing=case, kind=claim.kind, term_months=claim.term_months, limits=claim.limits
        )
        ClaimedShare.objects.bulk_create(
            ClaimedShare(
                right=right,
                party=party,
                numerator=share.numerator,
                denominator=share.denominator,
            )
            for party, share in claim.holders
        )


@transaction.atomic
def name_responsible(filing: Filing, responsible: Mapping[Stage, Party], *, by: User) -> None:
    """Put these in place of those whom the draft names for each stage.

    Raises:
        PermissionDenied: ``by`` is neither a registrar nor an enterprise's user.
        CaseStateError: the case is no longer in the applicant's hands.
    """
    case = _draft(filing, by)
    case.responsibilities.all().delete()
    ClaimedResponsibility.objects.bulk_create(
        ClaimedResponsibility(filing=case, stage=stage, party=party)
        for stage, party in responsible.items()
    )


@transaction.atomic
def name_participants(
    filing: Filing, participants: Mapping[Party, Paper | None], *, by: User
) -> None:
    """Put these in place of the other parties to a fusion, each with the paper of its consent.

    Raises:
        PermissionDenied: ``by`` is neither a registrar nor an enterprise's user.
        CaseStateError: the case is no longer in the applicant's hands.
    """
    case = _draft(filing, by)
    case.participants.all().delete()
    FusionParticipant.objects.bulk_create(
        FusionParticipant(filing=case, party=party, consent=consent)
        for party, consent in participants.items()
    )


@transaction.atomic
def add_source(source: ClaimedSource, *, by: User) -> None:
    """Save a source that names its draft.

    Raises:
        PermissionDenied: ``by`` is neither a registrar nor an enterprise's user.
        CaseStateError: the case is no longer in the applicant's hands.
    """
    _draft(source.filing, by)
    source.save()


@transaction.atomic
def drop_source(source: ClaimedSource, *, by: User) -> None:
    """Take a source back.

    Raises:
        PermissionDenied: ``by`` is neither a registrar nor an enterprise's user.
        CaseStateError: the case is no longer in the applicant's hands.
    """
    _draft(source.filing, by)
    source.delete()


def _draft(filing: Filing, by: User) -> Filing:
    case = require_editable(lock_case(filing.pk), by=by)
    take_part(case, Part.FILED, by=by)
    return case

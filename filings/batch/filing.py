"""Taking workbooks in, and filing them beside the pages.

Entry points: `take_in`, `settle_waiting`. A worker checks row by row and says how far it is; if
nothing is found, all rows are filed in one transaction.
"""

import logging
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from accounts.permissions import allow_all
from accounts.roles import Role, require_role
from filings.batch.checking import Draft, check
from filings.batch.workbook import WorkbookRefusedError, read
from filings.clocks import day_of
from filings.messages import VIEW
from filings.models import (
    Batch,
    BatchState,
    ClaimedResponsibility,
    ClaimedRight,
    ClaimedShare,
    Filing,
    Part,
    Participation,
)
from filings.profiles import offered
from filings.submission import filing_numbers
from primitives.clock import now_utc
from registry import search
from registry.kinds import Stage
from registry.models import Named

MOST_FINDINGS = 1_000
"""How many are kept; a workbook with more is corrected in rounds."""
ABANDONED = timedelta(minutes=2)
"""Without progress for so long, its worker has died, and another begins again."""

logger = logging.getLogger(__name__)


def take_in(content: bytes, file_name: str, *, language: str, by: User, at: datetime) -> Batch:
    """Keep a workbook to be checked and filed.

    Raises:
        PermissionDenied: ``by`` is no registrar.
    """
    require_role(by, Role.REGISTRAR)
    return Batch.objects.create(
        content=content,
        file_name=file_name[:200],
        language=language,
        uploaded_by=by,
        uploaded_at=at,
    )


def settle_waiting(*, at: datetime) -> list[Batch]:
    """Check and file every workbook that waits; return them.

    One of which a worker died half way has left nothing, and is begun again.
    """
    settled = []
    waiting = Q(state=BatchState.WAITING) | Q(
        state=BatchState.CHECKING, touched_at__lt=at - ABANDONED
    )
    for key in list(Batch.objects.filter(waiting).order_by("pk").values_list("pk", flat=True)):
        mine = Batch.objects.filter(waiting, pk=key)
        if mine.update(state=BatchState.CHECKING, touched_at=at, done=0):
            settled.append(_settle(Batch.objects.get(pk=key)))
    return settled


def _settle(batch: Batch) -> Batch:
    def progress(done: int) -> None:
        Batch.objects.filter(pk=batch.pk).update(done=done, touched_at=now_utc())

    with translation.override(batch.language):
        try:
            sheet = read(bytes(batch.content))
            Batch.objects.filter(pk=batch.pk).update(rows=len(sheet.lines))
            checked = check(sheet, progress)
        except WorkbookRefusedError as error:
            return _end(batch, BatchState.REFUSED, refusal=str(error))
    if checked.findings:
        findings = [asdict(finding) for finding in checked.findings[:MOST_FINDINGS]]
        return _end(batch, BatchState.FAULTY, findings=findings)
    try:
        with transaction.atomic():
            file_all(checked.drafts, batch=batch, at=now_utc())
            return _end(batch, BatchState.FILED)
    except (PermissionDenied, WorkbookRefusedError) as error:
        with translation.override(batch.language):
            return _end(batch, BatchState.REFUSED, refusal=str(error))


@transaction.atomic
def file_all(drafts: Sequence[Draft], *, batch: Batch, at: datetime) -> list[Filing]:
    """Number and save the drafts as their registrar's, as `submission.create_filing` does one.

    Raises:
        PermissionDenied: whoever uploaded the workbook is no registrar any more.
        WorkbookRefusedError: no rule profile is in force.
    """
    by = batch.uploaded_by
    require_role(by, Role.REGISTRAR)
    usual = offered(day_of(at))
    if not usual:
        raise WorkbookRefusedError(_("No rule profile is in force today."))
    accounts = _accounts(drafts)
    for draft, number in zip(drafts, filing_numbers(len(drafts), at=at), strict=True):
        filing = draft.filing
        filing.number, filing.filed_by, filing.created_at = number, by, at
        filing.profile, filing.profile_version = usual[0].name, usual[0].version
        filing.batch = batch
        filing.organisation = accounts.get(draft.applicants[0].identifier)
    filings = Filing.objects.bulk_create([draft.filing for draft in drafts])
    through = Filing.applicants.through
    through.objects.bulk_create(
        through(filing_id=draft.filing.pk, party_id=party.pk)
        for draft in drafts
        for party in draft.applicants
    )
    Participation.objects.bulk_create(
        Participation(filing=filing, person=by, part=Part.FILED) for filing in filings
    )
    ClaimedResponsibility.objects.bulk_create(
        ClaimedResponsibility(filing=draft.filing, stage=stage, party=draft.applicants[0])
        for draft in drafts
        if len(draft.applicants) == 1
        for stage in Stage
    )
    _claim(drafts)
    search.write_new(Named.FILING, [(filing.pk, filing.name) for filing in filings])
    for account in accounts.values():
        theirs = [filing for filing in filings if filing.organisation_id == account.pk]
        allow_all(account.group, VIEW, theirs)
    return filings


def _accounts(drafts: Sequence[Draft]) -> dict[str, Organisation]:
    """Return the accounts of the first applicants by their codes: they follow the cases."""
    codes = {draft.applicants[0].identifier for draft in drafts}
    found = Organisation.objects.filter(uscc__in=codes).select_related("group")
    return {account.uscc: account for account in found}


def _claim(drafts: Sequence[Draft]) -> None:
    claims = [(draft, claim) for draft in drafts for claim in draft.claims]
    rights = ClaimedRight.objects.bulk_create(
        ClaimedRight(
            filing=draft.filing,
            kind=claim.kind,
            term_months=claim.term_months,
            limits=claim.limits,
        )
        for draft, claim in claims
    )
    ClaimedShare.objects.bulk_create(
        ClaimedShare(
            right=right,
            party=party,
            numerator=share.numerator,
            denominator=share.denominator,
        )
        for right, (_draft, claim) in zip(rights, claims, strict=True)
        for party, share in claim.holders
    )


def _end(
    batch: Batch,
    state: BatchState,
    *,
    findings: Sequence[dict[str, object]] = (),
    refusal: str = "",
) -> Batch:
    batch.refresh_from_db()
    batch.state, batch.findings, batch.refusal = state, list(findings), refusal
    batch.settled_at = now_utc()
    batch.save(update_fields=["state", "findings", "refusal", "settled_at"])
    return batch

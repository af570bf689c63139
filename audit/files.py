"""Stored files held against their digests: the papers that entries cite, and the certificates."""

from collections.abc import Callable, Iterator

from django.db.models import QuerySet

from audit.findings import Finding, FindingKind
from certificates.models import Certificate, CertificateState
from certificates.queries import CertificateMissingError, read_certificate
from registry.instruments import is_intact
from registry.models import Instrument
from registry.replay import ModelT, each_row


def check_files() -> Iterator[Finding]:
    """Yield a finding for each file that is gone or no longer has its digest."""
    issued = Certificate.objects.filter(state=CertificateState.ISSUED)
    yield from _damaged(Instrument.objects.select_related("erasure"), _is_kept)
    yield from _damaged(issued, _is_readable)


def _damaged(rows: QuerySet[ModelT], check: Callable[[ModelT], bool]) -> Iterator[Finding]:
    for pk, result in each_row(rows, check):
        if result is not True:
            yield Finding(
                kind=FindingKind.FILE_DAMAGED,
                table=rows.model._meta.db_table,  # noqa: SLF001 # Django's public model API
                pk=str(pk),
                column="sha256",
                detail="its file is gone or was changed" if result is False else repr(result),
            )


def _is_kept(instrument: Instrument) -> bool:
    return instrument.is_erased or is_intact(instrument)


def _is_readable(certificate: Certificate) -> bool:
    try:
        read_certificate(certificate)
    except CertificateMissingError:
        return False
    return True

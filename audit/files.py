"""Stored files held against their digests: the papers that entries cite, and the certificates."""

from collections.abc import Iterator

from audit.findings import Finding, FindingKind
from certificates.models import Certificate, CertificateState
from certificates.queries import CertificateMissingError, read_certificate
from registry.instruments import is_intact
from registry.models import Instrument


def check_files() -> Iterator[Finding]:
    """Yield a finding for each file that is gone or no longer has its digest."""
    for instrument in Instrument.objects.order_by("pk").iterator():
        if not is_intact(instrument):
            yield Finding(
                kind=FindingKind.FILE_DAMAGED,
                table="registry_instrument",
                pk=str(instrument.pk),
                column="sha256",
                detail=f"the file of {instrument.reference} is gone or was changed",
            )
    for certificate in Certificate.objects.filter(state=CertificateState.ISSUED).order_by("pk"):
        try:
            read_certificate(certificate)
        except CertificateMissingError:
            yield Finding(
                kind=FindingKind.FILE_DAMAGED,
                table="certificates_certificate",
                pk=str(certificate.pk),
                column="sha256",
                detail=f"the file of {certificate.number} is gone or was changed",
            )

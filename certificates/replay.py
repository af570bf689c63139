"""Certificates as a fold of the ledger, and as their table has them; the two must be equal."""

from collections.abc import Iterator, Mapping
from typing import Any

from certificates.entries import CERTIFICATE_ISSUED, certificate_json
from certificates.models import Certificate, CertificateState
from registry.replay import Facts, Key


def apply(facts: Facts, entry: Mapping[str, Any]) -> None:
    """Fold one parsed entry into the facts; kinds of other rooms are left alone."""
    if entry["kind"] == CERTIFICATE_ISSUED:
        number = entry["payload"]["certificate"]
        facts["certificates_certificate", number] = entry["payload"]


def stored_facts() -> Iterator[tuple[Key, str, dict[str, Any]]]:
    """Yield (key, primary key, fact) for every issued certificate."""
    issued = Certificate.objects.filter(state=CertificateState.ISSUED).select_related("asset")
    for certificate in issued.order_by("pk").iterator():
        fact = dict(certificate_json(certificate))
        yield ("certificates_certificate", certificate.number), str(certificate.pk), fact

"""Certificates as a fold of the ledger, and as their table has them; the two must be equal."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from certificates.entries import CERTIFICATE_ISSUED, certificate_json
from certificates.models import Certificate, CertificateState
from ledger.entries import stored_bytes
from primitives.canonical_json import instant_text
from registry.replay import Facts, StoredFact, stored_rows


def apply(facts: Facts, entry: Mapping[str, Any]) -> None:
    """Fold one parsed entry into the facts; kinds of other rooms are left alone."""
    if entry["kind"] == CERTIFICATE_ISSUED:
        number = entry["payload"]["certificate"]
        facts["certificates_certificate", number] = {
            **entry["payload"],
            "issued_at": entry["recorded_at"],
        }


def stored_facts(since: int = 0) -> Iterator[StoredFact]:
    """Yield the fact of every issued certificate; with ``since``, of entries from that leaf on."""
    issued = Certificate.objects.filter(state=CertificateState.ISSUED)
    return stored_rows(issued.select_related("asset", "registration"), _fact, since=since)


def _fact(certificate: Certificate) -> tuple[str, dict[str, Any]]:
    if certificate.issued_at is None:
        raise ValueError("an issued certificate has no instant of issue")
    return certificate.number, {
        **certificate_json(certificate),
        "issued_at": instant_text(certificate.issued_at),
        **_not_as_stated(certificate),
    }


def _not_as_stated(certificate: Certificate) -> dict[str, str]:
    """Return the columns that contradict the statement, whose digest the ledger has."""
    statement = json.loads(stored_bytes(certificate.statement))
    stated = {
        "check_code": statement["check_code"],
        "registration": statement["ledger"]["leaf_hash"],
    }
    stored = {
        "check_code": certificate.check_code,
        "registration": stored_bytes(certificate.registration.leaf_hash).hex(),
    }
    return {column: value for column, value in stored.items() if value != stated[column]}

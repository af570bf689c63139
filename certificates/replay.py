"""Certificates and documents as a fold of the ledger and as their tables have them: both equal."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from certificates.entries import (
    CERTIFICATE_ISSUED,
    CERTIFICATE_STATUS,
    DOCUMENT_ISSUED,
    FILE_RENEWED,
    STATUS_LISTED,
    certificate_json,
    document_json,
    event_json,
    renewal_json,
    status_list_json,
)
from certificates.models import (
    ArchivalFile,
    Certificate,
    CertificateEvent,
    CertificateState,
    Document,
    StatusList,
)
from certificates.queries import archival_files
from ledger.entries import stored_bytes
from primitives.canonical_json import instant_text
from registry.replay import Facts, StoredFact, stored_rows


def apply(facts: Facts, entry: Mapping[str, Any]) -> None:
    """Fold one parsed entry into the facts; kinds of other rooms are left alone."""
    payload = entry["payload"]
    if entry["kind"] == CERTIFICATE_ISSUED:
        facts["certificates_certificate", payload["certificate"]] = {
            **payload,
            "issued_at": entry["recorded_at"],
        }
    elif entry["kind"] == FILE_RENEWED:
        facts["certificates_archivalfile", payload["sha256"]] = {
            **payload,
            "renewed_at": entry["recorded_at"],
        }
    elif entry["kind"] == DOCUMENT_ISSUED:
        facts["certificates_document", payload["document"]] = {
            **payload,
            "issued_at": entry["recorded_at"],
        }
    elif entry["kind"] == CERTIFICATE_STATUS:
        facts["certificates_certificateevent", _event_name(payload)] = dict(payload)
    elif entry["kind"] == STATUS_LISTED:
        facts["certificates_statuslist", payload["sha256"]] = dict(payload)


def stored_facts(since: int = 0) -> Iterator[StoredFact]:
    """Yield the fact of every issued file, event and status list.

    With ``since``, of entries from that leaf on.
    """
    issued = Certificate.objects.filter(state=CertificateState.ISSUED)
    yield from stored_rows(issued.select_related("asset", "registration"), _fact, since=since)
    documents = Document.objects.filter(state=CertificateState.ISSUED)
    yield from stored_rows(documents, _document_fact, since=since)
    events = CertificateEvent.objects.select_related("certificate", "document", "successor")
    yield from stored_rows(events, _event_fact, since=since)
    yield from stored_rows(StatusList.objects.all(), _list_fact, since=since)
    yield from stored_rows(archival_files(), _archival_fact, since=since)


def _fact(certificate: Certificate) -> tuple[str, dict[str, Any]]:
    if certificate.issued_at is None:
        raise ValueError("an issued certificate has no instant of issue")
    return certificate.number, {
        **certificate_json(certificate),
        "issued_at": instant_text(certificate.issued_at),
        **_not_as_stated(certificate),
    }


def _document_fact(document: Document) -> tuple[str, dict[str, Any]]:
    if document.issued_at is None:
        raise ValueError("an issued document has no instant of issue")
    stated = json.loads(stored_bytes(document.statement))
    differs = document.check_code != stated["check_code"]
    return document.number, {
        **document_json(document),
        "issued_at": instant_text(document.issued_at),
        **({"check_code": document.check_code} if differs else {}),
    }


def _event_fact(event: CertificateEvent) -> tuple[str, dict[str, Any]]:
    fact = dict(event_json(event))
    return _event_name(fact), fact


def _event_name(fact: Mapping[str, Any]) -> str:
    return f"{fact['certificate']} event {fact['number']}"


def _list_fact(status_list: StatusList) -> tuple[str, dict[str, Any]]:
    fact = dict(status_list_json(status_list))
    return str(fact["sha256"]), fact


def _archival_fact(archival: ArchivalFile) -> tuple[str, dict[str, Any]]:
    renewed_at = instant_text(archival.renewed_at)
    return archival.sha256, {**renewal_json(archival), "renewed_at": renewed_at}


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

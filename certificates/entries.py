"""Certificates as they stand in ledger entries. A published shape is never edited."""

import hashlib

from certificates.models import (
    ArchivalFile,
    Certificate,
    CertificateEvent,
    Document,
    StatusList,
)
from ledger.entries import stored_bytes
from primitives.canonical_json import JsonObject, instant_text

CERTIFICATE_ISSUED = "certificate.issued/1"
DOCUMENT_ISSUED = "document.issued/1"
CERTIFICATE_STATUS = "certificate.status/1"
STATUS_LISTED = "status.list/1"
STATUS_LIST_KEY = "status-list"
FILE_RENEWED = "file.renewed/1"


def certificate_key(number: str) -> str:
    """Return the ledger key of a certificate."""
    return f"certificate:{number}"


def certificate_json(certificate: Certificate) -> JsonObject:
    """Return what the ledger keeps of a sealed file: its digests and its statement's digest."""
    return {
        "certificate": certificate.number,
        "asset": certificate.asset.number,
        "sha256": certificate.sha256,
        "sm3": certificate.sm3,
        "size_bytes": certificate.size_bytes,
        "statement_sha256": hashlib.sha256(bytes(certificate.statement)).hexdigest(),
    }


def document_key(number: str) -> str:
    """Return the ledger key of a document."""
    return f"document:{number}"


def document_json(document: Document) -> JsonObject:
    """Return what the ledger keeps of a sealed document; what was asked for may be secret."""
    return {
        "document": document.number,
        "kind": document.kind,
        "sha256": document.sha256,
        "sm3": document.sm3,
        "size_bytes": document.size_bytes,
        "statement_sha256": hashlib.sha256(bytes(document.statement)).hexdigest(),
    }


def event_json(event: CertificateEvent) -> JsonObject:
    """Return what the ledger keeps of an event; who decided it is in the envelope."""
    return {
        "certificate": event.issued.number,
        "number": event.number,
        "event": event.kind,
        "ground": event.ground,
        "words": event.words,
        "successor": event.successor.number if event.successor else "",
        "effective_at": instant_text(event.effective_at),
    }


def status_list_json(status_list: StatusList) -> JsonObject:
    """Return what the ledger keeps of a list of statuses: what pins it, and what it speaks of."""
    content = stored_bytes(status_list.content)
    return {
        "sha256": hashlib.sha256(content).hexdigest(),
        "size_bytes": len(content),
        "tree_size": status_list.tree_size,
    }


def renewal_json(archival: ArchivalFile) -> JsonObject:
    """Return what the ledger keeps of a file under a further time-stamp, and of the issued one."""
    issued = archival.issued
    if issued.issued_at is None:
        raise ValueError(f"{issued} is not issued")
    if isinstance(issued, Certificate):
        kind, entered = CERTIFICATE_ISSUED, certificate_json(issued)
    else:
        kind, entered = DOCUMENT_ISSUED, document_json(issued)
    return {
        "kind": kind,
        "issued": entered,
        "issued_at": instant_text(issued.issued_at),
        "sha256": archival.sha256,
        "sm3": archival.sm3,
        "size_bytes": archival.size_bytes,
    }

"""What certificates and documents have in common on their way: a number, a named file, an entry.

Entry points: `next_certificate_number`, `name_file`, `take_up`, `enter_file`. Each is repeatable
after a crash. A row names the digest of a file before the store has the file, and the file is
stored under the lock of its row: whatever lies in the store, a row tells what it is.
"""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from django.conf import settings
from django.db import transaction

from certificates.models import Certificate, CertificateState, Document, SealedFile
from certificates.queries import CertificateMissingError, certificate_path, read_certificate
from ledger.acts import Act, open_act
from primitives.canonical_json import JsonObject
from primitives.clock import CHINA
from primitives.digests import digest_bytes
from primitives.durable_files import discard, replace_durably
from primitives.identifiers import certificate_number
from registry.numbers import next_number

ISSUER = "U-ISSUANCE"
"""Who acts when no person does: the issuing pipeline, in the ledger's ``actor`` and ``officer``."""

FileT = TypeVar("FileT", Certificate, Document)


def next_certificate_number(at: datetime) -> str:
    """Take the next number of the month (NDA35 Annex 6), inside a transaction.

    Raises:
        ValueError: the month's numbers are used up.
    """
    local = at.astimezone(CHINA)
    return certificate_number(
        region=settings.REGISTRAR_REGION,
        registrar=settings.REGISTRAR_DIGIT,
        year=local.year,
        month=local.month,
        serial=next_number(f"certificate:{local:%Y%m}"),
    )


def name_file(row: Certificate | Document, pdf: bytes, statement: bytes) -> None:
    """Let the row say SEALED with the digests of a sealed file, which is stored as it is entered.

    If another issuer was faster, its file stands; ours is neither stored nor entered.
    """
    digests = digest_bytes(pdf)
    numbered = type(row)._default_manager.filter(pk=row.pk, state=CertificateState.NUMBERED)  # noqa: SLF001 # Django's public model API
    numbered.update(
        statement=statement,
        sha256=digests.sha256,
        sm3=digests.sm3,
        size_bytes=digests.size_bytes,
        state=CertificateState.SEALED,
    )
    row.refresh_from_db()


def take_up(row: FileT) -> bytes:
    """Return the file of an earlier try; without one the row says NUMBERED (again)."""
    if row.state != CertificateState.SEALED:
        return b""
    with transaction.atomic():
        locked = _locked(row)
        pdf = _stored(locked)
        if locked.state == CertificateState.SEALED and not pdf:
            # The try ended before the store had it, or the disk gave out.
            discard(certificate_path(locked.sha256))
            locked.state, locked.sha256 = CertificateState.NUMBERED, ""
            locked.save(update_fields=["state", "sha256"])
    row.refresh_from_db()
    return pdf


def _stored(row: SealedFile) -> bytes:
    try:
        return read_certificate(row)
    except CertificateMissingError:
        return b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entering(Generic[FileT]):
    """How a file is entered.

    Attributes:
        key: the ledger key of the file.
        locks: further keys that ``then`` writes under.
        then: what else the act does, once the file is issued.
    """

    key: str
    kind: str
    payload: Callable[[FileT], JsonObject]
    locks: Collection[str] = ()
    then: Callable[[Act, FileT], None] | None = None


def enter_file(row: FileT, pdf: bytes, entering: Entering[FileT], *, at: datetime) -> bool:
    """Store a named file and enter its digests; from this commit on it is issued.

    Returns:
        False if another issuer was faster.
    """
    keys = [entering.key, *entering.locks]
    sha256 = hashlib.sha256(pdf).hexdigest()
    with open_act(recorded_at=at, actor=ISSUER, officer=ISSUER, keys=keys) as act:
        locked = _locked(row)
        is_ours = locked.state == CertificateState.SEALED and locked.sha256 == sha256
        if is_ours:
            # Written again if an earlier try did: nobody knows whether that reached the disk.
            replace_durably(certificate_path(sha256), pdf)
            locked.entry = act.record(
                kind=entering.kind, keys=[entering.key], payload=entering.payload(locked)
            )
            locked.issued_at = act.recorded_at
            locked.state = CertificateState.ISSUED
            locked.save(update_fields=["entry", "issued_at", "state"])
            if entering.then:
                entering.then(act, locked)
    row.refresh_from_db()
    return is_ours


def _locked(row: FileT) -> FileT:
    return type(row)._default_manager.select_for_update().get(pk=row.pk)  # noqa: SLF001 # Django's public model API

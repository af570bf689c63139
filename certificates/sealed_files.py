"""What certificates and documents have in common on their way: a number, a stored file, an entry.

Entry points: `next_certificate_number`, `keep`, `enter_file`. Each is repeatable after a crash: the
file of a try that was never entered never counts.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from django.conf import settings

from certificates.models import Certificate, CertificateState, Document
from certificates.queries import certificate_path
from ledger.acts import Act, open_act
from primitives.canonical_json import JsonObject
from primitives.clock import CHINA
from primitives.digests import digest_bytes
from primitives.durable_files import write_durably
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


def keep(row: Certificate | Document, pdf: bytes, statement: bytes) -> None:
    """Store a sealed file; the row then says SEALED with its digests.

    If another issuer was faster, its file stands and ours is never entered.
    """
    digests = digest_bytes(pdf)
    write_durably(certificate_path(digests.sha256), pdf)
    numbered = type(row)._default_manager.filter(pk=row.pk, state=CertificateState.NUMBERED)  # noqa: SLF001 # Django's public model API
    numbered.update(
        statement=statement,
        sha256=digests.sha256,
        sm3=digests.sm3,
        size_bytes=digests.size_bytes,
        state=CertificateState.SEALED,
    )
    row.refresh_from_db()


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


def enter_file(row: FileT, entering: Entering[FileT], *, at: datetime) -> bool:
    """Enter a stored file's digests in the ledger; from this commit on it is issued.

    Returns:
        False if another issuer was faster.
    """
    keys = [entering.key, *entering.locks]
    with open_act(recorded_at=at, actor=ISSUER, officer=ISSUER, keys=keys) as act:
        locked = type(row)._default_manager.select_for_update().get(pk=row.pk)  # noqa: SLF001 # Django's public model API
        is_ours = locked.state == CertificateState.SEALED
        if is_ours:
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

"""Reads of certificates: the file, its proof, and looking one up by number and code."""

import hashlib
import secrets
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import objects_for
from certificates.models import (
    ArchivalFile,
    Certificate,
    CertificateEvent,
    CertificateState,
    Document,
    DocumentKind,
    Issued,
    SealedFile,
    named,
)
from ledger.keys import log_verifier_key as log_key
from ledger.keys import log_verifier_keys as log_keys
from ledger.proofs import prove_entry
from ledger.recovery import predecessors
from primitives.identifiers import normalise_check_code
from registry.models import DataAsset

FileT = TypeVar("FileT", Certificate, Document)


class CertificateMissingError(Exception):
    """The sealed file is gone from the store or was changed."""


def certificate_path(sha256: str) -> Path:
    """Return where the sealed file with this digest is kept."""
    return Path(settings.CERTIFICATE_DIR) / sha256[:2] / f"{sha256}.pdf"


def read_certificate(certificate: SealedFile) -> bytes:
    """Return the sealed file of a certificate or a document.

    Raises:
        CertificateMissingError: it is gone from the store or was changed.
    """
    return _read(certificate.sha256, str(certificate))


def _read(sha256: str, name: str) -> bytes:
    try:
        content = certificate_path(sha256).read_bytes()
    except OSError:
        content = b""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise CertificateMissingError(
            _("The file of certificate %(number)s is missing from the store or was changed.")
            % {"number": name}
        )
    return content


def read_file(file: ArchivalFile) -> bytes:
    """Return an archival file.

    Raises:
        CertificateMissingError: it is gone from the store or was changed.
    """
    return _read(file.sha256, str(file))


def archival_files() -> QuerySet[ArchivalFile]:
    """Return the archival files that are entered."""
    files = ArchivalFile.objects.filter(entry__isnull=False)
    return files.select_related("entry", "certificate__asset", "document")


def latest_archival(issued: Certificate | Document) -> ArchivalFile | None:
    """Return the file under the latest further time-stamp, or None."""
    entered = issued.archival_files.filter(entry__isnull=False)
    return entered.select_related("entry").order_by("pk").last()


def archival_by_digest(sha256: str) -> ArchivalFile | None:
    """Return the archival file with this digest, or None."""
    return archival_files().filter(sha256=sha256.lower()).first()


def with_renewal(issued: QuerySet[FileT]) -> QuerySet[FileT]:
    """Return the files with ``renewed_at``: when each was last renewed, or None."""
    entered = Q(archival_files__entry__isnull=False)
    return issued.annotate(renewed_at=Max("archival_files__renewed_at", filter=entered))


def last_stamped_before(issued: QuerySet[FileT], at: datetime) -> QuerySet[FileT]:
    """Return those of the issued files whose last time-stamp is older than ``at``."""
    stamped = with_renewal(issued).annotate(stamped_at=Coalesce("renewed_at", "issued_at"))
    return stamped.filter(stamped_at__lt=at)


def proof_text(certificate: Certificate | Document | ArchivalFile) -> str:
    """Return the ``.tlog-proof`` that the file's digest is in the log.

    Raises:
        NotPublishedError: no signed checkpoint covers it yet.
    """
    if certificate.entry is None:
        raise ValueError(f"{certificate} is not issued")
    return prove_entry(certificate.entry).format()


def issued_certificates() -> QuerySet[Certificate]:
    """Return the certificates that are issued, newest first."""
    return (
        Certificate.objects.filter(state=CertificateState.ISSUED)
        .select_related("asset", "entry", "registration")
        .order_by("-pk")
    )


def events_of(certificate: Issued) -> QuerySet[CertificateEvent]:
    """Return what was decided about a certificate since it was issued, first things first."""
    return CertificateEvent.objects.filter(**named(certificate)).order_by("number")


def later_certificates() -> QuerySet[Document]:
    """Return the certificates after a change that are issued, newest first."""
    return issued_documents().filter(kind=DocumentKind.TITLE)


def certificate_numbered(number: str) -> Issued | None:
    """Return the issued certificate with this number, also one after a change; or None."""
    first = issued_certificates().filter(number=number).first()
    return first or later_certificates().filter(number=number).first()


def certificates_of(user: User) -> QuerySet[Certificate]:
    """Return the certificates of the assets that an enterprise's user may see."""
    assets = objects_for(user, "registry.view_dataasset", DataAsset.objects.all())
    return with_renewal(issued_certificates().filter(asset__in=assets))


def issued_documents() -> QuerySet[Document]:
    """Return the documents that are issued, newest first."""
    documents = Document.objects.filter(state=CertificateState.ISSUED)
    return documents.select_related("asset", "party", "entry").order_by("-pk")


def documents_of(user: User) -> QuerySet[Document]:
    """Return the documents that an enterprise's user ordered, or that are about its assets.

    Those on their way are among them; newest first.
    """
    assets = objects_for(user, "registry.view_dataasset", DataAsset.objects.all())
    follows_an_act = Q(cause__isnull=False, asset__in=assets)
    organisations = user.organisations.values("members")
    ordered = Q(ordered_by=user) | Q(ordered_by__in=organisations)
    documents = with_renewal(Document.objects.filter(follows_an_act | ordered))
    return documents.select_related("asset", "party", "entry").order_by("-pk")


def find_certificate(number: str, check_code: str) -> Certificate | None:
    """Return the issued certificate with this number and code; None if either is wrong."""
    return _with_code(issued_certificates(), number, check_code)


def find_document(number: str, check_code: str) -> Document | None:
    """Return the issued document with this number and code; None if either is wrong."""
    return _with_code(issued_documents(), number, check_code)


def find_issued(number: str, check_code: str) -> Certificate | Document | None:
    """Return the certificate or document with this number and code; None if either is wrong.

    Both are always asked for, so that nothing can be told from how long the answer takes.
    """
    certificate = find_certificate(number, check_code)
    document = find_document(number, check_code)
    return certificate or document


def _with_code(issued: QuerySet[FileT], number: str, check_code: str) -> FileT | None:
    found = issued.filter(number=number.strip().upper()).first()
    # Compared in any case, so that a wrong number takes as long as a wrong code.
    expected = found.check_code if found else "0000-0000-0000-0000"
    given = normalise_check_code(check_code[:40])
    return found if secrets.compare_digest(expected.encode(), given.encode()) else None


def find_by_digest(sha256: str) -> Certificate | None:
    """Return the issued certificate whose file has this digest, or None."""
    return issued_certificates().filter(sha256=sha256.lower()).first()


def find_document_by_digest(sha256: str) -> Document | None:
    """Return the issued document whose file has this digest, or None."""
    return issued_documents().filter(sha256=sha256.lower()).first()


def log_verifier_key() -> str:
    """Return the log's verifier key as one line."""
    return str(log_key())


def log_verifier_keys() -> str:
    """Return every key that signed a checkpoint here, one a line: ours, then the predecessors'."""
    keys = [*log_keys(), *(log.key for log in predecessors())]
    return "".join(f"{key}\n" for key in keys)

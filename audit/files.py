"""Stored files held against their digests: papers that entries cite, certificates, documents."""

from collections.abc import Callable, Iterator

from django.db.models import QuerySet

from audit.findings import Finding, FindingKind
from certificates.detached import is_kept
from certificates.models import (
    ArchivalFile,
    Certificate,
    CertificateState,
    Document,
    SealedFile,
)
from certificates.queries import (
    CertificateMissingError,
    archival_files,
    read_certificate,
    read_file,
)
from primitives.progress import SILENT, Progress
from registry.instruments import is_intact
from registry.models import Instrument
from registry.replay import ModelT, each_row, written_since


def check_files(since: int = 0, progress: Progress = SILENT) -> Iterator[Finding]:
    """Yield a finding for each file that is gone or no longer has its digest.

    With ``since``, of the sealed files that entries from that leaf on issued, and of papers stored
    in cases that such an entry decided or that are undecided.
    """
    issued = Certificate.objects.filter(state=CertificateState.ISSUED)
    documents = Document.objects.filter(state=CertificateState.ISSUED)
    papers = Instrument.objects.select_related("erasure")
    if since:
        issued = issued.filter(written_since("entry", since))
        documents = documents.filter(written_since("entry", since))
        papers = papers.exclude(paper__filing__asset__entry__leaf__index__lt=since)
    archival = archival_files()
    if since:
        archival = archival.filter(written_since("entry", since))
    sealed = (issued, documents)
    signed = [files.exclude(p7s_sha256="") for files in sealed]
    progress.stage("files", sum(rows.count() for rows in (papers, archival, *sealed, *signed)))
    yield from _damaged(papers, _is_kept, progress)
    yield from _damaged(archival, _is_archived, progress)
    for files in sealed:
        yield from _damaged(files, _is_readable, progress)
    for files in signed:
        yield from _damaged(files, is_kept, progress, column="p7s_sha256")


def _damaged(
    rows: QuerySet[ModelT],
    check: Callable[[ModelT], bool],
    progress: Progress,
    *,
    column: str = "sha256",
) -> Iterator[Finding]:
    for pk, result in each_row(rows, check):
        progress.advance()
        if result is not True:
            yield Finding(
                kind=FindingKind.FILE_DAMAGED,
                table=rows.model._meta.db_table,  # noqa: SLF001 # Django's public model API
                pk=str(pk),
                column=column,
                detail="its file is gone or was changed" if result is False else repr(result),
            )


def _is_kept(instrument: Instrument) -> bool:
    return instrument.is_erased or is_intact(instrument)


def _is_archived(file: ArchivalFile) -> bool:
    try:
        read_file(file)
    except CertificateMissingError:
        return False
    return True


def _is_readable(file: SealedFile) -> bool:
    try:
        read_certificate(file)
    except CertificateMissingError:
        return False
    return True

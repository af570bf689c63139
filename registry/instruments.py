"""Instruments: documents kept under their digest, checked when they come in and when they count.

Entry points: `store_instrument`, `read_instrument`, `damaged_instruments`.
"""

import logging
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from primitives.digests import CHUNK_BYTES, FileDigests, digest_chunks
from primitives.durable_files import move_durably
from primitives.identifiers import new_reference
from registry.models import Instrument
from registry.scanning import ScannerAwayError, scan

logger = logging.getLogger(__name__)

MAGIC = {
    "application/pdf": (b"%PDF-",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
}
"""Media types that are recognised by their first bytes; text is recognised by decoding it."""
TEXT_TYPES = {".txt": "text/plain", ".csv": "text/csv", ".json": "application/json"}


class InstrumentRefusedError(Exception):
    """A file that is not kept; the message says why and what to do."""


class InstrumentMissingError(Exception):
    """A stored file is gone or no longer has the digest under which it was taken in."""


def store_instrument(
    upload: UploadedFile[bytes], *, kind: str, title: str, stored_at: datetime
) -> Instrument:
    """Keep an uploaded file and return its instrument.

    Raises:
        InstrumentRefusedError: empty, too large, not a PDF, PNG, JPEG or UTF-8 text, or not found
            clean by the scanner.
    """
    size_bytes = upload.size or 0
    if size_bytes > settings.MAX_INSTRUMENT_BYTES:
        raise InstrumentRefusedError(
            _("The file has %(size)d MB; at most %(limit)d MB are taken. Split or compress it.")
            % {
                "size": size_bytes // 1024**2,
                "limit": settings.MAX_INSTRUMENT_BYTES // 1024**2,
            }
        )
    if not size_bytes:
        raise InstrumentRefusedError(_("The file is empty. Choose the right one."))
    media_type = _media_type(upload)
    if settings.SCANNER:
        _require_clean(upload)
    digests = _keep(upload.chunks(CHUNK_BYTES))
    return Instrument.objects.create(
        reference=new_reference("D"),
        kind=kind,
        title=title,
        file_name=Path(upload.name or "").name[:200],
        media_type=media_type,
        sha256=digests.sha256,
        sm3=digests.sm3,
        size_bytes=digests.size_bytes,
        stored_at=stored_at,
    )


def _require_clean(upload: UploadedFile[bytes]) -> None:
    try:
        found = scan(upload.chunks(CHUNK_BYTES))
    except ScannerAwayError as error:
        logger.exception("The scanner of papers gives no answer")
        raise InstrumentRefusedError(
            _("The file could not be checked for viruses at this moment. Try again in a while.")
        ) from error
    if found:
        raise InstrumentRefusedError(
            _("The virus scanner found %(found)s in the file. Hand in a clean copy.")
            % {"found": found}
        )


def instrument_path(sha256: str) -> Path:
    """Return where the file with this digest is kept."""
    return Path(settings.INSTRUMENT_DIR) / sha256[:2] / sha256


def read_instrument(instrument: Instrument) -> bytes:
    """Return the file as it was taken in.

    Raises:
        InstrumentMissingError: the file is gone or was changed.
    """
    if instrument.erasure_id:
        raise InstrumentMissingError(_("The file was erased."))
    if not is_intact(instrument):
        raise InstrumentMissingError(
            _("The file of “%(title)s” is missing from the store or was changed.")
            % {"title": instrument.title}
        )
    return instrument_path(instrument.sha256).read_bytes()


def is_intact(instrument: Instrument) -> bool:
    """Say whether the stored file is there and has both digests of the instrument."""
    try:
        with instrument_path(instrument.sha256).open("rb") as file:
            digests = digest_chunks(iter(lambda: file.read(CHUNK_BYTES), b""))
    except OSError:
        return False
    return (digests.sha256, digests.sm3) == (instrument.sha256, instrument.sm3)


def forget_file(instrument: Instrument) -> None:
    """Delete the stored file, unless another paper that is not erased is the same file."""
    same = Instrument.objects.filter(sha256=instrument.sha256, erasure__isnull=True)
    if not same.exclude(pk=instrument.pk).exists():
        instrument_path(instrument.sha256).unlink(missing_ok=True)


def damaged_instruments(instruments: Iterable[Instrument]) -> list[Instrument]:
    """Return those whose stored file is gone or was changed."""
    return [instrument for instrument in instruments if not is_intact(instrument)]


def _media_type(upload: UploadedFile[bytes]) -> str:
    upload.seek(0)
    start = upload.read(CHUNK_BYTES)
    upload.seek(0)
    for media_type, magics in MAGIC.items():
        if start.startswith(magics):
            return media_type
    suffix = Path(upload.name or "").suffix.lower()
    if suffix in TEXT_TYPES and _is_text(start):
        return TEXT_TYPES[suffix]
    raise InstrumentRefusedError(
        _("Only PDF, PNG and JPEG files and UTF-8 text (.txt, .csv, .json) are taken.")
    )


def _is_text(start: bytes) -> bool:
    if b"\0" in start:
        return False
    try:
        # The chunk may end inside a character of up to four bytes.
        start[:-3].decode() if len(start) == CHUNK_BYTES else start.decode()
    except UnicodeDecodeError:
        return False
    return True


def _keep(chunks: Iterable[bytes]) -> FileDigests:
    """Write the file under a temporary name and give it its final one when it is durable."""
    root = Path(settings.INSTRUMENT_DIR)
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=root, delete=False) as file:
        temporary = Path(file.name)
        try:
            digests = digest_chunks(_written(chunks, file.write))
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    move_durably(temporary, instrument_path(digests.sha256))
    return digests


def _written(chunks: Iterable[bytes], write: Callable[[bytes], int]) -> Iterator[bytes]:
    for chunk in chunks:
        write(chunk)
        yield chunk

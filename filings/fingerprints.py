"""By what data is found again although its name and its whole digest are others.

Entry points: `fields_in` and `parts_in` read a data file; `fingerprints_of` and `write` make what
is looked for; `sharing` looks for it. The names of the fields make one digest, in whatever order
and writing they come; each part of the data, such as a file of an archive, has its own.
"""

import codecs
import csv
import hashlib
import json
import re
import zipfile
from collections.abc import Iterable, Mapping
from typing import IO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from filings.likeness import bare
from filings.models import Filing, Fingerprint, Trait
from primitives.digests import CHUNK_BYTES

HEAD_BYTES = 1 << 16
"""How much of a file is read to find the names of its fields."""
MAX_FIELDS = 500
MAX_PARTS = 1_000
MAX_UNPACKED_BYTES = 256 << 20
"""Of an archive's files together, so that a small file cannot keep a worker busy."""
FEWEST_FIELDS = 3
"""Fewer names are the same in much data that has nothing in common."""
DIGEST_LINE = re.compile(r"([0-9a-fA-F]{64})(?:\s+\*?(.*))?")
MOST_SHARING = 200


def field_names(text: str) -> list[str]:
    """Return the names of fields, of which each stands on a line.

    Raises:
        ValidationError: there are too many.
    """
    names = [line.strip() for line in text.splitlines() if line.strip()]
    if len(names) > MAX_FIELDS:
        raise ValidationError(_("Write at most %(most)d fields."), params={"most": MAX_FIELDS})
    return names


def part_digests(text: str) -> list[str]:
    """Return the digests of parts in lower case; each line is as ``sha256sum`` prints it.

    Raises:
        ValidationError: a line does not begin with a SHA-256, or there are too many.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MAX_PARTS:
        raise ValidationError(_("Write at most %(most)d parts."), params={"most": MAX_PARTS})
    found = []
    for number, line in enumerate(lines, start=1):
        match = DIGEST_LINE.fullmatch(line)
        if match is None:
            raise ValidationError(
                _("Line %(number)d does not begin with a SHA-256 of 64 hexadecimal digits."),
                params={"number": number},
            )
        found.append(match[1].lower())
    return found


def fields_in(file: IO[bytes]) -> list[str]:
    """Return the names of the fields of a table or of JSON lines; none of what is neither."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    file.seek(0)
    if b"\0" in head:
        return []
    text = _decoded(head)
    first = next((line for line in text.splitlines() if line.strip()), "")
    if first.startswith("{"):
        return _keys(first)
    separator = max(",\t;|", key=first.count)
    if separator not in first:
        return []
    names = [name.strip() for name in next(csv.reader([first], delimiter=separator), [])]
    is_heading = len(set(names)) == len(names) <= MAX_FIELDS and all(map(_is_name, names))
    return names if is_heading else []


def parts_in(file: IO[bytes]) -> list[tuple[str, str]]:
    """Return SHA-256 and name of each file of a ZIP archive; none of one that is too big."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            if len(members) > MAX_PARTS or sum(m.file_size for m in members) > MAX_UNPACKED_BYTES:
                return []
            return [(_digest(archive, info), info.filename) for info in members]
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, ValueError):
        return []
    finally:
        file.seek(0)


def fingerprints_of(filing: Filing) -> set[tuple[Trait, str]]:
    """Return what an application for new data is found again by; asks nothing of the database."""
    names = {bare(name) for name in filing.field_names.splitlines()} - {""}
    found = {(Trait.PART, digest) for digest in part_digests(filing.part_digests)}
    if len(names) >= FEWEST_FIELDS:
        schema = hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()
        found.add((Trait.SCHEMA, schema))
    return found


def write(filing: Filing) -> None:
    """Let a saved application be found by what it says now, and by nothing else."""
    Fingerprint.objects.filter(filing=filing).delete()
    Fingerprint.objects.bulk_create(
        Fingerprint(filing=filing, trait=trait, digest=digest)
        for trait, digest in sorted(fingerprints_of(filing))
    )


def sharing(filing: Filing) -> Mapping[int, tuple[int | None, list[Trait]]]:
    """Return the other applications that share a fingerprint: key -> its asset's, what is shared.

    Of very many the newest are returned. One without a fingerprint asks nothing of the database.
    """
    own = fingerprints_of(filing)
    if not own:
        return {}
    rows = (
        Fingerprint.objects.filter(digest__in=[digest for _trait, digest in own])
        .exclude(filing=filing.pk)
        .order_by("-filing")
        .values_list("filing", "filing__asset", "trait", "digest")
    )
    found: dict[int, tuple[int | None, list[Trait]]] = {}
    for key, asset, trait, digest in rows[: MOST_SHARING * MAX_PARTS]:
        if (Trait(trait), digest) in own and (key in found or len(found) < MOST_SHARING):
            found.setdefault(key, (asset, []))[1].append(Trait(trait))
    return found


def lines_of(parts: Iterable[tuple[str, str]]) -> str:
    """Return parts as ``sha256sum`` prints them."""
    return "\n".join(f"{digest}  {' '.join(name.split())}" for digest, name in parts)


def _digest(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> str:
    digest, size = hashlib.sha256(), 0
    with archive.open(info) as member:
        while chunk := member.read(CHUNK_BYTES):
            size += len(chunk)
            if size > info.file_size:
                raise zipfile.BadZipFile(info.filename)
            digest.update(chunk)
    return digest.hexdigest()


def _decoded(head: bytes) -> str:
    """Return the text of a head that may end within a character."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return codecs.getincrementaldecoder(encoding)().decode(head)
        except UnicodeDecodeError:
            continue
    return ""


def _keys(line: str) -> list[str]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return []
    return list(row)[:MAX_FIELDS] if isinstance(row, dict) else []


def _is_name(text: str) -> bool:
    """Say whether a cell of the first line can be a field's name: no number, and not empty."""
    return bool(bare(text)) and not bare(text).isdecimal()

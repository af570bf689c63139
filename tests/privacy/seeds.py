"""Unusual personal values, and a search for them wherever they could have been left."""

import base64
import json
import re
import secrets
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from filings.models import Filing
from filings.submission import hand_in
from registry.kinds import IdentifierScheme, InstrumentKind, PartyKind
from registry.models import Party
from rights.kinds import RightKind
from tests.factories import (
    NOON,
    PAPER_KINDS,
    Office,
    claim,
    make_draft,
    make_party,
    name_applicants,
)

PDF_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)


def _mark() -> str:
    return secrets.token_hex(5)


@dataclass(frozen=True)
class Seeds:
    """One made-up person whose every value occurs nowhere else."""

    fields: dict[str, str] = field(
        default_factory=lambda: {
            "name": f"欧阳{_mark()}",
            "identifier": f"3701QX{_mark()}",
            "address": f"虚构路{_mark()}号",
            "contact": f"{_mark()}@seed.example 0531-{_mark()}",
            "legal_representative": f"端木{_mark()}",
            "business_status": f"状态{_mark()}",
        }
    )
    paper_title: str = field(default_factory=lambda: f"证件{_mark()}")
    paper_content: str = field(default_factory=lambda: f"影印{_mark()}")

    @property
    def values(self) -> set[str]:
        return {*self.fields.values(), self.paper_title, self.paper_content}

    def enter(self, office: Office) -> Party:
        kind, scheme = PartyKind.NATURAL, IdentifierScheme.RESIDENT_ID
        return make_party(office, 1, **{"kind": kind, "identifier_scheme": scheme, **self.fields})

    def file_case(self, office: Office, party: Party, *, data: bytes = b"data") -> Filing:
        """Return a complete draft whose paper of identity holds the person's own values."""
        filing = make_draft(office, data=data)
        name_applicants(filing, party)
        claim(filing, RightKind.USE, [(party, Fraction(1))])
        for kind in PAPER_KINDS:
            is_identity = kind == InstrumentKind.IDENTITY
            title = self.paper_title if is_identity else f"示例{kind}"
            content = self.paper_content if is_identity else f"示例 {kind}"
            file = SimpleUploadedFile(f"{title}.txt", content.encode())
            hand_in(filing, file, kind=kind, title=title, by=office.wang, at=NOON)
        return filing


def holds(content: bytes, values: Iterable[str]) -> bool:
    """Say whether bytes hold a value in clear, as JSON escapes, in base64 or in a PDF's streams."""
    forms = {form for value in values for form in _forms(value)}
    contents = [content, *_streams(content)] if content.startswith(b"%PDF-") else [content]
    return any(form in part for part in contents for form in forms)


def tables_with(values: Iterable[str]) -> set[str]:
    """Return the tables of which a row holds a value."""
    return {table for table, content in _rows() if holds(content, values)}


def files_with(values: Iterable[str], *folders: Path) -> set[str]:
    """Return the files below the state folder and ``folders`` that hold a value."""
    return {
        path.name
        for folder in {Path(settings.STATE_DIR), *folders}
        for path in folder.rglob("*")
        if path.is_file() and holds(path.read_bytes(), values)
    }


def _forms(value: str) -> Iterator[bytes]:
    content = value.encode()
    yield content
    yield json.dumps(value)[1:-1].encode()
    for shift in range(3):
        # What base64 makes of the value at this offset, without the characters its ends share.
        whole = content[(3 - shift) % 3 :]
        whole = whole[: len(whole) // 3 * 3]
        yield base64.b64encode(whole)
        yield base64.urlsafe_b64encode(whole)


def _rows() -> Iterator[tuple[str, bytes]]:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 # the database's own names
            for row in cursor.fetchall():
                yield table, b"\0".join(map(_bytes, row))


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def _streams(pdf: bytes) -> Iterator[bytes]:
    for stream in PDF_STREAM.findall(pdf):
        try:
            yield zlib.decompress(stream.rstrip(b"\r\n"))
        except zlib.error:
            yield stream

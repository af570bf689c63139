"""The objects of a PDF file, put together as bytes (ISO 32000-1, 7.3 to 7.5).

Pure. Entry point: `PdfFile`. An object is written once, as the text that stands in the file; what
ReportLab draws and what authorities said is put in as streams. A certificate holds some six hundred
objects, which ReportLab writes in thirty times the time.
"""

import zlib
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import NewType

HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
FREE = b"0000000000 65535 f \n"
IDENTIFIER_DIGITS = 32
ESCAPED = str.maketrans({"\\": r"\\", "(": r"\(", ")": r"\)"})

Reference = NewType("Reference", str)
"""An indirect reference, as it stands in the file: ``12 0 R``."""


class PdfFile:
    """A file of one revision that grows by an object at a time."""

    def __init__(self) -> None:
        self._objects: dict[Reference, bytes] = {}

    def reserve(self) -> Reference:
        """Return a reference to an object that is defined later."""
        reference = Reference(f"{len(self._objects) + 1} 0 R")
        self._objects[reference] = b""
        return reference

    def define(self, reference: Reference, entries: str) -> None:
        """Say what a reserved object is: a dictionary of these entries."""
        self._objects[reference] = f"<<{entries}>>".encode("ascii")

    def add(self, entries: str) -> Reference:
        """Add a dictionary of these entries."""
        reference = self.reserve()
        self.define(reference, entries)
        return reference

    def add_stream(self, entries: str, content: bytes) -> Reference:
        """Add a stream; the entries say how its content is encoded, if it is (`DEFLATED`)."""
        reference = self.reserve()
        head = f"<<{entries}/Length {len(content)}>>\nstream\n".encode("ascii")
        # ISO 19005-3, 6.1.7.1: the end of a stream stands on a line of its own.
        self._objects[reference] = b"%b%b\nendstream" % (head, content)
        return reference

    def to_bytes(self, *, catalog: Reference, information: Reference) -> bytes:
        """Return the file; its identifier is that of its content."""
        parts, places, position = [HEADER], [FREE], len(HEADER)
        for number, content in enumerate(self._objects.values(), start=1):
            written = b"%d 0 obj\n%b\nendobj\n" % (number, content)
            parts.append(written)
            places.append(b"%010d 00000 n \n" % position)
            position += len(written)
        body = b"".join(parts)
        identifier = f"<{sha256(body).hexdigest()[:IDENTIFIER_DIGITS]}>"
        entries = f"/Size {len(places)}/Root {catalog}/Info {information}/ID[{identifier * 2}]"
        table = b"xref\n0 %d\n%b" % (len(places), b"".join(places))
        end = f"trailer\n<<{entries}>>\nstartxref\n{position}\n%%EOF\n"
        return b"%b%b%b" % (body, table, end.encode("ascii"))


DEFLATED = "/Filter/FlateDecode"


def deflated(content: bytes) -> bytes:
    """Return a stream's content as `DEFLATED` says that it is, quickly."""
    return zlib.compress(content, zlib.Z_BEST_SPEED)


@lru_cache(maxsize=128)
def deflated_once(content: bytes) -> bytes:
    """The same for what comes again in one file after the other, as small as it gets."""
    return zlib.compress(content, zlib.Z_BEST_COMPRESSION)


def text_string(value: str) -> str:
    """Return a text string (7.9.2.2)."""
    if value.isascii():
        return f"({value.translate(ESCAPED)})"
    return f"<FEFF{value.encode('utf-16-be').hex().upper()}>"


def pdf_date(instant: datetime) -> str:
    """Return an aware UTC instant (7.9.4)."""
    return f"(D:{instant:%Y%m%d%H%M%S}+00'00')"

"""How an attacker edits a sealed file: in place, by appending a revision, or by writing it anew."""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass

import pikepdf

BYTE_RANGE = re.compile(rb"/ByteRange ?\[ *(\d+) +(\d+) +(\d+) +(\d+) *\]")
CONTENTS = re.compile(rb"/Contents ?<([0-9A-Fa-f]+)>")


@dataclass(frozen=True)
class Numbers:
    """Object numbers that an attacker looks up before editing."""

    catalog: int
    page: int
    contents: int
    seal: int
    field: int
    statement: int
    size: int


def numbers_of(pdf: bytes) -> Numbers:
    with pikepdf.open(io.BytesIO(pdf)) as file:
        page = file.pages[0].obj
        contents = page.Contents
        field = file.Root.AcroForm.Fields[0]
        return Numbers(
            catalog=file.Root.objgen[0],
            page=page.objgen[0],
            contents=(contents[0] if isinstance(contents, pikepdf.Array) else contents).objgen[0],
            seal=field.V.objgen[0],
            field=field.objgen[0],
            statement=file.attachments["statement.json"].get_file().obj.objgen[0],
            size=int(file.trailer.Size),
        )


def source_of(pdf: bytes, number: int) -> bytes:
    """Return the text of an object that is no stream, as the file has it."""
    with pikepdf.open(io.BytesIO(pdf)) as file:
        return file.get_object(number, 0).unparse(resolved=True)


def append_revision(pdf: bytes, objects: Mapping[int, bytes], *, more: bytes = b"") -> bytes:
    """Return the file with objects redefined in an incremental update (ISO 32000-1, 7.5.6)."""
    numbers = numbers_of(pdf)
    before = int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])
    body, table = b"\n", b""
    for number, content in objects.items():
        offset = len(pdf) + len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
        table += b"%d 1\n%010d 00000 n \n" % (number, offset)
    size = max([numbers.size, *(number + 1 for number in objects)])
    start = len(pdf) + len(body)
    trailer = b"<</Size %d /Root %d 0 R /Prev %d %s>>" % (size, numbers.catalog, before, more)
    return pdf + body + b"xref\n%strailer\n%s\nstartxref\n%d\n%%%%EOF\n" % (table, trailer, start)


def stream(content: bytes) -> bytes:
    return b"<</Length %d>>\nstream\n%s\nendstream" % (len(content), content)


def with_member(dictionary: bytes, member: bytes) -> bytes:
    """Return the text of a dictionary with one more member at its end."""
    assert dictionary.rstrip().endswith(b">>")
    return dictionary.rstrip()[:-2] + b" " + member + b" >>"


def with_byte_range(pdf: bytes, *numbers: int | bytes) -> bytes:
    """Return the file with other numbers in its ByteRange, at the same length of file."""
    found = BYTE_RANGE.search(pdf)
    assert found
    inner = b" ".join(b"%d" % n if isinstance(n, int) else n for n in numbers)
    room = len(found[0]) - len(b"/ByteRange []")
    assert len(inner) <= room
    return pdf[: found.start()] + b"/ByteRange [" + inner.ljust(room) + b"]" + pdf[found.end() :]


def byte_range_of(pdf: bytes) -> tuple[int, int, int, int]:
    found = BYTE_RANGE.search(pdf)
    assert found
    a, b, c, d = map(int, found.groups())
    return a, b, c, d


def contents_of(pdf: bytes) -> tuple[int, int]:
    """Return where the hexadecimal digits of the seal begin and end."""
    found = max(CONTENTS.finditer(pdf), key=lambda match: len(match[1]))
    return found.span(1)


def saved_anew(pdf: bytes, **options: object) -> bytes:
    """Return the file as another program writes it."""
    whole = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as file:
        file.save(whole, **options)  # type: ignore[arg-type] # pikepdf's own options
    return whole.getvalue()


def unsealed(pdf: bytes) -> bytes:
    """Return the file as another program writes it without its seal."""
    whole = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as file:
        for page in file.pages:
            if "/Annots" in page:
                del page.Annots
        del file.Root.AcroForm
        del file.Root.Perms
        file.save(whole)
    return whole.getvalue()

"""What differs between a file and the one that was issued, found in a process of its own.

Entry points: `claims_in`, `compare`. Pure. Both files are read by the child alone, under the limits
of `verifier.isolation`; it writes a line for each part that it has found, so that one part that
takes too long, or that a hostile file breaks, costs none of those before it.
"""

import base64
import json
import logging
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from io import BytesIO
from itertools import islice
from typing import Any, Self, TypeAlias

import pypdfium2
from PIL import Image, ImageChops
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, IndirectObject, Reference
from pyhanko.pdf_utils.reader import PdfFileReader

from primitives.canonical_json import Json, JsonObject
from verifier.canonical import member
from verifier.document import STATEMENT_FILE
from verifier.frame import DECODE_LIMITS
from verifier.isolation import ask_child, confine
from verifier.plain_objects import MAX_STREAM_BYTES

MAX_PAGES = 20
MAX_LINES = 400
"""So many lines of one page are compared."""
MAX_CHARACTERS = 160
"""A longer text is shown cut."""
MAX_DIFFERENCES = 40
MAX_CLAIMS = 4
MAX_MEMBERS = 10_000
LONGER_SIDE_PIXELS = 480
VISIBLE = 24
"""From which difference of grey, of 255, a pixel has changed."""
MILLION = 1_000_000

NUMBER = re.compile(r"\bSJ\d{13}\b|\bE\d{11}\b")
CHECK_CODE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}\b")
BLANK = b"\0\t\n\f\r "
HYPHEN_AT_LINE_END = "\x02"

logger = logging.getLogger(__name__)

Part: TypeAlias = Callable[[bytes, bytes], Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """The numbers and verification codes of certificates that stand in a file."""

    numbers: tuple[str, ...] = ()
    check_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """What stands behind the issued bytes.

    Attributes:
        kind: ``revision``, ``pdf`` (a whole file), ``archive``, ``blank``, ``other`` or
            ``unreadable``; the rest is known of a revision only.
        objects: how many it defines.
        pages: which pages it touches, counted from 1.
    """

    size_bytes: int
    kind: str
    objects: int = 0
    pages: tuple[int, ...] = ()
    annotations: int = 0
    signatures: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """What stands in the issued file and in the other one at a place: a page or a JSON pointer."""

    place: str
    issued: str
    file: str


@dataclass(frozen=True, slots=True)
class Look:
    """How much of a page, counted from 1, looks different: changed pixels per million."""

    page: int
    changed_ppm: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What differs; None where it could not be compared.

    Attributes:
        page_counts: of the issued file and of the other one.
        members: in which the attached statement differs.
        lines: in which the text of the pages differs.
        looks: of the pages that look different.
    """

    addition: Addition | None = None
    page_counts: tuple[int, int] | None = None
    members: tuple[Difference, ...] | None = None
    lines: tuple[Difference, ...] | None = None
    looks: tuple[Look, ...] | None = None

    @classmethod
    def from_parts(cls, parts: Mapping[str, Json]) -> Self:
        """Read what the child found, which a hostile file may have made say anything.

        Raises:
            ValueError: it is not of this shape.
        """
        added, counts = parts.get("addition"), parts.get("page_counts")
        looks = parts.get("looks")
        return cls(
            addition=_addition_from(added) if added else None,
            page_counts=(member(counts, "issued", of=int), member(counts, "file", of=int))
            if counts
            else None,
            members=_differences_from(parts.get("members")),
            lines=_differences_from(parts.get("lines")),
            looks=None
            if looks is None
            else tuple(
                Look(member(each, "page", of=int), member(each, "changed_ppm", of=int))
                for each in _listed(looks)
            ),
        )


def claims_in(pdf: bytes) -> Claims:
    """Return which certificate or document a file says that it is, by number and code."""
    found = _ask({"task": "claims", "file": _text_of(pdf)}).get("claims")
    try:
        return Claims(
            numbers=_texts_from(member(found, "numbers", of=list)),
            check_codes=_texts_from(member(found, "check_codes", of=list)),
        )
    except ValueError:
        return Claims()


def compare(pdf: bytes, issued: bytes) -> Comparison:
    """Return what differs between a file and the issued one."""
    question: JsonObject = {"task": "compare", "file": _text_of(pdf), "issued": _text_of(issued)}
    try:
        return Comparison.from_parts(_ask(question))
    except ValueError:
        logger.warning("The comparing process gave no answer of its shape")
        return Comparison()


def _ask(question: JsonObject) -> Mapping[str, Json]:
    """Return the parts that the child found before it ended, however it did."""
    try:
        written = ask_child("certificates.comparison", question)
    except subprocess.SubprocessError as error:
        logger.warning("The comparing process was ended: %s", type(error).__name__)
        written = getattr(error, "output", None) or b""
    parts: dict[str, Json] = {}
    for line in written.splitlines():
        try:
            part = json.loads(line)
            parts[member(part, "part", of=str)] = part.get("found")
        except ValueError:
            # The last line of a process that was ended in the middle of it.
            break
    return parts


def _text_of(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _listed(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise ValueError("this is no list")  # noqa: TRY004 # the one error of a wrong shape
    return value[:MAX_DIFFERENCES]


def _texts_from(values: Iterable[Json]) -> tuple[str, ...]:
    return tuple(str(value) for value in islice(values, MAX_CLAIMS))


def _addition_from(found: Json) -> Addition:
    numbers = ("size_bytes", "objects", "annotations", "signatures")
    pages = _listed(member(found, "pages", of=list))
    return Addition(
        kind=member(found, "kind", of=str)[:MAX_CHARACTERS],
        pages=tuple(page for page in pages if isinstance(page, int)),
        **{name: member(found, name, of=int) for name in numbers},
    )


def _differences_from(found: Json) -> tuple[Difference, ...] | None:
    if found is None:
        return None
    return tuple(
        Difference(*(_cut(member(each, name, of=str)) for name in ("place", "issued", "file")))
        for each in _listed(found)
    )


# What follows runs in the child, but for `_cut`.


def _answer() -> None:
    confine()
    question = json.load(sys.stdin.buffer)
    pdf = base64.b64decode(question["file"])
    if question["task"] == "claims":
        _write("claims", lambda: _claims(pdf))
        return
    issued = base64.b64decode(question["issued"])
    for name, find in PARTS.items():
        _write(name, lambda find=find: find(pdf, issued))  # type: ignore[misc]


def _write(part: str, find: Callable[[], Json]) -> None:
    try:
        found = find()
    except Exception:  # noqa: BLE001 # parsers raise exceptions of many classes
        found = None
    sys.stdout.write(json.dumps({"part": part, "found": found}) + "\n")
    sys.stdout.flush()


def _claims(pdf: bytes) -> Json:
    document = pypdfium2.PdfDocument(pdf)
    texts = [*(line for lines in _pages(document) for line in lines)]
    statement = _attachment(document, STATEMENT_FILE)
    if statement:
        texts.append(statement.decode("utf-8", errors="replace"))
    whole = "\n".join(texts)
    return {
        "numbers": _unlike(NUMBER.findall(whole)),
        "check_codes": _unlike(CHECK_CODE.findall(whole)),
    }


def _unlike(texts: Iterable[str]) -> list[Json]:
    return [*islice(dict.fromkeys(texts), MAX_CLAIMS)]


def _addition(pdf: bytes, issued: bytes) -> Json:
    if not pdf.startswith(issued) or pdf == issued:
        return None
    tail = pdf[len(issued) :]
    kind, more = _kind_of(tail), {"objects": 0, "annotations": 0, "signatures": 0}
    pages: list[Json] = []
    if kind == "other":
        try:
            changed = _changed_objects(pdf, issued)
            if changed.refs:
                kind, pages = "revision", [*changed.pages]
                more = {
                    "objects": len(changed.refs),
                    "annotations": changed.annotations,
                    "signatures": changed.signatures,
                }
        except Exception:  # noqa: BLE001 # as above
            kind = "unreadable" if b" obj" in tail else "other"
    return {"size_bytes": len(tail), "kind": kind, "pages": pages, **more}


def _kind_of(tail: bytes) -> str:
    content = tail.strip(BLANK)
    if not content:
        return "blank"
    if content.startswith(b"%PDF-"):
        return "pdf"
    return "archive" if content.startswith(b"PK\x03\x04") else "other"


@dataclass(frozen=True, slots=True)
class _Changed:
    refs: set[Reference]
    pages: Sequence[int]
    annotations: int
    signatures: int


def _changed_objects(pdf: bytes, issued: bytes) -> _Changed:
    reader, before = (
        PdfFileReader(BytesIO(content), strict=False, decode_limits=DECODE_LIMITS)
        for content in (pdf, issued)
    )
    refs = {
        ref
        for revision in range(before.total_revisions, reader.total_revisions)
        for ref in reader.xrefs.explicit_refs_in_revision(revision)
    }
    changed = [reader.get_object(ref) for ref in islice(refs, MAX_MEMBERS)]  # type: ignore[no-untyped-call] # pyHanko's
    return _Changed(
        refs,
        [*_touched_pages(reader, refs)],
        sum(_is_annotation(each) for each in changed),
        len(reader.embedded_signatures) - len(before.embedded_signatures),
    )


def _is_annotation(value: object) -> bool:
    return isinstance(value, DictionaryObject) and {"/Subtype", "/Rect"} <= value.keys()


def _touched_pages(reader: PdfFileReader, refs: set[Reference]) -> Iterator[int]:
    """Yield the pages of which the object, the content or an annotation is among ``refs``."""
    for place in range(min(int(reader.root["/Pages"]["/Count"]), MAX_PAGES)):
        found, _resources = reader.find_page_for_modification(place)  # type: ignore[no-untyped-call] # as above
        page = found.get_object()
        parts = [found, *(part for name in ("/Contents", "/Annots") for part in _refs(page, name))]
        if any(Reference(part.idnum, part.generation, reader) in refs for part in parts):
            yield place + 1


def _refs(page: DictionaryObject, name: str) -> Iterator[IndirectObject]:
    value = page.raw_get(name) if name in page else None
    if isinstance(value, IndirectObject):
        yield value
        value = value.get_object()  # type: ignore[no-untyped-call] # as above
    if isinstance(value, ArrayObject):
        for place in range(len(value)):
            part = value.raw_get(place)
            if isinstance(part, IndirectObject):
                yield part


def _page_counts(pdf: bytes, issued: bytes) -> Json:
    return {"issued": len(pypdfium2.PdfDocument(issued)), "file": len(pypdfium2.PdfDocument(pdf))}


def _members(pdf: bytes, issued: bytes) -> Json:
    """Return the members of the statement, by JSON pointer, in which the two files differ."""
    ours, theirs = (_statement(content) for content in (issued, pdf))
    if not theirs:
        # The whole of it (RFC 6901): there is none, or none that says anything.
        return [_difference("", STATEMENT_FILE, "")]
    differing = [
        pointer
        for pointer in dict.fromkeys([*ours, *theirs])
        if ours.get(pointer) != theirs.get(pointer)
    ]
    return [
        # What is stated in addition may bear any name: only ours are repeated to the reader.
        _difference(
            pointer if pointer in ours else "?", ours.get(pointer, ""), theirs.get(pointer, "")
        )
        for pointer in differing[:MAX_DIFFERENCES]
    ]


def _statement(pdf: bytes) -> Mapping[str, str]:
    content = _attachment(pypdfium2.PdfDocument(pdf), STATEMENT_FILE)
    return dict(islice(_values(json.loads(content)), MAX_MEMBERS)) if content else {}


def _values(value: Json, pointer: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, below in value.items():
            yield from _values(below, f"{pointer}/{name}")
    elif isinstance(value, list):
        for place, below in enumerate(value):
            yield from _values(below, f"{pointer}/{place}")
    else:
        yield pointer, value if isinstance(value, str) else json.dumps(value)


def _lines(pdf: bytes, issued: bytes) -> Json:
    """Return the lines, by page, in which the text of the two files differs."""
    ours, theirs = ([*_pages(pypdfium2.PdfDocument(content))] for content in (issued, pdf))
    return [
        *islice(
            (
                _difference(str(place + 1), "\n".join(here), "\n".join(there))
                for place in range(max(len(ours), len(theirs)))
                for here, there in _unequal(_at(ours, place), _at(theirs, place))
            ),
            MAX_DIFFERENCES,
        )
    ]


def _at(pages: Sequence[list[str]], place: int) -> list[str]:
    return pages[place] if place < len(pages) else []


def _unequal(ours: list[str], theirs: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    matcher = SequenceMatcher(a=ours, b=theirs, autojunk=False)
    for tag, begin, end, start, stop in matcher.get_opcodes():
        if tag != "equal":
            yield ours[begin:end], theirs[start:stop]


def _pages(document: Any) -> Iterator[list[str]]:  # noqa: ANN401 # pypdfium2 ships no types
    """Yield the lines of each page, as PDFium reads them."""
    for place in range(min(len(document), MAX_PAGES)):
        text: str = document[place].get_textpage().get_text_bounded()
        lines = text.replace(HYPHEN_AT_LINE_END, "-").splitlines()
        yield [line.strip() for line in lines[:MAX_LINES] if line.strip()]


def _attachment(document: Any, name: str) -> bytes | None:  # noqa: ANN401 # as above
    for place in range(document.count_attachments()):
        attachment = document.get_attachment(place)
        if attachment.get_name() == name:
            return bytes(attachment.get_data())[:MAX_STREAM_BYTES]
    return None


def _looks(pdf: bytes, issued: bytes) -> Json:
    """Return the pages that look different, drawn small and in grey, and by how much."""
    ours, theirs = (pypdfium2.PdfDocument(content) for content in (issued, pdf))
    shares = [
        (place + 1, _changed_ppm(_drawn(ours, place), _drawn(theirs, place)))
        for place in range(min(max(len(ours), len(theirs)), MAX_PAGES))
    ]
    return [{"page": page, "changed_ppm": share} for page, share in shares if share]


def _drawn(document: Any, place: int) -> Image.Image | None:  # noqa: ANN401 # as above
    if place >= len(document):
        return None
    page = document[place]
    scale = LONGER_SIDE_PIXELS / max(page.get_size())
    picture: Image.Image = page.render(scale=scale, grayscale=True).to_pil()
    return picture.convert("L")


def _changed_ppm(ours: Image.Image | None, theirs: Image.Image | None) -> int:
    if ours is None or theirs is None or ours.size != theirs.size:
        return MILLION
    changed = sum(ImageChops.difference(ours, theirs).histogram()[VISIBLE:])
    return changed * MILLION // (ours.width * ours.height)


def _difference(place: str, issued: str, file: str) -> Json:
    return {"place": _cut(place), "issued": _cut(issued), "file": _cut(file)}


def _cut(text: str) -> str:
    return text if len(text) <= MAX_CHARACTERS else text[: MAX_CHARACTERS - 1] + "…"


PARTS: Mapping[str, Part] = {
    "addition": _addition,
    "page_counts": _page_counts,
    "members": _members,
    "lines": _lines,
    "looks": _looks,
}

if __name__ == "__main__":
    _answer()

"""The frame of a sealed file that is written plainly, read in one pass over what is needed of it.

Plain is what certificates are drawn as: one cross-reference table, one signature field, no object
streams, no encryption, attachments of one compression. Entry point: `read_plain_file`. It reads
strictly and explains nothing: whatever is not plain, hostile files above all, is `NotPlainError`
here, and pyHanko opens it and says what it is (`verifier.document`).
"""

import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

PADES = b"/ETSI.CAdES.detached"
NO_CHANGES = 1
"""The permission of DocMDP that allows nothing (ISO 32000-2, table 257)."""
ENTRY_BYTES = 20
# A statement with hundreds of holders is far below this; a decompression bomb far above.
MAX_STREAM_BYTES = 4 * 1024 * 1024
TAIL_BYTES = 64

_SPACE = rb"[\0\t\n\f\r ]"
_REGULAR = rb"[^\0\t\n\f\r ()<>\[\]{}/%]"
_GAP = rb"%b*+(?:%%[^\r\n]*+%b*+)*+" % (_SPACE, _SPACE)
# The number of the last group that matched says what stands here.
TOKEN = re.compile(
    _GAP
    + rb"(?:(/%b*+)" % _REGULAR
    + rb"|(\d{1,10})%b++(\d{1,5})%b++R(?!%b)" % (_SPACE, _SPACE, _REGULAR)
    + rb"|([+-]?\d{1,15})(?!%b)" % _REGULAR
    + rb"|(<<|>>|\[|\])"
    + rb"|\(([^()\\]*+(?:\\.[^()\\]*+)*+)\)"
    + rb"|<([0-9A-Fa-f]*+)>"
    + rb"|(%b++))" % _REGULAR,
    re.DOTALL,
)
NAME, REFERENCE, NUMBER, MARK, TEXT, HEX, OTHER = 1, 3, 4, 5, 6, 7, 8
OBJECT = re.compile(rb"(\d{1,10}) (\d{1,5}) obj")
STREAM = re.compile(_GAP + rb"stream\r?\n")
STREAM_END = re.compile(rb"%b*+endstream" % _SPACE)
TABLE = re.compile(rb"xref%b++0 (\d{1,7})%b*+" % (_SPACE, _SPACE))
ENTRIES = re.compile(rb"(?:\d{10} \d{5} [nf](?:\r\n| \n| \r))*+")
TRAILER = re.compile(rb"%b*+trailer" % _SPACE)
END = re.compile(rb"startxref%b++(\d{1,10})%b++%%%%EOF%b*+" % (_SPACE, _SPACE, _SPACE))


class NotPlainError(Exception):
    """The file is not written plainly, which says nothing of whether it is good."""


Reference: TypeAlias = tuple[int, int]
"""Another object of the file, by number and generation."""
Value: TypeAlias = (
    "Reference | dict[bytes, Value] | list[Value] | bytes | str | bytearray | int | None"
)
"""Names are `bytes` with their slash, texts `str` as written or, in hexadecimal, `bytearray`; None
is whatever else, such as true or 0.5."""
Dictionary: TypeAlias = dict[bytes, Value]
ValueT = TypeVar("ValueT", Dictionary, "list[Value]", bytearray, int)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainFile:
    """What was read.

    Attributes:
        byte_range: two pairs of place and length.
        contents: the signature's bytes with their padding, as the dictionary has them.
        attachments: those that were wanted, by name.
        crls: of the document security store, each as DER.
    """

    byte_range: tuple[int, int, int, int]
    contents: bytes
    attachments: Mapping[str, bytes]
    crls: tuple[bytes, ...]


def read_plain_file(pdf: bytes, wanted: frozenset[str]) -> PlainFile:
    """Read a file under one certification signature that forbids any change.

    Args:
        pdf: the file.
        wanted: the names of the attachments to read.

    Raises:
        NotPlainError: it is none, or is not written plainly.
    """
    reader = _Reader(pdf)
    catalog = reader.member(reader.trailer, b"/Root", dict)
    seal = _only_seal(reader, catalog)
    byte_range = reader.member(seal, b"/ByteRange", list)
    return PlainFile(
        byte_range=_four(byte_range),
        contents=bytes(reader.member(seal, b"/Contents", bytearray)),
        attachments=_attachments(reader, catalog, wanted),
        crls=_crls(reader, catalog),
    )


def _only_seal(reader: "_Reader", catalog: Dictionary) -> Dictionary:
    """Return the dictionary of the only signature (ISO 32000-2, 12.7.5.5 and 12.8.2.2)."""
    form = reader.member(catalog, b"/AcroForm", dict)
    (field,) = (reader.value(field) for field in _few(reader.member(form, b"/Fields", list), 1))
    if not isinstance(field, dict) or field.get(b"/FT") != b"/Sig" or b"/Kids" in field:
        raise NotPlainError("the only field is no signature")
    permissions = reader.member(catalog, b"/Perms", dict)
    if not isinstance(field.get(b"/V"), tuple) or permissions.get(b"/DocMDP") != field[b"/V"]:
        raise NotPlainError("the signature certifies nothing")
    seal = reader.member(field, b"/V", dict)
    if (seal.get(b"/Type"), seal.get(b"/SubFilter")) != (b"/Sig", PADES):
        raise NotPlainError("the signature is not of PAdES")
    (reference,) = (reader.value(one) for one in _few(reader.member(seal, b"/Reference", list), 1))
    if not isinstance(reference, dict) or reference.get(b"/TransformMethod") != b"/DocMDP":
        raise NotPlainError("the signature allows what it does not say")
    if reader.member(reference, b"/TransformParams", dict).get(b"/P") != NO_CHANGES:
        raise NotPlainError("the signature allows changes")
    return seal


def _attachments(
    reader: "_Reader", catalog: Dictionary, wanted: frozenset[str]
) -> Mapping[str, bytes]:
    names = reader.member(catalog, b"/Names", dict)
    files = reader.member(reader.member(names, b"/EmbeddedFiles", dict), b"/Names", list)
    found: dict[str, Value] = {}
    for name, file in zip(files[::2], files[1::2], strict=True):
        if not isinstance(name, str) or "\\" in name or not name.isascii():
            raise NotPlainError("an attachment's name is written in another way")
        if found.setdefault(name, file) is not file:
            raise NotPlainError("a name stands twice among the attachments")
    return {name: reader.attachment(file) for name, file in found.items() if name in wanted}


def _crls(reader: "_Reader", catalog: Dictionary) -> tuple[bytes, ...]:
    if b"/DSS" not in catalog:
        return ()
    store = reader.member(catalog, b"/DSS", dict)
    if b"/OCSPs" in store:
        raise NotPlainError("answers of OCSP are for pyHanko")
    lists = reader.member(store, b"/CRLs", list) if b"/CRLs" in store else []
    return tuple(reader.stream(place) for place in lists)


def _four(numbers: list[Value]) -> tuple[int, int, int, int]:
    a, b, c, d = (number for number in _few(numbers, 4) if isinstance(number, int))
    return a, b, c, d


def _few(values: list[Value], count: int) -> list[Value]:
    if len(values) != count:
        raise NotPlainError(f"{len(values)} where {count} belong")
    return values


class _Reader:
    """Reads objects where the cross-reference table says that they lie."""

    def __init__(self, pdf: bytes) -> None:
        self._pdf = pdf
        end = END.fullmatch(pdf, pdf.rindex(b"startxref", len(pdf) - TAIL_BYTES))
        table = TABLE.match(pdf, int(_found(end)[1]))
        self._count = int(_found(table)[1])
        self._entries = _found(table).end()
        after = _found(ENTRIES.match(pdf, self._entries)).end()
        start = _found(TRAILER.match(pdf, after)).end()
        if after - self._entries != self._count * ENTRY_BYTES:
            raise NotPlainError("the table of objects has more than one part")
        trailer, _ = self._parse(start)
        if not isinstance(trailer, dict) or {b"/Prev", b"/XRefStm", b"/Encrypt"} & trailer.keys():
            raise NotPlainError("there is more than one revision, or encryption")
        self.trailer: Dictionary = trailer

    def value(self, value: Value) -> Value:
        """Return the value, or the object that it refers to."""
        return self._object(value)[0] if isinstance(value, tuple) else value

    def member(self, dictionary: Dictionary, name: bytes, kind: type[ValueT]) -> ValueT:
        """Return a member of a dictionary, which must be of this type."""
        value = self.value(dictionary.get(name))
        if not isinstance(value, kind):
            raise NotPlainError(f"{name!r} is not of type {kind.__name__}")
        return value

    def attachment(self, file: Value) -> bytes:
        """Return the bytes of an embedded file (ISO 32000-2, 7.11.4)."""
        specification = self.value(file)
        if not isinstance(specification, dict):
            raise NotPlainError("an attachment is no dictionary")
        return self.stream(self.member(specification, b"/EF", dict).get(b"/F"))

    def stream(self, place: Value) -> bytes:
        """Return what a stream holds, decompressed."""
        if not isinstance(place, tuple):
            raise NotPlainError("a stream is another object")
        dictionary, end = self._object(place)
        if not isinstance(dictionary, dict):
            raise NotPlainError("a stream begins with a dictionary")
        start = _found(STREAM.match(self._pdf, end)).end()
        stop = start + self.member(dictionary, b"/Length", int)
        _found(STREAM_END.match(self._pdf, stop))
        content = self._pdf[start:stop]
        match dictionary.get(b"/Filter"):
            case b"/FlateDecode" | [b"/FlateDecode"] if b"/DecodeParms" not in dictionary:
                return self._inflated(content)
            case _ if b"/Filter" not in dictionary and len(content) <= MAX_STREAM_BYTES:
                return content
        raise NotPlainError("a stream is compressed in another way")

    def _inflated(self, content: bytes) -> bytes:
        inflating = zlib.decompressobj()
        inflated = inflating.decompress(content, MAX_STREAM_BYTES)
        if not inflating.eof or inflating.unused_data:
            raise NotPlainError("a stream is longer or shorter than it says")
        return inflated

    def _object(self, reference: Reference) -> tuple[Value, int]:
        """Return an object and where it ends."""
        if not 0 < reference[0] < self._count:
            raise NotPlainError("there is no such object")
        start = self._entries + reference[0] * ENTRY_BYTES
        entry = self._pdf[start : start + ENTRY_BYTES]
        header = _found(OBJECT.match(self._pdf, int(entry[:10])))
        said = int(header[1]), int(header[2])
        if said != reference or entry[17:18] != b"n" or int(entry[11:16]) != said[1]:
            raise NotPlainError("the table of objects leads to another object")
        return self._parse(header.end())

    def _parse(self, start: int) -> tuple[Value, int]:
        """Return the value that begins at ``start``, and where it ends."""
        around: list[tuple[bytes, list[Value]]] = []
        values: list[Value] = []
        for token in TOKEN.finditer(self._pdf, start):
            if token.start() != start:
                break
            start = token.end()
            if token.lastindex == NAME:
                value: Value = token[NAME]
            elif token[MARK] in CLOSED_BY:
                around.append((CLOSED_BY[token[MARK]], values))
                values = []
                continue
            elif token.lastindex == MARK:
                closing, inner = token[MARK], values
                closes, values = around.pop()
                value = _closed(inner, closing, closes)
            else:
                value = READERS[token.lastindex](token)
            if not around:
                return value, start
            values.append(value)
        raise NotPlainError("no value stands here")


CLOSED_BY = {b"<<": b">>", b"[": b"]"}
READERS: Mapping[int | None, Callable[[re.Match[bytes]], Value]] = {
    REFERENCE: lambda token: (int(token[2]), int(token[3])),
    NUMBER: lambda token: int(token[NUMBER]),
    TEXT: lambda token: token[TEXT].decode("latin-1"),
    HEX: lambda token: bytearray.fromhex(token[HEX].decode("ascii")),
    OTHER: lambda _token: None,
}


def _closed(values: list[Value], mark: bytes, expected: bytes) -> Value:
    if mark != expected:
        raise NotPlainError("what is opened is closed otherwise")
    return _dictionary(values) if mark == b">>" else values


def _dictionary(values: list[Value]) -> Dictionary:
    names = values[::2]
    found = dict(zip(names, values[1::2], strict=True))
    if len(found) != len(names) or any(type(name) is not bytes or b"#" in name for name in names):
        raise NotPlainError("a member stands twice, or its name is written in another way")
    return found  # type: ignore[return-value] # looked at one by one


def _found(match: re.Match[bytes] | None) -> re.Match[bytes]:
    if match is None:
        raise NotPlainError("something else stands here")
    return match

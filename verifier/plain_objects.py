"""The objects of a file that is written plainly, read where its table says that they lie.

Plain is what certificates are drawn as: one cross-reference table, one revision, no object streams,
no encryption. Entry point: `PlainObjects`. It reads strictly and explains nothing: whatever is not
plain, hostile files above all, is `NotPlainError`.
"""

import re
import zlib
from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeVar

from verifier.plainness import NotPlainError

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
STREAM_END = re.compile(rb"%b*+endstream%b*+endobj" % (_SPACE, _SPACE))
OBJECT_END = re.compile(rb"%b*+endobj" % _SPACE)
TABLE = re.compile(rb"xref%b++0 (\d{1,7})%b*+" % (_SPACE, _SPACE))
ENTRIES = re.compile(rb"(?:\d{10} \d{5} [nf](?:\r\n| \n| \r))*+")
TRAILER = re.compile(rb"%b*+trailer" % _SPACE)
END = re.compile(rb"startxref%b++(\d{1,10})%b++%%%%EOF%b*+" % (_SPACE, _SPACE, _SPACE))


Reference: TypeAlias = tuple[int, int]
"""Another object of the file, by number and generation."""
Value: TypeAlias = (
    "Reference | dict[bytes, Value] | list[Value] | bytes | str | bytearray | int | None"
)
"""Names are `bytes` with their slash, texts `str` as written or, in hexadecimal, `bytearray`; None
is whatever else, such as true or 0.5."""
Dictionary: TypeAlias = dict[bytes, Value]
ValueT = TypeVar("ValueT", Dictionary, "list[Value]", bytearray, int)


class PlainObjects:
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
        if not isinstance(value, tuple):
            return value
        found, end = self._object(value)
        _found(OBJECT_END.match(self._pdf, end))
        return found

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

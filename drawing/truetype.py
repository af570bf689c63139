"""Cutting out of a TrueType font the glyphs that a file shows (OpenType 1.9, ISO/IEC 14496-22).

Pure. Entry point: `subset`. ReportLab reads the font; its own subsets take thirty times the time,
since they copy the whole table of glyphs and are made for codes of one byte.
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial
from struct import pack, unpack_from
from sys import byteorder
from typing import NamedTuple

from reportlab.pdfbase.ttfonts import TTFontFace

VERSION = b"\x00\x01\x00\x00"
DIRECTORY_ENTRY = 16
WORD = 4
MODULUS = 1 << 32
MAGIC = 0xB1B0AFBA
"""What the sum of a whole font and the adjustment in its head make together."""
HINTING = ("cvt ", "fpgm", "prep")
COMPOSITE_BEGIN = 10
ARGUMENTS_ARE_WORDS, SCALE, MORE, SCALE_X_Y, TWO_BY_TWO = 0x1, 0x8, 0x20, 0x40, 0x80


class Table(NamedTuple):
    """A table, filled up to whole words, the sum of them, and its length without the filling."""

    content: bytes
    checksum: int
    length: int


def subset(face: TTFontFace, characters: Sequence[str]) -> bytes:
    """Return a font of the glyphs of these characters, numbered from 1; 0 is the missing glyph.

    Raises:
        KeyError: the face has no glyph for a character.
    """
    numbers = [0, *(face.charToGlyph[ord(char)] for char in characters)]
    composites = _with_parts(face, numbers)
    glyphs = [
        _composite(face, number, composites) if number in composites else _glyph(face, number)
        for number in numbers
    ]
    metrics = b"".join(map(partial(_metrics, face), numbers))
    count = pack(">H", len(numbers))
    maxp, hhea, head = (bytearray(face.get_table(tag)) for tag in ("maxp", "hhea", "head"))
    maxp[4:6] = hhea[34:36] = count
    head[8:12] = bytes(4)
    head[50:52] = pack(">H", 1)  # places of glyphs are words
    tables = {
        "glyf": _joined(glyphs),
        "head": _table(bytes(head)),
        "hhea": _table(bytes(hhea)),
        "hmtx": _table(metrics),
        "loca": _table(_places(glyphs)),
        "maxp": _table(bytes(maxp)),
        **{tag: _table(face.get_table(tag)) for tag in HINTING if tag in face.table},
    }
    return _font(tables)


def _with_parts(face: TTFontFace, numbers: list[int]) -> Mapping[int, Mapping[int, int]]:
    """Add the parts of composite glyphs to the numbers.

    Returns:
        Composite -> its parts -> their numbers in the subset.
    """
    composites: dict[int, Mapping[int, int]] = {}
    for number in numbers:
        if parts := parts_of(face, number):
            missing = [part for part in parts if part not in numbers]
            numbers += dict.fromkeys(missing)
            composites[number] = {part: numbers.index(part) for part in parts}
    return composites


@lru_cache(maxsize=65536)
def parts_of(face: TTFontFace, number: int) -> tuple[int, ...]:
    """Return the glyphs that a composite one is put together from; none if it is a simple one."""
    return tuple(part for _, part in _references(_outline(face, number)))


def _references(outline: bytes) -> Iterator[tuple[int, int]]:
    """Yield where a composite glyph names its parts, and which."""
    if not outline or unpack_from(">h", outline)[0] >= 0:
        return
    place, flags = COMPOSITE_BEGIN, MORE
    while flags & MORE:
        flags, part = unpack_from(">HH", outline, place)
        yield place + 2, part
        place += 8 if flags & ARGUMENTS_ARE_WORDS else 6
        place += (
            2 * bool(flags & SCALE) + 4 * bool(flags & SCALE_X_Y) + 8 * bool(flags & TWO_BY_TWO)
        )


def _composite(face: TTFontFace, number: int, composites: Mapping[int, Mapping[int, int]]) -> Table:
    outline = bytearray(_outline(face, number))
    for place, part in _references(bytes(outline)):
        outline[place : place + 2] = pack(">H", composites[number][part])
    return _table(bytes(outline))


@lru_cache(maxsize=65536)
def _glyph(face: TTFontFace, number: int) -> Table:
    return _table(_outline(face, number))


@lru_cache(maxsize=65536)
def _metrics(face: TTFontFace, number: int) -> bytes:
    return pack(">2H", *map(int, face.hmetrics[number]))


def _outline(face: TTFontFace, number: int) -> bytes:
    start = face.get_table_pos("glyf")[0]
    first, last = face.glyphPos[number : number + 2]
    return bytes(face._ttf_data[start + first : start + last])  # noqa: SLF001 # ReportLab's bytes


def _joined(glyphs: Sequence[Table]) -> Table:
    content = b"".join(glyph.content for glyph in glyphs)
    return Table(content, sum(glyph.checksum for glyph in glyphs) % MODULUS, len(content))


def _places(glyphs: Sequence[Table]) -> bytes:
    places, place = [0], 0
    for glyph in glyphs:
        place += len(glyph.content)
        places.append(place)
    return pack(f">{len(places)}L", *places)


def _table(content: bytes) -> Table:
    filled = content + bytes(-len(content) % WORD)
    words = array("I", filled)
    if byteorder == "little":
        words.byteswap()
    return Table(filled, sum(words) % MODULUS, len(content))


def _font(tables: Mapping[str, Table]) -> bytes:
    names = sorted(tables)
    place = len(VERSION) + 8 + DIRECTORY_ENTRY * len(names)
    span = 1 << (len(names).bit_length() - 1)
    head = VERSION + pack(
        ">4H", len(names), 16 * span, span.bit_length() - 1, 16 * (len(names) - span)
    )
    for name in names:
        content, checksum, length = tables[name]
        head += pack(">4s3L", name.encode("ascii"), checksum, place, length)
        place += len(content)
    whole = (_table(head).checksum + sum(tables[name].checksum for name in names)) % MODULUS
    adjusted = bytearray(tables["head"].content)
    adjusted[8:12] = pack(">L", (MAGIC - whole) % MODULUS)
    return head + b"".join(
        bytes(adjusted) if name == "head" else tables[name].content for name in names
    )

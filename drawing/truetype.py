"""Cutting out of a TrueType font the glyphs that a file shows (OpenType 1.9, ISO/IEC 14496-22).

Pure. Entry point: `subset`. ReportLab reads the font; its own subsets take thirty times the time,
since they copy the whole table of glyphs and are made for codes of one byte.
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
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


class Glyph(NamedTuple):
    """What a font says of a glyph: its outline, its advance and bearing, what it is made of."""

    outline: Table
    metrics: bytes
    parts: tuple[int, ...]


def subset(face: TTFontFace, characters: Sequence[str]) -> bytes:
    """Return a font of the glyphs of these characters, numbered from 1; 0 is the missing glyph.

    Raises:
        KeyError: the face has no glyph for a character.
    """
    numbers = [0, *map(face.charToGlyph.__getitem__, map(ord, characters))]
    glyphs = _with_parts(face, numbers)
    outlines, metrics, _ = zip(*glyphs, strict=True)
    count = pack(">H", len(numbers))
    maxp, hhea, head = (bytearray(face.get_table(tag)) for tag in ("maxp", "hhea", "head"))
    maxp[4:6] = hhea[34:36] = count
    head[8:12] = bytes(4)
    head[50:52] = pack(">H", 1)  # places of glyphs are words
    contents, checksums, _ = zip(*outlines, strict=True)
    glyf = b"".join(contents)
    places = accumulate(map(len, contents), initial=0)
    tables = {
        "glyf": Table(glyf, sum(checksums) % MODULUS, len(glyf)),
        "head": _table(bytes(head)),
        "hhea": _table(bytes(hhea)),
        "hmtx": _table(b"".join(metrics)),
        "loca": _table(pack(f">{len(glyphs) + 1}L", *places)),
        "maxp": _table(bytes(maxp)),
        **_hinting(face),
    }
    return _font(tables)


def _with_parts(face: TTFontFace, numbers: list[int]) -> list[Glyph]:
    """Return the glyphs of these numbers; the parts of composite ones are added to both."""
    glyphs = [glyph_of(face, number) for number in numbers]
    for place, glyph in enumerate(glyphs):
        if glyph.parts:
            missing = [part for part in dict.fromkeys(glyph.parts) if part not in numbers]
            numbers += missing
            glyphs += [glyph_of(face, part) for part in missing]
            glyphs[place] = _renumbered(glyph, numbers)
    return glyphs


def _renumbered(composite: Glyph, numbers: Sequence[int]) -> Glyph:
    """Return a composite glyph that calls its parts by their places among the numbers."""
    outline = bytearray(composite.outline.content)
    for place, part in _references(bytes(outline)):
        outline[place : place + 2] = pack(">H", numbers.index(part))
    return composite._replace(outline=_table(bytes(outline)))


@lru_cache(maxsize=65536)
def glyph_of(face: TTFontFace, number: int) -> Glyph:
    """Return a glyph of a font, as it stands there."""
    start = face.get_table_pos("glyf")[0]
    first, last = face.glyphPos[number : number + 2]
    outline = bytes(face._ttf_data[start + first : start + last])  # noqa: SLF001 # ReportLab's bytes
    return Glyph(
        _table(outline),
        pack(">2H", *map(int, face.hmetrics[number])),
        tuple(part for _, part in _references(outline)),
    )


@lru_cache(maxsize=64)
def _hinting(face: TTFontFace) -> Mapping[str, Table]:
    """Return the tables of a font's instructions, which are the same for all its glyphs."""
    return {tag: _table(face.get_table(tag)) for tag in HINTING if tag in face.table}


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

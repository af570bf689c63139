"""Embedding what a file shows of a typeface (ISO 32000-1, 9.7 to 9.10).

Entry points: `Codes`, `embed`. What stands in the content is the text itself in UTF-16, and a map
in the file leads from each character to its glyph in the embedded font: so whoever extracts the
text gets back what was drawn, also where two characters look the same.
"""

from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from reportlab.pdfbase.ttfonts import TTFontFace

from drawing.fonts import Typeface, face_of
from drawing.pdf import PdfFile, Reference
from drawing.truetype import subset

FULL_WIDTH = 1000
SYMBOLIC = 4
ENTRIES = 100
"""Adobe Technical Note 5411: at most so many to a block of a map."""
SYSTEM = "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
TO_GLYPHS, TO_UNICODE = "Quanji-UTF16-H", "Quanji-UTF16-UCS"
DIGITS = 4
"""Of a code, and of a character of the first plane in UTF-16."""
PRIVATE = 0xE000
"""The first code point that no text has (`primitives.texts.unprintable`)."""
MAP = """\
/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering ({ordering}) /Supplement 0 >> def
/CMapName /{name} def
/CMapType {kind} def
1 begincodespacerange
<0000> <ffff>
endcodespacerange
{blocks}
endcmap
CMapName currentdict /CMap defineresource pop
end
end"""


class Codes(dict[str, str]):
    """Characters beyond the first plane -> their codes in one file, given as they come.

    All codes are of one length: not every reader takes some that are longer.
    """

    def __missing__(self, char: str) -> str:
        code = self[char] = f"{PRIVATE + len(self):04x}"
        return code

    def of(self, text: str) -> str:
        """Return what shows a text, in any of the fonts."""
        shown = utf_16(text)
        if len(shown) == DIGITS * len(text):
            return shown
        return "".join(self[char] if len(utf_16(char)) > DIGITS else utf_16(char) for char in text)


# Labels come again in each file, and of the characters few are new.
@lru_cache(maxsize=16384)
def utf_16(text: str) -> str:
    """Return a text's UTF-16 (big-endian) as hexadecimal digits."""
    return text.encode("utf-16-be").hex()


class Cut(NamedTuple):
    """What is cut out of a typeface: the font, its widths, and the ways from codes to both."""

    name: str
    font: bytes
    widths: str
    to_glyphs: bytes
    to_unicode: bytes


def embed(
    file: PdfFile,
    reference: Reference,
    typeface: Typeface,
    characters: Iterable[str],
    codes: Codes,
) -> None:
    """Define the font of a typeface with the glyphs of these characters, under their codes."""
    face, shown = face_of(typeface), "".join(sorted(characters))
    cut = _cut(typeface, shown, codes.of(shown))
    program = file.add_stream(f"/Length1 {len(cut.font)}", cut.font)
    box = " ".join(f"{edge:g}" for edge in face.bbox)
    descriptor = file.add(
        f"/Type/FontDescriptor/FontName/{cut.name}/Flags {SYMBOLIC}/FontBBox[{box}]"
        f"/ItalicAngle {face.italicAngle:g}/Ascent {face.ascent:g}/Descent {face.descent:g}"
        f"/CapHeight {face.capHeight:g}/StemV {face.stemV}/FontFile2 {program}"
    )
    descendant = file.add(
        f"/Type/Font/Subtype/CIDFontType2/BaseFont/{cut.name}/CIDToGIDMap/Identity{SYSTEM}"
        f"/FontDescriptor {descriptor}/DW {FULL_WIDTH}/W[1[{cut.widths}]]"
    )
    encoding = file.add_stream(f"/Type/CMap/CMapName/{TO_GLYPHS}/WMode 0{SYSTEM}", cut.to_glyphs)
    to_unicode = file.add_stream("", cut.to_unicode)
    file.define(
        reference,
        f"/Type/Font/Subtype/Type0/BaseFont/{cut.name}/Encoding {encoding}"
        f"/DescendantFonts[{descendant}]/ToUnicode {to_unicode}",
    )


# The labels of one kind of document are set in the same characters in each.
@lru_cache(maxsize=64)
def _cut(typeface: Typeface, characters: str, codes: str) -> Cut:
    face = face_of(typeface)
    font = subset(face, characters)
    places = [codes[start : start + DIGITS] for start in range(0, len(codes), DIGITS)]
    return Cut(
        f"{_tag(font)}+{face.name.decode('ascii')}",
        font,
        " ".join([_width(face, char) for char in characters]),
        _to_glyphs(places),
        _to_unicode(places, characters),
    )


def _tag(font: bytes) -> str:
    """Return the six capitals that tell one subset from another (9.6.4)."""
    return "".join(chr(ord("A") + byte % 26) for byte in sha256(font).digest()[:6])


@lru_cache(maxsize=65536)
def _width(face: TTFontFace, char: str) -> str:
    return f"{face.charWidths[ord(char)]:g}"


def _to_glyphs(codes: Iterable[str]) -> bytes:
    """Return the way from codes to glyphs, which are numbered from 1 as their characters come."""
    entries = [f"<{code}> {number}" for number, code in enumerate(codes, start=1)]
    return _map(entries, block="cidchar", name=TO_GLYPHS, kind=1, ordering="Identity")


def _to_unicode(codes: Iterable[str], characters: Iterable[str]) -> bytes:
    """Return the way from codes to characters (9.10.3)."""
    named = zip(codes, map(utf_16, characters), strict=True)
    entries = [f"<{code}> <{name}>" for code, name in named]
    return _map(entries, block="bfchar", name=TO_UNICODE, kind=2, ordering="UCS")


def _map(entries: list[str], *, block: str, name: str, kind: int, ordering: str) -> bytes:
    parts = [entries[start : start + ENTRIES] for start in range(0, len(entries), ENTRIES)]
    blocks = [f"{len(part)} begin{block}\n{chr(10).join(part)}\nend{block}" for part in parts]
    return MAP.format(ordering=ordering, name=name, kind=kind, blocks="\n".join(blocks)).encode()

"""Embedding what a file shows of a typeface (ISO 32000-1, 9.7 to 9.10).

Entry points: `Codes`, `embed`. What stands in the content is the text itself in UTF-16, and a map
in the file leads from each character to its glyph in the embedded font: so whoever extracts the
text gets back what was drawn, also where two characters look the same.
"""

from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256

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
LAST_OF_PLANE = "\uffff"
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

    All codes have four hexadecimal digits: not every reader takes some that are longer.
    """

    def __missing__(self, char: str) -> str:
        code = self[char] = f"{PRIVATE + len(self):04x}"
        return code

    def of(self, text: str) -> str:
        """Return what shows a text, in any of the fonts."""
        if max(text, default="") <= LAST_OF_PLANE:
            return utf_16(text)
        return "".join(self[char] if char > LAST_OF_PLANE else utf_16(char) for char in text)


def utf_16(text: str) -> str:
    """Return a text's UTF-16 (big-endian) as hexadecimal digits."""
    return text.encode("utf-16-be").hex()


def embed(
    file: PdfFile,
    reference: Reference,
    typeface: Typeface,
    characters: Iterable[str],
    codes: Codes,
) -> None:
    """Define the font of a typeface with the glyphs of these characters, under their codes."""
    face, shown = face_of(typeface), sorted(characters)
    font = subset(face, shown)
    name = f"{_tag(font)}+{face.name.decode('ascii')}"
    program = file.add_stream(f"/Length1 {len(font)}", font)
    box = " ".join(f"{edge:g}" for edge in face.bbox)
    descriptor = file.add(
        f"/Type/FontDescriptor/FontName/{name}/Flags {SYMBOLIC}/FontBBox[{box}]"
        f"/ItalicAngle {face.italicAngle:g}/Ascent {face.ascent:g}/Descent {face.descent:g}"
        f"/CapHeight {face.capHeight:g}/StemV {face.stemV}/FontFile2 {program}"
    )
    widths = " ".join([_width(face, char) for char in shown])
    descendant = file.add(
        f"/Type/Font/Subtype/CIDFontType2/BaseFont/{name}/CIDToGIDMap/Identity{SYSTEM}"
        f"/FontDescriptor {descriptor}/DW {FULL_WIDTH}/W[1[{widths}]]"
    )
    places = [codes.of(char) for char in shown]
    encoding = file.add_stream(
        f"/Type/CMap/CMapName/{TO_GLYPHS}/WMode 0{SYSTEM}", _to_glyphs(places)
    )
    to_unicode = file.add_stream("", _to_unicode(places, shown))
    file.define(
        reference,
        f"/Type/Font/Subtype/Type0/BaseFont/{name}/Encoding {encoding}"
        f"/DescendantFonts[{descendant}]/ToUnicode {to_unicode}",
    )


def _tag(font: bytes) -> str:
    """Return the six capitals that tell one subset from another (9.6.4)."""
    return "".join(chr(ord("A") + byte % 26) for byte in sha256(font).digest()[:6])


# Few of the characters that are shown are new.
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

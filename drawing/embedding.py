"""Embedding what a file shows of a typeface (ISO 32000-1, 9.7 to 9.10).

Entry points: `Codes`, `embed`. Each character shown has a code of its own, counted from 1 as they
come, and the code is the number of its glyph in the embedded font: so whoever extracts the text
gets back what was drawn, also where two characters look the same.
"""

from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256

from reportlab.pdfbase.ttfonts import TTFontFace

from drawing.fonts import Typeface, face_of
from drawing.pdf import PdfFile, Reference
from drawing.truetype import subset

FULL_WIDTH = 1000
CODES = [f"{number:04X}" for number in range(1 << 16)]
SYMBOLIC = 4
ENTRIES = 100
"""Adobe Technical Note 5411: at most so many to a block of a ToUnicode map."""
TO_UNICODE = """\
/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
{blocks}
endcmap
CMapName currentdict /CMap defineresource pop
end
end"""


class Codes(dict[str, str]):
    """Character -> its code as four hexadecimal digits, given when it is first asked for."""

    def __missing__(self, char: str) -> str:
        code = self[char] = CODES[len(self) + 1]
        return code


def embed(file: PdfFile, reference: Reference, typeface: Typeface, codes: Codes) -> None:
    """Define the font of a typeface whose characters have these codes."""
    face = face_of(typeface)
    font = subset(face, list(codes))
    name = f"{_tag(font)}+{face.name.decode('ascii')}"
    program = file.add_stream(f"/Length1 {len(font)}", font)
    box = " ".join(f"{edge:g}" for edge in face.bbox)
    descriptor = file.add(
        f"/Type/FontDescriptor/FontName/{name}/Flags {SYMBOLIC}/FontBBox[{box}]"
        f"/ItalicAngle {face.italicAngle:g}/Ascent {face.ascent:g}/Descent {face.descent:g}"
        f"/CapHeight {face.capHeight:g}/StemV {face.stemV}/FontFile2 {program}"
    )
    widths = " ".join([_width(face, char) for char in codes])
    descendant = file.add(
        f"/Type/Font/Subtype/CIDFontType2/BaseFont/{name}/CIDToGIDMap/Identity"
        "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
        f"/FontDescriptor {descriptor}/DW {FULL_WIDTH}/W[1[{widths}]]"
    )
    to_unicode = file.add_stream("", _to_unicode(codes))
    file.define(
        reference,
        f"/Type/Font/Subtype/Type0/BaseFont/{name}/Encoding/Identity-H"
        f"/DescendantFonts[{descendant}]/ToUnicode {to_unicode}",
    )


def _tag(font: bytes) -> str:
    """Return the six capitals that tell one subset from another (9.6.4)."""
    return "".join(chr(ord("A") + byte % 26) for byte in sha256(font).digest()[:6])


def _to_unicode(codes: Mapping[str, str]) -> bytes:
    """Return the way from codes to characters (9.10.3), in UTF-16BE."""
    entries = [f"<{code}> <{_utf_16(char)}>" for char, code in codes.items()]
    blocks = (entries[start : start + ENTRIES] for start in range(0, len(entries), ENTRIES))
    written = (f"{len(block)} beginbfchar\n{chr(10).join(block)}\nendbfchar" for block in blocks)
    return TO_UNICODE.format(blocks="\n".join(written)).encode("ascii")


# Few of the characters that are shown are new.
@lru_cache(maxsize=65536)
def _width(face: TTFontFace, char: str) -> str:
    return f"{face.charWidths[ord(char)]:g}"


@lru_cache(maxsize=65536)
def _utf_16(char: str) -> str:
    return char.encode("utf-16-be").hex().upper()

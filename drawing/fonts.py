"""The typefaces of the certificate, and the rule that no character is ever drawn as a box.

Entry points: `Typeface`, `resolve`. A character is drawn in its own typeface or in the first of
the fallbacks that has a glyph for it; one that no font can draw refuses the issue. The Songti is
committed (scripts/label_fonts.py); Kai and the last resorts are Debian's, found in the folders of
`FONT_DIRS_VARIABLE` or the usual ones, and loaded when first needed (HanaMin takes seconds).
"""

import os
from collections.abc import Iterator
from enum import Enum
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from drawing.errors import (
    FontMissingError,
    ForbiddenCharacterError,
    GlyphMissingError,
)
from primitives.texts import LINE_BREAKS, unprintable

FONT_DIRS_VARIABLE = "QUANJI_FONT_DIRS"
PROJECT = Path(__file__).resolve().parents[1]
COMMITTED = Path(__file__).resolve().parent / "typefaces"
USUAL_DIRS = (Path("/usr/share/fonts/truetype"), PROJECT / "var" / "fonts")
# Adobe Technical Note 5411: at most 100 entries to a block of a ToUnicode map.
BLOCK = 100


class Typeface(Enum):
    """A font file and the Debian package that brings it; no package where it is committed."""

    SONGTI = ("NotoSerifSC-Regular.ttf", "")
    SONGTI_BOLD = ("NotoSerifSC-Bold.ttf", "")
    KAI = ("lxgw-wenkai/LXGWWenKai-Regular.ttf", "fonts-lxgw-wenkai")
    MONO = ("lxgw-wenkai/LXGWWenKaiMono-Regular.ttf", "fonts-lxgw-wenkai")
    HANAZONO_A = ("hanazono/HanaMinA.ttf", "fonts-hanazono")
    HANAZONO_B = ("hanazono/HanaMinB.ttf", "fonts-hanazono")

    @property
    def font_name(self) -> str:
        """The name under which ReportLab knows the loaded font."""
        return f"Quanji-{self.name}"


FALLBACKS = (Typeface.KAI, Typeface.SONGTI, Typeface.HANAZONO_A, Typeface.HANAZONO_B)


def resolve(text: str, typeface: Typeface) -> list[tuple[Typeface, str]]:
    """Return ``text`` cut into runs, each with a typeface that has glyphs for all of it.

    Raises:
        ForbiddenCharacterError: a character is a control, a format, private or a line
            separator.
        GlyphMissingError: no font has a glyph; the message names every such character.
        FontMissingError: a font that is needed is not installed.
    """
    if forbidden := unprintable(text) | LINE_BREAKS.intersection(text):
        raise ForbiddenCharacterError(f"a value holds {_named(sorted(forbidden))}")
    chosen = [(_typeface_for(char, typeface), char) for char in text]
    missing = sorted({char for found, char in chosen if found is None})
    if missing:
        raise GlyphMissingError(f"no font can draw {_named(missing)}")
    return [
        (found, "".join(char for _, char in run))
        for found, run in groupby(chosen, key=lambda pair: pair[0])
        if found is not None
    ]


def width_of(text: str, typeface: Typeface, size: float) -> float:
    """Return the width in points of ``text``, all of which ``typeface`` can draw."""
    return float(_load(typeface).stringWidth(text, size))


def font_path(typeface: Typeface) -> Path:
    """Return where the font file lies.

    Raises:
        FontMissingError: it lies in none of the folders.
    """
    file_name: str
    file_name, package = typeface.value
    if not package:
        return COMMITTED / file_name
    for directory in _directories():
        if (directory / file_name).is_file():
            return directory / file_name
    raise FontMissingError(
        f"{file_name} was not found: install the Debian package {package} (apt-get install"
        f" {package}), or run scripts/fetch_fonts, or name its folder in {FONT_DIRS_VARIABLE}"
    )


def _named(characters: list[str]) -> str:
    return ", ".join(
        f"{char if char.isprintable() else ''}(U+{ord(char):04X})" for char in characters
    )


@cache
def _typeface_for(char: str, first: Typeface) -> Typeface | None:
    for typeface in (first, *FALLBACKS):
        if ord(char) in _load(typeface).face.charToGlyph:
            return typeface
    return None


@cache
def _load(typeface: Typeface) -> "DrawnFont":
    font = DrawnFont(typeface.font_name, str(font_path(typeface)))
    pdfmetrics.registerFont(font)
    return font


def _directories() -> Iterator[Path]:
    named = os.environ.get(FONT_DIRS_VARIABLE, "")
    yield from (Path(part) for part in named.split(os.pathsep) if part)
    yield from USUAL_DIRS


class DrawnFont(TTFont):  # type: ignore[misc] # ReportLab ships no types
    """A TrueType font without two faults of ReportLab 5.1.

    Its ToUnicode map writes characters beyond U+FFFF as five digits, so that rare names cannot be
    searched or copied; and glyphs that share the last advance width get it scaled twice where the
    em is not 1000 units, so that the embedded font contradicts the widths in the file. Only what
    a certificate prints is embedded (no ASCII by default).
    """

    def __init__(self, name: str, path: str) -> None:
        super().__init__(name, path, asciiReadable=False, shapable=False)
        _restore_shared_advance(self.face)

    def addObjects(self, document: Any) -> None:  # noqa: ANN401, N802 # ReportLab's method, untyped
        """Embed the subsets, each with a correct ToUnicode map."""
        subsets = self.state[document].subsets
        fonts_before = set(document.idToObject)
        super().addObjects(document)
        maps = [
            key
            for key in document.idToObject
            if key not in fonts_before and key.startswith("toUnicodeCMap:")
        ]
        for key, subset in zip(maps, subsets, strict=True):
            document.idToObject[key].content = _to_unicode(subset)


def _restore_shared_advance(face: Any) -> None:  # noqa: ANN401 # ReportLab's face, untyped
    full = face.get_ushort(face.get_table_pos("hhea")[0] + 34)
    last_advance = face.hmetrics[full - 1][0]
    face.hmetrics[full:] = [(last_advance, bearing) for _, bearing in face.hmetrics[full:]]


def _to_unicode(subset: list[int]) -> str:
    """Return the ToUnicode map of a subset (ISO 32000-2, 9.10.3): code -> UTF-16BE."""
    entries = [
        f"<{code:02X}> <{chr(value).encode('utf-16-be').hex().upper()}>"
        for code, value in enumerate(subset)
        if value
    ]
    blocks = [entries[start : start + BLOCK] for start in range(0, len(entries), BLOCK)]
    return "\n".join(
        [
            "/CIDInit /ProcSet findresource begin",
            "12 dict begin",
            "begincmap",
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
            "/CMapName /Adobe-Identity-UCS def",
            "/CMapType 2 def",
            "1 begincodespacerange",
            "<00> <FF>",
            "endcodespacerange",
            *(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks),
            "endcmap",
            "CMapName currentdict /CMap defineresource pop",
            "end",
            "end",
        ]
    )

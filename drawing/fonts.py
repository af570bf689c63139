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
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from reportlab.pdfbase.ttfonts import TTFontFace

from drawing.errors import (
    FontMissingError,
    ForbiddenCharacterError,
    GlyphMissingError,
    RenderingError,
)
from primitives.texts import LINE_BREAKS, unprintable

FONT_DIRS_VARIABLE = "QUANJI_FONT_DIRS"
PROJECT = Path(__file__).resolve().parents[1]
COMMITTED = Path(__file__).resolve().parent / "typefaces"
USUAL_DIRS = (Path("/usr/share/fonts/truetype"), PROJECT / "var" / "fonts")


class Typeface(Enum):
    """A font file and the Debian package that brings it; no package where it is committed."""

    SONGTI = ("NotoSerifSC-Regular.ttf", "")
    SONGTI_BOLD = ("NotoSerifSC-Bold.ttf", "")
    KAI = ("lxgw-wenkai/LXGWWenKai-Regular.ttf", "fonts-lxgw-wenkai")
    MONO = ("lxgw-wenkai/LXGWWenKaiMono-Regular.ttf", "fonts-lxgw-wenkai")
    HANAZONO_A = ("hanazono/HanaMinA.ttf", "fonts-hanazono")
    HANAZONO_B = ("hanazono/HanaMinB.ttf", "fonts-hanazono")

    # A member is one object; Enum would hash its name each time that a font is taken up.
    __hash__ = object.__hash__


FALLBACKS = (Typeface.KAI, Typeface.SONGTI, Typeface.HANAZONO_A, Typeface.HANAZONO_B)
EM = 1000
"""The parts of an em in which advances are given."""


class Glyph(NamedTuple):
    """What draws a character: the typeface, and how far it reaches, in parts of an em."""

    typeface: Typeface
    advance: float


def glyphs(text: str, typeface: Typeface) -> list[Glyph]:
    """Return what draws each character of a text.

    Raises:
        ForbiddenCharacterError: a character is a control, a format, private or a line
            separator.
        GlyphMissingError: no font has a glyph; the message names every such character.
        FontMissingError: a font that is needed is not installed.
    """
    known = _glyphs(typeface)
    try:
        return list(map(known.__getitem__, text))
    except KeyError:
        raise _refusal(text, typeface) from None


class Part(NamedTuple):
    """A part of a text that one typeface can draw, and how far it reaches, in parts of an em."""

    text: str
    typeface: Typeface
    advance: float


def resolve(text: str, typeface: Typeface) -> list[Part]:
    """Return ``text`` cut into parts, each with a typeface that has glyphs for all of it.

    Raises:
        RenderingError: as `glyphs`.
    """
    if not text:
        return []
    typefaces, advances = zip(*glyphs(text, typeface), strict=True)
    if len(set(typefaces)) == 1:
        return [Part(text, typefaces[0], sum(advances))]
    drawn = zip(text, typefaces, advances, strict=True)
    parts = ((found, zip(*part, strict=True)) for found, part in groupby(drawn, itemgetter(1)))
    return [Part("".join(chars), found, sum(reached)) for found, (chars, _, reached) in parts]


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


def _refusal(text: str, typeface: Typeface) -> RenderingError:
    if forbidden := unprintable(text) | LINE_BREAKS.intersection(text):
        return ForbiddenCharacterError(f"a value holds {_named(sorted(forbidden))}")
    known = _glyphs(typeface)
    return GlyphMissingError(
        f"no font can draw {_named(sorted({char for char in text if not known.has(char)}))}"
    )


class _Glyphs(dict[str, Glyph]):
    """Character -> its glyph in a typeface or the first fallback that has one."""

    def __init__(self, first: Typeface) -> None:
        super().__init__()
        self._typefaces = (first, *FALLBACKS)

    def __missing__(self, char: str) -> Glyph:
        if unprintable(char) or char in LINE_BREAKS:
            raise KeyError(char)
        for typeface in self._typefaces:
            face = face_of(typeface)
            if ord(char) in face.charToGlyph:
                glyph = self[char] = Glyph(typeface, face.charWidths[ord(char)])
                return glyph
        raise KeyError(char)

    def has(self, char: str) -> bool:
        try:
            self[char]
        except KeyError:
            return False
        return True


_glyphs = cache(_Glyphs)


@cache
def face_of(typeface: Typeface) -> TTFontFace:
    """Return what the font file holds.

    Raises:
        FontMissingError: it lies in none of the folders.
    """
    face = TTFontFace(str(font_path(typeface)))
    _restore_shared_advance(face)
    return face


def _directories() -> Iterator[Path]:
    named = os.environ.get(FONT_DIRS_VARIABLE, "")
    yield from (Path(part) for part in named.split(os.pathsep) if part)
    yield from USUAL_DIRS


def _restore_shared_advance(face: TTFontFace) -> None:
    """Mend ReportLab 5.1, which scales the advance twice that the last glyphs share.

    Where the em is not 1000 units the embedded font would contradict the widths in the file.
    """
    full = face.get_ushort(face.get_table_pos("hhea")[0] + 34)
    last_advance = face.hmetrics[full - 1][0]
    face.hmetrics[full:] = [(last_advance, bearing) for _, bearing in face.hmetrics[full:]]

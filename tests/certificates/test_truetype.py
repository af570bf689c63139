"""An embedded font holds the outlines of the font file, and of nothing but what is shown."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from fontTools.pens.recordingPen import RecordingPen  # type: ignore[import-untyped] # no types
from fontTools.ttLib import TTFont  # type: ignore[import-untyped] # as above
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Pdf

from certificates.rendering import render_certificate
from drawing.fonts import Typeface, face_of, font_path
from drawing.truetype import MAGIC, MODULUS, glyph_of, subset
from tests.certificates.test_proofreading import RARE, with_holder

ENTRY = re.compile(r"^<(?!0000)([0-9a-f]{4})> <?([0-9a-f]+)>?$", re.MULTILINE)
"""An entry of a map from codes to glyphs or to characters; all codes begin at 0000."""
SHOWN = "数据权籍Aé，"


def outline(font: Any, glyph: str) -> list[Any]:
    """Return how a glyph is drawn, its parts put together."""
    pen = RecordingPen()
    font.getGlyphSet()[glyph].draw(pen)
    drawn: list[Any] = pen.value
    return drawn


def decomposed(font: Any, glyph: str) -> list[Any]:
    glyphs = font["glyf"]
    coordinates, ends, flags = glyphs[glyph].getCoordinates(glyphs)
    return [list(coordinates), list(ends), list(flags)]


@pytest.fixture
def original(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Return the font file of a typeface as another program reads it."""
    with TTFont(font_path(request.param), lazy=True) as font:
        yield font


@pytest.mark.parametrize(
    ("typeface", "original"),
    [(each, each) for each in (Typeface.KAI, Typeface.HANAZONO_A)],
    indirect=["original"],
)
def test_each_character_has_the_outline_and_advance_of_the_font_file(
    typeface: Typeface, original: Any
) -> None:
    cut = TTFont(BytesIO(subset(face_of(typeface), SHOWN)))
    names = original.getBestCmap()
    assert cut["maxp"].numGlyphs == 1 + len(SHOWN)
    for number, char in enumerate(SHOWN, start=1):
        ours, theirs = cut.getGlyphName(number), names[ord(char)]
        assert outline(cut, ours) == outline(original, theirs), char
        assert cut["hmtx"][ours] == original["hmtx"][theirs], char


@pytest.mark.parametrize("original", [Typeface.KAI], indirect=True)
def test_a_glyph_that_is_put_together_from_others_brings_them(original: Any) -> None:
    face = face_of(Typeface.KAI)
    names = original.getBestCmap()
    composites = [chr(code) for code in names if glyph_of(face, face.charToGlyph[code]).parts]
    assert composites, "the font has none any more: drop what is about them"

    cut = TTFont(BytesIO(subset(face, composites)))

    assert cut["maxp"].numGlyphs > 1 + len(composites)
    for number, char in enumerate(composites, start=1):
        assert decomposed(cut, cut.getGlyphName(number)) == decomposed(original, names[ord(char)])


@settings(max_examples=25)
@given(st.lists(st.sampled_from("数据产权登记凭证 0123456789ABCabc"), unique=True))
def test_the_sum_of_the_whole_font_is_what_the_format_says(characters: list[str]) -> None:
    font = subset(face_of(Typeface.SONGTI), characters)
    words = (int.from_bytes(font[place : place + 4]) for place in range(0, len(font), 4))
    assert sum(words) % MODULUS == MAGIC


def test_each_code_of_a_finished_file_leads_to_the_outline_of_its_character() -> None:
    pdf = render_certificate(with_holder(RARE))
    with Pdf.open(BytesIO(pdf)) as document:
        fonts = {
            name.strip("/"): font
            for page in document.pages
            for name, font in page.Resources.Font.items()
        }
        for name, font in fonts.items():
            typeface = Typeface[name]
            cut = TTFont(BytesIO(font.DescendantFonts[0].FontDescriptor.FontFile2.read_bytes()))
            glyphs = dict(ENTRY.findall(font.Encoding.read_bytes().decode()))
            named = dict(ENTRY.findall(font.ToUnicode.read_bytes().decode()))
            assert glyphs.keys() == named.keys()
            with TTFont(font_path(typeface), lazy=True) as original:
                best = original.getBestCmap()
                for code, number in glyphs.items():
                    char = bytes.fromhex(named[code]).decode("utf-16-be")
                    theirs = decomposed(original, best[ord(char)])
                    assert decomposed(cut, cut.getGlyphName(int(number))) == theirs, char
    assert {"KAI", "SONGTI", "SONGTI_BOLD", "MONO", "HANAZONO_A"} <= fonts.keys()

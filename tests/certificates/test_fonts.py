"""No character is drawn as a box, and none that could mislead the eye is drawn at all."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.pdfbase.ttfonts import TTFontFace

from drawing import fonts
from drawing.errors import (
    FontMissingError,
    ForbiddenCharacterError,
    GlyphMissingError,
)
from drawing.fonts import Typeface, resolve

HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)
LEVEL_ONE = "".join(
    bytes((0xA0 + row, 0xA0 + cell)).decode("gb2312", errors="ignore")
    for row in range(16, 56)
    for cell in range(1, 95)
)


def parts(text: str, typeface: Typeface) -> list[tuple[Typeface, str]]:
    return [(part.typeface, part.text) for part in resolve(text, typeface)]


@given(st.text(HAN, max_size=40))
def test_runs_put_together_are_the_text(text: str) -> None:
    assert "".join(part.text for part in resolve(text, Typeface.KAI)) == text


def test_common_characters_need_no_fallback_in_either_songti() -> None:
    assert len(LEVEL_ONE) == 3755
    for typeface in (Typeface.SONGTI, Typeface.SONGTI_BOLD):
        assert parts(LEVEL_ONE, typeface) == [(typeface, LEVEL_ONE)]


def test_a_rare_name_falls_back_to_a_font_that_has_it() -> None:
    assert parts("镕𪚥", Typeface.KAI) == [(Typeface.KAI, "镕"), (Typeface.HANAZONO_A, "𪚥")]


def test_characters_that_no_font_has_are_refused_by_name() -> None:
    with pytest.raises(GlyphMissingError, match=r"\(U\+0627\).*\(U\+0939\)"):
        resolve("数据हا", Typeface.KAI)


@pytest.mark.parametrize(
    "char",
    ["\u202e", "\u2066", "\u200f", "\u200b", "\ufeff", "\x00", "\x1b", "\x7f", "\x85", "\ue000"],
)
def test_control_bidi_invisible_and_private_characters_are_refused(char: str) -> None:
    with pytest.raises(ForbiddenCharacterError, match=f"U\\+{ord(char):04X}"):
        resolve(f"示例{char}公司", Typeface.KAI)


def test_a_missing_font_names_the_debian_package_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(fonts, "USUAL_DIRS", (tmp_path,))
    with pytest.raises(FontMissingError, match="apt-get install fonts-lxgw-wenkai"):
        fonts.font_path(Typeface.KAI)


def test_fonts_are_found_in_the_folders_that_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    font = tmp_path / "lxgw-wenkai" / "LXGWWenKai-Regular.ttf"
    font.parent.mkdir()
    font.touch()
    monkeypatch.setenv(fonts.FONT_DIRS_VARIABLE, str(tmp_path))
    assert fonts.font_path(Typeface.KAI) == font


def test_an_advance_shared_by_the_last_glyphs_is_not_scaled_twice() -> None:
    full_width = 1024  # HanaMin has 1024 units to the em
    assert fonts.face_of(Typeface.HANAZONO_B).hmetrics[-1][0] == full_width
    faulty = TTFontFace(str(fonts.font_path(Typeface.HANAZONO_B)))
    assert faulty.hmetrics[-1][0] != full_width, "fixed upstream: drop ours"


def test_what_the_drawing_code_prints_needs_no_fallback_in_either_songti() -> None:
    sources = (fonts.PROJECT / "certificates" / "drawing").glob("*.py")
    printed = {char for path in sources for char in path.read_text("utf-8") if char.isprintable()}
    text = "".join(sorted(printed))
    for typeface in (Typeface.SONGTI, Typeface.SONGTI_BOLD):
        assert parts(text, typeface) == [(typeface, text)], "run scripts/label_fonts.py again"

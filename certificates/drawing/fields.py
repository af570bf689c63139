"""The parts that rows are made of: labels in Songti, values in Kai, English small beneath."""

from collections.abc import Sequence

from certificates.drawing.words import NONE, Words
from drawing.fonts import Typeface
from drawing.layout import Cell, Row
from drawing.palette import CINNABAR, GREY, INK
from drawing.text import Line, Style, set_line, set_lines

WIDTH = 467.0
LABEL_WIDTH = 62.0
HALF = WIDTH / 2
WIDE_VALUE = WIDTH - LABEL_WIDTH
HALF_VALUE = HALF - LABEL_WIDTH - 8

HEADING = Style(Typeface.SONGTI_BOLD, 10, 13, INK)
HEADING_EN = Style(Typeface.SONGTI, 7, 13, GREY)
LABEL = Style(Typeface.SONGTI, 8, 11.5, INK)
LABEL_EN = Style(Typeface.SONGTI, 5.8, 7, GREY)
VALUE = Style(Typeface.KAI, 9.6, 12.5, INK)
VALUE_EN = Style(Typeface.SONGTI, 6, 7.5, GREY)
PROVEN = Style(Typeface.SONGTI_BOLD, 8.4, 12, INK)
PROVEN_EN = Style(Typeface.SONGTI_BOLD, 5.8, 7.5, INK)
UNPROVEN = Style(Typeface.SONGTI_BOLD, 8.4, 12, CINNABAR)
UNPROVEN_EN = Style(Typeface.SONGTI_BOLD, 5.8, 7.5, CINNABAR)
DIGEST = Style(Typeface.MONO, 6.8, 9, INK)

Field = tuple[Words, Sequence[Line]]


def heading(words: Words) -> Row:
    """Return the title of a section."""
    title = set_line(words.zh, HEADING)
    return Row(
        cells=(Cell(0, (title,)), Cell(title.width + 7, (set_line(words.en, HEADING_EN),))),
        tag="H2",
        space_above=9,
        space_below=2,
        has_rule=False,
        keeps_with_next=True,
    )


def wide_row(label: Words, value: Sequence[Line]) -> Row:
    """Return one field over the whole width."""
    continued = label_lines(Words(label.zh, "continued"))
    return Row(
        cells=(
            Cell(0, label_lines(label), continued, head="Row"),
            Cell(LABEL_WIDTH, tuple(value), span=3),
        ),
        tag="TR",
    )


def pair_row(one: Field, other: Field) -> Row:
    """Return two fields side by side."""
    return Row(
        cells=tuple(
            cell
            for left, (label, value) in ((0, one), (HALF, other))
            for cell in (
                Cell(left, label_lines(label), head="Row"),
                Cell(left + LABEL_WIDTH, tuple(value)),
            )
        ),
        tag="TR",
    )


def label_lines(label: Words) -> tuple[Line, ...]:
    """Return a label over its English."""
    return set_line(label.zh, LABEL), set_line(label.en, LABEL_EN)


def value_lines(text: str, width: float) -> Sequence[Line]:
    """Return a value as it stands in the register; an empty one is said to be none."""
    return set_lines(text, VALUE, width) if text else words_lines(NONE, width)


def words_lines(words: Words, width: float) -> list[Line]:
    """Return a coded value in words, its English beneath."""
    return [*set_lines(words.zh, VALUE, width), *set_lines(words.en, VALUE_EN, width)]

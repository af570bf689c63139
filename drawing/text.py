"""Setting text: styles, and breaking Chinese mixed with Latin into lines of resolved runs.

Entry points: `set_lines`, `draw_line`. Lengths are points.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from reportlab.pdfgen.canvas import Canvas

from drawing.fonts import Typeface, resolve, width_of
from drawing.palette import Colour

# What may not begin a line, and what may not end one (GB/T 15834, 5.1).
CLOSING = "，。、；：？！）》」』】〉〕…·”’,.;:?!)]}%"
OPENING = "（《「『【〈〔“‘([{"
UNIT = re.compile(
    rf"[{re.escape(OPENING)}]*"
    r"(?:[0-9A-Za-z\u00c0-\u024f@#&+=_/'.:\-]+|.)"
    rf"[{re.escape(CLOSING)}]*"
)

NEAR = 0.01


class Point(NamedTuple):
    """A place on the page, in points from the lower left."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is set: the typeface, its size, the distance between lines, its colour."""

    typeface: Typeface
    size: float
    leading: float
    colour: Colour


@dataclass(frozen=True, slots=True)
class Run:
    """Part of a line that one typeface can draw."""

    text: str
    typeface: Typeface
    width: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text; without runs it only takes up its leading.

    A bound line is never parted from the line above it by the end of a page.
    """

    runs: tuple[Run, ...]
    style: Style
    is_bound: bool = False

    @property
    def text(self) -> str:
        """What the line says."""
        return "".join(run.text for run in self.runs)

    @property
    def width(self) -> float:
        """The width of the ink and spaces."""
        return sum(run.width for run in self.runs)


# Labels and single characters come again and again, and breaking a paragraph measures each.
@lru_cache(maxsize=8192)
def set_line(text: str, style: Style) -> Line:
    """Return ``text`` as one line, however wide.

    Raises:
        RenderingError: a character cannot or must not be drawn.
    """
    runs = (
        Run(part, typeface, width_of(part, typeface, style.size))
        for typeface, part in resolve(text, style.typeface)
    )
    return Line(tuple(runs), style)


def set_lines(text: str, style: Style, width: float) -> list[Line]:
    """Return ``text`` broken into lines no wider than ``width``; its line ends are kept.

    Raises:
        RenderingError: a character cannot or must not be drawn.
    """
    paragraphs = text.replace("\r\n", "\n").split("\n")
    return [
        set_line(line, style)
        for paragraph in paragraphs
        for line in _break(paragraph, style, width)
    ]


def bind(lines: Sequence[Line]) -> list[Line]:
    """Return the lines so that no page ends between them."""
    return [*lines[:1], *(replace(line, is_bound=True) for line in lines[1:])]


def _break(paragraph: str, style: Style, width: float) -> Iterator[str]:
    line, filled = "", 0.0
    for unit in _units(paragraph, style, width):
        advance = set_line(unit, style).width
        # The sum of widths rounds in another way than the width of the whole, which decides and is
        # taken only where the sum comes near: else each line would be measured once a unit.
        is_near = filled + advance > width - NEAR
        if line and is_near and set_line((line + unit).rstrip(), style).width > width:
            yield line.rstrip()
            line = unit.lstrip()
            filled = set_line(line, style).width
        else:
            line += unit
            filled += advance
    yield line.rstrip()


def _units(paragraph: str, style: Style, width: float) -> Iterator[str]:
    """Yield what may not be broken; a unit wider than the line comes by the character."""
    for unit in UNIT.findall(paragraph):
        if set_line(unit, style).width > width:
            yield from unit
        else:
            yield unit


def draw_line(canvas: Canvas, start: Point, line: Line, *, tracking: float = 0) -> None:
    """Draw a line from its baseline's start, with ``tracking`` points after each character."""
    x = start.x
    canvas.setFillColorRGB(*line.style.colour)
    for run in line.runs:
        canvas.setFont(run.typeface.font_name, line.style.size)
        canvas.drawString(x, start.y, run.text, charSpace=tracking)
        x += run.width + tracking * len(run.text)

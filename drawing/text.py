"""Setting text: styles, and breaking Chinese mixed with Latin into lines of resolved parts.

Entry points: `set_lines`, `draw_line`. Lengths are points.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from drawing.canvas import Surface
from drawing.fonts import EM, Part, Typeface, glyphs, resolve
from drawing.palette import Colour

# What may not begin a line, and what may not end one (GB/T 15834, 5.1).
CLOSING = "，。、；：？！）》」』】〉〕…·”’,.;:?!)]}%"
OPENING = "（《「『【〈〔“‘([{"
UNIT = re.compile(
    rf"[{re.escape(OPENING)}]*"
    r"(?:[0-9A-Za-z\u00c0-\u024f@#&+=_/'.:\-]+|.)"
    rf"[{re.escape(CLOSING)}]*"
)


class Point(NamedTuple):
    """A place on the page, in points from the lower left."""

    x: float
    y: float


class Style(NamedTuple):
    """How a text is set: the typeface, its size, the distance between lines, its colour."""

    typeface: Typeface
    size: float
    leading: float
    colour: Colour


class Line(NamedTuple):
    """One line of text; without parts it only takes up its leading.

    A bound line is never parted from the line above it by the end of a page.
    """

    text: str
    parts: tuple[Part, ...]
    style: Style
    is_bound: bool = False

    @property
    def width(self) -> float:
        """The width of the ink and spaces."""
        return sum([part.advance for part in self.parts]) * self.style.size / EM


# Labels come again and again.
@lru_cache(maxsize=8192)
def set_line(text: str, style: Style) -> Line:
    """Return ``text`` as one line, however wide.

    Raises:
        RenderingError: a character cannot or must not be drawn.
    """
    return Line(text, tuple(resolve(text, style.typeface)), style)


@lru_cache(maxsize=8192)
def set_lines(text: str, style: Style, width: float) -> tuple[Line, ...]:
    """Return ``text`` broken into lines no wider than ``width``; its line ends are kept.

    Raises:
        RenderingError: a character cannot or must not be drawn.
    """
    paragraphs = text.replace("\r\n", "\n").split("\n")
    return tuple(
        set_line(line, style)
        for paragraph in paragraphs
        for line in _break(paragraph, style, width)
    )


def beginning(text: str, style: Style, width: float) -> str:
    """Return as many of the first characters of a text as are no wider than ``width``."""
    reached = accumulate(glyph.advance for glyph in glyphs(text, style.typeface))
    return text[: sum(place * style.size / EM <= width for place in reached)]


def bind(lines: Sequence[Line]) -> list[Line]:
    """Return the lines so that no page ends between them."""
    return [*lines[:1], *(line._replace(is_bound=True) for line in lines[1:])]


def _break(paragraph: str, style: Style, width: float) -> Iterator[str]:
    advances = [glyph.advance for glyph in glyphs(paragraph, style.typeface)]
    if sum(advances) * style.size / EM <= width:
        yield paragraph.rstrip()
        return
    places = list(accumulate(advances, initial=0.0))

    def fits(first: int, last: int) -> bool:
        return (places[last] - places[first]) * style.size / EM <= width

    begin = end = 0
    for first, last in _units(paragraph, fits):
        # Spaces may stand beyond the end of a line.
        inked = len(paragraph[:last].rstrip())
        if begin < end and not fits(begin, inked):
            yield paragraph[begin:end].rstrip()
            begin = last - len(paragraph[first:last].lstrip())
        end = last
    yield paragraph[begin:end].rstrip()


def _units(paragraph: str, fits: Callable[[int, int], bool]) -> Iterator[tuple[int, int]]:
    """Yield what may not be broken; a unit wider than the line comes by the character."""
    for unit in UNIT.finditer(paragraph):
        first, last = unit.span()
        if fits(first, last):
            yield first, last
        else:
            yield from ((place, place + 1) for place in range(first, last))


def draw_line(canvas: Surface, start: Point, line: Line, *, tracking: float = 0) -> None:
    """Draw a line from its baseline's start, with ``tracking`` points after each character."""
    x = start.x
    for part in line.parts:
        canvas.show_text(
            part.text,
            part.typeface,
            place=(x, start.y),
            size=line.style.size,
            colour=line.style.colour,
            tracking=tracking,
        )
        x += part.advance * line.style.size / EM + tracking * len(part.text)

"""Drawing rows and lines as parts of the text that is read aloud: headings, paragraphs, tables.

Entry points: `Flow`, `draw_lines`, `draw_text`.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from drawing.canvas import PageCanvas
from drawing.layout import Cell, Row
from drawing.structure import INHERITED, Element, Tag, language_of
from drawing.text import Line, Point, draw_line

BASELINE = 0.24
"""Of the leading below the baseline: the descent of a Chinese face is about 0.12 em."""

Spread = Callable[[Cell, Line], float]


def draw_text(
    canvas: PageCanvas, start: Point, line: Line, *, tag: Tag = "P", tracking: float = 0
) -> None:
    """Draw one line from its baseline's start, as an element of its own."""
    with canvas.marked(Element(tag=tag, language=_lang(canvas, language_of(line.text)))):
        draw_line(canvas, start, line, tracking=tracking)


def draw_lines(canvas: PageCanvas, corner: Point, lines: Sequence[Line]) -> None:
    """Draw lines one under the other from the upper left corner, a paragraph to each language."""
    _draw_cell(canvas, corner, Cell(0, tuple(lines)), None, canvas.current)


class Flow:
    """The rows of one text, drawn page by page: what a page cuts stays one row of one table."""

    def __init__(self, canvas: PageCanvas, left: float, spread: Spread | None = None) -> None:
        """``left`` is where rows begin; ``spread`` says how far a line's letters are spaced."""
        self._canvas = canvas
        self._left = left
        self._spread = spread
        self._table: Element | None = None
        self._columns = 0
        self._cells: list[Element] = []

    def draw(self, row: Row, top: float) -> None:
        """Draw a row with its upper edge at ``top``."""
        if row.tag == "TR":
            self._draw_in_table(row, top)
            return
        self._table = None
        if row.tag == "H2":
            with self._canvas.within(Element(tag="H2")):
                self._draw_cells(row, top, "Span")
        else:
            self._draw_cells(row, top, "P")

    def _draw_in_table(self, row: Row, top: float) -> None:
        if row.is_repeated:
            for cell in row.cells:
                self._draw_again(row, cell, top)
            return
        if self._table is None or self._columns != row.columns:
            self._table, self._columns = Element(tag="Table"), row.columns
            self._canvas.add(self._table)
        if not row.is_begun:
            self._cells = [_cell_element(cell) for cell in row.cells]
            self._table.children.append(Element(tag="TR", children=[*self._cells]))
        for cell, element in zip(row.cells, self._cells, strict=True):
            if cell.is_repeated:
                self._draw_again(row, cell, top)
            else:
                _draw_cell(self._canvas, self._corner(row, cell, top), cell, self._spread, element)

    def _draw_cells(self, row: Row, top: float, tag: Tag) -> None:
        for cell in row.cells:
            corner = self._corner(row, cell, top)
            _draw_cell(self._canvas, corner, cell, self._spread, self._canvas.current, tag)

    def _draw_again(self, row: Row, cell: Cell, top: float) -> None:
        with self._canvas.artifact():
            for line, start in placed(self._corner(row, cell, top), cell.lines):
                draw_line(self._canvas, start, line)

    def _corner(self, row: Row, cell: Cell, top: float) -> Point:
        return Point(self._left + cell.left, top - row.space_above)


def _cell_element(cell: Cell) -> Element:
    if cell.head:
        return Element(tag="TH", scope=cell.head, span=cell.span)
    return Element(tag="TD", span=cell.span)


def _draw_cell(  # of a cell's place and of its place in the tree
    canvas: PageCanvas,
    corner: Point,
    cell: Cell,
    spread: Spread | None,
    parent: Element,
    tag: Tag = "P",
) -> None:
    languages = _languages(cell.lines)
    spoken = zip(languages, placed(corner, cell.lines), strict=True)
    for language, group in groupby(spoken, key=lambda pair: pair[0]):
        element = Element(tag=tag, language=_lang(canvas, language))
        with canvas.marked(element, within=parent):
            for _, (line, start) in group:
                draw_line(canvas, start, line, tracking=spread(cell, line) if spread else 0)


def placed(corner: Point, lines: Sequence[Line]) -> Iterator[tuple[Line, Point]]:
    """Yield lines one under the other from the upper left corner, each with where it begins."""
    y = corner.y
    for line in lines:
        y -= line.style.leading
        yield line, Point(corner.x, y + BASELINE * line.style.leading)


def _languages(lines: Sequence[Line]) -> list[str]:
    """Return each line's language; one of digits or nothing has that of the line before."""
    languages: list[str] = []
    for line in lines:
        before = languages[-1] if languages else INHERITED
        languages.append(language_of(line.text) or before)
    return languages


def _lang(canvas: PageCanvas, language: str) -> str:
    return INHERITED if language == canvas.language else language

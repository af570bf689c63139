"""Rows of cells, and flowing them over pages. Lengths are points, measured downwards.

Entry points: `Row`, `paginate`. Everything between the head of a page and its foot is a row; a
row too tall for what is left of a page is cut between lines and goes on overleaf.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from typing import Literal

from drawing.errors import TooTallError
from drawing.text import Line

LEAST_LINES = 2
"""Fewer lines than this are not left alone, neither at the end of a page nor overleaf."""


@dataclass(frozen=True)
class Cell:
    """Lines set one under the other from ``left``; ``continued`` is what stands there overleaf.

    In a table, a cell may be the ``head`` of its row or column and reach over several columns. One
    that is repeated only reminds the eye of what was said.
    """

    left: float
    lines: tuple[Line, ...]
    continued: tuple[Line, ...] = ()
    head: Literal["", "Row", "Column"] = ""
    span: int = 1
    is_repeated: bool = False

    @cached_property
    def height(self) -> float:
        """The sum of the leadings."""
        return sum([line.style.leading for line in self.lines])

    def fitting(self, height: float) -> int:
        """Return how many lines fit into ``height`` without parting bound lines."""
        count = sum(end <= height for end in accumulate(line.style.leading for line in self.lines))
        while 0 < count < len(self.lines) and self.lines[count].is_bound:
            count -= 1
        return count

    def after(self, count: int) -> "Cell":
        """Return what stands overleaf once ``count`` lines have been set."""
        if rest := self.lines[count:]:
            return replace(self, lines=rest)
        return replace(self, lines=self.continued, is_repeated=True)


@dataclass(frozen=True, kw_only=True)
class Row:
    """Cells side by side under an optional hairline; ``header`` is repeated on each new page.

    ``tag`` says what it is in the text: a paragraph, a heading, or a row of a table. One that is
    begun is the rest of what was cut at the end of the page before.
    """

    cells: tuple[Cell, ...]
    tag: Literal["P", "H2", "TR"] = "P"
    space_above: float = 3.5
    space_below: float = 3.5
    has_rule: bool = True
    keeps_with_next: bool = False
    header: "Row | None" = None
    is_begun: bool = False
    is_repeated: bool = False

    @property
    def columns(self) -> int:
        """Over how many columns of a table the cells reach."""
        return sum(cell.span for cell in self.cells)

    @cached_property
    def height(self) -> float:
        """The tallest cell with the space around it."""
        return self.space_above + max([cell.height for cell in self.cells]) + self.space_below

    def cut(self, height: float) -> "tuple[Row, Row] | None":
        """Return the part that fits into ``height`` and the rest; None if nothing worth it fits."""
        # The tallest cell must get on, or the rest would be as tall as before.
        tallest = max(self.cells, key=lambda cell: cell.height)
        left_over = sum(line.style.leading for line in tallest.lines[-LEAST_LINES:])
        room = height - self.space_above - self.space_below
        room = min(room, tallest.height - left_over)
        counts = [cell.fitting(room) for cell in self.cells]
        if tallest.fitting(room) < LEAST_LINES:
            return None
        head = tuple(
            replace(cell, lines=cell.lines[:count])
            for cell, count in zip(self.cells, counts, strict=True)
        )
        rest = tuple(cell.after(count) for cell, count in zip(self.cells, counts, strict=True))
        return replace(self, cells=head), replace(self, cells=rest, is_begun=True)


def paginate(rows: Sequence[Row], *, first: float, later: float) -> list[list[Row]]:
    """Return the rows of each page: ``first`` points of them on the first, ``later`` on others.

    Raises:
        TooTallError: lines that must stay together do not fit on a page of ``later`` points.
    """
    pages: list[list[Row]] = [[]]
    waiting, room = deque(rows), first
    while waiting:
        row = waiting.popleft()
        starts_page = not pages[-1]
        if row.height <= room and (starts_page or _begin_fits([row, *waiting], room)):
            pages[-1].append(row)
            room -= row.height
            continue
        parts = None if row.keeps_with_next else row.cut(room)
        if parts:
            pages[-1].append(parts[0])
        remainder = parts[1] if parts else row
        _require_room(remainder, later)
        pages.append([])
        waiting.appendleft(remainder)
        if row.header:
            waiting.appendleft(replace(row.header, is_repeated=True))
        room = later
    return pages


def _require_room(row: Row, height: float) -> None:
    room = height - (row.header.height if row.header else 0)
    if row.height > room and row.cut(room) is None:
        raise TooTallError(
            f"a text needs {row.height:.0f} points on one page, which has {room:.0f}"
        )


def _begin_fits(rows: Iterable[Row], room: float) -> bool:
    """Say whether headings fit with at least the beginning of what they keep with."""
    for row in rows:
        if not row.keeps_with_next:
            return row.height <= room or row.cut(room) is not None
        room -= row.height
    return room >= 0

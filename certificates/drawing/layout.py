"""Rows of cells, and flowing them over pages. Lengths are points, measured downwards.

Entry points: `Row`, `paginate`. Everything between the head of a page and its foot is a row; a
row too tall for what is left of a page is cut between lines and goes on overleaf.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from certificates.drawing.text import Line

LEAST_LINES = 2
"""Fewer lines than this are not left alone at the end of a page."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Lines set one under the other from ``left``."""

    left: float
    lines: tuple[Line, ...]

    @property
    def height(self) -> float:
        """The sum of the leadings."""
        return sum(line.style.leading for line in self.lines)

    def fitting(self, height: float) -> int:
        """Return how many lines fit into ``height``."""
        return sum(end <= height for end in accumulate(line.style.leading for line in self.lines))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Cells side by side under an optional hairline; ``header`` is repeated on each new page."""

    cells: tuple[Cell, ...]
    space_above: float = 3
    space_below: float = 3
    has_rule: bool = True
    keeps_with_next: bool = False
    header: "Row | None" = None

    @property
    def height(self) -> float:
        """The tallest cell with the space around it."""
        return self.space_above + max(cell.height for cell in self.cells) + self.space_below

    def cut(self, height: float) -> "tuple[Row, Row] | None":
        """Return the part that fits into ``height`` and the rest; None if nothing worth it fits."""
        room = height - self.space_above - self.space_below
        counts = [cell.fitting(room) for cell in self.cells]
        if max(counts) < LEAST_LINES:
            return None
        head = tuple(
            replace(cell, lines=cell.lines[:count])
            for cell, count in zip(self.cells, counts, strict=True)
        )
        rest = tuple(
            replace(cell, lines=cell.lines[count:])
            for cell, count in zip(self.cells, counts, strict=True)
        )
        return replace(self, cells=head), replace(self, cells=rest)


def height_of(rows: Iterable[Row]) -> float:
    """Return the height of rows set one under the other."""
    return sum(row.height for row in rows)


def paginate(
    rows: Sequence[Row], *, closing: Sequence[Row], first: float, later: float, foot: float
) -> list[list[Row]]:
    """Return the rows of each page; ``closing`` stays together, with ``foot``, on the last page.

    Args:
        rows: what flows.
        closing: what stands directly above the foot of the last page.
        first: the height for rows on the first page.
        later: the same on every other page.
        foot: the height that the last page needs below its rows.
    """
    pages: list[list[Row]] = [[]]
    waiting, room = deque(rows), first
    while waiting:
        row = waiting.popleft()
        kept = waiting[0].height if row.keeps_with_next and waiting else 0
        if row.height + min(kept, later / 2) <= room:
            pages[-1].append(row)
            room -= row.height
            continue
        parts = None if row.keeps_with_next else row.cut(room)
        if parts:
            pages[-1].append(parts[0])
        remainder = parts[1] if parts else row
        pages.append([])
        waiting.extendleft([remainder, row.header] if row.header else [remainder])
        room = later
    if height_of(closing) + foot > room:
        pages.append([])
    pages[-1].extend(closing)
    return pages

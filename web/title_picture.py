"""Title over time as a drawing: a row for each right and remark, a bar for each of its revisions.

Pure layout. Time runs to the right. It is drawn to scale, but every act keeps a least distance from
the one before, so that acts of one day can be told apart. Lengths are SVG user units. Entry point:
`draw`.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from primitives.clock import CHINA
from web.provenance_picture import shortened

CHART_WIDTH, MARGIN = 1010, 18
HEAD_HEIGHT, ROW_HEIGHT, FOOT_HEIGHT = 88, 48, 12
LEAST_BAR, DEEPEST, INDENT = 4, 4, 16
LABEL_COLUMNS, DETAIL_COLUMNS = 40, 60
TICK_GAP, LABEL_GAP = 28, 76
CHOSEN_HALF = 66
"""Half the width of the chosen instant as it is written above its line."""
MOST_LINES = 8
STEPS = (1, 3, 6, 12, 24, 60, 120, 600)
"""Months from one line of the grid to the next."""
OPEN_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """When something holds, [start, end); no end if only an entry ends it.

    ``name`` says which revision it is, or in which state; ``look`` what the style colours it by.
    """

    start: datetime
    end: datetime | None
    look: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One right or remark; ``depth`` counts the rights that it was granted through."""

    label: str
    detail: str
    depth: int
    bars: Sequence[Bar]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """An act: the version of the asset that it made; ``text`` says what it was."""

    at: datetime
    version: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnBar:
    """A bar by its left edge and width; one without an end runs out of the picture."""

    bar: Bar
    x: int
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnRow:
    """A row by its upper edge, with its label and detail shortened to their place."""

    x: int
    y: int
    label: str
    detail: str
    bars: Sequence[DrawnBar]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnTick:
    """The acts of one instant: the first leads to the history, ``label`` counts them."""

    x: int
    label: str
    version: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the grid with its day; a day that has no room is left out."""

    x: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Everything that a template needs to write the SVG.

    Attributes:
        chosen_x: where the chosen instant stands; at an edge if it lies beyond.
        label_x: the middle of its label, which stays inside.
        beyond: "before" or "after" if it does.
    """

    width: int
    height: int
    rows: Sequence[DrawnRow]
    ticks: Sequence[DrawnTick]
    lines: Sequence[Line]
    chosen_x: int
    label_x: int
    beyond: str


class Scale:
    """Where an instant stands: piecewise linear between the acts, clamped at both ends."""

    def __init__(self, stops: Sequence[datetime], *, left: int, width: int) -> None:
        spans = [(after - before).total_seconds() for before, after in pairwise(stops)]
        free, whole = width - TICK_GAP * len(spans), sum(spans)
        self.stops = stops
        self.xs = [float(left)]
        for span in spans:
            self.xs.append(self.xs[-1] + TICK_GAP + free * span / whole)

    def x(self, instant: datetime) -> int:
        """Return the distance from the picture's left edge."""
        place = bisect_right(self.stops, instant)
        if place == 0:
            return round(self.xs[0])
        if place == len(self.stops):
            return round(self.xs[-1])
        before, after = self.stops[place - 1], self.stops[place]
        part = (instant - before) / (after - before)
        return round(self.xs[place - 1] + part * (self.xs[place] - self.xs[place - 1]))


def draw(rows: Sequence[Row], ticks: Sequence[Tick], *, chosen: datetime) -> Picture:
    """Lay out rows and acts; there is at least one act.

    Raises:
        ValueError: there is none.
    """
    if not ticks:
        raise ValueError("a title without an act has no history")
    stops = _stops(rows, ticks)
    width = max(CHART_WIDTH, 2 * TICK_GAP * len(stops))
    scale, right = Scale(stops, left=MARGIN, width=width), MARGIN + width
    chosen_x = scale.x(chosen)
    return Picture(
        width=right + MARGIN,
        height=HEAD_HEIGHT + ROW_HEIGHT * len(rows) + FOOT_HEIGHT,
        rows=[_row(row, place, scale, right) for place, row in enumerate(rows)],
        ticks=list(_ticks(ticks, scale)),
        lines=list(_lines(scale)),
        chosen_x=chosen_x,
        label_x=min(max(chosen_x, CHOSEN_HALF), right + MARGIN - CHOSEN_HALF),
        beyond="before" if chosen < stops[0] else "after" if chosen > stops[-1] else "",
    )


def _stops(rows: Iterable[Row], ticks: Iterable[Tick]) -> list[datetime]:
    """Return the first instant, every act, and the last end that is known."""
    acts = {tick.at for tick in ticks}
    bars = [bar for row in rows for bar in row.bars]
    ends = [bar.end for bar in bars if bar.end is not None]
    last = max([*ends, max(acts)])
    if last == max(acts):
        last += OPEN_YEAR
    return sorted({*acts, last, min([*acts, *(bar.start for bar in bars)])})


def _row(row: Row, place: int, scale: Scale, right: int) -> DrawnRow:
    return DrawnRow(
        x=MARGIN + INDENT * min(row.depth, DEEPEST),
        y=HEAD_HEIGHT + ROW_HEIGHT * place,
        label=shortened(row.label, LABEL_COLUMNS),
        detail=shortened(row.detail, DETAIL_COLUMNS),
        bars=[_bar(bar, scale, right) for bar in row.bars],
    )


def _bar(bar: Bar, scale: Scale, right: int) -> DrawnBar:
    x = scale.x(bar.start)
    end = right + MARGIN if bar.end is None else scale.x(bar.end)
    return DrawnBar(bar=bar, x=x, width=max(end - x, LEAST_BAR))


def _ticks(ticks: Iterable[Tick], scale: Scale) -> Iterator[DrawnTick]:
    by_instant: dict[datetime, list[Tick]] = {}
    for tick in ticks:
        by_instant.setdefault(tick.at, []).append(tick)
    for at, together in sorted(by_instant.items()):
        first, last = together[0].version, together[-1].version
        yield DrawnTick(
            x=scale.x(at),
            label=str(first) if first == last else f"{first}–{last}",
            version=first,
            text=" / ".join(tick.text for tick in together),
        )


def _lines(scale: Scale) -> Iterator[Line]:
    """Yield the first days of months, as many as can be told apart; a crowded one has no label."""
    first, last = (stop.astimezone(CHINA) for stop in (scale.stops[0], scale.stops[-1]))
    months = (last.year - first.year) * 12 + last.month - first.month
    step = next((step for step in STEPS if months / step <= MOST_LINES), STEPS[-1])
    free_from = 0
    for count in range(first.year * 12 + first.month, last.year * 12 + last.month):
        if count % step:
            continue
        year, month = divmod(count, 12)
        x = scale.x(datetime(year, month + 1, 1, tzinfo=CHINA))
        has_room = x >= free_from
        free_from = x + LABEL_GAP if has_room else free_from
        yield Line(x=x, label=f"{year}-{month + 1:02d}" if has_room else "")

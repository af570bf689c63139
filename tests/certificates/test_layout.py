"""Flowing rows over pages loses no line, keeps their order and overfills no page."""

from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawing.canvas import Surface, art
from drawing.fonts import Typeface
from drawing.layout import Cell, Row, paginate
from drawing.palette import INK
from drawing.structure import Box
from drawing.text import (
    UNIT,
    Line,
    Point,
    Style,
    beginning,
    bind,
    draw_line,
    set_line,
    set_lines,
)

FIRST, LATER = 200.0, 400.0
VALUE = Style(Typeface.KAI, 9, 12, INK)


def shown(line: Line) -> str:
    return "".join(part.text for part in line.parts)


@st.composite
def tables(draw: st.DrawFn) -> list[Row]:
    """Return rows of two cells, some headings, some lines bound; each line has its own number."""
    numbers = iter(range(10_000))

    def lines(count: int) -> list[Line]:
        return [set_line(str(next(numbers)), VALUE) for _ in range(count)]

    rows = []
    for _ in range(draw(st.integers(1, 6))):
        groups = draw(st.lists(st.integers(1, 6), min_size=1, max_size=10))
        bound = [line for count in groups for line in bind(lines(count))]
        beside = lines(draw(st.integers(1, 60)))
        rows.append(Row(cells=(Cell(0, tuple(lines(1))),), keeps_with_next=True))
        rows.append(Row(cells=(Cell(0, tuple(bound)), Cell(100, tuple(beside)))))
    return rows


def texts_by_column(rows: list[Row]) -> dict[float, list[str]]:
    columns: dict[float, list[str]] = {0: [], 100: []}
    for row in rows:
        for cell in row.cells:
            columns[cell.left] += [part.text for line in cell.lines for part in line.parts]
    return columns


@given(tables())
def test_pages_hold_every_line_once_in_order_and_none_is_overfull(rows: list[Row]) -> None:
    pages = paginate(rows, first=FIRST, later=LATER)
    flowed = [row for page in pages for row in page]
    assert texts_by_column(flowed) == texts_by_column(rows)
    for page, room in zip(pages, [FIRST] + [LATER] * len(pages), strict=False):
        assert sum(row.height for row in page) <= room


@given(tables())
def test_no_page_ends_with_a_heading_or_begins_with_a_bound_line(rows: list[Row]) -> None:
    pages = paginate(rows, first=FIRST, later=LATER)
    assert not any(page[-1].keeps_with_next for page in pages if page)
    starts = [cell.lines[0] for page in pages if page for cell in page[0].cells if cell.lines]
    assert not any(line.is_bound for line in starts)


@given(st.integers(1, 90), st.integers(0, 12))
def test_no_line_of_a_text_stands_alone_at_the_end_of_a_page_or_overleaf(
    count: int, above: int
) -> None:
    line = set_line("line", VALUE)
    rows = [Row(cells=(Cell(0, (line,)),)) for _ in range(above)]
    pages = paginate([*rows, Row(cells=(Cell(0, (line,) * count),))], first=FIRST, later=LATER)
    pieces = [len(row.cells[0].lines) for page in pages for row in page][above:]
    assert sum(pieces) == count
    assert len(pieces) == 1 or min(pieces) >= 2


def test_closing_punctuation_never_begins_a_line() -> None:
    text = "经登记机构审查，下列数据产权已予登记。" * 12
    for width in range(60, 200, 7):
        lines = [shown(line) for line in set_lines(text, VALUE, width)]
        assert "".join(lines) == text
        assert not any(line[0] in "，。" for line in lines)
        assert all(line.width <= width for line in set_lines(text, VALUE, width))


@given(st.text(alphabet="甲，（a1 .", max_size=60), st.integers(20, 90))
def test_lines_break_where_measuring_the_whole_line_each_time_breaks_them(
    text: str, width: int
) -> None:
    lines = [shown(line) for line in set_lines(text, VALUE, width)]

    assert lines == list(broken_naively(text, width))


def broken_naively(text: str, width: int) -> Iterator[str]:
    line = ""
    for unit in (part for whole in UNIT.findall(text) for part in parts(whole, width)):
        if line and set_line((line + unit).rstrip(), VALUE).width > width:
            yield line.rstrip()
            line = unit.lstrip()
        else:
            line += unit
    yield line.rstrip()


def parts(unit: str, width: int) -> Iterable[str]:
    return unit if set_line(unit, VALUE).width > width else [unit]


@given(text=st.text(st.sampled_from("数据权籍iW 1，"), max_size=60), width=st.integers(0, 300))
def test_the_beginning_of_a_text_is_the_longest_that_fits(text: str, width: int) -> None:
    fitting = [
        text[:count]
        for count in range(len(text) + 1)
        if set_line(text[:count], VALUE).width <= width
    ]

    assert beginning(text, VALUE, width) == fitting[-1]


def test_no_drawing_is_kept_that_holds_what_each_file_encodes_anew() -> None:
    def draw(canvas: Surface) -> None:
        draw_line(canvas, Point(0, 0), set_line("𠮷", VALUE))

    with pytest.raises(ValueError, match="𠮷"):
        art(Box(0, 0, 9, 9), draw)

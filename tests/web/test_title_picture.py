"""The drawing of title over time: everything in its place, whatever the dates."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.title_picture import MARGIN, TICK_GAP, Bar, Picture, Row, Tick, draw

START = datetime(2026, 11, 25, 4, tzinfo=UTC)
instants = st.datetimes(datetime(2001, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 # hypothesis adds the zone


def bar(start: datetime, end: datetime | None) -> Bar:
    return Bar(start=start, end=end, look="right", name="I-1@1")


def row(*bars: Bar, label: str = "数据持有权", depth: int = 0) -> Row:
    return Row(label=label, detail="示例公司", depth=depth, bars=bars)


def tick(at: datetime, version: int = 1) -> Tick:
    return Tick(at=at, version=version, text=f"{version}")


@st.composite
def titles(draw_from: st.DrawFn) -> tuple[list[Row], list[Tick]]:
    """Acts in order, and rows whose bars begin at acts and end anywhere after, or never."""
    acts = sorted(draw_from(st.lists(instants, min_size=1, max_size=12)))
    rows = []
    for _number in range(draw_from(st.integers(0, 6))):
        begin = draw_from(st.sampled_from(acts))
        lasting = draw_from(st.none() | st.integers(1, 9000 * 24 * 3600))
        end = None if lasting is None else begin + timedelta(seconds=lasting)
        rows.append(row(bar(begin, end)))
    return rows, [tick(at, version) for version, at in enumerate(acts, 1)]


@given(titles(), instants)
def test_everything_stands_inside_the_picture(
    title: tuple[list[Row], list[Tick]], chosen: datetime
) -> None:
    picture = draw(*title, chosen=chosen)

    right = picture.width - MARGIN
    assert all(MARGIN <= one.x <= right for one in picture.ticks)
    assert all(MARGIN <= line.x <= right for line in picture.lines)
    assert MARGIN <= picture.chosen_x <= right
    assert 0 < picture.label_x < picture.width
    for drawn in (each for shown in picture.rows for each in shown.bars):
        assert drawn.x >= MARGIN
        assert drawn.width > 0
        assert drawn.x + drawn.width <= picture.width + MARGIN
    assert all(shown.y < picture.height for shown in picture.rows)


@given(titles(), instants)
def test_later_stands_further_right_and_acts_can_be_told_apart(
    title: tuple[list[Row], list[Tick]], chosen: datetime
) -> None:
    rows, ticks = title
    picture = draw(rows, ticks, chosen=chosen)

    xs = [one.x for one in picture.ticks]
    assert len(xs) == len({one.at for one in ticks})
    # Rounding to whole units may take one from a gap.
    assert all(after - before >= TICK_GAP - 1 for before, after in pairwise(xs))
    starts = sorted((each.bar.start, each.x) for shown in picture.rows for each in shown.bars)
    assert [x for _start, x in starts] == sorted(x for _start, x in starts)


@given(titles(), instants)
def test_the_chosen_instant_stands_between_the_acts_around_it(
    title: tuple[list[Row], list[Tick]], chosen: datetime
) -> None:
    rows, ticks = title
    picture = draw(rows, ticks, chosen=chosen)

    by_version = {one.version: one.x for one in picture.ticks}
    for act in ticks:
        if act.version in by_version:
            x = by_version[act.version]
            assert picture.chosen_x >= x if chosen >= act.at else picture.chosen_x <= x
    if picture.beyond == "before":
        assert chosen < min(act.at for act in ticks)


def only(picture: Picture) -> tuple[int, int]:
    """Return where the only bar begins and ends."""
    [shown] = picture.rows
    [drawn] = shown.bars
    return drawn.x, drawn.x + drawn.width


def test_what_has_no_end_runs_out_of_the_picture() -> None:
    picture = draw([row(bar(START, None))], [tick(START)], chosen=START)

    assert only(picture)[1] == picture.width


def test_acts_of_one_instant_share_a_circle_that_counts_them() -> None:
    picture = draw([], [tick(START, 1), tick(START, 2), tick(START, 3)], chosen=START)

    [shown] = picture.ticks
    assert (shown.label, shown.version, shown.text) == ("1–3", 1, "1 / 2 / 3")


def test_an_instant_beyond_the_picture_is_marked_at_its_edge() -> None:
    rows = [row(bar(START, START + timedelta(days=365)))]
    before = draw(rows, [tick(START)], chosen=START - timedelta(days=1))
    after = draw(rows, [tick(START)], chosen=START + timedelta(days=366))

    assert (before.beyond, before.chosen_x) == ("before", MARGIN)
    assert (after.beyond, after.chosen_x) == ("after", after.width - MARGIN)


def test_the_days_on_the_grid_are_first_days_of_months_in_shanghai() -> None:
    # 2027-01-01 00:00 in Shanghai is still the year before in UTC.
    end = datetime(2026, 12, 31, 16, tzinfo=UTC)
    picture = draw([row(bar(START, end))], [tick(START)], chosen=START)

    assert [(line.label, line.x) for line in picture.lines] == [
        ("2026-12", picture.lines[0].x),
        ("2027-01", only(picture)[1]),
    ]


def test_a_long_name_is_shortened_and_a_deep_right_indented_only_so_far() -> None:
    rows = [row(bar(START, None), label="数据" * 30, depth=depth) for depth in (0, 4, 9)]
    picture = draw(rows, [tick(START)], chosen=START)

    assert all(len(shown.label) <= 20 and shown.label.endswith("…") for shown in picture.rows)
    assert picture.rows[0].x < picture.rows[1].x == picture.rows[2].x


def test_a_title_without_an_act_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="without an act"):
        draw([], [], chosen=START)

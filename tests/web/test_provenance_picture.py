import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.provenance_picture import BOX_HEIGHT, BOX_WIDTH, Edge, Node, Picture, draw, wrap


def node(key: str) -> Node:
    return Node(key=key, title=f"数据 {key}", subtitle="v1")


def edge(source: str, derived: str) -> Edge:
    return Edge(source=source, derived=derived, label="加工", is_proven=True)


@st.composite
def graphs(draw_from: st.DrawFn) -> tuple[list[Node], list[Edge]]:
    """Acyclic by construction, as the register is: an edge leads from an earlier to a later."""
    keys = [str(number) for number in range(draw_from(st.integers(1, 9)))]
    pairs = list(combinations(keys, 2))
    chosen = draw_from(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    return [node(key) for key in keys], [edge(*pair) for pair in chosen]


def path_points(path: str) -> list[int]:
    return [int(number) for number in re.findall(r"-?\d+", path)]


@given(graphs())
def test_no_two_boxes_touch_and_all_stand_inside(graph: tuple[list[Node], list[Edge]]) -> None:
    picture = draw(*graph, centre="0")

    for one, other in combinations(picture.boxes, 2):
        apart = abs(one.x - other.x) > BOX_WIDTH or abs(one.y - other.y) > BOX_HEIGHT
        assert apart, (one, other)
    for box in picture.boxes:
        assert 0 < box.x < picture.width - BOX_WIDTH
        assert 0 < box.y < picture.height - BOX_HEIGHT


@given(graphs())
def test_every_line_leads_down_from_its_source(graph: tuple[list[Node], list[Edge]]) -> None:
    picture = draw(*graph, centre="0")

    boxes = {box.node.key: box for box in picture.boxes}
    assert len(picture.lines) == len(graph[1])
    for line in picture.lines:
        source, derived = boxes[line.edge.source], boxes[line.edge.derived]
        start_x, start_y, *_between, end_x, end_y = path_points(line.path)
        assert (start_x, start_y) == (source.x + BOX_WIDTH // 2, source.y + BOX_HEIGHT)
        assert (end_x, end_y) == (derived.x + BOX_WIDTH // 2, derived.y)
        assert start_y < line.label_y < end_y


def crossed_boxes(picture: Picture) -> set[str]:
    """Return the boxes that some line passes straight through."""
    crossed = set()
    for line in picture.lines:
        for x, top, bottom in re.findall(r"(\d+) (\d+) V(\d+)", line.path):
            crossed |= {
                box.node.key
                for box in picture.boxes
                if box.y < int(bottom)
                and int(top) < box.y + BOX_HEIGHT
                and box.x <= int(x) <= box.x + BOX_WIDTH
            }
    return crossed


@given(graphs())
def test_a_long_line_passes_beside_the_boxes_between(graph: tuple[list[Node], list[Edge]]) -> None:
    assert crossed_boxes(draw(*graph, centre="0")) == set()


def test_a_box_stands_under_the_middle_of_its_sources() -> None:
    sources = [node("a"), node("b"), node("c")]
    picture = draw([*sources, node("d")], [edge(key, "d") for key in "abc"], centre="d")

    xs = {box.node.key: box.x for box in picture.boxes}
    assert xs["d"] == (xs["a"] + xs["b"] + xs["c"]) // 3


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("短名", ["短名"]),
        ("一二三四五六七八九十一二三四", ["一二三四五六七八九十一二三", "四"]),
        ("Places of China joined to subdivisions", ["Places of China joined to", "subdivisions"]),
        ("字" * 30, ["字" * 13, "字" * 12 + "…"]),
    ],
)
def test_a_title_is_broken_into_two_lines_at_most(title: str, lines: list[str]) -> None:
    assert wrap(title) == lines

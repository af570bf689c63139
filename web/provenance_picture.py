"""The provenance of one version as a drawing: sources above, the version, what came from it below.

Pure layout: which box stands where, and by which points each line runs. Layers are longest paths,
so that every line leads downwards; a line across several layers keeps a lane of its own in each.
Lengths are SVG user units. Entry point: `draw`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias
from unicodedata import east_asian_width

BOX_WIDTH, BOX_HEIGHT = 224, 84
COLUMN_GAP, LANE_WIDTH, LAYER_GAP, MARGIN = 32, 40, 72, 12
TEXT_COLUMNS, DETAIL_COLUMNS = 26, 32
"""What fits on a line of a box, in half-width columns; a Chinese character takes two."""
SWEEPS = 4

Lane: TypeAlias = tuple[str, str, int]
"""The place of a line, (source, derived, layer), in a layer that it only passes."""
Place: TypeAlias = str | Lane
Rows: TypeAlias = list[list[Place]]
Neighbours: TypeAlias = Mapping[Place, Sequence[Place]]
Links: TypeAlias = tuple[Neighbours, Neighbours]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Something in the picture, named by ``key``; ``address`` makes it a link."""

    key: str
    title: str
    subtitle: str
    address: str = ""
    is_external: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """That ``derived`` came from ``source``, by an activity, on a proven basis or not."""

    source: str
    derived: str
    label: str
    is_proven: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A node with its upper left corner, its title in at most two lines, its subtitle in one."""

    node: Node
    x: int
    y: int
    lines: Sequence[str]
    detail: str
    is_centre: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An edge as an SVG path and the point where its label stands."""

    edge: Edge
    path: str
    label_x: int
    label_y: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Everything a template needs to write the SVG."""

    width: int
    height: int
    boxes: Sequence[Box]
    lines: Sequence[Line]


def draw(nodes: Iterable[Node], edges: Sequence[Edge], *, centre: str) -> Picture:
    """Lay out an acyclic graph; every edge must name two of ``nodes``.

    Raises:
        KeyError: an edge names no node.
        RecursionError: the edges run in a circle.
    """
    by_key = {node.key: node for node in nodes}
    layers = _layers(by_key, edges)
    links = _links(edges, layers)
    rows = _ordered(_rows(by_key, edges, layers), links)
    xs = _columns(rows, links)
    width = max(xs[row[-1]] + _place_width(row[-1]) // 2 for row in rows) + MARGIN
    boxes = [
        Box(
            node=node,
            x=xs[key] - BOX_WIDTH // 2,
            y=_top(layers[key]),
            lines=wrap(node.title),
            detail=shortened(node.subtitle, DETAIL_COLUMNS),
            is_centre=key == centre,
        )
        for key, node in by_key.items()
    ]
    lines = [_line(edge, layers, xs) for edge in edges]
    height = _top(len(rows) - 1) + BOX_HEIGHT + MARGIN
    return Picture(width=width, height=height, boxes=boxes, lines=lines)


def wrap(text: str) -> list[str]:
    """Break a title into at most two lines of a box; what does not fit ends in an ellipsis."""
    first, rest = _fitting(text, TEXT_COLUMNS)
    if not rest:
        return [first]
    return [first, shortened(rest.lstrip(), TEXT_COLUMNS)]


def shortened(text: str, columns: int) -> str:
    """Return the text, or as much as fits into so many half-width columns, and an ellipsis."""
    whole, rest = _fitting(text, columns)
    return _fitting(text, columns - 2)[0] + "…" if rest else whole


def _fitting(text: str, columns: int) -> tuple[str, str]:
    """Split text after what fits, at a space if it breaks a word of another script."""
    used = 0
    for end, character in enumerate(text):
        used += 2 if east_asian_width(character) in "WF" else 1
        if used > columns:
            space = text.rfind(" ", 0, end + 1)
            is_inside_word = text[end - 1 : end + 1].isascii() and space > 0
            end = space if is_inside_word else end  # noqa: PLW2901 # the loop ends here
            return text[:end], text[end:]
    return text, ""


def _layers(nodes: Mapping[str, Node], edges: Sequence[Edge]) -> dict[str, int]:
    """Return each node's layer from the top: one more than the lowest of its sources.

    A node without sources is then moved down to just above what came from it.
    """
    sources: dict[str, list[str]] = {key: [] for key in nodes}
    derived: dict[str, list[str]] = {key: [] for key in nodes}
    for edge in edges:
        sources[edge.derived].append(edge.source)
        derived[edge.source].append(edge.derived)
    layers: dict[str, int] = {}

    def layer(key: str) -> int:
        if key not in layers:
            layers[key] = max((layer(source) + 1 for source in sources[key]), default=0)
        return layers[key]

    for key in nodes:
        layer(key)
    for key in nodes:
        if not sources[key] and derived[key]:
            layers[key] = min(layers[below] for below in derived[key]) - 1
    return layers


def _rows(nodes: Mapping[str, Node], edges: Sequence[Edge], layers: Mapping[str, int]) -> Rows:
    rows: Rows = [[] for _ in range(max(layers.values()) + 1)]
    for key in nodes:
        rows[layers[key]].append(key)
    for edge in edges:
        for layer in range(layers[edge.source] + 1, layers[edge.derived]):
            rows[layer].append((edge.source, edge.derived, layer))
    return rows


def _ordered(rows: Rows, links: Links) -> Rows:
    """Sort each row by where its neighbours stand, against crossings."""
    for row, neighbours in _sweeps(rows, links):
        position: dict[Place, float] = {
            place: index / len(row) for row in rows for index, place in enumerate(row)
        }
        row.sort(key=_wanted(row, neighbours, position).__getitem__)
    return rows


def _links(edges: Iterable[Edge], layers: Mapping[str, int]) -> Links:
    """Return what stands above each place and what below it, one layer away."""
    above, below = defaultdict(list), defaultdict(list)
    for edge in edges:
        for upper, lower in pairwise(_places(edge, layers)):
            above[lower].append(upper)
            below[upper].append(lower)
    return above, below


def _sweeps(rows: Rows, links: Links) -> Iterator[tuple[list[Place], Neighbours]]:
    """Go up looking at what stands below, then down looking at what stands above, some times."""
    above, below = links
    for _sweep in range(SWEEPS):
        yield from ((row, below) for row in reversed(rows))
        yield from ((row, above) for row in rows)


def _wanted(
    row: Iterable[Place], neighbours: Neighbours, position: Mapping[Place, float]
) -> dict[Place, float]:
    """Return the mean position of each place's neighbours; its own if it has none there."""
    return {
        place: _mean([position[other] for other in neighbours.get(place, ())] or [position[place]])
        for place in row
    }


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _places(edge: Edge, layers: Mapping[str, int]) -> list[Place]:
    passed = range(layers[edge.source] + 1, layers[edge.derived])
    lanes: list[Place] = [(edge.source, edge.derived, layer) for layer in passed]
    return [edge.source, *lanes, edge.derived]


def _place_width(place: Place) -> int:
    return BOX_WIDTH if isinstance(place, str) else LANE_WIDTH


def _columns(rows: Rows, links: Links) -> dict[Place, int]:
    """Return the middle of each place: as near as the row's order allows to its neighbours'."""
    xs: dict[Place, float] = {}
    for row in rows:
        xs |= _spread(row, dict.fromkeys(row, 0.0))
    for row, neighbours in _sweeps(rows, links):
        xs |= _spread(row, _wanted(row, neighbours, xs))
    left = min(xs[row[0]] - _place_width(row[0]) / 2 for row in rows) - MARGIN
    return {place: round(x - left) for place, x in xs.items()}


def _spread(row: Sequence[Place], wanted: Mapping[Place, float]) -> dict[Place, float]:
    """Keep the row's order and its gaps, and move it as a whole to where it is wanted."""
    placed: dict[Place, float] = {}
    edge = float("-inf")
    for place in row:
        half = _place_width(place) / 2
        placed[place] = max(wanted[place], edge + half)
        edge = placed[place] + half + COLUMN_GAP
    shift = _mean([wanted[place] - placed[place] for place in row])
    return {place: x + shift for place, x in placed.items()}


def _top(layer: int) -> int:
    return MARGIN + layer * (BOX_HEIGHT + LAYER_GAP)


def _line(edge: Edge, layers: Mapping[str, int], xs: Mapping[Place, int]) -> Line:
    """Run from the source's lower edge to the derived box's upper edge, straight along lanes."""
    places = _places(edge, layers)
    x, y = xs[places[0]], _top(layers[edge.source]) + BOX_HEIGHT
    path = [f"M{x} {y}"]
    for offset, place in enumerate(places[1:], start=1):
        layer = layers[edge.source] + offset
        top, middle = _top(layer), _top(layer) - LAYER_GAP // 2
        path.append(f"C{x} {middle} {xs[place]} {middle} {xs[place]} {top}")
        x = xs[place]
        if place != edge.derived:
            path.append(f"V{top + BOX_HEIGHT}")
    last, final = xs[places[-2]], xs[places[-1]]
    return Line(
        edge=edge,
        path=" ".join(path),
        label_x=(last + final) // 2,
        label_y=_top(layers[edge.derived]) - LAYER_GAP // 2,
    )

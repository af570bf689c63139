"""The marks of a certificate, all vectors: the emblem, the registrar's seal, the QR code.

The emblem is three Borromean rings: no two are linked, yet the three hold together, as the three
rights in data stand by themselves and describe one asset.
"""

from collections.abc import Iterator
from functools import cache
from math import atan2, cos, degrees, pi, sin, sqrt, tau

from zxingcpp import BarcodeFormat, create_barcode

from drawing.canvas import Art, PageCanvas, Surface, art
from drawing.fonts import Typeface
from drawing.guilloche import Pen, rosette, use
from drawing.palette import (
    CINNABAR,
    GOLD,
    PAPER,
    SEAL_RED,
    Colour,
)
from drawing.structure import Box
from drawing.text import Point, Style, draw_line, set_line

ORIGIN = Point(0, 0)
SPREAD = 0.58
"""The distance of a ring's centre from the emblem's, in radii of a ring."""
OVERPASS = 16.0
"""Half the arc, in degrees, drawn again where a ring passes over another."""
EMBLEM, SEAL, SEAL_LINES, QR = "emblem", "seal", "seal-lines", "qr"
QUIET_ZONE = 4
BITS = 8
SEAL_RADIUS = 52.0
EMBLEM_RADIUS = 27.0


def draw_emblem(canvas: PageCanvas, centre: Point) -> None:
    """Draw the emblem in gold with a cinnabar core; its radius is ``EMBLEM_RADIUS``."""
    canvas.keep_art({EMBLEM: mark_arts()[EMBLEM]})
    canvas.show_form(EMBLEM, centre)


def _draw_rings(canvas: Surface, centre: Point, *, radius: float, colour: Colour) -> None:
    """Draw the three Borromean rings of the given radius each."""
    rings = [_towards(centre, SPREAD * radius, pi / 2 + tau * turn / 3) for turn in range(3)]
    for ring in rings:
        _draw_arc(canvas, ring, radius, colour, (0.0, 360.0))
    # The first went under the third, which was drawn after it; it belongs over it.
    for crossing in _crossings(rings[0], rings[2], radius):
        middle = degrees(atan2(crossing.y - rings[0].y, crossing.x - rings[0].x))
        _draw_arc(canvas, rings[0], radius, colour, (middle - OVERPASS, 2 * OVERPASS))


def define_seal(canvas: PageCanvas, *, institution: str, is_example: bool) -> None:
    """Define the form ``SEAL``, round its origin: what it is put over stays legible in the red.

    On its arc stands the institution, 登记专用章 below.
    """
    reach = SEAL_RADIUS
    canvas.keep_art({SEAL_LINES: mark_arts()[SEAL_LINES]})
    canvas.beginForm(SEAL, -reach, -reach, reach, reach)
    canvas.doForm(SEAL_LINES)
    _draw_arc_text(canvas, institution)
    _draw_centred(canvas, Point(0, -21), "登记专用章", 9.5)
    if is_example:
        _draw_centred(canvas, Point(0, -31), "示例 EXAMPLE", 6)
    canvas.end_isolated_form()


def draw_qr(canvas: PageCanvas, corner: Point, *, text: str, side: float) -> None:
    """Draw a QR code (error correction M) of ``side``, lower left at corner, in its quiet zone."""
    image = create_barcode(text, BarcodeFormat.QRCode, ec_level="M").to_image(add_quiet_zones=False)
    modules = memoryview(image)  # type: ignore[arg-type] # a buffer, as its stub does not say
    count = len(modules)
    quiet = QUIET_ZONE * side / count
    canvas.setFillColorRGB(*PAPER)
    canvas.rect(
        corner.x - quiet, corner.y - quiet, side + 2 * quiet, side + 2 * quiet, stroke=0, fill=1
    )
    canvas.setFillColorRGB(0, 0, 0)
    square = Box(corner.x, corner.y, corner.x + side, corner.y + side)
    canvas.show_stencil(QR, square, _finer(modules.tobytes(), count))


def _finer(modules: bytes, count: int) -> list[bytes]:
    """Return a code's rows of bits, eight by eight to a module, as a byte of it is black or white.

    Readers that smooth what they enlarge would blur one bit to a module.
    """
    rows = (modules[start : start + count] for start in range(0, len(modules), count))
    return [row for row in rows for _ in range(BITS)]


@cache
def mark_arts() -> dict[str, Art]:
    """Return what is the same in every emblem and seal."""
    return {
        EMBLEM: art(_square(EMBLEM_RADIUS), _draw_emblem),
        SEAL_LINES: art(_square(SEAL_RADIUS), _draw_seal_lines),
    }


def _draw_emblem(canvas: Surface) -> None:
    for swing, lobes in ((1.9, 48), (1.9, 47)):
        rosette(canvas, ORIGIN, Pen(0.2, GOLD), mean=24.6, swing=swing, lobes=lobes, turns=5)
    _draw_rings(canvas, ORIGIN, radius=12.6, colour=GOLD)
    canvas.setFillColorRGB(*CINNABAR)
    canvas.circle(*ORIGIN, 2.3, stroke=0, fill=1)


def _draw_seal_lines(canvas: Surface) -> None:
    for width, radius in ((2.4, SEAL_RADIUS - 1.2), (0.5, SEAL_RADIUS - 4.4)):
        use(canvas, Pen(width, SEAL_RED))
        canvas.circle(0, 0, radius, stroke=1, fill=0)
    _draw_rings(canvas, Point(0, 5), radius=8.5, colour=SEAL_RED)


def _square(reach: float) -> Box:
    return Box(-reach, -reach, reach, reach)


def _towards(centre: Point, distance: float, angle: float) -> Point:
    return Point(centre.x + distance * cos(angle), centre.y + distance * sin(angle))


def _crossings(one: Point, other: Point, radius: float) -> Iterator[Point]:
    apart = sqrt((other.x - one.x) ** 2 + (other.y - one.y) ** 2)
    middle = Point((one.x + other.x) / 2, (one.y + other.y) / 2)
    height = sqrt(radius**2 - apart**2 / 4)
    normal = atan2(other.y - one.y, other.x - one.x) + pi / 2
    yield _towards(middle, height, normal)
    yield _towards(middle, -height, normal)


def _draw_arc(
    canvas: Surface, centre: Point, radius: float, colour: Colour, arc: tuple[float, float]
) -> None:
    """Draw part of a ring, double-lined, with a margin that parts it from what lies beneath."""
    unit = radius / 12
    box = (centre.x - radius, centre.y - radius, centre.x + radius, centre.y + radius)
    start, extent = arc
    for width, shade in ((5.0, PAPER), (3.6, colour), (2.4, PAPER), (0.7, colour)):
        use(canvas, Pen(width * unit, shade))
        canvas.arc(*box, startAng=start, extent=extent)


def _draw_arc_text(canvas: Surface, text: str) -> None:
    step = min(26.0, 236.0 / len(text))
    radius = SEAL_RADIUS - 17.5
    style = Style(Typeface.SONGTI_BOLD, min(12.5, radius * step / 57.3), 0, SEAL_RED)
    for place, char in enumerate(text):
        canvas.saveState()
        canvas.rotate(step * ((len(text) - 1) / 2 - place))
        _draw_centred(canvas, Point(0, radius), char, style.size)
        canvas.restoreState()


def _draw_centred(canvas: Surface, at: Point, text: str, size: float) -> None:
    line = set_line(text, Style(Typeface.SONGTI_BOLD, size, 0, SEAL_RED))
    draw_line(canvas, Point(at.x - line.width / 2, at.y), line)

"""The frame of every page: guilloche rails between corner rosettes, and the faint ground.

Entry point: `define_frame`, once to a document; `Canvas.doForm(FRAME)` then shows it on a page.
Like parts are drawn once, as PDF forms, and shown in each place.
"""

from functools import cache
from itertools import product
from math import pi

from reportlab.lib.pagesizes import A4

from drawing.canvas import Art, PageCanvas, Surface, art
from drawing.fonts import Typeface
from drawing.guilloche import Pen, band, rosette, use
from drawing.palette import CINNABAR, GOLD, PALE_CINNABAR, PALE_GOLD, PAPER
from drawing.structure import Box
from drawing.text import Point, Style, draw_line, set_line

FRAME, GROUND, EDGES = "frame", "ground", "edges"
CORNER, RAIL, POST = "corner", "rail", "post"
WIDTH, HEIGHT = A4
PAGE = Box(0, 0, WIDTH, HEIGHT)
EDGE = 24.0
BAND = 26.0
MIDDLE = EDGE + BAND / 2
CORNER_RADIUS = 22.5
ORIGIN = Point(0, 0)


def define_frame(canvas: PageCanvas, *, is_example: bool) -> None:
    """Define the form ``FRAME``; an example says so across the page."""
    canvas.keep_art({**frame_arts(), FRAME: _frame(is_example=is_example)})


@cache
def _frame(*, is_example: bool) -> Art:
    def draw(canvas: Surface) -> None:
        canvas.doForm(GROUND)
        if is_example:
            _draw_example_ground(canvas)
        canvas.doForm(EDGES)

    return art(PAGE, draw)


@cache
def frame_arts() -> dict[str, Art]:
    """Return the drawings that the frame is made of; each comes after those that it shows."""
    reach = MIDDLE + CORNER_RADIUS
    corner = CORNER_RADIUS + 1
    return {
        CORNER: art(Box(-corner, -corner, corner, corner), _draw_corner),
        RAIL: _band(Point(WIDTH - 2 * reach, 0), waves=10),
        POST: _band(Point(0, HEIGHT - 2 * reach), waves=15),
        GROUND: art(PAGE, _draw_ground),
        EDGES: art(PAGE, _draw_edges),
    }


def _draw_edges(canvas: Surface) -> None:
    reach = MIDDLE + CORNER_RADIUS
    _draw_rules(canvas)
    for y in (MIDDLE, HEIGHT - MIDDLE):
        canvas.show_form(RAIL, Point(reach, y))
    for x in (MIDDLE, WIDTH - MIDDLE):
        canvas.show_form(POST, Point(x, reach))
    for x, y in product((MIDDLE, WIDTH - MIDDLE), (MIDDLE, HEIGHT - MIDDLE)):
        canvas.show_form(CORNER, Point(x, y))


def _draw_corner(canvas: Surface) -> None:
    canvas.setFillColorRGB(*PAPER)
    canvas.circle(0, 0, CORNER_RADIUS + 1, stroke=0, fill=1)
    for lobes in (41, 43):
        rosette(canvas, ORIGIN, Pen(0.25, GOLD), mean=17, swing=5.5, lobes=lobes, turns=6)
    rosette(canvas, ORIGIN, Pen(0.3, CINNABAR), mean=7.2, swing=4, lobes=19, turns=4)
    canvas.setFillColorRGB(*CINNABAR)
    canvas.circle(0, 0, 1.3, stroke=0, fill=1)


def _band(end: Point, *, waves: int) -> Art:
    def draw(canvas: Surface) -> None:
        for phase in (0, pi / 2):
            band(canvas, end, Pen(0.22, GOLD), swing=11.4, waves=waves, phase=phase, strands=10)
        band(canvas, end, Pen(0.28, CINNABAR), swing=4.4, waves=2 * waves, phase=0, strands=4)

    half = BAND / 2
    return art(Box(-half, -half, end.x + half, end.y + half), draw)


def _draw_rules(canvas: Surface) -> None:
    for inset, pen in (
        (EDGE - 2.4, Pen(0.9, GOLD)),
        (EDGE, Pen(0.25, GOLD)),
        (EDGE + BAND, Pen(0.25, GOLD)),
        (EDGE + BAND + 2.2, Pen(0.5, CINNABAR)),
    ):
        use(canvas, pen)
        canvas.rect(inset, inset, WIDTH - 2 * inset, HEIGHT - 2 * inset, stroke=1, fill=0)


def _draw_ground(canvas: Surface) -> None:
    centre = Point(WIDTH / 2, HEIGHT / 2 - 20)
    for mean, swing, lobes, turns in (
        (150, 34, 72, 7),
        (150, 34, 73, 7),
        (96, 24, 48, 7),
        (56, 18, 30, 7),
    ):
        pen = Pen(0.3, PALE_GOLD)
        rosette(canvas, centre, pen, mean=mean, swing=swing, lobes=lobes, turns=turns)


def _draw_example_ground(canvas: Surface) -> None:
    canvas.saveState()
    canvas.translate(WIDTH / 2, HEIGHT / 2)
    canvas.rotate(52)
    line = set_line("示例 EXAMPLE", Style(Typeface.SONGTI_BOLD, 66, 0, PALE_CINNABAR))
    draw_line(canvas, Point(-line.width / 2 - 24, -24), line, tracking=4)
    canvas.restoreState()

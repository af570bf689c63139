"""Guilloche: fine woven lines drawn from mathematics, hard to copy by hand or by screen.

Entry points: `rosette`, `band`. A rosette is the closed curve r = a + b cos(p/q * angle), which
winds q times round its centre in p lobes (p and q coprime); a band is a family of sines under a
slow envelope. Curves are cubic Bezier pieces whose tangents are those of the curve.
"""

from collections.abc import Callable
from functools import partial
from math import cos, pi, sin, tau
from typing import NamedTuple

from reportlab.pdfgen.canvas import Canvas

from certificates.drawing.palette import Colour
from certificates.drawing.text import Point

PIECES_PER_WAVE = 6
DIFFERENCE = 1e-4


class Pen(NamedTuple):
    """A line's width in points and its colour."""

    width: float
    colour: Colour


Curve = Callable[[float], Point]


def stroke(canvas: Canvas, curve: Curve, *, start: float, stop: float, pieces: int) -> None:
    """Draw a parametric curve with the canvas's line."""
    step = (stop - start) / pieces
    path = canvas.beginPath()
    path.moveTo(*curve(start))
    for piece in range(pieces):
        begin, end = start + piece * step, start + (piece + 1) * step
        here, there = curve(begin), curve(end)
        leaving, arriving = _velocity(curve, begin), _velocity(curve, end)
        path.curveTo(
            here.x + leaving.x * step / 3,
            here.y + leaving.y * step / 3,
            there.x - arriving.x * step / 3,
            there.y - arriving.y * step / 3,
            *there,
        )
    canvas.drawPath(path, stroke=1, fill=0)


def rosette(  # noqa: PLR0913 # a curve with four parameters, at a place, with a pen
    canvas: Canvas, centre: Point, pen: Pen, *, mean: float, swing: float, lobes: int, turns: int
) -> None:
    """Draw r = mean + swing * cos(lobes / turns * angle) round ``centre``."""

    def curve(angle: float) -> Point:
        radius = mean + swing * cos(lobes * angle / turns)
        return Point(centre.x + radius * sin(angle), centre.y + radius * cos(angle))

    use(canvas, pen)
    stroke(canvas, curve, start=0, stop=tau * turns, pieces=lobes * PIECES_PER_WAVE)


def band(  # noqa: PLR0913 # a family with three parameters, between two points, with a pen
    canvas: Canvas,
    ends: tuple[Point, Point],
    pen: Pen,
    *,
    swing: float,
    waves: int,
    strands: int,
) -> None:
    """Draw ``strands`` sines of ``waves`` periods along a line, narrowing to a knot at its ends."""
    (begin, end) = ends
    along = Point(end.x - begin.x, end.y - begin.y)
    length = (along.x**2 + along.y**2) ** 0.5
    across = Point(-along.y / length, along.x / length)

    def curve(share: float, phase: float) -> Point:
        offset = swing * _envelope(share, waves) * sin(tau * waves * share + phase)
        return Point(
            begin.x + along.x * share + across.x * offset,
            begin.y + along.y * share + across.y * offset,
        )

    use(canvas, pen)
    for strand in range(strands):
        phase = pi * strand / strands
        stroke(canvas, partial(curve, phase=phase), start=0, stop=1, pieces=waves * PIECES_PER_WAVE)


def use(canvas: Canvas, pen: Pen) -> None:
    """Take up a pen."""
    canvas.setLineWidth(pen.width)
    canvas.setStrokeColorRGB(*pen.colour)


def _envelope(share: float, waves: int) -> float:
    return 0.78 + 0.22 * cos(tau * share * waves / 2)


def _velocity(curve: Curve, at: float) -> Point:
    before, after = curve(at - DIFFERENCE), curve(at + DIFFERENCE)
    return Point(
        (after.x - before.x) / (2 * DIFFERENCE),
        (after.y - before.y) / (2 * DIFFERENCE),
    )

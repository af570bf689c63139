"""Guilloche: fine woven lines drawn from mathematics, hard to copy by hand or by screen.

Entry points: `rosette`, `band`. A rosette is the closed curve r = a + b cos(p/q * angle), which
winds q times round its centre in p lobes (p and q coprime); a band is a chain of lenses. Curves
are cubic Bezier pieces whose tangents are those of the curve.
"""

from collections.abc import Callable
from math import cos, hypot, sin, tau
from typing import NamedTuple

from reportlab.pdfgen.pathobject import PDFPathObject

from drawing.canvas import Surface
from drawing.palette import Colour
from drawing.text import Point

PIECES_PER_WAVE = 4
DIFFERENCE = 1e-4


class Pen(NamedTuple):
    """A line's width in points and its colour."""

    width: float
    colour: Colour


Curve = Callable[[float], Point]


def rosette(
    canvas: Surface, centre: Point, pen: Pen, *, mean: float, swing: float, lobes: int, turns: int
) -> None:
    """Draw r = mean + swing * cos(lobes / turns * angle) round ``centre``."""
    use(canvas, pen)
    canvas.drawPath(_rosette(centre, mean, swing, lobes, turns), stroke=1, fill=0)


def band(
    canvas: Surface,
    end: Point,
    pen: Pen,
    *,
    swing: float,
    waves: int,
    phase: float,
    strands: int,
) -> None:
    """Draw a chain of lenses from the origin: sines of heights from -swing to swing."""
    use(canvas, pen)
    for strand in range(strands):
        height = swing * (2 * strand / (strands - 1) - 1)
        canvas.drawPath(_strand(end, height, waves, phase), stroke=1, fill=0)


def use(canvas: Surface, pen: Pen) -> None:
    """Take up a pen."""
    canvas.setLineWidth(pen.width)
    canvas.setStrokeColorRGB(*pen.colour)


def _rosette(centre: Point, mean: float, swing: float, lobes: int, turns: int) -> PDFPathObject:
    def curve(angle: float) -> Point:
        radius = mean + swing * cos(lobes * angle / turns)
        return Point(centre.x + radius * sin(angle), centre.y + radius * cos(angle))

    return _path(curve, stop=tau * turns, pieces=lobes * PIECES_PER_WAVE)


def _strand(end: Point, height: float, waves: int, phase: float) -> PDFPathObject:
    length = hypot(*end)
    across = Point(-end.y / length, end.x / length)

    def curve(share: float) -> Point:
        offset = height * sin(tau * waves * share + phase)
        return Point(end.x * share + across.x * offset, end.y * share + across.y * offset)

    return _path(curve, stop=1, pieces=waves * PIECES_PER_WAVE)


def _path(curve: Curve, *, stop: float, pieces: int) -> PDFPathObject:
    """Return a parametric curve from 0 to ``stop``; a drawn path stays as it is."""
    step = stop / pieces
    path = PDFPathObject()
    path.moveTo(*_rounded(*curve(0)))
    for piece in range(pieces):
        begin, end = piece * step, (piece + 1) * step
        here, there = curve(begin), curve(end)
        leaving, arriving = _velocity(curve, begin), _velocity(curve, end)
        path.curveTo(
            *_rounded(here.x + leaving.x * step / 3, here.y + leaving.y * step / 3),
            *_rounded(there.x - arriving.x * step / 3, there.y - arriving.y * step / 3),
            *_rounded(*there),
        )
    return path


def _rounded(x: float, y: float) -> Point:
    """Return a point to a hundredth, finer than any printer: the file is a third smaller."""
    return Point(round(x, 2), round(y, 2))


def _velocity(curve: Curve, at: float) -> Point:
    before, after = curve(at - DIFFERENCE), curve(at + DIFFERENCE)
    return Point(
        (after.x - before.x) / (2 * DIFFERENCE),
        (after.y - before.y) / (2 * DIFFERENCE),
    )

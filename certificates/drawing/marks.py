"""The marks of a certificate, all vectors: the emblem and the QR code."""

from collections.abc import Iterator
from itertools import groupby

import segno
from reportlab.pdfgen.canvas import Canvas

from drawing.guilloche import Pen, rosette
from drawing.palette import CINNABAR, GOLD, PAPER
from drawing.seal import draw_rings
from drawing.text import Point

QUIET_ZONE = 4
MASK = 0
"""One for all codes: what is signed looks random under each, and segno's search takes four times as
long as the rest of its work."""
SEAM = 0.04
EMBLEM_RADIUS = 27.0


def draw_emblem(canvas: Canvas, centre: Point) -> None:
    """Draw the emblem in gold with a cinnabar core; its radius is ``EMBLEM_RADIUS``."""
    for swing, lobes in ((1.9, 48), (1.9, 47)):
        rosette(canvas, centre, Pen(0.2, GOLD), mean=24.6, swing=swing, lobes=lobes, turns=5)
    draw_rings(canvas, centre, radius=12.6, colour=GOLD)
    canvas.setFillColorRGB(*CINNABAR)
    canvas.circle(*centre, 2.3, stroke=0, fill=1)


def draw_qr(canvas: Canvas, corner: Point, *, text: str, side: float) -> None:
    """Draw a QR code (error correction M) of ``side``, lower left at corner, in its quiet zone."""
    modules = segno.make_qr(text, error="m", boost_error=False, mask=MASK).matrix
    pitch = side / len(modules)
    quiet, whole = QUIET_ZONE * pitch, side + 2 * QUIET_ZONE * pitch
    canvas.setFillColorRGB(*PAPER)
    canvas.rect(corner.x - quiet, corner.y - quiet, whole, whole, stroke=0, fill=1)
    path = canvas.beginPath()
    for row, bits in enumerate(modules):
        y = corner.y + side - (row + 1) * pitch
        for start, length in _dark_runs(bits):
            x = corner.x + start * pitch
            # A hair of overlap, or screens show light seams between the rows.
            path.rect(x, y - SEAM, length * pitch, pitch + SEAM)
    canvas.setFillColorRGB(0, 0, 0)
    canvas.drawPath(path, stroke=0, fill=1, fillMode=1)


def _dark_runs(bits: bytearray) -> Iterator[tuple[int, int]]:
    position = 0
    for bit, group in groupby(bits):
        length = len(list(group))
        if bit:
            yield position, length
        position += length

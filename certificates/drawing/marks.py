"""The marks of a certificate: the emblem, all vectors, and the QR code."""

from functools import cache

from zxingcpp import BarcodeFormat, create_barcode

from drawing.canvas import Art, PageCanvas, Surface, art
from drawing.guilloche import Pen, rosette
from drawing.palette import CINNABAR, GOLD, PAPER
from drawing.seal import draw_rings
from drawing.structure import Box
from drawing.text import Point

ORIGIN = Point(0, 0)
EMBLEM, QR = "emblem", "qr"
QUIET_ZONE = 4
MASK = 0
"""One for all codes: what is signed looks random under each, and to try all eight takes five times
as long as the rest."""
BITS = 8
EMBLEM_RADIUS = 27.0


def draw_emblem(canvas: PageCanvas, centre: Point) -> None:
    """Draw the emblem in gold with a cinnabar core; its radius is ``EMBLEM_RADIUS``."""
    canvas.keep_art({EMBLEM: emblem_art()})
    canvas.show_form(EMBLEM, centre)


def draw_qr(canvas: PageCanvas, corner: Point, *, text: str, side: float) -> None:
    """Draw a QR code (error correction M) of ``side``, lower left at corner, in its quiet zone."""
    code = create_barcode(text, BarcodeFormat.QRCode, ec_level="M", data_mask=MASK)
    image = code.to_image(add_quiet_zones=False)
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


@cache
def emblem_art() -> Art:
    """Return the emblem round its origin."""

    def draw(canvas: Surface) -> None:
        for swing, lobes in ((1.9, 48), (1.9, 47)):
            rosette(canvas, ORIGIN, Pen(0.2, GOLD), mean=24.6, swing=swing, lobes=lobes, turns=5)
        draw_rings(canvas, ORIGIN, radius=12.6, colour=GOLD)
        canvas.setFillColorRGB(*CINNABAR)
        canvas.circle(*ORIGIN, 2.3, stroke=0, fill=1)

    return art(Box(-EMBLEM_RADIUS, -EMBLEM_RADIUS, EMBLEM_RADIUS, EMBLEM_RADIUS), draw)


def _finer(modules: bytes, count: int) -> list[bytes]:
    """Return a code's rows of bits, eight by eight to a module, as a byte of it is black or white.

    Readers that smooth what they enlarge would blur one bit to a module.
    """
    rows = (modules[start : start + count] for start in range(0, len(modules), count))
    return [row for row in rows for _ in range(BITS)]

"""The registrar's round seal: what is seen of a signature, and whoever can make one.

Entry point: `draw_round_seal`. All vectors. In its middle stand three Borromean rings: no two are
linked, yet the three hold together, as the three rights in data stand by themselves and describe
one asset. Lengths are points.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from math import atan2, cos, degrees, pi, sin, sqrt, tau
from typing import Protocol

from drawing.archival import ValidationEvidence
from drawing.canvas import Art, PageCanvas, SignatureField, Surface, art
from drawing.fonts import Typeface
from drawing.guilloche import Pen, use
from drawing.palette import PAPER, SEAL_RED, Colour
from drawing.structure import Box
from drawing.text import Point, Style, draw_line, set_line

SPREAD = 0.58
"""The distance of a ring's centre from the emblem's, in radii of a ring."""
OVERPASS = 16.0
"""Half the arc, in degrees, drawn again where a ring passes over another."""
SEAL, SEAL_LINES = "seal", "seal-lines"
SEAL_RADIUS = 52.0
COUNTRY = "CN"
# The CMS object of an RSA-3072 key with a chain of two stands in hexadecimal: about 7,400 digits;
# the token of a time-stamp authority with its chain takes up to 12,000 more.
SEAL_HEX_DIGITS = 24 * 1024


class UnsealedError(Exception):
    """No seal could be put on the file; the message says why."""


class Sealer(Protocol):
    """Whoever can put the registrar's seal on a file."""

    def evidence(self, at: datetime) -> ValidationEvidence:
        """Return what is to be drawn into a file that is sealed at ``at``.

        Raises:
            UnsealedError: what would be needed is not known.
        """
        ...

    def seal(self, prepared_pdf: bytes, *, at: datetime) -> bytes:
        """Return the file under the registrar's seal, in the place prepared for it.

        Raises:
            UnsealedError: the key cannot sign, or nobody stamps.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundSeal:
    """What a seal says.

    Attributes:
        field: the name of the signature's field.
        name_zh, name_en: the registrar's; the Chinese one stands on the arc.
        words: below the rings: which of the registrar's seals it is.
        reason: as the signature will claim, with ``signed_at``, aware UTC.
    """

    field: str
    name_zh: str
    name_en: str
    words: str
    reason: str
    signed_at: datetime
    is_example: bool


def draw_round_seal(canvas: PageCanvas, centre: Point, seal: RoundSeal) -> None:
    """Put the seal on the page with the place for its signature; the text beneath stays legible."""
    reach = SEAL_RADIUS
    canvas.keep_art({SEAL_LINES: seal_art()})
    canvas.beginForm(SEAL, -reach, -reach, reach, reach)
    _draw_seal(canvas, seal)
    canvas.end_isolated_form()
    canvas.add_signature(
        SignatureField(
            name=seal.field,
            spoken=f"{seal.name_zh}{seal.words} Seal of {seal.name_en}",
            form=SEAL,
            box=Box(centre.x - reach, centre.y - reach, centre.x + reach, centre.y + reach),
            signer=f"{seal.name_zh} {seal.name_en}",
            reason=seal.reason,
            location=COUNTRY,
            signed_at=seal.signed_at,
            hex_digits=SEAL_HEX_DIGITS,
        )
    )


def draw_rings(canvas: Surface, centre: Point, *, radius: float, colour: Colour) -> None:
    """Draw the three Borromean rings of the given radius each."""
    rings = [_towards(centre, SPREAD * radius, pi / 2 + tau * turn / 3) for turn in range(3)]
    for ring in rings:
        _draw_arc(canvas, ring, radius, colour, (0.0, 360.0))
    # The first went under the third, which was drawn after it; it belongs over it.
    for crossing in _crossings(rings[0], rings[2], radius):
        middle = degrees(atan2(crossing.y - rings[0].y, crossing.x - rings[0].x))
        _draw_arc(canvas, rings[0], radius, colour, (middle - OVERPASS, 2 * OVERPASS))


@cache
def seal_art() -> Art:
    """Return what is the same in every seal, round its origin."""

    def draw(canvas: Surface) -> None:
        for width, radius in ((2.4, SEAL_RADIUS - 1.2), (0.5, SEAL_RADIUS - 4.4)):
            use(canvas, Pen(width, SEAL_RED))
            canvas.circle(0, 0, radius, stroke=1, fill=0)
        draw_rings(canvas, Point(0, 5), radius=8.5, colour=SEAL_RED)

    return art(Box(-SEAL_RADIUS, -SEAL_RADIUS, SEAL_RADIUS, SEAL_RADIUS), draw)


def _draw_seal(canvas: Surface, seal: RoundSeal) -> None:
    canvas.doForm(SEAL_LINES)
    _draw_arc_text(canvas, seal.name_zh)
    _draw_centred(canvas, Point(0, -21), seal.words, 9.5)
    if seal.is_example:
        _draw_centred(canvas, Point(0, -31), "示例 EXAMPLE", 6)


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

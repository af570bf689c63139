"""The colours of the certificate: ink on paper, muted gold, cinnabar as seals are."""

from typing import NamedTuple


class Colour(NamedTuple):
    """Device RGB, each part from 0 to 1."""

    red: float
    green: float
    blue: float


INK = Colour(0.10, 0.09, 0.08)
GREY = Colour(0.42, 0.40, 0.37)
HAIRLINE = Colour(0.78, 0.73, 0.64)
GOLD = Colour(0.62, 0.49, 0.25)
PALE_GOLD = Colour(0.945, 0.915, 0.85)
CINNABAR = Colour(0.71, 0.17, 0.11)
SEAL_RED = Colour(0.80, 0.10, 0.09)
PALE_CINNABAR = Colour(0.98, 0.94, 0.93)
PAPER = Colour(1, 1, 1)

"""How alike two names of data are, from 0 (nothing in common) to 1 (the same name).

Entry point: `likeness`. It is Dice's coefficient of the pairs of neighbouring characters, each
counted as often as it stands there, of names without their spaces and punctuation.
"""

import unicodedata
from collections import Counter
from fractions import Fraction

from registry.search import fold


def bare(name: str) -> str:
    """Return the name folded and without spaces, punctuation, symbols and invisible characters."""
    return "".join(sign for sign in fold(name) if unicodedata.category(sign)[0] in "LMN")


def likeness(one: str, other: str) -> Fraction:
    """Return how alike two names are: 1 if they are the same when bare, 0 if they share no pair."""
    left, right = bare(one), bare(other)
    if left == right:
        return Fraction(1)
    pairs, others = _pairs(left), _pairs(right)
    if not pairs or not others:
        return Fraction(0)
    return Fraction(2 * (pairs & others).total(), pairs.total() + others.total())


def _pairs(text: str) -> Counter[str]:
    return Counter(text[place : place + 2] for place in range(len(text) - 1))

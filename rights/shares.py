"""Exact shares: reading them as they are typed, and the sums that must hold. Pure (ADR 2)."""

import re
from collections.abc import Mapping
from fractions import Fraction

from django.utils.translation import gettext as _

FRACTION_FORM = re.compile(r"(\d{1,18})\s*/\s*(\d{1,18})", re.ASCII)
DECIMAL_FORM = re.compile(r"(\d{1,18})(?:\.(\d{1,18}))?\s*(%?)", re.ASCII)

Shares = Mapping[str, Fraction]
"""Party reference -> exact share."""


class InexactShareError(ValueError):
    """What was typed is no exact share, or the shares leave a residue; the message says which."""


def parse_share(text: str) -> Fraction:
    """Return the share that was typed as ``1/3``, ``0.25`` or ``25%``, exactly as written.

    Raises:
        InexactShareError: it is none of these, or not above zero and at most one.
    """
    text = text.strip()
    if match := FRACTION_FORM.fullmatch(text):
        numerator, denominator = int(match[1]), int(match[2])
        share = Fraction(numerator, denominator) if denominator else Fraction(0)
    elif match := DECIMAL_FORM.fullmatch(text):
        digits = match[2] or ""
        share = Fraction(int(match[1] + digits), 10 ** len(digits)) / (100 if match[3] else 1)
    else:
        raise InexactShareError(
            _("“%(text)s” is not a share. Write a fraction such as 1/3.") % {"text": text}
        )
    if not 0 < share <= 1:
        raise InexactShareError(
            _("A share is above zero and at most one; “%(text)s” is not.") % {"text": text}
        )
    return share


def parse_shares(texts: Mapping[str, str]) -> dict[str, Fraction]:
    """Return the shares of one right as typed for each party (invariant R11).

    Raises:
        InexactShareError: one is no share, or they do not sum to one; then names the residue,
            for decimals such as 0.333 cannot express a third.
    """
    shares = {party: parse_share(text) for party, text in texts.items()}
    if residue := 1 - sum(shares.values()):
        raise InexactShareError(
            _(
                "The shares sum to %(total)s, which leaves %(residue)s. Write exact fractions, "
                "such as 1/3 in place of 0.333."
            )
            % {"total": 1 - residue, "residue": residue}
        )
    return shares


def moved(shares: Shares, *, giver: str, takers: Shares) -> dict[str, Fraction]:
    """Return the shares after ``giver`` gave each taker its part; one who keeps nothing is gone.

    Raises:
        ValueError: the giver does not have so much (the rule TRF-1 says so before).
    """
    after = dict(shares)
    after[giver] = after.get(giver, Fraction(0)) - sum(takers.values())
    if after[giver] < 0:
        raise ValueError(f"{giver} gives more than it has")
    for taker, part in takers.items():
        after[taker] = after.get(taker, Fraction(0)) + part
    return {party: share for party, share in after.items() if share}

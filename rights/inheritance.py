"""What derived data inherits from the rights that it rests on, if their terms demand it (P4). Pure.

The end is the earliest, and what is forbidden by one is forbidden: a further source never lengthens
a term or drops an obligation, and the same source twice counts once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from rights.terms import FOREVER
from rights.title import InterestFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Inheritance:
    """Until when rights in derived data may last, and what they may allow."""

    until: datetime = FOREVER
    may_resell: bool = True
    may_export: bool = True


FREE = Inheritance()


def inherited(rights: Iterable[InterestFacts]) -> Inheritance:
    """Return what those of the rights demand that bind what is derived under them."""
    binding = [right for right in rights if right.terms.binds_derivatives]
    return Inheritance(
        until=min((right.until for right in binding), default=FOREVER),
        may_resell=all(right.terms.may_resell for right in binding),
        may_export=all(right.terms.may_export for right in binding),
    )

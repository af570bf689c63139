"""What a right covers: data fields, purposes, territories, channels and environments. Pure.

Each dimension is a set of codes, or None for everything. A territory contains those that begin with
its code and a hyphen: ``CN`` contains ``CN-37``.
"""

from dataclasses import dataclass, fields

Codes = frozenset[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The scope of a right (NDA35 Annexes 1 and 2); everything where nothing is written."""

    fields: Codes = None
    purposes: Codes = None
    territories: Codes = None
    channels: Codes = None
    environments: Codes = None

    def includes(self, other: "Scope") -> bool:
        """Say whether all that ``other`` covers is covered here."""
        return all(
            _includes(getattr(self, dimension), getattr(other, dimension))
            for dimension in DIMENSIONS
        )

    def meets(self, other: "Scope") -> bool:
        """Say whether something is covered by both."""
        return all(
            _meets(getattr(self, dimension), getattr(other, dimension)) for dimension in DIMENSIONS
        )


DIMENSIONS = tuple(field.name for field in fields(Scope))
EVERYTHING = Scope()


def _includes(outer: Codes, inner: Codes) -> bool:
    if outer is None:
        return True
    return inner is not None and all(
        any(_contains(whole, part) for whole in outer) for part in inner
    )


def _meets(one: Codes, other: Codes) -> bool:
    if one is None or other is None:
        return True
    return any(_contains(a, b) or _contains(b, a) for a in one for b in other)


def _contains(whole: str, part: str) -> bool:
    return part == whole or part.startswith(f"{whole}-")

"""What the licences that a record states allow, and how they contradict one another.

Pure. Entry points: `rights_of`, `contradictions`. The names are those of the collection's own list.
Where statements contradict, a record shows no more than what every one of them allows.
"""

from collections.abc import Collection
from enum import Enum
from itertools import combinations

HOLD, USE, OPERATE = "HOLD", "USE", "OPERATE"


class Terms(Enum):
    """The classes of licences, by what they let their taker do."""

    OPEN = "open"
    SHARE_ALIKE = "share-alike"
    NON_COMMERCIAL = "non-commercial"
    RESTRICTED = "under terms of use"
    UNKNOWN = "unknown"


RIGHTS = {
    Terms.OPEN: frozenset({HOLD, USE, OPERATE}),
    Terms.SHARE_ALIKE: frozenset({HOLD, USE, OPERATE}),
    Terms.NON_COMMERCIAL: frozenset({HOLD, USE}),
    Terms.RESTRICTED: frozenset({HOLD, USE}),
    # Who has a copy holds it; nothing shows that it may be used.
    Terms.UNKNOWN: frozenset({HOLD}),
}

_SHARE_ALIKE = ("CC BY-SA", "GNU ", "LGPL", "MPL", "EPL", "CDLA Sharing", "CDLA-Sharing")
_NON_COMMERCIAL = ("CC BY-NC", "Non Commercial", "Academic Research Purposes Only")
_RESTRICTED = (
    "OpenAI",
    "Anthropic",
    "Llama",
    "Meta Llama",
    "Google Cloud Translation API",
    "BigScience OpenRAIL",
    "AI2 ImpACT",
    "LMSYS",
    "LDC",
    "CSLU",
    "Microsoft Data Licensing",
    "C-UDA",
    "Request Form",
)
_OPEN = (
    "MIT",
    "Apache",
    "BSD",
    "ISC",
    "CC0",
    "CC BY ",
    "Artistic",
    "Academic Free",
    "Public Domain",
    "OGL",
    "ODC BY",
    "CDLA Permissive",
    "OANC",
)
_BEGINNINGS = {
    Terms.SHARE_ALIKE: _SHARE_ALIKE,
    Terms.NON_COMMERCIAL: _NON_COMMERCIAL,
    Terms.RESTRICTED: _RESTRICTED,
    Terms.OPEN: _OPEN,
}


def terms_of(licence: str) -> Terms:
    """Return the class of a licence by its name; UNKNOWN where it names none, or none we know."""
    for terms, beginnings in _BEGINNINGS.items():
        if licence.startswith(beginnings):
            return terms
    return Terms.UNKNOWN


def rights_of(licences: Collection[str]) -> frozenset[str]:
    """Return the rights that every one of the licences allows; without any, the right to hold."""
    classes = {terms_of(licence) for licence in licences} or {Terms.UNKNOWN}
    return frozenset.intersection(*(RIGHTS[terms] for terms in classes))


def contradictions(licences: Collection[str]) -> list[str]:
    """Return each kind of contradiction among the licences once, e.g. ``open / unknown``.

    Licences of one class agree, but for share-alike ones: each demands that its own terms go on.
    """
    classes = sorted({terms_of(licence) for licence in licences}, key=list(Terms).index)
    kinds = [f"{one.value} / {other.value}" for one, other in combinations(classes, 2)]
    if sum(terms_of(licence) is Terms.SHARE_ALIKE for licence in set(licences)) > 1:
        kinds.append("share-alike / share-alike")
    return kinds

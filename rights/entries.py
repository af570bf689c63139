"""Rights as they stand in ledger entries. A published shape is never edited."""

from collections.abc import Iterable

from primitives.canonical_json import JsonObject, instant_text
from rights.models import Interest, Share


def interest_json(interest: Interest, shares: Iterable[Share]) -> JsonObject:
    """Return one registered right with its exact shares, by party reference."""
    return {
        "reference": interest.reference,
        "asset": interest.asset.number,
        "kind": interest.kind,
        "valid_from": instant_text(interest.valid_from),
        "valid_to": instant_text(interest.valid_to),
        "limits": interest.limits,
        "shares": {
            share.party.reference: f"{share.numerator}/{share.denominator}"
            for share in sorted(shares, key=lambda share: share.party.reference)
        },
    }

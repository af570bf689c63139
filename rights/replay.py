"""Rights as a fold of the ledger, and as their tables have them; the two must be equal."""

from collections.abc import Iterator, Mapping
from typing import Any

from registry.entries import INITIAL_REGISTRATIONS
from registry.replay import Facts, StoredFact, stored_rows
from rights import entries
from rights.models import Interest


def apply(facts: Facts, entry: Mapping[str, Any]) -> None:
    """Fold one parsed entry into the facts; kinds of other rooms are left alone."""
    if entry["kind"] in INITIAL_REGISTRATIONS:
        for interest in entry["payload"]["interests"]:
            facts["rights_interest", interest["reference"]] = interest


def stored_facts(since: int = 0) -> Iterator[StoredFact]:
    """Yield the fact of every registered right; with ``since``, of entries from that leaf on."""
    return stored_rows(
        Interest.objects.select_related("asset").prefetch_related("shares__party"),
        lambda interest: (
            interest.reference,
            dict(entries.interest_json(interest, interest.shares.all())),
        ),
        since=since,
    )

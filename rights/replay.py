"""Rights as a fold of the ledger, and as their tables have them; the two must be equal."""

from collections.abc import Iterator, Mapping
from typing import Any

from registry.entries import INITIAL_REGISTRATION
from registry.replay import Facts, Key
from rights import entries
from rights.models import Interest


def apply(facts: Facts, entry: Mapping[str, Any]) -> None:
    """Fold one parsed entry into the facts; kinds of other rooms are left alone."""
    if entry["kind"] == INITIAL_REGISTRATION:
        for interest in entry["payload"]["interests"]:
            facts["rights_interest", interest["reference"]] = interest


def stored_facts() -> Iterator[tuple[Key, str, dict[str, Any]]]:
    """Yield (key, primary key, fact) for every registered right."""
    interests = Interest.objects.select_related("asset").prefetch_related("shares__party")
    for interest in interests.order_by("pk").iterator(chunk_size=1000):
        fact = dict(entries.interest_json(interest, interest.shares.all()))
        yield ("rights_interest", interest.reference), str(interest.pk), fact

"""Registered cases as a fold of the ledger, and as their table has them; the two must be equal.

It stands here and not beside the cases because no act of the ledger is theirs.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from filings.models import Filing
from filings.workflow import State
from registry.entries import INITIAL_REGISTRATION
from registry.replay import Facts, StoredFact, stored_rows


def apply(facts: Facts, entry: Mapping[str, Any]) -> None:
    """Fold one parsed entry into the facts; kinds of other rooms are left alone."""
    if entry["kind"] == INITIAL_REGISTRATION:
        payload = entry["payload"]
        facts["filings_filing", payload["filing"]] = {"asset": payload["asset"]["number"]}


def stored_facts(since: int = 0) -> Iterator[StoredFact]:
    """Yield the fact of every case that ended in a registration.

    With ``since``, of those whose asset an entry from that leaf on registered.
    """
    registered = Filing.objects.filter(state=State.REGISTERED).select_related("asset")
    return stored_rows(
        registered,
        lambda filing: (filing.number, _fact(filing)),
        since=since,
        entry="asset__entry",
    )


def _fact(filing: Filing) -> dict[str, Any]:
    return {"asset": filing.asset.number if filing.asset else None}

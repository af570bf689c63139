"""Registered cases as a fold of the ledger, and as their table has them; the two must be equal.

It stands here and not beside the cases because no act of the ledger is theirs.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from filings.kinds import FilingType
from filings.models import Filing
from filings.workflow import State
from registry.entries import INITIAL_REGISTRATIONS
from registry.replay import Facts, StoredFact, committed_fact, stored_rows
from tlog.commitments import COMMITMENTS

REMARKS = "/remarks"


def apply(facts: Facts, entry: Mapping[str, Any]) -> None:
    """Fold one parsed entry into the facts; kinds of other rooms are left alone."""
    if entry["kind"] in INITIAL_REGISTRATIONS:
        payload = entry["payload"]
        fact = {"asset": payload["asset"]["number"], "names_its_entry": True}
        if "remarks" in payload:
            fact["remarks"] = payload["remarks"]
        else:
            fact[COMMITMENTS] = {REMARKS: payload[COMMITMENTS][REMARKS]}
        facts["filings_filing", payload["filing"]] = fact


def stored_facts(since: int = 0) -> Iterator[StoredFact]:
    """Yield the fact of every case that ended in a registration.

    With ``since``, of those whose asset an entry from that leaf on registered.
    """
    registered = Filing.objects.filter(
        state=State.REGISTERED, type=FilingType.INITIAL
    ).select_related("asset__entry")
    return stored_rows(
        registered.prefetch_related("asset__entry__openings"),
        lambda filing: (filing.number, _fact(filing)),
        since=since,
        entry="asset__entry",
    )


def _fact(filing: Filing) -> dict[str, Any]:
    if filing.asset is None:
        raise ValueError("a registered case has no asset")
    fact = {
        "asset": filing.asset.number,
        "names_its_entry": filing.entry_id == filing.asset.entry_id,
        "remarks": filing.remarks,
    }
    return committed_fact(fact, filing.asset.entry)

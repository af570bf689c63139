"""The fold held against the register: every fact of the ledger against the row that keeps it.

Entry points: `folded_facts`, `compare_register`.
"""

import json
from collections.abc import Iterator
from itertools import chain
from typing import Any

import certificates.replay
import registry.replay
import rights.replay
from audit.findings import Finding, FindingKind
from ledger.entries import EntryMalformedError, parse_entry
from ledger.models import Entry
from registry.replay import DRAFTED, Facts, Key
from rights.models import Interest

ROOMS = (registry.replay, rights.replay, certificates.replay)


def folded_facts() -> tuple[Facts, dict[Key, int]]:
    """Rebuild the register from the stored entries in the order of the log.

    Returns:
        The facts, and for each the leaf index of the entry that last wrote it. An entry that is
        still in the queue counts after the sequenced ones, with index -1.
    """
    facts: Facts = {}
    written: dict[Key, int] = {}
    for content, index in _in_log_order():
        change: Facts = {}
        try:
            parsed = parse_entry(content)
            for room in ROOMS:
                room.apply(change, parsed)
        except (EntryMalformedError, KeyError, TypeError):
            # Its bytes are not what was written: `audit.log` reports it; its facts are missing.
            continue
        facts.update(change)
        written.update(dict.fromkeys(change, index))
    return facts, written


def compare_register() -> Iterator[Finding]:
    """Yield a finding for each fact and row that differ, with the columns that do."""
    facts, written = folded_facts()
    for key, pk, stored in chain.from_iterable(room.stored_facts() for room in ROOMS):
        table, name = key
        fact = facts.pop(key, None)
        if fact is None:
            if table not in DRAFTED:
                yield Finding(
                    kind=FindingKind.ROW_WITHOUT_ENTRY,
                    table=table,
                    pk=pk,
                    detail=f"{name} stands in no ledger entry",
                )
            continue
        for column in _differences(fact, stored):
            yield Finding(
                kind=FindingKind.ROW_ALTERED,
                table=table,
                pk=pk,
                column=column,
                index=written[key],
                detail=f"{name}: {column} is not what the ledger says",
            )
    for (table, name), _fact in sorted(facts.items()):
        yield Finding(
            kind=FindingKind.ROW_MISSING,
            table=table,
            index=written[table, name],
            detail=f"{name} is in the ledger and not in the table",
        )
    yield from _shares()


def _differences(fact: dict[str, Any], stored: dict[str, Any]) -> list[str]:
    # Through JSON, so that code-list members compare as the text that was written.
    plain = json.loads(json.dumps(stored))
    return sorted(
        column for column in fact.keys() | plain.keys() if fact.get(column) != plain.get(column)
    )


def _shares() -> Iterator[Finding]:
    for interest in Interest.objects.prefetch_related("shares").iterator(chunk_size=1000):
        total = sum(share.fraction for share in interest.shares.all())
        if total != 1:
            yield Finding(
                kind=FindingKind.SHARES_NOT_ONE,
                table="rights_share",
                pk=str(interest.pk),
                detail=f"the shares of {interest.reference} sum to {total}",
            )


def _in_log_order() -> Iterator[tuple[bytes, int]]:
    """Yield each entry's bytes and leaf index, and after them the queue's with index -1."""
    sequenced = Entry.objects.filter(leaf__isnull=False).order_by("leaf__index")
    for content, index in sequenced.values_list("content", "leaf__index").iterator():
        yield bytes(content), index
    waiting = Entry.objects.filter(leaf__isnull=True).order_by("pk")
    for content in waiting.values_list("content", flat=True).iterator():
        yield bytes(content), -1

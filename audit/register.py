"""The fold held against the register: every fact of the ledger against the row that keeps it.

Entry points: `fold`, `compare_register`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, NamedTuple

import audit.cases
import certificates.replay
import registry.replay
import rights.replay
from audit.findings import Finding, FindingKind
from ledger.entries import EntryMalformedError, parse_entry, stored_bytes
from ledger.models import Entry, Leaf
from registry.replay import DRAFTED, Facts, Key, StoredFact, each_row
from rights.models import Interest

ROOMS = (registry.replay, rights.replay, certificates.replay, audit.cases)


class Writer(NamedTuple):
    """The entry that wrote a fact: its primary key, and its leaf index or -1 in the queue."""

    entry: int
    leaf: int


@dataclass(slots=True)
class Fold:
    """The register rebuilt from the entries: facts, who wrote each, and what was wrong."""

    facts: Facts = field(default_factory=dict)
    writers: dict[Key, Writer] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def add(self, content: bytes, writer: Writer) -> None:
        """Fold in the next entry; one that cannot be folded leaves a finding and no facts."""
        change: Facts = {}
        try:
            parsed = parse_entry(content)
            for room in ROOMS:
                room.apply(change, parsed)
        except EntryMalformedError:
            return  # `audit.log` reports it
        except (AttributeError, KeyError, TypeError, ValueError):
            self._report(FindingKind.ENTRY_ALTERED, writer, "its payload is not one of its kind")
            return
        for table, name in change.keys() & self.facts.keys():
            # A paper may stand in several registrations; whatever else is written is new.
            if table not in DRAFTED:
                self._report(FindingKind.ENTRY_REPEATED, writer, f"{name} stands in two entries")
        self.facts.update(change)
        self.writers.update(dict.fromkeys(change, writer))

    def _report(self, kind: FindingKind, writer: Writer, detail: str) -> None:
        self.findings.append(
            Finding(
                kind=kind,
                table="ledger_entry",
                pk=str(writer.entry),
                column="content",
                index=writer.leaf,
                detail=detail,
            )
        )


def fold() -> Fold:
    """Rebuild the register from the stored entries in the order of the log, then of the queue."""
    built = Fold()
    leaves = Leaf.objects.select_related("entry").only("index", "entry__content")
    waiting = Entry.objects.filter(leaf__isnull=True).only("content")
    for index, read in each_row(leaves, lambda leaf: (leaf.entry_id, leaf.entry.content)):
        if not isinstance(read, Exception):  # `audit.log` reports one that cannot be read
            built.add(stored_bytes(read[1]), Writer(read[0], index))
    for pk, content in each_row(waiting, lambda entry: entry.content):
        if not isinstance(content, Exception):
            built.add(stored_bytes(content), Writer(pk, -1))
    return built


def compare_register() -> Iterator[Finding]:
    """Yield a finding for each fact and row that differ, with the columns that do."""
    built = fold()
    yield from built.findings
    facts = dict(built.facts)
    for row in chain.from_iterable(room.stored_facts() for room in ROOMS):
        fact = None if row.fault else facts.pop((row.table, row.name), None)
        if fact is not None:
            yield from _compare(row, fact, built.writers[row.table, row.name])
        elif row.fault or row.table not in DRAFTED:
            yield _unknown(row)
    for (table, name), _fact in sorted(facts.items(), key=str):
        yield Finding(
            kind=FindingKind.ROW_MISSING,
            table=table,
            index=built.writers[table, name].leaf,
            detail=f"{name} is in the ledger and not in the table",
        )
    yield from _shares()


def _compare(row: StoredFact, fact: dict[str, Any], writer: Writer) -> Iterator[Finding]:
    columns = _differences(fact, row.fact)
    if row.entry not in (None, writer.entry):
        columns.append("entry")
    for column in columns:
        yield Finding(
            kind=FindingKind.ROW_ALTERED,
            table=row.table,
            pk=row.pk,
            column=column,
            index=writer.leaf,
            detail=f"{row.name}: {column} is not what the ledger says",
        )


def _unknown(row: StoredFact) -> Finding:
    return Finding(
        kind=FindingKind.ROW_ALTERED if row.fault else FindingKind.ROW_WITHOUT_ENTRY,
        table=row.table,
        pk=row.pk,
        detail=row.fault or f"{row.name} stands in no ledger entry",
    )


def _differences(fact: dict[str, Any], stored: dict[str, Any]) -> list[str]:
    # Through JSON, so that code-list members compare as the text that was written.
    plain = json.loads(json.dumps(stored, default=repr))
    return sorted(
        column for column in fact.keys() | plain.keys() if fact.get(column) != plain.get(column)
    )


def _shares() -> Iterator[Finding]:
    def total(interest: Interest) -> object:
        return sum(share.fraction for share in interest.shares.all())

    for pk, result in each_row(Interest.objects.prefetch_related("shares"), total):
        if result != 1:
            yield Finding(
                kind=FindingKind.SHARES_NOT_ONE,
                table="rights_share",
                pk=str(pk),
                detail=f"the shares of the right sum to {result}",
            )

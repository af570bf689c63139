"""The fold held against the register: every fact of the ledger against the row that keeps it.

Entry point: `compare_register`. The ledger is folded into a scratch register, and each
table is read once beside it.
"""

import json
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

import audit.cases
import certificates.replay
import registry.replay
import rights.replay
from audit.entries import explain, read_entries
from audit.findings import Finding, FindingKind
from audit.reading import count
from audit.scratch import QUEUED, Scratch, WrittenFact, fact_text
from ledger.entries import EntryMalformedError, parse_entry
from primitives.canonical_json import canonical_json
from primitives.progress import SILENT, Progress
from registry.replay import DRAFTED, Facts, StoredFact, each_row, written_since
from rights.models import Interest

COMMITMENTS = "commitments"
ROOMS = (registry.replay, rights.replay, certificates.replay, audit.cases)


class Fold(Scratch):
    """The register rebuilt from the entries: facts, who wrote each, and what was wrong."""

    def read(self, since: int = 0, progress: Progress = SILENT) -> Iterator[Finding]:
        """Fold the stored entries, each held against its own row first."""
        progress.stage("fold", 0 if since else count("ledger_entry"))
        for entry in read_entries(since):
            progress.advance()
            if not entry.agrees():
                yield from explain(entry)
            content: object = entry.content
            if isinstance(content, bytes):
                leaf = QUEUED if entry.place is None else entry.place
                yield from self.add(content, entry=entry.pk, leaf=leaf)

    def add(self, content: bytes, *, entry: int, leaf: int) -> Iterator[Finding]:
        """Fold in the next entry; one that cannot be folded leaves a finding and no facts."""
        change: Facts = {}
        index = None if leaf == QUEUED else leaf
        try:
            parsed = parse_entry(content)
            if not _is_canonical(parsed, content):
                yield _malformed(entry, index, "its bytes are not canonical JSON")
            for room in ROOMS:
                room.apply(change, parsed)
        except EntryMalformedError as error:
            yield _malformed(entry, index, f"its bytes are no entry: {error}")
            return
        except (AttributeError, KeyError, TypeError, ValueError):
            yield _malformed(entry, index, "its payload is not one of its kind")
            return
        for (table, name), fact in change.items():
            was_there = self.put(WrittenFact(table, str(name), fact_text(fact), entry, leaf))
            # A paper may stand in several registrations; whatever else is written is new.
            if was_there and table not in DRAFTED:
                yield _malformed(
                    entry, index, f"{name} stands in two entries", FindingKind.ENTRY_REPEATED
                )


def compare_register(since: int = 0, progress: Progress = SILENT) -> Iterator[Finding]:
    """Yield a finding for each fact and row that differ, with the columns that do.

    With ``since``, for facts of entries from that place on and rows that name such an entry.
    """
    with Fold() as built:
        yield from compare(built, since, progress)


def compare(built: Fold, since: int = 0, progress: Progress = SILENT) -> Iterator[Finding]:
    """Fold the ledger into ``built``, and do what `compare_register` does."""
    yield from built.read(since, progress)
    progress.stage("register", built.count)
    for row in chain.from_iterable(room.stored_facts(since) for room in ROOMS):
        progress.advance()
        fact = None if row.fault else built.take(row.table, row.name)
        if fact is not None:
            yield from _compare(row, fact)
        elif row.fault or row.table not in DRAFTED:
            yield _unknown(row)
    for fact in built.left():
        yield Finding(
            kind=FindingKind.ROW_MISSING,
            table=fact.table,
            index=fact.place,
            detail=f"{fact.name} is in the ledger and not in the table",
        )
    yield from _shares(since)


def _is_canonical(parsed: object, content: bytes) -> bool:
    # The standard library writes what RFC 8785 demands but for rare text and numbers, and faster.
    quick = json.dumps(parsed, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return quick.encode("utf-8", "surrogatepass") == content or canonical_json(parsed) == content  # type: ignore[arg-type] # whatever JSON it is


def _malformed(
    entry: int, index: int | None, detail: str, kind: FindingKind = FindingKind.ENTRY_ALTERED
) -> Finding:
    return Finding(
        kind=kind, table="ledger_entry", pk=str(entry), column="content", index=index, detail=detail
    )


def _compare(row: StoredFact, fact: WrittenFact) -> Iterator[Finding]:
    stored = fact_text(row.fact)
    columns = [] if stored == fact.content else _differences(fact.content, stored)
    if row.entry not in (None, fact.entry):
        columns.append("entry")
    for column in columns:
        yield Finding(
            kind=FindingKind.ROW_ALTERED,
            table=row.table,
            pk=row.pk,
            column=column,
            index=fact.place,
            detail=f"{row.name}: {column} is not what the ledger says",
        )


def _unknown(row: StoredFact) -> Finding:
    return Finding(
        kind=FindingKind.ROW_ALTERED if row.fault else FindingKind.ROW_WITHOUT_ENTRY,
        table=row.table,
        pk=row.pk,
        detail=row.fault or f"{row.name} stands in no ledger entry",
    )


def _differences(written: str, stored: str) -> list[str]:
    """Return the columns that differ; a commitment stands for the column that should open it."""
    one, other = json.loads(written), json.loads(stored)
    columns = _differing(one, other)
    if COMMITMENTS in columns:
        committed = (fact.get(COMMITMENTS) or {} for fact in (one, other))
        paths = _differing(*committed)
        columns = (columns - {COMMITMENTS}) | {path.rpartition("/")[2] for path in paths}
    return sorted(columns)


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> set[str]:
    """Return the members that differ, also where only their JSON does, as 1 and true."""
    return {
        member
        for member in one.keys() | other.keys()
        if member not in one
        or member not in other
        or json.dumps(one[member], sort_keys=True) != json.dumps(other[member], sort_keys=True)
    }


def _shares(since: int) -> Iterator[Finding]:
    def total(interest: Interest) -> object:
        return sum(share.fraction for share in interest.shares.all())

    interests = Interest.objects.prefetch_related("shares")
    if since:
        interests = interests.filter(written_since("entry", since))
    for pk, result in each_row(interests, total):
        if result != 1:
            yield Finding(
                kind=FindingKind.SHARES_NOT_ONE,
                table="rights_share",
                pk=str(pk),
                detail=f"the shares of the right sum to {result}",
            )

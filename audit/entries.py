"""Entries held against their own rows: columns, keys and bytes must say the same.

Canonical JSON has one order of members, so the frame around nonce and payload can be written again
from the columns and the keys and compared as bytes. Only what differs is parsed.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any, NamedTuple

from django.db import connection

from audit.findings import Finding, FindingKind
from audit.reading import fetch, stream, text
from ledger.entries import EntryMalformedError, parse_entry
from primitives.canonical_json import canonical_json

ENTRY, KEY, LEAF, PENDING = "ledger_entry", "ledger_entrykey", "ledger_leaf", "ledger_pending"
NONCE_CHARACTERS = 64

# Keys in the order in which they stand in the entry, as members of a JSON object.
KEYS_ON_POSTGRESQL = """
    (SELECT string_agg('"' || key || '":' || version, ',' ORDER BY key COLLATE "C")
     FROM ledger_entrykey WHERE entry_id = entry.id)"""
KEYS_ON_SQLITE = """
    (SELECT group_concat('"' || key || '":' || version)
     FROM ledger_entrykey WHERE entry_id = entry.id)"""
# SQLite keeps values of other types than the columns'.
TYPED_ON_SQLITE = """
    typeof(entry.content) = 'blob' AND typeof(entry.leaf_hash) = 'blob'
    AND typeof(entry.kind) = 'text' AND typeof(entry.recorded_at) = 'text'
    AND typeof(entry.actor) = 'text' AND typeof(entry.officer) = 'text'"""


class StoredEntry(NamedTuple):
    """One entry as its row has it; text as bytes.

    Attributes:
        place: leaf index; None while it is in no leaf.
        keys: members of the JSON object of its keys, from their own table.
        is_typed: every column has the type of the column.
    """

    place: int | None
    pk: int
    kind: bytes
    recorded_at: bytes
    actor: bytes
    officer: bytes
    content: bytes
    keys: bytes | None
    is_typed: bool

    def agrees(self) -> bool:
        """Say whether columns and keys say throughout what the bytes say."""
        if not self.is_typed or self.keys is None:
            return False
        content = self.content
        head = b'{"actor":"%b","keys":{%b},"kind":"%b","nonce":"' % (
            self.actor,
            self.keys,
            self.kind,
        )
        nonce_end = len(head) + NONCE_CHARACTERS
        tail = b'},"recorded_at":"%b","schema":"quanji.entry/1"}' % _iso(self.recorded_at)
        return (
            content.startswith(head)
            and content[len(head) : nonce_end].isalnum()
            and content.startswith(b'","officer":"%b","payload":{' % self.officer, nonce_end)
            and content.endswith(tail)
        )


def read_entries(since: int = 0) -> Iterator[StoredEntry]:
    """Yield the entries from leaf ``since`` on in the order of the log, then those in no leaf."""
    is_postgresql = connection.vendor == "postgresql"
    recorded_at = "entry.recorded_at::text" if is_postgresql else "entry.recorded_at || ''"
    keys = KEYS_ON_POSTGRESQL if is_postgresql else KEYS_ON_SQLITE
    is_typed = "true" if is_postgresql else TYPED_ON_SQLITE
    columns = f"""entry.id, entry.kind, {recorded_at}, entry.actor, entry.officer, entry.content,
        {keys}, {is_typed}"""
    logged = f"""
        SELECT leaf."index", {columns}
        FROM ledger_leaf AS leaf JOIN ledger_entry AS entry ON entry.id = leaf.entry_id
        WHERE leaf."index" >= %s ORDER BY leaf."index" """  # noqa: S608 # constants of this module
    waiting = f"""
        SELECT NULL, {columns}
        FROM ledger_entry AS entry LEFT JOIN ledger_leaf AS leaf ON leaf.entry_id = entry.id
        WHERE leaf.entry_id IS NULL ORDER BY entry.id"""  # noqa: S608 # constants of this module
    yield from map(StoredEntry._make, stream(logged, since))
    yield from map(StoredEntry._make, stream(waiting))


def explain(entry: StoredEntry) -> Iterator[Finding]:
    """Yield a finding for each column and key that is not what the entry's bytes say."""
    content: object = entry.content
    if not isinstance(content, bytes):
        yield _altered(entry, "content", "the row holds garbage for its bytes")
        return
    if not entry.is_typed:
        yield _altered(entry, "content", "values of the row are of another type than its columns")
    try:
        parsed = parse_entry(content)
        is_canonical = canonical_json(parsed) == content
    except (EntryMalformedError, ValueError, RecursionError) as error:
        yield _altered(entry, "content", f"its bytes are no entry: {error}")
        return
    if not is_canonical:
        yield _altered(entry, "content", "its bytes are not canonical JSON")
    yield from _explain_columns(entry, parsed)
    yield from _explain_keys(entry, parsed["keys"])


def hash_altered(pk: object, place: int | None) -> Finding:
    """Return the finding about an entry whose column ``leaf_hash`` is not that of its bytes."""
    return Finding(
        kind=FindingKind.ENTRY_ALTERED,
        table=ENTRY,
        pk=text(pk),
        column="leaf_hash",
        index=place,
        detail="leaf_hash is not that of the entry's bytes",
    )


def _altered(entry: StoredEntry, column: str, detail: str) -> Finding:
    return Finding(
        kind=FindingKind.ENTRY_ALTERED,
        table=ENTRY,
        pk=str(entry.pk),
        column=column,
        index=entry.place,
        detail=detail,
    )


def _explain_columns(entry: StoredEntry, parsed: dict[str, Any]) -> Iterator[Finding]:
    stored = {
        "kind": text(entry.kind),
        "actor": text(entry.actor),
        "officer": text(entry.officer),
        "recorded_at": text(_iso(entry.recorded_at)),
    }
    for column, value in stored.items():
        if parsed[column] != value:
            yield _altered(entry, column, f"{column} is not what the entry's bytes say")


def _explain_keys(entry: StoredEntry, keys: dict[str, int]) -> Iterator[Finding]:
    rows = fetch("SELECT key, version FROM ledger_entrykey WHERE entry_id = %s", entry.pk)
    stored = {(text(key), text(version)) for key, version in rows}
    said = {(key, str(version)) for key, version in keys.items()}
    for key, version in sorted(stored ^ said):
        what = "is not in the entry's bytes" if (key, version) in stored else "has no row"
        yield key_finding(key, version, entry.place, f"{key} v{version} {what}")


def key_finding(key: str, version: object, place: int | None, detail: str) -> Finding:
    """Return the finding about one row of the keys."""
    return Finding(
        kind=FindingKind.KEY_MISMATCH,
        table=KEY,
        pk=f"{key}/{text(version)}",
        column="version",
        index=place,
        detail=detail,
    )


def check_queue() -> Iterator[Finding]:
    """Check the entries that stand in no leaf: each waits in the queue, under its own hash."""
    query = """
        SELECT entry.id, pending.entry_id, entry.content, entry.leaf_hash
        FROM ledger_entry AS entry
        LEFT JOIN ledger_leaf AS leaf ON leaf.entry_id = entry.id
        LEFT JOIN ledger_pending AS pending ON pending.entry_id = entry.id
        WHERE leaf.entry_id IS NULL ORDER BY entry.id"""
    for pk, waiting, content, leaf_hash in stream(query):
        if not isinstance(content, bytes) or sha256(b"\x00" + content).digest() != leaf_hash:
            yield hash_altered(pk, None)
        if waiting is None:
            yield Finding(
                kind=FindingKind.ENTRY_UNSEQUENCED,
                table=ENTRY,
                pk=str(pk),
                detail="the entry is neither in the log nor in the queue",
            )
    requeued = """
        SELECT pending.entry_id, leaf."index" FROM ledger_pending AS pending
        JOIN ledger_leaf AS leaf ON leaf.entry_id = pending.entry_id ORDER BY leaf."index" """
    for pk, index in stream(requeued):
        yield Finding(
            kind=FindingKind.ENTRY_REQUEUED,
            table=PENDING,
            pk=text(pk),
            index=index,
            detail="the entry is in the log and in the queue again",
        )
    lost = """
        SELECT pending.entry_id FROM ledger_pending AS pending
        LEFT JOIN ledger_entry AS entry ON entry.id = pending.entry_id WHERE entry.id IS NULL"""
    for (pk,) in stream(lost):
        yield Finding(
            kind=FindingKind.ENTRY_MISSING,
            table=ENTRY,
            pk=text(pk),
            detail="the queue names an entry that is not stored",
        )


def _iso(stored: bytes | None) -> bytes:
    """Return an instant of either database, in UTC, in the form of the ledger."""
    if not isinstance(stored, bytes):
        return b""
    return stored.removesuffix(b"+00").replace(b" ", b"T", 1) + b"Z"

"""Versions of keys: each counts from 1 without gaps, in the order of the log, then of the queue."""

from collections.abc import Iterator

from audit.entries import key_finding
from audit.findings import Finding
from audit.progress import SILENT, Progress
from audit.reading import count, stream, text

QUEUE = 2**62
"""Places in the queue lie behind all places in the log."""

VERSIONS = """
    SELECT k.key, k.version, k.entry_id, entry.id, leaf."index"
    FROM ledger_entrykey AS k
    LEFT JOIN ledger_entry AS entry ON entry.id = k.entry_id
    LEFT JOIN ledger_leaf AS leaf ON leaf.entry_id = k.entry_id
    ORDER BY k.key, k.version"""

NEW_VERSIONS = """
    SELECT k.key, k.version, k.entry_id, entry.id, leaf."index",
      (SELECT old.version FROM ledger_entrykey AS old
       JOIN ledger_leaf AS before ON before.entry_id = old.entry_id
       WHERE old.key = k.key AND before."index" < %s ORDER BY old.version DESC LIMIT 1)
    FROM ledger_entrykey AS k
    LEFT JOIN ledger_entry AS entry ON entry.id = k.entry_id
    LEFT JOIN ledger_leaf AS leaf ON leaf.entry_id = k.entry_id
    WHERE leaf."index" >= %s OR leaf."index" IS NULL
    ORDER BY k.key, k.version"""


def check_versions(since: int = 0, progress: Progress = SILENT) -> Iterator[Finding]:
    """Yield a finding for each version that is out of its order, and for each key of no entry.

    With ``since``, versions of entries from that place on, counted on from those before it.
    """
    progress.stage("keys", 0 if since else count("ledger_entrykey"))
    rows = stream(NEW_VERSIONS, since, since) if since else stream(VERSIONS)
    last_key, last_version, last_place = None, 0, (-1, 0)
    for key, version, named, entry, index, *before in rows:
        progress.advance()
        if key != last_key:
            last_version, last_place = _number(before[0] if before else 0), (-1, 0)
        place = (_number(index), 0) if index is not None else (QUEUE, _number(named))
        if entry is None:
            yield key_finding(text(key), version, index, f"{text(key)} is a key of no entry")
        elif version != last_version + 1:
            yield key_finding(
                text(key), version, index, f"the version before it is {last_version}, not one less"
            )
        elif place < last_place:
            yield key_finding(
                text(key), version, index, "the version before it has a later place in the log"
            )
        last_key, last_version, last_place = key, _number(version), place


def _number(value: object) -> int:
    """Return a number as it stands, 0 for what SQLite keeps in its place."""
    return value if isinstance(value, int) else 0

"""Versions of keys: each counts from 1 without gaps, in the order of the log, then of the queue.

The database looks for what is out of order; what is in order costs no row that is read.
"""

from collections.abc import Iterator

from audit.entries import key_finding
from audit.findings import Finding
from audit.reading import stream, text
from primitives.progress import SILENT, Progress

# Places in the queue lie behind all places in the log.
OUT_OF_ORDER = """
    SELECT new.key, new.version, leaf."index", old.entry_id
    FROM ledger_entrykey AS new
    LEFT JOIN ledger_leaf AS leaf ON leaf.entry_id = new.entry_id
    LEFT JOIN ledger_entrykey AS old ON old.key = new.key AND old.version = new.version - 1
    LEFT JOIN ledger_leaf AS before ON before.entry_id = old.entry_id
    WHERE new.version <> 1 AND (leaf."index" >= %s OR leaf."index" IS NULL)
      AND (old.entry_id IS NULL OR before."index" > leaf."index"
           OR (before."index" IS NULL AND leaf."index" IS NOT NULL)
           OR (before."index" IS NULL AND leaf."index" IS NULL AND old.entry_id >= new.entry_id))
    ORDER BY new.key, new.version"""

TWICE = """
    SELECT key, version FROM ledger_entrykey
    GROUP BY key, version HAVING count(*) > 1 ORDER BY key, version"""

OF_NO_ENTRY = """
    SELECT k.key, k.version, leaf."index" FROM ledger_entrykey AS k
    LEFT JOIN ledger_entry AS entry ON entry.id = k.entry_id
    LEFT JOIN ledger_leaf AS leaf ON leaf.entry_id = k.entry_id
    WHERE entry.id IS NULL ORDER BY k.key, k.version"""


def check_versions(since: int = 0, progress: Progress = SILENT) -> Iterator[Finding]:
    """Yield a finding for each version that is out of its order, and for each key of no entry.

    With ``since``, versions of entries from that place on, counted on from those before it.
    """
    progress.stage("keys", 0)
    for key, version, index, old in stream(OUT_OF_ORDER, since):
        detail = (
            "there is no version before it"
            if old is None
            else "the version before it has a later place"
        )
        yield key_finding(text(key), version, index, detail)
    for key, version in stream(TWICE):
        yield key_finding(text(key), version, None, "the version stands twice")
    for key, version, index in stream(OF_NO_ENTRY):
        yield key_finding(text(key), version, index, f"{text(key)} is a key of no entry")

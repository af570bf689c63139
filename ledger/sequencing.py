"""The sequencer: gives pending entries their places in the tree, a batch in one transaction.

Entry point: `Sequencer.integrate`. One sequencer works at a time; whatever goes wrong in a batch,
the next one begins from what is stored.
"""

from datetime import datetime

from django.db import connection, transaction

from ledger.errors import LedgerStoppedError
from ledger.models import Pending, Tile, TreeHead
from ledger.tiles import stored_tiles
from tlog.errors import TlogError
from tlog.tiles import TreeBuilder, tile_width

SEQUENCER_LOCK = 0x5175616E6A69
BATCH_SIZE = 8192

# Taken from the queue first: joined with it, the entries would be read from the log's beginning on.
BATCH = """
    WITH batch AS MATERIALIZED (SELECT entry_id FROM ledger_pending ORDER BY entry_id LIMIT %s)
    SELECT batch.entry_id, ledger_entry.leaf_hash
    FROM batch JOIN ledger_entry ON ledger_entry.id = batch.entry_id
    ORDER BY batch.entry_id"""

BY_INDEX_ON_POSTGRESQL = "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"

# By the batch's own identifiers: an entry with a lower one may become visible at any moment.
PLACE_ON_POSTGRESQL = """
    INSERT INTO ledger_leaf ("index", entry_id)
    SELECT %s + place - 1, entry_id
    FROM unnest(%s::bigint[]) WITH ORDINALITY AS batch (entry_id, place)"""
LEAVE_ON_POSTGRESQL = "DELETE FROM ledger_pending WHERE entry_id = ANY(%s)"

# The transaction keeps every other writer out: what is pending up to the last one is the batch.
PLACE_ON_SQLITE = """
    INSERT INTO ledger_leaf ("index", entry_id)
    SELECT %s + row_number() OVER (ORDER BY entry_id) - 1, entry_id
    FROM ledger_pending WHERE entry_id <= %s"""
LEAVE_ON_SQLITE = "DELETE FROM ledger_pending WHERE entry_id <= %s"

# A version whose predecessor has no place before it.
VERSION_GAP = """
    SELECT new.key, new.version
    FROM ledger_leaf AS placed
    JOIN ledger_entrykey AS new ON new.entry_id = placed.entry_id
    LEFT JOIN ledger_entrykey AS old ON old.key = new.key AND old.version = new.version - 1
    LEFT JOIN ledger_leaf AS before ON before.entry_id = old.entry_id
    WHERE placed."index" >= %s AND new.version > 1
      AND (before."index" IS NULL OR before."index" > placed."index")
    LIMIT 1"""


class LedgerDamagedError(LedgerStoppedError):
    """What is stored does not agree with itself; nothing was sequenced or signed."""


class Sequencer:
    """Grows the stored tree; between batches it keeps the tree's right edge in memory."""

    def __init__(self) -> None:
        self._builder: TreeBuilder | None = None

    def integrate(self, *, at: datetime) -> int:
        """Give up to one batch of pending entries their leaf indexes; return how many.

        Raises:
            LedgerDamagedError: the stored tiles do not give the stored root, or the version before
                a pending one has no place in the tree.
        """
        if not Pending.objects.exists():
            return 0
        try:
            with transaction.atomic(durable=True):
                _lock_sequencer()
                return self._integrate(at)
        except BaseException:
            # What the edge holds may never have been committed.
            self._builder = None
            raise

    def _integrate(self, at: datetime) -> int:
        batch = _batch()
        if not batch:
            return 0
        builder = self._load()
        first_index = builder.size
        builder.extend([bytes(leaf_hash) for _entry, leaf_hash in batch])
        _place(first_index, [entry for entry, _leaf_hash in batch])
        _require_no_version_gap(first_index)
        _store_tiles(builder, old_size=first_index)
        TreeHead.objects.create(size=builder.size, root_hash=builder.root(), integrated_at=at)
        return len(batch)

    def _load(self) -> TreeBuilder:
        """Return the tree as it is stored, checked against the root that was committed with it."""
        head = TreeHead.objects.order_by("-size").first()
        size = head.size if head else 0
        if self._builder is None or self._builder.size != size:
            try:
                self._builder = TreeBuilder.resume(size, stored_tiles)
            except TlogError as error:
                raise LedgerDamagedError(f"the tiles of the tree of {size}: {error}") from error
        if head and self._builder.root() != bytes(head.root_hash):
            raise LedgerDamagedError(f"the tiles do not give the root of the tree of {size}")
        return self._builder


def _lock_sequencer() -> None:
    """Let one sequencer work at a time; on SQLite the transaction is lock enough."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEQUENCER_LOCK])
            # A batch is small beside the log: a join that reads whole tables takes longer each day.
            cursor.execute(BY_INDEX_ON_POSTGRESQL)


def _batch() -> list[tuple[int, bytes]]:
    with connection.cursor() as cursor:
        cursor.execute(BATCH, [BATCH_SIZE])
        return list(cursor.fetchall())


def _place(first_index: int, entries: list[int]) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(PLACE_ON_POSTGRESQL, [first_index, entries])
            cursor.execute(LEAVE_ON_POSTGRESQL, [entries])
        else:
            cursor.execute(PLACE_ON_SQLITE, [first_index, entries[-1]])
            cursor.execute(LEAVE_ON_SQLITE, [entries[-1]])


def _require_no_version_gap(first_index: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(VERSION_GAP, [first_index])
        if gap := cursor.fetchone():
            raise LedgerDamagedError(
                f"{gap[0]} v{gap[1]} is pending and the version before it has no place"
            )


def _store_tiles(builder: TreeBuilder, *, old_size: int) -> None:
    changed = builder.drain()
    # At most one tile of each level was begun before. Not an upsert: on SQLite an upsert's insert
    # half would trip over the guards.
    begun = {key: data for key, data in changed.items() if tile_width(*key, size=old_size)}
    for (level, index), data in begun.items():
        Tile.objects.filter(level=level, index=index).update(data=data)
    Tile.objects.bulk_create(
        Tile(level=level, index=index, data=data)
        for (level, index), data in changed.items()
        if (level, index) not in begun
    )

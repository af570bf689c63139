"""From the queue to the public: sequence the pending entries, then sign what is committed.

The order makes it safe: a tree head is committed before it is signed, and what is signed was read
back from storage and hashed again (a bit that flipped in between stops the signer, not the log).

Entry point: `publish`. `sequence_pending` and `sign_checkpoint` are its two steps; a crash between
them leaves an unsigned head, which the next call signs.
"""

from datetime import datetime

from django.db import connection, transaction

from ledger.keys import log_signer
from ledger.models import Checkpoint, Entry, EntryKey, Leaf, Pending, Tile, TreeHead
from tlog.checkpoint import Checkpoint as CheckpointBody
from tlog.checkpoint import sign_checkpoint as sign_note
from tlog.merkle import leaf_hash, verify_consistency
from tlog.tiles import TileReader, TreeBuilder

SEQUENCER_LOCK = 0x5175616E6A69
BATCH_SIZE = 4096


class LedgerDamagedError(Exception):
    """What is stored does not agree with itself; nothing was sequenced or signed."""


def publish(*, at: datetime) -> None:
    """Sequence all pending entries and sign a checkpoint over them, if there are any.

    Raises:
        LedgerDamagedError: what is stored does not agree with itself.
    """
    while sequence_pending(at=at):
        pass
    sign_checkpoint(at=at)


@transaction.atomic
def sequence_pending(*, at: datetime) -> int:
    """Give up to one batch of pending entries their leaf indexes; return how many.

    Raises:
        LedgerDamagedError: the stored tiles do not give the stored root, or a version is missing.
    """
    _lock_sequencer()
    entries = [
        row.entry for row in Pending.objects.select_related("entry").order_by("entry")[:BATCH_SIZE]
    ]
    if not entries:
        return 0
    builder = _load_builder()
    first_index = builder.size
    for entry in entries:
        builder.append(bytes(entry.leaf_hash))
    Leaf.objects.bulk_create(
        Leaf(index=first_index + offset, entry=entry) for offset, entry in enumerate(entries)
    )
    _require_no_version_gap(entries)
    _store_tiles(builder)
    TreeHead.objects.create(size=builder.size, root_hash=builder.root(), integrated_at=at)
    Pending.objects.filter(entry__in=entries).delete()
    return len(entries)


@transaction.atomic
def sign_checkpoint(*, at: datetime) -> Checkpoint | None:
    """Sign the latest committed tree head and return its checkpoint; None for an empty log.

    Raises:
        LedgerDamagedError: stored entries, tiles and heads disagree, or the tree is not an
            extension of the one that was signed last.
    """
    _lock_sequencer()
    head = TreeHead.objects.order_by("-size").first()
    if head is None:
        return None
    if signed := Checkpoint.objects.filter(tree_head=head).first():
        return signed
    last = Checkpoint.objects.select_related("tree_head").order_by("-tree_head").first()
    _require_extension(last.tree_head if last else None, head)
    signer = log_signer()
    body = CheckpointBody(origin=signer.name, size=head.size, root=bytes(head.root_hash))
    return Checkpoint.objects.create(tree_head=head, note=sign_note(body, signer), signed_at=at)


def stored_tile(level: int, index: int) -> bytes:
    """Return the hashes stored in one tile.

    Raises:
        Tile.DoesNotExist: there is no such tile.
    """
    return bytes(Tile.objects.get(level=level, index=index).data)


def _lock_sequencer() -> None:
    """Let one sequencer and signer work at a time; on SQLite the transaction is lock enough."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEQUENCER_LOCK])

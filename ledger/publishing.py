"""From the queue to the public: sequence the pending entries, then sign what is committed.

The order makes it safe: a tree head is committed before it is signed, and what is signed was read
back from storage and hashed again (a bit that flipped in between stops the signer, not the log).

Entry point: `publish`. `sequence_pending` and `sign_checkpoint` are its two steps; a crash between
them leaves an unsigned head, which the next call signs.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from operator import or_

from django.db import connection, transaction
from django.db.models import Q

from ledger.keys import log_signer
from ledger.models import Checkpoint, Entry, EntryKey, Leaf, Pending, Tile, TreeHead
from tlog.checkpoint import Checkpoint as CheckpointBody
from tlog.checkpoint import sign_checkpoint as sign_body
from tlog.errors import TlogError
from tlog.merkle import HASH_BYTES, leaf_hash, verify_consistency
from tlog.tiles import TILE_WIDTH, TileKey, TileReader, TreeBuilder

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
    builder.extend([bytes(entry.leaf_hash) for entry in entries])
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
    return Checkpoint.objects.create(tree_head=head, note=sign_body(body, signer), signed_at=at)


def stored_tiles(keys: Sequence[TileKey]) -> dict[TileKey, bytes]:
    """Return the hashes stored in each of these tiles, by (level, index), with one query."""
    wanted = [Q(level=level, index=index) for level, index in keys]
    rows = Tile.objects.filter(reduce(or_, wanted)) if wanted else Tile.objects.none()
    found = rows.values_list("level", "index", "data")
    return {(level, index): bytes(data) for level, index, data in found}


def _lock_sequencer() -> None:
    """Let one sequencer and signer work at a time; on SQLite the transaction is lock enough."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEQUENCER_LOCK])


def _load_builder() -> TreeBuilder:
    """Return the tree as it is stored, checked against the root that was committed with it."""
    head = TreeHead.objects.order_by("-size").first()
    if head is None:
        return TreeBuilder()
    try:
        builder = TreeBuilder.resume(head.size, stored_tiles)
    except TlogError as error:
        raise LedgerDamagedError(f"the tiles of the tree of {head.size}: {error}") from error
    if builder.root() != bytes(head.root_hash):
        raise LedgerDamagedError(f"the tiles do not give the root of the tree of {head.size}")
    return builder


def _store_tiles(builder: TreeBuilder) -> None:
    for (level, index), data in builder.drain().items():
        # Not an upsert: on SQLite an upsert's insert half would trip over the guards.
        if not Tile.objects.filter(level=level, index=index).update(data=data):
            Tile.objects.create(level=level, index=index, data=data)


def _require_no_version_gap(entries: list[Entry]) -> None:
    """Refuse a version whose predecessor has no place in the tree."""
    keys = EntryKey.objects.filter(entry__in=entries, version__gt=1)
    for key in keys:
        if not Leaf.objects.filter(
            entry__keys__key=key.key, entry__keys__version=key.version - 1
        ).exists():
            raise LedgerDamagedError(f"{key} is pending and version {key.version - 1} is nowhere")


def _require_extension(last: TreeHead | None, head: TreeHead) -> None:
    """Hash the new entries again from storage and prove that the tree extends the signed one."""
    first_new = last.size if last else 0
    leaves = Leaf.objects.filter(index__gte=first_new, index__lt=head.size).select_related("entry")
    reader = TileReader(head.size, stored_tiles)
    for leaf in leaves.order_by("index").iterator():
        if leaf_hash(bytes(leaf.entry.content)) != _stored_leaf_hash(leaf.index):
            raise LedgerDamagedError(f"entry {leaf.entry_id} is not what leaf {leaf.index} hashes")
    try:
        if reader.root() != bytes(head.root_hash):
            raise LedgerDamagedError(f"the tiles do not give the root of the tree of {head.size}")
        if last:
            verify_consistency(
                old_size=last.size,
                old_root=bytes(last.root_hash),
                new_size=head.size,
                new_root=bytes(head.root_hash),
                proof=reader.consistency_proof(last.size),
            )
    except TlogError as error:
        raise LedgerDamagedError(f"the tree of {head.size}: {error}") from error


def _stored_leaf_hash(index: int) -> bytes:
    tile, place = divmod(index, TILE_WIDTH)
    tiles = stored_tiles([(0, tile)])
    return tiles.get((0, tile), b"")[place * HASH_BYTES : (place + 1) * HASH_BYTES]

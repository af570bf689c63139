"""The guarded signer: signs committed tree heads, and only what extends all it has signed before.

Entry point: `sign_checkpoint`. What was signed last is remembered outside the database
(`ledger.memory`). What is signed was read back from storage and hashed again: a bit that flipped in
between stops the signer, not the log. The order makes it safe: head committed, memory durable,
checkpoint released.
"""

from datetime import datetime

from django.db import transaction

from ledger.keys import log_signers
from ledger.memory import RollbackError, SignerMemory, SignerMemoryError, held
from ledger.models import Checkpoint, TreeHead
from ledger.sequencing import LedgerDamagedError
from ledger.tiles import stored_entries, stored_tile, stored_tiles, tile_ranges
from tlog.checkpoint import Checkpoint as CheckpointBody
from tlog.checkpoint import sign_checkpoint as sign_body
from tlog.errors import TlogError
from tlog.merkle import HASH_BYTES, leaf_hash, verify_consistency
from tlog.tiles import TILE_WIDTH, TileReader


def sign_checkpoint(*, at: datetime) -> Checkpoint | None:
    """Sign the latest committed tree head and return its checkpoint; None for an empty log.

    Raises:
        LedgerDamagedError: stored entries, tiles and heads disagree, or the tree is not an
            extension of the one that was signed last.
        RollbackError: the tree is smaller than the one that was signed last.
        SignerMemoryError: the memory is gone, unreadable or another log's.
    """
    head = TreeHead.objects.order_by("-size").first()
    if head is None:
        return None
    if signed := Checkpoint.objects.filter(tree_head=head).first():
        return signed
    # Durable: inside another transaction it would read, and sign, what may never be committed.
    with held() as memory, transaction.atomic(durable=True):
        # Whoever held the memory before us may have signed it.
        return Checkpoint.objects.filter(tree_head=head).first() or Checkpoint.objects.create(
            tree_head=head, note=_signed_note(head, memory, at), signed_at=at
        )


def _signed_note(head: TreeHead, memory: SignerMemory, at: datetime) -> str:
    last = memory.checkpoint()
    if last is None and Checkpoint.objects.exists():
        raise SignerMemoryError(
            "The log has signed checkpoints and the signer remembers none: restore its memory from "
            "the newest checkpoint that is kept outside (manage.py restore_signer_memory)."
        )
    if last is not None and last.size > head.size:
        raise RollbackError(f"a tree of {last.size} was signed, and this one has {head.size}")
    _require_extension(last, head)
    if last is not None and last.size == head.size:
        # It was signed and remembered, and the process died before it was released.
        return memory.note() or ""
    signer, *others = log_signers(at=at)
    body = CheckpointBody(origin=signer.name, size=head.size, root=bytes(head.root_hash))
    note = sign_body(body, signer, *others)
    memory.remember(note)
    return note


def _require_extension(last: CheckpointBody | None, head: TreeHead) -> None:
    """Hash the new entries again from storage and prove that the tree extends the signed one."""
    first_new = last.size if last else 0
    reader = TileReader(head.size, stored_tiles)
    try:
        for tile, start, end in tile_ranges(first_new, head.size):
            _require_hashes(tile, start, stored_entries(start, end))
        if reader.root() != bytes(head.root_hash):
            raise LedgerDamagedError(f"the tiles do not give the root of the tree of {head.size}")
        if last:
            verify_consistency(
                old_size=last.size,
                old_root=last.root,
                new_size=head.size,
                new_root=bytes(head.root_hash),
                proof=reader.consistency_proof(last.size),
            )
    except TlogError as error:
        raise LedgerDamagedError(f"the tree of {head.size}: {error}") from error


def _require_hashes(tile: int, start: int, entries: list[bytes]) -> None:
    place = start % TILE_WIDTH * HASH_BYTES
    stored = stored_tile(0, tile)[place : place + len(entries) * HASH_BYTES]
    computed = b"".join(map(leaf_hash, entries))
    if computed == stored:
        return
    for offset, entry in enumerate(entries):
        if leaf_hash(entry) != stored[offset * HASH_BYTES : (offset + 1) * HASH_BYTES]:
            raise LedgerDamagedError(f"the entry stored is not what leaf {start + offset} hashes")

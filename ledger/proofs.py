"""Proofs for other people: that an entry is in the log, as one text file."""

from ledger.models import Entry
from ledger.queries import entry_index, latest_checkpoint
from ledger.tiles import stored_tiles
from tlog.proof import TlogProof
from tlog.tiles import TileReader


class NotPublishedError(Exception):
    """No signed checkpoint covers the entry yet."""


def prove_entry(entry: Entry) -> TlogProof:
    """Return the proof that ``entry`` is in the log, with its bytes and the latest checkpoint.

    Raises:
        NotPublishedError: no signed checkpoint covers the entry yet.
    """
    index, checkpoint = entry_index(entry), latest_checkpoint()
    if index is None or checkpoint is None or checkpoint.tree_head.size <= index:
        raise NotPublishedError(str(entry))
    reader = TileReader(checkpoint.tree_head.size, stored_tiles)
    return TlogProof(
        index=index,
        hashes=reader.inclusion_proof(index),
        checkpoint=checkpoint.public_note(),
        extra=bytes(entry.content),
    )

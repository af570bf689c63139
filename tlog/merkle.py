"""The Merkle tree of RFC 6962 section 2.1: hashes, the shape of proofs, their verification.

A proof is a list of subtree hashes. Which subtrees, and in which order, follows from the sizes
alone: `inclusion_ranges` and `consistency_ranges` say it, for who makes a proof and who checks one.
A range is ``(start, end)``, the leaves from ``start`` up to but without ``end``.
"""

import hashlib
from collections.abc import Sequence
from typing import TypeAlias

from tlog.errors import TlogError

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

LeafRange: TypeAlias = tuple[int, int]


class ProofError(TlogError):
    """A proof does not show what it claims, or claims what no proof can show."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the 32-byte hash of an entry's exact bytes."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the 32-byte hash of the node above two 32-byte hashes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_hash(hashes: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes, or over the roots of perfect subtrees of one height.

    The last may also be the root of a smaller subtree, as at the right edge of a tree.
    """
    row = list(hashes)
    while len(row) > 1:
        # A lone last node is promoted, never paired with itself.
        lone = row[-1:] if len(row) % 2 else []
        row = [*map(node_hash, row[0::2], row[1::2]), *lone]
    return row[0] if row else EMPTY_ROOT


def inclusion_ranges(index: int, size: int) -> list[LeafRange]:
    """Return the subtrees of the proof that leaf ``index`` is in the tree of ``size`` leaves.

    They stand in proof order, the leaf's sibling first (RFC 6962 section 2.1.1).

    Raises:
        ProofError: the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ProofError(f"a tree of {size} leaves has no leaf {index}")
    ranges, start, end = [], 0, size
    while end - start > 1:
        middle = _split(start, end)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(old_size: int, new_size: int) -> list[LeafRange]:
    """Return the subtrees of the proof that a tree is a prefix of another (section 2.1.2).

    An empty old tree, or one of the same size, needs no hashes.

    Raises:
        ProofError: the old tree is larger than the new one, or a size is negative.
    """
    if not 0 <= old_size <= new_size:
        raise ProofError(f"a tree of {new_size} leaves does not extend one of {old_size}")
    if old_size == 0:
        return []
    ranges, start, end = [], 0, new_size
    while end != old_size:
        middle = _split(start, end)
        if old_size <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:
        ranges.append((start, end))
    return ranges[::-1]


def verify_inclusion(
    *, index: int, size: int, leaf_hash: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that the leaf stands at ``index`` in the tree of ``size`` leaves with this root.

    Take size and root from one signed checkpoint: a proof alone does not tell apart two sizes that
    give it the same shape.

    Raises:
        ProofError: it does not, or the proof is not the one for this index and size.
    """
    ranges = inclusion_ranges(index, size)
    _require_count(proof, len(ranges))
    _require_hashes(leaf_hash, root, *proof)
    node = leaf_hash
    for (start, _), sibling in zip(ranges, proof, strict=True):
        node = node_hash(sibling, node) if start < index else node_hash(node, sibling)
    if node != root:
        raise ProofError(f"the proof leads from leaf {index} to another root")


def verify_consistency(
    *, old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the new tree begins with all leaves of the old one, in their order.

    Every tree extends the empty one, so from ``old_size`` 0 nothing is said about ``new_root``.

    Raises:
        ProofError: it does not, or the proof is not the one for these sizes.
    """
    ranges = consistency_ranges(old_size, new_size)
    _require_count(proof, len(ranges))
    _require_hashes(old_root, new_root, *proof)
    if old_size == 0:
        _require_root("old", EMPTY_ROOT, old_root)
        if new_size:
            return
    steps = list(zip(ranges, proof, strict=True))
    # The walk begins at the last perfect subtree of the old tree; when that is the whole old
    # tree, the verifier knows its hash already and the proof leaves it out.
    seed = old_root if not steps or steps[0][0][0] >= old_size else steps.pop(0)[1]
    old_node = new_node = seed
    for (start, _), sibling in steps:
        if start < old_size:
            old_node, new_node = node_hash(sibling, old_node), node_hash(sibling, new_node)
        else:
            new_node = node_hash(new_node, sibling)
    _require_root("old", old_node, old_root)
    _require_root("new", new_node, new_root)


def _split(start: int, end: int) -> int:
    """Return where the tree over a range parts: after the largest power of two below its size."""
    return start + (1 << (end - start - 1).bit_length() - 1)


def _require_count(proof: Sequence[bytes], count: int) -> None:
    if len(proof) != count:
        raise ProofError(f"the proof has {len(proof)} hashes where its sizes demand {count}")


def _require_hashes(*hashes: bytes) -> None:
    if any(len(hash_) != HASH_BYTES for hash_ in hashes):
        raise ProofError(f"a leaf hash, a root or a hash of the proof is not {HASH_BYTES} bytes")


def _require_root(which: str, computed: bytes, claimed: bytes) -> None:
    if computed != claimed:
        raise ProofError(f"the proof leads to another {which} root")

"""Compact ranges: consecutive leaves as the fewest perfect subtrees of the tree they belong to.

A perfect subtree covers ``2**k`` leaves from a multiple of ``2**k`` on; its hash never changes,
however the tree grows. The form is that of transparency-dev/merkle's docs/compact_ranges.md.
"""

from collections.abc import Sequence

from tlog.merkle import EMPTY_ROOT, HASH_BYTES, LeafRange, ProofError, node_hash


def perfect_subtrees(start: int, end: int) -> list[LeafRange]:
    """Return the fewest perfect subtrees that cover leaves ``start`` to ``end``, left to right.

    Raises:
        ProofError: there is no such range.
    """
    if not 0 <= start <= end:
        raise ProofError(f"there are no leaves from {start} to {end}")
    ranges = []
    while start < end:
        width = 1 << (end - start).bit_length() - 1
        if start:
            width = min(width, start & -start)
        ranges.append((start, start + width))
        start += width
    return ranges


def join_peaks(hashes: Sequence[bytes]) -> bytes:
    """Return the root above the perfect subtrees of a tree, or of a subtree at its right edge."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for hash_ in reversed(hashes[:-1]):
        root = node_hash(hash_, root)
    return root


class CompactRange:
    """The leaves from ``start`` up to but without ``end``, one hash for each perfect subtree.

    Attributes:
        start: the index of the first leaf.
        end: the index after the last leaf.
        hashes: the 32-byte hashes of `perfect_subtrees`, left to right.
    """

    def __init__(
        self, start: int = 0, end: int | None = None, hashes: Sequence[bytes] = ()
    ) -> None:
        """Take up a range that was kept; without arguments, the empty tree.

        Raises:
            ProofError: there is no such range, or the hashes are not as many as its subtrees.
        """
        self.start = start
        self.end = start if end is None else end
        self.hashes = list(hashes)
        count = len(perfect_subtrees(self.start, self.end))
        if len(self.hashes) != count or any(len(hash_) != HASH_BYTES for hash_ in self.hashes):
            raise ProofError(f"leaves {start} to {self.end} have {count} subtrees of 32 bytes each")

    def append(self, leaf_hash: bytes) -> None:
        """Add the next leaf's 32-byte hash.

        Raises:
            ProofError: the hash is not 32 bytes long.
        """
        self.merge(CompactRange(self.end, self.end + 1, [leaf_hash]))

    def merge(self, following: "CompactRange") -> None:
        """Add the leaves that follow directly.

        Raises:
            ProofError: the other range does not begin where this one ends.
        """
        if following.start != self.end:
            raise ProofError(f"leaves from {following.start} do not follow those to {self.end}")
        left = perfect_subtrees(self.start, self.end)
        right = perfect_subtrees(following.start, following.end)
        for added, hash_ in zip(right, following.hashes, strict=True):
            peak, node = added, hash_
            while left and _are_siblings(left[-1], peak):
                peak, node = (left.pop()[0], peak[1]), node_hash(self.hashes.pop(), node)
            left.append(peak)
            self.hashes.append(node)
        self.end = following.end

    def root(self) -> bytes:
        """Return the root hash of the tree of ``end`` leaves.

        Raises:
            ProofError: the range does not begin with the first leaf.
        """
        if self.start:
            raise ProofError(f"leaves from {self.start} on have no root of their own")
        return join_peaks(self.hashes)


def _are_siblings(left: LeafRange, right: LeafRange) -> bool:
    """Say whether two neighbours are the halves of one perfect subtree."""
    width = right[1] - right[0]
    return left[1] - left[0] == width and left[0] % (2 * width) == 0

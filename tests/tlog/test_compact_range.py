"""Compact ranges, held against the naive recursive definition of the tree."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reference import merkle as reference
from tlog.compact_range import CompactRange, perfect_subtrees
from tlog.merkle import EMPTY_ROOT, ProofError, leaf_hash

ENTRIES = [f"entry {number}".encode() for number in range(300)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]


def naive_subtrees(start: int, end: int, low: int = 0, high: int = 512) -> list[tuple[int, int]]:
    """Halve the whole tree until a half lies within the range."""
    if end <= low or high <= start:
        return []
    if start <= low and high <= end:
        return [(low, high)]
    middle = (low + high) // 2
    return [
        *naive_subtrees(start, end, low, middle),
        *naive_subtrees(start, end, middle, high),
    ]


def range_of(start: int, end: int) -> CompactRange:
    grown = CompactRange(start)
    for leaf in LEAVES[start:end]:
        grown.append(leaf)
    return grown


ranges = st.tuples(st.integers(0, 300), st.integers(0, 300)).map(sorted).map(tuple)


@given(ranges)
def test_a_range_is_the_fewest_perfect_subtrees(bounds: tuple[int, int]) -> None:
    assert perfect_subtrees(*bounds) == naive_subtrees(*bounds)


@given(ranges)
def test_the_hashes_are_those_of_the_perfect_subtrees(bounds: tuple[int, int]) -> None:
    assert range_of(*bounds).hashes == [
        reference.root(ENTRIES[start:end]) for start, end in naive_subtrees(*bounds)
    ]


@given(st.integers(0, 300))
def test_the_root_is_that_of_the_reference(size: int) -> None:
    assert range_of(0, size).root() == reference.root(ENTRIES[:size])


@given(st.lists(st.integers(0, 300), min_size=1, max_size=8).map(sorted))
def test_merging_neighbours_is_appending_their_leaves(bounds: list[int]) -> None:
    merged = CompactRange(bounds[0])
    for start, end in pairwise(bounds):
        merged.merge(range_of(start, end))
    whole = range_of(bounds[0], bounds[-1])
    assert (merged.start, merged.end, merged.hashes) == (whole.start, whole.end, whole.hashes)


@given(ranges)
def test_a_range_that_was_kept_goes_on(bounds: tuple[int, int]) -> None:
    first, last = bounds
    kept = range_of(0, first)
    again = CompactRange(0, first, tuple(kept.hashes))
    again.merge(range_of(first, last))
    assert again.root() == reference.root(ENTRIES[:last])


def test_the_empty_tree_has_its_root() -> None:
    assert CompactRange().root() == EMPTY_ROOT


def test_only_what_follows_directly_is_merged() -> None:
    for start in (3, 5):
        grown = range_of(0, 4)
        with pytest.raises(ProofError):
            grown.merge(range_of(start, 8))
        assert grown.root() == reference.root(ENTRIES[:4])


def test_a_range_from_the_middle_has_no_root() -> None:
    with pytest.raises(ProofError):
        range_of(1, 8).root()


@pytest.mark.parametrize(
    ("start", "end", "hashes"),
    [
        (-1, 1, [LEAVES[0]] * 2),
        (2, 1, []),
        (0, 3, [LEAVES[0]]),
        (0, 2, [LEAVES[0]] * 2),
        (0, 1, [b"short"]),
    ],
)
def test_what_is_no_range_is_refused(start: int, end: int, hashes: list[bytes]) -> None:
    with pytest.raises(ProofError):
        CompactRange(start, end, hashes)


def test_a_leaf_is_a_hash() -> None:
    with pytest.raises(ProofError):
        CompactRange().append(b"an entry, not its hash")

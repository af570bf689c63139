"""C2SP tlog-tiles: the tree and its entries as files of up to 256 hashes or entries.

Tile ``index`` at ``level`` holds the roots of perfect subtrees of ``256**level`` leaves each; its
bytes are their 32-byte hashes in order. `TreeBuilder` writes tiles, `TileReader` proves from them.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Self, TypeAlias

from tlog.compact_range import join_peaks, perfect_subtrees
from tlog.encoding import MalformedError, parse_decimal
from tlog.errors import TlogError
from tlog.merkle import HASH_BYTES, LeafRange, consistency_ranges, inclusion_ranges, tree_hash

TILE_WIDTH = 256
TILE_HEIGHT = 8
TILE_BYTES = TILE_WIDTH * HASH_BYTES
MAX_LEVEL = 63
MAX_ENTRY_BYTES = 65_535
LENGTH_BYTES = 2
NODE_PREFIX_HASH = hashlib.sha256(b"\x01")

TILE_PATH_FORM = re.compile(
    r"tile/(?P<level>entries|[0-9]{1,2})/(?P<index>(?:x[0-9]{3}/)*[0-9]{3})(?:\.p/(?P<width>[0-9]{1,3}))?",
    re.ASCII,
)

TileKey: TypeAlias = tuple[int, int]
FetchTiles: TypeAlias = Callable[[Sequence[TileKey]], Mapping[TileKey, bytes]]


class TileError(TlogError):
    """A tile holds fewer hashes than the tree's size demands."""


class EntryTooLargeError(TlogError):
    """An entry is longer than the 65,535 bytes that an entry bundle can hold."""


@dataclass(frozen=True, slots=True)
class TilePath:
    """Where a hash tile or an entry bundle is served.

    Attributes:
        level: 0 to 63 for a hash tile, None for an entry bundle.
        index: the tile's place within its level, from 0.
        width: how many hashes or entries it holds, 1 to 256; below 256 it is partial.
    """

    level: int | None
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        if self.level is not None and not 0 <= self.level <= MAX_LEVEL:
            raise MalformedError(f"there is no tile level {self.level}")
        if self.index < 0 or not 1 <= self.width <= TILE_WIDTH:
            raise MalformedError(f"there is no tile {self.index} of width {self.width}")

    def __str__(self) -> str:
        level = "entries" if self.level is None else str(self.level)
        digits = str(self.index)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[start : start + 3] for start in range(0, len(digits), 3)]
        index = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{level}/{index}{partial}"

    @classmethod
    def parse(cls, path: str) -> Self:
        """Parse a path below the log's prefix, e.g. ``tile/0/x001/067.p/5``.

        Raises:
            MalformedError: the path is not the one spelling of a tile's path.
        """
        match = TILE_PATH_FORM.fullmatch(path)
        if not match:
            raise MalformedError(f"{path!r} is not the path of a tile")
        level, index, width = match["level"], match["index"], match["width"]
        parsed = cls(
            level=None if level == "entries" else parse_decimal(level),
            index=parse_decimal(re.sub("[x/]", "", index).lstrip("0") or "0"),
            width=TILE_WIDTH if width is None else parse_decimal(width),
        )
        if str(parsed) != path:
            raise MalformedError(f"{path!r} is written {parsed}")
        return parsed


def tile_path(level: int, index: int, *, width: int = TILE_WIDTH) -> str:
    """Return the path of a hash tile below the log's prefix, e.g. ``tile/1/x001/x234/067``.

    Raises:
        MalformedError: there is no such tile.
    """
    return str(TilePath(level, index, width))


def bundle_path(index: int, *, width: int = TILE_WIDTH) -> str:
    """Return the path of an entry bundle below the log's prefix, e.g. ``tile/entries/000.p/5``.

    Raises:
        MalformedError: there is no such bundle.
    """
    return str(TilePath(None, index, width))


def tile_width(level: int, index: int, *, size: int) -> int:
    """Return how many hashes a tile holds in a tree of ``size`` leaves: 0 (no such tile) to 256.

    An entry bundle holds as many entries as the tile of level 0 with its index holds hashes.
    """
    hashes_in_level = size >> (TILE_HEIGHT * level)
    return min(TILE_WIDTH, max(0, hashes_in_level - index * TILE_WIDTH))


def pack_entries(entries: Iterable[bytes]) -> bytes:
    """Return the entry bundle of consecutive entries: each behind its length as big-endian uint16.

    Raises:
        EntryTooLargeError: an entry is longer than `MAX_ENTRY_BYTES`.
    """
    return b"".join(_pack_entry(entry) for entry in entries)


def unpack_bundle(bundle: bytes) -> list[bytes]:
    """Return the entries that `pack_entries` put into a bundle.

    Raises:
        MalformedError: the bundle ends within an entry, is empty, or holds more than 256.
    """
    entries, position = [], 0
    while position < len(bundle):
        start = position + LENGTH_BYTES
        position = start + int.from_bytes(bundle[position:start], "big")
        entries.append(bundle[start:position])
        if start > len(bundle) or position > len(bundle):
            raise MalformedError("the entry bundle ends within an entry")
    if not 1 <= len(entries) <= TILE_WIDTH:
        raise MalformedError(f"an entry bundle does not hold {len(entries)} entries")
    return entries


class TreeBuilder:
    """Grows a tree, keeping of each level only the tile at its right edge.

    Attributes:
        size: how many leaves the tree has.
    """

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[bytearray] = []
        self._touched: set[int] = set()
        self._filled: dict[TileKey, bytes] = {}

    @classmethod
    def resume(cls, size: int, fetch: FetchTiles) -> Self:
        """Go on with a tree of ``size`` leaves whose tiles ``fetch`` returns, in one call.

        The caller compares `root` with the root it knows before it trusts what was stored.

        Raises:
            TileError: a tile holds fewer hashes than the size demands.
        """
        builder = cls()
        builder.size = size
        edge = edge_tiles(size)
        tiles = _fetch(fetch, [key for key in edge if tile_width(*key, size=size)], size=size)
        builder._edge = [bytearray(tiles.get(key, b"")) for key in edge]
        return builder

    def append(self, leaf_hash: bytes) -> None:
        """Add one leaf at the right, given its 32-byte hash; for many, `extend` is cheaper.

        Raises:
            TileError: the hash is not 32 bytes long.
        """
        self.extend([leaf_hash])

    def extend(self, leaf_hashes: Sequence[bytes]) -> None:
        """Add leaves at the right, given their 32-byte hashes; all of them or none.

        Raises:
            TileError: a hash is not 32 bytes long.
        """
        if any(length != HASH_BYTES for length in set(map(len, leaf_hashes))):
            raise TileError(f"a leaf hash is not {HASH_BYTES} bytes")
        if leaf_hashes:
            self.size += len(leaf_hashes)
            self._extend(0, b"".join(leaf_hashes))

    def root(self) -> bytes:
        """Return the root hash of the tree as it is now."""
        below: list[bytes] = []
        for tile in self._edge:
            if hashes := [*_hashes(tile), *below]:
                below = [tree_hash(hashes)]
        return tree_hash(below)

    def drain(self) -> dict[TileKey, bytes]:
        """Return the tiles that changed since the last call, by (level, index).

        A tile only ever grows: what was stored under a key is a prefix of what is returned.
        """
        changed, self._filled = self._filled, {}
        for level in self._touched:
            if self._edge[level]:
                changed[level, self._edge_index(level)] = bytes(self._edge[level])
        self._touched = set()
        return changed

    def _extend(self, level: int, hashes: bytes) -> None:
        if level == len(self._edge):
            self._edge.append(bytearray())
        edge = self._edge[level]
        edge += hashes
        self._touched.add(level)
        filled = len(edge) // TILE_BYTES
        first = self._edge_index(level) - filled
        roots = []
        for place in range(filled):
            tile = bytes(edge[place * TILE_BYTES : (place + 1) * TILE_BYTES])
            self._filled[level, first + place] = tile
            roots.append(_node_rows(tile)[TILE_HEIGHT])
        if roots:
            del edge[: filled * TILE_BYTES]
            self._extend(level + 1, b"".join(roots))

    def _edge_index(self, level: int) -> int:
        return self.size >> (TILE_HEIGHT * (level + 1))


class TileReader:
    """Computes roots and proofs of a tree of ``size`` leaves from its tiles.

    Each method fetches the tiles it needs in one call; they may be wider than at this size, since
    tiles only grow. What is computed is as true as the tiles: compare `root` with a signed one.
    """

    def __init__(self, size: int, fetch: FetchTiles) -> None:
        self._size = size
        self._fetch = fetch

    def root(self) -> bytes:
        """Return the root hash.

        Raises:
            TileError: a tile holds fewer hashes than the size demands.
        """
        return self._subtree_hashes([(0, self._size)])[0]

    def inclusion_proof(self, index: int) -> tuple[bytes, ...]:
        """Return the proof that leaf ``index`` is in the tree, the leaf's sibling first.

        Raises:
            ProofError: the tree has no such leaf.
            TileError: a tile holds fewer hashes than the size demands.
        """
        return self._subtree_hashes(inclusion_ranges(index, self._size))

    def consistency_proof(self, old_size: int) -> tuple[bytes, ...]:
        """Return the proof that the tree extends the one of ``old_size`` leaves.

        Raises:
            ProofError: ``old_size`` is not from 0 to this tree's size.
            TileError: a tile holds fewer hashes than the size demands.
        """
        return self._subtree_hashes(consistency_ranges(old_size, self._size))

    def _subtree_hashes(self, ranges: Sequence[LeafRange]) -> tuple[bytes, ...]:
        """Return the hash over each range, joined from its perfect subtrees.

        Every perfect subtree is a node of one tile: a hash of the tile itself, or one above some of
        them and below the next level's tile.
        """
        nodes = [[_Node.above(*perfect) for perfect in perfect_subtrees(*each)] for each in ranges]
        keys = {node.tile for peaks in nodes for node in peaks}
        tiles = _fetch(self._fetch, sorted(keys), size=self._size) if keys else {}
        rows = {key: self._rows(key, tile) for key, tile in tiles.items()}
        return tuple(
            join_peaks([node.hash_in(rows[node.tile]) for node in peaks]) for peaks in nodes
        )

    def _rows(self, key: TileKey, tile: bytes) -> Sequence[bytes]:
        """Return the tile's nodes, remembered for the tiles that most proofs of a tree share."""
        is_shared = key[0] > 0 or len(tile) < TILE_BYTES
        return _shared_node_rows(tile) if is_shared else _node_rows(tile)


class _Node(NamedTuple):
    """Where the hash of a perfect subtree stands: the tile, the row above its hashes, the place."""

    tile: TileKey
    row: int
    place: int

    @classmethod
    def above(cls, start: int, end: int) -> Self:
        level, row = divmod((end - start).bit_length() - 1, TILE_HEIGHT)
        index, first = divmod(start >> TILE_HEIGHT * level, TILE_WIDTH)
        return cls((level, index), row, first >> row)

    def hash_in(self, rows: Sequence[bytes]) -> bytes:
        return rows[self.row][self.place * HASH_BYTES : (self.place + 1) * HASH_BYTES]


def edge_tiles(size: int) -> list[TileKey]:
    """Return the tile at the right edge of each level, from level 0; it may be empty still."""
    levels = -(-size.bit_length() // TILE_HEIGHT)
    return [(level, size >> TILE_HEIGHT * (level + 1)) for level in range(levels)]


def _pack_entry(entry: bytes) -> bytes:
    if len(entry) > MAX_ENTRY_BYTES:
        raise EntryTooLargeError(f"an entry of {len(entry)} bytes; {MAX_ENTRY_BYTES} at most")
    return len(entry).to_bytes(LENGTH_BYTES, "big") + entry


def _fetch(fetch: FetchTiles, keys: Sequence[TileKey], *, size: int) -> dict[TileKey, bytes]:
    """Return the tiles, each as wide as it is in a tree of ``size`` leaves."""
    fetched, tiles = fetch(keys), {}
    for level, index in keys:
        width = tile_width(level, index, size=size)
        tile = fetched.get((level, index), b"")[: width * HASH_BYTES]
        if len(tile) != width * HASH_BYTES:
            raise TileError(f"tile {level}/{index} holds {len(tile)} bytes, not {width} hashes")
        tiles[level, index] = tile
    return tiles


def _node_rows(tile: bytes) -> list[bytes]:
    """Return a tile's hashes and above them, row by row, the nodes over pairs that are complete.

    Row ``r`` holds the roots of perfect subtrees of ``2**r`` hashes; row 8 of a full tile is the
    hash that stands for it in the next level.
    """
    rows = [tile]
    for _ in range(TILE_HEIGHT):
        rows.append(_row_above(rows[-1]))
    return rows


# A tile's bytes are the key, so what is remembered can never be another tile's. 256 tiles with
# their nodes are about 6 MB, and every shared tile of a tree of 10 million leaves.
_shared_node_rows = lru_cache(maxsize=256)(_node_rows)


def _row_above(row: bytes) -> bytes:
    # To copy a hash that has taken the prefix in is the cheapest way to hash a node in CPython.
    nodes = []
    for start in range(0, len(row) - HASH_BYTES, 2 * HASH_BYTES):
        node = NODE_PREFIX_HASH.copy()
        node.update(row[start : start + 2 * HASH_BYTES])
        nodes.append(node.digest())
    return b"".join(nodes)


def _hashes(tile: bytes | bytearray) -> list[bytes]:
    return [bytes(tile[start : start + HASH_BYTES]) for start in range(0, len(tile), HASH_BYTES)]

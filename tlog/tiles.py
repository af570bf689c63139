"""C2SP tlog-tiles: the tree and its entries as files of up to 256 hashes or entries.

Tile ``index`` at ``level`` holds the roots of perfect subtrees of ``256**level`` leaves each; its
bytes are their 32-byte hashes in order. `TreeBuilder` writes tiles, `TileReader` proves from them.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Self, TypeAlias

from tlog.encoding import MalformedError, parse_decimal
from tlog.errors import TlogError
from tlog.merkle import HASH_BYTES, consistency_ranges, inclusion_ranges, tree_hash

TILE_WIDTH = 256
TILE_HEIGHT = 8
MAX_LEVEL = 63
MAX_ENTRY_BYTES = 65_535
LENGTH_BYTES = 2

TILE_PATH_FORM = re.compile(
    r"tile/(?P<level>entries|[0-9]{1,2})/(?P<index>(?:x[0-9]{3}/)*[0-9]{3})(?:\.p/(?P<width>[0-9]{1,3}))?",
    re.ASCII,
)

FetchTile: TypeAlias = Callable[[int, int], bytes]


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
        self._edge: list[bytes] = []
        self._changed: dict[tuple[int, int], bytes] = {}

    @classmethod
    def resume(cls, size: int, fetch: FetchTile) -> Self:
        """Go on with a tree of ``size`` leaves whose tiles ``fetch(level, index)`` returns.

        The caller compares `root` with the root it knows before it trusts what was stored.

        Raises:
            TileError: a tile holds fewer hashes than the size demands.
        """
        builder, level = cls(), 0
        builder.size = size
        while hashes_in_level := size >> (TILE_HEIGHT * level):
            index, width = divmod(hashes_in_level, TILE_WIDTH)
            builder._edge.append(_fetch(fetch, level, index, width=width) if width else b"")
            level += 1
        return builder

    def append(self, leaf_hash: bytes) -> None:
        """Add one leaf at the right, given its 32-byte hash.

        Raises:
            TileError: the hash is not 32 bytes long.
        """
        if len(leaf_hash) != HASH_BYTES:
            raise TileError(f"a leaf hash of {len(leaf_hash)} bytes")
        self.size += 1
        self._append(0, leaf_hash)

    def root(self) -> bytes:
        """Return the root hash of the tree as it is now."""
        below: list[bytes] = []
        for tile in self._edge:
            if hashes := [*_hashes(tile), *below]:
                below = [tree_hash(hashes)]
        return tree_hash(below)

    def drain(self) -> dict[tuple[int, int], bytes]:
        """Return the tiles that changed since the last call, by (level, index).

        A tile only ever grows: what was stored under a key is a prefix of what is returned.
        """
        changed, self._changed = self._changed, {}
        return changed

    def _append(self, level: int, hash_: bytes) -> None:
        if level == len(self._edge):
            self._edge.append(b"")
        index = (self.size - 1) >> (TILE_HEIGHT * (level + 1))
        tile = self._edge[level] + hash_
        self._changed[level, index] = tile
        if len(tile) < TILE_WIDTH * HASH_BYTES:
            self._edge[level] = tile
        else:
            self._edge[level] = b""
            self._append(level + 1, tree_hash(_hashes(tile)))


class TileReader:
    """Computes roots and proofs of a tree of ``size`` leaves from its tiles.

    ``fetch(level, index)`` returns a tile's bytes; it may be wider than at this size, since tiles
    only grow. What is computed is as true as the tiles: compare `root` with a signed one.
    """

    def __init__(self, size: int, fetch: FetchTile) -> None:
        self._size = size
        self._fetch = fetch
        self._tiles: dict[tuple[int, int], bytes] = {}

    def root(self) -> bytes:
        """Return the root hash.

        Raises:
            TileError: a tile holds fewer hashes than the size demands.
        """
        return self._subtree_hash(0, self._size)

    def inclusion_proof(self, index: int) -> tuple[bytes, ...]:
        """Return the proof that leaf ``index`` is in the tree, the leaf's sibling first.

        Raises:
            ProofError: the tree has no such leaf.
            TileError: a tile holds fewer hashes than the size demands.
        """
        ranges = inclusion_ranges(index, self._size)
        return tuple(self._subtree_hash(start, end) for start, end in ranges)

    def consistency_proof(self, old_size: int) -> tuple[bytes, ...]:
        """Return the proof that the tree extends the one of ``old_size`` leaves.

        Raises:
            ProofError: ``old_size`` is not from 0 to this tree's size.
            TileError: a tile holds fewer hashes than the size demands.
        """
        ranges = consistency_ranges(old_size, self._size)
        return tuple(self._subtree_hash(start, end) for start, end in ranges)

    def _subtree_hash(self, start: int, end: int) -> bytes:
        """Return the hash over a range that the tree's own shape gives, climbing level by level."""
        level, below = 0, list[bytes]()
        while end - start >= TILE_WIDTH:
            full_end = end - end % TILE_WIDTH
            if hashes := [*self._range(level, full_end, end), *below]:
                below = [tree_hash(hashes)]
            level, start, end = level + 1, start // TILE_WIDTH, full_end // TILE_WIDTH
        return tree_hash([*self._range(level, start, end), *below])

    def _range(self, level: int, start: int, end: int) -> list[bytes]:
        """Return hashes ``start`` to ``end`` of a level; they lie in one tile."""
        if start == end:
            return []
        index, first = divmod(start, TILE_WIDTH)
        if (level, index) not in self._tiles:
            width = tile_width(level, index, size=self._size)
            self._tiles[level, index] = _fetch(self._fetch, level, index, width=width)
        return _hashes(self._tiles[level, index])[first : first + end - start]


def _pack_entry(entry: bytes) -> bytes:
    if len(entry) > MAX_ENTRY_BYTES:
        raise EntryTooLargeError(f"an entry of {len(entry)} bytes; {MAX_ENTRY_BYTES} at most")
    return len(entry).to_bytes(LENGTH_BYTES, "big") + entry


def _fetch(fetch: FetchTile, level: int, index: int, *, width: int) -> bytes:
    tile = fetch(level, index)[: width * HASH_BYTES]
    if len(tile) != width * HASH_BYTES:
        raise TileError(f"tile {level}/{index} holds {len(tile)} bytes, not {width} hashes")
    return tile


def _hashes(tile: bytes) -> list[bytes]:
    return [tile[start : start + HASH_BYTES] for start in range(0, len(tile), HASH_BYTES)]

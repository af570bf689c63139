"""The Merkle tree of RFC 6962 grown tile by tile, holding its right edge alone.

Written for the audit beside `tlog.tiles.TreeBuilder`, which wrote the tiles that are audited: a
fault of the one is not a fault of the other. A tile of level 0 is hashed as a whole, row by row;
roots of smaller trees that end within it are read from its rows.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from hashlib import sha256
from typing import Self

from tlog.merkle import EMPTY_ROOT, HASH_BYTES, node_hash, tree_hash
from tlog.tiles import TILE_HEIGHT, TILE_WIDTH, TileError


def row_above(row: Sequence[bytes]) -> list[bytes]:
    """Return the hashes of the nodes above pairs of nodes; a last one without a pair has none."""
    return [
        sha256(b"\x01" + left + right).digest()
        for left, right in zip(row[0::2], row[1::2], strict=False)
    ]


def split_hashes(tile: bytes) -> list[bytes]:
    """Return the hashes in a tile's bytes."""
    return [tile[start : start + HASH_BYTES] for start in range(0, len(tile), HASH_BYTES)]


class Tree:
    """A tree of full tiles, and behind them one tile that may be partial.

    Attributes:
        full_tiles: how many full tiles of level 0 lie behind the current one.
    """

    def __init__(self) -> None:
        self.full_tiles = 0
        # The peaks over full tiles as (height above the root of a tile, hash), the highest first.
        self._peaks: list[tuple[int, bytes]] = []
        # Of each level from 1 the hashes in its tile at the right edge.
        self._edge: list[list[bytes]] = []
        self._rows: list[list[bytes]] = [[]]

    @classmethod
    def resume(cls, full_tiles: int, fetch: Callable[[int, int], bytes]) -> Self:
        """Go on after ``full_tiles`` full tiles, with the hashes that ``fetch(level, index)`` has.

        The caller compares `root` with a root it trusts: that covers every hash taken over here.

        Raises:
            TileError: a tile holds fewer hashes than the size demands.
        """
        tree = cls()
        tree.full_tiles = full_tiles
        level = 1
        while hashes := full_tiles >> (TILE_HEIGHT * (level - 1)):
            index, width = divmod(hashes, TILE_WIDTH)
            edge = split_hashes(fetch(level, index))[:width] if width else []
            if len(edge) < width:
                raise TileError(f"tile {level}/{index} holds fewer than {width} hashes")
            tree._edge.append(edge)
            level += 1
        for height in reversed(range(full_tiles.bit_length())):
            if full_tiles >> height & 1:
                level, inner = divmod(height, TILE_HEIGHT)
                end = (full_tiles >> height << height - TILE_HEIGHT * level) % TILE_WIDTH
                nodes = tree._edge[level][end - (1 << inner) : end]
                tree._peaks.append((height, tree_hash(nodes)))
        return tree

    @property
    def size(self) -> int:
        """How many leaves the tree has."""
        return self.full_tiles * TILE_WIDTH + len(self._rows[0])

    def copy(self) -> Self:
        """Return a tree of its own that goes on from the same leaves."""
        return deepcopy(self)

    def with_end_of(self, other: Self, size: int) -> Self:
        """Return a tree of its own with our first ``size`` leaves and what the other has behind."""
        tree = self.copy()
        width = size - self.full_tiles * TILE_WIDTH
        tree.set_tile([*self._rows[0][:width], *other._rows[0][width:]])
        return tree

    def set_tile(self, leaf_hashes: list[bytes]) -> None:
        """Make these, at most 256, the leaves of the current tile."""
        self._rows = [leaf_hashes]
        while len(self._rows[-1]) > 1:
            self._rows.append(row_above(self._rows[-1]))

    def root(self, size: int) -> bytes:
        """Return the root of the tree of ``size`` leaves; the last lies in the current tile."""
        width = size - self.full_tiles * TILE_WIDTH
        within = [
            self._rows[height][(width >> height) - 1]
            for height in reversed(range(width.bit_length()))
            if width >> height & 1
        ]
        peaks = [*(hash_ for _height, hash_ in self._peaks), *within]
        if not peaks:
            return EMPTY_ROOT
        node = peaks.pop()
        while peaks:
            node = node_hash(peaks.pop(), node)
        return node

    def close_tile(self) -> dict[tuple[int, int], bytes]:
        """Leave the current tile, which is full; return the tiles above that it filled."""
        node, height = self._rows[TILE_HEIGHT][0], 0
        self._rows = [[]]
        self.full_tiles += 1
        filled = self._put(1, node)
        while self._peaks and self._peaks[-1][0] == height:
            node, height = node_hash(self._peaks.pop()[1], node), height + 1
            if height % TILE_HEIGHT == 0:
                filled |= self._put(height // TILE_HEIGHT + 1, node)
        self._peaks.append((height, node))
        return filled

    def edge(self) -> dict[tuple[int, int], bytes]:
        """Return the partial tiles above level 0."""
        return {
            (level, self.full_tiles >> TILE_HEIGHT * level): b"".join(hashes)
            for level, hashes in enumerate(self._edge, start=1)
            if hashes
        }

    def _put(self, level: int, node: bytes) -> dict[tuple[int, int], bytes]:
        if level > len(self._edge):
            self._edge.append([])
        hashes = self._edge[level - 1]
        hashes.append(node)
        if len(hashes) < TILE_WIDTH:
            return {}
        self._edge[level - 1] = []
        index = (self.full_tiles >> TILE_HEIGHT * level) - 1
        return {(level, index): b"".join(hashes)}

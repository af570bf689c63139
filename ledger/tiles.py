"""The stored tree as bytes: hash tiles, and bundles of entries made from the entries themselves.

No bundle is stored: an entry's bytes stand once in the database, and a full bundle is a read of 256
consecutive ones.
"""

from collections.abc import Iterator, Sequence

from django.db import connection

from tlog.errors import TlogError
from tlog.merkle import HASH_BYTES
from tlog.tiles import TILE_WIDTH, TileKey, TilePath, pack_entries

TILES = 'SELECT level, "index", data FROM ledger_tile WHERE '
TILE = '(level = %s AND "index" = %s)'
CONTENTS = """
    SELECT ledger_leaf."index", ledger_entry.content
    FROM ledger_leaf JOIN ledger_entry ON ledger_entry.id = ledger_leaf.entry_id
    WHERE ledger_leaf."index" >= %s AND ledger_leaf."index" < %s
    ORDER BY ledger_leaf."index" """


class TileMissingError(TlogError):
    """A tile or an entry that the tree's size promises is not stored."""


def stored_tiles(keys: Sequence[TileKey]) -> dict[TileKey, bytes]:
    """Return the bytes of the tiles at these (level, index), read at once; one may be missing."""
    if not keys:
        return {}
    with connection.cursor() as cursor:
        # A proof is this one query; the ORM would take ten times as long to write it.
        cursor.execute(
            TILES + " OR ".join([TILE] * len(keys)), [part for key in keys for part in key]
        )
        rows = cursor.fetchall()
    return {(level, index): bytes(data) for level, index, data in rows}


def stored_tile(level: int, index: int) -> bytes:
    """Return the hashes stored in one tile.

    Raises:
        TileMissingError: there is no such tile.
    """
    key = level, index
    tiles = stored_tiles([key])
    if key not in tiles:
        raise TileMissingError(f"tile {level}/{index} is not stored")
    return tiles[key]


def stored_entries(start: int, end: int) -> list[bytes]:
    """Return the bytes of the entries from leaf ``start`` up to but without ``end``.

    Raises:
        TileMissingError: one of them is not stored.
    """
    with connection.cursor() as cursor:
        cursor.execute(CONTENTS, [start, end])
        rows = cursor.fetchall()
    if [index for index, _content in rows] != list(range(start, end)):
        raise TileMissingError(f"not all of the entries {start} to {end - 1} are stored")
    return [bytes(content) for _index, content in rows]


def entry_bundle(index: int, *, width: int) -> bytes:
    """Return the C2SP entry bundle of the first ``width`` entries of tile ``index``.

    Raises:
        TileMissingError: one of them is not stored.
    """
    start = index * TILE_WIDTH
    return pack_entries(stored_entries(start, start + width))


def tile_bytes(path: TilePath) -> bytes:
    """Return what is served at the path.

    Raises:
        TileMissingError: it is not stored.
    """
    if path.level is None:
        return entry_bundle(path.index, width=path.width)
    return stored_tile(path.level, path.index)[: path.width * HASH_BYTES]


def tile_ranges(start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield index, first leaf and end of the part of each level-0 tile that the range touches."""
    for index in range(start // TILE_WIDTH, -(-end // TILE_WIDTH)):
        first = index * TILE_WIDTH
        yield index, max(start, first), min(end, first + TILE_WIDTH)

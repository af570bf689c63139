"""The log as it is stored, a page at a time: leaves with their entries, tiles, heads, notes.

SQLite keeps values of other types than the columns'; such a tile, root or note is read as None.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import itemgetter

from django.db import connection

from audit.reading import Row, fetch, stream
from tlog.tiles import TILE_WIDTH, TileError

PAGE_LEAVES = 16 * TILE_WIDTH


@dataclass(slots=True)
class Page:
    """What is stored about `PAGE_LEAVES` leaves.

    Attributes:
        leaves: rows in order of their places: index, the entry that the
            leaf names, its key (None if it is not stored), its bytes and its leaf hash.
        tiles: by index, those of level 0.
        heads: by size, roots.
        notes: by size, signed checkpoints.
    """

    leaves: list[Row] = field(default_factory=list)
    tiles: dict[int, bytes | None] = field(default_factory=dict)
    heads: dict[int, bytes | None] = field(default_factory=dict)
    notes: dict[int, bytes | None] = field(default_factory=dict)

    def leaves_of(self, tile: int) -> list[Row]:
        """Return the rows of the leaves in one tile."""
        start, end = (
            bisect_left(self.leaves, edge * TILE_WIDTH, key=itemgetter(0))
            for edge in (tile, tile + 1)
        )
        return self.leaves[start:end]


def read_page(first: int, start: int) -> Page:
    """Read the page that begins at leaf ``first``; leaves and sizes from ``start`` on."""
    end = first + PAGE_LEAVES
    leaves = """
        SELECT leaf."index", leaf.entry_id, entry.id, entry.content, entry.leaf_hash
        FROM ledger_leaf AS leaf LEFT JOIN ledger_entry AS entry ON entry.id = leaf.entry_id
        WHERE leaf."index" >= %s AND leaf."index" < %s ORDER BY leaf."index" """
    heads = f"""
        SELECT size, {_typed("root_hash", "blob")} FROM ledger_treehead
        WHERE size > %s AND size <= %s"""  # noqa: S608 # constants
    notes = f"""
        SELECT tree_head_id, {_typed("note", "text")} FROM ledger_checkpoint
        WHERE tree_head_id > %s AND tree_head_id <= %s"""  # noqa: S608 # constants
    page = Page(
        tiles=read_tiles(0, first // TILE_WIDTH, end // TILE_WIDTH),
        heads={row[0]: row[1] for row in fetch(heads, start, end)},
        notes={row[0]: row[1] for row in fetch(notes, start, end)},
    )
    page.leaves = fetch(leaves, start, end)
    return page


def read_tiles(level: int, start: int, end: int) -> dict[int, bytes | None]:
    """Return the tiles of a level from index ``start`` up to but without ``end``."""
    query = f"""
        SELECT "index", {_typed("data", "blob")} FROM ledger_tile
        WHERE level = %s AND "index" >= %s AND "index" < %s"""  # noqa: S608 # constants
    return {row[0]: row[1] for row in fetch(query, level, start, end)}


def stored_tile(level: int, index: int) -> bytes:
    """Return one tile.

    Raises:
        TileError: it is not stored.
    """
    tile = read_tiles(level, index, index + 1).get(index)
    if tile is None:
        raise TileError(f"tile {level}/{index} is not stored")
    return tile


def log_size() -> int:
    """Return how many leaves the log should have: one more than the last index."""
    is_number = "TRUE" if connection.vendor == "postgresql" else "typeof(\"index\") = 'integer'"
    last = fetch(f'SELECT max("index") FROM ledger_leaf WHERE {is_number}')[0][0]  # noqa: S608 # constants
    return 0 if last is None else max(0, last + 1)


def next_leaf(first: int) -> int | None:
    """Return the first index from ``first`` on that a leaf has."""
    query = 'SELECT min("index") FROM ledger_leaf WHERE "index" >= %s'
    found = fetch(query, first)[0][0]
    return found if isinstance(found, int) else None


def outside(table: str, columns: str, column: str, *, first: int, last: int) -> Iterator[Row]:
    """Yield columns of the rows of which ``column`` is not a number from ``first`` to ``last``."""
    no_number = "" if connection.vendor == "postgresql" else f"OR typeof({column}) <> 'integer'"
    return stream(
        f"SELECT {columns} FROM {table} WHERE {column} < %s OR {column} > %s {no_number}",  # noqa: S608 # constants
        first,
        last,
    )


def _typed(column: str, kind: str) -> str:
    if connection.vendor == "postgresql":
        return column
    return f"CASE typeof({column}) WHEN '{kind}' THEN {column} END"

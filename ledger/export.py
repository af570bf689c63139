"""The log as static files that any web server can offer: C2SP tlog-tiles.

Entry point: `export_log`. ``checkpoint`` is written last, so that it never promises a file that is
not there yet. A file that is there with the right bytes is left alone: a second export writes what
is new, and mends what was damaged.
"""

from collections.abc import Iterator
from pathlib import Path

from ledger.queries import latest_checkpoint
from ledger.tiles import tile_bytes
from primitives.durable_files import write_durably
from tlog.tiles import MAX_LEVEL, TilePath, tile_width


class NothingToExportError(Exception):
    """The log has no signed checkpoint yet."""


def export_log(directory: Path) -> int:
    """Write every tile, entry bundle and the latest checkpoint; return the tree's size.

    Raises:
        NothingToExportError: the log has no signed checkpoint yet.
        TileMissingError: a tile or an entry is not stored.
    """
    checkpoint = latest_checkpoint()
    if checkpoint is None:
        raise NothingToExportError
    size = checkpoint.tree_head.size
    for path in tile_paths(size):
        _write(directory / str(path), tile_bytes(path))
    write_durably(directory / "checkpoint", checkpoint.public_note().encode())
    return size


def tile_paths(size: int) -> Iterator[TilePath]:
    """Yield the path of each hash tile and entry bundle that a log of ``size`` entries offers."""
    for level in range(MAX_LEVEL + 1):
        index = 0
        while width := tile_width(level, index, size=size):
            yield TilePath(level, index, width)
            if level == 0:
                yield TilePath(None, index, width)
            index += 1


def _write(path: Path, content: bytes) -> None:
    try:
        if path.read_bytes() == content:
            return
    except FileNotFoundError:
        pass
    write_durably(path, content)

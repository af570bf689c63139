"""The log as static files that any web server can offer: C2SP tlog-tiles.

Entry point: `export_log`. ``checkpoint`` is written last, so that it never promises a file that is
not there yet.
"""

from pathlib import Path

from ledger.models import Leaf
from ledger.publishing import stored_tiles
from ledger.queries import latest_checkpoint
from tlog.merkle import HASH_BYTES
from tlog.tiles import (
    MAX_LEVEL,
    TILE_WIDTH,
    bundle_path,
    pack_entries,
    tile_path,
    tile_width,
)


class NothingToExportError(Exception):
    """The log has no signed checkpoint yet."""


def export_log(directory: Path) -> int:
    """Write every tile, entry bundle and the latest checkpoint; return the tree's size.

    Raises:
        NothingToExportError: the log has no signed checkpoint yet.
    """
    checkpoint = latest_checkpoint()
    if checkpoint is None:
        raise NothingToExportError
    size = checkpoint.tree_head.size
    for level in range(MAX_LEVEL + 1):
        if not tile_width(level, 0, size=size):
            break
        _export_level(directory, level, size)
    _export_bundles(directory, size)
    _write(directory / "checkpoint", checkpoint.note.encode())
    return size


def _export_level(directory: Path, level: int, size: int) -> None:
    index = 0
    while width := tile_width(level, index, size=size):
        data = stored_tiles([(level, index)])[level, index][: width * HASH_BYTES]
        _write(directory / tile_path(level, index, width=width), data)
        index += 1


def _export_bundles(directory: Path, size: int) -> None:
    for first in range(0, size, TILE_WIDTH):
        leaves = Leaf.objects.filter(index__gte=first, index__lt=min(first + TILE_WIDTH, size))
        contents = leaves.order_by("index").values_list("entry__content", flat=True)
        entries = [bytes(content) for content in contents]
        path = bundle_path(first // TILE_WIDTH, width=len(entries))
        _write(directory / path, pack_entries(entries))


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_bytes(content)
    temporary.replace(path)

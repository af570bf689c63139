"""Logs of our making, as directories, and one that anybody could have changed."""

import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tlog.checkpoint import Checkpoint, sign_checkpoint
from tlog.merkle import leaf_hash
from tlog.note import NoteSigner, Signer
from tlog.proof import TlogProof
from tlog.tiles import (
    TILE_WIDTH,
    TileReader,
    TreeBuilder,
    bundle_path,
    pack_entries,
    tile_path,
)


@dataclass(frozen=True, slots=True)
class Folder:
    """An exported log and the file with its key.

    Attributes:
        path: the directory that holds ``checkpoint`` and ``tile``.
        key: a file with the log's verifier key.
    """

    path: Path
    key: Path

    def copy_to(self, path: Path) -> Self:
        """Return a copy whose files are links, so that `write` never reaches the original."""
        shutil.copytree(self.path, path, copy_function=os.link)
        return type(self)(path, self.key)

    def read(self, name: str) -> bytes:
        """Return a file's content."""
        return (self.path / name).read_bytes()

    def write(self, name: str, content: bytes) -> None:
        """Replace a file, or add one."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_bytes(content)


class SyntheticLog:
    """A log in memory, grown by our own code, whose key we hold: what an operator can do.

    Attributes:
        signer: the log key.
        other_signers: keys of further signature lines.
        entries: what it holds.
    """

    def __init__(
        self, signer: NoteSigner, entries: Iterable[bytes], *other_signers: Signer
    ) -> None:
        self.signer = signer
        self.other_signers = other_signers
        self.entries = list(entries)
        builder = TreeBuilder()
        for entry in self.entries:
            builder.append(leaf_hash(entry))
        self._tiles = builder.drain()

    def checkpoint(self, size: int) -> str:
        """Return the signed checkpoint over the first ``size`` entries."""
        body = Checkpoint(origin=self.signer.name, size=size, root=self._reader(size).root())
        return sign_checkpoint(body, self.signer, *self.other_signers)

    def consistency_proof(self, old_size: int, size: int) -> Sequence[bytes]:
        """Return the hashes that show that the tree of ``size`` extends that of ``old_size``."""
        return self._reader(size).consistency_proof(old_size)

    def prove(self, index: int) -> TlogProof:
        """Return the proof file of one entry."""
        size = len(self.entries)
        return TlogProof(
            index=index,
            hashes=self._reader(size).inclusion_proof(index),
            checkpoint=self.checkpoint(size),
            extra=self.entries[index],
        )

    def write(self, path: Path) -> Folder:
        """Write the log as static files, its key beside the directory."""
        folder = Folder(path, path.with_suffix(".key"))
        for (level, index), data in self._tiles.items():
            folder.write(tile_path(level, index, width=len(data) // 32), data)
        for first in range(0, len(self.entries), TILE_WIDTH):
            entries = self.entries[first : first + TILE_WIDTH]
            name = bundle_path(first // TILE_WIDTH, width=len(entries))
            folder.write(name, pack_entries(entries))
        folder.write("checkpoint", self.checkpoint(len(self.entries)).encode())
        folder.key.write_text(f"{self.signer.verifier_key}\n")
        return folder

    def _reader(self, size: int) -> TileReader:
        return TileReader(size, lambda keys: {key: self._tiles[key] for key in keys})

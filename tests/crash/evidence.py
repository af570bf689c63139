"""What was promised to somebody: written down by the one who was promised it, and synchronised.

Each line is a JSON object: an act (`entry`, `leaf_hash`), a checkpoint that was handed out
(`checkpoint`), or a certificate that was seen issued (`certificate`, `sha256`).
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path


class Diary:
    """An append-only file of promises; each is on disk before the next is asked for."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8")

    def write(self, **promise: object) -> None:
        """Write one promise down for good."""
        self._file.write(json.dumps(promise) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())


class Evidence:
    """All diaries of a folder, read on from where the last reading ended."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[Path, int] = {}
        self.acts: dict[int, str] = {}
        self.checkpoints: set[str] = set()
        self.certificates: dict[str, str] = {}

    def refresh(self) -> None:
        """Read what has been written since."""
        for promise in self._lines():
            if "entry" in promise:
                self.acts[int(promise["entry"])] = promise["leaf_hash"]
            elif "checkpoint" in promise:
                self.checkpoints.add(promise["checkpoint"])
            else:
                self.certificates[promise["certificate"]] = promise["sha256"]

    def _lines(self) -> Iterator[dict[str, str]]:
        for path in sorted(self._folder.glob("*.jsonl")):
            with path.open("rb") as file:
                file.seek(self._read.get(path, 0))
                for line in file:
                    # A writer that was killed may leave half a line: it promised nothing with it.
                    if line.endswith(b"\n"):
                        self._read[path] = self._read.get(path, 0) + len(line)
                        yield json.loads(line)

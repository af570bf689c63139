"""What a witness has cosigned: for each log one file, the latest checkpoint as a signed note.

The file lies at ``<hexadecimal SHA-256 of the origin>/checkpoint``, the path at which monitors ask
for it.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from primitives.durable_files import make_directory, replace_durably
from tlog.witness import StateDamagedError, hash_origin


@dataclass(frozen=True, slots=True)
class DirectoryStore:
    """Keeps checkpoints in a directory; any number of threads and processes may share it."""

    directory: Path

    def latest(self, origin: str) -> str | None:
        """Return the note that was stored last.

        Raises:
            OSError: the file cannot be read.
            StateDamagedError: it is not UTF-8, which `swap` never writes.
        """
        try:
            return self._path(origin).read_bytes().decode()
        except FileNotFoundError:
            return None
        except UnicodeDecodeError as error:
            raise StateDamagedError(f"{self._path(origin)} is not text") from error

    def swap(self, origin: str, *, old: str | None, new: str) -> bool:
        """Store ``new`` durably if ``old`` is still the latest; say whether it was.

        Raises:
            OSError: it could not be stored; the old note stands.
        """
        with self._lock(origin):
            if self.latest(origin) != old:
                return False
            replace_durably(self._path(origin), new.encode())
            return True

    @contextmanager
    def _lock(self, origin: str) -> Iterator[None]:
        path = self._path(origin)
        make_directory(path.parent)
        # Every opening has a lock of its own, so it holds between threads as between processes;
        # the system lets go of it when the process dies.
        with path.with_name("lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _path(self, origin: str) -> Path:
        return self.directory / hash_origin(origin) / "checkpoint"

"""What the signer remembers outside the database: the checkpoint that it signed last.

A database can be set back to an old backup, and everything in it then agrees; this file does not
agree with it. Keep it apart from the database and its backups. A log never signs two histories
(C2SP tlog-checkpoint), so the memory only ever moves to a larger tree.

Entry points: `held`, for who signs, and `require_no_rollback`, for who is about to act on the log.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from ledger.errors import LedgerStoppedError
from ledger.keys import log_verifier_key
from ledger.models import TreeHead
from primitives.durable_files import replace_durably, write_durably
from tlog.checkpoint import Checkpoint, open_checkpoint
from tlog.errors import TlogError


class SignerMemoryError(LedgerStoppedError):
    """The signer's memory is gone, unreadable or another log's."""


class RollbackError(LedgerStoppedError):
    """The stored log is smaller than one that was signed: it was set back."""


class SignerMemory:
    """The memory while it is held: nobody else on this machine signs meanwhile."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def note(self) -> str | None:
        """Return the signed note of the last checkpoint; None before the first.

        Raises:
            SignerMemoryError: the file cannot be read.
        """
        try:
            return self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise SignerMemoryError(f"{self._path} cannot be read: {error}") from error

    def checkpoint(self) -> Checkpoint | None:
        """Return the last checkpoint; None before the first.

        Raises:
            SignerMemoryError: what is remembered bears another key or another origin.
        """
        note = self.note()
        if note is None:
            return None
        try:
            return open_checkpoint(note, log_verifier_key())
        except TlogError as error:
            raise SignerMemoryError(
                f"{self._path} remembers a checkpoint that this log's key did not sign: {error}"
            ) from error

    def remember(self, note: str) -> None:
        """Keep the note for good before anybody sees it.

        Raises:
            SignerMemoryError: the log's key did not sign it, or a larger tree is remembered.
        """
        try:
            size = open_checkpoint(note, log_verifier_key()).size
        except TlogError as error:
            raise SignerMemoryError(f"this is no checkpoint of this log: {error}") from error
        known = self.checkpoint()
        if known is not None and known.size > size:
            raise SignerMemoryError(f"a tree of {known.size} was signed, and this is one of {size}")
        replace_durably(self._path, note.encode())

    def begin_anew(self, note: str | None) -> None:
        """Remember what a successor log begins with; what was remembered is kept beside it."""
        old = self.note() or ""
        origin_and_size = "-".join(old.split("\n")[:2]).replace("/", "_")
        write_durably(self._path.with_name(f"{self._path.name}.{origin_and_size}"), old.encode())
        if note is None:
            self._path.unlink()
        else:
            replace_durably(self._path, note.encode())


@contextmanager
def held() -> Iterator[SignerMemory]:
    """Hold the signer's memory: one signer at a time on this machine."""
    path = Path(settings.LEDGER_MEMORY_FILE)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(path.with_suffix(".lock"), "ab", opener=_for_us_alone) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield SignerMemory(path)


def _for_us_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def require_no_rollback() -> None:
    """Make sure that the stored log is not smaller than the one that was signed last.

    Raises:
        RollbackError: it is.
        SignerMemoryError: the memory is unreadable or another log's.
    """
    known = SignerMemory(Path(settings.LEDGER_MEMORY_FILE)).checkpoint()
    size = TreeHead.objects.order_by("-size").values_list("size", flat=True).first() or 0
    if known is not None and known.size > size:
        raise RollbackError(
            f"The log holds {size} entries and a tree of {known.size} was signed: the database was "
            "set back. Nothing is published or issued until the missing entries are back, or a "
            "recovery is recorded (manage.py record_recovery; docs/operations.md)."
        )

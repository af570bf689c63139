"""The log key: an Ed25519 signed-note key in a file that only its owner can read."""

import os
from pathlib import Path

from django.conf import settings

from ledger.errors import LedgerStoppedError
from tlog.note import NoteSigner, VerifierKey


class LogKeyError(LedgerStoppedError):
    """The log key cannot be used: another log's, or unreadable."""


def log_signer() -> NoteSigner:
    """Return the signer of this log; a log without a key gets one on first use.

    Raises:
        LogKeyError: the file holds the key of another log, or is not a key.
    """
    path = Path(settings.LEDGER_KEY_FILE)
    if not path.exists():
        _create(path)
    signer = NoteSigner.parse(path.read_text().strip())
    if signer.name != settings.LEDGER_ORIGIN:
        raise LogKeyError(f"{path} is the key of {signer.name}, not of {settings.LEDGER_ORIGIN}")
    return signer


def log_signers() -> tuple[NoteSigner, ...]:
    """Return every signer of our own checkpoints; the first is the log key.

    Raises:
        LogKeyError: a file holds the key of another log, or is not a key.
    """
    return (log_signer(),)


def log_verifier_key() -> VerifierKey:
    """Return what others check our checkpoints with."""
    return log_signer().verifier_key


def _create(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(NoteSigner.generate(settings.LEDGER_ORIGIN).private_text() + "\n")
    try:
        # A link fails if another process was first; its key is then the one.
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()

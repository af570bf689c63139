"""The keys of the log, each in a file that only its owner can read.

The log key is an Ed25519 note key, which C2SP tlog-tiles demands of every public log. Beside it a
post-quantum ML-DSA-44 key signs every checkpoint too, for the day on which Ed25519 can be forged.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from django.conf import settings

from ledger.errors import LedgerStoppedError
from primitives.durable_files import create_durably, make_directory
from tlog.encoding import MalformedError
from tlog.keys import LogKey
from tlog.mldsa import MldsaSigner
from tlog.note import NoteSigner, Signer, VerifierKey

KeyT = TypeVar("KeyT", NoteSigner, MldsaSigner)

POST_QUANTUM_SUFFIX = ".ml-dsa-44"


class LogKeyError(LedgerStoppedError):
    """A key of the log cannot be used: another log's, or unreadable."""


def log_signer() -> NoteSigner:
    """Return the signer of this log; a log without a key gets one on first use.

    Raises:
        LogKeyError: the file holds the key of another log, or is not a key.
    """
    return _key(NoteSigner, Path(settings.LEDGER_KEY_FILE))


def log_signers(*, at: datetime) -> tuple[Signer, ...]:
    """Return every signer of our own checkpoints at an instant; the first is the log key.

    Raises:
        LogKeyError: a file holds the key of another log, or is not a key.
    """
    return log_signer(), _post_quantum_signer().at(int(at.timestamp()))


def log_verifier_key() -> VerifierKey:
    """Return what others check our checkpoints with."""
    return log_signer().verifier_key


def log_verifier_keys() -> Sequence[LogKey]:
    """Return every key that signs our checkpoints; the first is the log key."""
    return log_verifier_key(), _post_quantum_signer().verifier_key


def _post_quantum_signer() -> MldsaSigner:
    path = Path(settings.LEDGER_KEY_FILE)
    return _key(MldsaSigner, path.with_name(path.name + POST_QUANTUM_SUFFIX))


def _key(kind: type[KeyT], path: Path) -> KeyT:
    if not path.exists():
        _create(path, kind.generate(settings.LEDGER_ORIGIN).private_text())
    try:
        key = kind.parse(path.read_text().strip())
    except (OSError, ValueError, MalformedError) as error:
        raise LogKeyError(f"{path} does not hold a key of the log") from error
    if key.name != settings.LEDGER_ORIGIN:
        raise LogKeyError(f"{path} is the key of {key.name}, not of {settings.LEDGER_ORIGIN}")
    return key


def _create(path: Path, text: str) -> None:
    make_directory(path.parent)
    # If another process was first, its key is the one.
    with suppress(FileExistsError):
        create_durably(path, f"{text}\n".encode())

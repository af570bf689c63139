"""The keys of the ledger that a verifier trusts: text with one verifier key a line.

The log key comes first. An ML-DSA-44 key of the same name may follow, which then must not be
contradicted, and the keys of logs that this one succeeds.
"""

from dataclasses import dataclass
from typing import Self

from tlog.encoding import MalformedError
from tlog.keys import LogKey, parse_log_key
from tlog.note import VerifierKey


@dataclass(frozen=True, slots=True)
class LogKeys:
    """Trusted keys; the first Ed25519 key of a checkpoint's origin must have signed it."""

    log_keys: tuple[VerifierKey, ...]
    others: tuple[LogKey, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse one key a line.

        Raises:
            MalformedError: a line is no verifier key of a log, or none is an Ed25519 key.
        """
        keys = [parse_log_key(line) for line in text.strip().splitlines()]
        log_keys = tuple(key for key in keys if isinstance(key, VerifierKey))
        if not log_keys:
            raise MalformedError("the text holds no Ed25519 key of a log")
        return cls(log_keys, tuple(key for key in keys if not isinstance(key, VerifierKey)))

    def of(self, note: str) -> VerifierKey:
        """Return the key that must have signed a checkpoint: that of its origin, else the first."""
        origin = note.partition("\n")[0]
        return next((key for key in self.log_keys if key.name == origin), self.log_keys[0])

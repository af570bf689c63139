"""A sealed file: its frame, its seal, who sealed it and when.

Entry point: `SealedFile`. Each question is put to the plain code first, which answers for files
that are written as certificates are. What that does not confirm pyHanko judges, by as many checks,
and says what is wrong with it.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from cryptography.x509 import Certificate

from verifier.plain import Timestamp, read_plain_seal
from verifier.plain_file import read_plain_file
from verifier.plainness import plainly

if TYPE_CHECKING:
    from verifier.frame import PyhankoFile


class SealedFile:
    """A file under one signature over all of it; only this frame has been checked.

    Attributes:
        attachments: those that were wanted, by name.
    """

    def __init__(self, pdf: bytes, wanted: frozenset[str]) -> None:
        """Open the file and check its frame.

        pyHanko raises exceptions of many classes over a hostile file; the caller turns any of them
        into UNREADABLE.

        Raises:
            StepError: with the reason why this is not the frame of a certificate.
        """
        self._pdf = pdf
        self._wanted = wanted
        self._plain = plainly(lambda: read_plain_seal(pdf, read_plain_file(pdf, wanted)))
        self.attachments = (self._plain or self._by_pyhanko).attachments

    def signer(self) -> str:
        """Check the seal's form and that it is intact; return the signer's name.

        Raises:
            StepError: SEAL_PROFILE or SEAL_BROKEN.
        """
        name = plainly(self._plain.signer) if self._plain else None
        if name is not None:
            return name
        # What the plain code says further presumes a seal that it found intact.
        self._plain = None
        return self._by_pyhanko.signer()

    def require_issuer(self, trust: Sequence[Certificate], moment: datetime) -> None:
        """Check that the certificate of an intact seal leads to a trusted one, good at ``moment``.

        To be asked after `signer`.

        Raises:
            StepError: SEAL_OUT_OF_TERM, SEAL_REVOKED or ISSUER_NOT_TRUSTED.
        """
        plain = self._plain
        if not (plain and plainly(lambda: plain.is_trusted(trust, moment))):
            self._by_pyhanko.require_issuer(trust, moment)

    def stamp(self, trust: Sequence[Certificate] | None) -> Timestamp | None:
        """Check the time-stamp beside an intact seal, if there is one, and return it.

        To be asked after `signer`.

        Raises:
            StepError: TIMESTAMP_FALSE or TIMESTAMP_NOT_TRUSTED.
        """
        plain = self._plain
        if plain and plain.token is None:
            return None
        stamp = plainly(lambda: plain.stamp(trust)) if plain else None
        return stamp or self._by_pyhanko.stamp(trust)

    def claimed_time(self) -> datetime | None:
        """Return the time at which the seal says it was made; only its own word stands for it."""
        return self._by_pyhanko.claimed_time()

    @cached_property
    def _by_pyhanko(self) -> "PyhankoFile":
        from verifier.frame import PyhankoFile  # noqa: PLC0415 # takes a second, for few files

        return PyhankoFile(self._pdf, self._wanted)

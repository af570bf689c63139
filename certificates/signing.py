"""The registrar's seal: a PAdES certification signature in the first revision of the file.

Pure. Entry point: `PadesSealer.seal`. The file is drawn with the seal's place in it
(`drawing.canvas`), with what later readers need to know of the certificates
(`PadesSealer.evidence`), and written once, so that one revision and one ByteRange cover every byte
of it and "nothing was added" is a rule that any tool can check. With a time-stamp and that evidence
the level is B-LT (ETSI EN 319 142-1).
"""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime

from certificates.cms import DIGEST, sign
from certificates.suites import SealingError, SignatureSuite
from certificates.timestamping import TimestampServices
from drawing.archival import NO_EVIDENCE, ValidationEvidence
from drawing.canvas import BYTE_RANGE_PLACEHOLDER

PLACE = re.compile(re.escape(BYTE_RANGE_PLACEHOLDER) + rb"\s+/Contents (?P<contents><0+>)")


class PadesSealer:
    """Seals with the key of a suite, under the time-stamp of an authority."""

    def __init__(
        self,
        suite: SignatureSuite,
        *,
        services: TimestampServices | None = None,
        evidence: Callable[[datetime], ValidationEvidence] = lambda _at: NO_EVIDENCE,
    ) -> None:
        """Take the key, who stamps (if nobody, the level is B-B), and the evidence to carry."""
        self._suite = suite
        self._services = services
        self._evidence = evidence

    def evidence(self, at: datetime) -> ValidationEvidence:
        """Return the certificates and what their authorities said of them, good at ``at``.

        Raises:
            SealingError: an authority has not said anything that still holds.
        """
        return self._evidence(at)

    def seal(self, prepared_pdf: bytes, *, at: datetime) -> bytes:
        """Return the file with its signature, over every byte of it but the signature itself.

        Args:
            prepared_pdf: a file with the place for one (`drawing.canvas.PageCanvas.add_signature`).
            at: now, aware UTC.

        Raises:
            SealingError: there is no such place, or more than one; the key cannot sign; nobody
                stamps; or the signature needs more room.
        """
        place = _place_in(prepared_pdf)
        ranged = _with_byte_range(prepared_pdf, place)
        before, after = ranged[: place.start], ranged[place.stop :]
        signed = hashlib.new(DIGEST, before)
        signed.update(after)
        stamp = self._services.stamping(at) if self._services else None
        digits = sign(self._suite, signed.digest(), stamp=stamp).hex().encode()
        room = place.stop - place.start - len(b"<>")
        if len(digits) > room:
            raise SealingError(f"the signature needs {len(digits)} digits and has room for {room}")
        return b"%b<%b>%b" % (before, digits.ljust(room, b"0"), after)


def _place_in(prepared_pdf: bytes) -> slice:
    """Return where the signature goes, with its angle brackets."""
    count = prepared_pdf.count(BYTE_RANGE_PLACEHOLDER)
    place = PLACE.match(prepared_pdf, prepared_pdf.find(BYTE_RANGE_PLACEHOLDER))
    if count != 1 or place is None:
        raise SealingError(f"the file has {count} places for a signature, not one")
    return slice(*place.span("contents"))


def _with_byte_range(prepared_pdf: bytes, place: slice) -> bytes:
    """Return the file with what is signed written into it, which takes no other room."""
    rest = len(prepared_pdf) - place.stop
    signed = b"/ByteRange [0 %d %d %d]" % (place.start, place.stop, rest)
    padded = signed.ljust(len(BYTE_RANGE_PLACEHOLDER))
    return prepared_pdf.replace(BYTE_RANGE_PLACEHOLDER, padded, 1)

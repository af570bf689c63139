"""A time-stamp authority for development: it stamps what it is given, at the time it is told.

Pure. Its certificate says that nobody licensed it; a production installation with it does not start
(`certificates.checks`).
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from cryptography.hazmat.asn1 import GeneralizedTime, encode_der
from cryptography.x509 import ObjectIdentifier

from certificates.cms import sign
from certificates.suites import SignatureSuite
from verifier.plain import Imprint, TstInfo
from verifier.plain_cms import Algorithm

POLICY = ObjectIdentifier("2.25.300174163416413157301478312104541104421")
"""An identifier of its own (X.667) for a policy that promises nothing."""
SERIAL_BITS = 96
SHA_256 = Algorithm(oid=ObjectIdentifier("2.16.840.1.101.3.4.2.1"), parameters=None)


@dataclass(frozen=True, slots=True)
class DevelopmentTimestampAuthority:
    """Stamps digests with a key that no hardware protects."""

    suite: SignatureSuite

    @property
    def name(self) -> str:
        """What it is."""
        return "the example time-stamp authority"

    def token(self, digest: bytes, *, at: datetime, nonce: int | None = None) -> bytes:
        """Return a token that says that the digest was there at ``at``."""
        stamped = TstInfo(
            version=1,
            policy=POLICY,
            imprint=Imprint(algorithm=SHA_256, digest=digest),
            number=secrets.randbits(SERIAL_BITS),
            at=GeneralizedTime(at.astimezone(UTC).replace(microsecond=0)),
            accuracy=None,
            ordering=False,
            nonce=nonce,
        )
        content = encode_der(stamped)
        return sign(
            self.suite,
            sha256(content).digest(),
            content_type="tst_info",
            content=content,
        )

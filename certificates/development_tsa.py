"""A time-stamp authority for development: it stamps what it is given, at the time it is told.

Pure. Its certificate says that nobody licensed it; a production installation with it does not start
(`certificates.checks`).
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from asn1crypto import tsp

from certificates.cms import DIGEST, sign
from certificates.suites import SignatureSuite

POLICY = "2.25.300174163416413157301478312104541104421"
"""An identifier of its own (X.667) for a policy that promises nothing."""
SERIAL_BITS = 96


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
        stamped = {
            "version": "v1",
            "policy": POLICY,
            "message_imprint": {
                "hash_algorithm": {"algorithm": DIGEST},
                "hashed_message": digest,
            },
            "serial_number": secrets.randbits(SERIAL_BITS),
            "gen_time": at.replace(microsecond=0),
            **({} if nonce is None else {"nonce": nonce}),
        }
        content = bytes(tsp.TSTInfo(stamped).dump())
        return sign(
            self.suite,
            sha256(content).digest(),
            content_type="tst_info",
            content=content,
        )

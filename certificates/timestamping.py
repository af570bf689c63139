"""Time-stamps over seals (RFC 3161): asked of services in turn, believed only after a check.

Pure but for the network. Entry point: `TimestampServices.stamp`. A service that is down, slow or
lying is passed over for the next; when none gives a good token nothing is sealed, so that no
certificate claims a time-stamp that it does not have.
"""

import hashlib
import logging
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import IO, Protocol
from urllib.request import HTTPRedirectHandler, Request, build_opener

from asn1crypto import cms, core, tsp
from cryptography import x509

from certificates.cms import DIGEST
from certificates.suites import SealingError
from primitives.canonical_json import instant_text
from verifier.plain import read_stamp
from verifier.plain_cms import read_signature
from verifier.plainness import plainly
from verifier.timestamp import Imprint, check_timestamp
from verifier.verdict import StepError

MAX_TOKEN_BYTES = 64 * 1024
CHUNK = 4096
NONCE_BITS = 63
GRANTED = {"granted", "granted_with_mods"}

logger = logging.getLogger(__name__)


class TimestampUnavailableError(SealingError):
    """No service gave a time-stamp that can be believed; the message says of each why."""


class ServiceError(Exception):
    """A service gave no time-stamp; the message says why."""


class TimestampService(Protocol):
    """An authority that stamps digests."""

    @property
    def name(self) -> str:
        """What operators know it by."""
        ...

    def token(self, digest: bytes, *, at: datetime) -> bytes:
        """Return the token over a SHA-256 digest as DER.

        Args:
            digest: 32 bytes.
            at: now; only an authority without a clock of its own goes by it.

        Raises:
            ServiceError: there is none.
        """
        ...


@dataclass(frozen=True, slots=True)
class HttpTimestampService:
    """A service over HTTP (RFC 3161, 3.4), asked at a configured address.

    Attributes:
        url: ``http`` or ``https``.
        seconds: how long an answer may take in all.
    """

    url: str
    seconds: float

    @property
    def name(self) -> str:
        """The address."""
        return self.url

    def token(self, digest: bytes, *, at: datetime) -> bytes:  # noqa: ARG002 # it has a clock
        """Return the token that the service sends."""
        nonce = secrets.randbits(NONCE_BITS)
        request = Request(  # noqa: S310 # the address is the operator's, read by config.env
            self.url,
            data=_query(digest, nonce),
            headers={"Content-Type": "application/timestamp-query"},
        )
        deadline = time.monotonic() + self.seconds
        try:
            with _opener.open(request, timeout=self.seconds) as response:
                answer = _read(response, deadline)
        except (OSError, HTTPException) as error:
            raise ServiceError(f"{type(error).__name__}: {error}") from error
        return _token_in(answer, nonce)


@dataclass(frozen=True, slots=True)
class TimestampServices:
    """The services of an installation.

    Attributes:
        services: in the order in which they are asked.
        trust: the roots of those whose word counts.
        tolerance: by how much a token's time may differ from ours.
    """

    services: Sequence[TimestampService]
    trust: Sequence[x509.Certificate]
    tolerance: timedelta

    def stamp(self, signature: bytes, *, at: datetime) -> bytes:
        """Return a token over a raw signature, from the first service whose token holds.

        Raises:
            TimestampUnavailableError: none does.
        """
        return self.stamp_digest(hashlib.sha256(signature).digest(), at=at)

    def stamp_digest(self, digest: bytes, *, at: datetime) -> bytes:
        """Return a token over a SHA-256 digest, from the first service whose token holds.

        Raises:
            TimestampUnavailableError: none does.
        """
        found = []
        for service in self.services:
            try:
                token = service.token(digest, at=at)
                self._require_good(token, digest, at)
            except ServiceError as error:
                logger.warning("No time-stamp from %s: %s", service.name, error)
                found.append(f"{service.name}: {error}")
            else:
                return token
        raise TimestampUnavailableError("; ".join(found) or "no time-stamp service is configured")

    def stamping(self, at: datetime) -> Callable[[bytes], bytes]:
        """Return `stamp` for an instant."""
        return lambda signature: self.stamp(signature, at=at)

    def _require_good(self, token: bytes, digest: bytes, at: datetime) -> None:
        """Check the token as every verifier will, and its time against our clock."""
        imprint = _only_sha256(digest)
        try:
            stamp = plainly(
                lambda: read_stamp(read_signature(token), imprint, self.trust)
            ) or check_timestamp(
                cms.ContentInfo.load(token, strict=True)["content"], imprint, trust=self.trust
            )
        except StepError as error:
            raise ServiceError(error.reason.value) from error
        except Exception as error:
            # What is no token raises exceptions of many classes; none may stop the next service.
            raise ServiceError(f"no time-stamp token ({type(error).__name__})") from error
        if abs(stamp.at - at) > self.tolerance:
            raise ServiceError(f"it says {instant_text(stamp.at)}, our clock {instant_text(at)}")


class _Response(core.Sequence):  # type: ignore[misc] # asn1crypto ships no types
    """RFC 3161, 2.4.2: a refusal has no token, which asn1crypto's own class does not allow."""

    _fields = [
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]


class _NoRedirect(HTTPRedirectHandler):
    """A service that sends us elsewhere is not asked there."""

    def redirect_request(  # urllib's signature
        self,
        req: Request,  # noqa: ARG002
        fp: IO[bytes],  # noqa: ARG002
        code: int,  # noqa: ARG002
        msg: str,  # noqa: ARG002
        headers: HTTPMessage,  # noqa: ARG002
        newurl: str,  # noqa: ARG002
    ) -> None:
        return None


_opener = build_opener(_NoRedirect)


def _only_sha256(digest: bytes) -> Imprint:
    """Return the one digest that was asked about; a token over another is false."""
    return lambda name: digest if name == DIGEST else b""


def _query(digest: bytes, nonce: int) -> bytes:
    imprint = {"hash_algorithm": {"algorithm": DIGEST}, "hashed_message": digest}
    query = {"version": "v1", "message_imprint": imprint, "nonce": nonce, "cert_req": True}
    return bytes(tsp.TimeStampReq(query).dump())


def _read(response: HTTPResponse, deadline: float) -> bytes:
    """Read an answer that may neither be endless nor drip for ever."""
    answer = b""
    while chunk := response.read1(CHUNK):
        answer += chunk
        if len(answer) > MAX_TOKEN_BYTES:
            raise ServiceError(f"the answer is longer than {MAX_TOKEN_BYTES} bytes")
        if time.monotonic() > deadline:
            raise ServiceError("the answer takes too long")
    return answer


def _token_in(answer: bytes, nonce: int) -> bytes:
    try:
        response = _Response.load(answer, strict=True)
        status = response["status"]["status"].native
        if status not in GRANTED:
            raise ServiceError(f"the service answers {status}")
        token = response["time_stamp_token"]
        stamped = token["content"]["encap_content_info"]["content"].parsed
        if stamped["nonce"].native != nonce:
            raise ServiceError("the answer is to another question (nonce)")
        return bytes(token.dump())
    except (ValueError, TypeError, KeyError) as error:
        raise ServiceError(f"the answer is no time-stamp response: {error}") from error

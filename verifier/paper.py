"""Was this printed on a paper by the registrar? From what its QR code holds, offline.

Entry points: `sign_paper`, `paper_address`, `verify_paper`. The code holds an address that ends
in a COSE_Sign1 (RFC 9052, section 4.2; ES256, RFC 9053, section 2.1) as base 32 (RFC 4648, section
6): capitals and digits alone, which a QR code takes in its alphanumeric mode (docs/entries.md).

It proves what was printed on the day of issue. What came later only the register or the file says.
"""

import json
import re
from base64 import b32decode, b32encode, urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Self, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256

from primitives.canonical_json import Json, JsonObject, instant_text
from primitives.clock import CHINA
from tlog.encoding import MalformedError
from verifier.canonical import member
from verifier.printed import (
    AnyPrinted,
    Printed,
    loaded,
    malformed,
    read_printed,
    to_cbor,
)
from verifier.verdict import UNDECIDED, Facts, Outcome, Reason, StepError

PATH = "/Q/"
MAX_CHARACTERS = 1024
"""A code of 36 mm holds some 500 at a size that a scan at 150 dpi still shows."""
MAX_KEYS_CHARACTERS = 256 * 1024

COSE_SIGN1 = b"\xd2"
"""CBOR tag 18 (RFC 9052, section 4.2)."""
ALGORITHM, KEY_ID, ES256 = 1, 4, -7
HALF_SIGNATURE = 32

KID = re.compile(r"[0-9A-Za-z.-]{1,16}")
BASE64URL = re.compile(r"[A-Za-z0-9_-]{43}")

ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperKey:
    """A public key that signs QR codes, and the days, in China, on which it does."""

    kid: str
    public_key: EllipticCurvePublicKey
    first_day: date
    last_day: date

    def to_json(self) -> JsonObject:
        """Return the key as a JWK (RFC 7517; RFC 7518, section 6.2) with ``from`` and ``until``."""
        numbers = self.public_key.public_numbers()
        return {
            "kid": self.kid,
            "kty": "EC",
            "crv": "P-256",
            "alg": "ES256",
            "use": "sig",
            "x": _base64url(numbers.x),
            "y": _base64url(numbers.y),
            "from": self.first_day.isoformat(),
            "until": self.last_day.isoformat(),
        }

    @classmethod
    def from_json(cls, json: Json) -> Self:
        """Read what `to_json` wrote; further members are allowed.

        Raises:
            ValueError: anything else, also a point that is not on the curve.
        """
        kid = member(json, "kid", of=str)
        kind = [member(json, name, of=str) for name in ("kty", "crv", "alg")]
        if kind != ["EC", "P-256", "ES256"] or not KID.fullmatch(kid):
            raise ValueError(f"{kid!r} is no key for ES256")
        x, y = (_coordinate(member(json, name, of=str)) for name in ("x", "y"))
        return cls(
            kid=kid,
            public_key=EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key(),
            first_day=date.fromisoformat(member(json, "from", of=str)),
            last_day=date.fromisoformat(member(json, "until", of=str)),
        )


@dataclass(frozen=True, slots=True)
class PaperKeys:
    """The keys that a verifier trusts, as a JWK set (RFC 7517, section 5)."""

    keys: tuple[PaperKey, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a published set.

        Raises:
            MalformedError: anything else, also a ``kid`` that stands twice.
        """
        if len(text) > MAX_KEYS_CHARACTERS:
            raise MalformedError("longer than any set of paper keys")
        try:
            listed = member(json.loads(text), "keys", of=list)
            keys = tuple(PaperKey.from_json(key) for key in listed)
        except (ValueError, RecursionError) as error:
            raise MalformedError(f"this is no set of paper keys: {error}") from error
        if len({key.kid for key in keys}) < len(keys):
            raise MalformedError("a key's name stands twice in the set")
        return cls(keys)

    def to_json(self) -> JsonObject:
        """Return the set as it is published."""
        return {"keys": [key.to_json() for key in self.keys]}

    def of(self, kid: str) -> PaperKey | None:
        """Return the key of this name."""
        return next((key for key in self.keys if key.kid == kid), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPaper:
    """What a QR code holds; nothing of it is checked before `verify_paper`."""

    kid: str
    printed: AnyPrinted
    signature: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse what a scanner read, the whole address or its last part, in any case.

        Raises:
            StepError: PAPER_MALFORMED or PAPER_ALGORITHM; nothing else for any text.
        """
        content = _from_base32(text)
        if not content.startswith(COSE_SIGN1):
            raise malformed("no COSE_Sign1")
        parts = loaded(content.removeprefix(COSE_SIGN1), list)
        match parts:
            case [bytes(header), dict(), bytes(payload), bytes(signature)]:
                kid = _kid(header)
            case _:
                raise malformed("no COSE_Sign1")
        if len(signature) != 2 * HALF_SIGNATURE:
            raise malformed("the signature is not as long as one of ES256")
        paper = cls(kid=kid, printed=read_printed(payload), signature=signature)
        return _as_written(paper, paper.to_cbor(), content)

    def to_cbor(self) -> bytes:
        """Return the COSE_Sign1 with its tag."""
        message = [_header(self.kid), {}, self.printed.to_cbor(), self.signature]
        return COSE_SIGN1 + to_cbor(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperVerdict:
    """What is known of a QR code.

    Attributes:
        reason: why it is not VALID, or None; ``facts`` are what its sentence names.
        claimed: what the code says, if it could be read. It is true only if `is_genuine`.
    """

    reason: Reason | None = None
    facts: Facts = field(default_factory=dict)
    claimed: AnyPrinted | None = None
    kid: str | None = None

    @property
    def is_genuine(self) -> bool:
        """Whether the registrar signed it, be its term over or not."""
        return self.reason in {None, Reason.TERM_ENDED}

    @property
    def printed(self) -> AnyPrinted | None:
        """What was printed on the paper, if that is proven."""
        return self.claimed if self.is_genuine else None

    @property
    def outcome(self) -> Outcome:
        """VALID if it is genuine and its term not over, INVALID if false or over."""
        if self.reason is None:
            return Outcome.VALID
        return Outcome.CANNOT_VERIFY if self.reason in UNDECIDED else Outcome.INVALID

    def to_json(self) -> JsonObject:
        """Return the verdict as data; ``printed`` is null unless it is proven."""
        return {
            "verdict": self.outcome.value,
            "reasons": [self.reason.value] if self.reason else [],
            "kid": self.kid,
            "printed": self.printed.to_json() if self.printed else None,
        }


def sign_paper(printed: AnyPrinted, *, kid: str, key: EllipticCurvePrivateKey) -> SignedPaper:
    """Return it signed with a key on P-256; the same again gives the same bytes (RFC 6979)."""
    der = key.sign(_signed(kid, printed), ECDSA(SHA256(), deterministic_signing=True))
    signature = b"".join(half.to_bytes(HALF_SIGNATURE) for half in decode_dss_signature(der))
    return SignedPaper(kid=kid, printed=printed, signature=signature)


def paper_address(site: str, paper: SignedPaper) -> str:
    """Return what the QR code holds: an address of the registrar's site, in capitals.

    Scheme and host are the same in any case (RFC 3986, section 6.2.2.1); the path is ours.
    """
    return f"{site}{PATH}".upper() + b32encode(paper.to_cbor()).decode().rstrip("=")


def verify_paper(text: str, *, keys: PaperKeys, at: datetime) -> PaperVerdict:
    """Return the verdict on what a scanner read from paper; no text makes it raise.

    Args:
        text: an address, or its last part.
        keys: those that the registrar publishes.
        at: the instant for which to answer, aware UTC.
    """
    try:
        paper = SignedPaper.parse(text)
    except StepError as error:
        return PaperVerdict(reason=error.reason, facts=error.facts)
    try:
        _check(paper, keys, at)
    except StepError as error:
        return PaperVerdict(
            reason=error.reason, facts=error.facts, claimed=paper.printed, kid=paper.kid
        )
    return PaperVerdict(claimed=paper.printed, kid=paper.kid)


def _check(paper: SignedPaper, keys: PaperKeys, at: datetime) -> None:
    printed, key = paper.printed, keys.of(paper.kid)
    if key is None:
        raise StepError(Reason.PAPER_KEY_UNKNOWN, kid=paper.kid)
    r, s = paper.signature[:HALF_SIGNATURE], paper.signature[HALF_SIGNATURE:]
    der = encode_dss_signature(int.from_bytes(r), int.from_bytes(s))
    try:
        key.public_key.verify(der, _signed(paper.kid, printed), ECDSA(SHA256()))
    except InvalidSignature as error:
        raise StepError(Reason.PAPER_SIGNATURE_FALSE, kid=paper.kid) from error
    if not key.first_day <= printed.issued_day <= key.last_day:
        day = printed.issued_day.isoformat()
        raise StepError(Reason.PAPER_KEY_OUT_OF_TERM, kid=paper.kid, day=day)
    # Only a certificate has a term: another document stays true of its instant.
    if isinstance(printed, Printed) and printed.last_day < at.astimezone(CHINA).date():
        ended = printed.last_day.isoformat()
        raise StepError(Reason.TERM_ENDED, at=instant_text(at), ended=ended)


def _signed(kid: str, printed: AnyPrinted) -> bytes:
    """Return the Sig_structure (RFC 9052, section 4.4), without external data."""
    return to_cbor(["Signature1", _header(kid), b"", printed.to_cbor()])


def _header(kid: str) -> bytes:
    return to_cbor({ALGORITHM: ES256, KEY_ID: kid.encode("ascii")})


def _kid(header: bytes) -> str:
    members = loaded(header, dict)
    if members.get(ALGORITHM) != ES256:
        raise StepError(Reason.PAPER_ALGORITHM)
    kid = members.get(KEY_ID)
    text = kid.decode("ascii", errors="replace") if isinstance(kid, bytes) else ""
    if not KID.fullmatch(text):
        raise malformed("no name of a key")
    return text


def _from_base32(text: str) -> bytes:
    written = text.strip()
    if len(written) > MAX_CHARACTERS or not written.isascii():
        raise malformed("longer than a QR code of ours, or not its letters")
    letters = written.rpartition("/")[2].upper()
    try:
        content = b32decode(letters + "=" * (-len(letters) % 8))
    except ValueError as error:
        raise malformed("no base 32") from error
    return _as_written(content, b32encode(content).rstrip(b"="), letters.encode())


def _as_written(value: ValueT, written: bytes, read: bytes) -> ValueT:
    """Return the value, of which no other bytes may be read than those in which it is written."""
    if written != read:
        raise malformed("not written in the one way")
    return value


def _base64url(number: int) -> str:
    return urlsafe_b64encode(number.to_bytes(HALF_SIGNATURE)).decode().rstrip("=")


def _coordinate(text: str) -> int:
    if not BASE64URL.fullmatch(text):
        raise ValueError(f"{text!r} is no coordinate of P-256")
    return int.from_bytes(urlsafe_b64decode(f"{text}="))

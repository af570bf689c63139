"""The seal of a file that is plain all through: frame, signature, chain and time-stamp.

Entry point: `read_plain_seal`. What this code confirms it has checked whole; what it does not
confirm is not thereby bad: pyHanko judges it and says what it is (`verifier.frame`).
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from cryptography.hazmat import asn1
from cryptography.x509 import (
    Certificate,
    CertificateRevocationList,
    ExtendedKeyUsage,
    KeyUsage,
    ObjectIdentifier,
    load_der_x509_crl,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

from verifier.plain_cms import (
    DATA,
    DIGESTS,
    Algorithm,
    PlainSignature,
    extension,
    leads_to,
    read_signature,
)
from verifier.plain_file import PlainFile
from verifier.plainness import NotPlainError

TIMESTAMP_TOKEN = ObjectIdentifier("1.2.840.113549.1.9.16.2.14")
TST_INFO = ObjectIdentifier("1.2.840.113549.1.9.16.1.4")
LONG_FORM = 0x80
"""The bit of a DER length that says that the length of the length follows."""


@asn1.sequence
class Imprint:
    """RFC 3161, 2.4.1: the digest of what is stamped."""

    algorithm: Algorithm
    digest: bytes


@asn1.sequence
class Accuracy:
    """RFC 3161, 2.4.2: how far the time may be off."""

    seconds: int | None
    millis: Annotated[int | None, asn1.Implicit(0)]
    micros: Annotated[int | None, asn1.Implicit(1)]


@asn1.sequence
class TstInfo:
    """RFC 3161, 2.4.2, of an authority that does not name itself beside its certificate."""

    version: int
    policy: ObjectIdentifier
    imprint: Imprint
    number: int
    at: asn1.GeneralizedTime
    accuracy: Accuracy | None
    ordering: Annotated[bool, asn1.Default(value=False)]
    nonce: int | None


@dataclass(frozen=True, slots=True)
class Timestamp:
    """An authority's word for an instant (aware UTC)."""

    at: datetime
    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainSeal:
    """A seal of plain form in a file of plain form.

    Attributes:
        digest: that of the bytes which the seal must be over.
        attachments: those that were wanted, by name.
        token: of the time-stamp beside the seal, if there is one.
    """

    signature: PlainSignature
    digest: bytes
    attachments: Mapping[str, bytes]
    crls: tuple[CertificateRevocationList, ...]
    token: PlainSignature | None

    def signer(self) -> str | None:
        """Return the signer's name if the seal is intact."""
        return self.signature.name if self.signature.is_over(self.digest) else None

    def is_trusted(self, trust: Sequence[Certificate], moment: datetime) -> bool:
        """Say whether the seal's certificate leads to a trusted one, each good at ``moment``.

        To be asked of a seal that `signer` found intact.
        """
        usage = extension(self.signature.signer, KeyUsage)
        may_sign = usage is not None and (usage.digital_signature or usage.content_commitment)
        return may_sign and leads_to(trust, self.signature, moment, self.crls)

    def stamp(self, trust: Sequence[Certificate] | None) -> Timestamp | None:
        """Return the time-stamp if it is over the seal, intact and an authority's that is trusted.

        To be asked of a seal that `signer` found intact. ``trust`` None asks nobody who the
        authority is.
        """
        return read_stamp(self.token, self._digest, trust, self.crls) if self.token else None

    def _digest(self, name: str) -> bytes:
        return hashlib.new(name, self.signature.signature).digest()


def read_stamp(
    token: PlainSignature,
    imprint: Callable[[str], bytes],
    trust: Sequence[Certificate] | None,
    crls: Sequence[CertificateRevocationList] = (),
) -> Timestamp | None:
    """Return the time-stamp of a token if it is intact, over this, and an authority's.

    Args:
        token: the whole token.
        imprint: from the name of a digest to that of what was stamped.
        trust: the authorities' roots; None asks nobody who the authority is.
        crls: what is known of the authority's certificates.
    """
    if token.content is None or token.content_type != TST_INFO:
        return None
    info = asn1.decode_der(TstInfo, token.content)
    at = info.at.as_datetime().replace(tzinfo=UTC)
    usage = extension(token.signer, ExtendedKeyUsage)
    holds = (
        info.imprint.digest == imprint(DIGESTS[info.imprint.algorithm.oid].name)
        and token.is_over(hashlib.new(token.digest, token.content).digest())
        and not token.beside
        and usage is not None
        and ExtendedKeyUsageOID.TIME_STAMPING in usage
        and (trust is None or leads_to(trust, token, at, crls))
    )
    return Timestamp(at, token.name) if holds else None


def read_plain_seal(pdf: bytes, file: PlainFile) -> PlainSeal:
    """Return the seal of a file, if the bytes that it is over are all but itself.

    Raises:
        NotPlainError: it is of another form, or over less.
        ValueError: it is not DER.
    """
    start, length, second, rest = file.byte_range
    gap = pdf[length:second]
    if (start, second + rest) != (0, len(pdf)) or gap[:1] + gap[-1:] != b"<>":
        raise NotPlainError("not every byte is covered")
    if not gap[1:-1].isalnum() or bytes.fromhex(gap[1:-1].decode("ascii")) != file.contents:
        raise NotPlainError("the bytes that are left out are not the signature")
    signature = read_signature(_without_padding(file.contents))
    if signature.content is not None or signature.content_type != DATA:
        raise NotPlainError("what is signed stands in the signature")
    beside = dict(signature.beside)
    token = beside.pop(TIMESTAMP_TOKEN, None)
    if beside:
        raise NotPlainError("more than a time-stamp stands beside the signature")
    digest = hashlib.new(signature.digest, memoryview(pdf)[:length])
    digest.update(memoryview(pdf)[second:])
    return PlainSeal(
        signature=signature,
        digest=digest.digest(),
        attachments=file.attachments,
        crls=tuple(map(load_der_x509_crl, file.crls)),
        token=read_signature(asn1.encode_der(token)) if token else None,
    )


def _without_padding(contents: bytes) -> bytes:
    """Return the DER that zeros follow up to the end of the room for it."""
    length, octets = contents[1], 0
    if length & LONG_FORM:
        octets = length ^ LONG_FORM
        length = int.from_bytes(contents[2 : 2 + octets], "big")
    end = 2 + octets + length
    if contents[end:].strip(b"\0"):
        raise NotPlainError("something stands behind the signature")
    return contents[:end]

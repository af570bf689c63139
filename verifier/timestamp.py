"""The time-stamp in a seal (RFC 3161): an authority's word that the seal was there at an instant.

The ledger vouches for the time as well; a time-stamp is the word of somebody else. A seal without
one, as older certificates have it, has the ledger's word alone.
"""

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from asn1crypto import cms, crl, ocsp
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.sign.general import find_cms_attribute_iter
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import (
    extract_certs_for_validation,
    validate_tst_signed_data,
)
from pyhanko.sign.validation.status import TimestampSignatureStatus
from pyhanko_certvalidator import ValidationContext

from verifier.plain import Timestamp
from verifier.verdict import Reason, StepError

DIGESTS = frozenset({"sha256", "sha384", "sha512"})
Imprint: TypeAlias = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Revocations:
    """What authorities said of their certificates, as the file or the registrar keeps it."""

    crls: Sequence[crl.CertificateList] = ()
    ocsps: Sequence[ocsp.OCSPResponse] = ()


NO_REVOCATIONS = Revocations()


def check_timestamp(
    token: cms.SignedData,
    imprint: Imprint,
    *,
    trust: Iterable[Certificate] | None,
    revocations: Revocations = NO_REVOCATIONS,
) -> Timestamp:
    """Check that a token is over these bytes, intact and an authority's that is trusted.

    Args:
        token: the signed data of the token.
        imprint: from the name of a digest to that of what was stamped (`imprint_of`).
        trust: the authorities' roots; None asks nobody who the authority is.
        revocations: what is known of the authority's certificates.

    Raises:
        StepError: TIMESTAMP_FALSE or TIMESTAMP_NOT_TRUSTED.
    """
    stamped = token["encap_content_info"]["content"].parsed
    moment: datetime = stamped["gen_time"].native
    roots = [signer_of(token)] if trust is None else to_asn1(trust)
    context = judging(roots, moment, revocations)
    try:
        found = asyncio.run(validate_tst_signed_data(token, context, imprint))
    except SignatureValidationError as error:
        raise StepError(Reason.TIMESTAMP_FALSE) from error
    status = TimestampSignatureStatus(**found)
    if not (status.intact and status.valid):
        raise StepError(Reason.TIMESTAMP_FALSE)
    if trust is not None and not status.trusted:
        raise StepError(Reason.TIMESTAMP_NOT_TRUSTED, authority=_name(status))
    return Timestamp(moment, _name(status))


def token_of(signer_info: cms.SignerInfo) -> cms.SignedData | None:
    """Return the one time-stamp token beside a signature, or None.

    Raises:
        StepError: TIMESTAMP_FALSE if there are several.
    """
    attributes = signer_info["unsigned_attrs"]
    tokens = list(find_cms_attribute_iter(attributes or None, "signature_time_stamp_token"))
    if len(tokens) > 1:
        raise StepError(Reason.TIMESTAMP_FALSE)
    return tokens[0]["content"] if tokens else None


def to_asn1(certificates: Iterable[Certificate]) -> list[object]:
    """Return certificates as pyHanko reads them."""
    return [
        read
        for certificate in certificates
        for read in load_certs_from_pemder_data(certificate.public_bytes(Encoding.DER))
    ]


def signer_of(token: cms.SignedData) -> object:
    """Return the certificate of who made a token, which its own word alone stands for."""
    return extract_certs_for_validation(token).signer_cert


def judging(
    roots: Sequence[object], moment: datetime, revocations: Revocations
) -> ValidationContext:
    """Return what pyHanko judges a certificate by: these roots and no others, nothing fetched."""
    return ValidationContext(
        trust_roots=roots,
        allow_fetching=False,
        revocation_mode="soft-fail",
        crls=list(revocations.crls),
        ocsps=list(revocations.ocsps),
        moment=moment,
    )


def imprint_of(stamped: bytes) -> Imprint:
    """Return the digests of what was stamped, by name; unsafe ones are refused as false."""

    def digest(name: str) -> bytes:
        if name not in DIGESTS:
            raise StepError(Reason.TIMESTAMP_FALSE)
        return hashlib.new(name, stamped).digest()

    return digest


def _name(status: TimestampSignatureStatus) -> str:
    return str(status.signing_cert.subject.native.get("common_name", ""))

"""Steps 2 and 3, the seal and its issuer: the PAdES signature and the chain of its certificate.

pyHanko checks the CMS and the chain, never fetching anything; the rules that it leaves open are
checked here. Of revocation is known what the file carries, as of its issue. The ledger bounds what
a stolen seal key could do, because a file that it does not list is never VALID.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from cryptography.x509 import Certificate
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.general import NonexistentAttributeError, find_unique_cms_attribute
from pyhanko.sign.validation import EmbeddedPdfSignature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import cms_basic_validation, validate_sig_integrity
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import SignatureStatus

from primitives.canonical_json import instant_text
from verifier.plain import Timestamp
from verifier.timestamp import (
    Revocations,
    check_timestamp,
    imprint_of,
    judging,
    to_asn1,
    token_of,
)
from verifier.verdict import Reason, StepError

SUBFILTER = "/ETSI.CAdES.detached"
DIGESTS = frozenset({"sha256", "sha384", "sha512"})
KEY_USAGE = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"})


def check_seal(signature: EmbeddedPdfSignature) -> str:
    """Check the signature's form and that it is intact; return the signer's name.

    Raises:
        StepError: SEAL_PROFILE or SEAL_BROKEN.
    """
    _require_profile(signature)
    try:
        intact, valid = validate_sig_integrity(
            signature.signer_info,
            signature.signer_cert,
            expected_content_type="data",
            actual_digest=signature.compute_digest(),
        )
    except SignatureValidationError as error:
        raise StepError(Reason.SEAL_BROKEN) from error
    if not (intact and valid):
        raise StepError(Reason.SEAL_BROKEN)
    return str(signature.signer_cert.subject.native.get("common_name", ""))


def check_seal_time(
    signature: EmbeddedPdfSignature,
    *,
    trust: Sequence[Certificate] | None,
    revocations: Revocations,
) -> Timestamp | None:
    """Check the time-stamp beside the seal's signature, if there is one, and return it.

    Raises:
        StepError: TIMESTAMP_FALSE or TIMESTAMP_NOT_TRUSTED.
    """
    token = token_of(signature.signer_info)
    if token is None:
        return None
    value = signature.signer_info["signature"].native
    return check_timestamp(token, imprint_of(value), trust=trust, revocations=revocations)


def check_issuer(
    signature: EmbeddedPdfSignature,
    trust: Sequence[Certificate],
    moment: datetime,
    revocations: Revocations,
) -> None:
    """Check that the seal's certificate leads to a trusted one and was good at ``moment``.

    Raises:
        StepError: SEAL_OUT_OF_TERM, SEAL_REVOKED or ISSUER_NOT_TRUSTED.
    """
    certificate = signature.signer_cert
    if not certificate.not_valid_before <= moment <= certificate.not_valid_after:
        raise StepError(Reason.SEAL_OUT_OF_TERM, moment=instant_text(moment))
    try:
        found = asyncio.run(
            cms_basic_validation(
                signature.signed_data,
                signature.compute_digest(),
                judging(to_asn1(trust), moment, revocations),
                key_usage_settings=KEY_USAGE,
            )
        )
    except SignatureValidationError as error:
        raise StepError(Reason.ISSUER_NOT_TRUSTED) from error
    status = SignatureStatus(**found)
    if status.revoked:
        raise StepError(Reason.SEAL_REVOKED, moment=instant_text(moment))
    if not (status.intact and status.valid and status.trusted):
        raise StepError(Reason.ISSUER_NOT_TRUSTED)


def claimed_time(signature: EmbeddedPdfSignature) -> datetime | None:
    """Return the time at which the seal says it was made; only its own word stands for it."""
    return signature.self_reported_timestamp


def _require_profile(signature: EmbeddedPdfSignature) -> None:
    """Check for a certification signature of PAdES that forbids any change (EN 319 142-1)."""
    catalog = signature.reader.root
    seal = signature.sig_field.raw_get("/V")
    is_certification = "/Perms" in catalog and catalog["/Perms"].raw_get("/DocMDP") == seal
    if not (
        signature.sig_object_type == "/Sig"
        and signature.sig_object.get("/SubFilter") == SUBFILTER
        and signature.md_algorithm in DIGESTS
        and is_certification
        and signature.docmdp_level == MDPPerm.NO_CHANGES
        and _names_its_certificate(signature)
    ):
        raise StepError(Reason.SEAL_PROFILE)


def _names_its_certificate(signature: EmbeddedPdfSignature) -> bool:
    """Say whether the signed attributes hold the signing certificate's hash (RFC 5035).

    Whether it is the right hash is checked with the signature itself.
    """
    try:
        find_unique_cms_attribute(signature.signer_info["signed_attrs"], "signing_certificate_v2")
    except NonexistentAttributeError:
        return False
    return True

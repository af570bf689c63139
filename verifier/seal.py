"""Steps 2 and 3, the seal and its issuer: the PAdES signature and the chain of its certificate.

pyHanko checks the CMS and the chain, never fetching anything; the rules that it leaves open are
checked here. Revocation is not: offline there is nothing to ask. The ledger bounds what a stolen
seal key could do, because a file that it does not list is never VALID.
"""

from collections.abc import Sequence
from datetime import datetime

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.general import NonexistentAttributeError, find_unique_cms_attribute
from pyhanko.sign.validation import EmbeddedPdfSignature, validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext

from primitives.canonical_json import instant_text
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


def check_issuer(
    signature: EmbeddedPdfSignature, trust: Sequence[Certificate], moment: datetime
) -> None:
    """Check that the seal's certificate leads to a trusted one and was in its term at ``moment``.

    Raises:
        StepError: SEAL_OUT_OF_TERM or ISSUER_NOT_TRUSTED.
    """
    certificate = signature.signer_cert
    if not certificate.not_valid_before <= moment <= certificate.not_valid_after:
        raise StepError(Reason.SEAL_OUT_OF_TERM, moment=instant_text(moment))
    context = ValidationContext(
        trust_roots=[root for anchor in trust for root in _to_asn1(anchor)],
        allow_fetching=False,
        revocation_mode="soft-fail",
        moment=moment,
    )
    try:
        status = validate_pdf_signature(
            signature, context, key_usage_settings=KEY_USAGE, skip_diff=True
        )
    except SignatureValidationError as error:
        raise StepError(Reason.ISSUER_NOT_TRUSTED) from error
    if not status.bottom_line:
        raise StepError(Reason.ISSUER_NOT_TRUSTED)


def claimed_time(signature: EmbeddedPdfSignature) -> datetime | None:
    """Return the time at which the seal says it was made; only its own word stands for it."""
    return signature.self_reported_timestamp


def _require_profile(signature: EmbeddedPdfSignature) -> None:
    """Check for a certification signature PAdES B-B that forbids any change (EN 319 142-1)."""
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


def _to_asn1(certificate: Certificate) -> list[object]:
    return list(load_certs_from_pemder_data(certificate.public_bytes(Encoding.DER)))

"""The second signature of a certificate's file: detached CMS (RFC 5652) with SM2 and SM3.

Entry point: `check_sm2_signature`. It is information beside the verdict and never a part of it.
Only the form that the register writes is known: one signer, whose certificate stands in the
signature, and exactly four signed attributes. When it was signed is the signer's own word.
Revocation is not looked at.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from asn1crypto import cms, x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate

from primitives.canonical_json import JsonObject, instant_text
from primitives.digests import sm3
from verifier.sm2 import is_signed
from verifier.verdict import StepOutcome

SM2_CURVE = "1.2.156.10197.1.301"
SM3 = "1.2.156.10197.1.401"
SM2_WITH_SM3 = "1.2.156.10197.1.501"
"""GM/T 0006-2012; the last is what OpenSSL writes into certificates too."""

SIGNED_ATTRIBUTES = ("content_type", "message_digest", "signing_certificate_v2", "signing_time")
CRITICAL_UNDERSTOOD = {"basic_constraints", "key_usage", "extended_key_usage"}
SET = b"\x31"
MAX_SIGNATURE_BYTES = 64 * 1024
MAX_CERTIFICATES = 5


class Sm2Reason(StrEnum):
    """Why a signature does not hold; the sentences stand in verifier/messages.py."""

    UNREADABLE = "SM2_UNREADABLE"
    PROFILE = "SM2_PROFILE"
    OTHER_FILE = "SM2_OTHER_FILE"
    BROKEN = "SM2_BROKEN"
    SIGNER_NOT_TRUSTED = "SM2_SIGNER_NOT_TRUSTED"
    OUT_OF_TERM = "SM2_OUT_OF_TERM"


UNDECIDED = {Sm2Reason.UNREADABLE, Sm2Reason.PROFILE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sm2Finding:
    """What was found of a signature.

    Attributes:
        reason: why it does not hold; None if it does.
        signer: the name in the signer's certificate, once that could be read.
        signed_at: when the signer says that it signed.
    """

    reason: Sm2Reason | None = None
    signer: str = ""
    signed_at: datetime | None = None

    @property
    def outcome(self) -> StepOutcome:
        """PASSED, FAILED, or NOT_CHECKED if its form is not known."""
        if self.reason is None:
            return StepOutcome.PASSED
        return StepOutcome.NOT_CHECKED if self.reason in UNDECIDED else StepOutcome.FAILED

    def to_json(self) -> JsonObject:
        """Return the finding as data."""
        return {
            "outcome": self.outcome.value,
            "reason": self.reason.value if self.reason else None,
            "signer": self.signer,
            "signed_at": instant_text(self.signed_at) if self.signed_at else None,
        }


def check_sm2_signature(
    signature: bytes, digest: bytes, *, trust: Sequence[Certificate]
) -> Sm2Finding:
    """Return whether ``signature`` holds over the file and leads to a certificate of ``trust``.

    Args:
        signature: the ``.p7s``, DER.
        digest: the file's SM3, 32 bytes.
        trust: the authorities that may have issued the signer's certificate.
    """
    if len(signature) > MAX_SIGNATURE_BYTES:
        return Sm2Finding(reason=Sm2Reason.UNREADABLE)
    try:
        return _check(signature, digest, trust)
    except Exception:  # noqa: BLE001 # what is no signature raises exceptions of many classes
        return Sm2Finding(reason=Sm2Reason.UNREADABLE)


class _FoundError(Exception):
    def __init__(self, reason: Sm2Reason) -> None:
        self.reason = reason
        super().__init__(reason)


def _check(signature: bytes, digest: bytes, trust: Sequence[Certificate]) -> Sm2Finding:
    content = cms.ContentInfo.load(signature, strict=True)
    signed = content["content"]
    if content["content_type"].native != "signed_data" or not _is_of_profile(signed):
        return Sm2Finding(reason=Sm2Reason.PROFILE)
    (info,) = signed["signer_infos"]
    attributes = {
        attribute["type"].native: attribute["values"][0] for attribute in info["signed_attrs"]
    }
    certificates = [choice.chosen for choice in signed["certificates"]]
    signer = _signer(info, certificates)
    if signer is None:
        return Sm2Finding(reason=Sm2Reason.PROFILE)
    signed_at: datetime = attributes["signing_time"].native
    reason = None
    try:
        _require_signed(info, attributes, signer, digest)
        anchors = [
            x509.Certificate.load(certificate.public_bytes(Encoding.DER)) for certificate in trust
        ]
        _require_trusted(signer, certificates, anchors, signed_at)
    except _FoundError as error:
        reason = error.reason
    name = str(signer.subject.native.get("common_name", ""))
    return Sm2Finding(reason=reason, signer=name, signed_at=signed_at)


def _is_of_profile(signed: cms.SignedData) -> bool:
    encapsulated = signed["encap_content_info"]
    if (
        encapsulated["content_type"].native != "data"
        or encapsulated["content"].native is not None
        or len(signed["signer_infos"]) != 1
        or not 0 < len(signed["certificates"]) <= MAX_CERTIFICATES
        or any(choice.name != "certificate" for choice in signed["certificates"])
    ):
        return False
    (info,) = signed["signer_infos"]
    attributes = list(info["signed_attrs"])
    return (
        signed["version"].native == info["version"].native == "v1"
        and _is(info["digest_algorithm"], SM3)
        and _is(info["signature_algorithm"], SM2_WITH_SM3)
        and [_is(algorithm, SM3) for algorithm in signed["digest_algorithms"]] == [True]
        and sorted(attribute["type"].native for attribute in attributes) == [*SIGNED_ATTRIBUTES]
        and all(len(attribute["values"]) == 1 for attribute in attributes)
        # Nobody has signed these.
        and info["unsigned_attrs"].native is None
    )


def _is(algorithm: Any, identifier: str) -> bool:  # noqa: ANN401 # asn1crypto ships no types
    """Say whether it is this algorithm, without parameters or with NULL for them."""
    return algorithm["algorithm"].dotted == identifier and algorithm["parameters"].native is None


def _signer(
    info: cms.SignerInfo, certificates: Sequence[x509.Certificate]
) -> x509.Certificate | None:
    if info["sid"].name != "issuer_and_serial_number":
        return None
    named = info["sid"].chosen
    found = [
        certificate
        for certificate in certificates
        if certificate.issuer.dump() == named["issuer"].dump()
        and certificate.serial_number == named["serial_number"].native
    ]
    return found[0] if len(found) == 1 else None


def _require_signed(
    info: cms.SignerInfo, attributes: dict[str, Any], signer: x509.Certificate, digest: bytes
) -> None:
    """Check the signature and what its attributes say (RFC 5652, 5.4 and 11; RFC 5035, 3)."""
    # What is signed is the attributes as a SET, not under their tag.
    data = SET + info["signed_attrs"].dump()[1:]
    (named,) = attributes["signing_certificate_v2"]["certs"]
    usage = signer.key_usage_value
    if not (
        attributes["content_type"].native == "data"
        and _is_signed_by(signer, data, info["signature"].native)
        and _is(named["hash_algorithm"], SM3)
        and named["cert_hash"].native == sm3(signer.dump())
        and usage is not None
        and "digital_signature" in usage.native
    ):
        raise _FoundError(Sm2Reason.BROKEN)
    if attributes["message_digest"].native != digest:
        raise _FoundError(Sm2Reason.OTHER_FILE)


def _require_trusted(
    signer: x509.Certificate,
    others: Sequence[x509.Certificate],
    anchors: Sequence[x509.Certificate],
    moment: datetime,
) -> None:
    """Walk from the signer's certificate up to one that is trusted, each in its term."""
    certificate = signer
    for below in range(MAX_CERTIFICATES):
        _require_in_term(certificate, moment)
        if anchor := _issuer_of(certificate, anchors, below):
            _require_in_term(anchor, moment)
            return
        issuer = _issuer_of(certificate, others, below)
        if issuer is None:
            break
        certificate = issuer
    raise _FoundError(Sm2Reason.SIGNER_NOT_TRUSTED)


def _require_in_term(certificate: x509.Certificate, moment: datetime) -> None:
    if not certificate.not_valid_before <= moment <= certificate.not_valid_after:
        raise _FoundError(Sm2Reason.OUT_OF_TERM)


def _issuer_of(
    certificate: x509.Certificate, among: Iterable[x509.Certificate], below: int
) -> x509.Certificate | None:
    """Return who issued the certificate and may have, with ``below`` authorities beneath it."""
    tbs = certificate["tbs_certificate"]
    if not (
        certificate.critical_extensions <= CRITICAL_UNDERSTOOD
        and _is(certificate["signature_algorithm"], SM2_WITH_SM3)
        and _is(tbs["signature"], SM2_WITH_SM3)
    ):
        return None
    for issuer in among:
        if (
            issuer.subject.dump() == certificate.issuer.dump()
            and _may_certify(issuer, below)
            and _is_signed_by(issuer, tbs.dump(), certificate["signature_value"].native)
        ):
            return issuer
    return None


def _may_certify(issuer: x509.Certificate, below: int) -> bool:
    usage, length = issuer.key_usage_value, issuer.max_path_length
    return (
        issuer.ca
        and (usage is None or "key_cert_sign" in usage.native)
        and (length is None or below <= length)
    )


def _is_signed_by(certificate: x509.Certificate, data: bytes, signature: bytes) -> bool:
    key = certificate.public_key
    algorithm = key["algorithm"]
    if algorithm["algorithm"].native != "ec" or algorithm["parameters"].name != "named":
        return False
    if algorithm["parameters"].chosen.dotted != SM2_CURVE:
        return False
    return is_signed(data, signature, key["public_key"].native)

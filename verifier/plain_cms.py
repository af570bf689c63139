"""CMS signatures and chains of certificates of the plain kind: few algorithms, nothing optional.

Parsed and checked by `cryptography`'s own code. Entry points: `read_signature` and `leads_to`. They
say yes where every check of RFC 5652, RFC 5035 and RFC 5280 is made and holds; what they refuse,
or do not know, pyHanko judges and names (`verifier.seal`, `verifier.timestamp`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.x509 import (
    AuthorityKeyIdentifier,
    BasicConstraints,
    Certificate,
    CertificateRevocationList,
    CRLDistributionPoints,
    ExtensionNotFound,
    ExtensionType,
    KeyUsage,
    ObjectIdentifier,
    SubjectKeyIdentifier,
)
from cryptography.x509.oid import ExtensionOID, NameOID, SignatureAlgorithmOID

from verifier.plainness import NotPlainError

DATA = ObjectIdentifier("1.2.840.113549.1.7.1")
SIGNED_DATA = ObjectIdentifier("1.2.840.113549.1.7.2")
CONTENT_TYPE = ObjectIdentifier("1.2.840.113549.1.9.3")
MESSAGE_DIGEST = ObjectIdentifier("1.2.840.113549.1.9.4")
SIGNING_TIME = ObjectIdentifier("1.2.840.113549.1.9.5")
SIGNING_CERTIFICATE = ObjectIdentifier("1.2.840.113549.1.9.16.2.47")
NEEDED = frozenset({CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_CERTIFICATE})
DIGESTS: Mapping[ObjectIdentifier, HashAlgorithm] = {
    ObjectIdentifier("2.16.840.1.101.3.4.2.1"): SHA256(),
    ObjectIdentifier("2.16.840.1.101.3.4.2.2"): SHA384(),
    ObjectIdentifier("2.16.840.1.101.3.4.2.3"): SHA512(),
}
RSA_SIGNATURES: Mapping[ObjectIdentifier, HashAlgorithm] = {
    SignatureAlgorithmOID.RSA_WITH_SHA256: SHA256(),
    SignatureAlgorithmOID.RSA_WITH_SHA384: SHA384(),
    SignatureAlgorithmOID.RSA_WITH_SHA512: SHA512(),
}
EC_SIGNATURES: Mapping[ObjectIdentifier, HashAlgorithm] = {
    SignatureAlgorithmOID.ECDSA_WITH_SHA256: SHA256(),
    SignatureAlgorithmOID.ECDSA_WITH_SHA384: SHA384(),
    SignatureAlgorithmOID.ECDSA_WITH_SHA512: SHA512(),
}
SIGNATURES = {**RSA_SIGNATURES, **EC_SIGNATURES}
MIN_RSA_BITS = 2048
MAX_CHAIN = 5
# Those that cannot narrow what a chain may be used for, and those that are checked here.
KNOWN_EXTENSIONS = frozenset(
    {
        ExtensionOID.AUTHORITY_INFORMATION_ACCESS,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
    }
)
KNOWN_CRL_EXTENSIONS = frozenset({ExtensionOID.AUTHORITY_KEY_IDENTIFIER, ExtensionOID.CRL_NUMBER})


ExtensionT = TypeVar("ExtensionT", bound=ExtensionType)


@asn1.sequence
class Algorithm:
    """AlgorithmIdentifier without parameters that mean anything."""

    oid: ObjectIdentifier
    parameters: asn1.Null | None


@asn1.sequence
class _Attribute:
    oid: ObjectIdentifier
    values: asn1.SetOf[asn1.TLV]


@asn1.sequence
class _IssuerAndSerial:
    issuer: asn1.TLV
    serial: int


@asn1.sequence
class _SignerInfo:
    version: int
    signer: _IssuerAndSerial
    digest: Algorithm
    signed: Annotated[asn1.SetOf[_Attribute], asn1.Implicit(0)]
    algorithm: Algorithm
    signature: bytes
    unsigned: Annotated[asn1.SetOf[_Attribute] | None, asn1.Implicit(1)]


@asn1.sequence
class _Content:
    oid: ObjectIdentifier
    content: Annotated[bytes | None, asn1.Explicit(0)]


@asn1.sequence
class _SignedData:
    version: int
    digests: asn1.SetOf[Algorithm]
    content: _Content
    certificates: Annotated[asn1.SetOf[Certificate], asn1.Implicit(0)]
    signers: asn1.SetOf[_SignerInfo]


@asn1.sequence
class _ContentInfo:
    oid: ObjectIdentifier
    signed: Annotated[_SignedData, asn1.Explicit(0)]


@asn1.sequence
class _CertificateId:
    """ESSCertIDv2 with SHA-256, its default, and without the issuer's name, which says no more."""

    digest: bytes


@asn1.sequence
class _SigningCertificate:
    certificates: list[_CertificateId]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainSignature:
    """A signature, parsed; only its form has been checked.

    Attributes:
        content_type: of what is signed.
        content: what is signed, if it stands in the signature.
        signer: the certificate that the signature names.
        certificates: all that it carries.
        digest: the name of the hash of what is signed, which is that of the signature as well.
        beside: the unsigned attributes, each with its one value.
    """

    content_type: ObjectIdentifier
    content: bytes | None
    signer: Certificate
    certificates: tuple[Certificate, ...]
    digest: str
    algorithm: ObjectIdentifier
    attributes: Mapping[ObjectIdentifier, asn1.TLV]
    signed_bytes: bytes
    signature: bytes
    beside: Mapping[ObjectIdentifier, asn1.TLV]

    def is_over(self, digest: bytes) -> bool:
        """Say whether the signer signed what has this digest, and as the signer that it is."""
        named = self.attributes[SIGNING_CERTIFICATE].parse(_SigningCertificate).certificates[0]
        stated = (
            self.attributes[CONTENT_TYPE].parse(ObjectIdentifier),
            self.attributes[MESSAGE_DIGEST].parse(bytes),
            named.digest,
        )
        fingerprint = self.signer.fingerprint(SHA256())
        return stated == (self.content_type, digest, fingerprint) and _is_signature(
            self.signer.public_key(), self.algorithm, self.signature, self.signed_bytes
        )

    @property
    def name(self) -> str:
        """The signer's common name."""
        names = self.signer.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        (name,) = names
        return str(name.value)


def read_signature(der: bytes) -> PlainSignature:
    """Parse ContentInfo with SignedData of one signer, who is named by issuer and number.

    Raises:
        NotPlainError: it is of another form.
        ValueError: it is not DER.
    """
    info = asn1.decode_der(_ContentInfo, der)
    (signer,) = info.signed.signers.as_list()
    certificates = tuple(info.signed.certificates.as_list())
    attributes, beside = _by_type(signer.signed), _by_type(signer.unsigned)
    if info.oid != SIGNED_DATA or not NEEDED <= attributes.keys() <= NEEDED | {SIGNING_TIME}:
        raise NotPlainError("other attributes are signed")
    hashed = DIGESTS[signer.digest.oid]
    if hashed.name != SIGNATURES[signer.algorithm.oid].name:
        raise NotPlainError("two digests")
    return PlainSignature(
        content_type=info.signed.content.oid,
        content=info.signed.content.content,
        signer=_named(signer.signer, certificates),
        certificates=certificates,
        digest=hashed.name,
        algorithm=signer.algorithm.oid,
        attributes=attributes,
        signed_bytes=asn1.encode_der(signer.signed),
        signature=signer.signature,
        beside=beside,
    )


def leads_to(
    roots: Sequence[Certificate],
    signature: PlainSignature,
    moment: datetime,
    crls: Iterable[CertificateRevocationList],
) -> bool:
    """Say whether the signer's certificate leads to a root, each on the way good at ``moment``.

    Every certificate below the root must be in its term and, where it says that there are lists of
    revoked ones, be on none: then one of its issuer must be among ``crls`` and hold at ``moment``.
    """
    lists = tuple(crls)
    certificate = signature.signer
    if certificate in roots:
        # pyHanko asks less of a root that signs itself.
        return False
    for below in range(MAX_CHAIN):
        issuer = _issuer(certificate, (*roots, *signature.certificates), below)
        if issuer is None or not _is_good(certificate, issuer, moment, lists):
            return False
        if issuer in roots:
            return True
        certificate = issuer
    return False


def extension(certificate: Certificate, kind: type[ExtensionT]) -> ExtensionT | None:
    """Return a certificate's extension of a kind, or None."""
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except ExtensionNotFound:
        return None


def _by_type(attributes: asn1.SetOf[_Attribute] | None) -> Mapping[ObjectIdentifier, asn1.TLV]:
    """Return attributes with the one value that each must have."""
    found: dict[ObjectIdentifier, asn1.TLV] = {}
    for attribute in attributes.as_list() if attributes else []:
        (value,) = attribute.values.as_list()
        if found.setdefault(attribute.oid, value) is not value:
            raise NotPlainError("an attribute stands twice")
    return found


def _named(signer: _IssuerAndSerial, certificates: Iterable[Certificate]) -> Certificate:
    issuer = asn1.encode_der(signer.issuer)
    (found,) = (
        certificate
        for certificate in certificates
        if certificate.serial_number == signer.serial
        and certificate.issuer.public_bytes() == issuer
    )
    return found


def _is_signature(
    key: CertificatePublicKeyTypes, algorithm: ObjectIdentifier, signature: bytes, signed: bytes
) -> bool:
    """Say whether the key signed the bytes by an algorithm that is known here."""
    try:
        if isinstance(key, RSAPublicKey) and key.key_size >= MIN_RSA_BITS:
            key.verify(signature, signed, PKCS1v15(), RSA_SIGNATURES[algorithm])
        elif isinstance(key, EllipticCurvePublicKey):
            key.verify(signature, signed, ECDSA(EC_SIGNATURES[algorithm]))
        else:
            return False
    except (InvalidSignature, KeyError):
        return False
    return True


def _issuer(
    certificate: Certificate, candidates: Iterable[Certificate], below: int
) -> Certificate | None:
    """Return the first candidate that may have issued a certificate and signed it.

    ``below`` is how many authorities stand between the candidate and the signer.
    """
    authority = extension(certificate, AuthorityKeyIdentifier)
    for candidate in candidates:
        if candidate.subject != certificate.issuer or candidate == certificate:
            continue
        key = extension(candidate, SubjectKeyIdentifier)
        names_another = authority and key and authority.key_identifier != key.digest
        constraints, usage = (extension(candidate, kind) for kind in (BasicConstraints, KeyUsage))
        if (
            not names_another
            and isinstance(constraints, BasicConstraints)
            and constraints.ca
            and (constraints.path_length is None or constraints.path_length >= below)
            and isinstance(usage, KeyUsage)
            and usage.key_cert_sign
            and _is_signature(
                candidate.public_key(),
                certificate.signature_algorithm_oid,
                certificate.signature,
                certificate.tbs_certificate_bytes,
            )
        ):
            return candidate
    return None


def _is_good(
    certificate: Certificate,
    issuer: Certificate,
    moment: datetime,
    crls: Iterable[CertificateRevocationList],
) -> bool:
    known = {one.oid for one in certificate.extensions} <= KNOWN_EXTENSIONS
    in_term = certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc
    authority = extension(certificate, AuthorityKeyIdentifier)
    return (
        known
        and in_term
        and not (authority and authority.authority_cert_issuer)
        and (
            extension(certificate, CRLDistributionPoints) is None
            or any(_clears(crl, certificate, issuer, moment) for crl in crls)
        )
    )


def _clears(
    crl: CertificateRevocationList, certificate: Certificate, issuer: Certificate, moment: datetime
) -> bool:
    """Say whether a list of the certificate's issuer holds at ``moment`` and lacks it."""
    usage = extension(issuer, KeyUsage)
    return (
        crl.issuer == issuer.subject
        and {one.oid for one in crl.extensions} <= KNOWN_CRL_EXTENSIONS
        and crl.next_update_utc is not None
        and crl.last_update_utc <= moment <= crl.next_update_utc
        and usage is not None
        and usage.crl_sign
        and crl.signature_algorithm_oid in SIGNATURES
        and crl.is_signature_valid(issuer.public_key())  # type: ignore[arg-type] # checked above
        and crl.get_revoked_certificate_by_serial_number(certificate.serial_number) is None
    )

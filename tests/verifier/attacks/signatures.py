"""How an attacker makes another signature: a certificate of its own making, or other CMS."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from certificates.development_pki import CA_NAME, SEAL_NAME, DevelopmentPki
from tests.verifier.attacks.editing import contents_of


def own_certificate(
    pki: DevelopmentPki,
    *,
    until: datetime = datetime(2040, 1, 1, tzinfo=UTC),
    address: str | None = None,
) -> DevelopmentPki:
    """Return the authorities with a seal of the true names that its own key certified.

    ``address`` is where it says that issuers, answers and lists are to be had.
    """
    key = generate_private_key(SECP256R1())
    subject, issuer = (
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in (SEAL_NAME, CA_NAME)
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(until)
    )
    for extension in _pointing_to(address) if address else ():
        builder = builder.add_extension(extension, critical=False)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    chain = builder.sign(key, SHA256()).public_bytes(Encoding.PEM)
    return replace(pki, seal_key_pem=pem, seal_chain_pem=chain)


def with_other_cms(pdf: bytes, change: Callable[[cms.SignedData], None]) -> bytes:
    """Return the file with its signature changed, which no digest covers."""
    start, end = contents_of(pdf)
    signature = cms.ContentInfo.load(bytes.fromhex(pdf[start:end].decode("ascii")))
    change(signature["content"])
    digits = bytes(signature.dump()).hex().encode()
    assert len(digits) <= end - start
    return pdf[:start] + digits.ljust(end - start, b"0") + pdf[end:]


def signer_info(signed: cms.SignedData) -> cms.SignerInfo:
    return signed["signer_infos"][0]


def signed_data_of(pdf: bytes) -> cms.SignedData:
    start, end = contents_of(pdf)
    return cms.ContentInfo.load(bytes.fromhex(pdf[start:end].decode("ascii")))["content"]


def _pointing_to(address: str) -> list[x509.ExtensionType]:
    where = x509.UniformResourceIdentifier(address)
    return [
        x509.AuthorityInformationAccess(
            [
                x509.AccessDescription(AuthorityInformationAccessOID.OCSP, where),
                x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, where),
            ]
        ),
        x509.CRLDistributionPoints([x509.DistributionPoint([where], None, None, None)]),
    ]

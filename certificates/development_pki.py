"""An example certification authority and seal certificate, made on first run.

Pure. Entry point: `ensure_development_pki`. The names say plainly what it is: nobody licensed it.
The profile is the one that PDF readers accept for document signatures, so that what is tested here
is what production needs of a licensed authority.
"""

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

COUNTRY = "CN"
# X.509 allows 64 bytes of UTF-8 in each.
ORGANISATION = "示例 EXAMPLE - NOT A LICENSED CA"
CA_NAME = "示例根证书 EXAMPLE ROOT CA - NOT A LICENSED CA"
SEAL_NAME = "示例登记机构电子签章 EXAMPLE SEAL - NO LEGAL EFFECT"

PUBLIC_EXPONENT = 65537
KEY_BITS = 3072
# Fixed, because a demonstration register holds acts of past years and their seals must verify.
VALID_FROM = datetime(2020, 1, 1, tzinfo=UTC)
VALID_TO = datetime(2049, 12, 31, tzinfo=UTC)

DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336
ADOBE_AUTHENTIC_DOCUMENTS = x509.ObjectIdentifier("1.2.840.113583.1.1.5")

KEY_FILE = "seal_key.pem"
CHAIN_FILE = "seal_chain.pem"
TRUST_FILE = "trust.pem"


@dataclass(frozen=True, slots=True, kw_only=True)
class DevelopmentPki:
    """The seal's key, the chain that goes into its signatures and what verifiers trust, as PEM."""

    seal_key_pem: bytes
    seal_chain_pem: bytes
    trust_pem: str

    @classmethod
    def read(cls, directory: Path) -> Self:
        """Read what `ensure_development_pki` made.

        Raises:
            OSError: a file is missing or cannot be read.
        """
        return cls(
            seal_key_pem=(directory / KEY_FILE).read_bytes(),
            seal_chain_pem=(directory / CHAIN_FILE).read_bytes(),
            trust_pem=(directory / TRUST_FILE).read_text(encoding="ascii"),
        )

    def __repr__(self) -> str:
        return "DevelopmentPki()"  # the key must not reach a log


def ensure_development_pki(directory: Path) -> DevelopmentPki:
    """Return the example CA and seal of ``directory``; make them if it is missing or empty.

    The folder appears whole or not at all, so that two processes may start at once and a crash
    leaves nothing half made. The CA's own key signs once and is never stored.

    Raises:
        OSError: the folder cannot be made, or holds something else.
    """
    if not (directory / TRUST_FILE).exists():
        directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=directory.parent) as temporary:
            made = Path(temporary) / directory.name
            _make(made)
            _move_unless_there(made, directory)
    return DevelopmentPki.read(directory)


def _move_unless_there(made: Path, directory: Path) -> None:
    try:
        made.rename(directory)
    except OSError:
        # Another process was faster; its set is as good as ours.
        if not (directory / TRUST_FILE).exists():
            raise


def _make(directory: Path) -> None:
    ca_key, seal_key = _new_key(), _new_key()
    ca = _ca_certificate(ca_key)
    seal = _seal_certificate(seal_key, ca, ca_key)
    key_pem = seal_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    directory.mkdir(mode=0o700)
    _write(directory / KEY_FILE, key_pem)
    _write(directory / CHAIN_FILE, seal.public_bytes(Encoding.PEM))
    _write(directory / TRUST_FILE, ca.public_bytes(Encoding.PEM))


def _new_key() -> RSAPrivateKey:
    return generate_private_key(PUBLIC_EXPONENT, KEY_BITS)


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, COUNTRY),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _builder(subject: str, key: RSAPrivateKey) -> x509.CertificateBuilder:
    public_key = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(CA_NAME))
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(VALID_FROM)
        .not_valid_after(VALID_TO)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _ca_certificate(key: RSAPrivateKey) -> x509.Certificate:
    return (
        _builder(CA_NAME, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(ca=True), critical=True)
        .sign(key, SHA256())
    )


def _seal_certificate(
    key: RSAPrivateKey, ca: x509.Certificate, ca_key: RSAPrivateKey
) -> x509.Certificate:
    issuer = ca.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    purposes = [
        ExtendedKeyUsageOID.EMAIL_PROTECTION,
        DOCUMENT_SIGNING,
        ADOBE_AUTHENTIC_DOCUMENTS,
    ]
    return (
        _builder(SEAL_NAME, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(ca=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer), critical=False
        )
        .sign(ca_key, SHA256())
    )


def _key_usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=not ca,  # the newer name of nonRepudiation
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


def _write(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)

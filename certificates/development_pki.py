"""Example authorities, the seal's certificate, a time-stamp authority's and paper keys.

Pure. Entry points: `ensure_development_pki`, `ensure_paper_key`; each makes what is not there yet.
The names say plainly what they are: nobody licensed them. The profiles are those that PDF readers
accept for signatures and time-stamps, so that what is tested here is what production needs of
licensed authorities. Each root says once, in a list that holds to its own end, that it revoked
nothing.
"""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec_key
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from primitives.durable_files import create_durably

COUNTRY = "CN"
# X.509 allows 64 bytes of UTF-8 in each.
ORGANISATION = "示例 EXAMPLE - NOT A LICENSED CA"
CA_NAME = "示例根证书 EXAMPLE ROOT CA - NOT A LICENSED CA"
SEAL_NAME = "示例登记机构电子签章 EXAMPLE SEAL - NO LEGAL EFFECT"
TSA_ROOT_NAME = "示例时间戳根证书 EXAMPLE TSA ROOT - NOT LICENSED"
TSA_NAME = "示例时间戳机构 EXAMPLE TIME-STAMP AUTHORITY"

PUBLIC_EXPONENT = 65537
KEY_BITS = 3072
# Fixed, because a demonstration register holds acts of past years and their seals must verify.
VALID_FROM = datetime(2020, 1, 1, tzinfo=UTC)
VALID_TO = datetime(2049, 12, 31, tzinfo=UTC)

DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336
ADOBE_AUTHENTIC_DOCUMENTS = x509.ObjectIdentifier("1.2.840.113583.1.1.5")
_SEAL_PURPOSES = (
    ExtendedKeyUsageOID.EMAIL_PROTECTION,
    DOCUMENT_SIGNING,
    ADOBE_AUTHENTIC_DOCUMENTS,
)

KEY_FILE = "seal_key.pem"
CHAIN_FILE = "seal_chain.pem"
CRL_FILE = "seal_crl.der"
TRUST_FILE = "trust.pem"
TSA_KEY_FILE = "tsa_key.pem"
TSA_CHAIN_FILE = "tsa_chain.pem"
TSA_CRL_FILE = "tsa_crl.der"
TSA_TRUST_FILE = "tsa_trust.pem"
PAPER_KEY_FILE = "paper_key_{kid}.pem"

Key: TypeAlias = RSAPrivateKey | EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class DevelopmentPki:
    """The keys, the chains that go into signatures, and what verifiers trust.

    Attributes:
        seal_key_pem, seal_chain_pem, trust_pem: the registrar's seal and its root.
        tsa_key_pem, tsa_chain_pem, tsa_trust_pem: the time-stamp authority and its root.
        crls: what the two roots revoked, as DER.
    """

    seal_key_pem: bytes
    seal_chain_pem: bytes
    trust_pem: str
    tsa_key_pem: bytes
    tsa_chain_pem: bytes
    tsa_trust_pem: str
    crls: tuple[bytes, ...]

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
            tsa_key_pem=(directory / TSA_KEY_FILE).read_bytes(),
            tsa_chain_pem=(directory / TSA_CHAIN_FILE).read_bytes(),
            tsa_trust_pem=(directory / TSA_TRUST_FILE).read_text(encoding="ascii"),
            crls=tuple((directory / name).read_bytes() for name in (CRL_FILE, TSA_CRL_FILE)),
        )

    def __repr__(self) -> str:
        return "DevelopmentPki()"  # the key must not reach a log


def ensure_development_pki(directory: Path) -> DevelopmentPki:
    """Return the example CA and seal of ``directory``; make them if it is missing or empty.

    The folder appears whole or not at all, so that two processes may start at once and a crash
    leaves nothing half made. The roots' own keys sign once and are never stored.

    Raises:
        OSError: the folder cannot be made, or holds something else, or what an older release made:
            move that away, and keep its trust file for what was sealed under it.
    """
    ensure_folder(directory, TRUST_FILE, _make)
    try:
        return DevelopmentPki.read(directory)
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"{directory} was made by an older release and lacks {Path(error.filename).name}: move"
            " it away, so that a new one is made; its trust.pem verifies what was sealed under it"
        ) from error


def ensure_paper_key(directory: Path, year: int) -> None:
    """Make the key that signs the QR codes of a year, beside the seal's, unless there is one.

    Raises:
        OSError: it cannot be written.
    """
    path = directory / PAPER_KEY_FILE.format(kid=year)
    if path.exists():
        return
    ensure_development_pki(directory)
    # Another process may be faster; its key is as good as ours.
    with suppress(FileExistsError):
        create_durably(path, _key_pem(generate_ec_key(SECP256R1())))


def ensure_folder(directory: Path, mark: str, make: Callable[[Path], None]) -> None:
    """Let ``make`` fill a folder, unless it is there with the file ``mark``; whole or not at all.

    Raises:
        OSError: the folder cannot be made, or holds something else.
    """
    if (directory / mark).exists():
        return
    directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory.parent) as temporary:
        made = Path(temporary) / directory.name
        make(made)
        try:
            made.rename(directory)
        except OSError:
            # Another process was faster; its set is as good as ours.
            if not (directory / mark).exists():
                raise


def _make(directory: Path) -> None:
    seal_key = generate_private_key(PUBLIC_EXPONENT, KEY_BITS)
    tsa_key = generate_ec_key(SECP256R1())
    ca, tsa_root = _Authority.make(CA_NAME), _Authority.make(TSA_ROOT_NAME)
    seal = ca.certify(SEAL_NAME, seal_key, _SEAL_PURPOSES, is_critical=False)
    tsa = tsa_root.certify(TSA_NAME, tsa_key, [ExtendedKeyUsageOID.TIME_STAMPING], is_critical=True)
    directory.mkdir(mode=0o700)
    for name, content in (
        (KEY_FILE, _key_pem(seal_key)),
        (CHAIN_FILE, seal.public_bytes(Encoding.PEM)),
        (CRL_FILE, ca.revoke_nothing()),
        (TSA_KEY_FILE, _key_pem(tsa_key)),
        (TSA_CHAIN_FILE, tsa.public_bytes(Encoding.PEM)),
        (TSA_CRL_FILE, tsa_root.revoke_nothing()),
        (TSA_TRUST_FILE, tsa_root.certificate.public_bytes(Encoding.PEM)),
        (TRUST_FILE, ca.certificate.public_bytes(Encoding.PEM)),
    ):
        _write(directory / name, content)


@dataclass(frozen=True, slots=True)
class _Authority:
    """A root with its key."""

    certificate: x509.Certificate
    key: RSAPrivateKey

    @classmethod
    def make(cls, name: str) -> Self:
        key = generate_private_key(PUBLIC_EXPONENT, KEY_BITS)
        certificate = (
            _builder(name, key, issuer=name)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(ca=True), critical=True)
            .sign(key, SHA256())
        )
        return cls(certificate, key)

    def certify(
        self,
        name: str,
        key: Key,
        purposes: Sequence[x509.ObjectIdentifier],
        *,
        is_critical: bool,
    ) -> x509.Certificate:
        """Return a certificate for ``key``; a time-stamp authority's purpose is critical."""
        issuer = str(self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
        return (
            _builder(name, key, issuer=issuer)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(ca=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(purposes), critical=is_critical)
            .add_extension(self._own_identifier(), critical=False)
            .sign(self.key, SHA256())
        )

    def revoke_nothing(self) -> bytes:
        """Return an empty revocation list (RFC 5280, 5) as DER."""
        revoked = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(VALID_FROM)
            .next_update(VALID_TO)
            .add_extension(x509.CRLNumber(1), critical=False)
            .add_extension(self._own_identifier(), critical=False)
            .sign(self.key, SHA256())
        )
        return revoked.public_bytes(Encoding.DER)

    def _own_identifier(self) -> x509.AuthorityKeyIdentifier:
        identifier = self.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier.value)


def _key_pem(key: Key) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, COUNTRY),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _builder(subject: str, key: Key, *, issuer: str) -> x509.CertificateBuilder:
    public_key = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(VALID_FROM)
        .not_valid_after(VALID_TO)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
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

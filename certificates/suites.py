"""Who signs and with which algorithms: the seam behind which a key in a file or in hardware stands.

Pure. Entry points: `SignatureSuite`, `key_file_suite`. A suite knows its certificates and makes raw
signatures; the forms of signatures around them (`certificates.cms`) know no key. The suite of a key
in hardware is `certificates.hardware`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ec import (
    EllipticCurvePrivateKey as EcKey,
)
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from drawing.seal import UnsealedError

RSA_WITH_SHA256 = "sha256_rsa"
ECDSA_WITH_SHA256 = "sha256_ecdsa"


class SealingError(UnsealedError):
    """The file could not be sealed; nothing was issued."""


@dataclass(frozen=True, slots=True)
class DigestAlgorithm:
    """A digest.

    Attributes:
        identifier: as asn1crypto names it, or an object identifier that it does not know.
        of: the digest of bytes, as bytes.
    """

    identifier: str
    of: Callable[[bytes], bytes] = field(repr=False)


SHA256_DIGEST = DigestAlgorithm("sha256", lambda content: sha256(content).digest())


@dataclass(frozen=True, slots=True)
class SignatureSuite:
    """One key with its certificates.

    Attributes:
        chain: the signer's certificate, then those between it and the root.
        algorithm: what `sign` makes, as asn1crypto names it, or an object identifier.
        sign: the raw signature over bytes, which it digests itself; raises `SealingError`.
        digest: with which the suite digests.
    """

    chain: tuple[x509.Certificate, ...]
    algorithm: str
    sign: Callable[[bytes], bytes] = field(repr=False)
    digest: DigestAlgorithm = SHA256_DIGEST

    @property
    def certificate(self) -> x509.Certificate:
        """The signer's certificate."""
        return self.chain[0]


def key_file_suite(key_pem: bytes, chain_pem: bytes) -> SignatureSuite:
    """Return the suite of an unprotected key: RSA, or ECDSA on P-256.

    Raises:
        SealingError: the key or a certificate cannot be read, or they do not belong together.
    """
    chain = read_chain(chain_pem)
    algorithm = algorithm_of(chain[0])
    try:
        key = load_pem_private_key(key_pem, password=None)
    except (ValueError, TypeError) as error:
        raise SealingError("the key is not an unencrypted PEM key") from error
    if not isinstance(key, RSAPrivateKey | EcKey) or key.public_key() != chain[0].public_key():
        raise SealingError("the key is not that of the first certificate")
    return SignatureSuite(chain, algorithm, _signing_with(key))


def read_chain(chain_pem: bytes) -> tuple[x509.Certificate, ...]:
    """Return the certificates of a PEM file, the signer's first.

    Raises:
        SealingError: there is none, or one cannot be read.
    """
    try:
        return tuple(x509.load_pem_x509_certificates(chain_pem))
    except ValueError as error:
        raise SealingError("the certificate chain is not PEM, or empty") from error


def algorithm_of(certificate: x509.Certificate) -> str:
    """Return the algorithm in which the certificate's key signs here.

    Raises:
        SealingError: it is neither RSA nor a key on P-256.
    """
    key = certificate.public_key()
    if isinstance(key, RSAPublicKey):
        return RSA_WITH_SHA256
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return ECDSA_WITH_SHA256
    raise SealingError("the seal's key is neither RSA nor on the curve P-256")


def certificates_of(suites: Sequence[SignatureSuite]) -> list[x509.Certificate]:
    """Return the certificates of all suites, each once."""
    return list(dict.fromkeys(certificate for suite in suites for certificate in suite.chain))


def _signing_with(key: RSAPrivateKey | EcKey) -> Callable[[bytes], bytes]:
    if isinstance(key, RSAPrivateKey):
        return lambda data: key.sign(data, PKCS1v15(), SHA256())
    return lambda data: key.sign(data, ECDSA(SHA256()))

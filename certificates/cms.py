"""Signatures as CMS SignedData (RFC 5652) in the form of CAdES (ETSI EN 319 122-1).

Pure. Entry point: `sign`. What does not change between two signatures of a suite is encoded once;
the rest is put together as DER by hand, since a certificate is sealed and time-stamped thousands of
times over. Every form is read back by OpenSSL and pyHanko in the tests.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from asn1crypto import algos, cms, core, tsp, x509
from cryptography.hazmat.primitives.serialization import Encoding

from certificates.suites import DigestAlgorithm, SignatureSuite

DIGEST = "sha256"
DATA = "data"
SEQUENCE, SET, OCTET_STRING = 0x30, 0x31, 0x04
SIGNED_ATTRIBUTES, UNSIGNED_ATTRIBUTES = 0xA0, 0xA1
CERTIFICATES = EXPLICIT = 0xA0
SHORT_FORM = 0x80
UTC_TIME_ENDS = 2050
VERSION_1, VERSION_3 = (core.Integer(version).dump() for version in (1, 3))


@dataclass(frozen=True, slots=True)
class _Encoded:
    """What is the same in every signature of a suite, as DER."""

    digest_algorithms: bytes
    digest_algorithm: bytes
    certificates: bytes
    signer: bytes
    signature_algorithm: bytes
    signing_certificate: bytes


def sign(
    suite: SignatureSuite,
    digest: bytes,
    *,
    content_type: str = DATA,
    content: bytes | None = None,
    signed_at: datetime | None = None,
    stamp: Callable[[bytes], bytes] | None = None,
) -> bytes:
    """Return a signature as the DER of a ContentInfo.

    Args:
        suite: who signs.
        digest: of what is signed, by the suite's algorithm.
        content_type: of what is signed, as asn1crypto names it.
        content: what is signed, if it is to stand in the signature; detached if None.
        signed_at: when the signer says that it signs, aware; not said if None.
        stamp: from the raw signature to the time-stamp token over it (RFC 3161), as DER.

    Raises:
        SealingError: the key cannot sign.
    """
    encoded = _encoded(suite)
    attributes = sorted(
        [
            _attribute("content_type", _content_type(content_type)),
            _attribute("message_digest", _der(OCTET_STRING, digest)),
            encoded.signing_certificate,
            *([_signing_time(signed_at)] if signed_at else []),
        ]
    )
    # RFC 5652, 5.4: what is signed is the attributes as a SET, not under their tag.
    signature = suite.sign(_der(SET, *attributes))
    unsigned = (
        _der(UNSIGNED_ATTRIBUTES, _attribute("signature_time_stamp_token", stamp(signature)))
        if stamp
        else b""
    )
    signer = _der(
        SEQUENCE,
        VERSION_1,
        encoded.signer,
        encoded.digest_algorithm,
        _der(SIGNED_ATTRIBUTES, *attributes),
        encoded.signature_algorithm,
        _der(OCTET_STRING, signature),
        unsigned,
    )
    encapsulated = b"" if content is None else _der(EXPLICIT, _der(OCTET_STRING, content))
    signed_data = _der(
        SEQUENCE,
        VERSION_1 if content_type == DATA else VERSION_3,
        encoded.digest_algorithms,
        _der(SEQUENCE, _content_type(content_type), encapsulated),
        encoded.certificates,
        _der(SET, signer),
    )
    return _der(SEQUENCE, _content_type("signed_data"), _der(EXPLICIT, signed_data))


@lru_cache(maxsize=16)
def _encoded(suite: SignatureSuite) -> _Encoded:
    digest_algorithm = algos.DigestAlgorithm({"algorithm": suite.digest.identifier}).dump()
    chain = [certificate.public_bytes(Encoding.DER) for certificate in suite.chain]
    signer = x509.Certificate.load(chain[0])
    identifier = cms.IssuerAndSerialNumber(
        {"issuer": signer.issuer, "serial_number": signer.serial_number}
    )
    return _Encoded(
        digest_algorithms=_der(SET, digest_algorithm),
        digest_algorithm=digest_algorithm,
        certificates=_der(CERTIFICATES, *sorted(chain)),
        signer=identifier.dump(),
        signature_algorithm=algos.SignedDigestAlgorithm({"algorithm": suite.algorithm}).dump(),
        signing_certificate=_signing_certificate(chain[0], suite.digest),
    )


def _signing_certificate(certificate: bytes, digest: DigestAlgorithm) -> bytes:
    """Return which certificate signs, by its hash (RFC 5035, 3): else it could be exchanged."""
    identifier = tsp.ESSCertIDv2(
        {
            "hash_algorithm": {"algorithm": digest.identifier},
            "cert_hash": digest.of(certificate),
        }
    )
    named = tsp.SigningCertificateV2({"certs": [identifier]})
    return _attribute("signing_certificate_v2", named.dump())


def _signing_time(at: datetime) -> bytes:
    """Return when it is signed, to the second (RFC 5652, 11.3: UTCTime ends with the year 2049)."""
    form = "utc_time" if at.year < UTC_TIME_ENDS else "generalized_time"
    return _attribute("signing_time", cms.Time({form: at.replace(microsecond=0)}).dump())


@lru_cache(maxsize=8)
def _content_type(name: str) -> bytes:
    return bytes(cms.ContentType(name).dump())


@lru_cache(maxsize=8)
def _attribute_type(name: str) -> bytes:
    return bytes(cms.CMSAttributeType(name).dump())


def _attribute(name: str, value: bytes) -> bytes:
    return _der(SEQUENCE, _attribute_type(name), _der(SET, value))


def _der(tag: int, *parts: bytes) -> bytes:
    """Return a tag, the length of the parts together and the parts (X.690, 8.1.3)."""
    content = b"".join(parts)
    length = len(content)
    if length < SHORT_FORM:
        return bytes([tag, length]) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, SHORT_FORM | len(octets)]) + octets + content

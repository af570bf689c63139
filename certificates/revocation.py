"""What authorities say of the certificates behind a seal, kept until they say it anew.

Pure but for files and the network. Entry points: `evidence_at` on the way of each seal, which never
asks the network, and `refresh`, which `manage.py refresh_revocation` does ahead of it. Addresses
are those in the registrar's own certificates and its time-stamp authorities'; nothing found in a
file that somebody else gave us is ever asked.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from http.client import HTTPException
from pathlib import Path
from typing import TypeAlias
from urllib.request import Request, urlopen

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from certificates.suites import SealingError
from drawing.archival import ValidationEvidence
from primitives.durable_files import write_durably

CRL_SUFFIX, OCSP_SUFFIX = SUFFIXES = ".crl", ".ocsp"
OCSP_REQUEST = "application/ocsp-request"
MAX_BYTES = 8 * 1024 * 1024
SECONDS = 20.0

Saying: TypeAlias = x509.CertificateRevocationList | ocsp.OCSPResponse


class RevocationError(SealingError):
    """No authority's word on a certificate holds; the message names it and says what to do."""


def evidence_at(
    certificates: Iterable[x509.Certificate], sayings: Iterable[bytes], at: datetime
) -> ValidationEvidence:
    """Return the evidence about certificates, for a file made at ``at``.

    Args:
        certificates: signers, those between them and their roots, and the roots.
        sayings: what authorities said, CRLs and OCSP responses as DER.
        at: aware UTC.

    Raises:
        RevocationError: nothing that holds at ``at`` was said of a certificate that is no root, or
            it is revoked.
    """
    known = tuple(certificates)
    used: dict[bytes, Saying] = {}
    for name, words in _words(known, tuple(sayings)):
        found = [word for word in words if word.holds(at)]
        if not found:
            raise RevocationError(
                f"nothing that holds at {at:%Y-%m-%d %H:%M} UTC is known of the revocation of"
                f" {name}: run manage.py refresh_revocation"
            )
        if any(word.revokes for word in found):
            raise RevocationError(f"{name} is revoked")
        used.update({word.raw: _read(word.raw) for word in found})
    return ValidationEvidence(
        certificates=tuple(certificate.public_bytes(Encoding.DER) for certificate in known),
        crls=tuple(raw for raw, said in used.items() if not isinstance(said, ocsp.OCSPResponse)),
        ocsps=tuple(raw for raw, said in used.items() if isinstance(said, ocsp.OCSPResponse)),
    )


def stored(directory: Path) -> list[bytes]:
    """Return what is kept in a folder: ``*.crl`` and ``*.ocsp``, DER.

    Raises:
        RevocationError: a file is neither.
    """
    paths = sorted(directory.glob("*")) if directory.is_dir() else []
    found = {path: path.read_bytes() for path in paths if path.suffix in SUFFIXES}
    for path, saying in found.items():
        try:
            _read(saying)
        except ValueError as error:
            raise RevocationError(f"{path} is neither a CRL nor an OCSP answer (DER)") from error
    return list(found.values())


def refresh(certificates: Sequence[x509.Certificate], directory: Path) -> Iterator[str]:
    """Ask each certificate's authority about it and keep what it says; yield a line for each.

    The answer of OCSP is preferred, since it is short; a certificate that names neither is left to
    what the operator puts into the folder.
    """
    for certificate in certificates:
        if certificate.issuer == certificate.subject:
            continue
        name = certificate.subject.rfc4514_string()
        try:
            suffix, saying = _ask(certificate, certificates)
        except (OSError, HTTPException, ValueError) as error:
            yield f"{name}: {error}"
            continue
        digest = hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()
        write_durably(directory / f"{digest}{suffix}", saying)
        yield f"{name}: {suffix[1:]}, {len(saying)} bytes"


def _ask(
    certificate: x509.Certificate, certificates: Sequence[x509.Certificate]
) -> tuple[str, bytes]:
    """Return the suffix for, and the DER of, what the authority says.

    Raises:
        OSError, HTTPException: it cannot be reached.
        ValueError: it says nothing that can be read, or the certificate names no address.
    """
    issuer = _issuer_of(certificate, certificates)
    if issuer and (url := _ocsp_address(certificate)):
        # RFC 6960: SHA-1 here only names the certificate, and is what every responder knows.
        builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, SHA1())  # noqa: S303
        question = builder.build().public_bytes(Encoding.DER)
        answer = _fetch(Request(url, data=question, headers={"Content-Type": OCSP_REQUEST}))  # noqa: S310
        _read(answer)
        return OCSP_SUFFIX, answer
    if url := _crl_address(certificate):
        answer = _fetch(Request(url))  # noqa: S310 # the address is in our own certificate
        crl = x509.load_der_x509_crl(answer)
        return CRL_SUFFIX, crl.public_bytes(Encoding.DER)
    raise ValueError("names neither an OCSP responder nor a CRL: put its CRL into the folder")


def _fetch(request: Request) -> bytes:
    if not request.full_url.startswith(("http://", "https://")):
        raise ValueError(f"{request.full_url} is not an address on the web")
    with urlopen(request, timeout=SECONDS) as response:  # noqa: S310 # checked above
        answer: bytes = response.read(MAX_BYTES + 1)
    if len(answer) > MAX_BYTES:
        raise ValueError(f"{request.full_url} gives more than {MAX_BYTES} bytes")
    return answer


def _ocsp_address(certificate: x509.Certificate) -> str | None:
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    except x509.ExtensionNotFound:
        return None
    wanted = AuthorityInformationAccessOID.OCSP
    places = (place for place in access.value if place.access_method == wanted)
    return next((str(place.access_location.value) for place in places), None)


def _crl_address(certificate: x509.Certificate) -> str | None:
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints)
    except x509.ExtensionNotFound:
        return None
    names = (name for point in points.value for name in point.full_name or [])
    return next((str(name.value) for name in names), None)


def _issuer_of(
    certificate: x509.Certificate, known: Iterable[x509.Certificate]
) -> x509.Certificate | None:
    return next((one for one in known if one.subject == certificate.issuer), None)


@lru_cache(maxsize=64)
def _read(saying: bytes) -> Saying:
    try:
        return x509.load_der_x509_crl(saying)
    except ValueError:
        answer = ocsp.load_der_ocsp_response(saying)
    if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise ValueError("the OCSP responder refuses to answer")
    return answer


@dataclass(frozen=True, slots=True)
class _Word:
    """What its own authority says of a certificate, as DER, and from when to when that holds."""

    raw: bytes
    revokes: bool
    begins: datetime
    ends: datetime | None

    def holds(self, at: datetime) -> bool:
        return self.begins <= at and (self.ends is None or at <= self.ends)


# What an authority says holds for many files.
@lru_cache(maxsize=8)
def _words(
    certificates: tuple[x509.Certificate, ...], sayings: tuple[bytes, ...]
) -> list[tuple[str, list[_Word]]]:
    """Return what is said of each certificate that is no root, with the name of its subject."""
    return [
        (
            certificate.subject.rfc4514_string(),
            [word for raw in sayings for word in _said_of(certificate, certificates, raw)],
        )
        for certificate in certificates
        if certificate.issuer != certificate.subject
    ]


def _said_of(
    certificate: x509.Certificate, known: Iterable[x509.Certificate], raw: bytes
) -> Iterator[_Word]:
    issuer, saying = _issuer_of(certificate, known), _read(raw)
    if issuer is None:
        return
    if isinstance(saying, ocsp.OCSPResponse):
        yield from _answered_of(certificate, issuer, raw, saying)
        return
    is_theirs = saying.issuer == certificate.issuer and saying.is_signature_valid(
        issuer.public_key()  # type: ignore[arg-type] # of a CA
    )
    if is_theirs:
        revoked = saying.get_revoked_certificate_by_serial_number(certificate.serial_number)
        yield _Word(raw, revoked is not None, saying.last_update_utc, saying.next_update_utc)


def _answered_of(
    certificate: x509.Certificate, issuer: x509.Certificate, raw: bytes, answer: ocsp.OCSPResponse
) -> Iterator[_Word]:
    """Yield an OCSP answer if it is about a certificate and signed by who may (RFC 6960, 4.2.2.2).

    It comes over plain HTTP: whoever stands between could write another.
    """
    named = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, answer.hash_algorithm)
    asked = named.build()
    if (answer.serial_number, answer.issuer_key_hash, answer.issuer_name_hash) != (
        asked.serial_number,
        asked.issuer_key_hash,
        asked.issuer_name_hash,
    ):
        return
    revokes = answer.certificate_status is not ocsp.OCSPCertStatus.GOOD
    word = _Word(raw, revokes, answer.this_update_utc, answer.next_update_utc)
    if _signed(answer, issuer):
        yield word
    for responder in answer.certificates:
        if _may_answer(responder, issuer) and _signed(answer, responder):
            yield replace(
                word,
                begins=max(word.begins, responder.not_valid_before_utc),
                ends=min(word.ends or responder.not_valid_after_utc, responder.not_valid_after_utc),
            )


def _may_answer(responder: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Say whether the issuer has let a responder answer for it."""
    try:
        responder.verify_directly_issued_by(issuer)
        purposes = responder.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return ExtendedKeyUsageOID.OCSP_SIGNING in purposes


def _signed(answer: ocsp.OCSPResponse, signer: x509.Certificate) -> bool:
    key, digest = signer.public_key(), answer.signature_hash_algorithm
    if digest is None:
        return False
    try:
        if isinstance(key, RSAPublicKey):
            key.verify(answer.signature, answer.tbs_response_bytes, PKCS1v15(), digest)
        elif isinstance(key, EllipticCurvePublicKey):
            key.verify(answer.signature, answer.tbs_response_bytes, ECDSA(digest))
        else:
            return False
    except InvalidSignature:
        return False
    return True

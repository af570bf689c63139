"""The sealer of this installation, made once per process from the settings.

A key in hardware is named by ``QUANJI_SEAL_KEY``; without it the example key seals, which a
production installation refuses (`certificates.checks`).
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, load_pem_x509_certificates
from django.conf import settings

from certificates.development_pki import DevelopmentPki, ensure_development_pki
from certificates.development_sm2 import DevelopmentSm2, ensure_development_sm2
from certificates.development_tsa import DevelopmentTimestampAuthority
from certificates.hardware import hardware_suite
from certificates.revocation import evidence_at, stored
from certificates.signing import PadesSealer
from certificates.sm2 import sm2_issuers, sm2_suite
from certificates.suites import SealingError, SignatureSuite, key_file_suite
from certificates.timestamping import HttpTimestampService, TimestampService, TimestampServices
from drawing.archival import ValidationEvidence
from drawing.seal import Sealer

logger = logging.getLogger(__name__)


@cache
def sealer() -> Sealer:
    """Return what seals certificates here.

    Raises:
        SealingError: the key's address, a chain or a trust file cannot be read.
    """
    return PadesSealer(
        seal_suite(), services=timestamp_services(), evidence=_evidence_of(sealing_certificates())
    )


@cache
def seal_suite() -> SignatureSuite:
    """Return the registrar's key and chain.

    Raises:
        SealingError: its address or its chain cannot be read.
    """
    if settings.SEAL_KEY:
        return hardware_suite(settings.SEAL_KEY, _content(settings.SEAL_CHAIN_FILE))
    logger.warning("Certificates are sealed with an example key: they have no legal effect")
    pki = _example()
    return key_file_suite(pki.seal_key_pem, pki.seal_chain_pem)


@cache
def second_suite() -> SignatureSuite | None:
    """Return the SM2 key and chain that sign issued files too, or None where there are none.

    Raises:
        SealingError: the chain cannot be read, or openssl cannot make an example.
    """
    if settings.SM2_KEY:
        return sm2_suite(settings.SM2_KEY, _content(settings.SM2_CHAIN or ""))
    if settings.PRODUCTION:
        return None
    example = _sm2_example()
    return sm2_suite(example.key, _content(example.chain))


@cache
def sm2_trust() -> tuple[Certificate, ...]:
    """Return whom SM2 signatures lead to; nobody where no chain is named in production.

    Raises:
        SealingError: the chain cannot be read, or openssl cannot make an example.
    """
    if settings.SM2_CHAIN:
        return sm2_issuers(_content(settings.SM2_CHAIN))
    return () if settings.PRODUCTION else sm2_issuers(_content(_sm2_example().chain))


@cache
def timestamp_services() -> TimestampServices:
    """Return who stamps seals here, in the order in which they are asked.

    Raises:
        SealingError: what is trusted cannot be read.
    """
    services: list[TimestampService] = [
        HttpTimestampService(url, settings.TSA_SECONDS) for url in settings.TSA_URLS
    ]
    return TimestampServices(
        services or [_example_authority()],
        load_certificates(tsa_trust_pem().encode()),
        tolerance=timedelta(seconds=settings.TSA_TOLERANCE_SECONDS),
    )


def trust_pem() -> str:
    """Return the roots of the registrar's seal, as PEM."""
    if settings.SEAL_KEY:
        return _content(settings.SEAL_TRUST_FILE).decode("ascii")
    return _example().trust_pem


def tsa_trust_pem() -> str:
    """Return the roots of the authorities whose time-stamps count here, as PEM."""
    if settings.TSA_URLS:
        return _content(settings.TSA_TRUST_FILE).decode("ascii")
    return _example().tsa_trust_pem


def sm2_trust_pem() -> str:
    """Return whom SM2 signatures lead to, as PEM; empty without a second suite.

    Raises:
        SealingError: the chain cannot be read, or openssl cannot make an example.
    """
    return "".join(
        certificate.public_bytes(Encoding.PEM).decode("ascii") for certificate in sm2_trust()
    )


def sealing_certificates() -> list[Certificate]:
    """Return every certificate behind a seal: signers', those between, the roots'.

    Raises:
        SealingError: one cannot be read.
    """
    tsa_chain = _content(settings.TSA_CHAIN_FILE) if settings.TSA_URLS else _example().tsa_chain_pem
    behind = [
        *seal_suite().chain,
        *load_certificates(trust_pem().encode()),
        *load_certificates(tsa_chain),
        *load_certificates(tsa_trust_pem().encode()),
    ]
    return list(dict.fromkeys(behind))


def load_certificates(pem: bytes) -> list[Certificate]:
    """Return the certificates of a PEM file.

    Raises:
        SealingError: there is none, or one cannot be read.
    """
    try:
        return load_pem_x509_certificates(pem)
    except ValueError as error:
        raise SealingError("a file of certificates is not PEM, or empty") from error


def known_revocations() -> list[bytes]:
    """Return what the authorities behind the seal said last, CRLs and OCSP answers as DER."""
    return [*_example_revocations(), *stored(Path(settings.REVOCATION_DIR))]


def _example_revocations() -> Sequence[bytes]:
    return () if settings.SEAL_KEY and settings.TSA_URLS else _example().crls


def _evidence_of(certificates: list[Certificate]) -> Callable[[datetime], ValidationEvidence]:
    examples, refreshed = _example_revocations(), Path(settings.REVOCATION_DIR)
    return lambda at: evidence_at(certificates, [*examples, *stored(refreshed)], at)


def _example() -> DevelopmentPki:
    return ensure_development_pki(Path(settings.PKI_DIR))


def _sm2_example() -> DevelopmentSm2:
    beside = Path(settings.PKI_DIR)
    return ensure_development_sm2(beside.with_name(f"{beside.name}-sm2"))


def _example_authority() -> DevelopmentTimestampAuthority:
    pki = _example()
    return DevelopmentTimestampAuthority(key_file_suite(pki.tsa_key_pem, pki.tsa_chain_pem))


def _content(name: str | Path) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise SealingError(f"{name or 'a file that is not named'} cannot be read") from error

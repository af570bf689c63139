"""An example authority for SM2 and a certificate of it to sign with, made on first run.

Pure. Entry point: `ensure_development_sm2`. Keys and signatures are made by the ``openssl``
command, the certificates' content by hand, because no library that we depend on knows SM2.
"""

import secrets
from dataclasses import dataclass
from pathlib import Path

from asn1crypto import algos, keys, pem, x509

from certificates.development_pki import (
    COUNTRY,
    ORGANISATION,
    VALID_FROM,
    VALID_TO,
    ensure_folder,
)
from certificates.sm2 import openssl, sign_raw
from primitives.digests import sm3
from verifier.sm2_signature import SM2_WITH_SM3

ROOT_NAME = "示例国密根证书 EXAMPLE SM2 ROOT - NOT A LICENSED CA"
SIGNER_NAME = "示例国密签名 EXAMPLE SM2 SIGNER - NO LEGAL EFFECT"
KEY_FILE = "sm2_key.pem"
CHAIN_FILE = "sm2_chain.pem"
SERIAL_BITS = 159
IDENTIFIER_BYTES = 20


@dataclass(frozen=True, slots=True)
class DevelopmentSm2:
    """Where the example's key and chain lie: the signer's certificate, then the root."""

    key: Path
    chain: Path


def ensure_development_sm2(directory: Path) -> DevelopmentSm2:
    """Return the example of ``directory``; make it if that is missing or empty.

    The folder appears whole or not at all. The root's own key signs twice and is never kept.

    Raises:
        SealingError: there is no openssl command, or it does not know SM2.
        OSError: the folder cannot be made, or holds something else.
    """
    ensure_folder(directory, CHAIN_FILE, _make)
    return DevelopmentSm2(directory / KEY_FILE, directory / CHAIN_FILE)


def _make(directory: Path) -> None:
    directory.mkdir(mode=0o700)
    root_key, key = directory.parent / "root_key.pem", directory / KEY_FILE
    for path in (root_key, key):
        path.touch(mode=0o600)
        openssl("genpkey", "-algorithm", "SM2", "-out", path)
    root = _certificate(ROOT_NAME, root_key, issuer_key=root_key)
    signer = _certificate(SIGNER_NAME, key, issuer_key=root_key)
    (directory / CHAIN_FILE).write_bytes(signer + root)


def _certificate(name: str, key: Path, *, issuer_key: Path) -> bytes:
    """Return a certificate of the root for a key, as PEM (RFC 5280, 4)."""
    is_root = key == issuer_key
    algorithm = algos.SignedDigestAlgorithm({"algorithm": SM2_WITH_SM3})
    to_be_signed = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": secrets.randbits(SERIAL_BITS) + 1,
            "signature": algorithm,
            "issuer": _name(ROOT_NAME),
            "validity": {
                "not_before": x509.Time({"utc_time": VALID_FROM}),
                "not_after": x509.Time({"utc_time": VALID_TO}),
            },
            "subject": _name(name),
            "subject_public_key_info": _public(key),
            "extensions": [
                _extension("basic_constraints", {"ca": is_root}, is_critical=True),
                _extension("key_usage", _usage(is_root=is_root), is_critical=True),
                _extension("key_identifier", _identifier(key)),
                _extension("authority_key_identifier", {"key_identifier": _identifier(issuer_key)}),
            ],
        }
    )
    certificate = x509.Certificate(
        {
            "tbs_certificate": to_be_signed,
            "signature_algorithm": algorithm,
            "signature_value": sign_raw(issuer_key, to_be_signed.dump()),
        }
    )
    return bytes(pem.armor("CERTIFICATE", certificate.dump()))


def _usage(*, is_root: bool) -> set[str]:
    return {"key_cert_sign", "crl_sign"} if is_root else {"digital_signature", "non_repudiation"}


def _extension(name: str, value: object, *, is_critical: bool = False) -> dict[str, object]:
    return {"extn_id": name, "critical": is_critical, "extn_value": value}


def _name(common_name: str) -> x509.Name:
    return x509.Name.build(
        {
            "country_name": COUNTRY,
            "organization_name": ORGANISATION,
            "common_name": common_name,
        }
    )


def _public(key: Path) -> keys.PublicKeyInfo:
    return keys.PublicKeyInfo.load(openssl("pkey", "-in", key, "-pubout", "-outform", "DER"))


def _identifier(key: Path) -> bytes:
    return sm3(_public(key)["public_key"].native)[:IDENTIFIER_BYTES]

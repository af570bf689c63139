"""A seal whose key lies in a token (SoftHSM stands for one), away and back."""

import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.reader import PdfFileReader

from certificates.development_pki import Key
from certificates.hardware import TokenKey, hardware_suite
from certificates.signing import PadesSealer
from certificates.suites import SealingError
from tests.verifier.example import prepared_page
from verifier.seal import check_seal

NOW = datetime(2026, 11, 25, 2, 31, tzinfo=UTC)
MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "1234"

pytestmark = pytest.mark.skipif(not MODULE.exists(), reason="softhsm2 is not installed")


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a token that holds an RSA key and one on P-256, and their certificates."""
    folder = tmp_path_factory.mktemp("hsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\n")
    (folder / "pin").write_text(f"{PIN}\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    softhsm("--init-token", "--free", "--label", "registrar", "--so-pin", PIN, "--pin", PIN)
    keys: dict[str, Key] = {
        "rsa": generate_private_key(65537, 3072),
        "ec": generate_ec_key(SECP256R1()),
    }
    for number, (label, key) in enumerate(keys.items(), start=1):
        file = folder / f"{label}.pem"
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write_bytes(pem)
        softhsm(
            *("--import", str(file), "--token", "registrar", "--label", label),
            *("--id", f"0{number}", "--pin", PIN),
        )
        file.unlink()
        (folder / f"{label}.chain.pem").write_bytes(self_signed(key))
    yield folder
    os.environ.pop("SOFTHSM2_CONF")
    if before:
        os.environ["SOFTHSM2_CONF"] = before


def softhsm(*arguments: str) -> None:
    subprocess.run(["softhsm2-util", *arguments], check=True, capture_output=True)  # noqa: S603, S607 # on a token of our own


def self_signed(key: Key) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "示例 EXAMPLE SEAL")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
        .sign(key, SHA256())
    )
    return certificate.public_bytes(Encoding.PEM)


def address(folder: Path, label: str) -> str:
    return (
        f"pkcs11:token=registrar;object={label}?module-path={MODULE}"
        f"&pin-source=file:{folder / 'pin'}"
    )


def sealer(folder: Path, label: str) -> PadesSealer:
    chain = (folder / f"{label}.chain.pem").read_bytes()
    return PadesSealer(hardware_suite(address(folder, label), chain))


def is_intact(pdf: bytes) -> bool:
    (seal,) = PdfFileReader(BytesIO(pdf)).embedded_signatures
    return check_seal(seal) == "示例 EXAMPLE SEAL"


@pytest.mark.parametrize("label", ["rsa", "ec"])
def test_a_key_in_a_token_seals(token: Path, label: str) -> None:
    page = prepared_page(signed_at=NOW)
    sealing = sealer(token, label)
    assert is_intact(sealing.seal(page, at=NOW))
    assert is_intact(sealing.seal(page, at=NOW))


@pytest.mark.parametrize("label", ["rsa", "ec"])
def test_a_token_that_goes_away_seals_nothing_and_seals_again_when_it_is_back(
    token: Path, label: str
) -> None:
    page, sealing = prepared_page(signed_at=NOW), sealer(token, label)
    assert is_intact(sealing.seal(page, at=NOW))
    away = token / "away"
    (token / "tokens").rename(away)
    (token / "tokens").mkdir()
    try:
        for _ in range(2):
            with pytest.raises(SealingError, match="the token registrar cannot sign"):
                sealing.seal(page, at=NOW)
    finally:
        (token / "tokens").rmdir()
        away.rename(token / "tokens")
    assert is_intact(sealing.seal(page, at=NOW))


def test_a_wrong_pin_seals_nothing_and_is_told_nobody(token: Path, tmp_path: Path) -> None:
    (tmp_path / "pin").write_text("9999")
    chain = (token / "rsa.chain.pem").read_bytes()
    uri = address(token, "rsa").replace(str(token / "pin"), str(tmp_path / "pin"))
    with pytest.raises(SealingError, match="PinIncorrect") as refusal:
        PadesSealer(hardware_suite(uri, chain)).seal(prepared_page(signed_at=NOW), at=NOW)
    assert "9999" not in str(refusal.value)
    assert is_intact(sealer(token, "rsa").seal(prepared_page(signed_at=NOW), at=NOW))


@pytest.mark.parametrize(
    ("uri", "why"),
    [
        ("/etc/seal.pem", "does not begin"),
        ("pkcs11:object=seal?module-path=/m&pin-source=file:/p", "names no token"),
        ("pkcs11:token=t?module-path=/m&pin-source=file:/p", "names no object"),
        ("pkcs11:token=t;object=seal?pin-source=file:/p", "names no module-path"),
        ("pkcs11:token=t;object=seal?module-path=/m", "names no pin-source"),
        ("pkcs11:token=t;object=seal?module-path=/m&pin-source=1234", "not file:PATH"),
        ("pkcs11:token=t;object=s;serial=1?module-path=/m&pin-source=file:/p", "names serial"),
    ],
)
def test_an_address_that_is_no_use_says_why(uri: str, why: str) -> None:
    with pytest.raises(SealingError, match=why):
        TokenKey.parse(uri)


def test_blanks_in_an_address_are_written_as_rfc_7512_has_them() -> None:
    uri = "pkcs11:token=Quanji%20Seal;object=seal?module-path=/m&pin-source=file:/run/pin"
    assert TokenKey.parse(uri) == TokenKey("/m", "Quanji Seal", "seal", Path("/run/pin"))

"""SM2 by our own arithmetic: the standard's example, and OpenSSL in both directions."""

import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from primitives.digests import sm3
from tests.programs import run
from verifier.sm2 import BYTES, IDENTITY, N, is_signed

# GB/T 32918.5-2017, A.2: on the recommended curve, identity 1234567812345678.
MESSAGE = b"message digest"
KEY = bytes.fromhex(
    "04"
    "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
R = 0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
S = 0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA
SIGNATURE = encode_dss_signature(R, S)
NEGATIVE = bytes.fromhex("3006020101020181")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key.pem"
    run("openssl", "genpkey", "-algorithm", "SM2", "-out", path)
    return path


def sign(key: Path, data: bytes, *options: str) -> bytes:
    """Return OpenSSL's signature over ``data``."""
    (key.parent / "data").write_bytes(data)
    how: list[str | Path] = ["-rawin", "-digest", "sm3", *options, "-inkey", key]
    signature = key.parent / "signature"
    run("openssl", "pkeyutl", "-sign", *how, "-in", key.parent / "data", "-out", signature)
    return signature.read_bytes()


def point(key: Path) -> bytes:
    """Return the public key, the last 65 bytes of its DER."""
    public = key.parent / "public.der"
    run("openssl", "pkey", "-in", key, "-pubout", "-outform", "DER", "-out", public)
    return public.read_bytes()[-1 - 2 * BYTES :]


def test_the_digest_is_that_of_the_standards_examples() -> None:
    # GB/T 32905-2016, A.1 and A.2.
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert (
        sm3(b"abcd" * 16).hex()
        == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    )


def test_the_standards_example_holds() -> None:
    assert is_signed(MESSAGE, SIGNATURE, KEY)


def test_each_changed_bit_of_the_standards_example_is_found() -> None:
    for place in range(0, 8 * len(SIGNATURE), 7):
        changed = bytearray(SIGNATURE)
        changed[place // 8] ^= 1 << place % 8
        assert not is_signed(MESSAGE, bytes(changed), KEY)
    assert not is_signed(MESSAGE + b".", SIGNATURE, KEY)
    assert not is_signed(MESSAGE, SIGNATURE, KEY, identity=b"ALICE123@YAHOO.COM")


@pytest.mark.parametrize(
    ("r", "s"), [(0, S), (R, 0), (R + N, S), (R, S + N), (N, S), (R, N - R), (S, R)]
)
def test_numbers_out_of_their_range_are_refused(r: int, s: int) -> None:
    assert not is_signed(MESSAGE, encode_dss_signature(r, s), KEY)


@pytest.mark.parametrize(
    "key", [b"", KEY[1:], b"\x02" + KEY[1:33], KEY[:-1] + b"\x14", b"\x04" + bytes(64)]
)
def test_what_is_no_point_of_the_curve_is_no_key(key: bytes) -> None:
    assert not is_signed(MESSAGE, SIGNATURE, key)


@pytest.mark.parametrize(
    "signature", [b"", b"\x30", SIGNATURE[:-1], SIGNATURE + b"\0", NEGATIVE, b"\xff" * 70]
)
def test_what_is_no_signature_is_refused(signature: bytes) -> None:
    assert not is_signed(MESSAGE, signature, KEY)


def test_openssl_signs_what_holds_here(key: Path) -> None:
    distid = f"distid:{IDENTITY.decode()}"
    for data in (b"", b"x", b"y" * 100_000):
        signature = sign(key, data, "-pkeyopt", distid)
        assert is_signed(data, signature, point(key))
        assert not is_signed(data + b"z", signature, point(key))
        assert not is_signed(data, signature, KEY)


def test_an_identity_other_than_the_default_is_another_signature(key: Path) -> None:
    assert not is_signed(b"x", sign(key, b"x"), point(key))
    assert is_signed(b"x", sign(key, b"x"), point(key), identity=b"")
    other = sign(key, b"x", "-pkeyopt", "distid:ALICE123@YAHOO.COM")
    assert is_signed(b"x", other, point(key), identity=b"ALICE123@YAHOO.COM")


def test_openssl_finds_the_standards_example_as_we_do(tmp_path: Path) -> None:
    # SubjectPublicKeyInfo: id-ecPublicKey on the curve 1.2.156.10197.1.301.
    header = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
    (tmp_path / "key.der").write_bytes(header + KEY)
    (tmp_path / "signature").write_bytes(SIGNATURE)
    (tmp_path / "data").write_bytes(MESSAGE)
    how = ["-rawin", "-digest", "sm3", "-pkeyopt", f"distid:{IDENTITY.decode()}"]
    what: list[str | Path] = ["-in", tmp_path / "data", "-sigfile", tmp_path / "signature"]
    who: list[str | Path] = ["-pubin", "-keyform", "DER", "-inkey", tmp_path / "key.der"]
    assert "Verified Successfully" in run("openssl", "pkeyutl", "-verify", *how, *who, *what)
    (tmp_path / "data").write_bytes(MESSAGE + b".")
    with pytest.raises(subprocess.CalledProcessError):
        run("openssl", "pkeyutl", "-verify", *how, *who, *what)

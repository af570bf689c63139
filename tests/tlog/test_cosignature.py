"""Cosignatures, Ed25519 and ML-DSA-44: published ones, our own, forged ones, and key texts."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tlog.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from tlog.cosignature import CosignatureKey, CosignatureSigner, signature_timestamp
from tlog.encoding import MalformedError, encode_base64
from tlog.errors import TlogError
from tlog.keys import (
    parse_log_key,
    parse_verifier_key,
    parse_witness_key,
    parse_witness_signer,
)
from tlog.mldsa import MldsaKey, MldsaSigner
from tlog.note import NoteSigner, SignatureError, VerifierKey, open_note, sign_note

LITEWITNESS = json.loads((Path(__file__).parent / "vectors" / "litewitness.json").read_text())

LOG = NoteSigner("log.example", Ed25519PrivateKey.from_private_bytes(b"l" * 32))
WITNESS = CosignatureSigner("witness.example", Ed25519PrivateKey.from_private_bytes(b"w" * 32))
POST_QUANTUM = MldsaSigner("witness.example", MLDSA44PrivateKey.from_seed_bytes(b"p" * 32))
COSIGNERS = [WITNESS, POST_QUANTUM]
HEAD = Checkpoint(origin=LOG.name, size=7, root=b"r" * 32)
NOON = 1_790_000_000

# c2sp.org/tlog-cosignature: the checkpoint of its example, and the message it writes out.
C2SP_BODY = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

cosigners = pytest.mark.parametrize("cosigner", COSIGNERS, ids=["ed25519", "ml-dsa-44"])


def cosigned(cosigner: CosignatureSigner | MldsaSigner, *, at: int = NOON) -> str:
    return sign_note(HEAD.body(), LOG, cosigner.at(at))


def test_the_ed25519_message_is_the_one_the_specification_writes_out() -> None:
    message = WITNESS.verifier_key.message(C2SP_BODY.encode(), 1_679_315_147)
    assert message.decode() == "cosignature/v1\ntime 1679315147\n" + C2SP_BODY


def test_the_ml_dsa_44_message_is_the_structure_of_the_specification() -> None:
    message = POST_QUANTUM.verifier_key.message(HEAD.body().encode(), NOON)
    assert message == (
        b"subtree/v1\n\x00\x0fwitness.example"
        + NOON.to_bytes(8, "big")
        + b"\x0blog.example"
        + bytes(8)
        + (7).to_bytes(8, "big")
        + b"r" * 32
    )


def test_a_published_ml_dsa_44_checkpoint_opens() -> None:
    vector = LITEWITNESS["mldsa"]
    key = MldsaKey.parse(vector["log_key"])
    note = vector["requests"][0]["body"].partition("\n\n")[2]
    assert open_checkpoint(note, key).size == 1
    # Its log states no time.
    assert signature_timestamp(open_note(note, [key]).signatures[0].signature) == 0
    with pytest.raises(SignatureError):
        open_checkpoint(note.replace("\n1\n", "\n2\n"), key)


@cosigners
def test_a_cosignature_states_its_time(cosigner: CosignatureSigner | MldsaSigner) -> None:
    opened = open_note(cosigned(cosigner), [LOG.verifier_key, cosigner.verifier_key])
    line = opened.signatures[1]
    assert (line.name, line.key_id) == (cosigner.name, cosigner.key_id)
    assert signature_timestamp(line.signature) == NOON
    assert opened.text == HEAD.body()


@cosigners
@given(place=st.integers(0, 2_500 * 8))
def test_a_flipped_bit_is_found(cosigner: CosignatureSigner | MldsaSigner, place: int) -> None:
    signature = bytearray(cosigner.at(NOON).sign(HEAD.body().encode()))
    bit = place % (len(signature) * 8)
    signature[bit // 8] ^= 1 << bit % 8
    assert not cosigner.verifier_key.verify(HEAD.body().encode(), bytes(signature))


@cosigners
@pytest.mark.parametrize("length", [0, 7, 8, 71, 73, 2427, 2429])
def test_a_signature_of_another_length_is_false(
    cosigner: CosignatureSigner | MldsaSigner, length: int
) -> None:
    assert not cosigner.verifier_key.verify(HEAD.body().encode(), bytes(length))


@cosigners
def test_a_time_beyond_63_bits_is_false_even_when_signed(
    cosigner: CosignatureSigner | MldsaSigner,
) -> None:
    text = HEAD.body().encode()
    message = cosigner.verifier_key.message(text, 2**63)
    signature = (2**63).to_bytes(8, "big") + cosigner.private_key.sign(message)
    assert not cosigner.verifier_key.verify(text, signature)
    for timestamp in (-1, 2**63):
        with pytest.raises(MalformedError):
            cosigner.at(timestamp)
    assert cosigner.verifier_key.verify(text, cosigner.at(2**63 - 1).sign(text))


@cosigners
@pytest.mark.parametrize("text", ["", "text\n", "log.example\n7\nnot base64\n", "\ud800"])
def test_only_checkpoints_are_cosigned(
    cosigner: CosignatureSigner | MldsaSigner, text: str
) -> None:
    content = text.encode(errors="surrogatepass")
    with pytest.raises(MalformedError):
        cosigner.at(NOON).sign(content)
    assert not cosigner.verifier_key.verify(content, bytes(72))


def test_an_ed25519_cosignature_covers_extension_lines_and_ml_dsa_44_refuses_them() -> None:
    extended = Checkpoint(origin=LOG.name, size=7, root=b"r" * 32, extensions=("more",))
    note = sign_note(extended.body(), LOG, WITNESS.at(NOON))
    assert open_note(note, [WITNESS.verifier_key]).text == extended.body()
    with pytest.raises(SignatureError):
        open_note(note.replace("\nmore\n", "\nmere\n"), [WITNESS.verifier_key])

    with pytest.raises(MalformedError, match="extension"):
        sign_note(extended.body(), LOG, POST_QUANTUM.at(NOON))
    signature = POST_QUANTUM.at(NOON).sign(HEAD.body().encode())
    assert not POST_QUANTUM.verifier_key.verify(extended.body().encode(), signature)


def test_ml_dsa_44_binds_the_cosigners_name_and_the_empty_root() -> None:
    text = HEAD.body().encode()
    signature = POST_QUANTUM.at(NOON).sign(text)
    renamed = MldsaKey("another.example", POST_QUANTUM.verifier_key.public_key)
    assert not renamed.verify(text, signature)
    empty = Checkpoint(origin=LOG.name, size=0, root=bytes(32))
    with pytest.raises(MalformedError):
        POST_QUANTUM.at(NOON).sign(empty.body().encode())
    long_name = Checkpoint(origin="o" * 256, size=7, root=b"r" * 32)
    with pytest.raises(MalformedError):
        POST_QUANTUM.at(NOON).sign(long_name.body().encode())


def test_a_log_signs_its_own_checkpoints_with_both_kinds_of_key() -> None:
    second = MldsaSigner(LOG.name, POST_QUANTUM.private_key)
    note = sign_checkpoint(HEAD, LOG, second.at(0))
    assert open_checkpoint(note, LOG.verifier_key) == HEAD
    assert open_checkpoint(note, second.verifier_key) == HEAD
    with pytest.raises(SignatureError):
        sign_checkpoint(HEAD, LOG, POST_QUANTUM.at(0))


@cosigners
def test_a_key_survives_its_text_forms(cosigner: CosignatureSigner | MldsaSigner) -> None:
    key = cosigner.verifier_key
    assert parse_verifier_key(str(key)) == parse_witness_key(str(key)) == key
    again = parse_witness_signer(cosigner.private_text())
    assert type(again) is type(cosigner)
    assert again.verifier_key == key
    fresh = type(cosigner).generate("witness.example/权籍")
    assert parse_verifier_key(str(fresh.verifier_key)) == fresh.verifier_key
    assert cosigner.private_text() not in repr(cosigner)


def test_one_public_key_has_another_key_id_for_every_type() -> None:
    public = WITNESS.verifier_key.public_key
    plain, timed = VerifierKey("name", public), CosignatureKey("name", public)
    assert plain.key_id != timed.key_id
    assert parse_verifier_key(str(plain)) == plain


def test_a_log_key_is_no_ed25519_cosigners_and_a_witness_key_has_timestamps() -> None:
    post_quantum, plain = str(POST_QUANTUM.verifier_key), str(LOG.verifier_key)
    assert parse_log_key(post_quantum) == parse_witness_key(post_quantum)
    assert parse_log_key(plain) == LOG.verifier_key
    with pytest.raises(MalformedError):
        parse_log_key(str(WITNESS.verifier_key))
    with pytest.raises(MalformedError):
        parse_witness_key(plain)
    with pytest.raises(MalformedError):
        parse_witness_signer(LOG.private_text())


@pytest.mark.parametrize("kind", [VerifierKey, CosignatureKey, MldsaKey])
def test_a_key_is_not_read_as_one_of_another_kind(kind: Any) -> None:
    for key in (LOG.verifier_key, WITNESS.verifier_key, POST_QUANTUM.verifier_key):
        if type(key) is not kind:
            with pytest.raises(MalformedError):
                kind.parse(str(key))


@pytest.mark.parametrize("content", [b"\x02" + bytes(32), b"\x04" + bytes(31), b"\x06" + bytes(9)])
def test_other_types_and_lengths_of_keys_are_refused(content: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_verifier_key(f"name+00000000+{encode_base64(content)}")


@given(st.text() | st.from_regex(r"[a-z]{1,3}\+[0-9a-f]{8}\+[A-Za-z0-9+/]{0,60}={0,2}"))
def test_no_text_makes_the_parsers_of_keys_fail_otherwise(text: str) -> None:
    for parse in (parse_verifier_key, parse_log_key, parse_witness_key, parse_witness_signer):
        with pytest.raises(TlogError):
            parse(text)


@given(st.binary(max_size=90), st.binary(max_size=90))
def test_no_bytes_make_a_verifier_fail_otherwise(text: bytes, signature: bytes) -> None:
    for cosigner in COSIGNERS:
        assert not cosigner.verifier_key.verify(text, signature)

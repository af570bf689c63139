"""Proof files: made from a log's tiles, read back, verified with nothing but the log's key."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tlog.checkpoint import Checkpoint, sign_checkpoint
from tlog.encoding import MalformedError, encode_base64
from tlog.errors import TlogError
from tlog.merkle import ProofError, leaf_hash
from tlog.note import NoteSigner, SignatureError
from tlog.proof import TlogProof, verify_proof
from tlog.tiles import TileReader, TreeBuilder

LOG = NoteSigner("ledger.example", Ed25519PrivateKey.from_private_bytes(b"l" * 32))
IMPOSTOR = NoteSigner("ledger.example", Ed25519PrivateKey.from_private_bytes(b"i" * 32))
ENTRIES = [f'{{"number":{number}}}'.encode() for number in range(11)]

# c2sp.org/tlog-proof, with the checkpoint's signatures left out of the parser's sight
EXAMPLE = """\
c2sp.org/tlog-proof@v1
extra YWdlLXYxLjIuMQ==
index 73894
gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=

example.com/fancylog
109482
sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=

— example.com/fancylog AAECAwQFBgcICQ==
"""
HASH_LINE = "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n"


def proof_of(index: int, *, signer: NoteSigner = LOG) -> TlogProof:
    builder = TreeBuilder()
    for entry in ENTRIES:
        builder.append(leaf_hash(entry))
    tiles = builder.drain()
    reader = TileReader(builder.size, lambda _keys: tiles)
    head = Checkpoint(origin=LOG.name, size=builder.size, root=builder.root())
    return TlogProof(
        index=index,
        hashes=reader.inclusion_proof(index),
        checkpoint=sign_checkpoint(head, signer),
        extra=ENTRIES[index],
    )


@pytest.mark.parametrize("index", range(len(ENTRIES)))
def test_a_proof_file_stands_alone(index: int) -> None:
    proof = TlogProof.parse(proof_of(index).format())

    assert proof.extra == ENTRIES[index]
    checkpoint = verify_proof(proof, entry=proof.extra, log_key=LOG.verifier_key)
    assert checkpoint.size == len(ENTRIES)


def test_the_specifications_shape_is_read_and_written() -> None:
    proof = TlogProof.parse(EXAMPLE)
    assert proof.index == 73_894
    assert proof.extra == b"age-v1.2.1"
    assert len(proof.hashes) == 2
    assert proof.checkpoint.startswith("example.com/fancylog\n")
    assert proof.format() == EXAMPLE


@given(
    st.integers(0, 2**63 - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63),
    st.none() | st.binary(max_size=100),
)
def test_every_proof_has_one_spelling(index: int, hashes: list[bytes], extra: bytes | None) -> None:
    proof = TlogProof(index=index, hashes=tuple(hashes), checkpoint="any\n\nnote\n", extra=extra)
    assert TlogProof.parse(proof.format()) == proof


def test_another_entry_is_not_proven() -> None:
    with pytest.raises(ProofError):
        verify_proof(proof_of(4), entry=ENTRIES[5], log_key=LOG.verifier_key)


def test_the_entry_at_another_index_is_not_proven() -> None:
    proof = replace(proof_of(4), index=5)
    with pytest.raises(ProofError):
        verify_proof(proof, entry=ENTRIES[4], log_key=LOG.verifier_key)


def test_a_proof_under_another_key_is_refused() -> None:
    with pytest.raises(SignatureError):
        verify_proof(proof_of(4, signer=IMPOSTOR), entry=ENTRIES[4], log_key=LOG.verifier_key)


def test_a_proof_without_its_checkpoint_is_refused() -> None:
    with pytest.raises(MalformedError):
        verify_proof(
            replace(proof_of(4), checkpoint=""), entry=ENTRIES[4], log_key=LOG.verifier_key
        )


@given(st.data())
def test_a_changed_character_of_the_proof_is_found(data: st.DataObject) -> None:
    text = proof_of(6).format()
    # The extra line is not part of what is proven: the verifier brings the entry.
    first = text.index("index")
    place = data.draw(st.integers(first, len(text) - 5))
    changed = text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]
    with pytest.raises(TlogError):
        verify_proof(TlogProof.parse(changed), entry=ENTRIES[6], log_key=LOG.verifier_key)


def test_a_changed_entry_beside_the_proof_is_found() -> None:
    proof = replace(proof_of(6), extra=b'{"number":7}')
    assert proof.extra is not None
    with pytest.raises(ProofError):
        verify_proof(proof, entry=proof.extra, log_key=LOG.verifier_key)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c2sp.org/tlog-proof@v1",
        "c2sp.org/tlog-proof@v1\n\nnote\n",
        EXAMPLE.replace("@v1", "@v2"),
        EXAMPLE.replace("index 73894", "index 073894"),
        EXAMPLE.replace("index 73894", "index -1"),
        EXAMPLE.replace("index 73894\n", ""),
        EXAMPLE.replace("extra YW", "extra YW="),
        EXAMPLE.replace("extra ", "extra  "),
        EXAMPLE.replace("extra ", "other "),
        EXAMPLE.replace(HASH_LINE, HASH_LINE.replace("PlQ=", "PlR=")),
        EXAMPLE.replace(HASH_LINE, encode_base64(b"short") + "\n"),
        EXAMPLE.replace("\n", "\r\n"),
        EXAMPLE.partition("\n\n")[0],
    ],
)
def test_malformed_proofs_are_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        TlogProof.parse(text)


@given(st.text())
def test_no_text_makes_the_parser_fail_otherwise(text: str) -> None:
    for candidate in (text, f"c2sp.org/tlog-proof@v1\nindex 0\n{text}\n\n"):
        try:
            TlogProof.parse(candidate)
        except MalformedError:
            continue

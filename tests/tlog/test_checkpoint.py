"""Checkpoints: the specification's example, round trips, wrong origins, malformed bodies."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tlog.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from tlog.encoding import MAX_NUMBER, MalformedError
from tlog.merkle import EMPTY_ROOT
from tlog.note import NoteSigner, SignatureError, sign_note

# c2sp.org/tlog-checkpoint
EXAMPLE = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
ROOT_LINE = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

LOG = NoteSigner("ledger.example", Ed25519PrivateKey.from_private_bytes(b"l" * 32))
OTHER_LOG = NoteSigner("other.example", Ed25519PrivateKey.from_private_bytes(b"o" * 32))
HEAD = Checkpoint(origin=LOG.name, size=0, root=EMPTY_ROOT)


def test_the_specifications_example_is_read_and_written() -> None:
    checkpoint = Checkpoint.parse(EXAMPLE)
    assert checkpoint.origin == "example.com/behind-the-sofa"
    assert checkpoint.size == 20_852_163
    assert checkpoint.root.hex().startswith("0ac5186a91863e8e")
    assert checkpoint.body() == EXAMPLE


@given(st.integers(0, MAX_NUMBER), st.binary(min_size=32, max_size=32))
def test_a_signed_checkpoint_opens_to_itself(size: int, root: bytes) -> None:
    checkpoint = Checkpoint(origin=LOG.name, size=size, root=root)
    assert open_checkpoint(sign_checkpoint(checkpoint, LOG), LOG.verifier_key) == checkpoint


def test_extension_lines_are_kept() -> None:
    checkpoint = Checkpoint.parse(EXAMPLE + "an extension\nanother\n")
    assert checkpoint.extensions == ("an extension", "another")
    assert checkpoint.body() == EXAMPLE + "an extension\nanother\n"


def test_a_log_signs_only_for_itself() -> None:
    with pytest.raises(SignatureError):
        sign_checkpoint(HEAD, OTHER_LOG)
    with pytest.raises(SignatureError):
        sign_checkpoint(HEAD, LOG, OTHER_LOG)


def test_a_checkpoint_of_another_origin_is_refused_though_the_key_is_known() -> None:
    note = sign_note(HEAD.body(), OTHER_LOG)
    with pytest.raises(SignatureError, match="not for"):
        open_checkpoint(note, OTHER_LOG.verifier_key)


def test_a_checkpoint_signed_by_another_key_is_refused() -> None:
    with pytest.raises(SignatureError):
        open_checkpoint(sign_checkpoint(HEAD, LOG), OTHER_LOG.verifier_key)


def test_a_signed_note_that_is_no_checkpoint_is_malformed() -> None:
    with pytest.raises(MalformedError):
        open_checkpoint(sign_note("Good morning.\n", LOG), LOG.verifier_key)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "\n",
        "origin\n5\n",
        f"origin\n5\n{ROOT_LINE}",
        f"\n5\n{ROOT_LINE}\n",
        f"origin\n05\n{ROOT_LINE}\n",
        f"origin\n-5\n{ROOT_LINE}\n",
        f"origin\n+5\n{ROOT_LINE}\n",
        f"origin\n 5\n{ROOT_LINE}\n",
        f"origin\n5.0\n{ROOT_LINE}\n",
        f"origin\n٥\n{ROOT_LINE}\n",
        f"origin\n{2**63}\n{ROOT_LINE}\n",
        f"origin\n{'9' * 5000}\n{ROOT_LINE}\n",
        "origin\n5\nAAAA\n",
        "origin\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n",
        "origin\n5\n47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        f"origin\n5\n{ROOT_LINE}\n\nextension\n",
        f"origin\n5\n{ROOT_LINE}\n\n",
    ],
)
def test_malformed_bodies_are_refused(body: str) -> None:
    with pytest.raises(MalformedError):
        Checkpoint.parse(body)


@given(st.text())
def test_no_body_makes_the_parser_fail_otherwise(body: str) -> None:
    with pytest.raises(MalformedError):
        Checkpoint.parse(body)


@pytest.mark.parametrize(
    ("origin", "size", "root", "extensions"),
    [
        ("", 0, EMPTY_ROOT, ()),
        ("two\nlines", 0, EMPTY_ROOT, ()),
        ("origin", -1, EMPTY_ROOT, ()),
        ("origin", 0, b"short", ()),
        ("origin", 0, EMPTY_ROOT, ("",)),
        ("origin", 0, EMPTY_ROOT, ("two\nlines",)),
    ],
)
def test_a_checkpoint_that_cannot_be_written_cannot_be_made(
    origin: str, size: int, root: bytes, extensions: tuple[str, ...]
) -> None:
    with pytest.raises(MalformedError):
        Checkpoint(origin=origin, size=size, root=root, extensions=extensions)

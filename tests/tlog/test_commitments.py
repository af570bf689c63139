"""Commitments: what is opened is what was committed, and nothing can be learnt without opening."""

import base64
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primitives.canonical_json import Json, NotCanonicalError
from tlog.commitments import CommitmentError, check_opening, commit
from tlog.encoding import MalformedError

texts = st.text(st.characters(exclude_categories=["Cs"]))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=8,
)


@given(texts, json_values)
def test_an_opening_gives_back_what_was_committed(path: str, value: Json) -> None:
    commitment, opening = commit(path, value)
    assert check_opening(commitment, opening) == (path, value)


def test_the_same_value_is_never_committed_to_alike() -> None:
    assert commit("/holder", "张三") != commit("/holder", "张三")


def test_an_opening_is_an_sd_jwt_disclosure_with_a_salt_of_256_bits() -> None:
    commitment, opening = commit("/price", "1200000.00")

    salt, path, value = json.loads(base64.urlsafe_b64decode(opening + "=" * (-len(opening) % 4)))
    assert len(base64.urlsafe_b64decode(salt + "=")) == 32
    assert (path, value) == ("/price", "1200000.00")
    assert hashlib.sha256(opening.encode()).hexdigest() == commitment


def test_an_opening_of_another_commitment_is_refused() -> None:
    commitment, _ = commit("/holder", "张三")
    _, other_opening = commit("/holder", "张三")
    with pytest.raises(CommitmentError):
        check_opening(commitment, other_opening)


@given(st.data())
def test_a_changed_character_of_an_opening_is_found(data: st.DataObject) -> None:
    commitment, opening = commit("/holder", "张三")
    place = data.draw(st.integers(0, len(opening) - 1))
    changed = opening[:place] + chr(ord(opening[place]) ^ 1) + opening[place + 1 :]
    with pytest.raises(CommitmentError):
        check_opening(commitment, changed)


def test_an_opening_outside_ascii_is_refused() -> None:
    with pytest.raises(CommitmentError):
        check_opening("0" * 64, "张三")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"not JSON",
        b'"abc"',
        b'{"a":1,"b":2,"c":3}',
        b'["salt","/path"]',
        b'["salt","/path",1,2]',
        b'[1,"/path",1]',
        b'["salt",2,1]',
        b"[" * 100_000,
    ],
)
def test_a_commitment_to_something_else_does_not_open(content: bytes) -> None:
    opening = base64.urlsafe_b64encode(content).decode().rstrip("=")
    with pytest.raises(MalformedError):
        check_opening(hashlib.sha256(opening.encode()).hexdigest(), opening)


def test_a_commitment_to_text_that_is_not_base64_does_not_open() -> None:
    with pytest.raises(MalformedError):
        check_opening(hashlib.sha256(b"abcde").hexdigest(), "abcde")


def test_a_value_without_an_exact_form_is_not_committed_to() -> None:
    with pytest.raises(NotCanonicalError):
        commit("/price", 0.1)  # type: ignore[arg-type] # what an untyped caller might pass

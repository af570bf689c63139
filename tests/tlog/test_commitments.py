"""Commitments: what is opened is what was committed, and nothing can be learnt without opening."""

import base64
import copy
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primitives.canonical_json import Json, JsonObject, NotCanonicalError, canonical_json
from tlog.commitments import CommitmentError, check_opening, commit, disclose, withhold
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


documents = st.dictionaries(texts.filter(lambda name: name != "commitments"), json_values)


def pointers(value: Any, path: str = "") -> list[str]:
    """Return the JSON pointer (RFC 6901) of every member of every object: the plain recursion."""
    found = []
    if isinstance(value, dict):
        for name, member in value.items():
            pointer = f"{path}/{name.replace('~', '~0').replace('/', '~1')}"
            found += [pointer, *pointers(member, pointer)]
    elif isinstance(value, list):
        for place, element in enumerate(value):
            found += pointers(element, f"{path}/{place}")
    return found


@given(st.data())
def test_what_is_withheld_comes_back_when_it_is_opened(data: st.DataObject) -> None:
    document: JsonObject = dict(data.draw(documents))
    every = pointers(document)
    chosen = data.draw(st.lists(st.sampled_from(every), unique=True) if every else st.just([]))
    # A member inside one that is withheld is withheld with it.
    chosen = [one for one in chosen if not any(one.startswith(f"{other}/") for other in chosen)]
    before = copy.deepcopy(document)

    withheld, openings = withhold(document, chosen)

    assert document == before
    assert set(pointers(withheld)) & set(chosen) == set()
    opened = disclose(withheld, openings.values())
    assert opened.pop("commitments") == {}
    assert canonical_json(opened) == canonical_json(document)


def test_what_is_not_opened_stays_a_commitment() -> None:
    payload: JsonObject = {"remarks": "a", "papers": [{"title": "b"}, {"title": "c"}]}
    withheld, openings = withhold(payload, ["/remarks", "/papers/0/title", "/papers/1/title"])

    opened = disclose(withheld, [openings["/papers/1/title"]])

    assert opened["papers"] == [{}, {"title": "c"}]
    assert "remarks" not in opened
    assert isinstance(opened["commitments"], dict)
    assert set(opened["commitments"]) == {"/remarks", "/papers/0/title"}


def test_an_opening_of_another_payload_discloses_nothing() -> None:
    withheld, openings = withhold({"remarks": "a"}, ["/remarks"])
    _, strange = withhold({"remarks": "a"}, ["/remarks"])

    with pytest.raises(CommitmentError):
        disclose(withheld, strange.values())
    with pytest.raises(CommitmentError):
        disclose(withheld, [*openings.values(), *openings.values()])


def test_a_commitment_that_stands_at_another_place_is_refused() -> None:
    commitment, opening = commit("/b", "x")

    with pytest.raises(CommitmentError):
        disclose({"commitments": {"/a": commitment}}, [opening])
    with pytest.raises(CommitmentError):
        disclose({"b": "y", "commitments": {"/b": commitment}}, [opening])


@pytest.mark.parametrize(
    "pointer", ["", "a", "/list/0", "/list/9/x", "/list/x/y", "/none/x", "/x/y/z"]
)
def test_a_pointer_that_leads_to_no_member_is_refused(pointer: str) -> None:
    with pytest.raises(MalformedError):
        withhold({"a": 1, "list": [1, {"x": 1}], "x": {"y": 1}}, [pointer])
    commitment, opening = commit(pointer, 1)
    payload: JsonObject = {"list": [1], "x": {"y": 1}, "commitments": {pointer: commitment}}
    if pointer != "/a":
        with pytest.raises((MalformedError, CommitmentError)):
            disclose(payload, [opening])


@pytest.mark.parametrize("payload", [{}, {"commitments": []}, {"commitments": "x"}])
def test_a_payload_without_commitments_discloses_nothing(payload: JsonObject) -> None:
    with pytest.raises(MalformedError):
        disclose(payload, [])

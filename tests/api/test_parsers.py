"""The strict reader of JSON (RFC 7493): what it takes, and what it refuses and where."""

import itertools
import json
from contextlib import suppress

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from api.parsers import MAX_DEPTH, MAX_INTEGER, parse_json
from api.problems import MalformedContentError
from primitives.canonical_json import Json
from tests.api.conftest import JSON

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.floats(-1e15, 1e15)
    | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=20,
)


@given(VALUES)
def test_what_json_writes_is_read_as_it_was(value: Json) -> None:
    assert parse_json(json.dumps(value).encode()) == value
    assert parse_json(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary() | st.text(alphabet='[]{}",:0123456789eE+-.\\u dDfntrlasNaI').map(str.encode))
def test_no_bytes_raise_anything_but_malformed(content: bytes) -> None:
    with suppress(MalformedContentError):
        parse_json(content)


@given(VALUES, TEXTS)
def test_a_name_that_stands_twice_is_found_wherever_it_is(value: Json, name: str) -> None:
    member = f"{json.dumps(name)}: {json.dumps(value)}"

    with pytest.raises(MalformedContentError, match="twice"):
        parse_json(f'[{{"a": {{{member}, {member}}}}}]'.encode())


@pytest.mark.parametrize(
    ("content", "pointer"),
    [
        (b'{"a": 1, "a": 2}', "#/a"),
        (b'{"a": [{"~/b": 1, "~/b": 1}]}', "#/a/0/~0~1b"),
        (b'{"a": 1, "\\u0061": 2}', "#/a"),
        ('{"权": 1, "权": 2}'.encode(), "#/%E6%9D%83"),
        (b'{"a": NaN}', "#/a"),
        (b'{"a": [1, Infinity]}', "#/a/1"),
        (b'{"a": -Infinity}', "#/a"),
        (b'{"a": 1e400}', "#/a"),
        (b'{"a": 9007199254740992}', "#/a"),
        (b'{"a": -9007199254740992}', "#/a"),
        (b'{"a": ' + b"9" * 200_000 + b"}", "#/a"),
        (b'{"a": "\\ud800"}', "#/a"),
        (b'{"a": {"\\udc00": 1}}', "#/a"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "#" + "/0" * MAX_DEPTH),
        (b"[" * 100_000 + b"]" * 100_000, "#"),
        (b'{"a":' * 100_000, "#"),
        (b"\xff", "#"),
        (b'\xef\xbb\xbf{"a": 1}', "#"),
        ('{"a": 1}'.encode("utf-16"), "#"),
        (b"{'a': 1}", "#"),
        (b'{"a": 1,}', "#"),
        (b'{"a": 1} 2', "#"),
        (b'{"a": "\n"}', "#"),
        (b'{"a": 01}', "#"),
        (b" ", "#"),
    ],
    ids=itertools.count(),
)
def test_each_kind_of_bad_json_is_a_400_that_says_where(
    client: Client, db: None, content: bytes, pointer: str
) -> None:
    response = client.post("/api/v1/verify/number", content, content_type=JSON)

    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]


def test_the_deepest_and_largest_that_is_allowed_is_read() -> None:
    deepest = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH

    assert json.dumps(parse_json(deepest)).encode() == deepest
    assert parse_json(b"[9007199254740991, -9007199254740991]") == [MAX_INTEGER, -MAX_INTEGER]

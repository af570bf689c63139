import json
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from primitives.canonical_json import (
    Json,
    NotCanonicalError,
    canonical_json,
    instant_from_text,
    instant_text,
    parse_canonical_json,
)

PLAIN = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | PLAIN,
    lambda inner: st.lists(inner) | st.dictionaries(PLAIN, inner),
    max_leaves=10,
)


def test_members_are_sorted_by_utf_16_as_rfc_8785_says() -> None:
    """The example of RFC 8785 section 3.2.3."""
    members: dict[str, Json] = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    order = [json.loads(f'"{name}"') for name in ("\\r", "1")]
    written = list(json.loads(canonical_json(members)))
    assert written == [*order, "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


@given(VALUES)
def test_what_is_written_reads_back_and_has_one_form(value: Json) -> None:
    written = canonical_json(value)
    assert json.loads(written) == value
    assert canonical_json(json.loads(written)) == written


@given(VALUES)
def test_it_writes_as_a_program_that_we_did_not_write(value: Json) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)


@given(VALUES)
def test_what_is_written_is_parsed_and_nothing_else_is(inner: Json) -> None:
    value = [inner]  # the beginning of a number is another one
    written = canonical_json(value)
    assert parse_canonical_json(written) == value
    for other in (b" " + written, written + b"\n", b"\xef\xbb\xbf" + written, written[:-1]):
        with pytest.raises(NotCanonicalError):
            parse_canonical_json(other)


@pytest.mark.parametrize(
    "content",
    [
        *(b"1.0", b"1e2", b"-0", b"NaN", b"9007199254740992", b"1" * 5_000, b'"\xff"'),
        *(b'{"a":1,"a":1}', b'{"b":1,"a":1}', b'{"a": 1}', b'"\\u0041"', b'"\\ud800"', b""),
    ],
)
def test_json_in_another_form_is_refused(content: bytes) -> None:
    with pytest.raises(NotCanonicalError):
        parse_canonical_json(content)


def test_it_takes_other_mappings_and_sequences() -> None:
    assert canonical_json((1, MappingProxyType({"a": ()}))) == b'[1,{"a":[]}]'


@pytest.mark.parametrize(
    "value",
    [1.0, [0.5], {"a": float("nan")}, 2**53, -(2**53), "\ud800", {"\udfff": 1}, {1: 2}, b"a", {2}],
)
def test_a_value_without_an_exact_form_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonicalError):
        canonical_json(value)


def test_an_instant_is_written_in_utc() -> None:
    noon = datetime(2026, 11, 25, 12, tzinfo=timezone(timedelta(hours=8)))
    assert instant_text(noon) == "2026-11-25T04:00:00Z"
    assert instant_from_text("2026-11-25T04:00:00Z") == noon.astimezone(UTC)


def test_an_instant_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        instant_text(datetime(2026, 11, 25, 12))  # noqa: DTZ001 # the case under test

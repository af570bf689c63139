"""Canonical JSON (RFC 8785): the one form of a value that is hashed and signed."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

import rfc8785

Json: TypeAlias = "bool | int | str | Sequence[Json] | Mapping[str, Json] | None"
JsonObject: TypeAlias = dict[str, Json]

MAX_INTEGER = 2**53 - 1
MAX_DIGITS = len(str(-MAX_INTEGER))
# Unions that are made once; the common type comes first.
SCALARS, MAPPINGS, SEQUENCES = (str, bool), (dict, Mapping), (list, Sequence)
ASTRAL = re.compile("[\U00010000-\U0010ffff]")


class NotCanonicalError(ValueError):
    """A value has no canonical form: a float, an integer beyond 2**53, a lone surrogate."""


def canonical_json(value: Json) -> bytes:
    """Return the RFC 8785 bytes of ``value``.

    Floats are refused although RFC 8785 has a form for them: money and shares are exact here.

    Raises:
        NotCanonicalError: ``value`` holds something that has no exact canonical form.
    """
    _require_exact(value)
    return _written(value)


def parse_canonical_json(content: bytes) -> Json:
    """Parse the bytes that `canonical_json` wrote; they are then the only ones that mean the same.

    Raises:
        NotCanonicalError: anything else, also a name that stands twice.
        RecursionError: what is nested too deeply.
    """
    try:
        value: Json = _DECODER.decode(content.decode())
    except ValueError as error:
        raise NotCanonicalError("this is not JSON of exact values") from error
    if _written(value) != content:
        raise NotCanonicalError("this is JSON in another form")
    return value


def _written(value: Json) -> bytes:
    text = _ENCODER.encode(value)
    try:
        # RFC 8785 sorts names by UTF-16, which differs from Python's order from U+E000 on if there
        # are characters beyond U+FFFF. Else the standard library writes the same, much faster.
        return rfc8785.dumps(value) if ASTRAL.search(text) else text.encode()
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise NotCanonicalError(str(error)) from error


def _plain(value: Json) -> Json:
    """Return a dict or a list in place of another mapping or sequence."""
    return dict(value) if isinstance(value, Mapping) else list(value)  # type: ignore[arg-type] # exact


_ENCODER = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain
)


def _exact_integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS or abs(int(digits)) > MAX_INTEGER:
        raise NotCanonicalError("an integer is beyond 2**53")
    return int(digits)


def _inexact(text: str) -> float:
    raise NotCanonicalError(f"{text} is a floating-point number")


_DECODER = json.JSONDecoder(parse_int=_exact_integer, parse_float=_inexact, parse_constant=_inexact)


def _require_exact(value: Json) -> None:
    if value is None or isinstance(value, SCALARS):
        return
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise NotCanonicalError(f"{value} is beyond 2**53; write it as text")
        return
    for inner in _inside(value):
        _require_exact(inner)


def _inside(value: Json) -> Iterable[Json]:
    if isinstance(value, MAPPINGS):
        if not all(isinstance(name, str) for name in value):
            raise NotCanonicalError("the name of a member is no text")
        return value.values()
    if isinstance(value, SEQUENCES) and not isinstance(value, bytes | bytearray):
        return value
    raise NotCanonicalError(f"{value!r} has no exact form; write a number with a point as text")


def instant_text(instant: datetime) -> str:
    """Return ``instant`` in UTC as RFC 3339 text with whole seconds, e.g. 2026-11-25T02:30:00Z.

    Raises:
        ValueError: ``instant`` has no time zone.
    """
    if instant.tzinfo is None:
        raise ValueError(f"{instant!r} has no time zone")
    return f"{instant.astimezone(UTC).isoformat(timespec='seconds')[:-6]}Z"


def instant_from_text(text: str) -> datetime:
    """Parse what `instant_text` wrote.

    Raises:
        ValueError: ``text`` is anything else.
    """
    instant = datetime.fromisoformat(text)
    if instant_text(instant) != text:
        raise ValueError(f"{text!r} is not an instant of whole seconds in UTC")
    return instant

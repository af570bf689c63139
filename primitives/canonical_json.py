"""Canonical JSON (RFC 8785): the one form of a value that is hashed and signed."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

import rfc8785

Json: TypeAlias = "bool | int | str | Sequence[Json] | Mapping[str, Json] | None"
JsonObject: TypeAlias = dict[str, Json]


class NotCanonicalError(ValueError):
    """A value has no canonical form: a float, an integer beyond 2**53, a lone surrogate."""


def canonical_json(value: Json) -> bytes:
    """Return the RFC 8785 bytes of ``value``.

    Floats are refused although RFC 8785 has a form for them: money and shares are exact here.

    Raises:
        NotCanonicalError: ``value`` holds something that has no exact canonical form.
    """
    _refuse_floats(value)
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise NotCanonicalError(str(error)) from error


def _refuse_floats(value: Json) -> None:
    if isinstance(value, float):
        raise NotCanonicalError(f"{value!r} is a floating-point number; write it as text")
    if isinstance(value, Mapping):
        for member in value.values():
            _refuse_floats(member)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for element in value:
            _refuse_floats(element)


def instant_text(instant: datetime) -> str:
    """Return ``instant`` in UTC as RFC 3339 text with whole seconds, e.g. 2026-11-25T02:30:00Z.

    Raises:
        ValueError: ``instant`` has no time zone.
    """
    if instant.tzinfo is None:
        raise ValueError(f"{instant!r} has no time zone")
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant_from_text(text: str) -> datetime:
    """Parse what `instant_text` wrote.

    Raises:
        ValueError: ``text`` is anything else.
    """
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)

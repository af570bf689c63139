"""Reading entries back: the envelope ``quanji.entry/1`` as it stands in the log."""

import json
from typing import Any

MEMBERS = frozenset(
    {"schema", "kind", "keys", "recorded_at", "actor", "officer", "nonce", "payload"}
)


class EntryMalformedError(Exception):
    """The bytes are not an entry of ours."""


def parse_entry(content: bytes) -> dict[str, Any]:
    """Return the members of an entry's envelope.

    Raises:
        EntryMalformedError: not JSON, or not the envelope.
    """
    try:
        parsed = json.loads(content)
    except ValueError as error:
        raise EntryMalformedError(str(error)) from error
    if not isinstance(parsed, dict) or parsed.keys() != MEMBERS:
        raise EntryMalformedError("not the envelope quanji.entry/1")
    return parsed

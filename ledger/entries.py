"""Reading entries back: the envelope ``quanji.entry/1`` as it stands in the log.

And the ledger's own act, the commitment to its state (ledger/state_map.py).
"""

import json
from typing import Any

MEMBERS = frozenset(
    {"schema", "kind", "keys", "recorded_at", "actor", "officer", "nonce", "payload"}
)

STATE_COMMITTED = "state.committed/1"
RECOVERED = "ledger.recovered/1"
STATE_MAP_KEY = "state-map"


class EntryMalformedError(Exception):
    """The bytes are not an entry of ours."""


def parse_entry(content: bytes) -> dict[str, Any]:
    """Return the members of an entry's envelope.

    Raises:
        EntryMalformedError: not JSON, or not the envelope.
    """
    try:
        parsed = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise EntryMalformedError(str(error)) from error
    if not isinstance(parsed, dict) or parsed.keys() != MEMBERS:
        raise EntryMalformedError("not the envelope quanji.entry/1")
    if not isinstance(parsed["payload"], dict) or not _is_versions(parsed["keys"]):
        raise EntryMalformedError("its keys or its payload are not objects of the envelope")
    return parsed


def stored_bytes(value: bytes | memoryview | str) -> bytes:
    """Return a binary column's bytes; SQLite keeps text there too if someone writes it."""
    return value.encode("utf-8", "surrogateescape") if isinstance(value, str) else bytes(value)


def _is_versions(keys: object) -> bool:
    return isinstance(keys, dict) and all(type(version) is int for version in keys.values())

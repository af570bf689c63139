"""Who stands behind a record: the organisations that it names, by what it says of them.

Pure. Entry points: `holders_of`, `publisher_of`. A record gives no organisation's number in any
register. Who is named by an address is a real party, identified by it; who is named only in words
is identified by those words and marked as an example.
"""

import re
from dataclasses import dataclass
from typing import Literal

from bench.records.collection import Parent, Record

MAX_IDENTIFIER = 100
ADDRESS = re.compile(
    r"(?:https?://)?(?:www\.)?([\w-]+(?:\.[\w-]+)*\.[a-z]{2,})(/\S*)?", re.IGNORECASE
)
HUBS = frozenset({"huggingface.co", "github.com"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A party as it is entered into the register."""

    kind: Literal["LEGAL", "UNINCORPORATED"]
    name: str
    identifier_scheme: Literal["WEBSITE", "FOREIGN"]
    identifier: str
    is_example: bool


UNSTATED = Named(
    kind="UNINCORPORATED",
    name="发布者未载明（publisher not stated）",
    identifier_scheme="FOREIGN",
    identifier="publisher not stated",
    is_example=True,
)
"""Who published a source that a record names without saying whose it is."""


def holders_of(record: Record) -> tuple[Named, ...]:
    """Return the creators, or who publishes it where none is named.

    No record states shares; they are equal then (Civil Code art. 309).
    """
    if record.creators:
        return tuple(_in_words("LEGAL", creator) for creator in record.creators)
    return (_at(record.website) or _in_words("UNINCORPORATED", record.collection),)


def publisher_of(parent: Parent) -> Named:
    """Return who published a source from outside: at its own address, or at its collection's."""
    return _owner(parent.name) or _at(parent.website) or UNSTATED


def _in_words(kind: Literal["LEGAL", "UNINCORPORATED"], name: str) -> Named:
    return Named(
        kind=kind,
        name=name,
        identifier_scheme="FOREIGN",
        identifier=name[:MAX_IDENTIFIER],
        is_example=True,
    )


def _at(website: str) -> Named | None:
    """Return the publisher at an address, named by it."""
    if not website or len(website) > MAX_IDENTIFIER:
        return None
    return Named(
        kind="UNINCORPORATED",
        name=website.partition("://")[2] or website,
        identifier_scheme="WEBSITE",
        identifier=website,
        is_example=False,
    )


def _owner(name: str) -> Named | None:
    """Return whose page a name that is an address leads to: the host, or the account on a hub."""
    found = ADDRESS.fullmatch(name.strip())
    if found is None:
        return None
    host, path = found[1].casefold(), found[2] or ""
    account = next((part for part in path.split("/") if part not in {"", "datasets"}), "")
    return _at(f"https://{host}/{account}" if account and host in HUBS else f"https://{host}")

"""A register rebuilt from the ledger, in a file of its own: as large as the disk, not the memory.

Facts are kept in the order in which they were written; that one was taken is one bit.
"""

import json
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

TABLE = "CREATE TABLE fact (key TEXT NOT NULL UNIQUE, content TEXT, entry INTEGER, leaf INTEGER)"
ADD = "INSERT OR IGNORE INTO fact (key, content, entry, leaf) VALUES (?, ?, ?, ?)"
REPLACE = "UPDATE fact SET content = ?, entry = ?, leaf = ? WHERE key = ?"
GET = "SELECT rowid, content, entry, leaf FROM fact WHERE key = ?"
ALL = "SELECT rowid, key, content, entry, leaf FROM fact ORDER BY rowid"

QUEUED = -1
"""The leaf of an entry that waits in the queue."""


class WrittenFact(NamedTuple):
    """A fact as the ledger has it, with the entry that wrote it.

    Attributes:
        content: the fact as `fact_text` writes it.
        entry: primary key of the entry.
        leaf: its leaf index, or `QUEUED`.
    """

    table: str
    name: str
    content: str
    entry: int
    leaf: int

    @property
    def place(self) -> int | None:
        """The leaf index, None while the entry waits."""
        return None if self.leaf == QUEUED else self.leaf


class Scratch:
    """Facts by table and name; a context that deletes its file when it ends."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="quanji-audit-")
        self._database = sqlite3.connect(Path(self._folder.name) / "facts.sqlite3")
        for statement in (
            # Nobody else reads it, and nothing of it outlives this process.
            "PRAGMA journal_mode = OFF",
            "PRAGMA synchronous = OFF",
            "PRAGMA locking_mode = EXCLUSIVE",
            "PRAGMA cache_size = -65536",
            TABLE,
            "BEGIN",
        ):
            self._database.execute(statement)
        self._seen = bytearray()
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.close()
        self._folder.cleanup()

    def put(self, fact: WrittenFact) -> bool:
        """Keep a fact in place of an earlier one of its name; say whether there was one."""
        key = _key(fact.table, fact.name)
        if self._database.execute(ADD, (key, *fact[2:])).rowcount:
            self.count += 1
            return False
        self._database.execute(REPLACE, (*fact[2:], key))
        return True

    def take(self, table: str, name: object) -> WrittenFact | None:
        """Return a fact and mark it as seen; None if there is none, or it was taken before."""
        found = self._database.execute(GET, (_key(table, name),)).fetchone()
        if found is None:
            return None
        byte, bit = divmod(found[0], 8)
        if byte >= len(self._seen):
            self._seen.extend(bytes(byte + 1 - len(self._seen)))
        if self._seen[byte] >> bit & 1:
            return None
        self._seen[byte] |= 1 << bit
        return WrittenFact(table, str(name), *found[1:])

    def left(self) -> Iterator[WrittenFact]:
        """Yield the facts that nobody took."""
        for number, key, content, entry, leaf in self._database.execute(ALL):
            byte, bit = divmod(number, 8)
            if byte >= len(self._seen) or not self._seen[byte] >> bit & 1:
                table, name = json.loads(key)
                yield WrittenFact(table, str(name), content, entry, leaf)


def fact_text(fact: Mapping[str, Any]) -> str:
    """Return one text for one fact; members of code lists are the text that was written."""
    return json.dumps(fact, sort_keys=True, separators=(",", ":"), default=repr)


def _key(table: str, name: object) -> str:
    return json.dumps([table, str(name)])

"""Many entries in no time: the bytes that `Act.record` would write, inserted in bulk.

The triggers run as they do for an act: keys and queue are written by the database.
"""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from django.db import connection

from tlog.merkle import leaf_hash

AT = datetime(2026, 11, 25, 4, tzinfo=UTC)
KIND = "bench.noted/1"
VERSIONS_PER_KEY = 5
CHUNK = 10_000
COLUMNS = "kind, recorded_at, actor, officer, content, leaf_hash"


def fill(start: int, end: int) -> None:
    """Insert the entries ``start`` to ``end``; each fifth is the next version of one key."""
    instants = ((kind, stored(at), *others) for kind, at, *others in rows(start, end))
    insert("ledger_entry", COLUMNS, instants)


def rows(start: int, end: int) -> Iterator[tuple[str, datetime, str, str, bytes, bytes]]:
    """Yield the columns of entries of about 530 bytes."""
    for number in range(start, end):
        content = _content(number)
        yield KIND, AT, "U-BENCH", "U-BENCH", content, leaf_hash(content)


def insert(table: str, columns: str, values: Iterable[Sequence[Any]]) -> None:
    """Insert rows by the fastest way that the database has for one client, a chunk at a time."""
    rest = iter(values)
    while chunk := list(islice(rest, CHUNK)):
        _insert(table, columns, chunk)


def _insert(table: str, columns: str, values: list[Sequence[Any]]) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
        else:
            places = ", ".join(["%s"] * len(columns.split(",")))
            cursor.execute("BEGIN IMMEDIATE")
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", values)  # noqa: S608 # our columns
            cursor.execute("COMMIT")


def stored(at: datetime) -> object:
    """Return an instant as Django hands it to the database."""
    return connection.ops.adapt_datetimefield_value(at)


def _content(number: int) -> bytes:
    key, version = divmod(number, VERSIONS_PER_KEY)
    return (
        f'{{"actor":"U-BENCH","keys":{{"bench:{key:09d}":{version + 1}}},"kind":"{KIND}",'
        f'"nonce":"{secrets.token_hex(32)}","officer":"U-BENCH","payload":{{"text":"{"x" * 280}"}},'
        f'"recorded_at":"{AT:%Y-%m-%dT%H:%M:%SZ}","schema":"quanji.entry/1"}}'
    ).encode()

"""Many entries in no time: the bytes that `Act.record` would write, inserted in bulk.

The triggers run as they do for an act: keys and queue are written by the database.
"""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import connection

from tlog.merkle import leaf_hash

AT = datetime(2026, 11, 25, 4, tzinfo=UTC)
KIND = "bench.noted/1"
VERSIONS_PER_KEY = 5
CHUNK = 10_000
COLUMNS = "kind, recorded_at, actor, officer, content, leaf_hash"


def fill(start: int, end: int) -> None:
    """Insert the entries ``start`` to ``end``; each fifth is the next version of one key."""
    for first in range(start, end, CHUNK):
        _insert(list(rows(first, min(end, first + CHUNK))))


def rows(start: int, end: int) -> Iterator[tuple[str, datetime, str, str, bytes, bytes]]:
    """Yield the columns of entries of about 530 bytes."""
    for number in range(start, end):
        content = _content(number)
        yield KIND, AT, "U-BENCH", "U-BENCH", content, leaf_hash(content)


def _content(number: int) -> bytes:
    key, version = divmod(number, VERSIONS_PER_KEY)
    return (
        f'{{"actor":"U-BENCH","keys":{{"bench:{key:09d}":{version + 1}}},"kind":"{KIND}",'
        f'"nonce":"{secrets.token_hex(32)}","officer":"U-BENCH","payload":{{"text":"{"x" * 280}"}},'
        f'"recorded_at":"{AT:%Y-%m-%dT%H:%M:%SZ}","schema":"quanji.entry/1"}}'
    ).encode()


def _insert(values: list[tuple[str, datetime, str, str, bytes, bytes]]) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY ledger_entry ({COLUMNS}) FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
        else:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.executemany(
                f"INSERT INTO ledger_entry ({COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s)",  # noqa: S608 # our columns
                [(row[0], f"{row[1]:%Y-%m-%d %H:%M:%S}", *row[2:]) for row in values],
            )
            cursor.execute("COMMIT")

"""Rows as the database has them, without models and without conversions.

Text comes as bytes on both databases: whatever stands in a column of SQLite, it can be read, and
an entry's frame is compared as bytes anyway. A column of another type than integer, text or binary
must be cast to text by the query.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from django.db import connection, transaction
from psycopg import Cursor, ServerCursor
from psycopg.types.string import ByteaBinaryLoader

Row: TypeAlias = tuple[Any, ...]

PAGE_SIZE = 4096


def fetch(query: str, *parameters: object) -> list[Row]:
    """Return all rows of a query; ``%s`` stands for its parameters."""
    connection.ensure_connection()
    if connection.vendor == "postgresql":
        with Cursor(connection.connection) as cursor:
            _keep_bytes(cursor)
            return list(cursor.execute(query, parameters, binary=True).fetchall())
    with _bytes_for_text():
        return list(connection.connection.execute(query.replace("%s", "?"), parameters))


def stream(query: str, *parameters: object) -> Iterator[Row]:
    """Yield the rows of a query of any length, holding one page of them at a time."""
    connection.ensure_connection()
    if connection.vendor == "postgresql":
        with transaction.atomic(), ServerCursor(connection.connection, "audit") as rows:
            _keep_bytes(rows)
            rows.execute(query, parameters, binary=True)
            while page := rows.fetchmany(PAGE_SIZE):
                yield from page
        return
    with _bytes_for_text():
        rows = connection.connection.execute(query.replace("%s", "?"), parameters)
    while page := _page(rows):
        yield from page


def count(table: str) -> int:
    """Return how many rows a table has."""
    return int(fetch(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608 # callers name constants


def text(value: object) -> str:
    """Return what stands in a text column, also if it is no text."""
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def _page(rows: Any) -> list[Row]:  # noqa: ANN401 # sqlite3.Cursor, which the stubs of Django hide
    with _bytes_for_text():
        return list(rows.fetchmany(PAGE_SIZE))


def _keep_bytes(cursor: Cursor[Any] | ServerCursor[Any]) -> None:
    for name in ("text", "varchar"):
        cursor.adapters.register_loader(name, ByteaBinaryLoader)


@contextmanager
def _bytes_for_text() -> Iterator[None]:
    raw = connection.connection
    usual, raw.text_factory = raw.text_factory, bytes
    try:
        yield
    finally:
        raw.text_factory = usual

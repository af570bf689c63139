"""Fixed statements, for what is read so often that building a query costs more than answering it.

Entry point: `fetch`.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

import psycopg
from django.db import connection

Row = tuple[Any, ...]
Parameter: TypeAlias = int | str | list[str] | None


def fetch(sql: str, parameters: Sequence[Parameter]) -> list[Row]:
    """Return the rows of a statement with ``%s`` for each of its parameters.

    PostgreSQL is sent text and parameters apart: a connection that runs the same text again and
    again then keeps its plan, which takes longer to make than a title to read.

    Raises:
        django.db.Error: the database refuses the statement, or is gone.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # As Django's own cursors do: whoever waits for a lost database knows its errors only.
            with connection.wrap_database_errors, psycopg.Cursor(cursor.connection) as apart:
                return apart.execute(sql, parameters).fetchall()
        cursor.execute(sql, parameters)
        found: list[Row] = cursor.fetchall()
    return found

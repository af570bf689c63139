"""The closure of provenance: every version behind some versions, or in front, by one statement.

Entry points: `ancestor_versions`, `descendant_versions`, `versions_relying_on`. Depth has no limit.
The statement meets each version once, however many paths lead there, so that its time grows with
what it returns and not with the graph.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from django.db import connection

from registry.models import AssetVersion

DERIVED, SOURCE, BASIS = "derived_version_id", "source_version_id", "basis_interest"

# UNION drops what was reached before; UNION ALL would walk every path, and paths double at each
# step where two meet. An external source is reached as NULL, which leads nowhere.
CLOSURE = """
    WITH RECURSIVE reached (version_id) AS (
        {first} UNION {next}
    )
    SELECT version_id FROM reached WHERE version_id IS NOT NULL"""

# How many versions a step reaches no planner can know. Left to guess, PostgreSQL may read the whole
# index at every step; OFFSET 0 keeps the edges of one version a subquery, answered by the index.
STEP_ON_POSTGRESQL = """
    SELECT edge.version_id FROM {known} CROSS JOIN LATERAL (
        SELECT {onward} AS version_id FROM registry_derivation WHERE {here} = {key} OFFSET 0
    ) AS edge"""
# An array that is not a constant counts as ten: with many starts the statement would otherwise look
# so long that PostgreSQL compiles it first (JIT), which takes longer than to run it.
STARTS_ON_POSTGRESQL = "unnest((SELECT %s::{kind}[])) AS start (value)"

STEP_ON_SQLITE = """
    SELECT edge.{onward} FROM {known} CROSS JOIN registry_derivation AS edge
    WHERE edge.{here} = {key}"""
STARTS_ON_SQLITE = "json_each(%s) AS start"

Parameter: TypeAlias = int | str | list[int] | list[str]
KeyT = TypeVar("KeyT", int, str)

KEYS_AT_ONCE = 10_000
"""SQLite takes 32,766 parameters, unless it was built for more."""


class MoreVersionsError(Exception):
    """The closure has more versions than the budget; how many more is not known."""

    def __init__(self, budget: int) -> None:
        super().__init__(f"more than {budget} versions")
        self.budget = budget


@dataclass(frozen=True, slots=True)
class Closure:
    """A set of versions as the statement that finds them; nothing is read before it is asked for.

    Attributes:
        sql: a SELECT of one column, ``version_id``, each key once and in no order. It stands in
            parentheses wherever a SELECT may: ``INSERT INTO ... SELECT ... FROM (sql) AS reached``.
        params: the values of its placeholders, in their order.
    """

    sql: str
    params: tuple[Parameter, ...]

    def pks(self, *, budget: int | None = None) -> list[int]:
        """Return the primary keys of the versions, each once and in no order.

        Raises:
            MoreVersionsError: there are more than ``budget``; it was given up at one more.
        """
        sql, params = self.sql, self.params
        if budget is not None:
            sql, params = f"{sql} LIMIT %s", (*params, budget + 1)
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            found = [pk for (pk,) in cursor.fetchall()]
        if budget is not None and len(found) > budget:
            raise MoreVersionsError(budget)
        return found

    def asset_numbers(self, *, budget: int | None = None) -> list[str]:
        """Return the numbers of the assets that have one of the versions, each once, in order.

        Raises:
            MoreVersionsError: there are more than ``budget`` versions.
        """
        # Not joined with the closure: the guess of its size would have whole tables read.
        numbers: set[str] = set()
        for keys in batches(self.pks(budget=budget)):
            versions = AssetVersion.objects.filter(pk__in=keys)
            numbers.update(versions.values_list("asset__number", flat=True))
        return sorted(numbers)


def ancestor_versions(*versions: int) -> Closure:
    """Return all versions, by primary key, from which one of ``versions`` was derived.

    Directly or through others; one of ``versions`` is among them if another was derived from it.
    """
    return _closure(DERIVED, list(versions), here=DERIVED, onward=SOURCE)


def descendant_versions(*versions: int) -> Closure:
    """Return all versions, by primary key, that were derived from one of ``versions``.

    Directly or through others; one of ``versions`` is among them if it was derived from another.
    """
    return _closure(SOURCE, list(versions), here=SOURCE, onward=DERIVED)


def versions_relying_on(*interests: str) -> Closure:
    """Return all versions whose derivation relied on one of these rights, and their descendants.

    Raises:
        ValueError: a reference is empty, which is how an edge says that it relies on no right.
    """
    if not all(interests):
        raise ValueError("an empty reference names no right")
    return _closure(BASIS, list(interests), here=SOURCE, onward=DERIVED)


def batches(keys: Sequence[KeyT]) -> Iterator[Sequence[KeyT]]:
    """Yield the keys in parts that a query can take as parameters."""
    for first in range(0, len(keys), KEYS_AT_ONCE):
        yield keys[first : first + KEYS_AT_ONCE]


def _closure(column: str, values: list[int] | list[str], *, here: str, onward: str) -> Closure:
    """Begin with the edges that have one of ``values`` in ``column``; then go from here onward."""
    if connection.vendor == "postgresql":
        kind = "text" if column == BASIS else "bigint"
        step, starts = STEP_ON_POSTGRESQL, STARTS_ON_POSTGRESQL.format(kind=kind)
        param: Parameter = values
    else:
        step, starts, param = STEP_ON_SQLITE, STARTS_ON_SQLITE, json.dumps(values)
    sql = CLOSURE.format(
        first=step.format(known=starts, here=column, key="start.value", onward=onward),
        next=step.format(known="reached", here=here, key="reached.version_id", onward=onward),
    )
    return Closure(sql, (param,))

"""What the database itself sees to: the log is append-only, and no entry escapes the queue.

Triggers on both databases refuse every change of a logged row; after each insert of an entry they
write its keys, read from the entry's own bytes, and put it into the queue. Django rebuilds a SQLite
table to change a column and thereby drops its triggers, so all are installed again after every
migration and looked for at every start (`ledger.checks`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper

from ledger.locks import LOCK_KEYS

APPEND_ONLY: dict[str, list[tuple[str, ...]]] = {
    "ledger_entry": [("id",)],
    "ledger_entrykey": [("key", "version")],
    "ledger_leaf": [("index",), ("entry_id",)],
    "ledger_treehead": [("size",)],
    "ledger_checkpoint": [("tree_head_id",)],
    "ledger_cosignature": [("checkpoint_id", "name", "key_id")],
}
"""Table -> its unique keys; rows of these tables are inserted and nothing else.

An app whose rows only ever come to more adds its table when it starts (`guard`).
"""

TILE = "ledger_tile"
TILE_KEYS: list[tuple[str, ...]] = [("level", "index")]
"""Tiles grow besides; none is deleted or moved."""

PENDING = "ledger_pending"
"""The queue: a row leaves it only for a place in the tree."""

FUNCTION = re.compile(r"CREATE OR REPLACE FUNCTION (\w+)\(\) RETURNS trigger")
TRIGGER = re.compile(r"CREATE TRIGGER (\w+)")
CALLED = re.compile(r"EXECUTE FUNCTION (\w+)\(\)")


def guard(table: str, *unique_keys: tuple[str, ...]) -> None:
    """Have the database refuse every change of a table's rows, as of the log's."""
    APPEND_ONLY[table] = list(unique_keys)


def install(connection: BaseDatabaseWrapper) -> None:
    """Install every trigger. Safe to run again."""
    remove(connection)
    with connection.cursor() as cursor:
        for statement in _statements(connection):
            cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop every trigger of ours that is there: for the owner of the database, and for tests."""
    with connection.cursor() as cursor:
        for trigger in _installed(connection):
            on_table = f' ON "{trigger.table}"' if connection.vendor == "postgresql" else ""
            cursor.execute(f'DROP TRIGGER "{trigger.name}"{on_table}')


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of the triggers that should guard the log and do not.

    One is absent, does not always fire, or does something else than ours under its name.
    """
    standing = {trigger.name: trigger.text for trigger in _installed(connection) if trigger.fires}
    return sorted(
        name for name, text in _expected(connection).items() if standing.get(name) != text
    )


class _Trigger(NamedTuple):
    """A trigger as the database has it; ``text`` is its definition and its function's body."""

    name: str
    table: str
    fires: bool
    text: str


def _installed(connection: BaseDatabaseWrapper) -> list[_Trigger]:
    query = (
        "SELECT tgname, relname, tgenabled = 'A', pg_get_triggerdef(pg_trigger.oid, true), prosrc"
        " FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
        " JOIN pg_proc ON pg_proc.oid = tgfoid WHERE pg_table_is_visible(pg_class.oid)"
        if connection.vendor == "postgresql"
        else "SELECT name, tbl_name, 1, sql, '' FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        found = [
            _Trigger(str(name), str(table), bool(fires), _one_line(f"{definition} {body}"))
            for name, table, fires, definition, body in cursor.fetchall()
        ]
    return [trigger for trigger in found if trigger.name.startswith("guard_")]


def _expected(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """Return name and text of every trigger that `install` makes."""
    statements = list(_statements(connection))
    bodies = {
        match[1]: statement.split("$$")[1]
        for statement in statements
        if (match := FUNCTION.search(statement))
    }
    triggers = {}
    for statement in statements:
        if match := TRIGGER.search(statement):
            called = CALLED.search(statement)
            triggers[match[1]] = _one_line(f"{statement} {bodies[called[1]] if called else ''}")
    return triggers


def _statements(connection: BaseDatabaseWrapper) -> Iterator[str]:
    # While an upgrade is on its way, a table that is yet to come has no guard yet.
    there = set(connection.introspection.table_names())
    tables = {table: keys for table, keys in APPEND_ONLY.items() if table in there}
    if connection.vendor != "postgresql":
        return _sqlite(tables)
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        return _postgresql(tables, schema=cursor.fetchone()[0])


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _postgresql(tables: Iterable[str], *, schema: str) -> Iterator[str]:
    # What writes rows runs with the owner's rights, so that the roles that insert an entry need no
    # right to touch keys or queue (`ledger.roles`); a search path of its own keeps others' tables
    # of the same names out.
    as_owner = f"LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp"
    yield LOCK_KEYS
    yield """
        CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '23001';
        END $$"""
    yield f"""
        CREATE OR REPLACE FUNCTION ledger_enqueue() RETURNS trigger {as_owner} AS $$
        BEGIN
          INSERT INTO ledger_entrykey (key, version, entry_id)
            SELECT named.key, named.value::integer, NEW.id
            FROM json_each_text(convert_from(NEW.content, 'UTF8')::json->'keys') AS named;
          INSERT INTO ledger_pending (entry_id) VALUES (NEW.id);
          RETURN NEW;
        END $$"""  # noqa: S608 # the schema's name was quoted by the database
    yield f"""
        CREATE OR REPLACE FUNCTION ledger_leave_queue() RETURNS trigger {as_owner}
        SET enable_hashjoin = off SET enable_mergejoin = off AS $$
        BEGIN
          IF EXISTS (SELECT FROM gone LEFT JOIN ledger_leaf USING (entry_id)
                     WHERE ledger_leaf.entry_id IS NULL) THEN
            RAISE EXCEPTION 'ledger_pending: an entry leaves the queue for the tree only'
              USING ERRCODE = '23001';
          END IF;
          RETURN NULL;
        END $$"""
    yield """
        CREATE OR REPLACE FUNCTION ledger_tile_grows() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF NEW.level <> OLD.level OR NEW."index" <> OLD."index"
             OR substring(NEW.data FROM 1 FOR length(OLD.data)) <> OLD.data THEN
            RAISE EXCEPTION 'ledger_tile only grows' USING ERRCODE = '23001';
          END IF;
          RETURN NEW;
        END $$"""
    refused = dict.fromkeys(tables, "DELETE OR UPDATE OR TRUNCATE")
    for table, acts in (
        refused | {TILE: "DELETE OR TRUNCATE", PENDING: "UPDATE OR TRUNCATE"}
    ).items():
        yield f"""
            CREATE TRIGGER guard_{table}_refuse BEFORE {acts} ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()"""
        yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER guard_{table}_refuse"
    yield """
        CREATE TRIGGER guard_ledger_entry_enqueue AFTER INSERT ON ledger_entry
        FOR EACH ROW EXECUTE FUNCTION ledger_enqueue()"""
    yield "ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER guard_ledger_entry_enqueue"
    yield f"""
        CREATE TRIGGER guard_{PENDING}_leave AFTER DELETE ON {PENDING}
        REFERENCING OLD TABLE AS gone
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_leave_queue()"""
    yield f"ALTER TABLE {PENDING} ENABLE ALWAYS TRIGGER guard_{PENDING}_leave"
    yield """
        CREATE TRIGGER guard_ledger_tile_grow BEFORE UPDATE ON ledger_tile
        FOR EACH ROW EXECUTE FUNCTION ledger_tile_grows()"""
    yield "ALTER TABLE ledger_tile ENABLE ALWAYS TRIGGER guard_ledger_tile_grow"


def _sqlite(tables: Mapping[str, list[tuple[str, ...]]]) -> Iterator[str]:
    for table, keys in (*tables.items(), (TILE, TILE_KEYS)):
        refuse = f"SELECT RAISE(ABORT, '{table} is append-only')"
        yield f"CREATE TRIGGER guard_{table}_delete BEFORE DELETE ON {table} BEGIN {refuse}; END"
        # INSERT OR REPLACE deletes the old row, found by any unique key or by the hidden rowid,
        # without firing its delete trigger.
        same = [[f'"{column}" = NEW."{column}"' for column in key] for key in keys]
        taken = " OR ".join(map(" AND ".join, [*same, ["rowid = NEW.rowid"]]))
        yield f"""
            CREATE TRIGGER guard_{table}_replace BEFORE INSERT ON {table}
            WHEN EXISTS (SELECT 1 FROM {table} WHERE {taken})
            BEGIN {refuse}; END"""  # noqa: S608 # the names are the constants above
    for table in (*tables, PENDING):
        yield f"""
            CREATE TRIGGER guard_{table}_update BEFORE UPDATE ON {table}
            BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"""
    yield """
        CREATE TRIGGER guard_ledger_entry_enqueue AFTER INSERT ON ledger_entry
        BEGIN
          INSERT INTO ledger_entrykey (key, version, entry_id)
            SELECT named.key, named.value, NEW.id
            FROM json_each(CAST(NEW.content AS TEXT), '$.keys') AS named;
          INSERT INTO ledger_pending (entry_id) VALUES (NEW.id);
        END"""
    yield f"""
        CREATE TRIGGER guard_{PENDING}_leave BEFORE DELETE ON {PENDING}
        WHEN NOT EXISTS (SELECT 1 FROM ledger_leaf WHERE entry_id = OLD.entry_id)
        BEGIN
          SELECT RAISE(ABORT, '{PENDING}: an entry leaves the queue for the tree only');
        END"""  # noqa: S608 # the name is the constant above
    yield """
        CREATE TRIGGER guard_ledger_tile_grow BEFORE UPDATE ON ledger_tile
        WHEN NEW.level <> OLD.level OR NEW."index" <> OLD."index" OR NEW.rowid <> OLD.rowid
          OR substr(NEW.data, 1, length(OLD.data)) <> OLD.data
        BEGIN SELECT RAISE(ABORT, 'ledger_tile only grows'); END"""

"""Triggers that keep the log append-only and put every entry into the queue, on both databases.

Django rebuilds a SQLite table to change a column and thereby drops its triggers, so they are
installed again after every migration and looked for at every start (`ledger.checks`).
"""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

APPEND_ONLY: dict[str, list[tuple[str, ...]]] = {
    "ledger_entry": [("id",)],
    "ledger_entrykey": [("id",), ("key", "version")],
    "ledger_leaf": [("index",), ("entry_id",)],
    "ledger_treehead": [("size",)],
    "ledger_checkpoint": [("tree_head_id",)],
}
"""Table -> its unique keys; rows of these tables are inserted and nothing else."""

TILE = "ledger_tile"
TILE_KEYS: list[tuple[str, ...]] = [("level", "index")]
"""Tiles grow besides; none is deleted or moved."""

SQLITE_ACTS = ("delete", "replace")
"""What SQLite refuses of every table of the log, each by a trigger of its own."""


def install(connection: BaseDatabaseWrapper) -> None:
    """Install every trigger. Safe to run again."""
    remove(connection)
    statements = _postgresql() if connection.vendor == "postgresql" else _sqlite()
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop every trigger of ours that is there: for the owner of the database, and for tests."""
    with connection.cursor() as cursor:
        for name, table, _is_enabled in _installed(connection):
            on_table = f' ON "{table}"' if connection.vendor == "postgresql" else ""
            cursor.execute(f'DROP TRIGGER "{name}"{on_table}')


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of the triggers that should guard the log and do not: absent or disabled."""
    enabled = {name for name, _table, is_enabled in _installed(connection) if is_enabled}
    return sorted(_expected(connection) - enabled)


def _installed(connection: BaseDatabaseWrapper) -> list[tuple[str, str, bool]]:
    """Return name, table and whether it fires always, for every trigger of ours."""
    query = (
        "SELECT tgname, relname, tgenabled = 'A' FROM pg_trigger"
        " JOIN pg_class ON pg_class.oid = tgrelid WHERE pg_table_is_visible(pg_class.oid)"
        if connection.vendor == "postgresql"
        else "SELECT name, tbl_name, 1 FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        rows = [(str(name), str(table), bool(fires)) for name, table, fires in cursor.fetchall()]
    return [row for row in rows if row[0].startswith("guard_")]


def _expected(connection: BaseDatabaseWrapper) -> set[str]:
    names = {"guard_ledger_entry_enqueue", "guard_ledger_tile_grow"}
    if connection.vendor == "postgresql":
        return names | {f"guard_{table}_refuse" for table in (*APPEND_ONLY, TILE)}
    return (
        names
        | {f"guard_{table}_update" for table in APPEND_ONLY}
        | {f"guard_{table}_{act}" for table in (*APPEND_ONLY, TILE) for act in SQLITE_ACTS}
    )


def _postgresql() -> Iterator[str]:
    yield """
        CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '23001';
        END $$"""
    yield """
        CREATE OR REPLACE FUNCTION ledger_enqueue() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO ledger_pending (entry_id) VALUES (NEW.id);
          RETURN NEW;
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
    for table in APPEND_ONLY:
        yield f"""
            CREATE TRIGGER guard_{table}_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()"""
        yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER guard_{table}_refuse"
    yield f"""
        CREATE TRIGGER guard_{TILE}_refuse BEFORE DELETE OR TRUNCATE ON {TILE}
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()"""
    yield f"ALTER TABLE {TILE} ENABLE ALWAYS TRIGGER guard_{TILE}_refuse"
    yield """
        CREATE TRIGGER guard_ledger_entry_enqueue AFTER INSERT ON ledger_entry
        FOR EACH ROW EXECUTE FUNCTION ledger_enqueue()"""
    yield "ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER guard_ledger_entry_enqueue"
    yield """
        CREATE TRIGGER guard_ledger_tile_grow BEFORE UPDATE ON ledger_tile
        FOR EACH ROW EXECUTE FUNCTION ledger_tile_grows()"""
    yield "ALTER TABLE ledger_tile ENABLE ALWAYS TRIGGER guard_ledger_tile_grow"


def _sqlite() -> Iterator[str]:
    for table, keys in (*APPEND_ONLY.items(), (TILE, TILE_KEYS)):
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
        if table in APPEND_ONLY:
            yield f"""
                CREATE TRIGGER guard_{table}_update BEFORE UPDATE ON {table}
                BEGIN {refuse}; END"""
    yield """
        CREATE TRIGGER guard_ledger_entry_enqueue AFTER INSERT ON ledger_entry
        BEGIN INSERT INTO ledger_pending (entry_id) VALUES (NEW.id); END"""
    yield """
        CREATE TRIGGER guard_ledger_tile_grow BEFORE UPDATE ON ledger_tile
        WHEN NEW.level <> OLD.level OR NEW."index" <> OLD."index" OR NEW.rowid <> OLD.rowid
          OR substr(NEW.data, 1, length(OLD.data)) <> OLD.data
        BEGIN SELECT RAISE(ABORT, 'ledger_tile only grows'); END"""

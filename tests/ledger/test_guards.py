"""The database itself refuses to change the log, whoever asks."""

import pytest
from django.db import DatabaseError, connection, transaction

from ledger import guards
from ledger.acts import open_act
from ledger.checks import triggers_are_installed
from ledger.models import Entry, Pending
from tests.factories import NOON

CHANGES = [
    "UPDATE ledger_entry SET actor = 'x'",
    "DELETE FROM ledger_entry",
    "UPDATE ledger_entrykey SET version = 9",
    "DELETE FROM ledger_entrykey",
    'UPDATE ledger_leaf SET "index" = 9',
    "DELETE FROM ledger_leaf",
    "UPDATE ledger_treehead SET size = 9",
    "DELETE FROM ledger_treehead",
    "UPDATE ledger_checkpoint SET note = 'x'",
    "DELETE FROM ledger_checkpoint",
    "DELETE FROM ledger_tile",
]


@pytest.fixture
def entry(db: None) -> Entry:
    with open_act(recorded_at=NOON, actor="U-1", officer="U-2") as act:
        return act.record(kind="test.noted/1", keys=["test:1"], payload={"text": "示例"})


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("change", CHANGES)
def test_a_logged_row_cannot_be_changed(entry: Entry, change: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        execute(change)


def test_a_logged_row_cannot_be_replaced(entry: Entry) -> None:
    if connection.vendor == "postgresql":
        statement = (
            "INSERT INTO ledger_checkpoint SELECT * FROM ledger_checkpoint"
            " ON CONFLICT (tree_head_id) DO UPDATE SET note = 'x'"
        )
    else:
        statement = "INSERT OR REPLACE INTO ledger_checkpoint SELECT * FROM ledger_checkpoint"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        execute(statement)


@pytest.mark.parametrize(
    "replacement",
    [
        "ledger_tile SELECT * FROM ledger_tile",
        'ledger_tile (rowid, level, "index", data) SELECT rowid, 9, 9, data FROM ledger_tile',
        "ledger_entrykey (entry_id, key, version) SELECT 1, key, version FROM ledger_entrykey",
        'ledger_leaf ("index", entry_id) SELECT 9, entry_id FROM ledger_leaf',
        "ledger_checkpoint (rowid, tree_head_id, note, signed_at) SELECT 1, 9, '', 'now'",
    ],
)
def test_no_unique_key_of_sqlite_lets_a_row_be_replaced(entry: Entry, replacement: str) -> None:
    if connection.vendor == "postgresql":
        pytest.skip("PostgreSQL has no INSERT OR REPLACE")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        execute(f"INSERT OR REPLACE INTO {replacement}")


def test_disabled_triggers_are_missed_and_installed_again(entry: Entry) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite disables no trigger")
    connection.check_constraints()
    execute("ALTER TABLE ledger_entry DISABLE TRIGGER guard_ledger_entry_refuse")
    assert guards.missing(connection) == ["guard_ledger_entry_refuse"]

    guards.install(connection)

    assert guards.missing(connection) == []


def test_a_trigger_that_does_something_else_under_its_name_is_missed(entry: Entry) -> None:
    assert guards.missing(connection) == []
    if connection.vendor == "postgresql":
        connection.check_constraints()
        execute(
            "CREATE OR REPLACE FUNCTION ledger_tile_grows() RETURNS trigger LANGUAGE plpgsql"
            " AS $$ BEGIN RETURN NEW; END $$"
        )
    else:
        execute("DROP TRIGGER guard_ledger_tile_grow")
        execute(
            "CREATE TRIGGER guard_ledger_tile_grow BEFORE UPDATE ON ledger_tile"
            " WHEN 0 BEGIN SELECT RAISE(ABORT, 'ledger_tile only grows'); END"
        )
    assert guards.missing(connection) == ["guard_ledger_tile_grow"]

    guards.install(connection)

    assert guards.missing(connection) == []


@pytest.mark.parametrize("table", ["ledger_entry", "ledger_tile"])
def test_the_log_cannot_be_truncated(entry: Entry, table: str) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")
    connection.check_constraints()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        execute(f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_tile SET data = substr(data, 1, 16)",
        "UPDATE ledger_tile SET level = level + 1",
    ],
)
def test_a_tile_only_grows(entry: Entry, change: str) -> None:
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        execute(change)


def test_an_entry_that_skips_our_code_still_joins_the_queue(entry: Entry) -> None:
    smuggled = Entry.objects.create(
        kind="x/1", recorded_at=NOON, actor="x", officer="x", content=b"{}", leaf_hash=bytes(32)
    )

    assert Pending.objects.filter(entry=smuggled).exists()


def test_the_start_refuses_a_database_without_guards(db: None) -> None:
    assert triggers_are_installed(databases=["default"]) == []
    guards.remove(connection)

    errors = triggers_are_installed(databases=["default"])

    assert {error.id for error in errors} == {"ledger.E001"}
    assert "guard_ledger_entry_enqueue" in " ".join(error.msg for error in errors)

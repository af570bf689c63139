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


def test_the_log_cannot_be_truncated(entry: Entry) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")
    connection.check_constraints()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        execute("TRUNCATE ledger_entry CASCADE")


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

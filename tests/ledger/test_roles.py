"""What each role of PostgreSQL can and cannot do, tried as that role."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from pytest_django import Settings

from audit.findings import Finding
from audit.log import check_log
from certificates.issuance import issue_waiting
from certificates.models import Certificate
from ledger import guards
from ledger.acts import open_act
from ledger.checks import running_role_owns_nothing
from ledger.models import Checkpoint, Entry, EntryKey, Pending
from ledger.publishing import publish
from tests.factories import NOON, Office, make_party, register_asset

pytestmark = pytest.mark.django_db

CHANGES = [
    "UPDATE ledger_entry SET actor = 'x'",
    "DELETE FROM ledger_entry",
    "TRUNCATE ledger_entry CASCADE",
    "INSERT INTO ledger_entry SELECT * FROM ledger_entry ON CONFLICT (id) DO UPDATE SET kind = 'x'",
    "UPDATE ledger_entrykey SET version = version + 900",
    "DELETE FROM ledger_entrykey",
    "TRUNCATE ledger_entrykey",
    "UPDATE ledger_leaf SET entry_id = entry_id + 900",
    "DELETE FROM ledger_leaf",
    "TRUNCATE ledger_leaf",
    "UPDATE ledger_treehead SET size = size + 900",
    "DELETE FROM ledger_treehead",
    "UPDATE ledger_checkpoint SET note = 'x'",
    "DELETE FROM ledger_checkpoint",
    "TRUNCATE ledger_checkpoint CASCADE",
    "UPDATE ledger_cosignature SET line = 'x'",
    "DELETE FROM ledger_cosignature",
    "DELETE FROM ledger_tile",
    "TRUNCATE ledger_tile",
    "UPDATE ledger_tile SET level = 9",
    "UPDATE ledger_tile SET data = ''",
    "UPDATE ledger_pending SET entry_id = entry_id + 900",
    "TRUNCATE ledger_pending",
    "ALTER TABLE ledger_entry DISABLE TRIGGER ALL",
    "DROP TRIGGER guard_ledger_entry_refuse ON ledger_entry",
    "DROP TABLE ledger_entry CASCADE",
    "ALTER FUNCTION ledger_refuse() RENAME TO forgotten",
    "CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
    "SET session_replication_role = replica",
    "CREATE TABLE mine (x int)",
    "UPDATE django_migrations SET name = 'x'",
]

WORKERS_OWN = [
    'INSERT INTO ledger_leaf ("index", entry_id) VALUES (900, 900)',
    "INSERT INTO ledger_treehead VALUES (900, '', now())",
    "INSERT INTO ledger_checkpoint VALUES (900, '', now())",
    """INSERT INTO ledger_tile (level, "index", data) VALUES (9, 9, '')""",
    "DELETE FROM ledger_pending",
]

BY_TRIGGER_ONLY = [
    "INSERT INTO ledger_pending VALUES (9)",
    "INSERT INTO ledger_entrykey (key, version, entry_id) VALUES ('x', 1, 9)",
]


@pytest.fixture
def prefix(office: Office) -> str:
    """A register with an act and a pending entry, and the four roles over it."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no roles")
    register_asset(office, make_party(office))
    connection.check_constraints()
    name = f"roles_{connection.settings_dict['NAME']}"
    call_command("create_roles", prefix=name)
    return name


@contextmanager
def acting_as(role: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f'SET LOCAL ROLE "{role}"')
        yield
        cursor.execute("RESET ROLE")


def allowed(role: str, statements: list[str]) -> list[str]:
    """Return those statements that the database lets the role execute; none stays done."""
    done = []
    for statement in statements:
        try:
            with transaction.atomic():
                with acting_as(role), connection.cursor() as cursor:
                    cursor.execute(statement)
                done.append(statement)
                transaction.set_rollback(True)
        except DatabaseError:
            pass
    return done


@pytest.mark.parametrize("role", ["app", "worker", "reader"])
def test_no_running_role_changes_the_log(prefix: str, role: str) -> None:
    assert allowed(f"{prefix}_{role}", [*CHANGES, *BY_TRIGGER_ONLY]) == []


@pytest.mark.parametrize("role", ["app", "reader"])
def test_only_the_worker_gives_places_and_signs(prefix: str, role: str) -> None:
    assert allowed(f"{prefix}_{role}", WORKERS_OWN) == []
    assert allowed(f"{prefix}_worker", WORKERS_OWN) == WORKERS_OWN


def test_not_even_the_owner_changes_a_logged_row(prefix: str) -> None:
    rows = [change for change in CHANGES if change.startswith(("UPDATE led", "DELETE", "TRUNC"))]
    assert len(rows) > 20
    assert allowed(f"{prefix}_owner", rows) == []
    assert allowed(f"{prefix}_owner", ["SET session_replication_role = replica"]) == []


def test_what_the_trials_refuse_is_refused_for_the_right_and_not_for_its_form(prefix: str) -> None:
    """As the owner without guards every statement that changes rows goes through."""
    rows = [change for change in CHANGES if change.startswith(("UPDATE led", "DELETE", "TRUNC"))]
    with transaction.atomic():
        guards.remove(connection)
        assert allowed(f"{prefix}_owner", rows) == rows


def test_the_app_acts_and_the_worker_publishes_and_issues(prefix: str, settings: Settings) -> None:
    settings.LEDGER_PUBLISH_INLINE = False
    with (
        acting_as(f"{prefix}_app"),
        open_act(recorded_at=NOON, actor="U-1", officer="U-2", keys=["test:1"]) as act,
    ):
        entry = act.record(kind="test.noted/1", keys=["test:1"], payload={})
    assert EntryKey.objects.get(entry=entry).version == 1
    assert Pending.objects.filter(entry=entry).exists()

    with acting_as(f"{prefix}_worker"):
        publish(at=NOON)
        issue_waiting(at=NOON)
        publish(at=NOON)

    assert Checkpoint.objects.latest("pk").pk == Entry.objects.count()
    assert Certificate.objects.get().issued_at == NOON


def test_the_reader_reads_the_register_and_no_account(prefix: str) -> None:
    with acting_as(f"{prefix}_reader"):
        assert Entry.objects.exists()
        assert audit_findings() == []
    private = ["SELECT * FROM accounts_user", "SELECT * FROM django_session"]
    assert allowed(f"{prefix}_reader", [*private, "DELETE FROM registry_party"]) == []
    assert allowed(f"{prefix}_app", private) == private


def test_the_roles_may_be_made_again(prefix: str) -> None:
    call_command("create_roles", prefix=prefix)

    assert allowed(f"{prefix}_app", CHANGES) == []


def test_the_owner_installs_the_guards(prefix: str) -> None:
    with acting_as(f"{prefix}_owner"):
        guards.install(connection)

    assert guards.missing(connection) == []


def test_the_running_role_may_not_be_the_owner_in_production(
    prefix: str, settings: Settings
) -> None:
    settings.PRODUCTION = True
    with acting_as(f"{prefix}_app"):
        assert running_role_owns_nothing(databases=["default"]) == []
    with acting_as(f"{prefix}_owner"):
        (warning,) = running_role_owns_nothing(databases=["default"])

    assert warning.id == "ledger.W003"


@pytest.mark.parametrize("name", ["", "Quanji", 'x"; DROP', "1a"])
def test_a_prefix_that_is_no_name_is_refused(office: Office, name: str) -> None:
    with pytest.raises(
        CommandError, match="prefix" if connection.vendor == "postgresql" else "roles"
    ):
        call_command("create_roles", prefix=name)


def audit_findings() -> list[Finding]:
    return list(check_log())

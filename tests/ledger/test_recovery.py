"""An older backup is restored: that is noticed, nothing goes on, and the drill brings it back.

The commands are those of docs/operations.md, run in processes of their own over a database of their
own, as an operator would.
"""

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from psycopg import sql
from pytest_django import Settings

from ledger.acts import open_act
from ledger.entries import RECOVERED
from ledger.keys import log_signer
from ledger.memory import SignerMemoryError
from ledger.models import Entry
from ledger.publishing import publish
from ledger.queries import latest_checkpoint
from ledger.recovery import RecoveryRefusedError, record_recovery
from tests.factories import NOON
from tests.reference.merkle import root
from tlog.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from tlog.note import NoteSigner, open_note
from tlog.tiles import bundle_path, unpack_bundle

ROOT = Path(__file__).parents[2]
REGISTER = """
from tests.factories import NOON, make_office, make_party, register_asset
from accounts.models import User
from accounts.roles import Role
from tests.factories import make_user
office = make_office()
register_asset(office, make_party(office))
make_user("sys", Role.SYSTEM_ADMINISTRATOR)
make_user("sec", Role.SECURITY_ADMINISTRATOR)
"""
ANOTHER_ACT = """
from tests.factories import NOON
from ledger.acts import open_act
with open_act(recorded_at=NOON, actor="U-1", officer="U-2") as act:
    act.record(kind="test.noted/1", keys=["test:NUMBER"], payload={})
"""


@dataclass
class Installation:
    """A register of its own: its state folder, its environment, and its database."""

    state: Path
    database_url: str
    environment: dict[str, str] = field(default_factory=dict)

    def manage(self, *arguments: str, fails: bool = False) -> str:
        done = subprocess.run(  # noqa: S603 # our own commands
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=os.environ
            | {
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "QUANJI_STATE_DIR": str(self.state),
                "DATABASE_URL": self.database_url,
            }
            | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            text=True,
        )
        assert (done.returncode != 0) == fails, done.stdout
        return done.stdout

    def note_act(self, number: int) -> None:
        self.manage("shell", "--no-imports", "-c", ANOTHER_ACT.replace("NUMBER", str(number)))


@pytest.fixture
def installation(db: None, tmp_path: Path) -> Iterator[Installation]:
    state = tmp_path / "state"
    if connection.vendor == "sqlite":
        yield Installation(state, f"sqlite:///{tmp_path}/live.sqlite3")
        return
    name = f"drill_{connection.settings_dict['NAME']}"
    host = connection.settings_dict["HOST"]
    postgresql("CREATE DATABASE {name}", name=name)
    yield Installation(state, f"postgresql://quanji@/{name}?host={host}")
    for database in (name, f"{name}_backup"):
        postgresql("DROP DATABASE IF EXISTS {name} WITH (FORCE)", name=database)


def postgresql(statement: str, **names: str) -> None:
    settings = connection.settings_dict
    query = sql.SQL(statement).format(**{key: sql.Identifier(name) for key, name in names.items()})
    with psycopg.connect(
        host=settings["HOST"], user=settings["USER"], dbname="postgres", autocommit=True
    ) as own:
        own.execute(query)


def back_up(installation: Installation) -> None:
    if installation.database_url.startswith("sqlite"):
        live = Path(installation.database_url.removeprefix("sqlite:///"))
        shutil.copy(live, live.with_suffix(".backup"))
    else:
        name = database_name(installation)
        postgresql("CREATE DATABASE {backup} TEMPLATE {name}", name=name, backup=f"{name}_backup")


def restore(installation: Installation) -> None:
    if installation.database_url.startswith("sqlite"):
        live = Path(installation.database_url.removeprefix("sqlite:///"))
        for leftover in live.parent.glob("live.sqlite3-*"):
            leftover.unlink()
        shutil.copy(live.with_suffix(".backup"), live)
    else:
        name = database_name(installation)
        postgresql("DROP DATABASE {name} WITH (FORCE)", name=name)
        postgresql("ALTER DATABASE {backup} RENAME TO {name}", name=name, backup=f"{name}_backup")


def database_name(installation: Installation) -> str:
    return urlsplit(installation.database_url).path.strip("/")


@pytest.mark.once
def test_the_drill_of_a_restored_backup(installation: Installation, tmp_path: Path) -> None:
    installation.manage("migrate", "--verbosity", "0")
    installation.manage("shell", "--no-imports", "-c", REGISTER)
    back_up(installation)
    installation.note_act(1)
    installation.manage("issue_certificates")
    old_key = installation.state / "keys" / "log.key"
    old_signer = NoteSigner.parse(old_key.read_text().strip())
    lost = open_checkpoint(
        (installation.state / "ledger" / "last_signed").read_text(), old_signer.verifier_key
    )
    assert lost.size == 4

    restore(installation)

    # It is noticed at the start, and nothing is published or issued.
    assert "ledger.E002" in installation.manage("check", "--database", "default", fails=True)
    installation.note_act(2)  # an act is still taken, and waits
    for command in ("publish_ledger", "issue_certificates"):
        assert "was set back" in installation.manage(command, fails=True)

    # Under the old name there is no going on.
    recover = [
        "record_recovery",
        "--ground=Example: the disk failed and the backup of the night before was restored",
        f"--old-key={old_key}",
        "--asked-by=sys",
        "--approved-by=sec",
    ]
    assert "new name" in installation.manage(*recover, fails=True)
    installation.environment = {
        "QUANJI_LEDGER_ORIGIN": "quanji.example/log/2",
        "QUANJI_LEDGER_KEY_FILE": str(installation.state / "keys" / "log-2.key"),
    }
    assert "cannot" in installation.manage(*recover[:-1], "--approved-by=wang", fails=True)
    assert "Recorded as entry" in installation.manage(*recover)
    assert "not signed with this old key" in installation.manage(*recover, fails=True)

    # The successor begins with what was restored, says what was lost, and goes on.
    installation.manage("check", "--database", "default")
    installation.manage("issue_certificates")
    assert "Clean" in installation.manage("audit_ledger")
    installation.manage("export_ledger", str(tmp_path / "export"))
    note = (tmp_path / "export" / "checkpoint").read_text()
    successor = NoteSigner.parse((installation.state / "keys" / "log-2.key").read_text().strip())
    checkpoint = open_checkpoint(note, successor.verifier_key)
    entries = unpack_bundle(
        (tmp_path / "export" / bundle_path(0, width=checkpoint.size)).read_bytes()
    )
    (recovered,) = [
        entry["payload"] for entry in map(json.loads, entries) if entry["kind"] == RECOVERED
    ]
    assert open_checkpoint(recovered["checkpoint"], old_signer.verifier_key) == lost
    keys = [old_signer.verifier_key, successor.verifier_key]
    assert len(open_note(recovered["statement"], keys).signatures) == len(keys)
    # What was restored is proven under both names: the successor begins with the same entries.
    size = recovered["restored"]["size"]
    assert root(entries[:size]).hex() == recovered["restored"]["root"]


def act() -> None:
    with open_act(recorded_at=NOON, actor="U-1", officer="U-2") as opened:
        opened.record(kind="test.noted/1", keys=[f"test:{secrets.token_hex(4)}"], payload={})


@pytest.mark.django_db
def test_a_signer_that_lost_its_memory_signs_nothing(settings: Settings, tmp_path: Path) -> None:
    act()
    kept = latest_checkpoint()
    assert kept
    Path(settings.LEDGER_MEMORY_FILE).unlink()
    settings.LEDGER_PUBLISH_INLINE = False
    act()
    with pytest.raises(SignerMemoryError, match="remembers none"):
        publish(at=NOON)

    outside = tmp_path / "kept"
    outside.write_text(kept.public_note())
    call_command("restore_signer_memory", outside)

    assert publish(at=NOON)


@pytest.mark.django_db
def test_a_memory_is_not_restored_to_less_or_from_another_log(
    settings: Settings, tmp_path: Path
) -> None:
    act()
    first = latest_checkpoint()
    act()
    assert first
    other = NoteSigner.generate("other.example/log")
    foreign = sign_checkpoint(Checkpoint(origin=other.name, size=9, root=bytes(32)), other)
    for name, text, reason in (
        ("smaller", first.note, "a tree of 2 was signed"),
        ("foreign", foreign, "no checkpoint of this log"),
        ("garbage", "garbage", "no checkpoint of this log"),
        ("garbage.tlog-proof", "garbage", "a proof begins with"),
    ):
        (tmp_path / name).write_text(text)
        with pytest.raises(CommandError, match=reason):
            call_command("restore_signer_memory", tmp_path / name)


@pytest.mark.django_db
def test_a_memory_of_another_key_or_origin_stops_the_signer(settings: Settings) -> None:
    act()
    settings.LEDGER_PUBLISH_INLINE = False
    act()
    settings.LEDGER_KEY_FILE = Path(settings.LEDGER_MEMORY_FILE).with_name("another.key")
    with pytest.raises(SignerMemoryError, match="did not sign"):
        publish(at=NOON)

    settings.LEDGER_ORIGIN = "other.example/log"
    settings.LEDGER_KEY_FILE = Path(settings.LEDGER_MEMORY_FILE).with_name("other.key")
    with pytest.raises(SignerMemoryError, match="did not sign"):
        publish(at=NOON)


@pytest.mark.django_db
def test_a_recovery_needs_two_persons_a_ground_and_something_lost(settings: Settings) -> None:
    act()
    old = log_signer()
    settings.LEDGER_ORIGIN = "quanji.example/log/2"
    settings.LEDGER_KEY_FILE = Path(settings.LEDGER_MEMORY_FILE).with_name("second.key")
    for words, reason in (
        ({"officer": "U-1"}, "two persons"),
        ({"ground": " "}, "ground"),
        ({"ground": "a\nb"}, "ground"),
        ({}, "was not set back"),
    ):
        given = {"ground": "Example", "actor": "U-1", "officer": "U-2"} | words
        with pytest.raises(RecoveryRefusedError, match=reason):
            record_recovery(**given, old_signer=old, at=NOON)
    assert not Entry.objects.filter(kind=RECOVERED).exists()

"""`publish_ledger --watch`: what it does beside publishing holds up no act."""

from threading import Event
from threading import enumerate as enumerate_threads
from time import sleep
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError

from ledger.management.commands import publish_ledger


class StoppedError(Exception):
    """How the tests end a command that goes on until it is stopped."""


@pytest.mark.django_db
def test_acts_are_published_while_the_state_map_is_being_built(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    building, built = Event(), Event()
    rounds: list[bool] = []

    def build(**_at: Any) -> None:
        building.set()
        built.wait(timeout=10)
        sleep(0.2)  # what it does after the ledger is to stop

    def publish(_collector: object) -> int:
        first = not rounds  # before the watch begins
        rounds.append(first or (building.wait(timeout=5) and not built.is_set()))
        if len(rounds) > 4:
            built.set()
            raise StoppedError
        return 0

    monkeypatch.setattr(publish_ledger, "PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(publish_ledger, "commit_when_due", build)
    monkeypatch.setattr(publish_ledger, "_publish", publish)
    with pytest.raises(StoppedError):
        call_command("publish_ledger", watch=True)

    assert all(rounds)
    assert publish_ledger.KEEPER not in {thread.name for thread in enumerate_threads()}


@pytest.mark.django_db
def test_a_watch_that_begins_while_the_database_is_away_learns_from_the_witnesses_and_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def learn() -> None:
        asked.append("witnesses")
        if len(asked) == 1:
            raise OperationalError("the database system is starting up")

    def publish(_collector: object) -> int:
        asked.append("publish")
        if asked.count("publish") > 1:
            raise StoppedError
        return 0

    monkeypatch.setattr(publish_ledger, "PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(publish_ledger, "PAUSE_AFTER_FAILURE_SECONDS", 0)
    monkeypatch.setattr(publish_ledger, "learn_from_witnesses", learn)
    monkeypatch.setattr(publish_ledger, "commit_when_due", lambda **_at: None)
    monkeypatch.setattr(publish_ledger, "_publish", publish)
    with pytest.raises(StoppedError):
        call_command("publish_ledger", watch=True)

    assert asked == ["witnesses", "witnesses", "publish", "publish"]

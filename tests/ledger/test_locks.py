"""Locks to share: readers hold a key together, a writer alone. SQLite has one writer at a time."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction

from ledger.acts import open_act
from ledger.locks import lock_keys
from tests.factories import NOON

SOON = 10.0
"""Seconds within which what is not blocked happens, on the slowest machine."""

A_WHILE = 0.5
"""Seconds in which what is blocked would have happened, had it not been."""

pytestmark = pytest.mark.django_db(transaction=True)

on_postgresql = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="one writer at a time is all that SQLite has"
)


def held_by_another(lock: Callable[[], object], *, meanwhile: Callable[[], None]) -> None:
    """Take locks in another thread, and do something while that holds them."""
    is_held, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            lock()
            is_held.set()
            may_end.wait(SOON)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert is_held.wait(SOON)
        meanwhile()
    finally:
        may_end.set()
        thread.join()


def is_free(lock: Callable[[], object]) -> bool:
    """Say whether locks are to be had within a moment."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{int(A_WHILE * 1000)}ms'")
        try:
            with transaction.atomic():
                lock()
        except OperationalError:
            return False
    return True


@on_postgresql
@pytest.mark.parametrize(
    ("held", "wanted", "free"),
    [("shared", "shared", True), ("shared", "alone", False), ("alone", "shared", False)],
)
def test_a_key_is_shared_among_readers_and_held_alone_by_a_writer(
    held: str, wanted: str, *, free: bool
) -> None:
    locks = {
        "shared": lambda: lock_keys([], shared=["asset:1"]),
        "alone": lambda: lock_keys(["asset:1"]),
    }

    def meanwhile() -> None:
        assert is_free(locks[wanted]) == free
        assert is_free(lambda: lock_keys(["asset:2"]))

    held_by_another(locks[held], meanwhile=meanwhile)


@on_postgresql
def test_a_key_that_is_asked_for_in_both_ways_is_held_alone() -> None:
    def both() -> object:
        return lock_keys(["asset:1"], shared=["asset:1"])

    held_by_another(
        both, meanwhile=lambda: _assert_blocked(lambda: lock_keys([], shared=["asset:1"]))
    )


def _assert_blocked(lock: Callable[[], object]) -> None:
    assert not is_free(lock)


def test_whoever_only_shares_a_key_writes_no_version_of_it() -> None:
    with open_act(
        recorded_at=NOON, actor="U-1", officer="U-1", keys=["a:1"], shared=["b:1"]
    ) as act:
        act.require_shared_lock("a:1")
        act.require_shared_lock("b:1")
        with pytest.raises(RuntimeError, match="b:1"):
            act.require_lock("b:1")
        with pytest.raises(RuntimeError, match="c:1"):
            act.require_shared_lock("c:1")


def test_an_act_is_recorded_no_earlier_than_what_it_shares() -> None:
    later = NOON + timedelta(seconds=7)
    with open_act(recorded_at=later, actor="U-1", officer="U-1", keys=["b:1"]) as act:
        act.record(kind="test.noted/1", keys=["b:1"], payload={})
    with open_act(recorded_at=NOON, actor="U-1", officer="U-1", shared=["b:1"]) as act:
        assert act.recorded_at == later
    with open_act(recorded_at=NOON, actor="U-1", officer="U-1", shared=["b:2"]) as act:
        assert act.recorded_at == NOON

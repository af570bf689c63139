"""The ledger commits to its state as an act, and proves from it what is latest and what is not."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from ledger import guards
from ledger.acts import open_act
from ledger.keys import log_verifier_key
from ledger.models import Entry, EntryKey
from ledger.publishing import publish
from ledger.queries import entry_index, latest_checkpoint
from ledger.state_map import (
    NoStateMapError,
    StateMapWrongError,
    _build,
    commit_state_map,
    commit_when_due,
    prove_state,
    published_commitment,
    state_items,
)
from tests.factories import NOON
from verifier.state import ProvenState, verify_state
from verifier.verdict import Reason

pytestmark = pytest.mark.django_db

FIRST, SECOND, ABSENT = "asset:DA-000000001", "asset:DA-000000003", "asset:DA-000000002"


def act(*keys: str) -> Entry:
    with open_act(recorded_at=NOON, actor="U-1", officer="U-2", keys=keys) as opened:
        return opened.record(kind="test.noted/1", keys=keys, payload={})


def proven(text: str) -> ProvenState:
    verdict = verify_state(text, log_key=str(log_verifier_key()))
    assert verdict.proven, verdict.reason
    return verdict.proven


def test_the_latest_act_on_every_key_is_proven() -> None:
    entries = [act(FIRST, "party:P-1"), act(SECOND), act(FIRST)]
    assert commit_state_map(at=NOON)

    for key, entry, version in ((FIRST, entries[2], 2), (SECOND, entries[1], 1)):
        item = proven(prove_state(key).format()).item
        assert item
        assert item.version == version
        assert item.index == entry_index(entry)
        assert item.leaf_hash == bytes(entry.leaf_hash)


def test_absence_is_proven_on_either_side_and_between() -> None:
    act(FIRST)
    act(SECOND)
    commit_state_map(at=NOON)

    for key in ("asset:DA-000000000", ABSENT, "party:P-0123456789ABC"):
        assert proven(prove_state(key).format()).item is None


def test_a_key_that_acts_only_lock_is_not_in_the_map() -> None:
    with open_act(recorded_at=NOON, actor="U-1", officer="U-2", keys=[FIRST, SECOND]) as opened:
        opened.record(kind="test.noted/1", keys=[FIRST], payload={})
    commit_state_map(at=NOON)

    assert proven(prove_state(SECOND).format()).item is None


def test_an_old_proof_stays_true_as_of_its_older_size() -> None:
    first = act(FIRST)
    commit_state_map(at=NOON)
    old, old_absence = prove_state(FIRST).format(), prove_state(SECOND).format()
    act(FIRST, SECOND)
    commit_state_map(at=NOON + timedelta(days=1))

    now = proven(prove_state(FIRST).format())
    assert now.item
    assert (now.item.version, now.tree_size, now.recorded_at) == (2, 3, NOON + timedelta(days=1))
    before = proven(old)
    assert before.item
    assert (before.item.version, before.item.index) == (1, entry_index(first))
    assert (before.tree_size, before.recorded_at) == (1, NOON)
    assert proven(old_absence).item is None
    assert proven(prove_state(SECOND).format()).item


def test_another_process_builds_the_same_map_from_a_log_that_has_grown() -> None:
    act(FIRST)
    commit_state_map(at=NOON)
    act(FIRST)
    _build.cache_clear()

    item = proven(prove_state(FIRST).format()).item
    assert item
    assert item.version == 1


def test_the_commitment_is_an_entry_about_the_checkpoint_before_it() -> None:
    act(FIRST)
    head = latest_checkpoint()
    assert head

    entry = commit_state_map(at=NOON)

    assert entry
    content = json.loads(bytes(entry.content))
    assert (content["kind"], content["keys"]) == ("state.committed/1", {"state-map": 1})
    assert (content["actor"], content["officer"]) == ("U-LEDGER", "U-LEDGER")
    assert content["payload"]["tree_size"] == 1
    assert content["payload"]["map_size"] == 1
    assert content["payload"]["root"] == bytes(head.tree_head.root_hash).hex()


def test_nothing_is_committed_to_when_no_act_came() -> None:
    assert commit_state_map(at=NOON) is None
    act(FIRST)
    assert commit_state_map(at=NOON)
    assert commit_state_map(at=NOON) is None
    act(FIRST)
    assert commit_state_map(at=NOON)
    assert commit_state_map(at=NOON) is None
    assert Entry.objects.count() == 4


def test_the_map_is_a_key_of_the_next_map() -> None:
    act(FIRST)
    commit_state_map(at=NOON)
    act(FIRST)
    commit_state_map(at=NOON)

    item = proven(prove_state("state-map").format()).item
    assert item
    assert (item.version, item.index) == (1, 1)


def test_only_a_signed_commitment_is_proven_from(settings: Settings) -> None:
    with pytest.raises(NoStateMapError):
        prove_state(FIRST)
    act(FIRST)
    with pytest.raises(NoStateMapError):
        prove_state(FIRST)
    settings.LEDGER_PUBLISH_INLINE = False
    commit_state_map(at=NOON)
    with pytest.raises(NoStateMapError):
        prove_state(FIRST)

    publish(at=NOON)
    assert published_commitment()
    assert proven(prove_state(FIRST).format()).item


def test_two_commitments_at_once_are_one(settings: Settings) -> None:
    """The other process commits while this one builds: its entry is in the queue, unsigned."""
    act(FIRST)
    settings.LEDGER_PUBLISH_INLINE = False
    assert commit_state_map(at=NOON)
    assert commit_state_map(at=NOON) is None

    assert EntryKey.objects.filter(key="state-map").count() == 1


def test_it_is_due_once_in_the_interval_and_never_when_it_is_off(settings: Settings) -> None:
    settings.STATE_MAP_HOURS = 24
    assert commit_when_due(at=NOON) is None
    act(FIRST)
    assert commit_when_due(at=NOON)
    act(FIRST)
    assert commit_when_due(at=NOON + timedelta(hours=23)) is None
    for off in (0, -1):
        settings.STATE_MAP_HOURS = off
        assert commit_when_due(at=NOON + timedelta(days=9)) is None
    settings.STATE_MAP_HOURS = 24
    assert commit_when_due(at=NOON + timedelta(hours=24))


def test_the_command_commits_and_says_when_there_is_nothing_to(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("commit_state_map")
    act(FIRST)
    call_command("commit_state_map")

    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("Nothing to commit to")
    assert second.startswith("Committed to the state map: state.committed/1 #")


def test_keys_come_in_the_order_of_their_bytes_on_both_databases() -> None:
    keys = ["a", "B", "é", "z", "asset:1", "asset-1", "\uff5e", "\U00010000", "中"]
    for key in keys:
        act(key)

    assert [item.key for item in state_items(len(keys))] == sorted(keys, key=str.encode)
    commit_state_map(at=NOON)
    for key in keys:
        assert proven(prove_state(key).format()).item


def test_a_database_that_sorts_by_the_rules_of_a_language_changes_nothing() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite sorts by bytes unless it is told otherwise")
    keys = ["b", "B", "a", "é", "asset:2", "asset-1"]
    for key in keys:
        act(key)
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute(
            'ALTER TABLE ledger_entrykey ALTER COLUMN key TYPE varchar(80) COLLATE "und-x-icu"'
        )

    assert [item.key for item in state_items(len(keys))] == sorted(keys, key=str.encode)


def test_a_map_that_the_entries_no_longer_give_is_not_proven_from() -> None:
    act(FIRST)
    commit_state_map(at=NOON)
    prove_state(FIRST)
    connection.check_constraints()
    guards.remove(connection)
    EntryKey.objects.filter(key=FIRST).update(key=SECOND)
    connection.check_constraints()
    guards.install(connection)
    _build.cache_clear()  # another process has built no map yet

    with pytest.raises(StateMapWrongError):
        prove_state(FIRST)


def test_a_forged_item_of_a_real_file_is_refused() -> None:
    act(FIRST)
    commit_state_map(at=NOON)
    text = prove_state(FIRST).format()

    forged = text.replace('"version":1', '"version":2')

    assert forged != text
    verdict = verify_state(forged, log_key=str(log_verifier_key()))
    assert verdict.reason == Reason.STATE_ITEM_FALSE


def test_a_commitment_of_garbage_is_not_proven_from_and_a_true_one_follows() -> None:
    act(FIRST)
    keys = ["state-map"]
    with open_act(recorded_at=NOON, actor="U-1", officer="U-1", keys=keys) as opened:
        opened.record(kind="state.committed/1", keys=keys, payload={"tree_size": "many"})

    with pytest.raises(StateMapWrongError):
        prove_state(FIRST)
    assert commit_state_map(at=NOON)
    assert proven(prove_state(FIRST).format()).item


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entrykey SET key = CAST(x'ff' AS TEXT)",
        "UPDATE ledger_entrykey SET key = x'ff'",
        "UPDATE ledger_entrykey SET version = 'garbage'",
        "UPDATE ledger_entry SET leaf_hash = 'garbage'",
        "UPDATE ledger_entry SET leaf_hash = 7",
    ],
)
def test_garbage_in_the_rows_stops_the_commitment_in_words(statement: str) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite keeps a value of another type than the column's")
    act(FIRST)
    guards.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = 1")
        cursor.execute(statement)
        cursor.execute("PRAGMA ignore_check_constraints = 0")
    guards.install(connection)

    with pytest.raises(StateMapWrongError, match="gives no map"):
        commit_state_map(at=NOON)
    with pytest.raises(CommandError, match="gives no map"):
        call_command("commit_state_map")

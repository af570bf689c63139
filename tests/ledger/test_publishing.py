import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import Settings

from ledger import guards
from ledger.acts import ActTooLargeError, open_act
from ledger.keys import LogKeyError, log_signer, log_verifier_key
from ledger.models import Checkpoint, Entry, EntryKey, Leaf, Pending, Tile, TreeHead
from ledger.proofs import NotPublishedError, prove_entry
from ledger.publishing import publish
from ledger.sequencing import LedgerDamagedError, Sequencer
from ledger.signing import sign_checkpoint
from tests.factories import NOON
from tests.reference.merkle import root
from tlog.checkpoint import open_checkpoint
from tlog.merkle import leaf_hash
from tlog.proof import TlogProof, verify_proof

pytestmark = pytest.mark.django_db


def note(key: str = "test:1", text: str = "示例") -> Entry:
    with open_act(recorded_at=NOON, actor="U-1", officer="U-2", keys=[key]) as act:
        return act.record(kind="test.noted/1", keys=[key], payload={"text": text})


def test_an_act_is_published_as_soon_as_it_is_committed() -> None:
    entry = note()

    proof = TlogProof.parse(prove_entry(entry).format())
    assert proof.extra == bytes(entry.content)
    checkpoint = verify_proof(proof, entry=proof.extra or b"", log_key=log_verifier_key())
    assert checkpoint.size == 1


def test_every_entry_of_a_growing_log_is_proven_under_every_later_checkpoint() -> None:
    entries = [note(f"test:{number}") for number in range(9)]

    for index, entry in enumerate(entries):
        proof = prove_entry(entry)
        assert proof.index == index
        assert verify_proof(proof, entry=bytes(entry.content), log_key=log_verifier_key()).size == 9


def test_the_signed_root_is_that_of_the_naive_definition() -> None:
    entries = [note(f"test:{number}") for number in range(7)]

    checkpoint = open_checkpoint(Checkpoint.objects.latest("tree_head").note, log_verifier_key())
    assert checkpoint.root == root([bytes(entry.content) for entry in entries])


def test_versions_count_up_under_one_key() -> None:
    for _ in range(3):
        note()

    assert [key.version for key in EntryKey.objects.order_by("version")] == [1, 2, 3]
    assert json.loads(bytes(Entry.objects.latest("pk").content))["keys"] == {"test:1": 3}


def test_an_act_that_fails_leaves_nothing_behind() -> None:
    def fail_after_writing() -> None:
        with open_act(recorded_at=NOON, actor="U-1", officer="U-2", keys=["test:1"]) as act:
            act.record(kind="test.noted/1", keys=["test:1"], payload={})
            raise LookupError

    with pytest.raises(LookupError):
        fail_after_writing()

    assert not Entry.objects.exists()
    assert not Pending.objects.exists()


def test_an_entry_too_large_for_a_bundle_is_refused() -> None:
    with pytest.raises(ActTooLargeError):
        note(text="x" * 65_536)

    assert not Entry.objects.exists()


def test_one_version_is_given_once() -> None:
    entry = note()

    with pytest.raises(IntegrityError), transaction.atomic():
        EntryKey.objects.create(entry=entry, key="test:1", version=1)


def test_an_unpublished_entry_has_no_proof(settings: Settings) -> None:
    settings.LEDGER_PUBLISH_INLINE = False
    entry = note()

    with pytest.raises(NotPublishedError):
        prove_entry(entry)

    publish(at=NOON)
    assert prove_entry(entry).index == 0


def test_the_signer_refuses_an_entry_that_changed_after_it_was_hashed(
    settings: Settings,
) -> None:
    settings.LEDGER_PUBLISH_INLINE = False
    entry = note()
    connection.check_constraints()
    guards.remove(connection)
    Entry.objects.filter(pk=entry.pk).update(content=bytes(entry.content)[:-1] + b" ")
    connection.check_constraints()
    guards.install(connection)

    with pytest.raises(LedgerDamagedError, match="is not what leaf 0 hashes"):
        publish(at=NOON)

    assert not Checkpoint.objects.exists()


def test_the_sequencer_refuses_damaged_tiles() -> None:
    note()
    connection.check_constraints()
    guards.remove(connection)
    Tile.objects.update(data=bytes(32))
    connection.check_constraints()
    guards.install(connection)

    note("test:2")  # the act itself is committed and waits

    assert Pending.objects.count() == 1
    with pytest.raises(LedgerDamagedError, match="do not give the root"):
        publish(at=NOON)


def test_a_damaged_tree_stops_publication_and_not_the_register(
    caplog: pytest.LogCaptureFixture,
) -> None:
    test_the_sequencer_refuses_damaged_tiles()

    assert "its entries wait in the queue" in caplog.text


def test_another_logs_key_is_refused(settings: Settings, tmp_path: Path) -> None:
    settings.LEDGER_KEY_FILE = tmp_path / "log.key"
    log_signer()
    settings.LEDGER_ORIGIN = "other.example/log"

    with pytest.raises(LogKeyError, match=r"not of other\.example"):
        log_signer()


def test_the_key_file_is_its_owners_alone(settings: Settings, tmp_path: Path) -> None:
    settings.LEDGER_KEY_FILE = tmp_path / "keys" / "log.key"

    assert log_signer().name == settings.LEDGER_ORIGIN
    assert settings.LEDGER_KEY_FILE.stat().st_mode & 0o077 == 0


def test_the_queue_is_emptied_in_order() -> None:
    entries = [note(f"test:{number}") for number in range(4)]

    assert [leaf.entry_id for leaf in Leaf.objects.order_by("index")] == [e.pk for e in entries]


def test_after_a_failed_batch_the_sequencer_begins_again_from_what_is_stored(
    settings: Settings,
) -> None:
    settings.LEDGER_PUBLISH_INLINE = False
    sequencer = Sequencer()
    first = note("test:1")
    assert sequencer.integrate(at=NOON) == 1
    # A version without the one before it: the batch is refused after the tree has grown in memory.
    content = bytes(first.content).replace(b'"test:1":1', b'"test:9":7')
    orphan = Entry.objects.create(
        kind=first.kind,
        recorded_at=NOON,
        actor="U-1",
        officer="U-2",
        content=content,
        leaf_hash=leaf_hash(content),
    )
    with pytest.raises(LedgerDamagedError, match="test:9 v7 is pending"):
        sequencer.integrate(at=NOON)
    connection.check_constraints()
    guards.remove(connection)
    Pending.objects.filter(entry=orphan).delete()
    connection.check_constraints()
    guards.install(connection)

    second = note("test:2")
    assert sequencer.integrate(at=NOON) == 1

    checkpoint = sign_checkpoint(at=NOON)
    assert checkpoint
    entries = [bytes(first.content), bytes(second.content)]
    assert bytes(checkpoint.tree_head.root_hash) == root(entries)


def test_the_signer_refuses_another_tree_of_the_size_it_signed(settings: Settings) -> None:
    note()
    connection.check_constraints()
    guards.remove(connection)
    Checkpoint.objects.all().delete()
    content = bytes(Entry.objects.get().content).replace(b"test.noted", b"test.noTed")
    Entry.objects.update(content=content, leaf_hash=leaf_hash(content))
    Tile.objects.update(data=leaf_hash(content))
    TreeHead.objects.update(root_hash=leaf_hash(content))
    connection.check_constraints()
    guards.install(connection)

    with pytest.raises(LedgerDamagedError, match="another new root"):
        publish(at=NOON)


def test_a_checkpoint_that_was_signed_and_never_released_is_released_as_it_was(
    settings: Settings,
) -> None:
    note()
    signed = Checkpoint.objects.get().note
    connection.check_constraints()
    guards.remove(connection)
    Checkpoint.objects.all().delete()
    connection.check_constraints()
    guards.install(connection)

    released = publish(at=NOON + timedelta(hours=1))

    assert released
    assert released.note == signed


def test_two_sequencers_in_turn_never_work_from_an_old_edge(settings: Settings) -> None:
    settings.LEDGER_PUBLISH_INLINE = False
    one, other = Sequencer(), Sequencer()
    entries = []
    for number, sequencer in enumerate((one, other, one, one, other)):
        entries.append(bytes(note(f"test:{number}").content))
        assert sequencer.integrate(at=NOON) == 1

    checkpoint = sign_checkpoint(at=NOON)
    assert checkpoint
    assert bytes(checkpoint.tree_head.root_hash) == root(entries)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_signed_inside_a_transaction_that_may_never_be_committed() -> None:
    with open_act(recorded_at=NOON, actor="U-1", officer="U-1", publishes=False) as act:
        act.record(kind="test.noted/1", keys=["test:1"], payload={})

    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        publish(at=NOON)
    assert not TreeHead.objects.exists()

    Sequencer().integrate(at=NOON)
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        sign_checkpoint(at=NOON)
    assert not Checkpoint.objects.exists()

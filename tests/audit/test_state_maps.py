"""A commitment that the entries belie is found, whoever wrote it; a true one is not."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from audit.findings import Finding, FindingKind
from audit.log import check_log
from audit.register import compare_register
from audit.state_maps import check_state_maps
from certificates.issuance import issue_waiting
from ledger import guards
from ledger.acts import open_act
from ledger.entries import STATE_COMMITTED, STATE_MAP_KEY
from ledger.keys import log_verifier_key
from ledger.models import Entry, Leaf, TreeHead
from ledger.queries import entry_index
from ledger.state_map import commit_state_map, prove_state, published_commitment, state_items
from primitives.canonical_json import JsonObject
from registry.models import DataAsset
from tests.factories import NOON, Office, make_party, register_asset
from tlog.merkle import tree_hash
from tlog.state_map import StateCommitment, StateItem, item_hash
from tlog.state_proof import StateProof
from verifier.state import verify_state


@pytest.fixture
def asset(office: Office) -> DataAsset:
    return register_asset(office, make_party(office))


def findings() -> list[Finding]:
    return [*check_log(), *check_state_maps(), *compare_register()]


def commit(payload: Mapping[str, object], *, keys: Sequence[str] = (STATE_MAP_KEY,)) -> Entry:
    """Enter a commitment as somebody could who has our code and the log's key."""
    with open_act(recorded_at=NOON, actor="U-LEDGER", officer="U-LEDGER", keys=keys) as act:
        return act.record(kind=STATE_COMMITTED, keys=keys, payload=dict(payload))  # type: ignore[arg-type] # garbage too


def true_commitment() -> StateCommitment:
    """Return what the ledger would commit to now, by the naive definition."""
    head = TreeHead.objects.latest("size")
    latest = {item.key: item for item in state_items(head.size)}
    items = [latest[key] for key in sorted(latest, key=str.encode)]
    return StateCommitment(
        tree_size=head.size,
        root=bytes(head.root_hash),
        map_size=len(items),
        map_root=root_of(items),
    )


def root_of(items: Sequence[StateItem]) -> bytes:
    return tree_hash([item_hash(item.content()) for item in items])


def test_the_state_of_a_real_register_is_proven_and_audited(asset: DataAsset) -> None:
    issue_waiting(at=NOON)
    committed = true_commitment()
    commit_state_map(at=NOON)
    published = published_commitment()
    assert published
    assert published[1] == committed

    for key, entry in (
        (f"asset:{asset.number}", asset.entry),
        (f"certificate:{asset.certificates.get().number}", asset.certificates.get().entry),
    ):
        assert entry
        proven = verify_state(prove_state(key).format(), log_key=str(log_verifier_key())).proven
        assert proven
        assert proven.item
        assert (proven.item.version, proven.item.index) == (1, entry_index(entry))
        assert proven.item.leaf_hash == bytes(entry.leaf_hash)
    absent = verify_state(
        prove_state("asset:DA-000000002").format(), log_key=str(log_verifier_key())
    ).proven
    assert absent
    assert absent.item is None
    assert findings() == []


def test_commitments_leave_the_fold_and_the_audit_clean(
    asset: DataAsset, capsys: pytest.CaptureFixture[str]
) -> None:
    commit_state_map(at=NOON)
    issue_waiting(at=NOON)
    commit_state_map(at=NOON + timedelta(days=1))

    call_command("audit_ledger")
    call_command("rebuild_register", "--check")

    assert Entry.objects.filter(kind=STATE_COMMITTED).count() == 2
    assert "Clean" in capsys.readouterr().out


def other_root(commitment: StateCommitment) -> JsonObject:
    return replace(commitment, map_root=bytes(32)).payload()


def unsorted(commitment: StateCommitment) -> JsonObject:
    items = [*state_items(commitment.tree_size)]
    return replace(commitment, map_root=root_of(items[::-1])).payload()


def without_the_asset(commitment: StateCommitment) -> JsonObject:
    kept = [item for item in state_items(commitment.tree_size) if not item.key.startswith("asset:")]
    return replace(commitment, map_size=len(kept), map_root=root_of(kept)).payload()


def other_size(commitment: StateCommitment) -> JsonObject:
    return replace(commitment, map_size=commitment.map_size + 1).payload()


def other_log_root(commitment: StateCommitment) -> JsonObject:
    return replace(commitment, root=bytes(32)).payload()


def older_tree(commitment: StateCommitment) -> JsonObject:
    return replace(commitment, tree_size=commitment.tree_size - 1).payload()


def future_tree(commitment: StateCommitment) -> JsonObject:
    return replace(commitment, tree_size=2**50).payload()


def garbage(commitment: StateCommitment) -> JsonObject:
    return {"tree_size": commitment.tree_size, "map_root": None}


@pytest.mark.parametrize(
    "lie",
    [
        other_root,
        unsorted,
        without_the_asset,
        other_size,
        other_log_root,
        older_tree,
        future_tree,
        garbage,
    ],
)
def test_a_false_commitment_is_found_between_true_ones(asset: DataAsset, lie: object) -> None:
    assert callable(lie)
    commit_state_map(at=NOON)
    false = commit(lie(true_commitment()))
    with open_act(recorded_at=NOON, actor="U-1", officer="U-2") as act:
        act.record(kind="test.noted/1", keys=["test:1"], payload={})
    commit_state_map(at=NOON)

    (finding,) = findings()
    assert finding.kind == FindingKind.STATE_MAP_WRONG
    assert (finding.table, finding.pk) == ("ledger_entry", str(false.pk))


def test_the_entry_of_a_false_commitment_is_located(asset: DataAsset) -> None:
    false = commit(other_root(true_commitment()))

    (finding,) = check_state_maps()
    assert finding.index == entry_index(false)
    assert "is another: 2 keys" in finding.detail
    assert list(check_state_maps(since=finding.index or 0)) == [finding]
    assert list(check_state_maps(since=(finding.index or 0) + 1)) == []


def test_a_commitment_under_another_key_is_found(asset: DataAsset) -> None:
    commit(true_commitment().payload(), keys=[f"asset:{asset.number}"])

    assert {finding.kind for finding in check_state_maps()} == {FindingKind.STATE_MAP_WRONG}


def test_a_row_that_is_moved_to_another_key_belies_the_commitments(asset: DataAsset) -> None:
    commit_state_map(at=NOON)
    tamper("UPDATE ledger_entrykey SET key = 'asset:X' WHERE key LIKE 'asset:%'")

    assert FindingKind.STATE_MAP_WRONG in {finding.kind for finding in check_state_maps()}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entrykey SET key = CAST(x'ff' AS TEXT) WHERE key LIKE 'asset:%'",
        "UPDATE ledger_entrykey SET key = x'ff' WHERE key LIKE 'asset:%'",
        "UPDATE ledger_entry SET leaf_hash = 'garbage'",
        "UPDATE ledger_entry SET leaf_hash = 7",
        "UPDATE ledger_entry SET content = 'garbage'",
    ],
)
def test_values_of_another_type_are_reported(asset: DataAsset, statement: str) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite keeps a value of another type than the column's")
    commit_state_map(at=NOON)
    tamper(statement)

    assert FindingKind.STATE_MAP_WRONG in {finding.kind for finding in check_state_maps()}


@pytest.mark.django_db
@given(st.lists(st.sampled_from("abcdeé中") | st.just("commit"), max_size=12))
@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_history_of_acts_and_commitments_is_a_finding(db: None, steps: list[str]) -> None:
    """Acts under few keys, so that versions pass by many commitments."""
    for step in steps:
        if step == "commit":
            commit_state_map(at=NOON)
        else:
            with open_act(recorded_at=NOON, actor="U-1", officer="U-2", keys=[step]) as act:
                act.record(kind="test.noted/1", keys=[step], payload={})

    assert list(check_state_maps()) == []
    if published := published_commitment():
        size = published[1].tree_size
        for key in {*steps, "state-map"}:
            last = Leaf.objects.filter(index__lt=size, entry__keys__key=key).order_by("-index")
            proof = prove_state(key)
            assert proof.is_present is last.exists()
            item = StateProof.parse(proof.format()).verify(published[1])
            assert (item.index if item else None) == last.values_list("index", flat=True).first()


def tamper(statement: str) -> None:
    connection.check_constraints()
    guards.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.check_constraints()
    guards.install(connection)

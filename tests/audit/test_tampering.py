"""A database administrator changes rows behind the acts; the audit finds and names each change."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from audit.files import check_files
from audit.findings import Finding, FindingKind
from audit.log import check_log
from audit.register import compare_register
from audit.series import check_series
from certificates.issuance import issue_waiting
from certificates.models import Certificate
from ledger import guards
from ledger.acts import open_act
from ledger.entries import parse_entry
from registry.models import DataAsset, Party
from rights.models import Interest, Share
from tests.factories import NOON, Office, make_party, register_asset


@pytest.fixture
def asset(office: Office) -> DataAsset:
    return register_asset(office, make_party(office))


def findings() -> list[Finding]:
    return [*check_log(), *compare_register(), *check_series(), *check_files()]


@contextmanager
def without_guards() -> Iterator[None]:
    """Act as an administrator who knows how to switch the guards off and on."""
    # PostgreSQL alters no table while checks on it are still deferred.
    connection.check_constraints()
    guards.remove(connection)
    yield
    connection.check_constraints()
    guards.install(connection)


def test_an_untouched_register_has_no_findings(asset: DataAsset) -> None:
    assert findings() == []


@pytest.mark.parametrize(
    ("change", "table", "column"),
    [
        (lambda: Party.objects.update(name="示例冒名者"), "registry_party", "name"),
        (lambda: DataAsset.objects.update(summary="x"), "registry_dataasset", "summary"),
        (lambda: Interest.objects.update(limits="无"), "rights_interest", "limits"),
        (lambda: Share.objects.update(denominator=2), "rights_interest", "shares"),
    ],
)
def test_a_changed_row_is_located(
    asset: DataAsset, change: Callable[[], object], table: str, column: str
) -> None:
    change()

    found = {(finding.table, finding.column) for finding in findings() if finding.column}
    assert found == {(table, column)}


def test_a_deleted_right_is_missed(asset: DataAsset) -> None:
    Share.objects.all().delete()
    Interest.objects.all().delete()

    assert {finding.kind for finding in findings()} == {FindingKind.ROW_MISSING}


def test_a_party_without_an_entry_is_found(asset: DataAsset) -> None:
    party = Party.objects.get()
    party.pk, party.reference, party.identifier = None, "P-FORGED", "X"
    party.entry = asset.entry
    party.save(force_insert=True)

    kinds = {finding.kind for finding in findings()}
    assert FindingKind.ROW_WITHOUT_ENTRY in kinds


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE ledger_entry SET officer = 'U-OTHER'", FindingKind.ENTRY_ALTERED),
        ("UPDATE ledger_entry SET kind = 'other/1'", FindingKind.ENTRY_ALTERED),
        ("UPDATE ledger_entrykey SET version = 7", FindingKind.KEY_MISMATCH),
        ('DELETE FROM ledger_leaf WHERE "index" = 0', FindingKind.INDEX_GAP),
        ("DELETE FROM ledger_leaf", FindingKind.ENTRY_UNSEQUENCED),
        ("UPDATE ledger_checkpoint SET note = 'forged'", FindingKind.CHECKPOINT_INVALID),
    ],
)
def test_a_change_to_the_log_is_found(asset: DataAsset, statement: str, kind: FindingKind) -> None:
    with without_guards(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert kind in {finding.kind for finding in findings()}


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("INSERT INTO ledger_pending SELECT entry_id FROM ledger_leaf", FindingKind.ENTRY_REQUEUED),
        ("UPDATE registry_counter SET value = 0", FindingKind.COUNTER_BEHIND),
        ("DELETE FROM ledger_checkpoint", FindingKind.HEAD_UNSIGNED),
        (
            "UPDATE filings_filing SET state='REFUSED', asset_id=NULL, entry_id=NULL",
            FindingKind.ROW_MISSING,
        ),
        ("UPDATE filings_filing SET entry_id = entry_id - 1", FindingKind.ROW_ALTERED),
        ("UPDATE registry_dataasset SET entry_id = entry_id - 1", FindingKind.ROW_ALTERED),
        ("UPDATE rights_interest SET entry_id = entry_id - 1", FindingKind.ROW_ALTERED),
    ],
)
def test_a_lie_beside_the_facts_is_found(
    asset: DataAsset, statement: str, kind: FindingKind
) -> None:
    with without_guards(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert kind in {finding.kind for finding in findings()}


def test_a_log_that_lost_its_last_head_is_found(asset: DataAsset) -> None:
    with without_guards(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_checkpoint WHERE tree_head_id = 2")
        cursor.execute("DELETE FROM ledger_treehead WHERE size = 2")

    kinds = {finding.kind for finding in findings()}
    assert kinds == {FindingKind.HEAD_MISSING, FindingKind.HEAD_UNSIGNED}


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"check_code": "AAAA-AAAA-AAAA-AAAA"}, "check_code"),
        ({"issued_at": NOON.replace(year=2020)}, "issued_at"),
        ({"registration_id": 1}, "registration"),
        ({"entry_id": 1}, "entry"),
    ],
)
def test_a_changed_certificate_is_located(
    asset: DataAsset, change: dict[str, Any], column: str
) -> None:
    issue_waiting(at=NOON)
    assert findings() == []
    other = Party.objects.get().entry_id
    values = {name: other if value == 1 else value for name, value in change.items()}

    Certificate.objects.update(**values)

    found = {(finding.table, finding.column) for finding in findings()}
    assert found == {("certificates_certificate", column)}


def test_two_entries_of_one_certificate_are_found(asset: DataAsset) -> None:
    issue_waiting(at=NOON)
    entry = Certificate.objects.get().entry
    assert entry is not None
    issued = parse_entry(bytes(entry.content))
    with open_act(recorded_at=NOON, actor="U-1", officer="U-1") as act:
        act.record(kind=issued["kind"], keys=["other:1"], payload=issued["payload"])

    assert FindingKind.ENTRY_REPEATED in {finding.kind for finding in findings()}


@pytest.mark.parametrize("payload", [{}, {"commitments": []}, {"reference": 7}, {"reference": []}])
def test_a_smuggled_party_of_garbage_is_reported(asset: DataAsset, payload: dict[str, Any]) -> None:
    with open_act(recorded_at=NOON, actor="U-1", officer="U-1") as act:
        entry = act.record(kind="party.registered/1", keys=["other:1"], payload=payload)
    Party.objects.update(entry=entry)

    assert findings()


@pytest.mark.parametrize(
    "content", [b"[" * 50_000, b"null", b"\xff", b"", b'{"payload": null}', b'{"payload": []}']
)
def test_garbage_for_an_entry_is_reported(asset: DataAsset, content: bytes) -> None:
    with without_guards():
        type(asset.entry).objects.update(content=content)

    assert FindingKind.ENTRY_ALTERED in {finding.kind for finding in findings()}


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("UPDATE ledger_entry SET content = replace(content, 'x', 'y')", "ledger_entry"),
        ("UPDATE ledger_entry SET content = CAST(x'ff' AS TEXT)", "ledger_entry"),
        ("UPDATE ledger_entry SET recorded_at = 'garbage'", "ledger_entry"),
        ("UPDATE ledger_treehead SET root_hash = 'garbage'", "ledger_treehead"),
        ("UPDATE ledger_tile SET data = 'garbage'", "ledger_tile"),
        ("UPDATE ledger_tile SET data = CAST(x'ff' AS TEXT)", "ledger_tile"),
        ("UPDATE ledger_checkpoint SET note = CAST(note AS BLOB)", "ledger_checkpoint"),
        ("UPDATE registry_dataasset SET registered_at = 'garbage'", "registry_dataasset"),
        ("UPDATE registry_instrument SET sha256 = 'a' || char(0)", "registry_instrument"),
    ],
)
def test_values_of_another_type_are_reported(asset: DataAsset, statement: str, table: str) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite keeps a value of another type than the column's")
    with without_guards(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert table in {finding.table for finding in findings()}


def test_altered_entry_bytes_are_found_by_their_hash(asset: DataAsset) -> None:
    content = bytes(asset.entry.content).replace(b"OWN_BUSINESS", b"XWN_BUSINESS")
    with without_guards():
        type(asset.entry).objects.filter(pk=asset.entry.pk).update(content=content)

    kinds = {finding.kind for finding in findings()}
    assert {FindingKind.ENTRY_ALTERED, FindingKind.ROOT_MISMATCH, FindingKind.TILE_ALTERED} <= kinds


def test_a_missing_trigger_is_found(asset: DataAsset) -> None:
    connection.check_constraints()
    guards.remove(connection)

    assert FindingKind.TRIGGER_MISSING in {finding.kind for finding in findings()}

"""A database administrator changes rows behind the acts; the audit finds and names each change."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from audit.findings import Finding, FindingKind
from audit.log import check_log
from audit.register import compare_register
from ledger import guards
from registry.models import DataAsset, Party
from rights.models import Interest, Share
from tests.factories import Office, make_party, register_asset


@pytest.fixture
def asset(office: Office) -> DataAsset:
    return register_asset(office, make_party(office))


def findings() -> list[Finding]:
    return [*check_log(), *compare_register()]


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

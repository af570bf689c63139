"""An audit of what is new: as strict about it as a full one, and silent about what is old."""

import json
import random  # noqa: TID251 # a replayable choice, no secret
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit.auditing import audit, start_from
from audit.findings import FindingKind
from audit.walk import Start
from ledger.models import Checkpoint, Entry, Leaf
from ledger.tiles import stored_tile
from registry.models import Party
from tests.audit.trials.attacker import Attacker
from tests.audit.trials.harness import findings, undone
from tests.audit.trials.kinds import ADMINISTRATOR
from tests.audit.trials.register import Register, build

pytestmark = pytest.mark.django_db


@pytest.fixture
def register(db: None) -> Register:
    return build(assets=1, parties=300)


def start_at(place: int) -> Start:
    """Return the start at one of the signed checkpoints."""
    sizes = list(Checkpoint.objects.order_by("pk").values_list("pk", flat=True))
    return start_from(str(sizes[place]))


def test_a_clean_log_is_clean_from_every_checkpoint_on(register: Register) -> None:
    register.register_asset(register.enter_party())

    for place in range(Checkpoint.objects.count()):
        assert list(audit(start_at(place))) == []


def test_a_changed_row_is_found_if_its_entry_is_new_and_not_if_it_is_old(
    register: Register,
) -> None:
    start = start_at(-2)
    new = Party.objects.filter(entry__leaf__index__gte=start.size).order_by("pk")[0]
    old = Party.objects.filter(entry__leaf__index__lt=start.size).order_by("pk")[0]

    Party.objects.filter(pk__in=[old.pk, new.pk]).update(business_status="注销")

    (finding,) = audit(start)
    assert (finding.pk, finding.column) == (str(new.pk), "business_status")
    assert {finding.pk for finding in findings()} == {str(old.pk), str(new.pk)}


def test_an_old_change_that_the_new_tree_stands_on_is_found(register: Register) -> None:
    by = Attacker(random.Random(0))  # noqa: S311 # replayable, not secret
    start = start_at(-2)
    edge = start.size - 1 - start.size % 256 // 2

    for level, index, offset in ((0, edge // 256, edge % 256 * 32), (1, 0, 0)):
        with undone(by), by.unguarded():
            by.sql(
                'UPDATE ledger_tile SET data = %s WHERE level = %s AND "index" = %s',
                _flipped(level, index, offset),
                level,
                index,
            )
            kinds = {finding.kind for finding in audit(start)}
            assert FindingKind.ROOT_MISMATCH in kinds, (level, index)


def test_a_version_out_of_order_is_counted_from_the_old_ones(register: Register) -> None:
    by = Attacker(random.Random(0))  # noqa: S311 # replayable, not secret
    start = start_at(-2)
    key = Leaf.objects.get(index=start.size).entry.keys.get()
    with by.unguarded():
        by.sql("UPDATE ledger_entrykey SET version = 2 WHERE key = %s", key.key)

    found = {(finding.kind, finding.index) for finding in audit(start)}
    assert (FindingKind.KEY_MISMATCH, start.size) in found


def test_a_row_that_names_a_new_entry_and_stands_in_none_is_found(register: Register) -> None:
    start = start_at(-2)
    party = Party.objects.order_by("pk")[0]
    party.pk, party.reference, party.identifier = None, "P-FORGED", "X"
    unnamed = Leaf.objects.get(index=start.size).entry
    Party.objects.filter(entry=unnamed).update(entry=_certificate_entry())
    party.entry = unnamed
    party.save(force_insert=True)

    kinds = {(finding.kind, finding.pk) for finding in audit(start)}
    assert (FindingKind.ROW_WITHOUT_ENTRY, str(party.pk)) in kinds


def test_a_start_is_a_checkpoint_that_our_key_signed(register: Register, tmp_path: Path) -> None:
    note = tmp_path / "checkpoint"
    note.write_text("forged\n")

    for start in ("1000000", "7", str(note), str(tmp_path / "none")):
        with pytest.raises(CommandError, match="no checkpoint"):
            call_command("audit_ledger", "--since", start)


def test_the_command_says_what_it_did_not_look_at(
    register: Register, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    note = tmp_path / "checkpoint"
    note.write_text(Checkpoint.objects.order_by("pk")[2].note, encoding="utf-8")

    call_command("audit_ledger", "--since", str(note), "--json", "--progress")

    output = capsys.readouterr()
    assert json.loads(output.out) == []
    assert "Entries 0 to" in output.err
    assert "log" in output.err


def test_changes_to_the_new_part_are_found_as_in_a_full_audit(register: Register) -> None:
    """Every change to the log's rows, made at random places: found whenever its entry is new."""
    start = start_at(1)
    names = ("column_of_an_entry", "bit_of_an_entry", "root_of_a_head", "signature_changed")
    missed = 0
    for seed in range(3):
        for name in names:
            by = Attacker(random.Random(f"{name}{seed}"))  # noqa: S311 # replayable, not secret
            with undone(by):
                expected = ADMINISTRATOR[name](by)
                index = max(place[-1] or 0 for place in expected.places)
                found = {finding.index for finding in audit(start)}
                missed += index >= start.size and index not in found
    assert missed == 0


def _flipped(level: int, index: int, offset: int) -> bytes:
    data = bytearray(stored_tile(level, index))
    data[offset] ^= 1
    return bytes(data)


def _certificate_entry() -> Entry:
    return Entry.objects.filter(kind="certificate.issued/1").order_by("pk")[0]

"""A register written under the first shapes still equals its fold, and changes in it are found."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from audit.log import check_log
from audit.register import compare_register
from filings.models import ClaimedResponsibility, Filing
from filings.workflow import State
from ledger.entries import parse_entry
from ledger.models import Entry
from registry import entries
from registry.commitments import record_committed
from registry.kinds import Grade, PublicData, Stage
from registry.models import DataAsset, Derivation, Instrument, Opening, Party, Responsibility
from registry.replay import Facts, apply
from tests.factories import (
    NOON,
    Office,
    bring_to_publicity,
    decide,
    derive_from,
    make_complete_draft,
    make_party,
    register_asset,
)

KEPT = Path(__file__).parents[1] / "verifier"
"""Where certificates and entries of old shapes are kept."""


@pytest.fixture
def old_register(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the first release wrote: contacts committed, nothing in registrations."""
    monkeypatch.setattr(entries, "PARTY_REGISTERED", entries.PARTY_REGISTERED_OF_OLD)
    monkeypatch.setattr(entries, "committed_of_party", lambda _party: ["/contact"])
    write_under(entries.INITIAL_REGISTRATION_OF_OLD, office, monkeypatch)
    monkeypatch.undo()
    Instrument.objects.update(entry=None)
    leave_unclassified()


@pytest.fixture
def unclassified_register(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written while registrations named no grade and nobody responsible."""
    write_under(entries.INITIAL_REGISTRATION_UNCLASSIFIED, office, monkeypatch)
    monkeypatch.undo()
    leave_unclassified()


def write_under(shape: str, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Register an asset and another that is derived from it, under an old shape."""

    def record_under(act: Any, *, committed: Any, **options: Any) -> Entry:
        payload = options["payload"]
        del payload["responsibilities"]
        for field in entries.CLASSIFICATION_FIELDS:
            del payload["asset"][field]
        if shape == entries.INITIAL_REGISTRATION_OF_OLD:
            entry: Entry = act.record(**options)
            return entry
        return record_committed(act, committed=committed, **options)

    monkeypatch.setattr(entries, "INITIAL_REGISTRATION", shape)
    monkeypatch.setattr("rights.initial_registration.record_committed", record_under)
    party = make_party(office, contact="示例联系人", legal_representative="示例法定代表人")
    asset = register_asset(office, party, remarks="示例备注")
    filing = make_complete_draft(office, party, data=b"derived")
    derive_from(filing, asset.versions.get(), party)
    decide(office, bring_to_publicity(office, filing))


def leave_unclassified() -> None:
    """Leave in the rows what the upgrade leaves there (`test_an_upgrade_...`)."""
    DataAsset.objects.update(**dict.fromkeys(entries.CLASSIFICATION_FIELDS, ""))
    Responsibility.objects.all().delete()


def findings() -> list[str]:
    return [finding.table for finding in [*check_log(), *compare_register()]]


def written() -> list[tuple[str, set[str]]]:
    """Return of each entry the kind and what stands as commitments."""
    return [
        (entry.kind, set(json.loads(bytes(entry.content))["payload"].get("commitments", ())))
        for entry in Entry.objects.order_by("pk")
    ]


def test_the_fold_reads_what_the_first_release_wrote(old_register: None) -> None:
    assert written() == [
        ("party.registered/1", {"/contact"}),
        ("registration.initial/1", set()),
        ("registration.initial/1", set()),
    ]
    assert findings() == []


def test_the_fold_reads_registrations_without_a_grade(unclassified_register: None) -> None:
    kinds = [kind for kind, _commitments in written()]

    assert kinds == ["party.registered/2", "registration.initial/2", "registration.initial/2"]
    assert findings() == []


@pytest.mark.parametrize("shape", [1, 2])
def test_the_fold_reads_the_entries_that_were_kept(shape: int) -> None:
    folded: Facts = {}
    for line in (KEPT / f"issued_under_{shape}" / "entries.jsonl").read_bytes().splitlines():
        apply(folded, parse_entry(line))

    asset = folded["registry_dataasset", "DA-000000002"]
    assert asset["responsibilities"] == {}
    assert {asset[field] for field in entries.CLASSIFICATION_FIELDS} == {""}


@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_an_upgrade_classifies_nothing_that_is_registered(
    unclassified_register: None, office: Office
) -> None:
    waiting = make_complete_draft(office, Party.objects.get(), data=b"waiting")
    call_command("migrate", "registry", "0002_privacy", verbosity=0)
    call_command("migrate", verbosity=0)

    assert findings() == []
    assert set(Filing.objects.values_list("state", "grade")) == {
        (State.REGISTERED, ""),
        (State.DRAFT, Grade.GENERAL),
    }
    named = ClaimedResponsibility.objects.values_list("filing", "stage")
    assert set(named) == {(waiting.pk, stage) for stage in Stage}


@pytest.mark.parametrize(
    "change",
    [
        lambda: DataAsset.objects.update(grade=Grade.IMPORTANT),
        lambda: DataAsset.objects.update(public_data=PublicData.UTILITY),
        lambda: Responsibility.objects.create(
            asset=DataAsset.objects.all()[0], stage=Stage.HOLD, party=Party.objects.get()
        ),
    ],
    ids=["grade", "public data", "responsibility"],
)
def test_what_an_old_registration_does_not_say_is_found(
    unclassified_register: None, change: Any
) -> None:
    change()

    assert set(findings()) == {"registry_dataasset"}


@pytest.mark.parametrize(
    ("change", "table"),
    [
        (lambda: Party.objects.update(legal_representative="x"), "registry_party"),
        (lambda: Party.objects.update(contact="x"), "registry_party"),
        (lambda: Opening.objects.all().delete(), "registry_party"),
        (lambda: Derivation.objects.update(basis="x"), "registry_derivation"),
    ],
    ids=["representative", "contact", "openings", "basis"],
)
def test_a_change_of_an_old_row_is_found(old_register: None, change: Any, table: str) -> None:
    change()

    assert set(findings()) == {table}


@pytest.mark.parametrize(
    ("change", "table"),
    [
        (lambda: Instrument.objects.update(title="x"), "registry_instrument"),
        (lambda: Instrument.objects.update(entry=None), "registry_instrument"),
        (lambda: Derivation.objects.update(method="x"), "registry_derivation"),
        (lambda: Opening.objects.filter(path="/remarks").delete(), "filings_filing"),
        (lambda: DataAsset.objects.update(grade=Grade.IMPORTANT), "registry_dataasset"),
        (lambda: Responsibility.objects.filter(stage=Stage.USE).delete(), "registry_dataasset"),
    ],
    ids=["title", "entry", "method", "remarks", "grade", "responsibility"],
)
def test_a_change_of_what_is_registered_is_found(office: Office, change: Any, table: str) -> None:
    party = make_party(office)
    asset = register_asset(office, party, remarks="示例备注")
    filing = make_complete_draft(office, party, data=b"derived")
    derive_from(filing, asset.versions.get(), party)
    decide(office, bring_to_publicity(office, filing), at=NOON)
    assert findings() == []

    change()

    assert set(findings()) == {table}

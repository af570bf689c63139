"""A register written under the first shapes still equals its fold, and changes in it are found."""

import json
from typing import Any

import pytest

from audit.log import check_log
from audit.register import compare_register
from ledger.models import Entry
from registry import entries
from registry.models import Derivation, Instrument, Opening, Party
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


@pytest.fixture
def old_register(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the first release wrote: contacts committed, nothing in registrations."""
    monkeypatch.setattr(entries, "PARTY_REGISTERED", entries.PARTY_REGISTERED_OF_OLD)
    monkeypatch.setattr(entries, "INITIAL_REGISTRATION", entries.INITIAL_REGISTRATION_OF_OLD)
    monkeypatch.setattr(entries, "committed_of_party", lambda _party: ["/contact"])
    monkeypatch.setattr("rights.initial_registration.record_committed", _record_in_clear)
    party = make_party(office, contact="示例联系人", legal_representative="示例法定代表人")
    asset = register_asset(office, party, remarks="示例备注")
    filing = make_complete_draft(office, party, data=b"derived")
    derive_from(filing, asset.versions.get(), party)
    decide(office, bring_to_publicity(office, filing))
    Instrument.objects.update(entry=None)
    monkeypatch.undo()


def _record_in_clear(act: Any, *, committed: object, **options: Any) -> Entry:
    entry: Entry = act.record(**options)
    return entry


def findings() -> list[str]:
    return [finding.table for finding in [*check_log(), *compare_register()]]


def test_the_fold_reads_what_the_first_release_wrote(old_register: None) -> None:
    payloads = [
        json.loads(bytes(entry.content))["payload"] for entry in Entry.objects.order_by("pk")
    ]

    assert set(Entry.objects.values_list("kind", flat=True)) == {
        "party.registered/1",
        "registration.initial/1",
    }
    assert [set(payload.get("commitments", ())) for payload in payloads] == [
        {"/contact"},
        set(),
        set(),
    ]


def test_an_old_register_has_no_findings(old_register: None) -> None:
    assert findings() == []


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
    ],
    ids=["title", "entry", "method", "remarks"],
)
def test_a_change_of_what_is_committed_is_found(office: Office, change: Any, table: str) -> None:
    party = make_party(office)
    asset = register_asset(office, party, remarks="示例备注")
    filing = make_complete_draft(office, party, data=b"derived")
    derive_from(filing, asset.versions.get(), party)
    decide(office, bring_to_publicity(office, filing), at=NOON)
    assert findings() == []

    change()

    assert set(findings()) == {table}

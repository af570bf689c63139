"""The demonstration register is built through the product's own use cases, and only once."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from audit.log import check_log
from audit.register import compare_register
from certificates.documents.issuance import finish_document
from certificates.documents.ordering import Order, order
from certificates.models import DocumentKind
from demo.assets import demo_assets
from demo.load import LEFT_OPEN, Loader
from demo.parties import APPLICANTS, EXAMPLE_GEO, PUBLISHERS
from demo.people import ensure_organisations, ensure_people
from filings import fee_tables
from filings.cases import undeclared
from filings.models import Filing
from filings.submission import submit
from filings.workflow import State
from ledger.models import Entry
from primitives.clock import CHINA, now_utc
from registry.models import DataAsset, Derivation, FeeRecord, Party

pytestmark = pytest.mark.django_db


def loader(folder: Path) -> Loader:
    people = ensure_people(folder / "accounts.txt")
    return Loader(people, ensure_organisations(people["enterprise"]), now_utc)


def test_every_asset_is_registered_once_however_often_it_is_loaded(tmp_path: Path) -> None:
    assert len(list(loader(tmp_path).load())) == len(demo_assets())
    entries = Entry.objects.count()

    assert list(loader(tmp_path).load()) == []

    assert Entry.objects.count() == entries
    assert DataAsset.objects.count() == len(demo_assets()) - len(LEFT_OPEN)
    assert list(compare_register()) == []
    assert list(check_log()) == []


def test_only_what_is_unproven_is_marked_so(tmp_path: Path) -> None:
    list(loader(tmp_path).load())

    unproven = Derivation.objects.filter(is_proven=False)
    assert [str(edge.external_source) for edge in unproven] != []
    assert {edge.basis for edge in unproven} == {""}
    assert not Derivation.objects.filter(is_proven=True, basis="").exists()


def test_a_load_that_was_cut_short_is_carried_on(tmp_path: Path) -> None:
    next(iter(loader(tmp_path).load()))
    second = loader(tmp_path)
    for party in (*PUBLISHERS, *APPLICANTS):
        second.parties[party.key] = Party.objects.get(identifier=party.identifier)
    draft, registrar = second.draft(demo_assets()[1]), second.people["registrar"]
    declared = [row.name for row in undeclared(draft)]
    submit(draft, by=registrar, at=now_utc(), declared=declared)
    second.draft(next(asset for asset in demo_assets() if asset.key == "currencies"))

    list(loader(tmp_path).load())

    states = Counter(Filing.objects.values_list("state", flat=True))
    assert states == {State.REGISTERED: 6, State.SUBMITTED: 1, State.PUBLICISED: 1}


@pytest.mark.django_db(transaction=True)
def test_the_evidence_for_the_accounts_of_the_example_enterprise_shows_the_one_example_fee(
    tmp_path: Path,
) -> None:
    for _twice in range(2):
        list(loader(tmp_path).load())
    fee, at = FeeRecord.objects.get(), now_utc()
    table = fee_tables.fee_table_on(at.astimezone(CHINA).date())
    assert table
    item = table.item(fee.item)
    assert item
    assert table.is_example
    assert (fee.fen, fee.what_zh) == (item.fen, item.name_zh)
    assert "示例" in fee.what_zh
    assert "EXAMPLE" in fee.receipt

    payer = Party.objects.get(identifier=EXAMPLE_GEO.identifier)
    wanted = Order(kind=DocumentKind.ACCOUNTING, party=payer, since=at - timedelta(days=2))
    document = order(wanted, by=None, at=at)
    finish_document(document, at=at)

    document.refresh_from_db()
    [stated] = json.loads(bytes(document.statement))["facts"]["fees"]
    assert (stated["case"], stated["fen"], stated["receipt"]) == (fee.case, fee.fen, fee.receipt)


@pytest.fixture
def _no_example_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the table be one that a registry has published for itself."""
    table = (fee_tables.FOLDER / "example.toml").read_text()
    (tmp_path / "example.toml").write_text(table.replace("is_example = true", "is_example = false"))
    monkeypatch.setattr(fee_tables, "FOLDER", tmp_path)
    fee_tables.fee_tables.cache_clear()
    yield
    fee_tables.fee_tables.cache_clear()


@pytest.mark.usefixtures("_no_example_table")
def test_under_a_fee_table_that_is_no_example_no_fee_is_made_up(tmp_path: Path) -> None:
    list(loader(tmp_path).load())
    assert not FeeRecord.objects.exists()


def test_passwords_are_random_and_in_a_file_for_its_owner_alone(tmp_path: Path) -> None:
    ensure_people(tmp_path / "1" / "accounts.txt")

    file = tmp_path / "1" / "accounts.txt"
    assert file.stat().st_mode & 0o077 == 0
    passwords = [line.split()[1] for line in file.read_text().splitlines()]
    assert len(set(passwords)) == len(passwords) == 7

"""Fees: published, recorded once, never edited, shown to who paid, and stated to the fen."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from filings import fee_tables as tables
from filings.checks import fee_table_is_whole
from filings.fee_tables import FeeTableError, fee_table_on, fee_tables, read
from filings.fees import (
    FEE_RULES,
    FeeError,
    FeeFacts,
    Paid,
    fees_of,
    record_fee,
    reverse_fee,
)
from filings.models import Filing
from filings.submission import submit
from primitives.rules import RulesBrokenError, broken
from registry.fees import yuan_text
from registry.models import FeeRecord, Party
from tests.factories import NOON, TODAY, Office, make_complete_draft, make_party, sign_in

pytestmark = pytest.mark.django_db

FACTS = FeeFacts(
    fen=60000,
    published_fen=60000,
    paid_on=TODAY,
    today=TODAY,
    payer_is_applicant=True,
    is_submitted=True,
    receipt="26372000000012345678",
)


@pytest.fixture
def company(office: Office) -> Party:
    return make_party(office)


@pytest.fixture
def filing(office: Office, company: Party) -> Filing:
    return submit(make_complete_draft(office, company), by=office.wang, at=NOON)


@pytest.fixture
def paid(company: Party) -> Paid:
    return Paid(item="INITIAL", fen=60000, payer=company, paid_on=TODAY, receipt="INV-1")


def numbers(**changes: Any) -> list[str]:
    return [rule.number for rule in broken(FEE_RULES, replace(FACTS, **changes))]


def test_fees_as_they_should_be_break_no_rule() -> None:
    assert numbers() == []


def test_fee_1_what_is_paid_for_is_published() -> None:
    assert numbers(published_fen=None) == ["FEE-1"]


@pytest.mark.parametrize("fen", [0, -1, 60001])
def test_fee_2_the_amount_is_no_more_than_the_published_one(fen: int) -> None:
    assert numbers(fen=fen) == ["FEE-2"]
    assert numbers(fen=59999) == []


def test_fee_3_it_was_paid() -> None:
    assert numbers(paid_on=TODAY + timedelta(days=1)) == ["FEE-3"]


def test_fee_4_who_paid_is_an_applicant() -> None:
    assert numbers(payer_is_applicant=False) == ["FEE-4"]


def test_fee_5_nothing_is_charged_for_a_draft() -> None:
    assert numbers(is_submitted=False) == ["FEE-5"]


@pytest.mark.parametrize("receipt", ["", " ", "票据", "1" * 41, "a\nb", "🧾"])
def test_fee_6_the_receipt_is_named(receipt: str) -> None:
    assert numbers(receipt=receipt) == ["FEE-6"]


def test_a_registrar_records_a_fee_and_every_broken_rule_is_told(
    office: Office, filing: Filing, paid: Paid
) -> None:
    record = record_fee(filing, paid, by=office.wang, at=NOON)
    assert (record.case, record.fen, record.currency) == (filing.number, 60000, "CNY")
    assert (record.what_zh, record.recorded_by) == ("初次登记费（示例）", office.wang)
    stranger = make_party(office, 2)
    wrong = replace(paid, fen=10**9, payer=stranger, paid_on=date(2099, 1, 1), receipt="")
    with pytest.raises(RulesBrokenError) as refused:
        record_fee(filing, wrong, by=office.wang, at=NOON)
    assert [rule.number for rule in refused.value.rules] == ["FEE-2", "FEE-3", "FEE-4", "FEE-6"]
    with pytest.raises(RulesBrokenError, match="FEE-1"):
        record_fee(filing, replace(paid, item="TIED_SERVICE"), by=office.wang, at=NOON)
    with pytest.raises(RulesBrokenError, match="FEE-1"):
        record_fee(filing, replace(paid, paid_on=date(2022, 12, 31)), by=office.wang, at=NOON)
    draft = make_complete_draft(office, paid.payer, data=b"draft")
    with pytest.raises(RulesBrokenError, match="FEE-5"):
        record_fee(draft, paid, by=office.wang, at=NOON)
    for other in (office.li, office.zhao, office.alice):
        with pytest.raises(PermissionDenied):
            record_fee(filing, paid, by=other, at=NOON)
    assert FeeRecord.objects.count() == 1


def test_a_record_is_taken_back_once_by_one_of_the_opposite_amount(
    office: Office, filing: Filing, paid: Paid
) -> None:
    record = record_fee(filing, paid, by=office.wang, at=NOON)
    with pytest.raises(FeeError, match="why"):
        reverse_fee(filing, record, reason=" ", by=office.wang, at=NOON)
    back = reverse_fee(filing, record, reason="示例：重复记录", by=office.wang, at=NOON)
    assert (back.fen, back.paid_on, back.reverses) == (-60000, record.paid_on, record)
    assert sum(fee.fen for fee in fees_of(filing)) == 0
    for taken in (record, back):
        again = FeeRecord.objects.get(pk=taken.pk)
        with pytest.raises(FeeError, match="already"):
            reverse_fee(filing, again, reason="示例", by=office.wang, at=NOON)
    other = submit(make_complete_draft(office, paid.payer, data=b"other"), by=office.wang, at=NOON)
    anew = record_fee(filing, paid, by=office.wang, at=NOON)
    with pytest.raises(FeeError, match="none of this case"):
        reverse_fee(other, anew, reason="示例", by=office.wang, at=NOON)


def test_the_database_edits_and_deletes_no_record(
    office: Office, filing: Filing, paid: Paid
) -> None:
    record = record_fee(filing, paid, by=office.wang, at=NOON)
    rows = FeeRecord.objects.filter(pk=record.pk)
    for change in (lambda: rows.update(fen=1), rows.delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
    assert rows.get().fen == 60000


@pytest.mark.parametrize(
    "wrong",
    [{"fen": 0}, {"fen": -1}, {"reason": "x"}, {"currency": "USD"}, {"receipt": ""}],
    ids=str,
)
def test_the_database_takes_no_record_of_another_shape(
    office: Office, filing: Filing, paid: Paid, wrong: dict[str, Any]
) -> None:
    record = record_fee(filing, paid, by=office.wang, at=NOON)
    record.pk = None
    for name, value in wrong.items():
        setattr(record, name, value)
    with pytest.raises(IntegrityError), transaction.atomic():
        record.save(force_insert=True)


def test_the_office_records_and_takes_back_and_the_applicant_sees_it(
    office: Office, filing: Filing, company: Party
) -> None:
    wang, case = sign_in(office.wang), reverse("admin:filings_filing_case", args=[filing.pk])
    address = reverse("admin:filings_filing_fee", args=[filing.pk])
    given = {
        "item": "INITIAL",
        "amount": "599.99",
        "payer": company.pk,
        "paid_on": "2026-11-25",
        "receipt": "26372000000012345678",
    }
    assert "599.99" in wang.post(address, given, follow=True).content.decode()
    record = FeeRecord.objects.get()
    assert record.fen == 59999
    for bad in ("1e3000", "NaN", "-1", "0.001", "1" * 40, "", "六百"):
        assert wang.post(address, given | {"amount": bad}).status_code == 302
    assert wang.post(address, given | {"item": "OTHER", "payer": "x"}).status_code == 302
    refused = wang.post(address, given | {"amount": "600.01"}, follow=True).content.decode()
    assert "FEE-2" in refused
    assert FeeRecord.objects.count() == 1

    for judge in (office.li, office.zhao):
        assert "26372000000012345678" not in sign_in(judge).get(case).content.decode()
    alice = sign_in(office.alice)
    desk = alice.get(reverse("web:case", args=[filing.number])).content.decode()
    assert "CNY 599.99" in desk
    assert "26372000000012345678" in desk

    back = reverse("admin:filings_filing_fee_back", args=[filing.pk, record.pk])
    assert wang.post(back, {"reason": ""}).status_code == 302
    assert FeeRecord.objects.count() == 1
    assert "-599.99" in wang.post(back, {"reason": "示例：票据有误"}, follow=True).content.decode()
    assert "示例：票据有误" in alice.get(reverse("web:case", args=[filing.number])).content.decode()
    assert "fee-item" in wang.get(case).content.decode()
    assert "fee-item" not in sign_in(office.li).get(case).content.decode()
    sign_in(office.li).post(address, given)
    assert FeeRecord.objects.count() == 2


def test_the_fee_table_is_public_for_any_day_and_says_that_it_is_an_example(
    client: Client, settings: Settings
) -> None:
    page = client.get(reverse("web:fees"), headers={"accept-language": "en"}).content.decode()
    assert "600.00" in page
    assert "示例收费标准" in page
    assert client.get(reverse("web:fees"), {"on": "2022-01-01"}).status_code == 200
    assert client.get(reverse("web:fees"), {"on": "x"}).status_code == 400
    settings.FEE_TABLE = "free"
    fee_tables.cache_clear()
    try:
        assert "600.00" not in client.get(reverse("web:fees")).content.decode()
    finally:
        fee_tables.cache_clear()


def test_a_later_version_leaves_the_days_before_it_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = (tables.FOLDER / "example.toml").read_text()
    later = first.replace("version = 1", "version = 2").replace("60000", "50000")
    (tmp_path / "a.toml").write_text(first)
    (tmp_path / "b.toml").write_text(later.replace("2023-01-01", "2027-01-01"))
    monkeypatch.setattr(tables, "FOLDER", tmp_path)
    fee_tables.cache_clear()
    try:
        fen = [
            table.items[0].fen if (table := fee_table_on(day)) else None
            for day in (date(2022, 12, 31), date(2026, 12, 31), date(2027, 1, 1))
        ]
        assert fen == [None, 60000, 50000]
    finally:
        fee_tables.cache_clear()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("fen = 60000", "fen = 0"),
        ("fen = 60000", 'fen = "600"'),
        ("fen = 60000", "fen = 600.5"),
        ('code = "DEALING"', 'code = "INITIAL"'),
        ("version = 1", ""),
        ("version = 1", "version = 1\nmore = 2"),
        ("[[items]]", "[[items"),
        ('source = "NDA35 art. 10(3)"', 'source = ""'),
    ],
)
def test_a_fee_table_that_is_not_whole_is_an_error(tmp_path: Path, old: str, new: str) -> None:
    text = (tables.FOLDER / "example.toml").read_text()
    path = tmp_path / "bad.toml"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(FeeTableError, match=r"bad\.toml"):
        read(path)


def test_a_table_that_is_not_there_is_told_at_start(settings: Settings) -> None:
    assert fee_table_is_whole() == []
    settings.FEE_TABLE = "nowhere"
    fee_tables.cache_clear()
    try:
        assert [error.id for error in fee_table_is_whole()] == ["filings.E002"]
    finally:
        fee_tables.cache_clear()


@pytest.mark.parametrize(
    ("fen", "text"), [(0, "0.00"), (-5, "-0.05"), (-12345, "-123.45"), (123456780, "1,234,567.80")]
)
def test_amounts_are_written_exactly(fen: int, text: str) -> None:
    assert yuan_text(fen) == text

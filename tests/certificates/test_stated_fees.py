"""What accounting evidence says of fees: whose, for which asset, when, and to the fen."""

import io
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pikepdf import Pdf

from certificates.documents.accounting import SPREADSHEET
from certificates.documents.issuance import finish_document
from certificates.documents.ordering import Order, order
from certificates.models import CertificateState, Document, DocumentKind
from certificates.queries import log_verifier_keys, proof_text, read_certificate
from certificates.sealing import load_certificates, trust_pem, tsa_trust_pem
from filings.fees import Paid, record_fee, reverse_fee
from filings.models import Filing
from filings.submission import submit
from primitives.clock import CHINA, now_utc
from registry.models import DataAsset, Party
from tests.factories import NOON, Office, make_complete_draft, make_party, register_asset
from verifier.verdict import Outcome
from verifier.verification import verify

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


def evidence_for(party: Party) -> Document:
    at = now_utc()
    today = at.astimezone(CHINA).date()
    since = at - 3 * DAY
    assert since.astimezone(CHINA).date() < today
    wanted = Order(kind=DocumentKind.ACCOUNTING, party=party, since=since)
    document = order(wanted, by=None, at=at)
    finish_document(document, at=at)
    document.refresh_from_db()
    assert document.state == CertificateState.ISSUED
    return document


def facts_of(document: Document) -> Any:
    return json.loads(bytes(document.statement))["facts"]["fees"]


def section_of(document: Document) -> str:
    sections = json.loads(bytes(document.statement))["sections"]
    found = [each for each in sections if each["title"]["zh"] == "登记费用"]
    assert len(found) == 1
    return json.dumps(found, ensure_ascii=False)


def pay(
    office: Office, filing: Filing, payer: Party, *, fen: int, on: date, receipt: str = "1"
) -> Any:
    paid = Paid(item="INITIAL", fen=fen, payer=payer, paid_on=on, receipt=receipt)
    return record_fee(filing, paid, by=office.wang, at=now_utc())


@pytest.fixture
def company(office: Office) -> Party:
    return make_party(office)


@pytest.fixture
def asset(office: Office, company: Party) -> DataAsset:
    return register_asset(office, company)


def test_that_no_fee_is_recorded_is_said_in_words(
    office: Office, company: Party, asset: DataAsset
) -> None:
    document = evidence_for(company)
    assert "收费记录：无" in section_of(document)
    assert "Fees recorded: none" in section_of(document)
    assert facts_of(document) == []


def test_fees_are_stated_with_their_case_asset_day_receipt_and_sums(
    office: Office, company: Party, asset: DataAsset, tmp_path: Path
) -> None:
    filing = Filing.objects.get(asset=asset)
    today = now_utc().astimezone(CHINA).date()
    earlier = pay(office, filing, company, fen=59999, on=today - 30 * DAY, receipt="OLD-1")
    pay(office, filing, company, fen=5, on=today, receipt="NEW-2")
    wrong = pay(office, filing, company, fen=40000, on=today, receipt="WRONG-3")
    reverse_fee(filing, wrong, reason="示例：记错", by=office.wang, at=now_utc())
    # Of a case that led to no asset, and of somebody else's.
    other = submit(make_complete_draft(office, company, data=b"other"), by=office.wang, at=NOON)
    pay(office, other, company, fen=100, on=today, receipt="PENDING-4")
    stranger = make_party(office, 2)
    strange = submit(make_complete_draft(office, stranger, data=b"s"), by=office.wang, at=NOON)
    pay(office, strange, stranger, fen=7, on=today, receipt="STRANGE-5")

    document = evidence_for(company)

    facts = facts_of(document)
    assert [(fee["receipt"], fee["fen"], fee["assets"]) for fee in facts] == [
        ("OLD-1", 59999, [asset.number]),
        ("NEW-2", 5, [asset.number]),
        ("WRONG-3", 40000, [asset.number]),
        ("WRONG-3", -40000, [asset.number]),
        ("PENDING-4", 100, []),
    ]
    assert facts[0]["paid_on"] == earlier.paid_on.isoformat()
    assert [fee["takes_back"] for fee in facts] == [False, False, False, True, False]
    said = section_of(document)
    for text in ("599.99", "0.05", "-400.00", "冲销：", "CNY 1.05", "CNY 601.04", filing.number):
        assert text in said
    assert "STRANGE-5" not in bytes(document.statement).decode()
    pdf = read_certificate(document)
    with Pdf.open(io.BytesIO(pdf)) as opened:
        workbook = opened.attachments[SPREADSHEET].get_file().read_bytes()
    sheet = openpyxl.load_workbook(io.BytesIO(workbook))["登记费用"]
    assert [cell.value for cell in sheet[2]][3:] == ["OLD-1", "599.99"]
    verdict = verify(
        pdf,
        proof=proof_text(document),
        trust=load_certificates(trust_pem().encode()),
        tsa_trust=load_certificates(tsa_trust_pem().encode()),
        log_key=log_verifier_keys(),
        at=now_utc(),
    )
    assert verdict.outcome == Outcome.VALID


def test_what_is_paid_after_the_date_is_not_stated(
    office: Office, company: Party, asset: DataAsset
) -> None:
    filing, at = Filing.objects.get(asset=asset), now_utc()
    today = at.astimezone(CHINA).date()
    pay(office, filing, company, fen=1, on=today - DAY, receipt="BEFORE")
    pay(office, filing, company, fen=2, on=today, receipt="AFTER")
    wanted = Order(kind=DocumentKind.ACCOUNTING, party=company, since=at - 9 * DAY, as_of=at - DAY)
    document = order(wanted, by=None, at=at)
    finish_document(document, at=at)
    document.refresh_from_db()
    assert [fee["receipt"] for fee in facts_of(document)] == ["BEFORE"]

"""Ordering what the register says, and who may: holders, pledgees, nobody else."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.organisations import add_member, create_organisation
from accounts.roles import Role
from certificates.issuance import issue_waiting
from certificates.models import Document, DocumentKind
from certificates.queries import proof_text, read_certificate, read_file
from certificates.renewal import renew
from primitives.clock import now_utc
from rights.kinds import RightKind
from rights.surrender import Surrender
from tests.factories import Office, make_user, sign_in, uscc
from tests.titles import DAY, Estate, make_estate
from web.templatetags.register_text import references

PAGE = "/desk/documents/"
ADD = "/office/certificates/document/add/"


@pytest.fixture
def estate(office: Office) -> Estate:
    return make_estate(office)


@pytest.fixture
def alice(office: Office) -> Client:
    return sign_in(office.alice)


@pytest.fixture
def banker(estate: Estate) -> Client:
    """Somebody of the bank to which the right to operate is pledged."""
    person = make_user("banker", Role.BANK)
    add_member(create_organisation(name="示例甲银行股份有限公司", uscc=uscc(21)), person)
    return sign_in(person)


def ordered(client: Client, **form: object) -> Document:
    answer = client.post(PAGE, form)
    assert answer.status_code == 302, answer.content.decode()
    issue_waiting(at=now_utc())
    return Document.objects.exclude(kind=DocumentKind.TITLE).latest("pk")


def test_a_holder_orders_an_extract_follows_it_and_downloads_it(
    alice: Client, estate: Estate
) -> None:
    answer = alice.post(PAGE, {"kind": "STATUS", "asset": estate.asset.number})
    assert answer.status_code == 302
    assert "制作中" in alice.get(PAGE).content.decode()
    issue_waiting(at=now_utc())
    document = Document.objects.exclude(kind=DocumentKind.TITLE).get()
    assert document.ordered_by == estate.office.alice
    page = alice.get(PAGE).content.decode()
    for name in ("document-file", "document-proof"):
        address = reverse(f"web:{name}", args=[document.number])
        assert address in page
        assert alice.get(address).status_code == 200
    assert alice.get(f"{PAGE}{document.number}.pdf").content == read_certificate(document)
    assert alice.get(f"{PAGE}{document.number}.pdf.tlog-proof").content.decode() == proof_text(
        document
    )
    assert alice.get(f"{PAGE}{document.number}.xlsx").status_code == 404
    assert alice.get(f"{PAGE}{document.number}.zip").status_code == 404
    change = Document.objects.filter(kind=DocumentKind.TITLE).latest("pk")
    assert f"{PAGE}{change.number}.zip" in page
    kit = alice.get(f"{PAGE}{change.number}.zip")
    assert kit.headers["Content-Type"] == "application/zip"
    assert f"{change.number}/certificate.pdf".encode() in kit.content
    assert sign_in(estate.office.charlie).get(f"{PAGE}{change.number}.zip").status_code == 404
    renewed = f"{PAGE}{document.number}-renewed.pdf"
    assert renewed not in page
    assert alice.get(renewed).status_code == 404
    archival = renew(document, at=now_utc())
    assert renewed in alice.get(PAGE).content.decode()
    assert alice.get(renewed).content == read_file(archival)
    assert alice.get(f"{renewed}.tlog-proof").content.decode() == proof_text(archival)


def test_a_bank_orders_the_extract_of_its_pledge(banker: Client, estate: Estate) -> None:
    document = ordered(banker, kind="PLEDGE", asset=estate.asset.number, party=str(estate.bank.pk))
    assert document.party == estate.bank
    assert document.state == "ISSUED"


def test_accounting_evidence_is_for_ones_own_organisation_and_has_a_workbook(
    alice: Client, estate: Estate
) -> None:
    last = (estate.start + 20 * DAY).date().isoformat()
    first = (estate.start - 5 * DAY).date().isoformat()
    form = {"kind": "ACCOUNTING", "party": str(estate.company.pk), "since": first, "as_of": last}
    document = ordered(alice, **form)
    content = alice.get(f"{PAGE}{document.number}.xlsx").content
    assert openpyxl.load_workbook(io.BytesIO(content)).worksheets
    answer = alice.post(PAGE, form | {"party": str(estate.bank.pk)})
    assert answer.status_code == 400


def test_others_see_no_extract_and_are_not_told_whether_there_is_one(
    office: Office, alice: Client, estate: Estate
) -> None:
    document = ordered(alice, kind="STATUS", asset=estate.asset.number)
    stranger = sign_in(office.charlie)
    for number in (estate.asset.number, "DA-999999999"):
        answer = stranger.post(PAGE, {"kind": "STATUS", "asset": number})
        assert answer.status_code == 400
        assert "没有该资产" in answer.content.decode()
    renew(document, at=now_utc())
    renewed = ("-renewed.pdf", "-renewed.pdf.tlog-proof")
    for ending in (".pdf", ".pdf.tlog-proof", ".xlsx", *renewed):
        assert stranger.get(f"{PAGE}{document.number}{ending}").status_code == 404
    assert document.number not in stranger.get(PAGE).content.decode()
    assert Client().get(PAGE).status_code == 302


def test_everyone_signed_in_may_search_and_learns_nothing_of_a_persons_holdings(
    office: Office, estate: Estate
) -> None:
    stranger = sign_in(office.charlie)
    document = ordered(stranger, kind="SEARCH", query=estate.person.identifier)
    assert "未查得登记" in bytes(document.statement).decode()


@pytest.mark.parametrize(
    "form", [{}, {"kind": "TITLE"}, {"kind": "STATUS"}, {"kind": "ACCOUNTING", "since": "x"}]
)
def test_a_wrong_order_says_what_is_wrong(alice: Client, form: dict[str, str]) -> None:
    answer = alice.post(PAGE, form)
    assert answer.status_code == 400
    assert not Document.objects.exists()


def test_paper_is_compared_by_number_and_code_and_people_are_shown_in_part(
    alice: Client, estate: Estate, client: Client
) -> None:
    document = ordered(alice, kind="STATUS", asset=estate.asset.number)
    page = client.get(f"/v/{document.number}", {"c": document.check_code})
    said = page.content.decode()
    assert document.sha256 in said
    assert "示**" in said
    assert estate.person.identifier not in said
    assert client.get(f"/v/{document.number}", {"c": "0000"}).status_code == 404
    proof = client.get(f"/v/{document.number}/proof", {"c": document.check_code})
    assert proof.content.decode() == proof_text(document)
    address = f"/v/{document.number}/renewed/proof"
    code = {"c": document.check_code}
    assert address not in said
    assert client.get(address, code).status_code == 404
    archival = renew(document, at=now_utc())
    assert address in client.get(f"/v/{document.number}", code).content.decode()
    assert client.get(address, code).content.decode() == proof_text(archival)
    assert client.get(address, {"c": "0000"}).status_code == 404


def test_the_public_page_finds_a_document_valid_by_file_and_by_digest(
    alice: Client, estate: Estate, client: Client
) -> None:
    document = ordered(alice, kind="STATUS", asset=estate.asset.number)
    pdf = read_certificate(document)
    answer = client.post(
        "/verify/file/",
        {"file": SimpleUploadedFile("extract.pdf", pdf)},
        headers={"accept-language": "en"},
    ).content.decode()
    assert "verdict-valid" in answer
    assert document.number in answer
    found = client.get("/verify/digest/", {"sha256": document.sha256}).json()
    assert found["found"] == "document"
    archival = renew(document, at=now_utc())
    renewed = client.get("/verify/digest/", {"sha256": archival.sha256}).json()
    assert renewed["sentence"] == found["sentence"]
    assert len(renewed["facts"]) == len(found["facts"]) + 1


def test_a_superseded_certificate_after_a_change_is_not_shown_as_valid(
    estate: Estate, client: Client
) -> None:
    issue_waiting(at=now_utc())
    issue_waiting(at=now_utc())
    first, *_others, last = Document.objects.filter(kind=DocumentKind.TITLE).order_by("pk")
    pages_say(client, first, "已被替代", "invalid")
    pages_say(client, last, "有效", "valid")
    surrender = Surrender(interest=estate.right(RightKind.USE).reference)
    estate.enter(39, surrender, by=[estate.company])
    pages_say(client, last, "权利已变更", "invalid")


def pages_say(client: Client, document: Document, word: str, colour: str) -> None:
    """Check the verdict on the file, and the record that its QR code leads to."""
    uploaded = SimpleUploadedFile("title.pdf", read_certificate(document))
    page = client.post("/verify/file/", {"file": uploaded}).content.decode()
    assert f"verdict-{colour}" in page
    assert word in page
    record = client.get(f"/v/{document.number}", {"c": document.check_code}).content.decode()
    assert word in record


def test_people_in_accounting_evidence_are_shown_in_part_as_well(
    office: Office, estate: Estate, client: Client
) -> None:
    form = {
        "kind": "ACCOUNTING",
        "party": str(estate.person.pk),
        "since": (estate.start - DAY).date().isoformat(),
        "as_of": now_utc().date().isoformat(),
    }
    assert sign_in(office.wang).post(ADD, form).status_code == 302
    issue_waiting(at=now_utc())
    document = Document.objects.exclude(kind=DocumentKind.TITLE).get()
    assert estate.person.identifier in bytes(document.statement).decode()
    page = client.get(f"/v/{document.number}", {"c": document.check_code}).content.decode()
    assert document.sha256 in page
    assert estate.person.identifier not in page
    assert estate.person.name not in page


def test_officers_order_for_a_court_and_open_the_file_in_the_office(
    office: Office, estate: Estate
) -> None:
    officer = sign_in(office.wang)
    assert officer.get(ADD).status_code == 200
    form = {"kind": "STATUS", "asset": str(estate.asset.pk), "query": ""}
    assert officer.post(ADD, form).status_code == 302
    assert officer.post(ADD, {"kind": "STATUS"}).status_code == 200
    issue_waiting(at=now_utc())
    document = Document.objects.exclude(kind=DocumentKind.TITLE).get()
    assert document.ordered_by == office.wang
    page = officer.get(reverse("admin:certificates_document_change", args=[document.pk]))
    address = reverse("admin:certificates_document_file", args=[document.pk])
    assert address in page.content.decode()
    assert officer.get(address).content == read_certificate(document)
    renewed = reverse("admin:certificates_document_renewed", args=[document.pk])
    assert officer.get(renewed).status_code == 404
    assert renewed not in page.content.decode()
    archival = renew(document, at=now_utc())
    page = officer.get(reverse("admin:certificates_document_change", args=[document.pk]))
    assert renewed in page.content.decode()
    assert officer.get(renewed).content == read_file(archival)
    administrator = sign_in(make_user("sys", Role.SYSTEM_ADMINISTRATOR))
    assert administrator.get(address).status_code == 403
    assert administrator.get(renewed).status_code == 403
    assert administrator.get(ADD).status_code == 403


def test_a_reference_in_a_text_is_kept_on_one_line_and_the_text_stays_a_text() -> None:
    shown = references("<b>（源自 I-9K11QZ7M2ABCD）CN-37")

    assert shown == '&lt;b&gt;（源自 <span class="nowrap">I-9K11QZ7M2ABCD</span>）CN-37'

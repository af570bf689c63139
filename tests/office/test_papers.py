import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pytest_django import Settings

from accounts.roles import Role
from filings.models import Filing, Paper
from filings.submission import hand_in, submit
from registry.instruments import instrument_path
from registry.models import Instrument
from tests.factories import (
    NOON,
    Office,
    make_complete_draft,
    make_draft,
    make_party,
    make_user,
)
from tests.office.pages import SignIn, page, paper_page

PDF = b"%PDF-1.7 example"


def given_paper(filing: Filing, name: str, content: bytes) -> Paper:
    upload = SimpleUploadedFile(name, content)
    return hand_in(filing, upload, kind="CONTRACT", title="示例合同", by=filing.filed_by, at=NOON)


@pytest.mark.parametrize(
    ("name", "content"),
    [("empty.pdf", b""), ("program.exe", b"MZ\x90\x00"), ("large.pdf", PDF + b"0" * 2_000_000)],
)
def test_a_file_that_is_not_taken_is_refused_at_its_field(
    office: Office, sign_in: SignIn, settings: Settings, name: str, content: bytes
) -> None:
    settings.MAX_INSTRUMENT_BYTES = 1024 * 1024
    filing = make_draft(office)
    data = {"kind": "CONTRACT", "title": "示例", "file": SimpleUploadedFile(name, content)}
    response = sign_in(office.wang).post(page("papers", filing), data)
    assert response.context["form"].errors["file"]
    assert not Instrument.objects.exists()


def test_a_paper_is_taken_back_from_a_draft(office: Office, sign_in: SignIn) -> None:
    paper = given_paper(make_draft(office), "contract.pdf", PDF)
    address = reverse("admin:filings_filing_take_back", args=[paper.filing_id, paper.pk])
    sign_in(office.wang).post(address)
    assert not Paper.objects.exists()


def test_a_paper_of_a_submitted_filing_stays(office: Office, sign_in: SignIn) -> None:
    filing = make_complete_draft(office, make_party(office))
    submit(filing, by=office.wang, at=NOON)
    handed_in = filing.papers.all()[0]
    address = reverse("admin:filings_filing_take_back", args=[filing.pk, handed_in.pk])
    assert sign_in(office.wang).post(address).status_code == 403
    assert filing.papers.count() == 4


def test_a_paper_is_shown_in_place_without_power_over_the_page(
    office: Office, sign_in: SignIn
) -> None:
    paper = given_paper(make_draft(office), "note.txt", b"<script>alert(1)</script>")
    response = sign_in(office.li).get(paper_page(paper))
    assert response.content == b"<script>alert(1)</script>"
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert response.headers["Content-Disposition"].startswith("inline")


def test_a_missing_file_is_said_to_be_missing(office: Office, sign_in: SignIn) -> None:
    paper = given_paper(make_draft(office), "contract.pdf", PDF)
    instrument_path(paper.instrument.sha256).unlink()
    response = sign_in(office.li).get(paper_page(paper))
    assert response.status_code == 404
    assert "示例合同" in response.content.decode()


def test_a_paper_is_not_shown_to_someone_outside_the_office(
    office: Office, sign_in: SignIn
) -> None:
    paper = given_paper(make_draft(office), "contract.pdf", PDF)
    response = sign_in(office.alice).get(paper_page(paper))
    assert response.status_code == 302
    assert PDF not in response.content


def test_an_administrator_reads_no_papers_and_no_identities(
    office: Office, sign_in: SignIn
) -> None:
    applicant = make_party(office)
    filing = make_complete_draft(office, applicant)
    administrator = sign_in(make_user("sun", Role.SYSTEM_ADMINISTRATOR))
    handed_in = filing.papers.order_by("pk")[0]

    address = reverse("admin:filings_filing_paper", args=[filing.pk, handed_in.pk])
    assert administrator.get(address).status_code == 403
    identity = reverse("admin:registry_party_change", args=[applicant.pk])
    assert administrator.get(identity).status_code == 403
    assert sign_in(office.li).get(address).status_code == 200

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.utils.timezone import localtime

from accounts.models import User
from accounts.organisations import add_member, create_organisation
from accounts.roles import Role
from certificates.models import Certificate
from certificates.queries import (
    certificate_path,
    proof_text,
    read_certificate,
    read_file,
)
from certificates.renewal import renew
from filings.models import Filing
from filings.review import request_correction
from filings.submission import submit, take_back
from filings.workflow import State
from primitives.clock import now_utc
from registry.models import Party
from tests.factories import (
    NOON,
    PASSWORD,
    Office,
    make_complete_draft,
    make_party,
    make_user,
    sign_in,
)
from tests.titles import Estate


def signed_in(user: User) -> Client:
    client = sign_in(user)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def alice(office: Office) -> Client:
    return signed_in(office.alice)


@pytest.fixture
def case(office: Office, company: Party) -> Filing:
    """A case in which correction is asked for: its first paper was taken back."""
    filing = make_complete_draft(office, company)
    submit(filing, by=office.wang, at=NOON)
    request_correction(filing, by=office.wang, at=NOON, note="缺少身份证明。")
    take_back(filing.papers.order_by("pk")[0], by=filing.filed_by)
    filing.refresh_from_db()
    return filing


def paper(content: bytes = b"proof", name: str = "proof.txt") -> dict[str, object]:
    return {"kind": "IDENTITY", "title": "身份证明", "file": SimpleUploadedFile(name, content)}


@pytest.mark.django_db
def test_the_desk_asks_who_is_there(client: Client) -> None:
    assert client.get("/desk/").headers["Location"] == "/login/?next=/desk/"


@pytest.mark.django_db
def test_signing_in_leads_to_the_desk_and_out_of_it(office: Office, client: Client) -> None:
    answer = client.post("/login/", {"login": "alice", "password": PASSWORD})
    assert answer.headers["Location"] == "/desk/"
    assert client.get("/desk/").status_code == 200

    client.post("/logout/")
    assert client.get("/desk/").status_code == 302


def test_the_desk_shows_cases_rights_and_certificates(
    alice: Client, certificate: Certificate
) -> None:
    text = alice.get("/desk/").content.decode()

    assert "The rights are registered; the certificate can be downloaded." in text
    assert certificate.number in text
    assert "1/3" in text


def test_the_desk_shows_what_is_pledged_to_the_organisation_with_its_rank(
    alice: Client, office: Office
) -> None:
    estate = Estate(office)
    estate.pledge(1, estate.other_bank, 500, pledgor=estate.person)
    assert "Pledged to" not in alice.get("/desk/").content.decode()
    add_member(create_organisation(name="示例甲银行", uscc=estate.bank.identifier), office.alice)
    pledge = estate.pledge(2, estate.bank, 200)

    text = alice.get("/desk/").content.decode()

    assert "Pledged to 示例甲银行" in text
    assert f'href="/assets/{estate.asset.number}/title/#{pledge}"' in text
    assert '<td class="figure">2</td>' in text
    assert "CNY 200.00" in text
    assert "CNY 500.00" not in text


def test_a_case_that_needs_the_applicant_says_what_is_asked(alice: Client, case: Filing) -> None:
    text = alice.get(f"/desk/cases/{case.number}/").content.decode()

    assert "You are asked for corrections" in text
    assert "缺少身份证明。" in text


def test_a_correction_is_handed_in_and_submitted_again(alice: Client, case: Filing) -> None:
    refused = alice.post(f"/desk/cases/{case.number}/submit/")
    assert refused.status_code == 400
    assert "FIL-1" in refused.content.decode()

    alice.post(f"/desk/cases/{case.number}/papers/", paper())
    alice.post(f"/desk/cases/{case.number}/submit/")

    case.refresh_from_db()
    assert case.state == State.SUBMITTED
    last = case.steps.latest("pk")
    assert last.taken_by
    assert last.taken_by.username == "alice"


def test_a_paper_of_an_unknown_kind_is_refused_in_words(alice: Client, case: Filing) -> None:
    response = alice.post(f"/desk/cases/{case.number}/papers/", paper(b"MZ\x00", "virus.exe"))

    assert response.status_code == 400
    assert "Only PDF, PNG and JPEG files" in response.content.decode()
    assert case.papers.count() == 3


def test_an_incomplete_paper_form_names_what_is_missing(alice: Client, case: Filing) -> None:
    response = alice.post(f"/desk/cases/{case.number}/papers/", {"kind": "IDENTITY"})

    assert response.status_code == 400
    assert response.content.decode().count('class="error"') == 2


@override_settings(MAX_INSTRUMENT_BYTES=1024)
def test_a_paper_that_is_too_large_gets_a_clear_page(alice: Client, case: Filing) -> None:
    response = alice.post(f"/desk/cases/{case.number}/papers/", paper(bytes(3 * 1024 * 1024)))

    assert response.status_code == 413


def test_a_submitted_case_takes_no_more_papers(alice: Client, office: Office, case: Filing) -> None:
    alice.post(f"/desk/cases/{case.number}/papers/", paper())
    alice.post(f"/desk/cases/{case.number}/submit/")

    assert alice.post(f"/desk/cases/{case.number}/papers/", paper()).status_code == 409
    assert alice.post(f"/desk/cases/{case.number}/submit/").status_code == 409
    assert 'name="file"' not in alice.get(f"/desk/cases/{case.number}/").content.decode()


def test_ac_03_charlie_finds_nothing_of_alices(
    office: Office, case: Filing, certificate: Certificate
) -> None:
    charlie = signed_in(office.charlie)
    number = certificate.number

    assert case.number not in charlie.get("/desk/").content.decode()
    for address in (
        f"/desk/cases/{case.number}/",
        f"/desk/certificates/{number}.pdf",
        f"/desk/certificates/{number}.pdf.tlog-proof",
    ):
        assert charlie.get(address).status_code == 404
    for address in (f"/desk/cases/{case.number}/papers/", f"/desk/cases/{case.number}/submit/"):
        assert charlie.post(address, paper()).status_code == 404
    assert case.papers.count() == 3


def test_a_member_who_lost_the_enterprise_role_only_looks(office: Office, case: Filing) -> None:
    office.alice.groups.remove(office.alice.groups.get(name=Role.ENTERPRISE))
    alice = signed_in(office.alice)

    assert "Submit again" not in alice.get(f"/desk/cases/{case.number}/").content.decode()
    papers = case.papers.count()
    assert alice.post(f"/desk/cases/{case.number}/papers/", paper()).status_code == 403
    assert case.papers.count() == papers
    assert alice.post(f"/desk/cases/{case.number}/submit/").status_code == 403
    case.refresh_from_db()
    assert case.state == State.CORRECTION_REQUESTED


def test_a_certificate_and_its_proof_are_downloaded(
    alice: Client, certificate: Certificate
) -> None:
    file = alice.get(f"/desk/certificates/{certificate.number}.pdf")
    proof = alice.get(f"/desk/certificates/{certificate.number}.pdf.tlog-proof")

    assert file.content == read_certificate(certificate)
    assert proof.content.decode() == proof_text(certificate)
    name = f'attachment; filename="{certificate.number}.pdf"'
    assert file.headers["Content-Disposition"] == name


def test_the_kit_for_a_court_is_downloaded_by_the_holder_alone(
    alice: Client, office: Office, certificate: Certificate
) -> None:
    address = f"/desk/certificates/{certificate.number}.zip"
    kit = alice.get(address)
    assert kit.headers["Content-Type"] == "application/zip"
    assert kit.content.startswith(b"PK")
    assert signed_in(office.charlie).get(address).status_code == 404
    certificate_path(certificate.sha256).unlink()
    assert alice.get(address).status_code == 503


def test_a_renewed_certificate_is_offered_beside_the_issued_one_to_the_holder_alone(
    alice: Client, office: Office, certificate: Certificate
) -> None:
    file = f"/desk/certificates/{certificate.number}-renewed.pdf"
    proof = f"{file}.tlog-proof"
    assert file not in alice.get("/desk/").content.decode()
    assert alice.get(file).status_code == alice.get(proof).status_code == 404

    archival = renew(certificate, at=now_utc())

    desk = alice.get("/desk/").content.decode()
    assert file in desk
    assert proof in desk
    assert f"{localtime(archival.renewed_at):%Y-%m-%d}" in desk
    answer = alice.get(file)
    assert answer.content == read_file(archival)
    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="{certificate.number}-renewed.pdf"'
    )
    assert alice.get(proof).content.decode() == proof_text(archival)
    issued = alice.get(f"/desk/certificates/{certificate.number}.pdf")
    assert issued.content == read_certificate(certificate)
    for address in (file, proof):
        assert signed_in(office.charlie).get(address).status_code == 404
        assert Client().get(address).status_code == 302
    certificate_path(archival.sha256).unlink()
    assert alice.get(file).status_code == 503


def test_a_lost_certificate_file_is_said_to_be_missing(
    alice: Client, certificate: Certificate
) -> None:
    certificate_path(certificate.sha256).unlink()

    response = alice.get(f"/desk/certificates/{certificate.number}.pdf")
    assert response.status_code == 503
    assert "missing from the store" in response.content.decode()


def test_an_officer_is_shown_the_way_to_the_office(office: Office) -> None:
    text = signed_in(office.wang).get("/desk/").content.decode()

    assert "your work list is in the registrars' office" in text


@pytest.mark.django_db
def test_a_person_without_an_organisation_has_an_empty_desk() -> None:
    assert signed_in(make_user("bob")).get("/desk/").status_code == 200


@pytest.mark.parametrize("action", ["papers", "submit"])
def test_a_draft_of_the_office_is_not_touched_from_the_desk(
    office: Office, alice: Client, action: str
) -> None:
    draft = make_complete_draft(office, make_party(office, 8))

    response = alice.post(f"/desk/cases/{draft.number}/{action}/", paper())

    assert response.status_code == 409
    draft.refresh_from_db()
    assert draft.state == State.DRAFT
    assert draft.papers.count() == 4

import re
from datetime import timedelta
from fractions import Fraction

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from certificates.issuance import issue_waiting
from certificates.models import Certificate
from certificates.queries import certificate_path, proof_text, read_certificate
from certificates.timestamping import TimestampUnavailableError
from primitives.clock import now_utc
from registry.models import DataAsset, Party
from rights.kinds import RightKind
from rights.models import Interest
from tests.factories import (
    Office,
    bring_to_publicity,
    claim,
    decide,
    hand_in_papers,
    make_draft,
    name_applicants,
)
from tests.verifier.attacks.editing import append_revision, numbers_of, stream

UPLOAD, REPORT = "/verify/file/", "/verify/report/"


@pytest.fixture
def pdf(certificate: Certificate) -> bytes:
    return read_certificate(certificate)


def upload(client: Client, content: bytes, *, proof: bytes | None = None) -> str:
    data = {"file": SimpleUploadedFile("证书.pdf", content)}
    if proof is not None:
        data["proof"] = SimpleUploadedFile("证书.pdf.tlog-proof", proof)
    response = client.post(UPLOAD, data)
    assert response.status_code == 200
    assert response.headers["Cache-Control"].count("no-store")
    return response.content.decode()


def heading(text: str) -> str:
    found = re.search(r'<h1 id="verdict">(.*?) <span', text)
    assert found
    return found[1]


def without_token(content: bytes) -> str:
    """Return a page without what differs in every answer: its form token and its own address."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", content.decode())
    return re.sub(r'name="next"\s+value="[^"]*"', "", text)


def test_the_issued_file_is_valid_in_both_languages(english_client: Client, pdf: bytes) -> None:
    text = upload(english_client, pdf)

    assert heading(text) == "Valid"
    assert "the register may have changed" in text.lower()
    assert "以登记簿为准" in text
    assert text.count("finding-passed") == 5 + 6
    assert "TOTAL-PASSED" in text


def test_the_proof_that_came_with_the_file_is_taken(
    english_client: Client, certificate: Certificate, pdf: bytes
) -> None:
    assert heading(upload(english_client, pdf, proof=proof_text(certificate).encode())) == "Valid"


def test_a_file_with_bytes_added_is_called_altered(english_client: Client, pdf: bytes) -> None:
    text = upload(english_client, pdf + b"\n% more")

    assert heading(text) == "Altered"
    assert "7 bytes were added after issue" in text
    assert "something that is no revision of a PDF" in text
    assert "TOTAL-FAILED" in text


def test_each_answer_stands_by_itself_with_its_code(english_client: Client, pdf: bytes) -> None:
    text = upload(english_client, pdf)

    for question in (
        "Is the file as issued?",
        "Who sealed it?",
        "When, and by whose word?",
        "What does the register say now?",
        "What did the register say when it was sealed?",
    ):
        assert question in text
    for code in ("AS_ISSUED", "SEALED_BY_TRUSTED_ISSUER", "STAMPED_AND_ENTERED", "IN_FORCE"):
        assert f"<code>{code}</code>" in text


def test_what_a_file_says_instead_stands_beside_what_was_issued(
    english_client: Client, pdf: bytes
) -> None:
    lie = stream(b"BT /F1 9 Tf 72 400 Td (<b>MINE</b>) Tj ET")
    text = upload(english_client, append_revision(pdf, {numbers_of(pdf).contents: lie}))

    assert "Pages whose text differs: 1." in text
    assert "&lt;b&gt;MINE&lt;/b&gt;" in text
    assert "数据产权登记凭证" in text


@pytest.mark.parametrize(("form", "begin"), [("pdf", b"%PDF-"), ("json", b"{")])
def test_the_report_on_a_file_is_handed_out_and_not_kept(
    client: Client, pdf: bytes, form: str, begin: bytes
) -> None:
    response = client.post(REPORT, {"file": SimpleUploadedFile("a.pdf", pdf), "form": form})

    assert response.status_code == 200
    assert response.content.startswith(begin)
    assert response.headers["Content-Disposition"].endswith(f'.{form}"')
    assert response.headers["Cache-Control"].count("no-store")


def test_a_report_is_refused_as_a_certificate(english_client: Client, pdf: bytes) -> None:
    report = english_client.post(REPORT, {"file": SimpleUploadedFile("a.pdf", pdf)}).content

    text = upload(english_client, report)
    assert heading(text) == "Not valid"
    assert "is a verification report: it says what was found of another file" in text


def test_without_a_time_stamp_no_report_is_sealed(
    english_client: Client, pdf: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> None:
        raise TimestampUnavailableError("nobody stamps")

    monkeypatch.setattr("web.verification.verification_report", refuse)
    response = english_client.post(REPORT, {"file": SimpleUploadedFile("a.pdf", pdf)})

    assert response.status_code == 503
    assert "The report cannot be sealed at this moment." in response.content.decode()


@override_settings(REPORTS_PER_HOUR=1)
def test_reports_are_limited(client: Client, certificate: Certificate) -> None:
    def ask() -> int:
        file = SimpleUploadedFile("a.pdf", b"text")
        return client.post(REPORT, {"file": file, "form": "json"}).status_code

    assert [ask(), ask()] == [200, 429]


@pytest.mark.django_db
def test_a_report_on_no_file_asks_for_one(english_client: Client) -> None:
    assert english_client.post(REPORT).status_code == 400
    assert english_client.get(REPORT).headers["Location"] == "/verify/"


def test_a_certificate_whose_rights_have_ended_is_genuine_but_not_in_force(
    english_client: Client, office: Office, company: Party
) -> None:
    long_ago = now_utc() - timedelta(days=60)
    filing = make_draft(office)
    name_applicants(filing, company)
    claim(filing, RightKind.HOLD, [(company, Fraction(1))], term_months=1)
    hand_in_papers(filing)
    decide(office, bring_to_publicity(office, filing), at=long_ago)
    issue_waiting(at=long_ago)

    text = upload(english_client, read_certificate(Certificate.objects.get()))
    assert heading(text) == "Genuine, no longer in force"
    assert "No stated right is in force" in text
    assert "Ended" in text


def test_the_register_prevails_over_a_file_that_states_a_right_in_force(
    english_client: Client, pdf: bytes
) -> None:
    yesterday = now_utc() - timedelta(days=1)
    Interest.objects.update(
        valid_from=yesterday - timedelta(days=1),
        valid_to=yesterday,
        until=yesterday,
    )

    text = upload(english_client, pdf)
    assert heading(text) == "Genuine, no longer in force"
    assert "the register now says: Lapsed" in text


def test_what_is_no_certificate_cannot_be_verified(
    english_client: Client, certificate: Certificate
) -> None:
    assert heading(upload(english_client, b"%PDF-1.7 but nothing else")) == "Cannot verify"
    assert heading(upload(english_client, b"")) == "Cannot verify"


@pytest.mark.django_db
def test_a_proof_that_is_no_text_is_refused(english_client: Client) -> None:
    files = {
        "file": SimpleUploadedFile("a.pdf", b"%PDF-1.7"),
        "proof": SimpleUploadedFile("a.tlog-proof", b"\xff\xfe"),
    }
    response = english_client.post(UPLOAD, files)

    assert response.status_code == 400
    assert "This is not a proof file" in response.content.decode()


@pytest.mark.django_db
def test_sending_no_file_asks_for_one(english_client: Client) -> None:
    response = english_client.post(UPLOAD)

    assert response.status_code == 400
    assert "Choose the certificate file." in response.content.decode()


@pytest.mark.parametrize("size_bytes", [1024 * 1024 + 1, 4 * 1024 * 1024])
@override_settings(MAX_VERIFY_BYTES=1024 * 1024)
@pytest.mark.django_db
def test_a_file_that_is_too_large_gets_a_clear_page(
    english_client: Client, size_bytes: int
) -> None:
    file = SimpleUploadedFile("big.pdf", bytes(size_bytes))
    response = english_client.post(UPLOAD, {"file": file})

    assert response.status_code == 413
    assert "At most 1 MB" in response.content.decode()


@pytest.mark.django_db
def test_an_upload_without_the_form_token_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post(UPLOAD, {"file": SimpleUploadedFile("a.pdf", b"%PDF-1.7")})

    assert response.status_code == 403


def test_the_digest_of_the_file_names_its_certificate(
    english_client: Client, certificate: Certificate
) -> None:
    answer = english_client.get("/verify/digest/", {"sha256": certificate.sha256}).json()

    assert (answer["found"], answer["in_force"]) == ("certificate", True)
    assert certificate.number in answer["sentence"]
    assert certificate.check_code not in str(answer)


def test_the_digest_of_registered_data_names_its_asset(client: Client, asset: DataAsset) -> None:
    sha256 = asset.versions.get().sha256.upper()
    answer = client.get("/verify/digest/", {"sha256": sha256}).json()

    assert answer["found"] == "asset"
    assert asset.number in answer["sentence"]


@pytest.mark.django_db
def test_an_unknown_digest_is_said_to_be_unknown(client: Client) -> None:
    response = client.get("/verify/digest/", {"sha256": "0" * 64})

    assert (response.status_code, response.json()["found"]) == (200, None)


@pytest.mark.parametrize("digest", ["", "0" * 63, "g" * 64])
def test_what_is_no_digest_is_refused(client: Client, digest: str) -> None:
    assert client.get("/verify/digest/", {"sha256": digest}).status_code == 400


def test_number_and_code_lead_to_the_record(
    english_client: Client, certificate: Certificate, company: Party
) -> None:
    typed = {
        "number": f" {certificate.number.lower()} ",
        "code": certificate.check_code.lower().replace("-", " "),
    }
    response = english_client.get("/verify/number/", typed, follow=True)

    text = response.content.decode()
    assert certificate.asset.name in text
    assert f"{company.name} ({company.identifier}): 1/3" in text
    assert "changed since" not in text
    assert response.headers["Cache-Control"].count("no-store")


def test_a_change_in_the_register_shows_beside_what_was_issued(
    english_client: Client, certificate: Certificate
) -> None:
    DataAsset.objects.update(summary="登记簿现在的概述")

    address = f"/v/{certificate.number}?c={certificate.check_code}"
    text = english_client.get(address).content.decode()
    assert "示例：按城市列出人口，用于选址分析。" in text
    assert "登记簿现在的概述" in text
    assert text.count("changed since") == 1


def test_en_01_a_wrong_number_and_a_wrong_code_give_the_same_page(
    client: Client, certificate: Certificate
) -> None:
    code = certificate.check_code
    wrong_number = client.get(f"/v/SJ3702026119999?c={code}")
    answers = [
        client.get(f"/v/{certificate.number}?c=0000-0000-0000-0000"),
        client.get(f"/v/{certificate.number}"),
        client.get(f"/v/{certificate.number}?c=张"),
        client.get(f"/v/{certificate.number}/proof?c=1"),
        client.get(f"/v/SJ3702026119999/proof?c={code}"),
    ]
    for answer in answers:
        assert answer.status_code == wrong_number.status_code == 404
        assert without_token(answer.content) == without_token(wrong_number.content)
        # The length differs with the address alone, which the language switch leads back to; the
        # expiry is the second of the answer.
        headers = set(answer.headers.items()) ^ set(wrong_number.headers.items())
        assert {name for name, _value in headers} <= {"Content-Length", "Expires"}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"number": "SJ1", "code": "x"}, "A certificate number is SJ and 13 digits"),
        ({"number": "", "code": ""}, "Enter the verification code."),
    ],
)
@pytest.mark.django_db
def test_what_cannot_be_a_number_is_said_before_looking(
    english_client: Client, typed: dict[str, str], sentence: str
) -> None:
    response = english_client.get("/verify/number/", typed)

    assert response.status_code == 400
    assert sentence in response.content.decode()


def test_number_and_code_hand_out_the_proof(client: Client, certificate: Certificate) -> None:
    response = client.get(f"/v/{certificate.number}/proof?c={certificate.check_code}")

    assert response.content.decode() == proof_text(certificate)
    name = f"{certificate.number}.pdf.tlog-proof"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'


def test_the_record_needs_no_stored_file(english_client: Client, certificate: Certificate) -> None:
    certificate_path(certificate.sha256).unlink()

    address = f"/v/{certificate.number}?c={certificate.check_code}"
    assert english_client.get(address).status_code == 200

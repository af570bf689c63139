"""Verification through the API: by number and code, and by the file."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from certificates.documents.ordering import Order
from certificates.models import Certificate, Document, DocumentKind
from certificates.paper import paper_text, printed_on
from certificates.queries import find_issued, proof_text, read_certificate
from primitives.canonical_json import instant_text
from primitives.clock import now_utc
from registry.models import Party
from rights.kinds import RightKind
from rights.models import Interest
from tests.api.conftest import JSON, Conforms
from tests.certificates.test_paper import document_of
from tests.certificates.test_status import transfer
from tests.factories import Office, make_party
from verifier.paper import paper_address, sign_paper
from verifier.printed import Printed

NUMBER = "/api/v1/verify/number"
PAPER = "/api/v1/verify/paper"
FILE = "/api/v1/verify/file"
PDF = "application/pdf"


@pytest.fixture
def caller(client: Client, key: str) -> Client:
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    return client


@pytest.fixture
def pdf(certificate: Certificate) -> bytes:
    return read_certificate(certificate)


def question(certificate: Certificate | Document, **changes: str) -> dict[str, str]:
    return {"number": certificate.number, "code": certificate.check_code} | changes


def test_the_right_code_opens_a_certificate_in_force(
    client: Client, certificate: Certificate, conforms: Conforms
) -> None:
    answer = conforms(client.post(NUMBER, question(certificate), content_type=JSON))

    assert answer["verdict"] == "valid"
    assert answer["certificate"]["number"] == certificate.number
    assert answer["certificate"]["status"] == "IN_FORCE"


def test_a_lapsed_certificate_is_found_and_not_valid(
    client: Client, certificate: Certificate, conforms: Conforms
) -> None:
    day = timedelta(days=1)
    yesterday = now_utc() - day
    Interest.objects.update(valid_from=yesterday - day, valid_to=yesterday, until=yesterday)

    answer = conforms(client.post(NUMBER, question(certificate), content_type=JSON))

    assert answer["verdict"] == "invalid"
    assert answer["certificate"]["status"] == "LAPSED"


def test_a_wrong_number_and_a_wrong_code_get_the_same_verdict(
    client: Client, certificate: Certificate, conforms: Conforms
) -> None:
    wrong_code = client.post(NUMBER, question(certificate, code="0000"), content_type=JSON)
    wrong_number = client.post(NUMBER, question(certificate, number="SJ1"), content_type=JSON)

    assert wrong_code.content == wrong_number.content
    assert wrong_code.headers == wrong_number.headers
    assert conforms(wrong_code)["verdict"] == "invalid"
    assert conforms(wrong_code)["certificate"] is None


def test_an_extract_is_verified_by_number_file_and_paper_and_says_what_came_after(
    client: Client, caller: Client, office: Office, certificate: Certificate, conforms: Conforms
) -> None:
    document = document_of(Order(kind=DocumentKind.STATUS, asset=certificate.asset))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"

    answer = conforms(client.post(NUMBER, question(document), content_type=JSON))
    assert (answer["verdict"], answer["certificate"], answer["since"]) == ("valid", None, None)
    assert answer["document"]["number"] == document.number
    assert answer["document"]["as_of"] == instant_text(document.as_of)
    assert answer["document"]["status"] is None
    assert answer["sentence"].startswith("Valid: the register has issued this document")

    by_file = conforms(caller.post(FILE, read_certificate(document), content_type=PDF))
    assert (by_file["verdict"], by_file["register"]["number"]) == ("valid", document.number)

    text = paper_text(printed_on(document))
    by_paper = conforms(client.post(PAPER, {"text": text}, content_type=JSON))
    assert (by_paper["paper"]["verdict"], by_paper["agrees"]) == ("valid", True)
    assert by_paper["paper"]["printed"]["subject"] == certificate.asset.number
    assert by_paper["paper"]["sentence"].startswith("Genuine: this was printed on the document")
    assert by_paper["register"] == answer

    holder = Party.objects.get(shares__interest__kind=RightKind.HOLD)
    asset, taker = certificate.asset, make_party(office, 2)
    transfer(office, asset, RightKind.HOLD, holder, taker, at=now_utc())
    changed = conforms(client.post(NUMBER, question(document), content_type=JSON))
    assert changed["verdict"] == "valid", "it stays true of its instant"
    assert changed["since"].startswith("Correct when issued; since then: ")


def test_a_wrong_code_of_a_document_and_a_number_that_never_was_get_the_same_verdict(
    client: Client, certificate: Certificate, conforms: Conforms
) -> None:
    document = document_of(Order(kind=DocumentKind.STATUS, asset=certificate.asset))
    wrong = [question(document, code="0000"), question(document, number="E20200100001")]

    answers = [client.post(NUMBER, each, content_type=JSON) for each in wrong]

    assert answers[0].content == answers[1].content
    assert conforms(answers[0])["document"] is None
    with CaptureQueriesContext(connection) as by_code:
        find_issued(document.number, "0000")
    with CaptureQueriesContext(connection) as by_number:
        find_issued("E20200100001", document.check_code)
    assert len(by_code) == len(by_number) == 2


def test_a_code_that_is_not_ours_or_says_something_else_is_not_said_to_agree(
    client: Client, certificate: Certificate, conforms: Conforms
) -> None:
    printed = printed_on(certificate)
    assert isinstance(printed, Printed)
    forged = sign_paper(
        printed, kid=f"{printed.issued_day:%Y}", key=generate_private_key(SECP256R1())
    )
    for text, paper, agrees, register in (
        (paper_text(printed), "valid", True, "valid"),
        (paper_text(replace(printed, holders=9)), "valid", False, "valid"),
        (paper_address("https://x", forged), "invalid", None, "valid"),
        ("nonsense", "cannot_verify", None, "invalid"),
    ):
        answer = conforms(client.post(PAPER, {"text": text}, content_type=JSON))
        assert answer["paper"]["verdict"] == paper
        assert (answer["agrees"], answer["register"]["verdict"]) == (agrees, register)
        assert (answer["paper"]["printed"] is None) == (agrees is None)


@pytest.mark.parametrize("text", ["\0", "\u202e", "ı" * 40, "𝟜" * 19, " ", "'; --"])
def test_naughty_texts_open_nothing(client: Client, certificate: Certificate, text: str) -> None:
    for changes in ({"number": text}, {"code": text}):
        response = client.post(NUMBER, question(certificate, **changes), content_type=JSON)

        assert response.status_code in {200, 422}
        assert certificate.sha256 not in response.content.decode()


def test_the_issued_file_is_valid(
    caller: Client, certificate: Certificate, pdf: bytes, conforms: Conforms
) -> None:
    answer = conforms(caller.post(FILE, pdf, content_type=PDF))

    assert answer["verdict"] == "valid"
    assert answer["certificate"]["number"] == certificate.number
    assert answer["register"]["status"] == "IN_FORCE"
    assert answer["register"]["checkpoint"]["size"] >= answer["checkpoint"]["size"]
    assert [each["outcome"] for each in answer["answers"]] == ["passed"] * 5
    assert answer["etsi"] == {"indication": "TOTAL-PASSED", "sub_indication": None}
    assert (answer["since"], answer["forensics"]) == (None, None)
    assert [step["outcome"] for step in answer["steps"]] == ["passed"] * 6 + ["not_checked"]


def test_the_sentences_are_in_the_callers_language(caller: Client, pdf: bytes) -> None:
    for language, word in (("en", "Valid"), ("zh-CN", "有效")):
        response = caller.post(FILE, pdf, content_type=PDF, headers={"accept-language": language})

        assert response.json()["sentence"].startswith(word)


def test_a_form_may_bring_the_proof(
    caller: Client, certificate: Certificate, pdf: bytes, conforms: Conforms
) -> None:
    def ask(proof: bytes) -> str:
        form = {
            "file": SimpleUploadedFile("c.pdf", pdf, PDF),
            "proof": SimpleUploadedFile("c.pdf.tlog-proof", proof),
        }
        return str(conforms(caller.post(FILE, form))["verdict"])

    assert ask(proof_text(certificate).encode()) == "valid"
    assert ask(b"\xff not a proof") == "cannot_verify"


def test_an_altered_file_is_invalid(caller: Client, pdf: bytes, conforms: Conforms) -> None:
    answer = conforms(caller.post(FILE, pdf + b"\n", content_type=PDF))

    assert answer["verdict"] == "invalid"
    assert answer["register"]["is_registered"] is False
    assert answer["register"]["number"] is None
    assert answer["answers"][0]["code"] == "ALTERED_AFTER_ISSUE"
    assert answer["forensics"]["is_extended"] is True
    assert answer["forensics"]["added_bytes"] == 1
    assert answer["forensics"]["lines"] == []


def test_a_file_that_is_no_certificate_cannot_be_verified(
    caller: Client, conforms: Conforms
) -> None:
    answer = conforms(caller.post(FILE, b"no PDF", content_type=PDF))

    assert answer["verdict"] == "cannot_verify"
    assert "NOT_A_PDF" in answer["reasons"]


def test_the_registers_own_objection_is_said_in_words(
    caller: Client, pdf: bytes, certificate: Certificate
) -> None:
    day = timedelta(days=1)
    yesterday = now_utc() - day
    Interest.objects.update(valid_from=yesterday - day, valid_to=yesterday, until=yesterday)

    answer = caller.post(FILE, pdf, content_type=PDF, headers={"accept-language": "en"}).json()

    assert answer["verdict"] == "invalid"
    assert answer["sentence"].startswith("Not valid: the term of every right")


@override_settings(MAX_VERIFY_BYTES=100)
def test_a_file_that_is_too_large_is_not_read_to_its_end(
    caller: Client, conforms: Conforms
) -> None:
    raw = caller.post(FILE, b"x" * 101, content_type=PDF)
    form = caller.post(FILE, {"file": SimpleUploadedFile("c.pdf", b"x" * (1024 * 1024 + 101))})
    proof = caller.post(FILE, {"file": SimpleUploadedFile("c.pdf", b"x"), "proof": "x" * 2**21})

    for response in (raw, form, proof):
        assert response.status_code == 413
        assert conforms(response)["status"] == 413


@pytest.mark.parametrize("form", [{}, {"file": "text"}, {"file": SimpleUploadedFile("c.pdf", b"")}])
def test_a_form_without_a_file_is_a_problem(
    caller: Client, conforms: Conforms, form: dict[str, object]
) -> None:
    response = caller.post(FILE, form)

    assert response.status_code == 422
    assert conforms(response)["errors"][0]["pointer"] == "#/file"


def test_a_broken_form_is_malformed(caller: Client, conforms: Conforms) -> None:
    response = caller.post(FILE, b"--x", content_type="multipart/form-data")

    assert response.status_code == 400
    assert conforms(response)["status"] == 400


def test_json_is_no_file(caller: Client, conforms: Conforms) -> None:
    response = caller.post(FILE, {}, content_type=JSON)

    assert response.status_code == 415
    assert conforms(response)["status"] == 415

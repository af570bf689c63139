"""Verification through the API: by number and code, and by the file."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from certificates.models import Certificate
from certificates.queries import proof_text, read_certificate
from primitives.clock import now_utc
from rights.models import Interest
from tests.api.conftest import JSON, Conforms

NUMBER = "/api/v1/verify/number"
FILE = "/api/v1/verify/file"
PDF = "application/pdf"


@pytest.fixture
def caller(client: Client, key: str) -> Client:
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    return client


@pytest.fixture
def pdf(certificate: Certificate) -> bytes:
    return read_certificate(certificate)


def question(certificate: Certificate, **changes: str) -> dict[str, str]:
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

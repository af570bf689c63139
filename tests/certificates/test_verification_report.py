"""The sealed verification report: what it says, and that nobody takes it for a certificate."""

import json
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from django.core.management import call_command
from pyhanko.pdf_utils.reader import PdfFileReader

from certificates import verification_report as reports
from certificates.forensics import examine
from certificates.issuance import issue_waiting
from certificates.models import Certificate
from certificates.queries import read_certificate
from certificates.sealing import load_certificates, trust_pem
from certificates.verification import verify_file
from certificates.verification_report import VerificationReport, printable, verification_report
from primitives.canonical_json import canonical_json
from primitives.clock import now_utc
from primitives.digests import digest_bytes
from tests.factories import Office, make_party, register_asset
from tests.verifier.example import drawn_page
from verifier.document import REPORT_FILE, read_document
from verifier.seal import check_issuer, check_seal
from verifier.timestamp import NO_REVOCATIONS
from verifier.verdict import Outcome, Reason, StepError

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def certificate(office: Office) -> Certificate:
    register_asset(office, make_party(office))
    issue_waiting(at=now_utc())
    return Certificate.objects.get()


@pytest.fixture
def pdf(certificate: Certificate) -> bytes:
    return read_certificate(certificate)


def report_on(pdf: bytes) -> VerificationReport:
    answer = verify_file(pdf, proof=None, at=now_utc())
    return verification_report(pdf, answer, examine(pdf, answer))


def text_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [page.get_textpage().get_text_bounded() for page in document]
    return "".join("".join(pages).replace("\x02", "-").split())


def test_a_report_says_of_which_file_it_speaks_and_what_was_found(pdf: bytes) -> None:
    digests, report = digest_bytes(pdf), report_on(pdf)

    text = text_of(report.pdf)
    assert digests.sha256 in text
    assert digests.sm3 in text
    assert "有效Valid" in text
    assert text.count("成立Holds") == 5 + 6
    for code in ("AS_ISSUED", "STAMPED_AND_ENTERED", "IN_FORCE", "TOTAL-PASSED"):
        assert code in text
    said = json.loads(report.json)
    assert said["file"] == {
        "size_bytes": len(pdf),
        "sha256": digests.sha256,
        "sm3": digests.sm3,
    }
    assert [each["code"] for each in said["answers"]][:1] == ["AS_ISSUED"]
    assert (said["verdict"], said["comparison"]) == ("valid", None)
    assert canonical_json(said) == report.json


def test_the_json_beside_it_is_the_one_that_it_carries(pdf: bytes) -> None:
    report = report_on(pdf)

    with pypdfium2.PdfDocument(report.pdf) as document:
        attached = document.get_attachment(0)
        assert attached.get_name() == REPORT_FILE
        assert bytes(attached.get_data()) == report.json


def test_what_was_added_to_a_file_stands_in_its_report(
    certificate: Certificate, pdf: bytes
) -> None:
    report = report_on(pdf + b"\n")

    said = json.loads(report.json)
    assert said["verdict"] == "invalid"
    assert said["etsi"] == {"indication": "TOTAL-FAILED", "sub_indication": "HASH_FAILURE"}
    assert said["comparison"][0]["en"].startswith(f"The first {len(pdf)} bytes are")
    assert "其后被追加了1字节" in text_of(report.pdf)


def test_a_report_is_sealed_like_a_certificate_and_is_none(pdf: bytes) -> None:
    report = report_on(pdf)

    answer = verify_file(report.pdf, proof=None, at=now_utc())
    assert answer.outcome == Outcome.INVALID
    assert answer.verdict.reasons == (Reason.VERIFICATION_REPORT, Reason.PROOF_MISSING)
    assert "is itself no certificate" in answer.sentence.en
    with pytest.raises(StepError) as refusal:
        read_document(report.pdf)
    assert refusal.value.reason == Reason.VERIFICATION_REPORT


def test_its_seal_is_intact_and_leads_to_the_registrars_root(pdf: bytes) -> None:
    report, roots = report_on(pdf), load_certificates(trust_pem().encode())

    (signature,) = PdfFileReader(BytesIO(report.pdf), strict=True).embedded_signatures
    assert check_seal(signature).startswith("示例登记机构电子签章")
    check_issuer(signature, roots, now_utc(), NO_REVOCATIONS)
    with pytest.raises(StepError):
        check_issuer(signature, [], now_utc(), NO_REVOCATIONS)


def test_nothing_of_it_looks_like_a_certificate(pdf: bytes) -> None:
    text = text_of(report_on(pdf).pdf)

    assert "核验报告Verificationreport" in text
    assert "不是登记凭证Notacertificate" in text
    assert "数据产权登记凭证" not in text
    assert "特发此凭证" not in text


@pytest.mark.parametrize("content", [b"", b"text", drawn_page()])
def test_a_strangers_file_gets_a_report_too(certificate: Certificate, content: bytes) -> None:
    assert json.loads(report_on(content).json)["number"] is None


def test_what_a_hostile_file_puts_into_a_fact_is_printable() -> None:
    assert printable("a\u202eb\x00\U000f0000c") == "a?b??c"
    assert len(printable("长" * 10_000)) == reports.MAX_CHARACTERS


def test_the_command_writes_both(
    pdf: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, report = tmp_path / "certificate.pdf", tmp_path / "report.pdf"
    file.write_bytes(pdf)

    with pytest.raises(SystemExit) as ended:
        call_command("verify_certificate", str(file), "--report", str(report))

    assert ended.value.code == 0
    assert report.read_bytes().startswith(b"%PDF-")
    assert json.loads((tmp_path / "report.json").read_bytes())["verdict"] == "valid"
    said = capsys.readouterr().out
    assert "Is the file as issued? Yes" in said
    assert "[IN_FORCE]" in said

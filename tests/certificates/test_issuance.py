"""From a registered asset to a sealed file that strangers' programs confirm."""

import hashlib
import json
import sys
from collections import Counter as Count
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.x509 import load_pem_x509_certificates
from django.core.management import call_command
from pytest_django import Settings

from audit.register import compare_register
from certificates.issuance import finish, issue_waiting, seal
from certificates.models import Certificate, CertificateState
from certificates.numbering import take_number
from certificates.queries import (
    CertificateMissingError,
    certificate_path,
    certificates_of,
    find_certificate,
    log_verifier_key,
    proof_text,
    read_certificate,
)
from certificates.sealing import trust_pem
from certificates.status import Status, status_at
from certificates.verification import verify_file
from ledger.models import Entry
from ledger.sequencing import Sequencer
from primitives.durable_files import write_durably
from registry.models import Counter, DataAsset
from tests.factories import NOON, Office, make_office, make_party, register_asset
from tests.filings.test_races import at_once
from tests.primitives.test_progress import Terminal
from tests.programs import run
from verifier.cli import main
from verifier.verdict import Outcome, Reason
from verifier.verification import verify

LATER = NOON + timedelta(minutes=1)


@pytest.fixture
def asset(office: Office) -> DataAsset:
    return register_asset(office, make_party(office))


@pytest.fixture
def certificate(asset: DataAsset) -> Certificate:
    issue_waiting(at=LATER)
    return Certificate.objects.get()


def write_kit(certificate: Certificate, folder: Path) -> Path:
    """Lay the file, its proof and the trust roots beside each other, as a bank has them."""
    file = folder / "certificate.pdf"
    file.write_bytes(read_certificate(certificate))
    (folder / "certificate.pdf.tlog-proof").write_text(proof_text(certificate))
    (folder / "trust.pem").write_text(trust_pem())
    (folder / "log_key.txt").write_text(log_verifier_key())
    return file


def quanji_verify(file: Path, *options: str) -> int:
    trust, key = file.parent / "trust.pem", file.parent / "log_key.txt"
    at = ["--at", LATER.isoformat()]
    return main([str(file), "--trust", str(trust), "--log-key", str(key), *at, *options])


def test_a_registration_gets_one_certificate_with_the_first_number(
    certificate: Certificate,
) -> None:
    assert certificate.number == "SJ3702026110001"
    assert certificate.state == CertificateState.ISSUED
    assert certificate.entry is not None
    assert issue_waiting(at=LATER) == 0


def test_the_ledger_holds_the_files_digests(certificate: Certificate) -> None:
    pdf = read_certificate(certificate)
    entry = json.loads(bytes(Entry.objects.latest("pk").content))

    assert entry["payload"]["sha256"] == hashlib.sha256(pdf).hexdigest()
    assert entry["payload"]["size_bytes"] == len(pdf)
    statement = hashlib.sha256(bytes(certificate.statement)).hexdigest()
    assert entry["payload"]["statement_sha256"] == statement


def test_the_offline_verifier_finds_it_valid(certificate: Certificate, tmp_path: Path) -> None:
    assert quanji_verify(write_kit(certificate, tmp_path)) == 0


def test_without_the_proof_the_offline_answer_is_cannot_verify(
    certificate: Certificate, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_kit(certificate, tmp_path)
    (tmp_path / "certificate.pdf.tlog-proof").unlink()

    assert quanji_verify(file, "--json") == 2
    assert json.loads(capsys.readouterr().out)["reasons"] == ["PROOF_MISSING"]


def test_programs_of_others_find_the_seal_valid_and_whole(
    certificate: Certificate, tmp_path: Path
) -> None:
    file = write_kit(certificate, tmp_path)

    signature = run("pdfsig", "-nocert", file)
    assert "Signature is Valid" in signature
    assert "Total document signed" in signature
    assert signature.count("Signature #") == 1
    run("qpdf", "--check", file)
    run("mutool", "info", file)


def test_the_page_says_what_the_statement_says(certificate: Certificate, tmp_path: Path) -> None:
    text = run("pdftotext", "-layout", write_kit(certificate, tmp_path), "-")
    statement = json.loads(bytes(certificate.statement))

    for expected in (
        certificate.number,
        certificate.check_code,
        statement["asset"]["name"],
        statement["rights"][0]["holders"][0]["name"],
        statement["rights"][0]["holders"][0]["identifier"],
        statement["asset"]["number"],
    ):
        assert expected in text


def test_the_register_confirms_the_file(certificate: Certificate) -> None:
    answer = verify_file(read_certificate(certificate), proof=None, at=LATER)

    assert answer.outcome is Outcome.VALID
    assert answer.certificate == certificate
    assert answer.status is Status.IN_FORCE


def test_the_register_says_which_certificate_an_altered_file_was(certificate: Certificate) -> None:
    altered = read_certificate(certificate) + b"\n"

    answer = verify_file(altered, proof=None, at=LATER)

    assert answer.outcome is Outcome.INVALID
    assert answer.certificate is None
    assert answer.named == certificate
    assert Reason.ALTERED_AFTER_ISSUE in answer.verdict.reasons


def altered_verdicts(certificate: Certificate, positions: Iterable[int]) -> Count[Outcome]:
    """Return how the offline verifier judges the file with one byte changed, place by place."""
    pdf, proof = read_certificate(certificate), proof_text(certificate)
    trust = load_pem_x509_certificates(trust_pem().encode())
    outcomes: Count[Outcome] = Count()
    for position in positions:
        altered = pdf[:position] + bytes([pdf[position] ^ 0x01]) + pdf[position + 1 :]
        verdict = verify(altered, proof=proof, trust=trust, log_key=log_verifier_key(), at=LATER)
        outcomes[verdict.outcome] += 1
    return outcomes


def test_a_changed_byte_anywhere_in_a_certificate_is_found(certificate: Certificate) -> None:
    positions = range(0, certificate.size_bytes or 0, 499)

    assert altered_verdicts(certificate, positions) == {Outcome.INVALID: len(positions)}


@pytest.mark.long
def test_every_changed_byte_of_a_certificate_is_found(certificate: Certificate) -> None:
    positions = range(certificate.size_bytes or 0)

    assert altered_verdicts(certificate, positions) == {Outcome.INVALID: len(positions)}


def test_before_a_checkpoint_covers_it_the_answer_is_cannot_verify(
    asset: DataAsset, settings: Settings
) -> None:
    certificate = take_number(asset.entry, at=NOON)
    settings.LEDGER_PUBLISH_INLINE = False
    issue_waiting(at=LATER)
    certificate.refresh_from_db()

    answer = verify_file(read_certificate(certificate), proof=None, at=LATER)

    assert answer.outcome is Outcome.CANNOT_VERIFY
    assert answer.verdict.reasons == (Reason.PROOF_MISSING,)


def test_a_certificate_lapses_with_its_last_right_and_no_job(certificate: Certificate) -> None:
    end = certificate.registration.interests.latest("valid_to").valid_to

    assert status_at(certificate, end - timedelta(seconds=1)) is Status.IN_FORCE
    assert status_at(certificate, end) is Status.LAPSED
    assert status_at(certificate, NOON - timedelta(days=1)) is Status.NOT_YET
    answer = verify_file(read_certificate(certificate), proof=None, at=end)
    assert answer.outcome is Outcome.INVALID
    assert Reason.TERM_ENDED in answer.verdict.reasons


def test_a_crash_after_the_number_was_taken_uses_that_number(asset: DataAsset) -> None:
    numbered = take_number(asset.entry, at=NOON)

    assert take_number(asset.entry, at=LATER) == numbered
    assert issue_waiting(at=LATER) == 1
    assert Certificate.objects.get().number == numbered.number


@pytest.mark.parametrize("is_stored", [True, False])
def test_a_crash_after_sealing_leaves_no_file_that_nothing_names(
    asset: DataAsset, settings: Settings, tmp_path: Path, *, is_stored: bool
) -> None:
    settings.CERTIFICATE_DIR = store = tmp_path / "store"
    certificate = take_number(asset.entry, at=NOON)
    pdf = seal(certificate, at=NOON)
    sealed = certificate.sha256
    # The act that stores and enters it is cut short once the store has the file, or as it begins.
    write_durably(certificate_path(sealed) if is_stored else beside(sealed), pdf)

    assert issue_waiting(at=LATER) == 1
    certificate.refresh_from_db()
    assert certificate.state == CertificateState.ISSUED
    assert (certificate.sha256 == sealed) is is_stored
    assert {path.name for path in store.rglob("*.*")} == {
        f"{certificate.sha256}.pdf",
        f"{certificate.sha256}.p7s",
    }


def beside(sha256: str) -> Path:
    path = certificate_path(sha256)
    return path.with_name(f".{path.name}.new")


@pytest.mark.django_db(transaction=True)
def test_two_issuers_at_once_issue_each_certificate_once() -> None:
    office = make_office()
    holder = make_party(office)
    for serial in range(4):
        register_asset(office, holder, data=str(serial).encode())

    raised = at_once(*[lambda: issue_waiting(at=LATER)] * 2)

    assert raised == [None, None]
    assert Entry.objects.filter(kind="certificate.issued/1").count() == 4
    assert set(Certificate.objects.values_list("state", flat=True)) == {CertificateState.ISSUED}
    assert list(compare_register()) == []


def test_an_issuer_that_was_overtaken_enters_nothing(asset: DataAsset) -> None:
    slow = take_number(asset.entry, at=NOON)
    issue_waiting(at=LATER)

    assert seal(slow, at=LATER) != read_certificate(slow)

    assert slow.state == CertificateState.ISSUED
    assert not finish(slow, at=LATER)
    assert Entry.objects.filter(kind="certificate.issued/1").count() == 1


def test_a_month_without_numbers_holds_up_no_numbered_certificate(office: Office) -> None:
    holder = make_party(office)
    numbered = take_number(register_asset(office, holder, data=b"1").entry, at=NOON)
    register_asset(office, holder, data=b"2")
    Counter.objects.filter(series__startswith="certificate:").update(value=9999)

    assert issue_waiting(at=LATER) == 1

    numbered.refresh_from_db()
    assert numbered.state == CertificateState.ISSUED
    assert Certificate.objects.count() == 1


def test_a_publication_that_was_cut_short_is_finished_before_issuing(
    office: Office, settings: Settings
) -> None:
    holder = make_party(office)
    settings.LEDGER_PUBLISH_INLINE = False
    register_asset(office, holder)
    Sequencer().integrate(at=NOON)

    assert issue_waiting(at=LATER) == 1


def test_a_name_that_no_font_can_draw_waits_and_holds_up_no_other(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    # Ext G came after the fonts of ours that reach farthest.
    blank = register_asset(office, make_party(office, 1, name="示例\U00030000公司"), data=b"1")
    good = register_asset(office, make_party(office, 2), data=b"2")

    assert issue_waiting(at=LATER) == 1

    assert Certificate.objects.get(asset=good).state == CertificateState.ISSUED
    assert Certificate.objects.get(asset=blank).state == CertificateState.NUMBERED
    assert "could not be issued and waits" in caplog.text


def test_whoever_watches_the_command_sees_how_far_it_is_and_a_pipe_carries_its_one_line(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    register_asset(office, make_party(office, 1, name="示例\U00030000公司"), data=b"1")
    register_asset(office, make_party(office, 2), data=b"2")
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())

    call_command("issue_certificates")

    numbering, issuing = terminal.getvalue().strip("\n").split("\n")
    assert " 2/2 " in numbering
    assert issuing.split("\r")[-1].startswith("issuing ")
    assert " 1/2 " in issuing
    assert "1 failed" in issuing
    assert capsys.readouterr().out == "Issued 1 certificates.\n"
    monkeypatch.undo()

    call_command("issue_certificates")

    assert "issuing" not in "".join(capsys.readouterr())


def test_numbers_count_up_without_a_gap(office: Office) -> None:
    holder = make_party(office)
    for serial in range(3):
        register_asset(office, holder, data=str(serial).encode())

    issue_waiting(at=LATER)

    numbers = Certificate.objects.order_by("pk").values_list("number", flat=True)
    assert list(numbers) == [f"SJ370202611000{serial}" for serial in (1, 2, 3)]


def test_a_number_opens_only_with_its_code(certificate: Certificate) -> None:
    assert find_certificate(certificate.number, certificate.check_code.lower()) == certificate
    assert find_certificate(certificate.number, "0000-0000-0000-0000") is None
    assert find_certificate("SJ3702026110002", certificate.check_code) is None
    assert find_certificate("", "") is None


def test_only_the_holders_members_download_it(office: Office, certificate: Certificate) -> None:
    assert list(certificates_of(office.alice)) == [certificate]
    assert not certificates_of(office.charlie).exists()


def test_a_file_that_was_changed_in_the_store_is_not_given_out(certificate: Certificate) -> None:
    path = certificate_path(certificate.sha256)
    path.write_bytes(path.read_bytes() + b" ")

    with pytest.raises(CertificateMissingError, match=certificate.number):
        read_certificate(certificate)


def test_the_command_answers_by_exit_code(certificate: Certificate, tmp_path: Path) -> None:
    file = write_kit(certificate, tmp_path)
    file.write_bytes(file.read_bytes().replace(b"%PDF-1.7", b"%PDF-1.6"))

    with pytest.raises(SystemExit) as ended:
        call_command("verify_certificate", file)

    assert ended.value.code == 1

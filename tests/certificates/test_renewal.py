"""Archival renewal (PAdES B-LTA): a registered continuation, and nothing else, verifies."""

import hashlib
import io
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from audit.files import check_files
from audit.register import compare_register
from certificates import renewal
from certificates.documents.ordering import Order, order
from certificates.issuance import issue_waiting
from certificates.models import ArchivalFile, Certificate, DocumentKind
from certificates.queries import (
    certificate_path,
    latest_archival,
    log_verifier_keys,
    proof_text,
    read_certificate,
    read_file,
)
from certificates.renewal import RenewedMeanwhileError, extend, renew
from certificates.sealing import (
    load_certificates,
    sealer,
    timestamp_services,
    trust_pem,
    tsa_trust_pem,
)
from certificates.timestamping import TimestampServices
from certificates.verification import verify_file
from primitives.durable_files import write_durably
from tests.factories import NOON, Office, make_party, register_asset
from tests.primitives.test_progress import Terminal
from verifier.canonical import member
from verifier.evidence import issued_part, prove_entry
from verifier.log_keys import LogKeys
from verifier.timestamp import to_asn1
from verifier.verdict import Outcome, Reason, StepError, StepName, Verdict
from verifier.verification import verify

LATER = NOON + timedelta(minutes=1)
YEARS_ON = NOON + timedelta(days=700)


@pytest.fixture
def certificate(office: Office) -> Certificate:
    register_asset(office, make_party(office))
    issue_waiting(at=LATER)
    return Certificate.objects.get()


def verdict_on(pdf: bytes, proof: str) -> Verdict:
    return verify(
        pdf,
        proof=proof,
        trust=load_certificates(trust_pem().encode()),
        tsa_trust=load_certificates(tsa_trust_pem().encode()),
        log_key=log_verifier_keys(),
        at=YEARS_ON,
    )


def test_a_renewed_file_is_valid_and_begins_with_the_issued_one(certificate: Certificate) -> None:
    issued = read_certificate(certificate)
    first = renew(certificate, at=YEARS_ON)
    second = renew(certificate, at=YEARS_ON)
    assert read_file(first).startswith(issued)
    assert read_file(second).startswith(read_file(first))
    for archival in (first, second):
        verdict = verdict_on(read_file(archival), proof_text(archival))
        assert verdict.outcome == Outcome.VALID, verdict.reasons
        step = next(step for step in verdict.steps if step.name == StepName.ISSUED_BYTES)
        assert step.facts["renewed_at"] == f"{YEARS_ON:%Y-%m-%dT%H:%M:%SZ}"
    assert verdict_on(issued, proof_text(certificate)).outcome == Outcome.VALID
    assert read_certificate(certificate) == issued


def test_a_renewal_that_the_ledger_does_not_have_is_an_alteration(certificate: Certificate) -> None:
    archival = renew(certificate, at=YEARS_ON)
    own = extend(
        read_certificate(certificate),
        timestamp_services(),
        sealer().evidence(YEARS_ON),
        field_name="Stranger",
        at=YEARS_ON,
    )
    assert verdict_on(own, proof_text(archival)).outcome == Outcome.INVALID
    assert verdict_on(own, proof_text(certificate)).reasons == (Reason.ALTERED_AFTER_ISSUE,)
    longer = read_file(archival) + b"\n"
    assert verdict_on(longer, proof_text(archival)).reasons == (Reason.ALTERED_AFTER_ISSUE,)


def test_the_register_knows_a_renewed_file_as_the_certificate(certificate: Certificate) -> None:
    archival = renew(certificate, at=YEARS_ON)
    answer = verify_file(read_file(archival), proof=None, at=YEARS_ON)
    assert answer.certificate == certificate
    assert answer.outcome == Outcome.VALID
    assert not list(compare_register())
    assert not list(check_files())
    certificate_path(archival.sha256).write_bytes(b"changed")
    assert [finding.table for finding in check_files()] == ["certificates_archivalfile"]


def test_pyhanko_finds_nothing_but_a_time_stamp_and_its_evidence_added(
    certificate: Certificate, tmp_path: Path
) -> None:
    pdf = read_file(renew(certificate, at=YEARS_ON))
    reader = PdfFileReader(io.BytesIO(pdf))
    roots = to_asn1(load_certificates((trust_pem() + tsa_trust_pem()).encode()))
    status = validate_pdf_signature(
        reader.embedded_regular_signatures[0], ValidationContext(trust_roots=roots)
    )
    assert status.modification_level == ModificationLevel.LTA_UPDATES
    assert status.docmdp_ok
    assert status.bottom_line
    (stamp,) = reader.embedded_timestamp_signatures
    assert stamp.compute_integrity_info() is None
    assert stamp.coverage.name == "ENTIRE_FILE"
    path = tmp_path / "renewed.pdf"
    path.write_bytes(pdf)
    subprocess.run(["qpdf", "--check", path], check=True, capture_output=True)  # noqa: S603, S607 # our own file


def test_a_renewal_of_another_file_than_the_issued_one_is_not_its_continuation(
    certificate: Certificate,
) -> None:
    archival = renew(certificate, at=YEARS_ON)
    key = LogKeys.parse(log_verifier_keys())
    entry = prove_entry(proof_text(archival), kinds=None, log_key=key)
    pdf, _issuance = issued_part(read_file(archival), entry)
    assert pdf == read_certificate(certificate)
    issued = member(entry.payload, "issued", of=dict)
    for changes in ({"sha256": "0" * 64}, {"size_bytes": len(pdf) - 1}):
        other = replace(entry, payload={**entry.payload, "issued": {**issued, **changes}})
        with pytest.raises(StepError) as refusal:
            issued_part(read_file(archival), other)
        assert refusal.value.reason is Reason.NOT_THE_REGISTERED_BYTES


def test_of_two_workers_that_renew_at_once_one_enters_its_file(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = timestamp_services()

    def while_another_is_faster() -> TimestampServices:
        monkeypatch.setattr(renewal, "timestamp_services", lambda: services)
        renew(certificate, at=YEARS_ON)
        return services

    monkeypatch.setattr(renewal, "timestamp_services", while_another_is_faster)
    with pytest.raises(RenewedMeanwhileError):
        renew(certificate, at=YEARS_ON)
    (archival,) = ArchivalFile.objects.all()
    assert verdict_on(read_file(archival), proof_text(archival)).outcome == Outcome.VALID


def test_a_renewal_that_was_cut_short_is_known_and_made_anew(certificate: Certificate) -> None:
    cut_short = ArchivalFile.objects.create(
        certificate=certificate,
        sha256=hashlib.sha256(b"cut short").hexdigest(),
        size_bytes=len(b"cut short"),
        renewed_at=YEARS_ON,
    )
    write_durably(certificate_path(cut_short.sha256), b"cut short")
    assert verify_file(b"cut short", proof=None, at=YEARS_ON).issued is None
    assert latest_archival(certificate) is None
    assert not list(check_files())
    archival = renew(certificate, at=YEARS_ON)
    assert list(ArchivalFile.objects.all()) == [archival]
    assert not certificate_path(cut_short.sha256).exists()
    assert not list(compare_register())


def test_the_command_renews_what_is_due_once(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("renew_files", older_than=36500)
    assert not ArchivalFile.objects.exists()
    call_command("renew_files", older_than=0)
    call_command("renew_files", older_than=1)
    assert ArchivalFile.objects.count() == 1
    (none, line, due, again) = capsys.readouterr().out.splitlines()
    assert (none, line, due) == ("0 files were due.", f"1/1 {certificate}", "1 files were due.")
    assert again == "0 files were due."
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    call_command("renew_files", older_than=0)
    assert " 1/1 " in terminal.shown()
    assert terminal.shown().startswith("renewing ")
    assert capsys.readouterr().out == "1 files were due.\n"


def test_the_command_says_what_failed_and_renews_the_others(
    office: Office, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordered = order(Order(kind=DocumentKind.SEARCH, query="1"), by=None, at=LATER)
    issue_waiting(at=LATER)
    certificate_path(certificate.sha256).unlink()
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    errors = io.StringIO()
    call_command("renew_files", older_than=0, stderr=errors)
    assert certificate.number in errors.getvalue()
    assert " 1/2 " in terminal.shown()
    assert "1 failed" in terminal.shown()
    assert [file.document for file in ArchivalFile.objects.all()] == [ordered]

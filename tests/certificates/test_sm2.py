"""The second suite: what it signs holds for OpenSSL and for us, and nothing else does."""

import io
import json
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import cms, x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate
from django.test import Client
from pytest_django import Settings

from certificates.checks import the_second_suite_can_be_read
from certificates.cms import sign
from certificates.court_kit import court_kit
from certificates.detached import (
    SignatureMissingError,
    check_signature,
    forget_lost_signatures,
    read_signature,
    sign_waiting,
    signature_path,
)
from certificates.development_sm2 import DevelopmentSm2, ensure_development_sm2
from certificates.documents.ordering import Order, order
from certificates.issuance import issue_waiting
from certificates.models import Certificate, CertificateState, DocumentKind
from certificates.queries import read_certificate
from certificates.sealing import second_suite, sm2_trust, sm2_trust_pem
from certificates.sm2 import SM3_DIGEST, sign_file, sign_raw, sm2_issuers, sm2_suite
from certificates.suites import DigestAlgorithm, SealingError, SignatureSuite, read_chain
from primitives.digests import sm3
from tests.factories import NOON, Office, make_office, make_party, register_asset
from tests.filings.test_races import at_once
from verifier.cli import main
from verifier.sm2_signature import Sm2Finding, Sm2Reason, check_sm2_signature
from verifier.verdict import StepOutcome

PAGE = Path(__file__).resolve().parents[2] / "docs" / "verify.md"
FILE = b"%PDF-1.7 any file will do"
AT = datetime(2026, 11, 25, 4, 0, 9, tzinfo=UTC)
LATER = NOON + timedelta(minutes=1)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> DevelopmentSm2:
    return ensure_development_sm2(tmp_path_factory.mktemp("keys") / "sm2")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> DevelopmentSm2:
    return ensure_development_sm2(tmp_path_factory.mktemp("keys") / "sm2")


@pytest.fixture(scope="module")
def suite(example: DevelopmentSm2) -> SignatureSuite:
    return sm2_suite(example.key, example.chain.read_bytes())


@pytest.fixture(scope="module")
def signature(suite: SignatureSuite, example: DevelopmentSm2) -> bytes:
    issuers = sm2_issuers(example.chain.read_bytes())
    return sign_file(suite, FILE, issuers=issuers, at=AT)


def check(example: DevelopmentSm2, signature: bytes, content: bytes = FILE) -> Sm2Finding:
    issuers = sm2_issuers(example.chain.read_bytes())
    return check_sm2_signature(signature, sm3(content), trust=issuers)


def openssl_accepts(folder: Path, content: bytes, signature: bytes, issuers: str) -> bool:
    """Run the fifth part of the checks by hand, as docs/verify.md has it."""
    page = PAGE.read_text("utf-8")
    (part,) = re.findall(
        r"^```sh\n(if \[ -e certificate.pdf.p7s.*?)^```$", page, re.DOTALL | re.MULTILINE
    )
    (folder / "certificate.pdf").write_bytes(content)
    (folder / "certificate.pdf.p7s").write_bytes(signature)
    (folder / "sm2_chain.pem").write_text(issuers)
    done = subprocess.run(  # noqa: S603 # the text is ours
        [str(shutil.which("bash")), "-c", f"set -euo pipefail\n{part}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) == done.stdout.startswith("5.")
    return done.returncode == 0


def issuers_of(example: DevelopmentSm2) -> str:
    """Return the chain without the signer's certificate."""
    whole = example.chain.read_text()
    return whole[whole.index("-----BEGIN", 1) :]


def test_openssl_verifies_the_signature_and_its_chain(
    signature: bytes, example: DevelopmentSm2, tmp_path: Path
) -> None:
    assert openssl_accepts(tmp_path, FILE, signature, issuers_of(example))


def test_we_verify_it_too_and_say_who_signed_and_when(
    example: DevelopmentSm2, signature: bytes
) -> None:
    found = check(example, signature)
    assert found.outcome is StepOutcome.PASSED
    assert found.signer == "示例国密签名 EXAMPLE SM2 SIGNER - NO LEGAL EFFECT"
    assert found.signed_at == AT


def test_another_file_is_refused_by_both(
    signature: bytes, example: DevelopmentSm2, tmp_path: Path
) -> None:
    assert check(example, signature, FILE + b"\n").reason is Sm2Reason.OTHER_FILE
    assert not openssl_accepts(tmp_path, FILE + b"\n", signature, issuers_of(example))


def test_another_authority_is_refused_by_both(
    signature: bytes, stranger: DevelopmentSm2, tmp_path: Path
) -> None:
    # It has the same name as the one that issued the certificate.
    assert check(stranger, signature).reason is Sm2Reason.SIGNER_NOT_TRUSTED
    assert not openssl_accepts(tmp_path, FILE, signature, issuers_of(stranger))


def test_the_signature_of_another_key_is_refused_by_both(
    example: DevelopmentSm2, stranger: DevelopmentSm2, tmp_path: Path
) -> None:
    forger = sm2_suite(stranger.key, example.chain.read_bytes())
    forged = sign(forger, sm3(FILE), signed_at=AT)
    assert check(example, forged).reason is Sm2Reason.BROKEN
    assert not openssl_accepts(tmp_path, FILE, forged, issuers_of(example))
    with pytest.raises(SealingError, match="SM2_BROKEN"):
        sign_file(forger, FILE, issuers=sm2_issuers(example.chain.read_bytes()), at=AT)


def test_a_flipped_bit_anywhere_is_found(example: DevelopmentSm2, signature: bytes) -> None:
    for place in range(len(signature)):
        changed = bytearray(signature)
        changed[place] ^= 1 << place % 8
        assert check(example, bytes(changed)).reason, place


def test_openssl_refuses_flipped_bits_in_each_part(
    signature: bytes, example: DevelopmentSm2, tmp_path: Path
) -> None:
    info = cms.ContentInfo.load(signature)["content"]["signer_infos"][0]
    start = signature.index(info.dump())
    for place in range(start + 110, len(signature), 40):
        changed = bytearray(signature)
        changed[place] ^= 1
        assert not openssl_accepts(tmp_path, FILE, bytes(changed), issuers_of(example)), place


def _enclosing(signed: cms.SignedData) -> None:
    signed["encap_content_info"]["content"] = FILE


def _signed_twice(signed: cms.SignedData) -> None:
    signed["signer_infos"].append(signed["signer_infos"][0].copy())


def _with_something_unsigned(signed: cms.SignedData) -> None:
    signed["signer_infos"][0]["unsigned_attrs"] = [
        {"type": "signing_time", "values": [cms.Time({"utc_time": AT})]}
    ]


def _without_certificates(signed: cms.SignedData) -> None:
    signed["certificates"] = []


def _without_a_signed_time(signed: cms.SignedData) -> None:
    info = signed["signer_infos"][0]
    info["signed_attrs"] = [
        one for one in info["signed_attrs"] if one["type"].native != "signing_time"
    ]


def _with_sha256(signed: cms.SignedData) -> None:
    signed["signer_infos"][0]["digest_algorithm"] = {"algorithm": "sha256"}


@pytest.mark.parametrize(
    "change",
    [
        _enclosing,
        _signed_twice,
        _with_something_unsigned,
        _without_certificates,
        _without_a_signed_time,
        _with_sha256,
    ],
)
def test_other_forms_than_ours_are_not_judged(
    example: DevelopmentSm2, signature: bytes, change: Callable[[cms.SignedData], None]
) -> None:
    whole = cms.ContentInfo.load(signature)
    change(whole["content"])
    found = check(example, whole.dump(force=True))
    assert found.reason is Sm2Reason.PROFILE
    assert found.outcome is StepOutcome.NOT_CHECKED


@pytest.mark.parametrize("content", [b"", b"\x30", b"\x30\x00", b"no signature", b"\x30" * 70_000])
def test_what_is_no_signature_cannot_be_read(example: DevelopmentSm2, content: bytes) -> None:
    assert check(example, content).reason is Sm2Reason.UNREADABLE


def test_the_signing_certificate_is_named_by_its_sm3(
    example: DevelopmentSm2, suite: SignatureSuite
) -> None:
    lying = SignatureSuite(
        suite.chain,
        suite.algorithm,
        suite.sign,
        DigestAlgorithm(SM3_DIGEST.identifier, lambda content: sm3(content + b".")),
    )
    assert check(example, sign(lying, sm3(FILE), signed_at=AT)).reason is Sm2Reason.BROKEN


def test_before_and_after_its_term_a_certificate_signs_nothing(
    example: DevelopmentSm2, suite: SignatureSuite
) -> None:
    for year in (2019, 2051):
        signed = sign(suite, sm3(FILE), signed_at=AT.replace(year=year))
        assert check(example, signed).reason is Sm2Reason.OUT_OF_TERM


def test_who_is_no_authority_certifies_nobody(suite: SignatureSuite, signature: bytes) -> None:
    found = check_sm2_signature(signature, sm3(FILE), trust=suite.chain)
    assert found.reason is Sm2Reason.SIGNER_NOT_TRUSTED


def test_a_certificate_that_the_signer_issued_is_worth_nothing(
    example: DevelopmentSm2, stranger: DevelopmentSm2, suite: SignatureSuite
) -> None:
    (genuine,) = suite.chain
    forged = x509.Certificate.load(genuine.public_bytes(Encoding.DER))
    other = x509.Certificate.load(
        read_chain(stranger.chain.read_bytes())[0].public_bytes(Encoding.DER)
    )
    forged["tbs_certificate"]["issuer"] = forged.subject
    forged["tbs_certificate"]["subject_public_key_info"] = other.public_key
    forged["signature_value"] = sign_raw(example.key, forged["tbs_certificate"].dump(force=True))
    chain = load_der_x509_certificate(forged.dump(force=True)), genuine
    forger = SignatureSuite(
        chain, suite.algorithm, lambda it: sign_raw(stranger.key, it), SM3_DIGEST
    )

    found = check(example, sign(forger, sm3(FILE), signed_at=AT))

    assert found.reason is Sm2Reason.SIGNER_NOT_TRUSTED


def test_the_example_says_that_it_is_one_and_leaves_no_key_of_its_root(
    example: DevelopmentSm2,
) -> None:
    for certificate in read_chain(example.chain.read_bytes()):
        names = certificate.subject.rfc4514_string()
        assert "EXAMPLE" in names
        assert "NOT A LICENSED CA" in names
    assert {path.name for path in example.key.parent.iterdir()} == {"sm2_key.pem", "sm2_chain.pem"}
    assert [path.name for path in example.key.parent.parent.iterdir()] == ["sm2"]
    assert example.key.stat().st_mode & 0o077 == 0


def test_the_example_is_made_once(example: DevelopmentSm2) -> None:
    before = example.chain.read_bytes()
    assert ensure_development_sm2(example.chain.parent) == example
    assert example.chain.read_bytes() == before


def test_the_examples_certificates_are_read_by_openssl(
    example: DevelopmentSm2, tmp_path: Path
) -> None:
    issuers = tmp_path / "issuers.pem"
    issuers.write_text(issuers_of(example))
    how = ["-vfyopt", "distid:1234567812345678", "-x509_strict", "-CAfile", str(issuers)]
    done = subprocess.run(  # noqa: S603 # a known program
        [str(shutil.which("openssl")), "verify", *how, str(example.chain)], check=True
    )
    assert done.returncode == 0


def test_openssl_is_given_the_keys_path_and_nothing_of_our_environment(
    example: DevelopmentSm2,
    suite: SignatureSuite,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen, true = tmp_path / "seen", shutil.which("openssl")
    spy = tmp_path / "openssl"
    spy.write_text(f'#!/bin/bash\n{{ echo "$@"; export -p; }} > {seen}\nexec {true} "$@"\n')
    spy.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("QUANJI_SECRET_KEY", "not for others")

    suite.sign(FILE)

    text = seen.read_text()
    assert str(example.key) in text
    assert "not for others" not in text
    key = example.key.read_text().splitlines()[1]
    assert key not in text


def test_a_chain_without_an_issuer_is_refused(example: DevelopmentSm2) -> None:
    with pytest.raises(SealingError, match="no issuer"):
        sm2_issuers(issuers_of(example).encode())


# When a certificate is issued.


@pytest.fixture
def fresh() -> Iterator[None]:
    """Forget the suite of the settings before and after a test that changes them."""
    second_suite.cache_clear()
    sm2_trust.cache_clear()
    yield
    second_suite.cache_clear()
    sm2_trust.cache_clear()


@pytest.fixture
def certificate(office: Office) -> Certificate:
    register_asset(office, make_party(office))
    issue_waiting(at=LATER)
    return Certificate.objects.get()


def test_an_issued_file_has_a_second_signature_beside_it(
    certificate: Certificate, tmp_path: Path
) -> None:
    pdf = read_certificate(certificate)
    assert signature_path(certificate).name == f"{certificate.sha256}.p7s"
    assert openssl_accepts(tmp_path, pdf, read_signature(certificate), sm2_trust_pem())
    found = check_signature(certificate)
    assert found
    assert found.signed_at == LATER


def test_without_openssl_certificates_are_issued_and_their_signatures_wait(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    second_suite()
    register_asset(office, make_party(office))
    with monkeypatch.context() as without:
        without.setenv("PATH", "")
        assert issue_waiting(at=LATER) == 1
    certificate = Certificate.objects.get()
    assert certificate.state == CertificateState.ISSUED
    assert "openssl command is not installed" in caplog.text
    with pytest.raises(SignatureMissingError):
        read_signature(certificate)
    assert check_signature(certificate) is None

    assert issue_waiting(at=LATER) == 0
    certificate.refresh_from_db()
    assert read_signature(certificate)


def test_a_lost_or_changed_signature_is_made_again(certificate: Certificate) -> None:
    for damage in (Path.unlink, lambda path: path.write_bytes(b"changed")):
        damage(signature_path(certificate))
        assert sign_waiting(at=LATER) == 0
        assert forget_lost_signatures() == 1
        assert sign_waiting(at=LATER) == 1
        certificate.refresh_from_db()
        assert read_signature(certificate)
    assert forget_lost_signatures() == 0


def test_a_lost_file_holds_up_no_other(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    for serial in range(2):
        register_asset(office, make_party(office, serial), data=str(serial).encode())
    issue_waiting(at=LATER)
    Certificate.objects.update(p7s_sha256="")
    first, second = Certificate.objects.order_by("pk")
    signature_path(first).with_suffix(".pdf").unlink()

    assert sign_waiting(at=LATER) == 1

    second.refresh_from_db()
    assert second.p7s_sha256
    assert "is missing from the store" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_two_issuers_at_once_keep_the_signature_that_the_row_names() -> None:
    office = make_office()
    for serial in range(3):
        register_asset(office, make_party(office, serial), data=str(serial).encode())
    issue_waiting(at=LATER)
    Certificate.objects.update(p7s_sha256="")

    assert at_once(*[lambda: sign_waiting(at=LATER)] * 2) == [None, None]

    for certificate in Certificate.objects.all():
        assert read_signature(certificate)


@pytest.mark.usefixtures("fresh")
def test_production_has_a_second_suite_only_where_a_key_is_named(
    office: Office, settings: Settings, example: DevelopmentSm2
) -> None:
    register_asset(office, make_party(office))
    settings.PRODUCTION = True
    issue_waiting(at=LATER)
    certificate = Certificate.objects.get()
    assert certificate.p7s_sha256 == ""
    assert sm2_trust_pem() == ""

    second_suite.cache_clear()
    sm2_trust.cache_clear()
    settings.SM2_KEY, settings.SM2_CHAIN = example.key, example.chain
    assert the_second_suite_can_be_read() == []
    assert sign_waiting(at=LATER) == 1
    certificate.refresh_from_db()
    assert check_signature(certificate)
    assert sm2_trust_pem() == issuers_of(example)


@pytest.mark.usefixtures("fresh")
def test_a_key_without_its_chain_stops_the_start(
    settings: Settings, example: DevelopmentSm2, tmp_path: Path
) -> None:
    settings.SM2_KEY = example.key
    (found,) = the_second_suite_can_be_read()
    assert found.id == "certificates.E004"
    settings.SM2_CHAIN = tmp_path / "chain.pem"
    settings.SM2_CHAIN.write_text("no certificate")
    (found,) = the_second_suite_can_be_read()
    assert "PEM" in found.msg


def test_the_kit_holds_the_signature_and_its_issuers(
    certificate: Certificate, tmp_path: Path
) -> None:
    with zipfile.ZipFile(io.BytesIO(court_kit(certificate, at=LATER))) as archive:
        archive.extractall(tmp_path)
    kit = tmp_path / certificate.number
    assert (kit / "certificate.pdf.p7s").read_bytes() == read_signature(certificate)
    assert (kit / "sm2_chain.pem").read_text() == sm2_trust_pem()
    assert (
        json.loads((kit / "report.json").read_text("utf-8"))["sm2_signature"]["outcome"] == "passed"
    )
    assert "SM2 签名" in (kit / "report.zh.txt").read_text("utf-8")


def test_the_command_says_what_it_finds_beside_the_verdict(
    certificate: Certificate, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with zipfile.ZipFile(io.BytesIO(court_kit(certificate, at=LATER))) as archive:
        archive.extractall(tmp_path)
    kit = tmp_path / certificate.number
    asked = [str(kit / "certificate.pdf"), "--log-key", str(kit / "log_key.txt")]
    asked += ["--trust", str(kit / "trust.pem"), "--at", LATER.isoformat()]
    trust = ["--sm2-trust", str(kit / "sm2_chain.pem")]

    assert main([*asked, "--json"]) == 0
    assert "sm2_signature" not in json.loads(capsys.readouterr().out)
    assert main([*asked, *trust]) == 0
    assert "signed this very file" in capsys.readouterr().out.splitlines()[-1]
    other = kit / "other.p7s"
    other.write_bytes(b"no signature")
    assert main([*asked, *trust, "--p7s", str(other), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sm2_signature"]["reason"] == "SM2_UNREADABLE"
    assert main([*asked, "--p7s", str(other)]) == 2
    assert "--p7s needs --sm2-trust" in capsys.readouterr().err
    assert main([str(kit), *asked[1:], "--p7s", str(other)]) == 2


def test_number_and_code_hand_out_the_signature_and_anyone_gets_its_issuers(
    client: Client, certificate: Certificate
) -> None:
    address = f"/v/{certificate.number}/p7s"
    given = client.get(address, {"c": certificate.check_code})
    assert given.content == read_signature(certificate)
    name = f'attachment; filename="{certificate.number}.pdf.p7s"'
    assert given.headers["Content-Disposition"] == name
    assert client.get(address, {"c": "0000-0000-0000-0000"}).status_code == 404
    assert client.get("/log/sm2_chain.pem").content.decode() == sm2_trust_pem()
    record = client.get(f"/v/{certificate.number}", {"c": certificate.check_code})
    assert address in record.content.decode()

    Certificate.objects.update(p7s_sha256="")
    assert client.get(address, {"c": certificate.check_code}).status_code == 503


def test_the_holders_member_downloads_it_and_others_do_not(
    client: Client, office: Office, certificate: Certificate
) -> None:
    address = f"/desk/certificates/{certificate.number}.pdf.p7s"
    client.force_login(office.alice)
    assert client.get(address).content == read_signature(certificate)
    assert address in client.get("/desk/").content.decode()
    client.force_login(office.charlie)
    assert client.get(address).status_code == 404


def test_the_verdict_page_shows_it(client: Client, certificate: Certificate) -> None:
    upload = io.BytesIO(read_certificate(certificate))
    upload.name = "certificate.pdf"
    text = client.post("/verify/file/", {"file": upload}).content.decode()
    assert "EXAMPLE SM2 SIGNER" in text
    assert f"/v/{certificate.number}/p7s" in text


def test_documents_are_signed_as_certificates_are(
    client: Client, office: Office, certificate: Certificate
) -> None:
    how = Order(kind=DocumentKind.STATUS, asset=certificate.asset)
    document = order(how, by=office.alice, at=LATER)
    issue_waiting(at=LATER)
    document.refresh_from_db()

    found = check_signature(document)
    assert found
    assert found.reason is None
    client.force_login(office.alice)
    for address in (
        f"/desk/documents/{document.number}.pdf.p7s",
        f"/v/{document.number}/p7s?c={document.check_code}",
    ):
        assert client.get(address).content == read_signature(document)

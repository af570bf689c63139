"""The court kit: whole, the same bytes each time, and enough for whoever trusts nobody."""

import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from certificates.court_kit import court_kit
from certificates.documents.ordering import Order
from certificates.issuance import issue_waiting
from certificates.models import Certificate, Document, DocumentKind, Issued
from certificates.renewal import renew
from certificates.status_list import enter_status_list
from ledger.state_map import commit_state_map
from primitives.clock import now_utc
from registry.models import Party
from tests.certificates.test_documents import issued
from tests.factories import NOON, Office, make_party, register_asset
from tests.titles import SECRET, Estate, make_estate

PAGE = Path(__file__).resolve().parents[2] / "docs" / "verify.md"
TOOLS = ("bash", "openssl", "pdfsig", "pdfdetach", "sha256sum")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def certificate(office: Office) -> Certificate:
    register_asset(office, make_party(office))
    issue_waiting(at=now_utc())
    commit_state_map(at=now_utc())
    renew(Certificate.objects.get(), at=now_utc())
    return Certificate.objects.get()


@pytest.fixture
def folder(certificate: Certificate, tmp_path: Path) -> Path:
    return unpacked(certificate, tmp_path)


@pytest.fixture
def estate(office: Office) -> Estate:
    return make_estate(office)


@pytest.fixture
def changed(estate: Estate) -> Document:
    """The latest of the certificates after a change, which supersedes two and the first one."""
    issue_waiting(at=now_utc())
    issue_waiting(at=now_utc())
    commit_state_map(at=now_utc())
    enter_status_list(at=now_utc())
    latest = Document.objects.latest("pk")
    renew(latest, at=now_utc())
    return latest


def unpacked(certificate: Issued, tmp_path: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(court_kit(certificate, at=now_utc()))) as archive:
        archive.extractall(tmp_path)
    return tmp_path / certificate.number


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which(command[0])
    assert program
    return subprocess.run(  # noqa: S603 # commands of ours
        [program, *command[1:]], cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_kit_holds_what_its_guide_names_and_every_digest(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    guide = (folder / "READ-ME.en.txt").read_text("utf-8")
    for name in names - {"READ-ME.en.txt", "READ-ME.zh.txt"}:
        assert name in guide or name.startswith("report.")
    assert "离线" in (folder / "READ-ME.zh.txt").read_text("utf-8")
    assert {"checkpoint", "asset.state-proof", "verify.sh", "report.zh.txt"} <= names
    assert {"certificate.pdf.p7s", "sm2_chain.pem"} <= names
    assert {"renewed.pdf", "renewed.pdf.tlog-proof"} <= names
    assert "&" not in guide
    checked = run(folder, "sha256sum", "--check", "--strict", "SHA256SUMS")
    assert checked.returncode == 0
    assert checked.stdout.count("OK") == len(names) - 1


def test_our_program_finds_the_kit_valid_and_reads_its_state_proof(folder: Path) -> None:
    ours = (sys.executable, "-m", "verifier", "--log-key", "log_key.txt")
    certificate = run(folder, *ours, "--trust", "trust.pem", "certificate.pdf")
    assert certificate.returncode == 0, certificate.stdout
    renewed = run(folder, *ours, "--trust", "trust.pem", "renewed.pdf")
    assert renewed.returncode == 0, renewed.stdout
    assert run(folder, *ours, "asset.state-proof").returncode == 0
    assert json.loads((folder / "report.json").read_text("utf-8"))["verdict"] == "valid"
    assert (folder / "report.en.txt").read_text("utf-8").count("✓") == 6


@pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason="a program is not installed")
def test_other_peoples_programs_find_it_valid_and_a_changed_one_not(folder: Path) -> None:
    found = run(folder, "bash", "verify.sh")
    assert re.findall(r"^\d", found.stdout, re.MULTILINE) == list("12345"), found.stderr
    assert found.returncode == 0
    pdf = folder / "certificate.pdf"
    pdf.write_bytes(pdf.read_bytes() + b"\n")
    assert run(folder, "bash", "verify.sh").returncode != 0
    assert run(folder, "sha256sum", "--check", "SHA256SUMS").returncode != 0


def test_the_script_is_the_one_that_the_page_explains(folder: Path) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    head, _, script = (folder / "verify.sh").read_text("utf-8").partition("\n\n")
    assert head.startswith("#!/usr/bin/env bash\n")
    assert script == "\n".join(blocks)


def test_the_same_certificate_at_the_same_instant_gives_the_same_bytes(
    certificate: Certificate,
) -> None:
    assert court_kit(certificate, at=NOON) == court_kit(certificate, at=NOON)
    with zipfile.ZipFile(io.BytesIO(court_kit(certificate, at=NOON))) as archive:
        assert archive.testzip() is None
        assert all(name.startswith(f"{certificate.number}/") for name in archive.namelist())


def test_after_a_change_our_program_finds_the_kit_valid_with_all_that_its_guide_names(
    changed: Document, tmp_path: Path
) -> None:
    folder = unpacked(changed, tmp_path)
    trust = ("--trust", "trust.pem", "--tsa-trust", "tsa_trust.pem", "--log-key", "log_key.txt")
    ours = (sys.executable, "-m", "verifier", *trust)
    beside = ("--sm2-trust", "sm2_chain.pem", "--status-list", "status-list")
    found = run(folder, *ours, *beside, "certificate.pdf")
    assert found.returncode == 0, found.stdout
    assert found.stdout.count("✓") == 7
    assert run(folder, *ours, "renewed.pdf").returncode == 0
    assert run(folder, *ours, "asset.state-proof").returncode == 0
    assert json.loads((folder / "report.json").read_text("utf-8"))["verdict"] == "valid"
    guide = (folder / "READ-ME.en.txt").read_text("utf-8")
    for name in {path.name for path in folder.iterdir()} - {"READ-ME.en.txt", "READ-ME.zh.txt"}:
        assert name in guide or name.startswith("report.")


def test_the_kit_names_the_certificate_before_and_that_ones_kit_the_one_after(
    changed: Document, tmp_path: Path
) -> None:
    before = Document.objects.get(pk=changed.pk - 1)
    after, superseded = (unpacked(each, tmp_path) for each in (changed, before))
    guide = (after / "READ-ME.en.txt").read_text("utf-8")
    assert guide.startswith(f"CERTIFICATE AFTER A CHANGE {changed.number}: HOW TO VERIFY")
    assert f"It supersedes certificate {before.number}." in guide
    assert f"替代凭证 {before.number}" in (after / "READ-ME.zh.txt").read_text("utf-8")
    for report, words in (
        ("report.en.txt", "superseded by certificate"),
        ("report.zh.txt", "被凭证"),
    ):
        said = (superseded / report).read_text("utf-8")
        assert f"{words} {changed.number}" in said


@pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason="a program is not installed")
def test_after_a_change_other_peoples_programs_find_it_valid_and_leave_the_kit_as_it_was(
    changed: Document, tmp_path: Path
) -> None:
    folder = unpacked(changed, tmp_path)
    found = run(folder, "bash", "verify.sh")
    assert re.findall(r"^\d", found.stdout, re.MULTILINE) == list("12345"), found.stderr
    assert found.returncode == 0
    assert "4. the statement speaks for a tree" in found.stdout
    assert run(folder, "sha256sum", "--check", "--strict", "SHA256SUMS").returncode == 0
    key = folder / "log_key.txt"
    key.write_text(key.read_text("utf-8").replace("+", "x+", 1), "utf-8")
    assert run(folder, "bash", "verify.sh").returncode != 0


def test_the_kit_of_an_extract_is_valid_and_says_no_more_than_its_file_and_the_register(
    estate: Estate, tmp_path: Path
) -> None:
    pledge = Order(kind=DocumentKind.PLEDGE, asset=estate.asset, party=estate.bank)
    search = Order(kind=DocumentKind.SEARCH, query="DA-999999999")
    commit_state_map(at=now_utc())
    enter_status_list(at=now_utc())
    for wanted, proofs in ((pledge, {"asset.state-proof"}), (search, set())):
        document = issued(wanted)
        folder = unpacked(document, tmp_path)
        names = {path.name for path in folder.iterdir()}
        assert names & {"asset.state-proof", "status-list"} == proofs
        ours = (sys.executable, "-m", "verifier", "--log-key", "log_key.txt")
        found = run(folder, *ours, "--trust", "trust.pem", "certificate.pdf")
        assert found.returncode == 0, found.stdout
        assert run(folder, "bash", "verify.sh").returncode == 0
        said = bytes(document.statement).decode()
        unsaid = [party.name for party in Party.objects.all() if party.name not in said]
        assert unsaid
        for path in folder.iterdir():
            content = path.read_bytes()
            for words in (SECRET, *unsaid):
                assert words.encode() not in content, (path.name, words)

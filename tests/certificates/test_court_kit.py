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
from certificates.issuance import issue_waiting
from certificates.models import Certificate, Document, DocumentKind, Issued
from certificates.renewal import renew
from ledger.state_map import commit_state_map
from primitives.clock import now_utc
from rights.kinds import RightKind
from tests.certificates.test_status import transfer
from tests.factories import NOON, Office, make_party, register_asset

PAGE = Path(__file__).resolve().parents[2] / "docs" / "verify.md"
TOOLS = ("bash", "openssl", "pdfsig", "pdfdetach", "sha256sum")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["the first", "after a change"])
def certificate(request: pytest.FixtureRequest, office: Office) -> Issued:
    holder = make_party(office)
    asset = register_asset(office, holder)
    issue_waiting(at=now_utc())
    certificate: Issued = Certificate.objects.get()
    if request.param == "after a change":
        taker = make_party(office, 2)
        transfer(office, asset, RightKind.HOLD, holder, taker, at=now_utc())
        issue_waiting(at=now_utc())
        certificate = Document.objects.get(kind=DocumentKind.TITLE)
    commit_state_map(at=now_utc())
    renew(certificate, at=now_utc())
    certificate.refresh_from_db()
    return certificate


@pytest.fixture
def folder(certificate: Issued, tmp_path: Path) -> Path:
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
    certificate: Issued,
) -> None:
    assert court_kit(certificate, at=NOON) == court_kit(certificate, at=NOON)
    with zipfile.ZipFile(io.BytesIO(court_kit(certificate, at=NOON))) as archive:
        assert archive.testzip() is None
        assert all(name.startswith(f"{certificate.number}/") for name in archive.namelist())

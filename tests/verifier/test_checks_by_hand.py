"""The checks with other people's tools in docs/verify.md, run as they stand there."""

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.verifier.example import IN_TERM, Office, log_signer
from tlog.proof import TlogProof

PAGE = Path(__file__).resolve().parents[2] / "docs" / "verify.md"
TOOLS = ("bash", "openssl", "pdfsig", "pdfdetach")

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, TOOLS)), reason=f"one of {', '.join(TOOLS)} is not installed"
)


@dataclass(frozen=True)
class Folder:
    """What whoever checks has in one folder."""

    pdf: bytes
    proof: str
    trust: str
    log_key: str


@pytest.fixture
def folder(office: Office) -> Folder:
    _grow(office, 5)
    issued = office.issue()
    _grow(office, 3)
    proof = office.log.prove(6).format()
    return Folder(issued.pdf, proof, office.pki.trust_pem, office.log_key)


def test_a_certificate_passes_every_check(folder: Folder, tmp_path: Path) -> None:
    assert re.findall(r"^\d", _run(folder, tmp_path), re.MULTILINE) == ["1", "2", "3", "4"]


def _other_bytes(folder: Folder) -> Folder:
    return replace(folder, pdf=folder.pdf.replace(b"%PDF-1.7", b"%PDF-1.6"))


def _more_bytes(folder: Folder) -> Folder:
    return replace(folder, pdf=folder.pdf + b"\n")


def _other_hash(folder: Folder) -> Folder:
    proof = TlogProof.parse(folder.proof)
    return replace(folder, proof=replace(proof, hashes=proof.hashes[::-1]).format())


def _other_place(folder: Folder) -> Folder:
    proof = TlogProof.parse(folder.proof)
    return replace(folder, proof=replace(proof, index=proof.index - 1).format())


def _short_proof(folder: Folder) -> Folder:
    proof = TlogProof.parse(folder.proof)
    return replace(folder, proof=replace(proof, hashes=proof.hashes[:-1]).format())


def _other_log(folder: Folder) -> Folder:
    return replace(folder, log_key=str(log_signer(b"x").verifier_key))


@pytest.mark.parametrize(
    ("falsify", "passed"),
    [
        (_other_bytes, ""),
        (_more_bytes, ""),
        (_other_hash, "1"),
        (_other_place, "1"),
        (_short_proof, "1"),
        (_other_log, "1"),
    ],
)
def test_a_false_certificate_fails_at_the_part_that_is_about_it(
    folder: Folder, tmp_path: Path, falsify: Callable[[Folder], Folder], passed: str
) -> None:
    with pytest.raises(subprocess.CalledProcessError) as failed:
        _run(falsify(folder), tmp_path)

    assert "".join(re.findall(r"^\d", failed.value.stdout, re.MULTILINE)) == passed


def test_another_authoritys_seal_fails_at_the_third_part(
    folder: Folder, impostor: Office, tmp_path: Path
) -> None:
    with pytest.raises(subprocess.CalledProcessError) as failed:
        _run(replace(folder, trust=impostor.pki.trust_pem), tmp_path)

    assert re.findall(r"^\d", failed.value.stdout, re.MULTILINE) == ["1", "2"]


def _grow(office: Office, count: int) -> None:
    """Enter other acts, so that the proofs have hashes on both sides."""
    for number in range(count):
        office.log.append("party.registered/1", {"number": number}, recorded_at=IN_TERM)


def _run(folder: Folder, directory: Path) -> str:
    """Run the page's checks on the folder and return what they print.

    Raises:
        CalledProcessError: a check failed.
    """
    (directory / "certificate.pdf").write_bytes(folder.pdf)
    (directory / "certificate.pdf.tlog-proof").write_text(folder.proof)
    (directory / "trust.pem").write_text(folder.trust)
    (directory / "log_key.txt").write_text(folder.log_key + "\n")
    checks = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return subprocess.run(  # noqa: S603 # the text is ours
        [str(shutil.which("bash")), "-c", "".join(checks)],
        cwd=directory,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

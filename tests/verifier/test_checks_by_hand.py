"""The checks with other people's tools in docs/verify.md, run as they stand there."""

import hashlib
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from primitives.canonical_json import JsonObject, canonical_json
from tests.verifier.example import IN_TERM, NUMBER, Log, Office, log_signer
from tests.verifier.example_state import ABSENT, BETWEEN, PRESENT, StateLog
from tlog.proof import TlogProof
from verifier.status_list import HEADER, STATUS_LISTED

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
    tsa_trust: str
    log_key: str


@pytest.fixture
def folder(office: Office) -> Folder:
    _grow(office, 5)
    issued = office.issue()
    _grow(office, 3)
    proof = office.log.prove(6).format()
    pki = office.pki
    return Folder(issued.pdf, proof, pki.trust_pem, pki.tsa_trust_pem, office.log_key)


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
    (directory / "tsa_trust.pem").write_text(folder.tsa_trust)
    (directory / "log_key.txt").write_text(folder.log_key + "\n")
    checks = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return subprocess.run(  # noqa: S603 # the text is ours
        [str(shutil.which("bash")), "-c", "".join(checks)],
        cwd=directory,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.parametrize("key", [*PRESENT, *ABSENT])
def test_a_state_proof_passes_the_check_by_hand(
    state_log: StateLog, tmp_path: Path, key: str
) -> None:
    lines = _run_state(state_log, state_log.state_proof(key, 5), tmp_path).splitlines()

    assert lines[0] == "the ledger's map of its first 5 entries holds these items:"
    assert lines[1].endswith(f" {key}")
    assert len(lines) == 2 + (2 if key == BETWEEN else 1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"version":2', '"version":3'),
        ("item 1", "item 0"),
        ("index 5", "index 4"),
        ("\n10\n", "\n9\n"),
    ],
)
def test_a_false_state_proof_fails_by_hand(
    state_log: StateLog, tmp_path: Path, old: str, new: str
) -> None:
    text = state_log.state_proof(PRESENT[1], 5)
    assert old in text

    with pytest.raises(subprocess.CalledProcessError):
        _run_state(state_log, text.replace(old, new), tmp_path)


def _status_list(log: Log) -> str:
    """Return a status list that names one certificate, as the registrar hands it out."""
    listed = {"number": NUMBER, "since": "2027-01-01T00:00:00Z", "status": "REVOKED"}
    content = canonical_json({"certificates": [listed], "schema": HEADER, "tree_size": 9})
    payload: JsonObject = {"sha256": hashlib.sha256(content).hexdigest()}
    index = log.append(STATUS_LISTED, payload, recorded_at=IN_TERM)
    return f"{HEADER}\n{content.decode()}\n\n{log.prove(index).format()}"


def test_a_status_list_passes_the_check_by_hand(state_log: StateLog, tmp_path: Path) -> None:
    said = _run_list(state_log, _status_list(state_log), tmp_path)

    assert f'"number":"{NUMBER}"' in said


@pytest.mark.parametrize(
    ("old", "new"), [("REVOKED", "LAPSED"), ("\n11\n", "\n10\n"), ("index 10", "index 9")]
)
def test_a_false_status_list_fails_by_hand(
    state_log: StateLog, tmp_path: Path, old: str, new: str
) -> None:
    text = _status_list(state_log)
    assert old in text

    with pytest.raises(subprocess.CalledProcessError):
        _run_list(state_log, text.replace(old, new), tmp_path)


def _run_list(log: StateLog, text: str, directory: Path) -> str:
    (directory / "status-list").write_text(text, encoding="utf-8")
    (directory / "log_key.txt").write_text(f"{log.signer.verifier_key}\n")
    return _run_check("The status list", directory)


@pytest.fixture
def state_log() -> StateLog:
    log = StateLog()
    for number in range(5):
        log.append("party.registered/1", {"number": number}, recorded_at=IN_TERM)
    log.commit()
    for number in range(4):
        log.append("party.registered/1", {"number": number}, recorded_at=IN_TERM)
    return log


def _run_state(log: StateLog, proof: str, directory: Path) -> str:
    """Run the page's functions and its check of a state proof."""
    (directory / "asset.state-proof").write_text(proof, encoding="utf-8")
    (directory / "log_key.txt").write_text(f"{log.signer.verifier_key}\n")
    return _run_check("The latest act on an asset", directory)


def _run_check(title: str, directory: Path) -> str:
    """Run the page's functions and the check of the section that has this title."""
    page = PAGE.read_text("utf-8")
    functions = page.partition("hash() {")[2].partition("\ncheck_proof certificate")[0]
    section = page.partition(f"### {title}\n")[2].partition("\n### ")[0]
    (check,) = re.findall(r"^```bash\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    return subprocess.run(  # noqa: S603 # the text is ours
        [str(shutil.which("bash")), "-c", f"set -euo pipefail\nhash() {{{functions}\n{check}"],
        cwd=directory,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

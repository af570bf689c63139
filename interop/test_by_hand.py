"""The page for auditors, docs/interop.md, run as it stands there."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from interop.litewitness import AGENT_PROGRAMS, free_port
from interop.programs import BINARIES, MODULE, Answer, accepts, refuses
from interop.register import Register
from tlog.note import NoteSigner

PAGE = MODULE.parent / "docs" / "interop.md"
PROGRAMS = ("bash", "curl", *AGENT_PROGRAMS)
MISSING = [name for name in PROGRAMS if shutil.which(name) is None]

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"{', '.join(MISSING)} is not installed")


@pytest.fixture
def folder(register: Register, tmp_path: Path) -> Path:
    """Return what an auditor has in one folder."""
    shutil.copytree(register.early.path, tmp_path / "log")
    shutil.copytree(register.now.path, tmp_path / "later")
    shutil.copy(register.now.key, tmp_path / "log_key.txt")
    for name in ("certificate.pdf", "certificate.pdf.tlog-proof"):
        shutil.copy(register.certificate_proof.with_name(name), tmp_path)
    return tmp_path


def test_an_auditor_finds_everything_in_order(folder: Path) -> None:
    answer = _run(folder)
    accepts(answer)
    assert re.findall(r"^\d(?=\. )", answer.text, re.MULTILINE) == ["1", "2", "3", "4", "5"]


def _another_key(folder: Path) -> None:
    key = NoteSigner.generate("quanji.example/log").verifier_key
    (folder / "log_key.txt").write_text(f"{key}\n")


def _another_certificate(folder: Path) -> None:
    certificate = folder / "certificate.pdf"
    certificate.write_bytes(certificate.read_bytes() + b"\n")


def _set_back(folder: Path) -> None:
    (folder / "log").rename(folder / "now")
    (folder / "later").rename(folder / "log")
    (folder / "now").rename(folder / "later")


def _entry_changed(folder: Path) -> None:
    bundle = folder / "log" / "tile" / "entries" / "000.p" / "20"
    bundle.write_bytes(bundle.read_bytes().replace(b"U-", b"V-", 1))


CHANGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "the key": (_another_key, "0"),
    "an entry": (_entry_changed, "0"),
    "the certificate": (_another_certificate, "1"),
    "the order of the copies": (_set_back, "2"),
}


@pytest.mark.parametrize(("change", "passed"), CHANGES.values(), ids=CHANGES)
def test_an_auditor_is_stopped_by_a_change_of(
    change: Callable[[Path], None], passed: str, folder: Path
) -> None:
    change(folder)
    answer = _run(folder)
    refuses(answer)
    assert ["0", *re.findall(r"^\d(?=\. )", answer.text, re.MULTILINE)][-1] == passed


def test_the_page_names_the_versions_that_are_built() -> None:
    required = re.search(r"require \((.*?)\)", (MODULE / "go.mod").read_text(), re.DOTALL)
    assert required
    page = PAGE.read_text()
    for module, version in (line.split() for line in required[1].strip().splitlines()):
        named = re.findall(rf"{re.escape(module)}[^\s`]*(?:`,? | in |@)(v[0-9.]+[0-9])", page)
        assert named, module
        assert set(named) == {version}, module


def _run(folder: Path) -> Answer:
    """Run the page's parts in the folder."""
    parts = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    environment = {
        **os.environ,
        "PATH": f"{BINARIES}:{os.environ['PATH']}",
        "WITNESS_PORT": str(free_port()),
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "".join(parts)],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
        env=environment,
        timeout=120,
    )
    return Answer(done.returncode == 0, done.stdout)

"""The verifier as a wheel of its own: it judges without Django, the register or a network."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.verifier.example import Office

ROOT = Path(__file__).resolve().parents[2]
ALONE = """
import sys
sys.path[:0] = [{wheel!r}]
class Refused:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {refused!r}:
            raise ImportError(name + " is not part of the wheel")
sys.meta_path.insert(0, Refused())
from verifier.cli import main
sys.exit(main(sys.argv[1:]))
"""
REST = {"django", "rest_framework", "config", "certificates", "ledger", "registry", "rights"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(  # noqa: S603 # our own package
        [
            *(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)),
        ],
        cwd=ROOT / "packages" / "verifier",
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


def test_the_wheel_verifies_a_certificate_by_itself(
    wheel: Path, office: Office, tmp_path: Path
) -> None:
    issued = office.issue()
    (tmp_path / "certificate.pdf").write_bytes(issued.pdf)
    (tmp_path / "certificate.pdf.tlog-proof").write_text(issued.proof)
    (tmp_path / "trust.pem").write_text(office.pki.trust_pem)
    (tmp_path / "log_key.txt").write_text(office.log_key)
    told = subprocess.run(  # noqa: S603 # our own wheel
        [
            *(sys.executable, "-P", "-c", ALONE.format(wheel=str(wheel), refused=REST)),
            *("certificate.pdf", "--trust", "trust.pem", "--log-key", "log_key.txt"),
            *("--at", "2027-06-01T00:00:00Z"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={},
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert "Valid: this is the certificate" in told.stdout


def test_the_wheel_names_every_package_that_it_imports() -> None:
    project = tomllib.loads((ROOT / "packages/verifier/pyproject.toml").read_text("utf-8"))
    named = {re.split(r"[~>=]", text)[0] for text in project["project"]["dependencies"]}
    imported = {
        name
        for folder in ("verifier", "tlog", "primitives")
        for path in (ROOT / folder).glob("*.py")
        for name in re.findall(r"^(?:from|import) (\w+)", path.read_text("utf-8"), re.MULTILINE)
    }
    ours = {"verifier", "tlog", "primitives"}
    brought_by_pyhanko = {"asn1crypto", "pyhanko_certvalidator"}
    foreign = imported - ours - brought_by_pyhanko - set(sys.stdlib_module_names)
    assert foreign == named

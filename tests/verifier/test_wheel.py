"""The verifier as a wheel of its own: it judges without Django, the register or a network."""

import re
import sys
import tomllib
from pathlib import Path

import pytest

from tests.verifier.example import Office
from tests.verifier.wheel import ROOT, Wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Wheel:
    return Wheel.build(tmp_path_factory.mktemp("wheel"))


def test_the_wheel_verifies_a_certificate_by_itself(
    wheel: Wheel, office: Office, tmp_path: Path
) -> None:
    issued = office.issue()
    (tmp_path / "certificate.pdf").write_bytes(issued.pdf)
    (tmp_path / "certificate.pdf.tlog-proof").write_text(issued.proof)
    (tmp_path / "trust.pem").write_text(office.pki.trust_pem)
    (tmp_path / "log_key.txt").write_text(office.log_key)
    told = wheel.verify(
        *("certificate.pdf", "--trust", "trust.pem", "--log-key", "log_key.txt"),
        *("--at", "2027-06-01T00:00:00Z"),
        folder=tmp_path,
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

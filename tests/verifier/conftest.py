from pathlib import Path

import pytest

from certificates.development_pki import DevelopmentPki, ensure_development_pki
from tests.verifier.example import Issued, Office, make_office


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> DevelopmentPki:
    return ensure_development_pki(tmp_path_factory.mktemp("pki") / "seal")


@pytest.fixture(scope="session")
def impostor(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Another CA with the same names, whose seal looks the same; it has stolen the log's key."""
    return make_office(ensure_development_pki(tmp_path_factory.mktemp("impostor") / "seal"))


@pytest.fixture
def office(pki: DevelopmentPki) -> Office:
    return make_office(pki)


@pytest.fixture
def issued(office: Office) -> Issued:
    return office.issue()


@pytest.fixture
def certificate_path(issued: Issued, tmp_path: Path) -> Path:
    """The file on disk with its proof beside it."""
    path = tmp_path / "certificate.pdf"
    path.write_bytes(issued.pdf)
    path.with_name("certificate.pdf.tlog-proof").write_text(issued.proof)
    return path

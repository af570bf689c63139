"""V2 whole: after an erasure no personal value is found anywhere, but for what must remain."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from audit.files import check_files
from audit.log import check_log
from audit.register import compare_register
from certificates.issuance import issue_waiting
from certificates.models import Certificate
from certificates.queries import certificate_path
from certificates.verification import verify_file
from filings.erasure import approve_erasure, free_papers, request_erasure
from filings.models import Filing
from filings.review import accept, refuse
from filings.submission import submit
from registry.disclosure import disclose_fields
from registry.instruments import instrument_path
from registry.kinds import ErasureGround, InstrumentKind
from registry.models import Instrument, Party
from tests.factories import NOON, Office, bring_to_publicity, decide
from tests.privacy.seeds import Seeds, files_with, holds, tables_with
from verifier.verdict import Outcome

YEARS_LATER = NOON.replace(year=2032)


@pytest.fixture
def folders(settings: Any, tmp_path: Path) -> Path:
    """Stores of this test's own: other tests leave their files in the shared ones."""
    settings.INSTRUMENT_DIR = tmp_path / "instruments"
    settings.CERTIFICATE_DIR = tmp_path / "certificates"
    return tmp_path


def erase(office: Office, party: Party, at: Any) -> None:
    erasure = request_erasure(
        party,
        ground=ErasureGround.CONSENT_WITHDRAWN,
        words="",
        papers=[paper.reference for paper in free_papers(party, at=at)],
        by=office.wang,
        at=at,
    )
    approve_erasure(erasure, by=office.zhao, at=at)


def findings() -> list[Any]:
    return [*check_log(), *compare_register(), *check_files()]


@pytest.mark.django_db(transaction=True)
def test_v2_of_a_person_without_a_registration_nothing_remains(
    office: Office, folders: Path
) -> None:
    seeds = Seeds()
    party = seeds.enter(office)
    filing = seeds.file_case(office, party)
    submit(filing, by=office.wang, at=NOON)
    accept(filing, by=office.wang, at=NOON)
    refuse(filing, by=office.li, at=NOON, note="示例：不符合条件")
    assert tables_with(seeds.values) == {
        "registry_instrument",
        "registry_opening",
        "registry_party",
    }
    assert files_with(seeds.values, folders)

    erase(office, party, NOON)

    assert tables_with(seeds.values) == set()
    assert files_with(seeds.values, folders) == set()
    assert findings() == []


@pytest.mark.django_db(transaction=True)
def test_v2_of_a_former_holder_only_the_listed_evidence_remains(
    office: Office, folders: Path
) -> None:
    """Docs/adr/0010 lists it: the sealed certificate, and the papers of the registered case."""
    seeds = Seeds()
    party = seeds.enter(office)
    asset = decide(office, bring_to_publicity(office, seeds.file_case(office, party)))
    issue_waiting(at=NOON)
    certificate = Certificate.objects.get()
    paper = Instrument.objects.get(kind=InstrumentKind.IDENTITY)

    erase(office, party, YEARS_LATER)

    assert tables_with(seeds.fields.values()) == {"certificates_certificate"}
    # SQLite's file holds the certificate's statement, as the table says.
    database = Path(str(connection.settings_dict["NAME"])).name
    remaining = files_with(seeds.fields.values(), folders) - {database}
    assert remaining == {f"{certificate.sha256}.pdf"}
    assert tables_with([seeds.paper_title]) == {"registry_instrument", "registry_opening"}
    assert instrument_path(paper.sha256).read_text() == seeds.paper_content
    assert findings() == []
    pdf = certificate_path(certificate.sha256).read_bytes()
    verdict = verify_file(pdf, proof=None, at=NOON.replace(year=2027)).verdict
    assert verdict.outcome == Outcome.VALID
    for address in (
        reverse("web:asset", args=[asset.number]),
        reverse("api:v1:rights", args=[asset.number]) + "?at=2027-01-01T00:00:00Z",
        reverse("api:v1:asset", args=[asset.number]),
    ):
        response = Client().get(address, headers={"accept-language": "en"})
        assert response.status_code == 200
        assert not holds(response.content, seeds.values)
    page = Client().get(reverse("web:asset", args=[asset.number]))
    assert "（已删除）" in page.content.decode()


@pytest.mark.django_db(transaction=True)
def test_nothing_personal_stands_in_the_exported_log(
    office: Office, folders: Path, tmp_path: Path
) -> None:
    seeds = Seeds()
    party = seeds.enter(office)
    decide(office, bring_to_publicity(office, seeds.file_case(office, party)))
    issue_waiting(at=NOON)
    disclose_fields(
        party.entry,
        fields=["/name"],
        recipient="示例银行",
        purpose="示例核验",
        by=office.wang,
        at=NOON,
    )
    erase(office, party, YEARS_LATER)

    call_command("export_ledger", tmp_path / "log")

    exported = [path for path in (tmp_path / "log").rglob("*") if path.is_file()]
    assert {path.relative_to(tmp_path / "log").parts[0] for path in exported} >= {
        "checkpoint",
        "tile",
    }
    assert [path for path in exported if holds(path.read_bytes(), seeds.values)] == []
    assert tables_with(seeds.values) >= {"certificates_certificate"}
    assert not {table for table in tables_with(seeds.values) if table.startswith("ledger_")}


@pytest.mark.django_db(transaction=True)
def test_the_search_finds_each_form_that_it_looks_for(office: Office) -> None:
    seeds = Seeds()
    party = seeds.enter(office)
    assert tables_with(seeds.values) == {"registry_opening", "registry_party"}
    assert Filing.objects.count() == 0
    assert party.name in seeds.values

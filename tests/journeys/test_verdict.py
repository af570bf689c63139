"""A bank is sent an altered certificate: what the page shows of it, and the report taken away."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from certificates.issuance import issue_waiting
from certificates.models import Certificate
from certificates.queries import read_certificate
from primitives.clock import now_utc
from tests.factories import (
    bring_to_publicity,
    decide,
    make_complete_draft,
    make_office,
    make_party,
)
from tests.journeys.browser import Person
from tests.verifier.attacks.editing import append_revision, numbers_of, stream

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

LIE = b"BT /F1 20 Tf 72 400 Td (OWNER: EXAMPLE BUYER) Tj ET"


@pytest.fixture
def files(transactional_db: None, tmp_path: Path) -> tuple[Path, Path]:
    """A certificate as issued and as somebody altered it, made before a browser runs here."""
    office = make_office()
    draft = make_complete_draft(office, make_party(office))
    decide(office, bring_to_publicity(office, draft), at=now_utc())
    issue_waiting(at=now_utc())
    pdf = read_certificate(Certificate.objects.get())
    genuine, altered = tmp_path / "certificate.pdf", tmp_path / "altered.pdf"
    genuine.write_bytes(pdf)
    altered.write_bytes(append_revision(pdf, {numbers_of(pdf).contents: stream(LIE)}))
    return genuine, altered


@pytest.mark.parametrize("language", ["zh-hans", pytest.param("en", marks=pytest.mark.long)])
def test_a_bank_sees_what_was_done_to_a_certificate_and_takes_a_report(
    files: tuple[Path, Path],
    browser: Browser,
    live_server: LiveServer,
    pictures: Path,
    language: str,
) -> None:
    genuine, altered = files
    bank = Person(browser, live_server.url, language, pictures / language)

    bank.goto("/verify/")
    bank.page.set_input_files("#id_file", genuine)
    bank.press("#file-form button[type=submit]")
    bank.page.locator("details summary").click()
    bank.keep_in_order("60-valid")
    assert bank.page.locator(".findings li").count() == 5 + 6
    assert bank.page.get_by_text("TOTAL-PASSED").is_visible()

    bank.goto("/verify/")
    bank.page.set_input_files("#id_file", altered)
    bank.press("#file-form button[type=submit]")
    bank.keep_in_order("61-altered")
    assert bank.page.get_by_text("OWNER: EXAMPLE BUYER").is_visible()

    bank.page.set_input_files("#report-file", altered)
    with bank.page.expect_download() as download:
        bank.page.locator("form button[name=form][value=pdf]").click()
    report = Path(download.value.path()).read_bytes()
    (pictures / language / "report.pdf").write_bytes(report)
    assert report.startswith(b"%PDF-")

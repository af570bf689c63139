"""A phone scans the paper of a certificate: the record opens, fits, and says what that proves."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import Browser, ViewportSize
from pytest_django.live_server_helper import LiveServer

from certificates.issuance import issue_waiting
from certificates.models import Certificate
from certificates.queries import read_certificate
from primitives.clock import now_utc
from tests.certificates.test_paper import page_of, read, scanned
from tests.factories import make_office, make_party, register_asset
from tests.journeys.test_every_page import RULES, found_on

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture
def certificate(transactional_db: None) -> Certificate:
    """Issued before a browser runs here."""
    office = make_office()
    register_asset(office, make_party(office))
    issue_waiting(at=now_utc())
    return Certificate.objects.get()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_phone_opens_what_a_scanner_read_from_the_paper(
    certificate: Certificate,
    live_server: LiveServer,
    browser: Browser,
    pictures: Path,
    language: str,
) -> None:
    text = read(scanned(page_of(read_certificate(certificate))))
    page = browser.new_page(viewport=PHONE)
    name, url = settings.LANGUAGE_COOKIE_NAME, live_server.url
    page.context.add_cookies([{"name": name, "value": language, "url": url}])
    page.goto(f"{live_server.url}{urlsplit(text).path}")
    section = page.locator("section[aria-labelledby=paper]")

    assert section.locator(".state-proven").is_visible()
    section.locator("summary").click()
    assert section.locator("tbody .agrees").count() == 11
    page.screenshot(path=pictures / f"paper-{language}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert found_on(page, RULES) == []

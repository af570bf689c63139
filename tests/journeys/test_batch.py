"""A workbook of filings in a real browser: progress, the bad cells, and the drafts."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from filings.batch.filing import settle_waiting
from filings.models import Filing
from primitives.clock import now_utc
from tests.factories import make_office, make_party
from tests.filings.test_batch import row, workbook
from tests.journeys.browser import Person

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_a_workbook_is_corrected_and_filed(
    browser: Browser, live_server: LiveServer, pictures: Path, tmp_path: Path
) -> None:
    office = make_office()
    make_party(office)
    pages = pictures / "zh-hans"
    pages.mkdir(exist_ok=True)
    wang = Person(browser, live_server.url, "zh-hans", pages)
    faulty, clean = tmp_path / "示例.xlsx", tmp_path / "示例改正.xlsx"
    faulty.write_bytes(workbook([row(1), row(2, name=""), row(3, record_count="很多")]))
    clean.write_bytes(workbook([row(number) for number in range(3)]))

    wang.enter_office(office.wang)
    wang.press("a[href$='/office/filings/batch/add/']")
    wang.picture("70-batch")
    hand_in(wang, faulty)
    wang.picture("71-batch-waiting")
    settle()
    # The page's own script finds that it is done and opens the page again.
    wang.page.locator("a[href$='/marked/']").wait_for()
    wang.picture("72-batch-faulty")
    assert wang.page.locator("section[aria-labelledby=findings] tbody tr").count() == 2
    assert not Filing.objects.exists()

    wang.press("a[href$='/office/filings/batch/add/']")
    hand_in(wang, clean)
    settle()
    wang.page.locator("a[href*='batch__id__exact']").wait_for()
    wang.picture("73-batch-filed")
    wang.press("a[href*='batch__id__exact']")
    wang.picture("74-batch-drafts")
    assert wang.page.locator("#result_list tbody tr").count() == 3
    assert wang.trouble == []


def hand_in(wang: Person, file: Path) -> None:
    wang.page.set_input_files("#id_file", file)
    wang.press("form button.primary[type=submit]")


def settle() -> None:
    """Work as the worker does: in a thread of its own, for the browser's runs an event loop."""

    def work() -> None:
        try:
            settle_waiting(at=now_utc())
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as worker:
        worker.submit(work).result()

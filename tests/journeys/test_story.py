"""One claim, from the registrar's desk to a stranger's verdict, played in a real browser."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import zxingcpp
from django.db import connection
from PIL import Image
from playwright.sync_api import Browser
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from audit.log import check_log
from audit.register import compare_register
from certificates.issuance import issue_waiting
from certificates.models import Certificate
from filings.checklist import CheckItem
from filings.models import Filing
from filings.workflow import State
from primitives.clock import now_utc
from registry.models import Party
from tests.factories import PAPER_KINDS, Office, description, make_office, make_party
from tests.journeys.browser import Person
from tests.programs import run

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("language", ["zh-hans", pytest.param("en", marks=pytest.mark.long)])
def test_a_claim_becomes_a_certificate_that_a_stranger_verifies(
    browser: Browser,
    live_server: LiveServer,
    settings: Settings,
    pictures: Path,
    tmp_path: Path,
    language: str,
) -> None:
    settings.PUBLIC_BASE_URL = live_server.url
    office = make_office()
    applicant = make_party(office, name="示例数据科技有限公司")
    pages = pictures / language
    pages.mkdir(exist_ok=True)

    def person() -> Person:
        return Person(browser, live_server.url, language, pages)

    wang, li, zhao, alice, stranger = (person() for _ in range(5))

    file_a_claim(wang, office, applicant, tmp_path)
    examine(li, office)
    approve(zhao, office)
    assert issue() == 1
    certificate = Certificate.objects.get()
    file = download(alice, office, certificate, tmp_path)
    verify_by_drop(stranger, file, certificate)
    verify_by_number(stranger, certificate)
    verify_by_qr(stranger, file, certificate, tmp_path)
    look_around(stranger, certificate)

    assert Filing.objects.get().state == State.REGISTERED
    assert list(check_log()) == []
    assert list(compare_register()) == []
    for someone in (wang, li, zhao, alice, stranger):
        assert someone.trouble == []


def issue() -> int:
    """Issue as the worker does: in a thread of its own, for the browser's runs an event loop."""

    def work() -> int:
        try:
            return issue_waiting(at=now_utc())
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as worker:
        return worker.submit(work).result()


def file_a_claim(wang: Person, office: Office, applicant: Party, folder: Path) -> None:
    page = wang.page
    wang.enter_office(office.wang)
    wang.picture("01-start-page")
    wang.goto("/office/filings/filing/add/")
    wang.choose(".field-applicants", applicant)
    page.locator(".field-organisation .select2-selection").click()
    page.locator(".select2-search__field").last.fill(office.organisation.uscc)
    page.locator(".select2-results__option", has_text=office.organisation.name).first.click()
    fields = description()
    for name in ("name", "summary", "industry_division", "region", "record_count"):
        page.fill(f"#id_{name}", str(fields[name]))
    for name in (
        "kind",
        "industry_section",
        "source_kind",
        "situation",
        "region_scope",
        "update_frequency",
        "form",
        "structure",
    ):
        page.select_option(f"#id_{name}", fields[name])
    (folder / "data.csv").write_text("city,population\n示例,1\n")
    page.set_input_files("#id_data_file", folder / "data.csv")
    wang.picture("02-draft")
    wang.press("input[name=_save]")

    for paper_kind in PAPER_KINDS:
        paper = folder / f"{paper_kind.lower()}.txt"
        paper.write_text(f"示例 {paper_kind}")
        page.select_option("#id_kind", paper_kind)
        page.fill("#id_title", f"示例{paper_kind.label}")
        page.set_input_files("#id_file", paper)
        wang.press("form:has(#id_file) button[type=submit]")
    wang.picture("03-papers")

    filing = Filing.objects.get()
    wang.goto(f"/office/filings/filing/{filing.pk}/rights/")
    for place, kind in enumerate(("HOLD", "USE", "OPERATE")):
        page.locator("#claims-group .add-row a").click()
        page.select_option(f"#id_claims-{place}-kind", kind)
        page.fill(f"#id_claims-{place}-term_months", "36")
        wang.choose(f"#claims-{place} tr:has(#id_claims-{place}-holders-0-party)", applicant)
        page.fill(f"#id_claims-{place}-holders-0-share", "1")
    wang.picture("04-rights")
    wang.press("input[name=_save]")
    wang.picture("05-case-to-submit")
    wang.take_step("SUBMIT")
    wang.take_step("ACCEPT", "06-accept")


def examine(li: Person, office: Office) -> None:
    filing = Filing.objects.get()
    li.enter_office(office.li)
    li.goto(f"/office/filings/filing/{filing.pk}/case/")
    for item in CheckItem:
        li.page.check(f"input[name={item}][value=yes]")
    li.press("form[action$='/checks/'] button[type=submit]")
    li.picture("07-checklist")
    li.take_step("EXAMINE")
    li.take_step("EXEMPT", "08-dispense-with-publicity", note="示例：数据已依法公开，申请免予公示")


def approve(zhao: Person, office: Office) -> None:
    filing = Filing.objects.get()
    zhao.enter_office(office.zhao)
    zhao.picture("09-approvers-start-page")
    zhao.goto(f"/office/filings/filing/{filing.pk}/case/")
    zhao.take_step("REGISTER", "10-approve")
    zhao.picture("11-registered")


def download(alice: Person, office: Office, certificate: Certificate, folder: Path) -> Path:
    alice.enter_desk(office.alice)
    alice.picture("12-desk")
    files = []
    for suffix in (".pdf", ".pdf.tlog-proof"):
        link = f"a[href$='/desk/certificates/{certificate.number}{suffix}']"
        if not alice.page.locator(link).count():
            alice.goto(f"/desk/cases/{Filing.objects.get().number}/")
        with alice.page.expect_download() as started:
            alice.page.locator(link).first.click()
        target = folder / f"certificate{suffix}"
        started.value.save_as(target)
        files.append(target)
    alice.picture("13-case-of-the-enterprise")
    return files[0]


def verify_by_drop(stranger: Person, file: Path, certificate: Certificate) -> None:
    page = stranger.page
    stranger.goto("/verify/")
    stranger.drop("#drop", file)
    page.locator("#digest-answer", has_text=certificate.number).wait_for()
    stranger.picture("14-digest-recognised")
    stranger.press("form:has(input[type=file]) button[type=submit]")
    stranger.picture("15-verdict")
    assert page.locator(".verdict-valid").count() == 1

    altered = file.with_name("altered.pdf")
    altered.write_bytes(file.read_bytes() + b"\n")
    stranger.goto("/verify/")
    stranger.drop("#drop", altered)
    page.locator("#digest-answer.unknown").wait_for()
    stranger.press("form:has(input[type=file]) button[type=submit]")
    stranger.picture("16-verdict-altered")
    assert page.locator(".verdict-invalid").count() == 1


def verify_by_number(stranger: Person, certificate: Certificate) -> None:
    page = stranger.page
    stranger.goto("/verify/")
    page.fill("input[name=number]", certificate.number)
    page.fill("input[name=code]", certificate.check_code.lower())
    stranger.press("form:has(input[name=code]) button[type=submit]")
    stranger.picture("17-record-by-number")
    assert page.locator(f"text={certificate.asset.name}").count() >= 1


def verify_by_qr(stranger: Person, file: Path, certificate: Certificate, folder: Path) -> None:
    # As a scanner at 150 dpi sees the printed pages.
    run("pdftoppm", "-r", "150", "-png", file, folder / "scan")
    texts = [
        code.text
        for scan in sorted(folder.glob("scan*.png"))
        for code in zxingcpp.read_barcodes(Image.open(scan))
    ]
    assert len(texts) == 1
    stranger.goto(urlsplit(texts[0]).path)
    stranger.picture("18-record-by-qr")
    assert stranger.page.locator(f"text={certificate.asset.name}").count() >= 1


def look_around(stranger: Person, certificate: Certificate) -> None:
    stranger.goto("/")
    stranger.picture("19-home")
    stranger.goto("/assets/?q=人口")
    stranger.picture("20-search")
    stranger.press(f"a[href$='/assets/{certificate.asset.number}/']")
    stranger.picture("21-asset")

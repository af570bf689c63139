"""A transfer from the office into the ledger, played in a real browser by three officers."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from audit.register import compare_register
from filings.models import Filing
from filings.workflow import State
from registry.models import DataAsset, Party
from rights.kinds import RightKind
from rights.models import Interest
from tests.factories import Office, make_office, make_party, register_asset
from tests.journeys.browser import Person
from tests.journeys.officers import examine

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

PAPERS = ("IDENTITY", "CONTRACT", "CERTIFICATE", "APPLICATION_FORM")


@pytest.mark.parametrize("language", ["zh-hans", pytest.param("en", marks=pytest.mark.long)])
def test_a_transfer_goes_from_paper_into_the_register(
    browser: Browser, live_server: LiveServer, pictures: Path, tmp_path: Path, language: str
) -> None:
    office = make_office()
    anne = make_party(office, 1, name="示例转让有限公司")
    ben = make_party(office, 2, name="示例受让有限公司")
    asset = register_asset(office, anne)
    pages = pictures / language
    pages.mkdir(exist_ok=True)
    wang, li, zhao = (Person(browser, live_server.url, language, pages) for _ in range(3))

    filing = file_a_transfer(wang, office, asset, anne, ben, tmp_path)
    examine(li, office, filing, note="示例：双方已就免予公示说明理由")
    approve(zhao, office, filing)

    assert Filing.objects.get(pk=filing.pk).state == State.REGISTERED
    assert holders(asset.number) == {anne: "2/3", ben: "1/3"}
    assert list(compare_register()) == []
    for person in (wang, li, zhao):
        assert person.trouble == []


def file_a_transfer(
    wang: Person, office: Office, asset: DataAsset, anne: Party, ben: Party, folder: Path
) -> Filing:
    wang.enter_office(office.wang)
    wang.goto("/office/filings/filing/new/acts/")
    wang.page.select_option("#id_type", "TRANSFER")
    wang.page.fill("#id_asset", asset.number)
    for party in (anne, ben):
        wang.choose(".form-row:has(#id_applicants)", party)
    wang.picture("40-new-transfer")
    wang.press("form.stacked button.primary")
    wang.press("a[href*='act=transfer']")
    hold = Interest.objects.get(asset=asset, kind=RightKind.OPERATE)
    wang.page.select_option("#id_interest", hold.reference)
    wang.page.select_option("#id_giver", anne.reference)
    wang.page.select_option("[name=takers-0-party]", ben.reference)
    wang.page.fill("[name=takers-0-share]", "1/3")
    wang.picture("41-transfer-form")
    wang.press("form.stacked button.primary")
    wang.picture("42-transfer-asked")
    filing = Filing.objects.latest("pk")
    hand_in(wang, filing, folder)
    wang.goto(f"/office/filings/filing/{filing.pk}/case/")
    wang.picture("43-transfer-case")
    wang.take_step("SUBMIT")
    wang.take_step("ACCEPT")
    return filing


def approve(zhao: Person, office: Office, filing: Filing) -> None:
    zhao.enter_office(office.zhao)
    zhao.picture("44-approvers-start-page")
    zhao.goto(f"/office/filings/filing/{filing.pk}/case/")
    zhao.goto(f"/office/filings/filing/{filing.pk}/step/REGISTER/")
    # What is approved stands on the page: who gives, who takes, and how much.
    shown = zhao.page.locator("#content").inner_text()
    assert "示例受让有限公司" in shown
    assert "1/3" in shown
    zhao.goto(f"/office/filings/filing/{filing.pk}/case/")
    zhao.take_step("REGISTER", "45-approve-transfer")
    zhao.picture("46-transfer-registered")


def holders(number: str) -> dict[Party, str]:
    right = Interest.objects.get(
        asset__number=number, kind=RightKind.OPERATE, ended_by__isnull=True
    )
    return {share.party: str(share.fraction) for share in right.shares.select_related("party")}


def hand_in(wang: Person, filing: Filing, folder: Path) -> None:
    wang.goto(f"/office/filings/filing/{filing.pk}/papers/")
    for kind in PAPERS:
        paper = folder / f"{kind.lower()}.txt"
        paper.write_text(f"示例 {kind}")
        wang.page.select_option("#id_kind", kind)
        wang.page.fill("#id_title", f"示例 {kind}")
        wang.page.set_input_files("#id_file", paper)
        wang.press("form:has(#id_file) button[type=submit]")

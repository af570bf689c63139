"""A bank looks at title in a real browser: now, on a past day, and before it lends."""

from pathlib import Path

import pytest
from django.utils.timezone import localtime
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from accounts.organisations import add_member, create_organisation
from rights.kinds import RightKind
from tests.factories import make_office
from tests.journeys.browser import Person
from tests.titles import DAY, Estate, make_estate

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("language", ["zh-hans", pytest.param("en", marks=pytest.mark.long)])
def test_a_bank_reads_title_now_then_and_what_its_pledge_would_get(
    browser: Browser, live_server: LiveServer, pictures: Path, language: str
) -> None:
    office = make_office()
    estate = make_estate(office)
    estate.derive(basis=estate.right(RightKind.USE).reference)
    add_member(create_organisation(name="示例甲银行", uscc=estate.bank.identifier), office.alice)
    pages = pictures / language
    pages.mkdir(exist_ok=True)
    bank, phone, officer = (Person(browser, live_server.url, language, pages) for _ in range(3))
    phone.page.set_viewport_size({"width": 390, "height": 844})

    for reader, suffix in ((bank, ""), (phone, "-narrow")):
        read_title(reader, estate, suffix)
        ask_for_rank(reader, estate, suffix)
    look_at_the_desk(bank, estate)
    look_in_the_office(officer, estate)


def read_title(reader: Person, estate: Estate, suffix: str) -> None:
    page = reader.page
    reader.goto(f"/assets/{estate.asset.number}/")
    reader.press("a.button[href$='/title/']")
    reader.picture(f"30-title{suffix}")
    assert page.locator("article.right").count() == 5
    reader.keep_in_order()
    page.locator("details.as-table summary").click()
    reader.keep_in_order()

    page.locator(".title-picture a[href='#act-7']").click()
    assert page.url.endswith("#act-7")
    assert page.locator("#act-7").is_visible()

    page.fill("#id_at", localtime(estate.start + 7 * DAY).strftime("%Y-%m-%dT%H:%M:%S"))
    page.locator(".as-of details summary").click()
    page.fill("#id_size", "9")
    reader.press(".as-of button[type=submit]")
    reader.picture(f"31-title-then{suffix}")
    assert "size=9" in page.url
    assert page.locator("ol.laid-list > li").count() == 1  # one pledge was known
    assert page.locator("[id^=act-]").count() == 4
    reader.keep_in_order()


def ask_for_rank(reader: Person, estate: Estate, suffix: str) -> None:
    page = reader.page
    reader.goto(f"/assets/{estate.asset.number}/title/")
    reader.press(f"#{estate.right().reference} a[href*='/rank/']")
    page.fill("#id_amount", "1000000")
    reader.press(".as-of button[type=submit]")
    reader.picture(f"32-rank{suffix}")
    assert page.locator(".big").first.inner_text() == "3"
    reader.keep_in_order()


def look_at_the_desk(bank: Person, estate: Estate) -> None:
    bank.enter_desk(estate.office.alice)
    bank.picture("33-desk-of-a-bank")
    assert bank.page.locator("[id^=pledges-]").count() == 1
    bank.keep_in_order()


def look_in_the_office(officer: Person, estate: Estate) -> None:
    officer.enter_office(estate.office.li)
    for name, path in (
        ("34-office-asset", f"registry/dataasset/{estate.asset.pk}"),
        ("35-office-right", f"rights/interest/{estate.right().pk}"),
        ("36-office-party", f"registry/party/{estate.bank.pk}"),
    ):
        officer.goto(f"/office/{path}/change/")
        officer.picture(name)
        officer.keep_in_order()

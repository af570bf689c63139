"""An objection from both sides, in a real browser: who objects, the office, and the applicant."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from filings.models import Filing, Objection
from filings.review import pass_examination, publicise
from filings.workflow import State
from primitives.clock import now_utc
from tests.factories import (
    Office,
    bring_to_examination,
    make_complete_draft,
    make_office,
    make_party,
)
from tests.journeys.browser import Person

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

GROUND = "示例：该数据由本单位采集，申请人无权登记"
CONCLUSION = "示例：经查，采集合同载明数据归异议人，异议成立"


@pytest.mark.parametrize("language", ["zh-hans", pytest.param("en", marks=pytest.mark.long)])
def test_an_objection_is_handed_in_investigated_and_sustained(
    browser: Browser, live_server: LiveServer, pictures: Path, tmp_path: Path, language: str
) -> None:
    office = make_office()
    filing = make_public(office)
    pages = pictures / language
    pages.mkdir(exist_ok=True)
    stranger, li, zhao, alice = (
        Person(browser, live_server.url, language, pages) for _ in range(4)
    )

    number, code = hand_in(stranger, filing, tmp_path)
    filing.refresh_from_db()
    assert filing.state == State.OBJECTED
    alice.enter_desk(office.alice)
    alice.goto(f"/desk/cases/{filing.number}/")
    alice.keep_in_order("82-applicant-while-it-stands-still")

    conclude(li, zhao, office)
    filing.refresh_from_db()
    assert filing.state == State.REFUSED

    stranger.goto("/objections/")
    stranger.page.fill("#id_number", number)
    stranger.page.fill("#id_code", code)
    stranger.press("main form button.primary")
    stranger.keep_in_order("85-objector-reads-the-conclusion")
    assert CONCLUSION in stranger.page.locator("main").inner_text()
    alice.goto(f"/desk/cases/{filing.number}/")
    alice.keep_in_order("86-applicant-is-refused")
    assert CONCLUSION in alice.page.locator("main").inner_text()
    letters = alice.page.locator("a[href*='/letters/']")
    address = letters.last.get_attribute("href")
    assert address
    letter = alice.page.request.get(live_server.url + address)
    assert letter.body()[:5] == b"%PDF-"
    assert li.trouble == []


def make_public(office: Office) -> Filing:
    filing = bring_to_examination(office, make_complete_draft(office, make_party(office)))
    pass_examination(filing, by=office.li, at=now_utc())
    return publicise(filing, by=office.li, at=now_utc())


def hand_in(stranger: Person, filing: Filing, folder: Path) -> tuple[str, str]:
    """Find the notice, object to it with evidence, and return what the receipt says."""
    evidence = folder / "contract.txt"
    evidence.write_text("示例采集合同")
    stranger.goto("/notices/")
    stranger.press(f"a[href$='/notices/{filing.number}/']")
    stranger.press("a[href$='/object/']")
    stranger.page.fill("#id_objector", "示例异议有限公司")
    stranger.page.fill("#id_contact", "示例联系方式")
    stranger.page.fill("#id_ground", GROUND)
    stranger.page.set_input_files("#id_evidence", evidence)
    stranger.keep_in_order("80-objection-form")
    stranger.press("main form button.primary")
    stranger.keep_in_order("81-objection-receipt")
    text = stranger.page.locator("section[aria-labelledby=receipt]").inner_text()
    number = Objection.objects.get().number
    assert number in text
    code = re.search(r"\b[0-9a-f]{16}\b", text)
    assert code
    return number, code[0]


def conclude(li: Person, zhao: Person, office: Office) -> None:
    objection = Objection.objects.get()
    li.enter_office(office.li)
    li.goto(f"/office/filings/objection/{objection.pk}/change/")
    assert GROUND in li.page.locator("#content").inner_text()
    li.page.fill("#id_inquire-words", "示例：查阅采集合同原件")
    li.press("button[name=inquire]")
    li.page.select_option("#id_propose-outcome", "SUSTAINED")
    li.page.fill("#id_propose-conclusion", CONCLUSION)
    li.picture("83-conclusion")
    li.press("button[name=propose]")
    zhao.enter_office(office.zhao)
    zhao.goto(f"/office/filings/objection/{objection.pk}/change/")
    assert CONCLUSION in zhao.page.locator("#content").inner_text()
    zhao.picture("83-confirmation")
    zhao.press("button[name=confirm]")
    zhao.picture("84-concluded")

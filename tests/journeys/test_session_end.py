"""Whoever writes for long is warned before the session ends, and stays if they say so."""

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from tests.factories import make_office
from tests.journeys.browser import Person

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_a_session_that_ends_is_told_in_time_and_kept_by_one_button(
    browser: Browser, live_server: LiveServer, pictures: Path
) -> None:
    office = make_office()
    alice = Person(browser, live_server.url, "zh-hans", pictures)
    alice.enter_desk(office.alice)
    alice.page.clock.install()
    alice.goto(reverse("web:new-application"))
    box = alice.page.locator("#session-end")
    expect(box).to_be_hidden()
    alice.page.clock.run_for(29 * 60 * 1000)
    expect(box.locator("[data-when=soon]")).to_be_visible()
    alice.keep_in_order("70-session-ends")

    box.locator("button").click()
    expect(box).to_be_hidden()
    alice.page.clock.run_for(31 * 60 * 1000)
    expect(box.locator("[data-when=over]")).to_be_visible()


def test_a_page_for_everybody_says_nothing_of_a_session(
    browser: Browser, live_server: LiveServer, pictures: Path
) -> None:
    reader = Person(browser, live_server.url, "en", pictures)
    reader.goto("/")
    assert reader.page.locator("#session-end").count() == 0

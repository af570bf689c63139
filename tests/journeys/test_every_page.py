"""Every page that anybody may open, held against axe in both languages and in print."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from secrets import SystemRandom
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from filings.models import Filing
from tests.accounts.access import PUBLIC, ROLES, Door, Objects, address, expected_rows, read_table
from tests.accounts.test_access import make_doors, make_objects
from tests.factories import make_office
from tests.journeys.browser import Person

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

RULES: dict[str, Any] = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
}
FEWEST = 80
"""Fewer pages than this would mean that the walk lost its way."""


@dataclass(frozen=True)
class Opened:
    """A page and a role that may open it."""

    path: str
    role: str


def pages(objects: Objects, doors: dict[str, Door]) -> Iterator[Opened]:
    """Yield each page once, for the first role that the access matrix lets in."""
    table, seen = read_table(), set[str]()
    for row in expected_rows():
        cells = table[row.key]
        role = next((role for role in ROLES if cells[role] == "200"), None)
        path = address(row.route, row.whose, objects)
        if role is None or cells["method"] != "GET" or path in seen:
            continue
        seen.add(path)
        if is_html(path, doors[role]):
            yield Opened(path, role)
    draft = Filing.objects.filter(state="DRAFT", type="INITIAL").latest("pk")
    for action in ("SUBMIT", "WITHDRAW"):
        yield Opened(f"/office/filings/filing/{draft.pk}/step/{action}/", "registrar")


def is_html(path: str, door: Door) -> bool:
    client = Client()
    if door.session:
        client.cookies[settings.SESSION_COOKIE_NAME] = door.session
    response = client.get(path)
    kind: str = response.headers.get("Content-Type", "")
    return response.status_code == 200 and kind.startswith("text/html")


def found_on(page: Page, rules: dict[str, Any]) -> list[str]:
    violations = Axe().run(page, options=rules).response["violations"]
    return [
        f"{each['id']}: {node['html'][:160]}" for each in violations for node in each["nodes"][:2]
    ]


@pytest.fixture
def everything(transactional_db: None) -> tuple[Objects, dict[str, Door]]:
    """One object of each kind and every role's way in, made before a browser runs here."""
    office = make_office()
    return make_objects(office), make_doors(office)


@pytest.mark.parametrize(
    ("language", "share"),
    [
        pytest.param("zh-hans", 4, id="a quarter of the pages"),
        pytest.param("zh-hans", 1, id="zh-hans", marks=pytest.mark.long),
        pytest.param("en", 1, id="en", marks=pytest.mark.long),
    ],
)
def test_no_page_breaks_a_rule_of_accessibility_or_its_own_policy_on_screen_or_in_print(
    everything: tuple[Objects, dict[str, Door]],
    browser: Browser,
    live_server: LiveServer,
    pictures: Path,
    language: str,
    share: int,
) -> None:
    objects, doors = everything
    every = list(pages(objects, doors))
    assert len(every) >= FEWEST
    reader = Person(browser, live_server.url, language, pictures)
    context, trouble = reader.page.context, list[str]()
    for opened in SystemRandom().sample(every, len(every) // share):
        context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
        if session := doors[opened.role].session:
            name, url = settings.SESSION_COOKIE_NAME, live_server.url
            context.add_cookies([{"name": name, "value": session, "url": url}])
        reader.page.emulate_media(media="screen")
        reader.goto(opened.path)
        where = f"{opened.path} ({opened.role})"
        trouble += [f"{where}: {said}" for said in reader.trouble]
        trouble += [f"{where}: {said}" for said in found_on(reader.page, RULES)]
        reader.page.emulate_media(media="print")
        contrast: dict[str, Any] = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
        trouble += [f"{where}, in print: {said}" for said in found_on(reader.page, contrast)]
        # axe tries styles of its own, which the site's policy refuses.
        reader.trouble.clear()
    assert not trouble, "\n".join(trouble)
    assert PUBLIC in doors

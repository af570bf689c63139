"""A person at a real browser: signing in, filling in, and keeping a picture of what they saw."""

import base64
import re
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from accounts.models import User
from registry.models import Party
from tests.factories import PASSWORD, totp_code

CONSOLE_TROUBLE = {"error", "warning"}


@dataclass
class Person:
    """One person with a browser window of their own, in one language."""

    browser: Browser
    base: str
    language: str
    pictures: Path
    trouble: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        context = self.browser.new_context(
            viewport={"width": 1366, "height": 900},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            accept_downloads=True,
        )
        context.add_cookies([{"name": "django_language", "value": self.language, "url": self.base}])
        self.page: Page = context.new_page()
        self.page.on(
            "console",
            lambda message: (
                self.trouble.append(message.text) if message.type in CONSOLE_TROUBLE else None
            ),
        )
        self.page.on("request", lambda request: self._require_own_host(request.url))

    def goto(self, path: str) -> None:
        self.page.goto(path if path.startswith("http") else self.base + path)

    def press(self, selector: str) -> None:
        """Press what leads to another page, and wait until that page is there."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()

    def picture(self, name: str) -> None:
        self.page.screenshot(path=self.pictures / f"{name}.png", full_page=True)

    def keep_in_order(self, picture: str = "") -> None:
        """Hold the page against its own policy and against what axe knows of accessibility."""
        if picture:
            self.picture(picture)
        assert self.trouble == []
        found = Axe().run(self.page).response["violations"]
        assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
        # axe tries styles of its own, which the site's policy refuses.
        self.trouble.clear()

    def enter_office(self, user: User) -> None:
        self.goto("/office/login/")
        self._sign_in(user)
        if self.page.locator("#id_code").count():
            self.page.fill("#id_code", totp_code())
            self.press("form:has(#id_code) [type=submit]")

    def enter_desk(self, user: User) -> None:
        self.goto("/login/")
        self._sign_in(user)

    def choose(self, field_selector: str, party: Party) -> None:
        """Choose a party in one of the admin's search boxes."""
        self.page.locator(f"{field_selector} .select2-selection").first.click()
        self.page.locator(".select2-search__field").last.fill(party.identifier)
        option = self.page.locator(".select2-results__option", has_text=party.name)
        option.first.click()

    def take_step(self, action: str, picture: str = "", *, note: str = "") -> None:
        """Press a step's button on the case's page and confirm it on the next."""
        self.press(f"a.button[href$='/step/{action}/']")
        if note:
            self.page.fill("#id_note", note)
        for box in self.page.locator("input[name=declared]").all():
            box.check()
        if picture:
            self.picture(picture)
        self.press("form button.primary[type=submit]")
        self.page.wait_for_url(re.compile(r"/case/$"))

    def drop(self, selector: str, file: Path) -> None:
        """Drop a file from outside the browser onto an element."""
        content = base64.b64encode(file.read_bytes()).decode()
        transfer = self.page.evaluate_handle(
            """([content, name]) => {
                const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
                const transfer = new DataTransfer();
                transfer.items.add(new File([bytes], name, {type: "application/pdf"}));
                return transfer;
            }""",
            [content, file.name],
        )
        self.page.dispatch_event(selector, "drop", {"dataTransfer": transfer})

    def _require_own_host(self, url: str) -> None:
        if not url.startswith((self.base, "blob:", "data:")):
            self.trouble.append(f"a request to another host: {url}")

    def _sign_in(self, user: User) -> None:
        self.page.fill("#id_login", user.username)
        self.page.fill("#id_password", PASSWORD)
        self.press("form:has(#id_login) [type=submit]")

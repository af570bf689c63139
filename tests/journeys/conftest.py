import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"


@pytest.fixture
def browser(socket_enabled: None) -> Iterator[Browser]:
    """A real headless Chromium; this thread may use the database although a loop runs in it."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield started
        started.close()


@pytest.fixture
def pictures() -> Path:
    """Where the screenshots of the run are kept to be looked at."""
    folder = Path(settings.BASE_DIR) / "var" / "journeys"
    folder.mkdir(parents=True, exist_ok=True)
    return folder

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation
from pytest_django import Settings

from tests.factories import Office, make_office


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Messages outside of requests are compared in English; pages choose their own language."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _signer_without_memory(settings: Settings, tmp_path: Path) -> None:
    """Each test has a log of its own, and so a signer that has signed nothing yet."""
    settings.LEDGER_MEMORY_FILE = tmp_path / "signer" / "last_signed"


@pytest.fixture
def office(db: None) -> Office:
    return make_office()

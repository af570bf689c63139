from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from django.test import TestCase
from django.utils import translation
from pytest_django import Settings

from tests.factories import Office, make_office

# A busy machine must not turn a slow example into a false one; timings are the benchmarks'.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database-only", action="store_true", help="leave out what touches no database"
    )
    parser.addoption(
        "--write-access", action="store_true", help="write docs/access.csv as the pages answer now"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--database-only"):
        pure = [item for item in items if not _uses_the_database(item)]
        config.hook.pytest_deselected(items=pure)
        items[:] = [item for item in items if _uses_the_database(item)]


def _uses_the_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    of_class = getattr(item, "cls", None)
    return bool(
        item.get_closest_marker("django_db")
        or fixtures & {"db", "transactional_db"}
        or (of_class and issubclass(of_class, TestCase))
    )


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

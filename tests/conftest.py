import hashlib
from collections.abc import Callable, Iterator
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

SQL_OF_THEIR_OWN = {"audit", "ledger", "registry", "rights"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database-only", action="store_true", help="leave out what touches no database"
    )
    parser.addoption(
        "--half",
        metavar="DRAW",
        help="run one half of the tests outside the folders whose SQL is their own; another for"
        " each word that is drawn by",
    )
    parser.addoption(
        "--write-access", action="store_true", help="write docs/access.csv as the pages answer now"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--database-only"):
        _keep(config, items, _uses_the_database)
    if draw := config.getoption("--half"):
        _keep(config, items, lambda item: _is_drawn(item, draw))


def _keep(
    config: pytest.Config, items: list[pytest.Item], wanted: Callable[[pytest.Item], bool]
) -> None:
    config.hook.pytest_deselected(items=[item for item in items if not wanted(item)])
    items[:] = [item for item in items if wanted(item)]


def _is_drawn(item: pytest.Item, draw: str) -> bool:
    folder = item.nodeid.split("/")[1]
    digest = hashlib.sha256(f"{draw} {item.nodeid}".encode()).digest()
    return folder in SQL_OF_THEIR_OWN or digest[0] % 2 == 0


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

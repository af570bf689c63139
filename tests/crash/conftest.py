"""One PostgreSQL and one prepared register for each database; each trial begins with a copy."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.crash.cluster import Cluster, cluster
from tests.crash.trial import Trial, copy_of

TEMPLATE = "prepared"

NewTrial = Callable[..., Trial]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register on SQLite with its officers and keys."""
    state = tmp_path_factory.mktemp("crash") / "prepared"
    state.mkdir()
    Trial(state).program("prepare")
    return state


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    with cluster() as ours:
        yield ours


@pytest.fixture(scope="session")
def prepared_on_postgresql(postgresql: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, in a database that others are copied from."""
    state = tmp_path_factory.mktemp("crash") / "prepared-on-postgresql"
    state.mkdir()
    postgresql.execute(f"CREATE DATABASE {TEMPLATE}")
    Trial(state, postgresql.url(TEMPLATE)).program("prepare")
    return state


@pytest.fixture
def on_sqlite(prepared: Path, tmp_path: Path) -> Trial:
    return copy_of(prepared, tmp_path / "state")


@pytest.fixture
def new_on_postgresql(
    postgresql: Cluster, prepared_on_postgresql: Path, tmp_path: Path
) -> Iterator[NewTrial]:
    """Makes a trial on PostgreSQL; its arguments are settings of the session."""
    numbers = count()

    def new(**settings: str) -> Trial:
        name = f"trial_{next(numbers)}"
        postgresql.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        made.append(name)
        return copy_of(prepared_on_postgresql, tmp_path / name, postgresql.url(name, **settings))

    made: list[str] = []
    yield new
    for name in made:
        postgresql.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def trial(request: pytest.FixtureRequest) -> Trial:
    """A prepared register, on each database in turn."""
    if request.param == "sqlite":
        on_sqlite: Trial = request.getfixturevalue("on_sqlite")
        return on_sqlite
    new: NewTrial = request.getfixturevalue("new_on_postgresql")
    return new()

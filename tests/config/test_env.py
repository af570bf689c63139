"""The environment is read strictly: a bad value stops the start and says what to write."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.env import env_bool, env_choices, env_database, env_int, env_list, env_secret

NAME = "QUANJI_TEST_VALUE"


@pytest.mark.parametrize(
    ("text", "value"), [("1", True), ("Yes", True), ("off", False), ("", False)]
)
def test_a_yes_or_no_is_read(monkeypatch: pytest.MonkeyPatch, text: str, value: bool) -> None:  # noqa: FBT001 # a parameter of the test
    monkeypatch.setenv(NAME, text)
    assert env_bool(NAME, default=not value) is value


def test_what_is_not_set_has_its_default() -> None:
    assert env_bool(NAME, default=True)
    assert env_int(NAME, default=7) == 7
    assert env_list(NAME, "a, b,") == ["a", "b"]
    assert env_secret(NAME) is None


def test_a_word_is_no_yes_or_no(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "perhaps")
    with pytest.raises(ImproperlyConfigured, match=NAME):
        env_bool(NAME, default=False)


def test_a_word_is_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "many")
    with pytest.raises(ImproperlyConfigured, match="whole number"):
        env_int(NAME, default=1)


def test_words_are_of_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    among = ("HOLD", "USE")
    assert env_choices(NAME, "USE", among=among) == ["USE"]
    monkeypatch.setenv(NAME, "USE, HOLD")
    assert env_choices(NAME, "USE", among=among) == ["USE", "HOLD"]
    monkeypatch.setenv(NAME, "USE,use")
    with pytest.raises(ImproperlyConfigured, match=r"\['use'\] is unknown"):
        env_choices(NAME, "USE", among=among)


def test_a_secret_may_lie_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret\n")
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "secret"))
    assert env_secret(NAME) == "s3cret"

    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "missing"))
    with pytest.raises(ImproperlyConfigured, match="cannot be read"):
        env_secret(NAME)


def test_a_sqlite_database_is_a_path() -> None:
    database = env_database(NAME, "sqlite:////srv/quanji.sqlite3")
    assert database["NAME"] == "/srv/quanji.sqlite3"
    assert env_database(NAME, "sqlite:///quanji.sqlite3")["NAME"] == "quanji.sqlite3"


def test_a_postgresql_database_has_host_user_and_options() -> None:
    url = "postgresql://quanji:p%40ss@db.example:5433/register?sslmode=require"
    assert env_database(NAME, url) == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "register",
        "USER": "quanji",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "5433",
        "OPTIONS": {"prepare_threshold": 5, "sslmode": "require"},
    }
    assert env_database(NAME, "postgresql://quanji@/x?host=/run/pg")["HOST"] == "/run/pg"


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite:///", "postgresql://host", "register"])
def test_another_address_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="sqlite:///path"):
        env_database(NAME, url)


@pytest.mark.parametrize("url", ["postgresql://q@host:abc/register", "postgresql://[::1/register"])
def test_a_malformed_address_stops_the_start(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=NAME):
        env_database(NAME, url)


def test_an_escaped_path_is_read() -> None:
    assert env_database(NAME, "sqlite:////srv/a%20b.sqlite3")["NAME"] == "/srv/a b.sqlite3"

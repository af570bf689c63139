"""Typed readers of the environment. A bad value stops the start; it never falls back silently."""

import os
from collections.abc import Collection
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

PREPARED_AFTER = 5
"""After how many runs on a connection PostgreSQL keeps the plan of the same text."""

TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def env_text(name: str, default: str) -> str:
    """Return the variable's text, or ``default`` when it is not set."""
    return os.environ.get(name, default)


def env_bool(name: str, *, default: bool) -> bool:
    """Return a yes or no.

    Raises:
        ImproperlyConfigured: the value is neither.
    """
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() in TRUE | FALSE:
        return value.lower() in TRUE
    raise ImproperlyConfigured(f"{name}={value!r}: write one of {sorted(TRUE | FALSE)}")


def env_int(name: str, *, default: int) -> int:
    """Return a whole number.

    Raises:
        ImproperlyConfigured: the value is not one.
    """
    value = os.environ.get(name, str(default))
    try:
        return int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={value!r}: write a whole number") from error


def env_list(name: str, default: str) -> list[str]:
    """Return a comma-separated list without blanks."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def env_choices(name: str, default: str, *, among: Collection[str]) -> list[str]:
    """Return a comma-separated list of words of ``among``.

    Raises:
        ImproperlyConfigured: it holds another word.
    """
    words = env_list(name, default)
    if unknown := set(words) - set(among):
        raise ImproperlyConfigured(
            f"{name}: {sorted(unknown)} is unknown; write some of {sorted(among)}"
        )
    return words


def env_path(name: str) -> Path | None:
    """Return the path that is named, or None where none is.

    Raises:
        ImproperlyConfigured: it is not absolute, and so would be another one in another folder.
    """
    value = os.environ.get(name, "")
    if value and not Path(value).is_absolute():
        raise ImproperlyConfigured(f"{name}={value!r}: write an absolute path")
    return Path(value) if value else None


def env_secret(name: str) -> str | None:
    """Return a secret from NAME, or from the file that NAME_FILE names, or None.

    Raises:
        ImproperlyConfigured: the file cannot be read.
    """
    file = os.environ.get(f"{name}_FILE")
    if file is None:
        return os.environ.get(name)
    try:
        return Path(file).read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE={file!r} cannot be read: {error}") from error


def env_database(name: str, default: str) -> dict[str, object]:
    """Return Django's database settings for ``sqlite:///path`` or ``postgresql://user@host/name``.

    Raises:
        ImproperlyConfigured: another scheme, a malformed address, or no database name.
    """
    url = os.environ.get(name, default)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}") from error
    if parts.scheme == "sqlite" and parts.path.strip("/"):
        return _sqlite(unquote(parts.path[1:]))
    if parts.scheme in {"postgres", "postgresql"} and parts.path.strip("/"):
        query = dict(parse_qsl(parts.query))
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path[1:]),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": query.pop("host", unquote(parts.hostname or "")),
            "PORT": query.pop("port", str(port or "")),
            # Django sends parameters within the text, so that few texts come again but fixed ones.
            "OPTIONS": {"prepare_threshold": PREPARED_AFTER, **query},
        }
    raise ImproperlyConfigured(f"{name}: write sqlite:///path or postgresql://user@host/name")


def _sqlite(path: str) -> dict[str, object]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            # A reader that turns writer fails at once under DEFERRED; IMMEDIATE waits its turn.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # FULL: an acknowledged act survives a power cut. secure_delete: what is erased is
            # overwritten with zeroes, not only taken out of the index. A cache of 64 MiB holds the
            # inner pages of the indices of a million assets.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
            "PRAGMA cache_size=-65536; "
            "PRAGMA secure_delete=ON;",
        },
    }

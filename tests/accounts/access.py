"""Every address of the installation, asked by every role: what `docs/access.csv` is compared with.

A route is written as the resolver has it. Where it has parameters it is asked for three objects:
``own`` belongs to the organisation of the enterprise user, ``other`` to another organisation, and
``missing`` does not exist. A cell is the status, or ``login`` for a redirect to the sign-in page.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.roles import Role

PAGE = Path(settings.BASE_DIR) / "docs" / "access.csv"
PUBLIC = "public"
ROLES = (PUBLIC, *Role.values)
HEAD = ("route", "object", "method", *ROLES)
PARAMETER = re.compile(r"<(?:\w+:)?(?P<path>\w+)>|\(\?P<(?P<regex>\w+)>[^)]*\)")
ADMIN_MODEL = re.compile(r"^office/(?P<app>\w+)/(?P<model>\w+)/")
MISSING = {
    "object_id": "999999",
    "number": "DA-999999999",
    "pk": "999999",
    "id": "999999",
    "key": "999999",
}

Objects = Mapping[str, Mapping[str, Mapping[str, str]]]
"""Start of a route -> ``own`` or ``other`` -> values of its parameters."""


@dataclass(frozen=True)
class Door:
    """How one role comes in: a session of the pages and a key of the API, or neither."""

    session: str = ""
    key: str = ""


@dataclass(frozen=True)
class Row:
    route: str
    whose: str
    method: str

    @property
    def key(self) -> tuple[str, str]:
        return self.route, self.whose


def routes() -> list[str]:
    """Return the route of every pattern that the resolver has, each once."""
    return list(dict.fromkeys(_walk(get_resolver().url_patterns, "")))


def parameters(route: str) -> list[str]:
    return [found["path"] or found["regex"] for found in PARAMETER.finditer(route)]


def objects_of(route: str) -> tuple[str, ...]:
    """Return whose objects ``route`` is asked for; the office's belong to nobody."""
    if not parameters(route):
        return ("none",)
    return ("own", "missing") if route.startswith("office/") else ("own", "other", "missing")


def address(route: str, whose: str, objects: Objects) -> str:
    """Return the address of ``route`` for one of the three objects."""
    values = {**MISSING, **_values(route, whose, objects)}

    def value(found: re.Match[str]) -> str:
        return values.get(found["path"] or found["regex"], "missing")

    text = PARAMETER.sub(value, route)
    return "/" + text.replace("^", "").replace("\\Z", "").replace("$", "").replace("\\", "")


def expected_rows() -> list[Row]:
    """Return a row for every route and object; the method is GET until the table says POST."""
    return [Row(route, whose, "GET") for route in routes() for whose in objects_of(route)]


def read_table() -> dict[tuple[str, str], dict[str, str]]:
    with PAGE.open(encoding="utf-8", newline="") as file:
        return {(row["route"], row["object"]): row for row in csv.DictReader(file)}


def write_table(rows: Sequence[Mapping[str, str]]) -> None:
    with PAGE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEAD, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def ask(row: Row, door: Door, objects: Objects) -> str:
    """Send one request that leaves nothing behind; return the cell."""
    client = Client(raise_request_exception=False)
    if door.session:
        client.cookies[settings.SESSION_COOKIE_NAME] = door.session
    headers = {"Authorization": f"Bearer {door.key}"} if door.key else {}
    target = address(row.route, row.whose, objects)
    with transaction.atomic():
        response = client.generic(
            row.method,
            target,
            content_type="application/x-www-form-urlencoded",
            headers=headers if row.route.startswith("api/") else {},
        )
        if hasattr(response, "streaming_content"):
            response.close()
        transaction.set_rollback(True)
    led_to = response.headers.get("Location", "")
    return "login" if led_to.startswith("/login/") else str(response.status_code)


def _values(route: str, whose: str, objects: Objects) -> Mapping[str, str]:
    if whose == "missing":
        return {}
    for start, values in objects.items():
        if route.startswith(start):
            return values.get(whose, {})
    if found := ADMIN_MODEL.match(route):
        model = apps.all_models.get(found["app"], {}).get(found["model"])
        first = model._base_manager.order_by("pk").first() if model else None  # noqa: SLF001 # Django's own name
        return dict.fromkeys(("object_id", "id"), str(first.pk)) if first else {}
    return {}


def _walk(patterns: Sequence[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        else:
            yield route

"""Nothing that people typed or the register holds stands in logs, error pages or reports."""

import io
import logging
import logging.config
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as product
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, OperationalError
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views.debug import ExceptionReporter

from accounts.models import User
from certificates.issuance import issue_waiting
from config.logs import ReticentFormatter
from filings.models import Filing
from registry.models import Party
from tests.factories import NOON, Office, bring_to_publicity, decide, sign_in
from tests.privacy.seeds import Seeds, holds

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the product's own handlers write, at the lowest level."""
    written = io.StringIO()
    configured: dict[str, Any] = dict(product.LOGGING)
    configured["root"] = {"handlers": ["console"], "level": "DEBUG"}
    configured["handlers"] = {"console": {**configured["handlers"]["console"], "stream": written}}
    logging.config.dictConfig(configured)
    yield written
    logging.config.dictConfig(product.LOGGING)


def signed_in(user: User) -> Client:
    client = Client(raise_request_exception=False)
    sign_in(user, client)
    return client


@pytest.mark.django_db
def test_a_whole_case_with_its_failures_leaves_no_value_in_the_log(
    office: Office, log: io.StringIO
) -> None:
    seeds, other = Seeds(), Seeds()
    wang = signed_in(office.wang)
    party = seeds.enter(office)
    person = {"kind": "NATURAL", "identifier_scheme": "RESIDENT_ID", **seeds.fields}
    wang.post(reverse("admin:registry_party_add"), person)  # refused: entered already
    wang.post(reverse("admin:registry_party_add"), {**person, **other.fields})
    assert Party.objects.count() == 2
    asset = decide(office, bring_to_publicity(office, seeds.file_case(office, party)))
    issue_waiting(at=NOON)
    for address in (
        reverse("web:asset", args=[asset.number]),
        reverse("api:v1:rights", args=[asset.number]),
        f"/search/?q={seeds.fields['name']}",
        f"/office/registry/party/?q={seeds.fields['identifier']}",
        "/nothing/",
        reverse("admin:registry_party_change", args=[party.pk]),
    ):
        wang.get(address)
        signed_in(office.alice).get(address)
    wang.post("/language/", {"language": seeds.fields["name"]})

    assert Filing.objects.count() == 1
    assert log.getvalue()
    assert not holds(log.getvalue().encode(), seeds.values)
    assert not holds(log.getvalue().encode(), other.values)


@pytest.mark.django_db
def test_a_fault_of_ours_is_logged_by_its_place_and_not_by_its_values(
    office: Office, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = Seeds()

    def fail(*_arguments: Any, **_options: Any) -> None:
        raise IntegrityError(f"Key (identifier)=({seeds.fields['identifier']}) already exists.")

    monkeypatch.setattr("registry.admin.enter_party", fail)
    person = {"kind": "NATURAL", "identifier_scheme": "RESIDENT_ID", **seeds.fields}
    response = signed_in(office.wang).post(reverse("admin:registry_party_add"), person)

    assert response.status_code == 500
    assert not holds(response.content, seeds.values)
    assert "django.db.utils.IntegrityError" in log.getvalue()
    assert "registry/admin.py" in log.getvalue()
    assert not holds(log.getvalue().encode(), seeds.values)


@pytest.mark.django_db
def test_pages_that_refuse_repeat_nothing(office: Office) -> None:
    seeds = Seeds()
    party = seeds.enter(office)
    posted = dict(seeds.fields)
    request_page = reverse("admin:registry_erasure_request", args=[party.pk])
    strict = Client(enforce_csrf_checks=True)
    refusals = [
        (403, strict.post("/verify/", posted)),
        (403, signed_in(office.li).post(reverse("admin:registry_party_add"), posted)),
        (403, signed_in(office.zhao).get(request_page)),
        (404, Client().get(f"/assets/{seeds.fields['identifier']}/", posted)),
        (404, Client().get(f"/api/v1/assets/{seeds.fields['identifier']}")),
        (400, Client().post("/login/", {**posted, **dict.fromkeys(map(str, range(1001)), "")})),
    ]

    for status, response in refusals:
        assert response.status_code == status, (status, response.status_code)
        assert not holds(response.content, seeds.values)


def test_the_query_of_a_request_is_cut_from_what_servers_log(log: io.StringIO) -> None:
    logging.getLogger("django.server").info('"%s" %s %s', "GET /search/?q=张三 HTTP/1.1", 200, 9)

    assert '"GET /search/ HTTP/1.1" 200 9' in log.getvalue()


def test_no_statement_is_logged_with_its_values(log: io.StringIO) -> None:
    logging.getLogger("django.db.backends").debug("(0.1) INSERT INTO x VALUES ('张三')")

    assert log.getvalue() == ""


def formatted(error: BaseException) -> str:
    return ReticentFormatter().formatException((type(error), error, error.__traceback__))


def test_only_a_message_that_speaks_of_the_machinery_is_kept() -> None:
    assert "connection refused" in formatted(OperationalError("connection refused"))
    assert "张三" not in formatted(ValueError("张三"))


def test_a_cause_is_logged_without_its_values_too() -> None:
    error = ValueError("李四")
    error.__cause__ = KeyError("张三")

    assert formatted(error).splitlines() == ["builtins.KeyError", "-> then:", "builtins.ValueError"]


def test_a_report_of_djangos_own_carries_no_posted_value(rf: RequestFactory) -> None:
    secret = "张三370102"
    request = rf.post("/", {"name": secret})
    with pytest.raises(ValueError, match="invalid literal") as raised:
        int(secret)
    reporter = ExceptionReporter(request, raised.type, raised.value, raised.tb)

    frames = reporter.get_traceback_data()["frames"]
    assert ("name", "********************") in list(
        reporter.get_traceback_data()["filtered_POST_items"]
    )
    assert secret not in str([frame["vars"] for frame in frames])


def test_no_handler_mails_reports() -> None:
    handlers = [
        handler
        for logger in (logging.getLogger(), logging.getLogger("django"))
        for handler in logger.handlers
    ]

    assert not [one for one in handlers if "AdminEmail" in type(one).__name__]


def test_production_does_not_start_with_debug_pages() -> None:
    program = (
        "import os; os.environ.update(QUANJI_PRODUCTION='1', QUANJI_DEBUG='1', "
        "QUANJI_SECRET_KEY='x'); import config.settings"
    )
    run = subprocess.run(  # noqa: S603 # our own program
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert run.returncode == 1
    assert ImproperlyConfigured.__name__ in run.stderr
    assert "QUANJI_DEBUG" in run.stderr

"""Every error under /api/ is a problem (RFC 9457)."""

import logging

import pytest
from django.test import Client

from api.problems import problem_response
from tests.api.conftest import JSON

VERIFY = "/api/v1/verify/number"
NOWHERE = ["/api/", "/api/x", "/api/v1", "/api/v2/assets", "/api/v1/assets/", "/api/v1/assets/DA-1"]


@pytest.mark.parametrize(
    "path", [*NOWHERE, "/api/v1/assets/%20", "/api/v1/certificates/%0A", "/api/v1/documents/%0A"]
)
@pytest.mark.parametrize("method", ["get", "post", "put", "delete", "patch", "options"])
def test_where_there_is_nothing_a_problem_says_so(
    client: Client, db: None, path: str, method: str
) -> None:
    response = getattr(client, method)(path)

    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == 404


def test_an_unknown_asset_is_a_problem(client: Client, db: None) -> None:
    for path in ("/api/v1/assets/DA-999999999", "/api/v1/assets/DA-999999999/rights"):
        response = client.get(path)
        assert response.status_code == 404
        assert response.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("status", "method", "path", "options"),
    [
        (405, "delete", "/api/v1/assets", {}),
        (405, "get", VERIFY, {}),
        (406, "get", "/api/v1/assets", {"headers": {"accept": "text/html"}}),
        (404, "get", "/api/v1/assets?format=xml", {}),
        (406, "get", "/api/v1/openapi.json", {"headers": {"accept": "text/html"}}),
        (415, "post", VERIFY, {"data": "a=1", "content_type": "application/x-www-form-urlencoded"}),
        (415, "post", VERIFY, {"data": "<a/>", "content_type": "application/xml"}),
        (400, "post", VERIFY, {"data": "{", "content_type": JSON}),
        (413, "post", VERIFY, {"data": b" " * (1024 * 1024 + 1), "content_type": JSON}),
        (413, "post", VERIFY, {"data": b" " * (3 * 1024 * 1024), "content_type": JSON}),
        (422, "post", VERIFY, {"data": "{}", "content_type": JSON}),
        (422, "post", VERIFY, {}),
    ],
)
def test_each_refusal_is_a_problem_with_its_status(
    client: Client, db: None, status: int, method: str, path: str, options: dict[str, object]
) -> None:
    if not options and method == "post":
        options = {"content_type": JSON}

    response = getattr(client, method)(path, **options)

    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == status


def test_the_members_that_are_wrong_are_named_by_pointer(client: Client, db: None) -> None:
    response = client.post(VERIFY, {"number": "x" * 41}, content_type=JSON)

    assert [error["pointer"] for error in response.json()["errors"]] == ["#/number", "#/code"]


def test_a_body_that_is_no_object_is_named_as_a_whole(client: Client, db: None) -> None:
    for body in ("[]", "1", '"text"', "null", "true"):
        response = client.post(VERIFY, body, content_type=JSON)

        assert response.status_code == 422
        assert response.json()["errors"][0]["pointer"] == "#"


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("en-GB,zh;q=0.5", "en"),
        ("zh-CN", "zh-hans"),
        ("fr", "zh-hans"),
        ("", "zh-hans"),
        ("*", "zh-hans"),
        ("en;q=x", "zh-hans"),
    ],
)
def test_the_language_is_the_callers_and_else_chinese(
    client: Client, db: None, asked: str, answered: str
) -> None:
    response = client.get("/api/nowhere", headers={"accept-language": asked})

    assert response.headers["Content-Language"] == answered
    assert "Accept-Language" in response.headers["Vary"]


def test_drfs_own_sentences_are_in_the_callers_language(client: Client, db: None) -> None:
    chinese = client.delete("/api/v1/assets", headers={"accept-language": "zh-CN"})
    english = client.delete("/api/v1/assets", headers={"accept-language": "en"})

    assert english.json()["detail"] == 'Method "DELETE" not allowed.'
    assert chinese.json()["detail"].isascii() is False


def test_a_fault_that_nobody_foresaw_is_logged_and_says_nothing_of_its_cause(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR):
        response = problem_response(RuntimeError("a secret"), {})

    assert response.status_code == 500
    assert "a secret" not in str(response.data)
    assert "RuntimeError" in caplog.text
    # A message may quote what was typed; the log has the place and the class (config/logs.py).
    assert "a secret" not in caplog.text

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from openapi_schema_validator import OAS31Validator

from accounts.api_keys import create_api_key
from certificates.issuance import issue_waiting
from certificates.models import Certificate
from primitives.clock import now_utc
from registry.models import DataAsset
from tests.factories import (
    NOON,
    Office,
    bring_to_publicity,
    decide,
    make_complete_draft,
    make_party,
    register_asset,
)

Conforms = Callable[[Any], Any]
JSON = "application/json"


@pytest.fixture
def asset(office: Office) -> DataAsset:
    return register_asset(office, make_party(office))


@pytest.fixture
def certificate(office: Office) -> Certificate:
    """Return a certificate in force by the machine's clock, which is what the views read."""
    draft = make_complete_draft(office, make_party(office))
    asset = decide(office, bring_to_publicity(office, draft), at=now_utc())
    issue_waiting(at=now_utc())
    return Certificate.objects.get(asset=asset)


@pytest.fixture
def key(office: Office) -> str:
    return create_api_key(owner=office.alice, label="bank", created_at=NOON)


@pytest.fixture(scope="session")
def description() -> dict[str, Any]:
    """Return the OpenAPI description of the API."""
    with translation.override("en"):
        described: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call] # ships no types
    return described


@pytest.fixture
def conforms(description: dict[str, Any]) -> Conforms:
    """Return a check that an answer is as described; it gives back the answer's members."""

    def check(response: Any) -> Any:
        asked = response.wsgi_request
        responses = _operation(description, asked.path, asked.method.lower())["responses"]
        media_type, body = response.headers["Content-Type"], response.json()
        schema = responses[str(response.status_code)]["content"][media_type]["schema"]
        validate(description, schema, body)
        return body

    return check


def validate(description: dict[str, Any], schema: dict[str, Any], body: object) -> None:
    """Hold a body against one schema of the description; unknown members are errors too."""
    closed = _closed({"schema": schema, "components": description["components"]})
    root = {**closed["schema"], "components": closed["components"]}
    errors = [error.message for error in OAS31Validator(root).iter_errors(body)]
    assert errors == []


def _operation(description: dict[str, Any], path: str, method: str) -> dict[str, Any]:
    for template, operations in description["paths"].items():
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path):
            return dict(operations[method])
    raise LookupError(path)


def _closed(schema: Any) -> Any:
    """Return the schema without room for members that it does not name."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(each) for name, each in schema.items()}
    return {"additionalProperties": False, **closed} if "properties" in schema else closed

"""The OpenAPI description: valid, complete, and its examples are what it describes."""

from typing import Any

from django.test import Client
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.v1 import urls
from tests.api.conftest import validate

Described = dict[str, Any]


def contents(operation: Described) -> list[tuple[str, Described]]:
    """Return what goes in and out: the status or "body", and the content with its schema."""
    bodies = [("body", operation.get("requestBody", {}))]
    return [
        (name, content)
        for name, part in [*bodies, *operation["responses"].items()]
        for content in part.get("content", {}).values()
    ]


def operations(description: Described) -> list[Described]:
    return [
        operation for methods in description["paths"].values() for operation in methods.values()
    ]


def test_it_is_valid_openapi_3_1(description: Described) -> None:
    assert description["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(description).validate()


def test_it_describes_every_address_but_its_own(description: Described) -> None:
    assert len(description["paths"]) == len(urls.urlpatterns) - 1
    assert "/api/v1/openapi.json" not in description["paths"]


def test_every_answer_has_an_example_and_every_example_fits_its_schema(
    description: Described,
) -> None:
    for operation in operations(description):
        for name, content in contents(operation):
            assert name == "body" or content["examples"]
            for example in content.get("examples", {}).values():
                validate(description, content["schema"], example["value"])


def test_every_operation_says_what_it_is_for_and_what_can_go_wrong(
    description: Described,
) -> None:
    for operation in operations(description):
        assert operation["summary"]
        assert {"200", "401", "406"} <= set(operation["responses"])


def test_only_portfolios_and_verifying_a_file_need_a_key(description: Described) -> None:
    needing = [
        each["operationId"] for each in operations(description) if {} not in each["security"]
    ]

    assert needing == [
        "list_parties",
        "read_portfolio",
        "read_secured_portfolio",
        "verify_file",
    ]


def test_it_is_served_in_english_to_everyone(client: Client, db: None) -> None:
    answers = {
        client.get("/api/v1/openapi.json", headers={"accept-language": language}).content
        for language in ("zh-CN", "en")
    }

    [answer] = answers
    assert b"Data name" in answer

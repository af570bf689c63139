"""What the OpenAPI description says beside what drf-spectacular reads off the views."""

from collections.abc import Mapping

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from api import problems

ResponseKey = tuple[int, str]


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # ships no types
    """Describes `api.authentication.ApiKeyAuthentication`."""

    target_class = "api.authentication.ApiKeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, _auto_schema: AutoSchema) -> dict[str, str]:
        """Return the OpenAPI security scheme."""
        return {"type": "http", "scheme": "bearer", "description": "A key: `qj_...`"}


class PlaceSerializer(serializers.Serializer[dict[str, str]]):
    """One thing that is wrong, and where."""

    pointer = serializers.CharField(
        required=False, help_text="JSON Pointer into the body, as a URI fragment."
    )
    parameter = serializers.CharField(required=False, help_text="Name in the query.")
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[dict[str, object]]):
    """A problem (RFC 9457)."""

    type = serializers.CharField(help_text="Always `about:blank`: the status says the kind.")
    title = serializers.CharField(help_text="In the language of the answer.")
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="In the language of the answer.")
    errors = PlaceSerializer(many=True, required=False)  # type: ignore[assignment] # a field, not DRF's property


def problem_responses(*statuses: int) -> dict[ResponseKey, OpenApiResponse]:
    """Return the description of these error answers."""
    return {
        (status, problems.MEDIA_TYPE): OpenApiResponse(
            ProblemSerializer,
            description=str(problems.TITLES[status]),
            examples=[_example(status)],
        )
        for status in statuses
    }


def answer_example(value: Mapping[str, object]) -> OpenApiExample:
    """Return the description of a good answer."""
    return OpenApiExample("Answer", value=value, response_only=True, status_codes=["200"])


def request_example(value: Mapping[str, object]) -> OpenApiExample:
    """Return the description of a JSON body."""
    return OpenApiExample("Question", value=value, request_only=True, media_type="application/json")


def _example(status: int) -> OpenApiExample:
    return OpenApiExample(
        f"Problem {status}",
        value={
            "type": "about:blank",
            "title": str(problems.TITLES[status]),
            "status": status,
            "detail": str(problems.TITLES[status]),
        },
        media_type=problems.MEDIA_TYPE,
        status_codes=[str(status)],
        response_only=True,
    )


ASSET_NUMBER = OpenApiParameter(
    "number", str, OpenApiParameter.PATH, description="Asset number, e.g. `DA-000000001`."
)
LANGUAGE = OpenApiParameter(
    "Accept-Language",
    str,
    OpenApiParameter.HEADER,
    description="`zh-Hans` (also if none fits) or `en`.",
    examples=[OpenApiExample("English", value="en")],
)

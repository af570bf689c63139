"""Where a caller starts: the addresses of version 1, and their description."""

from typing import Any

from django.utils import translation
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api.openapi import LANGUAGE, answer_example, problem_responses
from api.v1 import examples
from api.views import RegisterView

ADDRESSES = {
    "assets": "api:v1:assets",
    "parties": "api:v1:parties",
    "checkpoint": "api:v1:checkpoint",
    "status_list": "web:log-status-list",
    "verify_number": "api:v1:verify-number",
    "verify_paper": "api:v1:verify-paper",
    "verify_file": "api:v1:verify-file",
    "openapi": "api:v1:openapi",
}


class StartSerializer(serializers.Serializer[dict[str, str]]):
    """Addresses by what is there."""

    assets = serializers.URLField()
    parties = serializers.URLField()
    checkpoint = serializers.URLField()
    status_list = serializers.URLField(
        help_text="The signed list of certificates that are not in force, for caches (ETag)."
    )
    verify_number = serializers.URLField()
    verify_paper = serializers.URLField()
    verify_file = serializers.URLField()
    openapi = serializers.URLField()


class StartView(RegisterView):
    """The start."""

    @extend_schema(
        operation_id="start",
        tags=["start"],
        summary="Find the addresses of this version",
        parameters=[LANGUAGE],
        responses={200: StartSerializer, **problem_responses(401, 406)},
        examples=[answer_example(examples.START)],
    )
    def get(self, request: Request) -> Response:
        """Return every address that needs no number."""
        return Response({name: reverse(view, request=request) for name, view in ADDRESSES.items()})


class DescriptionView(RegisterView, SpectacularJSONAPIView):
    """The OpenAPI description, written in English throughout."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401 # DRF's signature
        """Return it."""
        with translation.override("en"):
            answer: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call] # ships no types
        return answer

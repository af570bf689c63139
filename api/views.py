"""What every address of the API shares."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from api.problems import InvalidContentError, QueryError
from api.throttles import QuotaThrottle


class RegisterView(APIView):
    """Answers in the language of ``Accept-Language``, in Chinese if none fits."""

    throttle_classes: Sequence[type[BaseThrottle]] = (QuotaThrottle,)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ANN401 # Django's signature
        """Answer; nothing is kept in caches, for the register may change at any time."""
        language = translation.get_language_from_request(request)
        with translation.override(language):
            response = super().dispatch(request, *args, **kwargs)
        response.headers["Content-Language"] = language
        response.headers["Cache-Control"] = "no-store"
        patch_vary_headers(response, ["Accept-Language"])
        return response


class NowhereView(RegisterView):
    """Answers at every address under ``/api/`` where there is nothing."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 # DRF's signature
        """Refuse, whatever the method.

        Raises:
            NotFound: always.
        """
        super().initial(request, *args, **kwargs)
        raise NotFound


class RefusalView(RegisterView):
    """Answers to a request that was refused before any address was looked up."""

    schema = None
    error: Exception = SuspiciousOperation()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401, ARG002 # DRF's signature
        """Refuse; the rest of the request is not read.

        Raises:
            Exception: always the given one.
        """
        raise self.error


def read_query(
    kind: type[serializers.Serializer[dict[str, Any]]], request: Request
) -> dict[str, Any]:
    """Return the parameters of the query as the serializer ``kind`` reads them.

    Raises:
        QueryError: names every parameter that cannot be read.
    """
    query = kind(data=request.query_params.dict())
    if not query.is_valid():
        raise QueryError(query.errors)
    return dict(query.validated_data)


def read_content(
    kind: type[serializers.Serializer[dict[str, Any]]], request: Request
) -> dict[str, Any]:
    """Return the members of the body as the serializer ``kind`` reads them.

    Raises:
        InvalidContentError: names every member that is missing or wrong.
    """
    content = kind(data=request.data)
    if not content.is_valid():
        raise InvalidContentError(content.errors)
    return dict(content.validated_data)

"""Every error under ``/api/`` is a problem (RFC 9457), in the caller's language.

``errors`` names what is wrong and where: by ``pointer``, a JSON Pointer (RFC 6901) as a URI
fragment into the body, or by ``parameter``, a name in the query. Malformed input is 400;
well-formed input that does not say what is needed is 422.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from django.conf import settings
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.http import Http404
from django.http.request import UnreadablePostError
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.settings import api_settings

from primitives.canonical_json import JsonObject

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: _("The request is malformed"),
    401: _("A valid key is needed"),
    403: _("Not permitted"),
    404: _("Not found"),
    405: _("Method not allowed"),
    406: _("No acceptable form of answer"),
    413: _("The content is too large"),
    415: _("Unsupported kind of content"),
    422: _("The content does not say what is needed"),
    429: _("Too many requests"),
    500: _("The register could not answer"),
    503: _("Not available yet"),
}

Messages: TypeAlias = Mapping[str, Sequence[object]]

logger = logging.getLogger(__name__)


class LocatedError(exceptions.APIException):
    """A refusal that names what is wrong where; ``errors`` are members of the problem."""

    errors: list[JsonObject]


class MalformedContentError(LocatedError):
    """The body cannot be read at ``pointer``."""

    status_code = status.HTTP_400_BAD_REQUEST

    def __init__(self, detail: str, *, pointer: str = "#") -> None:
        super().__init__(detail)
        self.errors = [{"pointer": pointer, "detail": detail}]


class InvalidContentError(LocatedError):
    """The body is well-formed, but members are missing or wrong: ``messages`` by member."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = _("Members of the content are missing or wrong.")

    def __init__(self, messages: Messages) -> None:
        super().__init__()
        self.errors = [
            {"pointer": _pointer(member), "detail": message} for member, message in _each(messages)
        ]


class QueryError(LocatedError):
    """Parameters of the query cannot be read: ``messages`` by parameter."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_detail = _("Parameters of the query cannot be read.")

    def __init__(self, messages: Messages) -> None:
        super().__init__()
        self.errors = [
            {"parameter": parameter, "detail": message} for parameter, message in _each(messages)
        ]


class ContentTooLargeError(exceptions.APIException):
    """The body is larger than this address takes."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "content_too_large"

    def __init__(self, limit: int) -> None:
        super().__init__(_("At most %(limit)s bytes are accepted here.") % {"limit": limit})


class NotAvailableYetError(exceptions.APIException):
    """The answer waits for the next signed checkpoint."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "not_available_yet"
    default_detail = _("No signed checkpoint covers the certificate yet. Ask again in a minute.")
    wait = 60


def problem_response(exc: Exception, _context: dict[str, Any]) -> Response:
    """Return the problem for any exception; one that nobody foresaw is logged and is a 500."""
    error = _api_exception(exc)
    headers = {
        "WWW-Authenticate": getattr(error, "auth_header", None),
        "Retry-After": getattr(error, "wait", None),
    }
    return Response(
        problem(error),
        status=error.status_code,
        headers={name: str(value) for name, value in headers.items() if value},
        content_type=MEDIA_TYPE,
    )


def problem(error: exceptions.APIException) -> JsonObject:
    """Return the members of RFC 9457, section 3; the status alone says the type."""
    located = {"errors": error.errors} if isinstance(error, LocatedError) else {}
    return {
        "type": "about:blank",
        "title": str(TITLES[error.status_code]),
        "status": error.status_code,
        "detail": str(error.detail),
        **located,
    }


def _each(messages: Messages) -> Iterator[tuple[str, str]]:
    return ((name, str(message)) for name, found in messages.items() for message in found)


def _pointer(member: str) -> str:
    return "#" if member == api_settings.NON_FIELD_ERRORS_KEY else f"#/{member}"


def _api_exception(exc: Exception) -> exceptions.APIException:
    """Return the exception of DRF's family that says the same."""
    match exc:
        case exceptions.APIException():
            return exc
        case Http404():
            return exceptions.NotFound()
        case PermissionDenied():
            return exceptions.PermissionDenied()
        case RequestDataTooBig():
            return ContentTooLargeError(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        case BadRequest() | SuspiciousOperation() | UnreadablePostError():
            return MalformedContentError(str(_("The content could not be read.")))
    logger.error("The API could not answer", exc_info=exc)
    return exceptions.APIException()

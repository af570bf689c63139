"""Refusing an upload by its announced size, before anything of it is kept."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeAlias

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from web.errors import too_large

Params = ParamSpec("Params")
View: TypeAlias = Callable[Concatenate[HttpRequest, Params], HttpResponse]

FORM_BYTES = 2 * 1024 * 1024
"""What a form may hold beside its file."""
CHUNK_BYTES = 1024 * 1024
MAX_DISCARDED_BYTES = 512 * 1024 * 1024
MAX_DIGITS = 18


def limited_upload(max_bytes: Callable[[], int]) -> Callable[[View[Params]], View[Params]]:
    """Let a view take a body that holds a file of at most ``max_bytes()``; answer 413 otherwise.

    Django's CSRF check reads, and so stores, the whole body before the view runs. It is therefore
    made here, after the size is known.
    """

    def decorate(view: View[Params]) -> View[Params]:
        protected = csrf_protect(view)

        @csrf_exempt
        @wraps(view)
        def limited(
            request: HttpRequest, /, *args: Params.args, **kwargs: Params.kwargs
        ) -> HttpResponse:
            limit = max_bytes()
            if _content_length(request) > limit + FORM_BYTES:
                discard_body(request)
                return too_large(request, limit_bytes=limit)
            return protected(request, *args, **kwargs)

        return limited

    return decorate


def _content_length(request: HttpRequest) -> int:
    # Without a length the server reads no body at all.
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal():
        return 0
    return int(length) if len(length) <= MAX_DIGITS else sys.maxsize


def discard_body(request: HttpRequest) -> None:
    """Read what is sent and drop it: a browser shows an answer only after it has sent all."""
    for _chunk in range(MAX_DISCARDED_BYTES // CHUNK_BYTES):
        if not request.read(CHUNK_BYTES):
            return

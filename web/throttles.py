"""Answering 429 to who uses a public form too often, before anything of what is sent is kept."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeAlias

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.throttles import caller_of, seconds_to_wait
from primitives.clock import now_utc
from web.errors import too_many
from web.uploads import discard_body

Params = ParamSpec("Params")
View: TypeAlias = Callable[Concatenate[HttpRequest, Params], HttpResponse]


def throttled(
    page: str, setting: str, *, methods: frozenset[str] = frozenset({"POST"})
) -> Callable[[View[Params]], View[Params]]:
    """Let one caller through ``settings.<setting>`` times an hour, all views of ``page`` together.

    Only requests by ``methods`` count. It stands above `limited_upload`, whose exemption from the
    early CSRF check it hands on.
    """

    def decorate(view: View[Params]) -> View[Params]:
        @wraps(view)
        def counted(
            request: HttpRequest, /, *args: Params.args, **kwargs: Params.kwargs
        ) -> HttpResponse:
            if request.method in methods:
                most = getattr(settings, setting)
                if wait := seconds_to_wait(caller_of(request), page, most=most, at=now_utc()):
                    discard_body(request)
                    return too_many(request, seconds=wait)
            return view(request, *args, **kwargs)

        return counted

    return decorate

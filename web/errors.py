"""The pages that say what went wrong, in the site's look. config/urls.py names them as handlers."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template import loader
from django.utils.translation import gettext as _


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400, or 413 if the request was refused for its size."""
    if isinstance(exception, RequestDataTooBig):
        return too_large(request)
    return _page(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403 with what is needed, where the refusal says so."""
    return _page(request, 403, reason=str(exception))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 # Django's signature
    """Answer 403 to a form that did not come from one of our pages, or came from an old one."""
    sentence = _("The form was too old or did not come from this site. Go back, reload, try again.")
    return _page(request, 403, reason=sentence)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 # Django's signature
    """Answer 404; the address is not repeated."""
    return _page(request, 404)


def too_large(request: HttpRequest, *, limit_bytes: int | None = None) -> HttpResponse:
    """Answer 413, with the limit in whole megabytes where there is one to name."""
    limit = limit_bytes // 1024**2 if limit_bytes else None
    return _page(request, 413, limit_megabytes=limit)


def too_many(request: HttpRequest, *, seconds: int) -> HttpResponse:
    """Answer 429: the caller used the page too often; ``seconds`` until it takes the next."""
    response = _page(request, 429, minutes=-(-seconds // 60))
    response.headers["Retry-After"] = str(seconds)
    return response


def unavailable(request: HttpRequest, *, reason: str) -> HttpResponse:
    """Answer 503: what is asked for exists and cannot be handed out at this moment."""
    response = _page(request, 503, reason=reason)
    response.headers["Retry-After"] = "60"
    return response


def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 # Django's signature
    """Answer 500 from a page that asks nothing of the database or the session."""
    return HttpResponseServerError(loader.get_template("500.html").render())


def _page(request: HttpRequest, status: int, **context: object) -> HttpResponse:
    """Render the page of a status without its address: changing its language leads home."""
    return render(request, f"{status}.html", {"return_to": "/", **context}, status=status)

"""The answer to a request that no view has seen, in the words of the door that it knocked at."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from api.views import RefusalView
from web import errors


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer 400 as a problem under ``/api/``, as a page everywhere else."""
    if request.path_info.startswith("/api/"):
        return RefusalView.as_view(error=exception)(request)
    return errors.bad_request(request, exception)

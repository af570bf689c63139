"""How the reader wants to see the site, kept in a cookie; the language is Django's own view."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

TYPE_SIZE_COOKIE = "type_size"
YEAR_SECONDS = 365 * 24 * 3600


@require_POST
def set_type_size(request: HttpRequest) -> HttpResponse:
    """Switch to larger type (长者模式) or back, and return to where the reader was."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        target = reverse("web:home")
    response = HttpResponseRedirect(target)
    if request.POST.get("size") == "large":
        response.set_cookie(
            TYPE_SIZE_COOKIE,
            "large",
            max_age=YEAR_SECONDS,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
    else:
        response.delete_cookie(TYPE_SIZE_COOKIE)
    return response

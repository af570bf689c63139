"""What every signed-in request passes: limits of the session, the second factor, a young password.

A caller with an API key has no session and passes untouched.
"""

import time
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.second_factor import lacks_second_factor
from primitives.clock import now_utc

ALWAYS_OPEN = frozenset({"account_logout", "admin:logout", "web:language", "web:type-size"})
OF_NOBODY = "web:log-"
"""How the names of pages begin that are the same for all and that anyone may keep."""
ENROLMENT = frozenset(
    {
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "account_reauthenticate",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
    }
)
PASSWORD_CHANGE = frozenset({"account_change_password"})
SIGNED_IN_AT, SEEN_AT = "signed_in_at", "seen_at"
SEEN_STEP = 60
"""Seconds; the session is written at most once in so many."""


class AccountsMiddleware:
    """Keeps those out who may not act yet, and ends sessions that are too old."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass on."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: object, _args: object, _kwargs: object
    ) -> HttpResponse | None:
        """Answer in the view's place where the person must do something else first."""
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name.startswith(OF_NOBODY) or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            # Who the person is is not even asked: the answer does not depend on it.
            return None
        user = request.user
        if not isinstance(user, User) or name in ALWAYS_OPEN:
            return None
        if _is_over(request):
            logout(request)
            messages.info(request, _("Your session ended; please sign in again."))
            return redirect_to_login(request.get_full_path())
        if name not in ENROLMENT and lacks_second_factor(user):
            messages.warning(request, _("Your role needs a second factor. Add one to go on."))
            return redirect("mfa_index")
        days = settings.PASSWORD_DAYS
        if (
            days
            and name not in ENROLMENT | PASSWORD_CHANGE
            and user.password_set_at + timedelta(days=days) < now_utc()
        ):
            messages.warning(request, _("Your password is too old. Choose a new one to go on."))
            return redirect("account_change_password")
        return None


def _is_over(request: HttpRequest) -> bool:
    """Say whether the session was idle or lasted for too long; else note that it is in use."""
    now = int(time.time())
    started = request.session.setdefault(SIGNED_IN_AT, now)
    seen = request.session.setdefault(SEEN_AT, now)
    if (
        now - seen > settings.SESSION_IDLE_MINUTES * 60
        or now - started > settings.SESSION_HOURS * 3600
    ):
        return True
    if now - seen >= SEEN_STEP:
        request.session[SEEN_AT] = now
    return False

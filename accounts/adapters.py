"""How django-allauth is told our rules: no open sign-up, lock-out, the second factor first."""

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from zxingcpp import BarcodeFormat, create_barcode

from accounts.addresses import address_of
from accounts.events import record
from accounts.lockout import begin_try, forget_tries
from accounts.models import EventKind, User
from primitives.clock import now_utc


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # ships no types
    """Sign-in through one door for office and desk."""

    _login_failed_rl_usage = None

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 # allauth's signature
        """Nobody makes an account alone: an organisation or an administrator does."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address of the caller, with no more of its headers believed than is set."""
        return address_of(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: object) -> None:
        """Count the try.

        Raises:
            ValidationError: the account or the address is locked.
        """
        login = str(credentials.get("username", ""))
        if not begin_try(login, self.get_client_ip(request), at=now_utc()):
            raise ValidationError(
                _(
                    "Too many failed sign-ins. Wait %(minutes)s minutes, or ask the security "
                    "administrator to unlock the account."
                )
                % {"minutes": settings.LOCKOUT_MINUTES}
            )

    def _rollback_login_failed_rl_usage(self) -> None:
        """Leave the count: it ends with the whole sign-in, second factor included."""

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign the person in and write it down."""
        super().login(request, user)
        address = self.get_client_ip(request)
        forget_tries(user, EventKind.SIGNED_IN, at=now_utc(), by=user, address=address)

    def reauthenticate(self, user: User, password: str) -> bool:
        """Check the password again; a right one ends the count."""
        is_right = bool(super().reauthenticate(user, password))
        if is_right:
            forget_tries(user, EventKind.SIGNED_IN, at=now_utc(), by=user)
        return is_right

    def set_password(self, user: User, password: str) -> None:
        """Change the password, which ends every other session, and write it down."""
        super().set_password(user, password)
        record(EventKind.PASSWORD_CHANGED, at=now_utc(), by=user, about=user)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Lead officers to the office, everyone else to the desk."""
        is_staff = isinstance(request.user, User) and request.user.is_staff
        return reverse("admin:index" if is_staff else settings.LOGIN_REDIRECT_URL)

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """Ask those who have a second factor for it, and only those without for their password."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        factors = [method for method in methods if method["id"] != "reauthenticate"]
        return factors or methods

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Write every change of a second factor down; then tell the person, if they have mail."""
        if template_prefix.startswith("mfa/"):
            detail = template_prefix.rsplit("/", 1)[-1]
            record(EventKind.FACTOR_CHANGED, at=now_utc(), by=user, about=user, detail=detail)
        super().send_notification_mail(template_prefix, user, context, email)


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc] # ships no types
    """Second factors: secrets encrypted at rest, the QR code drawn into the page."""

    def encrypt(self, text: str) -> str:
        """Return ``text`` encrypted under the installation's secret."""
        return _fernet(settings.SECRET_KEY).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return the text again.

        Raises:
            InvalidToken: the installation's secret is another one than when it was encrypted.
        """
        return _fernet(settings.SECRET_KEY).decrypt(encrypted_text.encode()).decode()

    def build_totp_svg(self, url: str) -> str:
        """Return the QR code as SVG without styles, which the content security policy refuses."""
        drawn = create_barcode(url, BarcodeFormat.QRCode, ec_level="M").to_svg(scale=4)
        # What stands before the element is for a file of its own.
        return drawn[drawn.index("<svg") :]

    def get_totp_issuer(self) -> str:
        """Name the registrar in the person's authenticator."""
        return str(settings.REGISTRAR_NAME_ZH)


def _fernet(secret: str) -> Fernet:
    key = hashlib.sha256(b"accounts.second_factor" + secret.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))

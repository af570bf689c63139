"""Who calls: a key in ``Authorization: Bearer qj_...``. Reading needs none; a wrong one is refused.

``request.auth`` is the caller's key or None.
"""

from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.api_keys import find_api_key
from accounts.models import ApiKey, User

SCHEME = "bearer"


class ApiKeyAuthentication(BaseAuthentication):
    """Bearer keys (RFC 6750, section 2.1)."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        """Return the key and its owner, or None if the caller shows no key.

        Raises:
            AuthenticationFailed: what is shown is not a key in force.
        """
        credentials = request.headers.get("Authorization")
        if credentials is None:
            return None
        scheme, _space, secret = credentials.partition(" ")
        key = find_api_key(secret.strip()) if scheme.lower() == SCHEME else None
        if key is None:
            raise AuthenticationFailed(_("The key is not known or is no longer in force."))
        return key.owner, key

    def authenticate_header(self, _request: Request) -> str:
        """Return what a 401 says about how to call."""
        return 'Bearer realm="quanji"'


def caller(request: Request) -> User:
    """Return the owner of the key that was shown; for what lies behind `HasKey`.

    Raises:
        TypeError: none was shown.
    """
    if not isinstance(request.auth, ApiKey):
        raise TypeError("only a caller with a key is somebody")
    return request.auth.owner


class HasKey(BasePermission):
    """Lets in only callers with a key."""

    def has_permission(self, request: Request, _view: object) -> bool:
        """Say whether a key was shown; a wrong one never comes this far."""
        return isinstance(request.auth, ApiKey)

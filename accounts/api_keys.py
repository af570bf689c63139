"""Keys of machine callers: shown once, kept as a digest."""

import hashlib
import secrets
from datetime import datetime

from accounts.models import ApiKey, User

PREFIX = "qj_"


def create_api_key(
    *, owner: User, label: str, created_at: datetime, requests_per_hour: int | None = None
) -> str:
    """Create a key for ``owner`` and return its secret, which is never shown again.

    ``requests_per_hour`` is its quota; None that of the installation, 0 none.
    """
    secret = PREFIX + secrets.token_urlsafe(32)
    ApiKey.objects.create(
        owner=owner,
        label=label,
        secret_sha256=_digest(secret),
        created_at=created_at,
        requests_per_hour=requests_per_hour,
    )
    return secret


def find_api_key(secret: str) -> ApiKey | None:
    """Return the key in force with this secret whose owner is active, or None."""
    return (
        ApiKey.objects.select_related("owner")
        .filter(secret_sha256=_digest(secret), revoked_at=None, owner__is_active=True)
        .first()
    )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()

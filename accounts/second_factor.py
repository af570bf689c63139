"""The second factor: who must have one, and the fresh proof of it before a grave act (step-up)."""

import time
from datetime import datetime

from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import F, Q
from django.http import HttpRequest

from accounts.events import record
from accounts.models import EventKind, User
from accounts.roles import ADMINISTRATORS, OFFICERS, Role

SECOND_FACTOR_ROLES = OFFICERS | ADMINISTRATORS | {Role.BANK, Role.COURT}
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def lacks_second_factor(user: User) -> bool:
    """Say whether ``user`` must have a second factor (GB/T 22239-2019 8.1.4.1 d) but has none."""
    return (
        User.objects.filter(pk=user.pk)
        .filter(
            Q(is_staff=True)
            | Q(is_superuser=True)
            | Q(groups__name__in=[role.value for role in SECOND_FACTOR_ROLES])
        )
        .exclude(pk__in=Authenticator.objects.filter(type__in=FACTORS).values("user"))
        .exists()
    )


def has_second_factor(user: User) -> bool:
    """Say whether ``user`` has a second factor besides recovery codes."""
    return bool(Authenticator.objects.filter(user=user, type__in=FACTORS).exists())


def reset_second_factor(user: User, *, by: User, at: datetime) -> None:
    """Take away every factor of ``user``, who lost them, and end their sessions."""
    Authenticator.objects.filter(user=user).delete()
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    record(EventKind.FACTOR_RESET, at=at, by=by, about=user)


def require_fresh_factor(request: HttpRequest) -> None:
    """Ask for the second factor again before a grave act, then come back with nothing lost.

    Only passwords are lost: what was posted waits in the session, where none may lie.

    Raises:
        ReauthenticationRequired: the last proof is older than STEP_UP_MINUTES; the middleware turns
            it into the page that asks, keeps what was posted, and returns here.
    """
    user = request.user
    records = get_authentication_records(request, user if isinstance(user, User) else None)
    proofs = [record["at"] for record in records if record.get("method") == "mfa"]
    if not proofs or time.time() - max(proofs) > settings.STEP_UP_MINUTES * 60:
        held = request.POST.copy()
        for name in [name for name in held if "password" in name]:
            del held[name]
        request.POST = held  # type: ignore[assignment] # Django lets it be set
        raise ReauthenticationRequired

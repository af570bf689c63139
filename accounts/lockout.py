"""Lock-out: a guesser of passwords gets few tries per account and per address.

A try is written down before the password is looked at and counted with the others after; so of
tries made at the same moment, in however many processes, no more than the limit pass.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.crypto import salted_hmac

from accounts.models import AccountEvent, EventKind, User

CLEARING = (EventKind.SIGNED_IN, EventKind.UNLOCKED)


def begin_try(login: str, address: str, *, at: datetime) -> bool:
    """Count a try to sign in and say whether it may go on.

    An account that does not exist is locked as one that does, so the answer tells nothing.
    A refused try does not lengthen the lock.
    """
    digest = login_digest(login)
    event = AccountEvent.objects.create(
        kind=EventKind.SIGN_IN_TRIED, at=at, login_digest=digest, address=address
    )
    since = at - timedelta(minutes=settings.LOCKOUT_MINUTES)
    cleared = (
        AccountEvent.objects.filter(login_digest=digest, kind__in=CLEARING).order_by("-pk").first()
    )
    tries = AccountEvent.objects.filter(kind=EventKind.SIGN_IN_TRIED, at__gt=since)
    of_account = tries.filter(login_digest=digest, pk__gt=cleared.pk if cleared else 0)
    if (
        of_account.count() <= settings.LOCKOUT_TRIES
        and tries.filter(address=address).count() <= settings.LOCKOUT_TRIES_OF_ADDRESS
    ):
        return True
    event.kind = EventKind.SIGN_IN_REFUSED
    event.save(update_fields=["kind"])
    return False


def forget_tries(user: User, kind: EventKind, *, at: datetime, by: User, address: str = "") -> None:
    """Let ``user`` start afresh: they signed in, or ``by`` unlocks; ``kind`` says which."""
    AccountEvent.objects.create(
        kind=kind,
        at=at,
        by=by,
        about=user,
        login_digest=login_digest(user.username),
        address=address,
    )


def login_digest(login: str) -> str:
    """Return what stands for a typed name: people also type their password there."""
    return salted_hmac("accounts.lockout", login.casefold(), algorithm="sha256").hexdigest()

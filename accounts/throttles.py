"""How often one caller may use what anyone may use without an account: a sliding window.

Entry points: `caller_of`, `seconds_to_wait`. As in `accounts.lockout`, a request is written down
before it is counted with the others; so of requests at the same moment, in however many processes,
no more than the limit pass. A refused one is taken out again and lengthens nothing.
"""

import math
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from accounts.addresses import address_of, site_of
from accounts.models import CountedRequest, User

WINDOW = timedelta(hours=1)


def caller_of(request: HttpRequest) -> str:
    """Return who is counted: the account of who is signed in, for everybody else the address.

    So colleagues behind one address do not use up each other's share.
    """
    user = request.user
    return user.reference if isinstance(user, User) else site_of(address_of(request))


def seconds_to_wait(caller: str, page: str, *, most: int, at: datetime) -> int:
    """Count a request and return 0, or for how many seconds the caller has to wait.

    ``most`` requests pass in any hour; 0 sets no limit.
    Must not run within a transaction: other processes would not see it.
    """
    if not most:
        return 0
    digest = salted_hmac(f"accounts.throttles.{page}", caller, algorithm="sha256").hexdigest()
    recent = CountedRequest.objects.filter(caller=digest, at__gt=at - WINDOW)
    if recent.count() >= most:
        return _wait(recent.order_by("at"), at)
    CountedRequest.objects.filter(at__lte=at - WINDOW).delete()
    mine = CountedRequest.objects.create(caller=digest, at=at)
    if recent.count() <= most:
        return 0
    mine.delete()
    return _wait(recent.order_by("at"), at)


def _wait(oldest_first: QuerySet[CountedRequest], at: datetime) -> int:
    oldest = oldest_first.first()
    return math.ceil((oldest.at + WINDOW - at).total_seconds()) if oldest else 1

"""How long seals have waited for a time-stamp, and when that stops the taking of numbers.

Registrations go on while no time-stamp is to be had, and certificates wait; after four hours (the
period after which X-Road stops, and configuration here) no further number is taken, and the health
page says so. The first time-stamp that is given ends the outage by itself.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from certificates.models import TimestampOutage


@transaction.atomic
def note_outage(error: Exception, *, at: datetime) -> None:
    """Keep that no time-stamp was to be had at ``at``, and since when."""
    # Of two workers that find out at once, one begins the outage and both note their try.
    outage, _begun = TimestampOutage.objects.get_or_create(
        ended_at=None, defaults={"began_at": at, "tried_at": at}
    )
    outage.tried_at, outage.error = at, str(error)
    outage.save()


def end_outage(*, at: datetime) -> None:
    """Keep that a time-stamp was given."""
    TimestampOutage.objects.filter(ended_at=None).update(ended_at=at)


def open_outage() -> TimestampOutage | None:
    """Return the outage that lasts, or None."""
    return TimestampOutage.objects.filter(ended_at=None).first()


def stops_issuing(outage: TimestampOutage | None, at: datetime) -> bool:
    """Say whether an outage has lasted so long that no further number is taken."""
    limit = timedelta(minutes=settings.TSA_OUTAGE_MINUTES)
    return outage is not None and at - outage.began_at >= limit

"""Whether a certificate is in force: computed from the rights it states, for any instant.

No job has to run for a lapse (NDA35 art. 26, 36): the status is a function of the instant. What was
done to the rights since (a transfer, a renewal, a cancellation) shows in it as well: where the
certificate and the register differ, the register prevails (art. 27).
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from certificates.models import Certificate
from rights.models import Interest


class Status(models.TextChoices):
    """What the register says of a certificate at an instant."""

    NOT_YET = "NOT_YET", _("Not yet in force")
    IN_FORCE = "IN_FORCE", _("In force")
    CHANGED = "CHANGED", _("Rights that it states have changed since it was issued")
    LAPSED = "LAPSED", _("Lapsed: the term of every right has ended")
    ENDED = "ENDED", _("Every right that it states was ended")


def status_at(certificate: Certificate, at: datetime) -> Status:
    """Return the status at ``at``.

    In force while one of the stated rights is and none was changed; a right whose own term ran
    out beside others that still run changes nothing.
    """
    stated = list(Interest.objects.filter(entry=certificate.registration))
    if any(_was_ended(interest, at) for interest in stated):
        return Status.CHANGED if _any_in_force(stated, at) else Status.ENDED
    if any(interest.in_force_at(at) for interest in stated):
        return Status.IN_FORCE
    if any(at < interest.valid_from for interest in stated):
        return Status.NOT_YET
    return Status.LAPSED


def _was_ended(interest: Interest, at: datetime) -> bool:
    return interest.until < interest.valid_to and interest.until <= at


def _any_in_force(stated: Iterable[Interest], at: datetime) -> bool:
    """Say whether one of the rights still stands, as stated or in a later revision."""
    references = [interest.reference for interest in stated]
    standing = Interest.objects.filter(reference__in=references, valid_from__lte=at, until__gt=at)
    return standing.exists()

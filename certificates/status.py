"""Whether a certificate is in force: computed from the terms of the rights it states, at any time.

No job has to run for a lapse (NDA35 art. 26, 36): the status is a function of the instant.
"""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from certificates.models import Certificate
from rights.models import Interest


class Status(models.TextChoices):
    """What the register says of a certificate at an instant."""

    NOT_YET = "NOT_YET", _("Not yet in force")
    IN_FORCE = "IN_FORCE", _("In force")
    LAPSED = "LAPSED", _("Lapsed: the term of every right has ended")


def status_at(certificate: Certificate, at: datetime) -> Status:
    """Return the status at ``at``: in force while one of the stated rights is."""
    stated = list(Interest.objects.filter(entry=certificate.registration))
    if any(interest.in_force_at(at) for interest in stated):
        return Status.IN_FORCE
    if any(at < interest.valid_from for interest in stated):
        return Status.NOT_YET
    return Status.LAPSED

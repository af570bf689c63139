"""The code lists of the law of title: the three rights of NDA35 art. 3, and what lies on them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RightKind(models.TextChoices):
    """Mutually independent (art. 21): holding one says nothing about the others."""

    HOLD = "HOLD", _("Right to hold")
    USE = "USE", _("Right to use")
    OPERATE = "OPERATE", _("Right to operate")


OLDER_NAMES = {
    RightKind.HOLD: _("Right to hold data resources"),
    RightKind.USE: _("Right to process and use data"),
    RightKind.OPERATE: _("Right to operate data products"),
}
"""The names of 2022-2024, shown beside the present ones."""


class RemarkKind(models.TextChoices):
    """What can be recorded on a right or an asset (NDA35 art. 23)."""

    PLEDGE = "PLEDGE", _("Pledge")
    SUBORDINATION = "SUBORDINATION", _("Subordination")
    FREEZE = "FREEZE", _("Freeze")
    CAUTION = "CAUTION", _("Caution")
    PRIORITY_NOTICE = "PRIORITY_NOTICE", _("Priority notice")
    COVENANT = "COVENANT", _("Exclusivity covenant")
    CONTROL = "CONTROL", _("Regulatory control")
    OBJECTION = "OBJECTION", _("Objection")
    SOURCE_ENDED = "SOURCE_ENDED", _("Source right ended early")
    CANCELLATION = "CANCELLATION", _("Registration cancelled")
    OVERRIDE = "OVERRIDE", _("Entered against a rule")


class AuthorityKind(models.TextChoices):
    """Who may order a freeze (NDA35 art. 23(2))."""

    COURT = "COURT", _("Court")
    PROCURATORATE = "PROCURATORATE", _("Procuratorate")
    POLICE = "POLICE", _("Police")
    REGULATOR = "REGULATOR", _("Regulator")


class ObjectionStage(models.TextChoices):
    """How far a dispute over title has come (NDA35 art. 25, 29)."""

    OPEN = "OPEN", _("Under investigation")
    SUSTAINED = "SUSTAINED", _("Sustained")

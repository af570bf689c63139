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
    DESCRIPTION = "DESCRIPTION", _("Description changed")
    CORRECTION = "CORRECTION", _("Error corrected")


ENDS_WITH_RIGHT = frozenset(
    {
        RemarkKind.PLEDGE,
        RemarkKind.SUBORDINATION,
        RemarkKind.COVENANT,
        RemarkKind.PRIORITY_NOTICE,
    }
)
"""Restrictions that fall with the right that they lie on (E5); an order or a dispute does not."""

RECORDS = frozenset(
    {
        RemarkKind.SOURCE_ENDED,
        RemarkKind.CANCELLATION,
        RemarkKind.OVERRIDE,
        RemarkKind.DESCRIPTION,
        RemarkKind.CORRECTION,
    }
)
"""What restricts nothing and says only what was done: it may stand on a cancelled asset (R9)."""


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


class CancellationCause(models.TextChoices):
    """Why a registration is cancelled (NDA35 art. 37)."""

    OWN_REQUEST = "OWN_REQUEST", _("At the holders' own request")
    DATA_DESTROYED = "DATA_DESTROYED", _("The data was destroyed")
    OBJECTION = "OBJECTION", _("Result of an objection")
    BY_LAW = "BY_LAW", _("Another case of a law or regulation")


class CorrectionCause(models.TextChoices):
    """Whose error it was that is corrected (更正; Civil Code art. 220)."""

    REGISTRAR = "REGISTRAR", _("Error of the registrar")
    APPLICANT = "APPLICANT", _("Error of an applicant")


class SuccessionKind(models.TextChoices):
    """How a party's rights pass to others by law (Civil Code art. 67, 230, 1121)."""

    MERGER = "MERGER", _("Merger")
    DIVISION = "DIVISION", _("Division")
    INHERITANCE = "INHERITANCE", _("Inheritance")

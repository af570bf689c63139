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
    METERED_USE = "METERED_USE", _("Metered use")
    BREACH = "BREACH", _("Used beyond what it allows")
    AUTHORISATION = "AUTHORISATION", _("Authorisation by data subjects")
    BASIS_WITHDRAWN = "BASIS_WITHDRAWN", _("Authorisation withdrawn")
    CLEARANCE = "CLEARANCE", _("Export clearance")
    REVENUE_TERMS = "REVENUE_TERMS", _("Revenue-sharing terms")
    CIRCULATION = "CIRCULATION", _("Circulation filing")


ENDS_WITH_RIGHT = frozenset(
    {
        RemarkKind.PLEDGE,
        RemarkKind.SUBORDINATION,
        RemarkKind.COVENANT,
        RemarkKind.PRIORITY_NOTICE,
        RemarkKind.BREACH,
        RemarkKind.AUTHORISATION,
        RemarkKind.BASIS_WITHDRAWN,
        RemarkKind.CLEARANCE,
        RemarkKind.REVENUE_TERMS,
    }
)
"""Restrictions that fall with the right that they lie on (E5); an order or a dispute does not."""

ENDS_WITH_ASSET = frozenset({RemarkKind.AUTHORISATION, RemarkKind.CLEARANCE})
"""What the holders of a whole asset may do, and nobody's claim on it: it falls with the asset."""

RECORDS = frozenset(
    {
        RemarkKind.SOURCE_ENDED,
        RemarkKind.CANCELLATION,
        RemarkKind.OVERRIDE,
        RemarkKind.DESCRIPTION,
        RemarkKind.CORRECTION,
        RemarkKind.METERED_USE,
        RemarkKind.CIRCULATION,
    }
)
"""What restricts nothing and says only what was done: it may stand on a cancelled asset (R9)."""


class AuthorityKind(models.TextChoices):
    """Who may order a freeze (NDA35 art. 23(2))."""

    COURT = "COURT", _("People's court")
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


class BreachGround(models.TextChoices):
    """What a use went beyond."""

    BEYOND_COUNT = "BEYOND_COUNT", _("More often than agreed")
    OUT_OF_TERM = "OUT_OF_TERM", _("Outside the term")
    UNAUTHORISED = "UNAUTHORISED", _("Personal data without an authorisation in force")


class ClearanceRoute(models.TextChoices):
    """How data may lawfully leave the country (PIPL art. 38, DSL art. 31)."""

    ASSESSMENT = "ASSESSMENT", _("Security assessment")
    CERTIFICATION = "CERTIFICATION", _("Certified protection of personal information")
    STANDARD_CONTRACT = "STANDARD_CONTRACT", _("Standard contract, filed")
    BY_LAW = "BY_LAW", _("Another condition of a law or regulation")


class RevenueRole(models.TextChoices):
    """As what somebody shares in revenue: who contributes, benefits (谁投入、谁贡献、谁受益)."""

    SOURCE_UNIT = "SOURCE_UNIT", _("Unit that the data comes from")
    SUBJECT = "SUBJECT", _("Persons whom the data is about")
    HOLDER = "HOLDER", _("Holder of the data")
    PROCESSOR = "PROCESSOR", _("Processor of the data")
    OPERATOR = "OPERATOR", _("Operator of the data")
    PUBLIC_FUND = "PUBLIC_FUND", _("Public services")
    OTHER = "OTHER", _("Another contributor")

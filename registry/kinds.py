"""The code lists of NDA35 Annex 1, the situations of its articles 15 and 21, and grades by law."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PartyKind(models.TextChoices):
    """Who can hold rights (NDA35 art. 3)."""

    NATURAL = "NATURAL", _("Natural person")
    LEGAL = "LEGAL", _("Legal person")
    UNINCORPORATED = "UNINCORPORATED", _("Unincorporated organisation")


class IdentifierScheme(models.TextChoices):
    """By what a party is identified."""

    USCC = "USCC", _("Unified social credit code")
    RESIDENT_ID = "RESIDENT_ID", _("Resident identity number")
    PASSPORT = "PASSPORT", _("Passport number")
    WEBSITE = "WEBSITE", _("Website")
    FOREIGN = "FOREIGN", _("Foreign register")


class AssetKind(models.TextChoices):
    """What is registered."""

    RESOURCE = "RESOURCE", _("Data resource")
    PRODUCT = "PRODUCT", _("Data product")
    SERVICE = "SERVICE", _("Data service")


class SourceKind(models.TextChoices):
    """How the data came about (Annex 1, 数据来源)."""

    COLLECTED = "COLLECTED", _("Collected or generated")
    CRAWLED = "CRAWLED", _("Public data gathered by automated programs")
    AGREEMENT = "AGREEMENT", _("Obtained by agreement")
    DERIVED = "DERIVED", _("Derived and created")


class Situation(models.TextChoices):
    """The rows of the matrix of article 21: in which situation which right may be registered."""

    OWN_BUSINESS = "OWN_BUSINESS", _("Produced in one's own or joint business")
    OBTAINED_BACK = "OBTAINED_BACK", _("Given rise to by the party, collected by another, obtained")
    NATURAL_PERSON = "NATURAL_PERSON", _("Collected, produced or obtained by a natural person")
    CRAWLED = "CRAWLED", _("Public data gathered by automated programs")
    CRAWLED_PRODUCT = "CRAWLED_PRODUCT", _("Product of such data that does not replace its source")
    BY_CONTRACT = "BY_CONTRACT", _("Obtained or fused under a contract that says who has what")
    FUSED_SILENT = "FUSED_SILENT", _("Fused, and the contract is silent or unclear")
    DERIVED = "DERIVED", _("Derived data")
    ENTRUSTED = "ENTRUSTED", _("Processed for another under a mandate")


class Grade(models.TextChoices):
    """How strictly the data is protected (DSL art. 21, GB/T 43697)."""

    GENERAL = "GENERAL", _("General data")
    IMPORTANT = "IMPORTANT", _("Important data")
    CORE = "CORE", _("Core data of the state")


class PersonalInformation(models.TextChoices):
    """What the data says of natural persons; anonymised it says nothing (PIPL art. 4, 28)."""

    NONE = "NONE", _("No personal information")
    CONTAINED = "CONTAINED", _("Contains personal information")
    SENSITIVE = "SENSITIVE", _("Contains sensitive personal information")


class PersonalBasis(models.TextChoices):
    """On which ground personal information is processed: the seven cases of PIPL art. 13."""

    CONSENT = "CONSENT", _("Consent of the person (PIPL art. 13(1)(1))")
    CONTRACT = "CONTRACT", _("Contract with the person, management of staff (PIPL art. 13(1)(2))")
    DUTY = "DUTY", _("Duty under the law (PIPL art. 13(1)(3))")
    EMERGENCY = "EMERGENCY", _("Public health or another emergency (PIPL art. 13(1)(4))")
    NEWS = "NEWS", _("News and supervision in the public interest (PIPL art. 13(1)(5))")
    PUBLISHED = "PUBLISHED", _("Published by the person or otherwise lawfully (PIPL art. 13(1)(6))")
    BY_LAW = "BY_LAW", _("Another case of a law or regulation (PIPL art. 13(1)(7))")


class PublicData(models.TextChoices):
    """How the data relates to public data: the three cases of NDA35 art. 15, or none."""

    NONE = "NONE", _("Not public data")
    ORGAN_DUTY = "ORGAN_DUTY", _("Collected by or for a Party or government organ in its duty")
    OPERATION_PRODUCT = "OPERATION_PRODUCT", _("Product of the authorised operation of public data")
    UTILITY = "UTILITY", _("From a public service: water, gas, heat, power, transit")


class Stage(models.TextChoices):
    """A stage of dealing with data that has someone responsible for it (LA_Responsibility)."""

    COLLECT = "COLLECT", _("Collection")
    MANAGE = "MANAGE", _("Management")
    HOLD = "HOLD", _("Holding")
    USE = "USE", _("Use")


class RegionScope(models.TextChoices):
    """Annex 1, 地域范围."""

    INTERNATIONAL = "INTERNATIONAL", _("International")
    NATIONAL = "NATIONAL", _("National")
    PROVINCIAL = "PROVINCIAL", _("Provincial")
    CITY = "CITY", _("City")
    COUNTY = "COUNTY", _("County")
    BELOW_COUNTY = "BELOW_COUNTY", _("Below county")


class UpdateFrequency(models.TextChoices):
    """Annex 1, 更新频率."""

    REAL_TIME = "REAL_TIME", _("Real time")
    DAILY = "DAILY", _("Daily")
    WEEKLY = "WEEKLY", _("Weekly")
    MONTHLY = "MONTHLY", _("Monthly")
    YEARLY = "YEARLY", _("Yearly")
    ON_DEMAND = "ON_DEMAND", _("On demand")
    OTHER = "OTHER", _("Other")


class DataForm(models.TextChoices):
    """Annex 1, 数据形态: the form."""

    IMAGE = "IMAGE", _("Image")
    TEXT = "TEXT", _("Text")
    VIDEO = "VIDEO", _("Video")
    AUDIO = "AUDIO", _("Audio")
    TABLE = "TABLE", _("Table")
    OTHER = "OTHER", _("Other")


class DataStructure(models.TextChoices):
    """Annex 1, 数据形态: the structure."""

    STRUCTURED = "STRUCTURED", _("Structured")
    SEMI_STRUCTURED = "SEMI_STRUCTURED", _("Semi-structured")
    UNSTRUCTURED = "UNSTRUCTURED", _("Unstructured")


class InstrumentKind(models.TextChoices):
    """What a document proves."""

    IDENTITY = "IDENTITY", _("Proof of identity")
    LAWFUL_ACQUISITION = "LAWFUL_ACQUISITION", _("Proof of lawful acquisition")
    DATA_SAMPLE = "DATA_SAMPLE", _("Data sample")
    DATA_DESCRIPTION = "DATA_DESCRIPTION", _("Data description")
    CONTRACT = "CONTRACT", _("Contract")
    CONSENT = "CONSENT", _("Consent")
    LICENCE = "LICENCE", _("Licence")
    ASSESSMENT = "ASSESSMENT", _("Assessment of risks or of the impact on persons")
    EXPORT_CLEARANCE = "EXPORT_CLEARANCE", _("Clearance for export")
    DECLARATION = "DECLARATION", _("Declaration")
    CERTIFICATE = "CERTIFICATE", _("Registration certificate")
    POWER_OF_ATTORNEY = "POWER_OF_ATTORNEY", _("Power of attorney")
    APPLICATION_FORM = "APPLICATION_FORM", _("Signed application form")
    ORDER = "ORDER", _("Order and notice of assistance")
    OTHER = "OTHER", _("Other document")


class ActivityKind(models.TextChoices):
    """How a version came from its sources."""

    COLLECT = "COLLECT", _("Collection")
    CRAWL = "CRAWL", _("Automated gathering")
    RECEIVE = "RECEIVE", _("Receipt under agreement")
    DERIVE = "DERIVE", _("Processing and derivation")
    FUSE = "FUSE", _("Fusion")


class IndustrySection(models.TextChoices):
    """GB/T 4754-2017, sections (门类)."""

    A = "A", _("Agriculture, forestry, animal husbandry and fishery")
    B = "B", _("Mining")
    C = "C", _("Manufacturing")
    D = "D", _("Electricity, heat, gas and water supply")
    E = "E", _("Construction")
    F = "F", _("Wholesale and retail trade")
    G = "G", _("Transport, storage and post")
    H = "H", _("Accommodation and catering")
    I = "I", _("Information transmission, software and information technology")  # noqa: E741 # the section's letter
    J = "J", _("Finance")
    K = "K", _("Real estate")
    L = "L", _("Leasing and business services")
    M = "M", _("Scientific research and technical services")
    N = "N", _("Water conservancy, environment and public facilities")
    O = "O", _("Residential services, repair and other services")  # noqa: E741 # the section's letter
    P = "P", _("Education")
    Q = "Q", _("Health and social work")
    R = "R", _("Culture, sports and entertainment")
    S = "S", _("Public administration, social security and social organisations")
    T = "T", _("International organisations")


class ErasureGround(models.TextChoices):
    """Why personal values are erased: the five cases of PIPL art. 47(1)."""

    PURPOSE_ENDED = "PURPOSE_ENDED", _("Purpose fulfilled or no longer needed (PIPL art. 47(1)(1))")
    PERIOD_ENDED = "PERIOD_ENDED", _("Service or period of storage ended (PIPL art. 47(1)(2))")
    CONSENT_WITHDRAWN = "CONSENT_WITHDRAWN", _("Consent withdrawn (PIPL art. 47(1)(3))")
    UNLAWFUL = "UNLAWFUL", _("Processed against law or agreement (PIPL art. 47(1)(4))")
    BY_LAW = "BY_LAW", _("Another case of a law or regulation (PIPL art. 47(1)(5))")

"""What is applied for: the filing with its claims, sources, acts, consents and papers."""

from fractions import Fraction
from typing import TYPE_CHECKING

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from filings.kinds import FilingType
from filings.profiles import Profile, profile_named
from filings.workflow import EDITABLE, State
from ledger.models import Entry
from registry.kinds import ActivityKind, Stage
from registry.models import (
    HEX_DIGEST,
    AssetDescription,
    AssetVersion,
    DataAsset,
    ExternalSource,
    Instrument,
    Party,
)
from rights.kinds import AuthorityKind, RightKind
from rights.models import Interest

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from filings.models.case import (
        Check,
        Declaration,
        ListAnswer,
        NearMatch,
        Participation,
        Step,
    )
    from filings.models.objection import Objection


class Filing(AssetDescription):
    """One application, from draft to decision.

    What an initial registration asks for are the description and the claims; every other type of
    filing asks for acts of title (`AskedAct`) and has the name of the data that they concern. Both
    may change while the case is a draft or is being corrected; afterwards only steps move it. A
    step locks the row and names the state that it expects.
    """

    number = models.CharField(_("filing number"), max_length=20, unique=True, editable=False)
    type = models.CharField(
        _("type of filing"),
        max_length=12,
        choices=FilingType.choices,
        default=FilingType.INITIAL,
        editable=False,
    )
    profile = models.CharField(
        _("rule profile"),
        max_length=40,
        default="cn-nda-2026-35",
        editable=False,
        help_text=_("The procedure that the case follows, fixed when it is drafted."),
    )
    profile_version = models.PositiveSmallIntegerField(
        _("version of the rule profile"),
        default=1,
        editable=False,
        help_text=_("The one in force when it was submitted; of a draft, when it was drafted."),
    )
    state = models.CharField(
        _("state"), max_length=20, choices=State.choices, default=State.DRAFT, editable=False
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="filings",
        verbose_name=_("applicant's account"),
        help_text=_("The enterprise whose members may follow this case online."),
    )
    applicants = models.ManyToManyField(Party, related_name="filings", verbose_name=_("applicants"))
    agent = models.ForeignKey(
        Party,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("agent"),
        help_text=_("Who acts for the applicants, with a power of attorney among the papers."),
    )
    batch = models.ForeignKey(
        "Batch",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="filings",
        verbose_name=_("batch"),
    )
    filed_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        related_name="filings",
        editable=False,
        verbose_name=_("filed by"),
    )
    created_at = models.DateTimeField(_("created"), editable=False)
    sha256 = models.CharField(
        _("SHA-256 of the data"),
        max_length=64,
        validators=[HEX_DIGEST],
        help_text=_("Digest of the whole data file, computed by the applicant; 64 digits."),
    )
    sm3 = models.CharField(_("SM3 of the data"), max_length=64, validators=[HEX_DIGEST])
    size_bytes = models.PositiveBigIntegerField(_("size in bytes"))
    field_names = models.TextField(
        _("names of its fields"),
        blank=True,
        default="",
        max_length=20_000,
        help_text=_(
            "One on each line. Taken from the first line of the data file if it is a table: look "
            "at them, and write them yourself if that line is no heading. The office compares "
            "them; they are not published."
        ),
    )
    part_digests = models.TextField(
        _("digests of its parts"),
        blank=True,
        default="",
        max_length=200_000,
        help_text=_(
            "Where the data comes in several files: one SHA-256 on each line, as sha256sum prints "
            "them. Computed of the files of a ZIP archive."
        ),
    )
    contract_gives_hold = models.BooleanField(_("contract gives the right to hold"), default=False)
    contract_gives_use = models.BooleanField(_("contract gives the right to use"), default=False)
    contract_gives_operate = models.BooleanField(
        _("contract gives the right to operate"), default=False
    )
    is_substantive = models.BooleanField(
        _("substantive change and clearly higher value"),
        default=False,
        help_text=_("For derived data: what article 21 demands of it."),
    )
    remarks = models.CharField(_("remarks for the register"), max_length=400, blank=True)
    asset = models.OneToOneField(
        DataAsset,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="filing",
        verbose_name=_("data asset"),
    )
    concerned = models.ManyToManyField(
        DataAsset,
        blank=True,
        editable=False,
        related_name="cases",
        verbose_name=_("data assets concerned"),
    )
    entry = models.OneToOneField(
        Entry,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="filing",
        verbose_name=_("ledger entry"),
    )
    publicity_ends_on = models.DateField(_("publicity ends on"), null=True, editable=False)
    due_on = models.DateField(
        _("due on"),
        null=True,
        editable=False,
        help_text=_("The last lawful day for the next step; empty while no time runs."),
    )

    if TYPE_CHECKING:
        acts: RelatedManager["AskedAct"]
        given_consents: RelatedManager["GivenConsent"]
        claims: RelatedManager["ClaimedRight"]
        sources: RelatedManager["ClaimedSource"]
        participants: RelatedManager["FusionParticipant"]
        responsibilities: RelatedManager["ClaimedResponsibility"]
        papers: RelatedManager["Paper"]
        declarations: RelatedManager["Declaration"]
        checks: RelatedManager["Check"]
        near_matches: RelatedManager["NearMatch"]
        list_answers: RelatedManager["ListAnswer"]
        steps: RelatedManager["Step"]
        objections: RelatedManager["Objection"]
        participations: RelatedManager["Participation"]

    class Meta:
        verbose_name = _("filing")
        verbose_name_plural = _("filings")
        constraints = [
            models.CheckConstraint(
                condition=Q(state=State.REGISTERED, type=FilingType.INITIAL, asset__isnull=False)
                | (~Q(state=State.REGISTERED, type=FilingType.INITIAL) & Q(asset__isnull=True)),
                name="filing_registered_with_asset",
            ),
            models.CheckConstraint(
                condition=Q(state=State.REGISTERED, entry__isnull=False)
                | (~Q(state=State.REGISTERED) & Q(entry__isnull=True)),
                name="filing_registered_with_entry",
            ),
            models.CheckConstraint(
                condition=~Q(type=FilingType.INITIAL) | ~Q(sha256=""),
                name="filing_for_new_data_has_digest",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_on"], name="filing_by_state_and_day"),
            models.Index(fields=["sha256"], name="filing_by_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    def get_field_names_display(self) -> str:
        """Return the names of the fields on one line."""
        return "、".join(self.field_names.splitlines())

    def get_part_digests_display(self) -> str:
        """Return how many parts there are, and their names or the beginnings of their digests."""
        lines = [line.split(maxsplit=1) for line in self.part_digests.splitlines() if line.strip()]
        names = [line[-1] if len(line) > 1 else line[0][:8] for line in lines]
        return f"{len(names)}: {'、'.join(names)}" if names else ""

    @property
    def procedure(self) -> Profile:
        """The version of the rule profile that the case follows."""
        return profile_named(self.profile, self.profile_version)

    @property
    def is_editable(self) -> bool:
        """Whether the applicant's side may still change what is applied for."""
        return self.state in EDITABLE

    @property
    def contract_kinds(self) -> frozenset[RightKind]:
        """The rights that the contract gives, as read by the applicant and then the examiner."""
        given = {
            RightKind.HOLD: self.contract_gives_hold,
            RightKind.USE: self.contract_gives_use,
            RightKind.OPERATE: self.contract_gives_operate,
        }
        return frozenset(kind for kind, is_given in given.items() if is_given)


class AskedAct(models.Model):
    """One act of title that a filing asks for: a request of `rights.acts`, as it is drafted."""

    filing = models.ForeignKey(Filing, on_delete=models.CASCADE, related_name="acts")
    position = models.PositiveSmallIntegerField(_("position"))
    act = models.CharField(_("act"), max_length=40)
    asked = models.JSONField(_("what is asked for"), help_text=_("As `primitives.shapes` writes."))

    class Meta:
        verbose_name = _("act asked for")
        verbose_name_plural = _("acts asked for")
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["filing", "position"], name="asked_act_in_its_place")
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.act}"


class ProposedOverride(models.Model):
    """That an examiner proposes to set a rule of title aside for what a case asks (W8).

    Another person decides on the case; the entry then says which rule, why, and by whom.
    """

    filing = models.ForeignKey(Filing, on_delete=models.CASCADE, related_name="overrides")
    reference = models.CharField(max_length=20, unique=True)
    rule = models.CharField(_("rule"), max_length=10)
    ground = models.CharField(_("ground"), max_length=400)
    proposed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed"))

    class Meta:
        verbose_name = _("proposed override")
        verbose_name_plural = _("proposed overrides")
        constraints = [
            models.UniqueConstraint(fields=["filing", "rule"], name="override_proposed_once"),
            models.CheckConstraint(condition=~Q(ground=""), name="override_has_a_ground"),
        ]

    def __str__(self) -> str:
        return f"{self.filing}: {self.rule}"


class OrderBehind(models.Model):
    """Under whose order a filing is made that no holder asked for."""

    filing = models.OneToOneField(Filing, on_delete=models.CASCADE, related_name="order")
    authority = models.CharField(_("authority"), max_length=13, choices=AuthorityKind.choices)
    level = models.PositiveSmallIntegerField(
        _("level of the authority"),
        validators=[MinValueValidator(1), MaxValueValidator(9)],
        help_text=_("The higher the number, the higher the authority."),
    )
    number = models.CharField(_("number of the order"), max_length=100)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")

    def __str__(self) -> str:
        return f"{self.get_authority_display()} {self.number}"


class GivenConsent(models.Model):
    """That a party agreed to what a filing asks for: on paper, or signed in, by one of its members.

    It names the digest of what was asked for when it was given; for anything else it is none.
    """

    filing = models.ForeignKey(Filing, on_delete=models.CASCADE, related_name="given_consents")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, verbose_name=_("party"))
    dealing = models.CharField(_("digest of the dealing"), max_length=64, validators=[HEX_DIGEST])
    paper = models.OneToOneField(
        "Paper", on_delete=models.PROTECT, related_name="given_consent", verbose_name=_("paper")
    )
    given_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name=_("given or filed by")
    )
    given_at = models.DateTimeField(_("given"))

    class Meta:
        verbose_name = _("consent given")
        verbose_name_plural = _("consents given")

    def __str__(self) -> str:
        return f"{self.party}"


class ClaimedRight(models.Model):
    """One right applied for."""

    filing = models.ForeignKey(Filing, on_delete=models.CASCADE, related_name="claims")
    kind = models.CharField(_("kind of right"), max_length=7, choices=RightKind.choices)
    term_months = models.PositiveSmallIntegerField(
        _("term in months"), validators=[MinValueValidator(1), MaxValueValidator(1200)]
    )
    limits = models.CharField(_("limits"), max_length=400, blank=True)

    if TYPE_CHECKING:
        shares: RelatedManager["ClaimedShare"]

    class Meta:
        verbose_name = _("claimed right")
        verbose_name_plural = _("claimed rights")

    def __str__(self) -> str:
        return self.get_kind_display()


class ClaimedShare(models.Model):
    """A holder's share of a claimed right, exactly as written on the form."""

    right = models.ForeignKey(ClaimedRight, on_delete=models.CASCADE, related_name="shares")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, verbose_name=_("holder"))
    numerator = models.PositiveIntegerField(_("numerator"), default=1)
    denominator = models.PositiveIntegerField(
        _("denominator"), default=1, validators=[MinValueValidator(1)]
    )

    class Meta:
        verbose_name = _("claimed share")
        verbose_name_plural = _("claimed shares")

    def __str__(self) -> str:
        return f"{self.party} {self.numerator}/{self.denominator}"

    @property
    def fraction(self) -> Fraction:
        """The share as an exact rational."""
        return Fraction(self.numerator, self.denominator)


class Trait(models.TextChoices):
    """What a fingerprint is of."""

    SCHEMA = "SCHEMA", _("the names of its fields")
    PART = "PART", _("one of its parts")


class Fingerprint(models.Model):
    """A digest by which an application's data is found again; derived from what it says."""

    filing = models.ForeignKey(Filing, on_delete=models.CASCADE, related_name="fingerprints")
    trait = models.CharField(max_length=6, choices=Trait.choices)
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("fingerprint of data")
        verbose_name_plural = _("fingerprints of data")
        indexes = [models.Index(fields=["digest", "filing"], name="fingerprint_found")]
        constraints = [
            models.UniqueConstraint(
                fields=["filing", "trait", "digest"], name="fingerprint_kept_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_trait_display()}: {self.digest}"


class ClaimedSource(models.Model):
    """A source that the data came from: a registered version, or one outside the register."""

    filing = models.ForeignKey(Filing, on_delete=models.CASCADE, related_name="sources")
    source_version = models.ForeignKey(
        AssetVersion,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("registered version"),
    )
    external_source = models.ForeignKey(
        ExternalSource,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("source registered earlier from outside"),
    )
    title = models.CharField(_("title of an outside source"), max_length=200, blank=True)
    publisher = models.ForeignKey(
        Party,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("publisher"),
    )
    locator = models.CharField(_("where it was obtained"), max_length=300, blank=True)
    edition = models.CharField(_("edition"), max_length=100, blank=True)
    licence = models.CharField(_("licence"), max_length=300, blank=True)
    sha256 = models.CharField(
        _("SHA-256 of the source"), max_length=64, blank=True, validators=[HEX_DIGEST]
    )
    activity = models.CharField(_("activity"), max_length=10, choices=ActivityKind.choices)
    method = models.TextField(_("method"))
    code_sha256 = models.CharField(
        _("SHA-256 of the processing code"), max_length=64, blank=True, validators=[HEX_DIGEST]
    )
    ended_at = models.DateTimeField(_("activity ended"))
    responsible = models.ForeignKey(
        Party, on_delete=models.PROTECT, related_name="+", verbose_name=_("responsible party")
    )
    basis = models.CharField(_("legal basis in words"), max_length=300, blank=True)
    basis_interest = models.ForeignKey(
        Interest,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("registered right relied on"),
    )
    basis_paper = models.ForeignKey(
        "Paper",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("paper that proves the basis"),
    )

    class Meta:
        verbose_name = _("claimed source")
        verbose_name_plural = _("claimed sources")
        constraints = [
            models.CheckConstraint(
                condition=Q(source_version__isnull=False, external_source__isnull=True, title="")
                | Q(source_version__isnull=True, external_source__isnull=False, title="")
                | Q(
                    source_version__isnull=True,
                    external_source__isnull=True,
                    publisher__isnull=False,
                )
                & ~Q(title="")
                & ~Q(sha256=""),
                name="claimed_source_is_one_of_three",
                violation_error_message=_(
                    "Name one source: a registered version, a source known from outside, or a new "
                    "one with its title, publisher and SHA-256."
                ),
            )
        ]

    def __str__(self) -> str:
        return str(self.source_version or self.external_source or self.title)


class FusionParticipant(models.Model):
    """Another party to fused data, and the paper with its consent, if there is one."""

    filing = models.ForeignKey(Filing, on_delete=models.CASCADE, related_name="participants")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, verbose_name=_("party"))
    consent = models.ForeignKey(
        "Paper",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("paper with its consent"),
    )

    class Meta:
        verbose_name = _("other party to the fusion")
        verbose_name_plural = _("other parties to the fusion")
        constraints = [models.UniqueConstraint(fields=["filing", "party"], name="participant_once")]

    def __str__(self) -> str:
        return str(self.party)


class ClaimedResponsibility(models.Model):
    """Who will be responsible for the data at one stage."""

    filing = models.ForeignKey(Filing, on_delete=models.CASCADE, related_name="responsibilities")
    stage = models.CharField(_("stage"), max_length=7, choices=Stage.choices)
    party = models.ForeignKey(
        Party, on_delete=models.PROTECT, related_name="+", verbose_name=_("responsible party")
    )

    class Meta:
        verbose_name = _("responsibility")
        verbose_name_plural = _("responsibilities")
        constraints = [
            models.UniqueConstraint(
                fields=["filing", "stage", "party"], name="responsibility_claimed_once_per_stage"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()}: {self.party}"


class Paper(models.Model):
    """An instrument handed in with a filing."""

    filing = models.ForeignKey(Filing, on_delete=models.CASCADE, related_name="papers")
    instrument = models.OneToOneField(Instrument, on_delete=models.PROTECT, related_name="paper")

    class Meta:
        verbose_name = _("paper")
        verbose_name_plural = _("papers")

    def __str__(self) -> str:
        return str(self.instrument)

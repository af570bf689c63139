"""Applications and their cases: what is applied for, its papers, and every step with its person."""

from fractions import Fraction
from typing import TYPE_CHECKING

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from filings.checklist import CheckItem
from filings.kinds import FilingType
from filings.workflow import EDITABLE, Action, State
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


class Declaration(models.Model):
    """That the applicant made one of the declarations of the rule profile, and in which version.

    For an applicant on paper it is entered by the registrar who has the signed form.
    """

    filing = models.ForeignKey(Filing, on_delete=models.CASCADE, related_name="declarations")
    name = models.CharField(_("declaration"), max_length=40)
    version = models.PositiveIntegerField(_("version of the rule profile"))
    made_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name=_("given or filed by")
    )
    made_at = models.DateTimeField(_("given"))

    class Meta:
        verbose_name = _("declaration")
        verbose_name_plural = _("declarations")
        constraints = [
            models.UniqueConstraint(
                fields=["filing", "name", "version"], name="declaration_made_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Check(models.Model):
    """An examiner's answer to one item of the review checklist."""

    filing = models.ForeignKey(Filing, on_delete=models.CASCADE, related_name="checks")
    item = models.CharField(_("item"), max_length=20, choices=CheckItem.choices)
    is_met = models.BooleanField(_("met"))
    note = models.CharField(_("note"), max_length=400, blank=True)
    checked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name=_("checked by")
    )
    checked_at = models.DateTimeField(_("checked"))

    class Meta:
        verbose_name = _("check")
        verbose_name_plural = _("checks")
        constraints = [models.UniqueConstraint(fields=["filing", "item"], name="check_once")]

    def __str__(self) -> str:
        return f"{self.get_item_display()}: {self.is_met}"


class Likeness(models.TextChoices):
    """What an examiner found of data with a name like the case's (invariant W7)."""

    OTHER = "OTHER", _("other data")
    SAME = "SAME", _("the same data")


class NearMatch(models.Model):
    """What an examiner found of one asset, or of one earlier case, that has a similar name."""

    filing = models.ForeignKey(Filing, on_delete=models.CASCADE, related_name="near_matches")
    asset = models.ForeignKey(
        DataAsset,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("registered data"),
    )
    case = models.ForeignKey(
        Filing, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("case")
    )
    finding = models.CharField(_("finding"), max_length=5, choices=Likeness.choices)
    note = models.CharField(_("note"), max_length=400)
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"))

    class Meta:
        verbose_name = _("near match")
        verbose_name_plural = _("near matches")
        constraints = [
            models.CheckConstraint(
                condition=Q(asset__isnull=False, case__isnull=True)
                | Q(asset__isnull=True, case__isnull=False),
                name="near_match_is_an_asset_or_a_case",
            ),
            models.UniqueConstraint(fields=["filing", "asset"], name="asset_compared_once"),
            models.UniqueConstraint(fields=["filing", "case"], name="case_compared_once"),
        ]

    def __str__(self) -> str:
        return f"{self.asset or self.case}: {self.get_finding_display()}"


class ListedItem(models.Model):
    """An item of data on the negative list, in force from a day until it is ended; never edited."""

    title = models.CharField(_("item"), max_length=200)
    terms = models.TextField(
        _("terms"),
        max_length=2000,
        help_text=_("Words by which an application is found that may fall under it, one a line."),
    )
    source = models.CharField(
        _("source"), max_length=200, help_text=_("The rule that forbids it, with its article.")
    )
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("last day"), null=True, blank=True)
    edition = models.PositiveIntegerField(_("edition"), editable=False)
    ended_edition = models.PositiveIntegerField(
        _("edition that ended it"), null=True, editable=False
    )
    entered_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        editable=False,
        related_name="+",
        verbose_name=_("entered by"),
    )
    entered_at = models.DateTimeField(_("entered"), editable=False)
    ended_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("ended by"),
    )
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)

    class Meta:
        verbose_name = _("item of the negative list")
        verbose_name_plural = _("negative list")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    valid_to__isnull=True,
                    ended_edition__isnull=True,
                    ended_by__isnull=True,
                    ended_at__isnull=True,
                )
                | Q(
                    valid_to__gte=models.F("valid_from"),
                    ended_edition__gt=models.F("edition"),
                    ended_by__isnull=False,
                    ended_at__isnull=False,
                ),
                name="listed_item_is_ended_whole",
            )
        ]

    def __str__(self) -> str:
        return self.title


class ListAnswer(models.Model):
    """What an examiner found of an item of the negative list that a case seems to fall under."""

    filing = models.ForeignKey(Filing, on_delete=models.CASCADE, related_name="list_answers")
    item = models.ForeignKey(ListedItem, on_delete=models.PROTECT, related_name="+")
    applies = models.BooleanField(_("applies"))
    reason = models.CharField(_("reason"), max_length=400)
    answered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("answered"))

    class Meta:
        verbose_name = _("finding on the negative list")
        verbose_name_plural = _("findings on the negative list")
        constraints = [
            models.UniqueConstraint(fields=["filing", "item"], name="listed_item_answered_once")
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.applies}"


class Part(models.TextChoices):
    """In which of the three parts of a case a person took part."""

    FILED = "FILED", _("Filed")
    ACCEPTED = "ACCEPTED", _("Accepted")
    EXAMINED = "EXAMINED", _("Examined")


class Participation(models.Model):
    """That a person took part in a case; kept whatever they or others change afterwards.

    Separation of duties reads it: whoever drafts, changes, hands in or submits has filed; whoever
    answers an item of the checklist has examined.
    """

    filing = models.ForeignKey(
        Filing, on_delete=models.CASCADE, related_name="participations", verbose_name=_("filing")
    )
    person = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="participations", verbose_name=_("by")
    )
    part = models.CharField(_("part"), max_length=8, choices=Part.choices)

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        constraints = [
            models.UniqueConstraint(fields=["filing", "person", "part"], name="participation_once")
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_part_display()}"


class CalendarYear(models.Model):
    """The working days of a year, as one edition of its official notice has them.

    An edition is never changed: a notice that was changed is entered as the next one.
    """

    year = models.PositiveSmallIntegerField(
        _("year"), validators=[MinValueValidator(2000), MaxValueValidator(2999)]
    )
    edition = models.PositiveSmallIntegerField(_("edition"), default=1, editable=False)
    holidays = models.JSONField(_("days off"), help_text=_("As 2026-10-01, one a line."))
    workdays = models.JSONField(
        _("weekend days that are worked"), blank=True, help_text=_("As 2026-10-10, one a line.")
    )
    source = models.CharField(
        _("source"), max_length=200, help_text=_("Title and number of the official notice.")
    )
    entered_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("entered by"),
    )
    entered_at = models.DateTimeField(_("entered"), editable=False)

    class Meta:
        verbose_name = _("year of working days")
        verbose_name_plural = _("years of working days")
        ordering = ("-year", "-edition")
        constraints = [
            models.UniqueConstraint(fields=["year", "edition"], name="edition_of_a_year_once")
        ]

    def __str__(self) -> str:
        return f"{self.year} ({self.edition})"


class Outcome(models.TextChoices):
    """What was decided on an objection (NDA35 art. 25, 29)."""

    SUSTAINED = "SUSTAINED", _("Sustained")
    DISMISSED = "DISMISSED", _("Dismissed")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn by the objector")
    REFERRED = "REFERRED", _("Referred to arbitration or court")


class Objection(models.Model):
    """That somebody with an interest disputes a case: in its publicity, or later.

    The objector reads its progress by its number and a code of which only the digest is kept.
    """

    number = models.CharField(_("receipt number"), max_length=20, unique=True)
    code_sha256 = models.CharField(max_length=64, validators=[HEX_DIGEST])
    filing = models.ForeignKey(
        Filing, on_delete=models.PROTECT, related_name="objections", verbose_name=_("filing")
    )
    in_publicity = models.BooleanField(
        _("in publicity"), help_text=_("Received before the last day of the publicity ended.")
    )
    objector = models.CharField(_("name of the objector"), max_length=200)
    contact = models.CharField(_("how to reach the objector"), max_length=200)
    ground = models.TextField(_("interest and ground"), max_length=2000)
    evidence = models.ForeignKey(
        Instrument, on_delete=models.PROTECT, related_name="+", verbose_name=_("evidence")
    )
    received_at = models.DateTimeField(_("received"))
    due_on = models.DateField(
        _("due on"),
        null=True,
        help_text=_("The last day to decide it, or to notify the registrant of a later one."),
    )
    notified_at = models.DateTimeField(_("registrant notified"), null=True)
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome.choices, blank=True)
    conclusion = models.TextField(_("conclusion"), blank=True)
    concluded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("concluded by")
    )
    concluded_at = models.DateTimeField(_("concluded"), null=True)

    class Meta:
        verbose_name = _("objection to a case")
        verbose_name_plural = _("objections to cases")
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="", concluded_by=None, concluded_at=None, conclusion="")
                | ~Q(outcome="")
                & ~Q(conclusion="")
                & Q(concluded_by__isnull=False, concluded_at__isnull=False),
                name="objection_is_open_or_concluded",
            )
        ]
        indexes = [models.Index(fields=["filing"], condition=Q(outcome=""), name="objections_open")]

    def __str__(self) -> str:
        return self.number


class Step(models.Model):
    """One step of a case: who took it, when, from which state to which, and why.

    Nobody took the clock's steps.
    """

    filing = models.ForeignKey(Filing, on_delete=models.CASCADE, related_name="steps")
    action = models.CharField(_("action"), max_length=20, choices=Action.choices)
    from_state = models.CharField(_("from"), max_length=20, choices=State.choices)
    to_state = models.CharField(_("to"), max_length=20, choices=State.choices)
    taken_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    taken_at = models.DateTimeField(_("at"))
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.taken_at:%Y-%m-%d %H:%M}"

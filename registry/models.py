"""What the register knows: parties, data assets and their versions, instruments, provenance.

Every row here was written by an act or stands in one; `entry` names its ledger entry. Rows are
shown, never edited.
"""

from typing import TYPE_CHECKING

from django.core.validators import MaxLengthValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from ledger.models import Entry
from registry.fees import yuan_text
from registry.kinds import (
    ActivityKind,
    AssetKind,
    DataForm,
    DataStructure,
    ErasureGround,
    Grade,
    IdentifierScheme,
    IndustrySection,
    InstrumentKind,
    PartyKind,
    PersonalBasis,
    PersonalInformation,
    PublicData,
    RegionScope,
    Situation,
    SourceKind,
    Stage,
    UpdateFrequency,
)

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

HEX_DIGEST = RegexValidator(r"^[0-9a-f]{64}\Z", _("Write the digest as 64 hexadecimal digits."))


class Party(models.Model):
    """A person or organisation that can hold, grant or vouch for rights (LA_Party)."""

    reference = models.CharField(_("reference"), max_length=20, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=PartyKind.choices)
    name = models.CharField(_("name"), max_length=200)
    identifier_scheme = models.CharField(
        _("identifier scheme"), max_length=20, choices=IdentifierScheme.choices
    )
    identifier = models.CharField(_("identifier"), max_length=100)
    address = models.CharField(_("address"), max_length=300, blank=True)
    legal_representative = models.CharField(_("legal representative"), max_length=100, blank=True)
    contact = models.CharField(_("contact person and phone"), max_length=200, blank=True)
    business_status = models.CharField(_("business status"), max_length=200, blank=True)
    is_example = models.BooleanField(_("example, not a real party"), default=False)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, verbose_name=_("ledger entry"))

    class Meta:
        verbose_name = _("party")
        verbose_name_plural = _("parties")
        constraints = [
            models.UniqueConstraint(
                fields=["identifier_scheme", "identifier"],
                # An erased party has none; the same person may then be entered anew.
                condition=~Q(identifier=""),
                name="party_identifier_once",
            )
        ]

    def __str__(self) -> str:
        if self.is_erased:
            return _("erased (%(reference)s)") % {"reference": self.reference}
        return self.name

    @property
    def is_erased(self) -> bool:
        """Whether who this is was erased; every party that is entered has both."""
        return not (self.name or self.identifier)


class PartyChange(models.Model):
    """That a party's own data changed (NDA35 art. 35(1)); the party's row has the present values.

    Attributes:
        number: counts from 1 for each party.
        fields: names of what changed.
        before: values from before of those that stood in clear in the ledger; what was committed
            there is kept by its opening, and goes with that.
    """

    party = models.ForeignKey(
        Party, on_delete=models.PROTECT, related_name="changes", verbose_name=_("party")
    )
    number = models.PositiveIntegerField(_("number of the change"))
    fields = models.JSONField(_("fields"))
    before = models.JSONField(_("values before"), default=dict)
    entry = models.OneToOneField(
        Entry,
        on_delete=models.PROTECT,
        related_name="party_change",
        verbose_name=_("ledger entry"),
    )

    class Meta:
        verbose_name = _("change of a party")
        verbose_name_plural = _("changes of parties")
        constraints = [
            models.UniqueConstraint(fields=["party", "number"], name="party_change_once")
        ]

    def __str__(self) -> str:
        return f"{self.party} {self.number}"


class Opening(models.Model):
    """What opens one commitment in an entry; kept apart so that it can be erased."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="openings")
    path = models.CharField(max_length=100)
    disclosure = models.TextField()

    class Meta:
        verbose_name = _("opening")
        verbose_name_plural = _("openings")
        constraints = [
            models.UniqueConstraint(fields=["entry", "path"], name="opening_once_per_path")
        ]

    def __str__(self) -> str:
        return f"{self.entry} {self.path}"


class Erasure(models.Model):
    """A request to erase what identifies a party, and what was decided on it.

    Attributes:
        fields: JSON pointers into the party's entry whose openings are gone; set when granted.
        instruments: references of the papers of identity that go too.
        entry: the act, once granted. Until then the row is a request and no entry knows it.
    """

    party = models.ForeignKey(
        Party, on_delete=models.PROTECT, related_name="erasures", verbose_name=_("party")
    )
    ground = models.CharField(_("legal ground"), max_length=20, choices=ErasureGround.choices)
    words = models.CharField(
        _("ground in words"),
        max_length=300,
        blank=True,
        help_text=_("This stands in the public ledger: write nothing that names a person."),
    )
    fields = models.JSONField(_("fields"), default=list)
    instruments = models.JSONField(_("papers of identity"), default=list)
    requested_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name=_("requested by")
    )
    requested_at = models.DateTimeField(_("requested"))
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    entry = models.OneToOneField(
        Entry, on_delete=models.PROTECT, null=True, verbose_name=_("ledger entry")
    )

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        constraints = [
            models.UniqueConstraint(
                fields=["party"],
                condition=Q(decided_at__isnull=True),
                name="erasure_requested_once",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True, entry__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="erasure_decided_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party.reference}: {self.get_ground_display()}"

    @property
    def is_open(self) -> bool:
        """Whether the request waits for a decision."""
        return self.decided_at is None


class Disclosure(models.Model):
    """That chosen fields of an entry were shown: to whom, for what, by whom; never a value."""

    entry = models.ForeignKey(
        Entry, on_delete=models.PROTECT, related_name="disclosures", verbose_name=_("ledger entry")
    )
    fields = models.JSONField(_("fields"))
    recipient = models.CharField(_("recipient"), max_length=200)
    purpose = models.CharField(_("purpose"), max_length=300)
    disclosed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name=_("disclosed by")
    )
    disclosed_at = models.DateTimeField(_("disclosed"))
    sha256 = models.CharField(_("SHA-256 of the disclosure file"), max_length=64)

    class Meta:
        verbose_name = _("disclosure")
        verbose_name_plural = _("disclosures")

    def __str__(self) -> str:
        return f"{self.recipient} {self.disclosed_at:%Y-%m-%d}"


class Instrument(models.Model):
    """A document that proves something (LA_Source); its bytes are stored under their digest.

    ``entry`` is the registration in which it stands, if that has committed members. After an
    ``erasure`` the file is gone, and of the columns what the ledger does not hold in clear.
    """

    reference = models.CharField(_("reference"), max_length=20, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=InstrumentKind.choices)
    title = models.CharField(_("title"), max_length=200)
    file_name = models.CharField(_("file name"), max_length=200)
    media_type = models.CharField(_("media type"), max_length=100)
    sha256 = models.CharField("SHA-256", max_length=64, validators=[HEX_DIGEST])
    sm3 = models.CharField("SM3", max_length=64, validators=[HEX_DIGEST])
    size_bytes = models.BigIntegerField(_("size in bytes"))
    stored_at = models.DateTimeField(_("stored"))
    entry = models.ForeignKey(
        Entry,
        on_delete=models.PROTECT,
        related_name="instruments",
        null=True,
        editable=False,
        verbose_name=_("ledger entry"),
    )
    erasure = models.ForeignKey(
        Erasure,
        on_delete=models.PROTECT,
        related_name="erased_instruments",
        null=True,
        editable=False,
        verbose_name=_("erasure"),
    )

    class Meta:
        verbose_name = _("instrument")
        verbose_name_plural = _("instruments")

    def __str__(self) -> str:
        if self.erasure_id:
            return _("%(kind)s: erased") % {"kind": self.get_kind_display()}
        return f"{self.get_kind_display()}: {self.title}"

    @property
    def is_erased(self) -> bool:
        """Whether the act of erasure that the row names names the paper too."""
        erasure = self.erasure
        return bool(erasure and erasure.entry_id and self.reference in erasure.instruments)


class AssetDescription(models.Model):
    """The data block of the initial registration form (NDA35 Annex 1), drafted or registered.

    Grade, personal information and the relation to public data are empty in what was registered
    before they were asked for.
    """

    name = models.CharField(
        _("data name"),
        max_length=40,
        help_text=_("Time, region, industry, content, data type; at most 40 characters."),
    )
    summary = models.TextField(
        _("data summary"),
        validators=[MaxLengthValidator(400)],
        help_text=_("Function, form and use; at most 400 characters."),
    )
    kind = models.CharField(_("kind of asset"), max_length=10, choices=AssetKind.choices)
    industry_section = models.CharField(
        _("industry section"), max_length=1, choices=IndustrySection.choices
    )
    industry_division = models.CharField(
        _("industry division"),
        max_length=2,
        validators=[RegexValidator(r"^\d{2}\Z", _("Write the two digits of GB/T 4754."))],
    )
    source_kind = models.CharField(_("source of the data"), max_length=12, choices=SourceKind)
    situation = models.CharField(
        _("legal situation"),
        max_length=16,
        choices=Situation,
        help_text=_("The case of article 21 that decides which rights may be registered."),
    )
    grade = models.CharField(
        _("grade of the data"), max_length=9, choices=Grade.choices, default=Grade.GENERAL
    )
    personal_information = models.CharField(
        _("personal information"),
        max_length=9,
        choices=PersonalInformation.choices,
        default=PersonalInformation.NONE,
        help_text=_("Anonymised data holds none."),
    )
    personal_basis = models.CharField(
        _("ground for personal information"),
        max_length=9,
        choices=PersonalBasis.choices,
        blank=True,
    )
    public_data = models.CharField(
        _("relation to public data"),
        max_length=17,
        choices=PublicData.choices,
        default=PublicData.NONE,
    )
    public_data_code = models.CharField(
        _("public-data registration code"),
        max_length=100,
        blank=True,
        help_text=_("As the registration platform for public data resources gave it."),
    )
    region_scope = models.CharField(_("region"), max_length=14, choices=RegionScope.choices)
    region = models.CharField(_("name of the region"), max_length=100, blank=True)
    period_from = models.DateField(_("period from"), null=True, blank=True)
    period_to = models.DateField(_("period to"), null=True, blank=True)
    update_frequency = models.CharField(
        _("update frequency"), max_length=10, choices=UpdateFrequency.choices
    )
    record_count = models.PositiveBigIntegerField(_("number of records"), null=True, blank=True)
    form = models.CharField(_("form of the data"), max_length=10, choices=DataForm.choices)
    structure = models.CharField(_("structure"), max_length=16, choices=DataStructure.choices)
    limit_users = models.CharField(_("limit: kinds of user"), max_length=200, blank=True)
    limit_qualification = models.CharField(
        _("limit: qualification and capability"), max_length=200, blank=True
    )
    limit_environment = models.CharField(_("limit: environment of use"), max_length=200, blank=True)
    limit_territory = models.CharField(_("limit: territory"), max_length=200, blank=True)
    resale_allowed = models.BooleanField(_("resale allowed"), default=False)
    export_allowed = models.BooleanField(_("export allowed"), default=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class DataAsset(AssetDescription):
    """A registered unit of data with homogeneous rights (LA_BAUnit)."""

    number = models.CharField(_("asset number"), max_length=20, unique=True)
    registered_at = models.DateTimeField(_("registered"))
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, verbose_name=_("ledger entry"))

    if TYPE_CHECKING:
        versions: RelatedManager["AssetVersion"]
        responsibilities: RelatedManager["Responsibility"]

    class Meta:
        verbose_name = _("data asset")
        verbose_name_plural = _("data assets")
        constraints = [
            models.CheckConstraint(condition=~Q(grade=Grade.CORE), name="asset_is_no_core_data"),
            models.CheckConstraint(
                condition=~Q(public_data=PublicData.ORGAN_DUTY), name="asset_is_no_organs_data"
            ),
            models.CheckConstraint(
                condition=~Q(public_data=PublicData.OPERATION_PRODUCT) | ~Q(public_data_code=""),
                name="asset_of_operation_has_its_code",
            ),
        ]


class Responsibility(models.Model):
    """Who is responsible for an asset's data at one stage (LA_Responsibility)."""

    asset = models.ForeignKey(
        DataAsset,
        on_delete=models.PROTECT,
        related_name="responsibilities",
        verbose_name=_("data asset"),
    )
    stage = models.CharField(_("stage"), max_length=7, choices=Stage.choices)
    party = models.ForeignKey(
        Party,
        on_delete=models.PROTECT,
        related_name="responsibilities",
        verbose_name=_("responsible party"),
    )

    class Meta:
        verbose_name = _("responsibility")
        verbose_name_plural = _("responsibilities")
        constraints = [
            models.UniqueConstraint(
                fields=["asset", "stage", "party"], name="responsibility_once_per_stage"
            )
        ]

    def __str__(self) -> str:
        return f"{self.asset.number} {self.get_stage_display()}: {self.party}"


class AssetVersion(models.Model):
    """The exact data that was registered, pinned by its digests; the same data is one version."""

    asset = models.ForeignKey(
        DataAsset, on_delete=models.PROTECT, related_name="versions", verbose_name=_("data asset")
    )
    number = models.PositiveIntegerField(_("version"))
    sha256 = models.CharField("SHA-256", max_length=64, validators=[HEX_DIGEST])
    sm3 = models.CharField("SM3", max_length=64, validators=[HEX_DIGEST])
    size_bytes = models.PositiveBigIntegerField(_("size in bytes"))
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, verbose_name=_("ledger entry"))

    if TYPE_CHECKING:
        sources: RelatedManager["Derivation"]
        derived: RelatedManager["Derivation"]

    class Meta:
        verbose_name = _("asset version")
        verbose_name_plural = _("asset versions")
        constraints = [
            models.UniqueConstraint(fields=["asset", "number"], name="asset_version_once"),
            # W7: the same data is registered once.
            models.UniqueConstraint(fields=["sha256"], name="data_registered_once"),
        ]

    def __str__(self) -> str:
        return f"{self.asset.number} v{self.number}"


class ExternalSource(models.Model):
    """A pinned source outside the register: what was taken, in which edition, from whom."""

    reference = models.CharField(_("reference"), max_length=20, unique=True)
    title = models.CharField(_("title"), max_length=200)
    publisher = models.ForeignKey(Party, on_delete=models.PROTECT, verbose_name=_("publisher"))
    locator = models.CharField(_("where it was obtained"), max_length=300)
    edition = models.CharField(_("edition"), max_length=100)
    licence = models.CharField(_("licence"), max_length=300, blank=True)
    sha256 = models.CharField("SHA-256", max_length=64, validators=[HEX_DIGEST])
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, verbose_name=_("ledger entry"))

    class Meta:
        verbose_name = _("external source")
        verbose_name_plural = _("external sources")
        constraints = [
            models.UniqueConstraint(
                fields=["publisher", "title", "edition", "sha256"], name="external_source_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.edition}"


class Derivation(models.Model):
    """One edge of provenance: this version came from that source by this activity, on this basis.

    Acyclic by construction (P1): a version's sources are fixed when it is registered, and the
    database admits only sources with a smaller key, i.e. registered before. Edges name versions
    (P3), so a new version of a source changes no edge.
    """

    derived_version = models.ForeignKey(
        AssetVersion,
        on_delete=models.PROTECT,
        related_name="sources",
        db_index=False,  # the constraints below begin with it
        verbose_name=_("derived version"),
    )
    source_version = models.ForeignKey(
        AssetVersion,
        on_delete=models.PROTECT,
        related_name="derived",
        db_index=False,  # an index below begins with it
        null=True,
        blank=True,
        verbose_name=_("source version"),
    )
    external_source = models.ForeignKey(
        ExternalSource,
        on_delete=models.PROTECT,
        related_name="derived",
        null=True,
        blank=True,
        verbose_name=_("external source"),
    )
    activity = models.CharField(_("activity"), max_length=10, choices=ActivityKind.choices)
    method = models.TextField(_("method"))
    code_sha256 = models.CharField(
        _("SHA-256 of the processing code"), max_length=64, blank=True, validators=[HEX_DIGEST]
    )
    ended_at = models.DateTimeField(_("activity ended"))
    responsible = models.ForeignKey(
        Party, on_delete=models.PROTECT, related_name="activities", verbose_name=_("responsible")
    )
    basis = models.CharField(_("legal basis"), max_length=300, blank=True)
    basis_interest = models.CharField(_("right relied on"), max_length=20, blank=True)
    basis_instrument = models.ForeignKey(
        Instrument,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("paper that proves the basis"),
    )
    is_proven = models.BooleanField(_("basis proven"))

    class Meta:
        verbose_name = _("derivation")
        verbose_name_plural = _("derivations")
        constraints = [
            models.CheckConstraint(
                condition=Q(source_version__isnull=False, external_source__isnull=True)
                | Q(source_version__isnull=True, external_source__isnull=False),
                name="derivation_has_one_source",
            ),
            models.CheckConstraint(
                condition=Q(source_version__isnull=True)
                | Q(source_version__lt=F("derived_version")),
                name="derivation_cites_earlier_version",
            ),
            models.CheckConstraint(
                condition=Q(is_proven=False)
                | ~Q(basis_interest="")
                | Q(basis_instrument__isnull=False),
                name="derivation_proof_names_its_basis",
            ),
            models.UniqueConstraint(
                fields=["derived_version", "source_version"], name="derivation_once_per_version"
            ),
            models.UniqueConstraint(
                fields=["derived_version", "external_source"], name="derivation_once_per_external"
            ),
        ]
        # Each step of a closure is answered by an index alone: backwards by the first constraint of
        # uniqueness, forwards by the first of these.
        indexes = [
            models.Index(fields=["source_version", "derived_version"], name="derivation_forward"),
            models.Index(fields=["basis_interest", "derived_version"], name="derivation_by_basis"),
        ]

    def __str__(self) -> str:
        return f"{self.derived_version} ← {self.source_version or self.external_source}"


class FeeRecord(models.Model):
    """What was paid for a case: cost evidence (财会〔2023〕11号), and no fact of the ledger.

    Rows are inserted and nothing else: one that is wrong is taken back by another.

    Attributes:
        case: its number; an entry of the ledger that it led to names the same.
        item: the code in the fee table under which it was paid; ``what_zh``, ``what_en`` its words.
        fen: hundredths of the currency, exactly; below zero where a record is taken back.
        paid_on: the day of payment in China, of the record that it takes back where it does.
        receipt: number of the invoice or receipt.
        reverses: the record that this one takes back, with ``reason``.
    """

    case = models.CharField(_("filing number"), max_length=20, db_index=True)
    payer = models.ForeignKey(
        Party, on_delete=models.PROTECT, related_name="fees", verbose_name=_("paid by")
    )
    item = models.CharField(_("fee"), max_length=20)
    what_zh = models.CharField(_("what for, in Chinese"), max_length=100)
    what_en = models.CharField(_("what for, in English"), max_length=100)
    fen = models.BigIntegerField(_("amount in fen"))
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    paid_on = models.DateField(_("paid on"))
    receipt = models.CharField(_("invoice or receipt number"), max_length=40)
    reverses = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="reversal",
        verbose_name=_("takes back"),
    )
    reason = models.CharField(_("why it is taken back"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )
    recorded_at = models.DateTimeField(_("recorded"))

    class Meta:
        verbose_name = _("fee")
        verbose_name_plural = _("fees")
        constraints = [
            models.CheckConstraint(condition=Q(currency="CNY"), name="fee_in_cny"),
            models.CheckConstraint(condition=~Q(receipt=""), name="fee_has_a_receipt"),
            models.CheckConstraint(
                condition=Q(reverses__isnull=True, fen__gt=0, reason="")
                | (Q(reverses__isnull=False, fen__lt=0) & ~Q(reason="")),
                name="fee_paid_or_taken_back",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case}: {self.yuan}"

    @property
    def yuan(self) -> str:
        """The amount as readers write it."""
        return yuan_text(self.fen)

    @property
    def what(self) -> str:
        """What it was paid for, in the reader's language."""
        return self.what_zh if (get_language() or "").startswith("zh") else self.what_en


class Counter(models.Model):
    """The last number given in one series; taken in the transaction of the act that uses it."""

    series = models.CharField(primary_key=True, max_length=40)
    value = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("counter")
        verbose_name_plural = _("counters")

    def __str__(self) -> str:
        return f"{self.series}: {self.value}"


class Named(models.TextChoices):
    """What is found by name."""

    ASSET = "A", _("data asset")
    PARTY = "P", _("party")
    FILING = "F", _("filing")


class SearchName(models.Model):
    """A name as it is searched (`registry.search`); derived, and no fact of the register.

    Attributes:
        target: key of the row that has the name.
        text: the name, folded.
    """

    pk = models.CompositePrimaryKey("named", "target")
    named = models.CharField(max_length=1, choices=Named.choices)
    target = models.BigIntegerField()
    text = models.TextField()

    def __str__(self) -> str:
        return self.text


class SearchGram(models.Model):
    """Two, three or five neighbouring characters, and a name that has them; derived as well."""

    pk = models.CompositePrimaryKey("named", "gram", "target")
    named = models.CharField(max_length=1, choices=Named.choices)
    gram = models.CharField(max_length=5)
    target = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.gram}: {self.target}"

"""The register of title: who holds which share of which right, and what is recorded on it.

Rows are opened by one entry and ended by at most one; nothing else of them ever changes.
"""

from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ledger.models import Entry
from registry.models import DataAsset, Party
from rights.kinds import RemarkKind, RightKind

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager


class Recorded(models.Model):
    """One revision of a fact on two clocks.

    In legal time it holds in [valid_from, until); ``until`` is ``valid_to``, or where an entry
    ended it before. In the register's time it stands from ``entry`` on, and its early end from
    ``ended_by`` on: before that entry the register said ``valid_to``.
    """

    reference = models.CharField(_("reference"), max_length=20)
    revision = models.PositiveIntegerField(_("revision"), default=1)
    asset = models.ForeignKey(
        DataAsset,
        on_delete=models.PROTECT,
        related_name="%(class)ss",
        verbose_name=_("data asset"),
    )
    valid_from = models.DateTimeField(_("valid from"))
    valid_to = models.DateTimeField(_("valid to"))
    until = models.DateTimeField(_("in force until"))
    entry = models.ForeignKey(
        Entry,
        on_delete=models.PROTECT,
        related_name="%(class)ss",
        verbose_name=_("ledger entry"),
    )
    ended_by = models.ForeignKey(
        Entry,
        on_delete=models.PROTECT,
        related_name="ended_%(class)ss",
        null=True,
        editable=False,
        verbose_name=_("ended by ledger entry"),
    )

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["reference", "revision"], name="%(class)s_revision_once"
            ),
            models.UniqueConstraint(
                fields=["reference"],
                condition=Q(ended_by__isnull=True),
                name="%(class)s_open_once",
            ),
            models.CheckConstraint(
                condition=Q(valid_from__lt=F("valid_to")), name="%(class)s_term_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(until=F("valid_to"), ended_by__isnull=True)
                | Q(until__gte=F("valid_from"), until__lte=F("valid_to"), ended_by__isnull=False),
                name="%(class)s_ends_by_an_entry",
            ),
        ]

    @property
    def name(self) -> str:
        """How the ledger names the revision, e.g. ``I-7H2K…@1``."""
        return f"{self.reference}@{self.revision}"

    def in_force_at(self, instant: datetime) -> bool:
        """Say whether the term includes ``instant``; no job has to run for a lapse."""
        return self.valid_from <= instant < self.until


class Interest(Recorded):
    """One right of one kind in one asset (LA_Right), held in shares that sum to one.

    Interests of the same kind in the same asset may stand beside each other (R7): they exclude
    nobody and are never summed.
    """

    kind = models.CharField(_("kind of right"), max_length=7, choices=RightKind.choices)
    granted_from = models.CharField(_("granted from"), max_length=20, blank=True)
    scope = models.JSONField(_("scope"), default=dict)
    terms = models.JSONField(_("terms"), default=dict)
    limits = models.CharField(_("limits"), max_length=400, blank=True)

    if TYPE_CHECKING:
        shares: RelatedManager["Share"]

    class Meta(Recorded.Meta):
        verbose_name = _("interest")
        verbose_name_plural = _("interests")

    def __str__(self) -> str:
        return f"{self.reference} {self.get_kind_display()}"


class Share(models.Model):
    """One party's exact share of one revision of an interest."""

    interest = models.ForeignKey(
        Interest,
        on_delete=models.PROTECT,
        related_name="shares",
        db_index=False,  # the index below begins with it
        verbose_name=_("interest"),
    )
    party = models.ForeignKey(
        Party, on_delete=models.PROTECT, related_name="shares", verbose_name=_("holder")
    )
    numerator = models.PositiveBigIntegerField()
    denominator = models.PositiveBigIntegerField()

    class Meta:
        verbose_name = _("share")
        verbose_name_plural = _("shares")
        constraints = [
            models.UniqueConstraint(fields=["interest", "party"], name="share_once_per_party"),
            models.CheckConstraint(
                condition=Q(numerator__gt=0, numerator__lte=F("denominator")),
                name="share_between_zero_and_one",
            ),
        ]
        # Who holds a right is answered by this alone.
        indexes = [
            models.Index(
                fields=["interest", "party", "numerator", "denominator"], name="share_of_interest"
            )
        ]

    def __str__(self) -> str:
        return f"{self.party} {self.numerator}/{self.denominator}"

    @property
    def fraction(self) -> Fraction:
        """The share as an exact rational in lowest terms."""
        return Fraction(self.numerator, self.denominator)


class Remark(Recorded):
    """What is recorded on an asset or on one right in it (LA_Restriction; 备注, NDA35 art. 23)."""

    kind = models.CharField(_("kind of remark"), max_length=16, choices=RemarkKind.choices)
    interest = models.CharField(_("right"), max_length=20, blank=True)
    party = models.ForeignKey(
        Party, on_delete=models.PROTECT, related_name="remarks", null=True, verbose_name=_("party")
    )
    rank_version = models.PositiveIntegerField(_("rank: version of the asset"))
    rank_position = models.PositiveIntegerField(_("rank: place in the entry"))
    body = models.JSONField(_("content"), default=dict)
    words = models.CharField(_("words"), max_length=400, blank=True)

    class Meta(Recorded.Meta):
        verbose_name = _("remark")
        verbose_name_plural = _("remarks")

    def __str__(self) -> str:
        return f"{self.reference} {self.get_kind_display()}"


class Mark(models.Model):
    """That a cause reaches an asset that was derived from what the cause lies on (P5).

    The cause is a remark, by its reference. A mark never changes: it is live while the cause is in
    force, so that a lifting writes nothing here and liftings can come in any order. ``entry`` is
    that of the cause, or of the registration by which an asset derived later inherits it.
    """

    cause = models.CharField(_("cause"), max_length=20)
    asset = models.ForeignKey(
        DataAsset, on_delete=models.PROTECT, related_name="marks", verbose_name=_("data asset")
    )
    entry = models.ForeignKey(
        Entry, on_delete=models.PROTECT, related_name="marks", verbose_name=_("ledger entry")
    )

    class Meta:
        verbose_name = _("mark")
        verbose_name_plural = _("marks")
        constraints = [
            models.UniqueConstraint(fields=["cause", "asset"], name="mark_once_per_asset"),
        ]

    def __str__(self) -> str:
        return f"{self.cause} → {self.asset.number}"


class UsedConsent(models.Model):
    """That a consent served its one dealing (E3)."""

    instrument = models.CharField(_("instrument"), max_length=20, unique=True)
    entry = models.ForeignKey(
        Entry,
        on_delete=models.PROTECT,
        related_name="used_consents",
        verbose_name=_("ledger entry"),
    )

    class Meta:
        verbose_name = _("used consent")
        verbose_name_plural = _("used consents")

    def __str__(self) -> str:
        return self.instrument

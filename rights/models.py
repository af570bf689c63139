"""Who holds which share of which right: each interest is one registered right instance."""

from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ledger.models import Entry
from registry.models import DataAsset, Party
from rights.kinds import RightKind

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager


class Interest(models.Model):
    """One right of one kind in one asset (LA_Right), held in shares that sum to one.

    Interests of the same kind in the same asset may stand beside each other (R7): they exclude
    nobody and are never summed. The term is half-open, [valid_from, valid_to).
    """

    reference = models.CharField(_("reference"), max_length=20, unique=True)
    asset = models.ForeignKey(
        DataAsset, on_delete=models.PROTECT, related_name="interests", verbose_name=_("data asset")
    )
    kind = models.CharField(_("kind of right"), max_length=7, choices=RightKind.choices)
    valid_from = models.DateTimeField(_("valid from"))
    valid_to = models.DateTimeField(_("valid to"))
    limits = models.CharField(_("limits"), max_length=400, blank=True)
    entry = models.ForeignKey(
        Entry, on_delete=models.PROTECT, related_name="interests", verbose_name=_("ledger entry")
    )

    if TYPE_CHECKING:
        shares: RelatedManager["Share"]

    class Meta:
        verbose_name = _("interest")
        verbose_name_plural = _("interests")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from__lt=F("valid_to")), name="interest_term_is_positive"
            )
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.get_kind_display()}"

    def in_force_at(self, instant: datetime) -> bool:
        """Say whether the term includes ``instant``; no job has to run for a lapse."""
        return self.valid_from <= instant < self.valid_to


class Share(models.Model):
    """One party's exact share of one interest."""

    interest = models.ForeignKey(
        Interest, on_delete=models.PROTECT, related_name="shares", verbose_name=_("interest")
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

    def __str__(self) -> str:
        return f"{self.party} {self.numerator}/{self.denominator}"

    @property
    def fraction(self) -> Fraction:
        """The share as an exact rational in lowest terms."""
        return Fraction(self.numerator, self.denominator)

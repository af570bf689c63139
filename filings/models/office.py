"""What the office keeps beside its cases: batches, working days, the negative list."""

from typing import TYPE_CHECKING

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from filings.models.filing import Filing


class BatchState(models.TextChoices):
    """Where a workbook stands."""

    WAITING = "WAITING", _("Waiting")
    CHECKING = "CHECKING", _("Being checked")
    FAULTY = "FAULTY", _("Cells to be corrected")
    REFUSED = "REFUSED", _("Not taken in")
    FILED = "FILED", _("Filed")


class Batch(models.Model):
    """A workbook of initial registrations: all of its rows are filed, or none.

    ``findings`` are those of `filings.batch.workbook.Finding`, in ``language``.
    """

    file_name = models.CharField(_("file"), max_length=200)
    content = models.BinaryField(_("workbook"), editable=False)
    language = models.CharField(_("language"), max_length=10)
    uploaded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("uploaded"))
    state = models.CharField(
        _("state"), max_length=8, choices=BatchState.choices, default=BatchState.WAITING
    )
    touched_at = models.DateTimeField(_("last progress"), null=True)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    done = models.PositiveIntegerField(_("rows checked"), default=0)
    findings = models.JSONField(_("findings"), default=list)
    refusal = models.TextField(_("why it was not taken in"), blank=True)
    settled_at = models.DateTimeField(_("settled"), null=True)

    if TYPE_CHECKING:
        filings: RelatedManager["Filing"]

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(state__in=[BatchState.WAITING, BatchState.CHECKING]),
                name="batches_waiting",
            )
        ]

    def __str__(self) -> str:
        return self.file_name


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

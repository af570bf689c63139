"""Certificates: one row from when the number is taken, so that none is lost or used twice."""

from django.db import models
from django.db.models import Q, Value
from django.utils.translation import gettext_lazy as _

from ledger.models import Entry
from registry.models import DataAsset


class CertificateState(models.TextChoices):
    """How far issuance has come; the row waits here if a step fails, and the next run resumes."""

    NUMBERED = "NUMBERED", _("Number taken")
    SEALED = "SEALED", _("Sealed, to be entered in the ledger")
    ISSUED = "ISSUED", _("Issued")


class TimestampOutage(models.Model):
    """A while in which no service gave a time-stamp that can be believed; the last may be open."""

    began_at = models.DateTimeField(_("began"))
    tried_at = models.DateTimeField(_("last tried"))
    error = models.TextField(_("what the services answered"))
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("time-stamp outage")
        verbose_name_plural = _("time-stamp outages")
        constraints = [
            models.UniqueConstraint(
                Value(1), condition=Q(ended_at=None), name="one_open_timestamp_outage"
            )
        ]

    def __str__(self) -> str:
        return f"{self.began_at:%Y-%m-%d %H:%M}"


class Certificate(models.Model):
    """A sealed PDF that states one registration as of one tree size."""

    number = models.CharField(_("certificate number"), max_length=15, unique=True)
    state = models.CharField(_("state"), max_length=8, choices=CertificateState.choices)
    check_code = models.CharField(_("verification code"), max_length=19)
    asset = models.ForeignKey(
        DataAsset,
        on_delete=models.PROTECT,
        related_name="certificates",
        verbose_name=_("data asset"),
    )
    registration = models.OneToOneField(
        Entry,
        on_delete=models.PROTECT,
        related_name="certificate",
        verbose_name=_("registration entry"),
    )
    numbered_at = models.DateTimeField(_("number taken"))
    statement = models.BinaryField(_("statement"), default=b"")
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    sm3 = models.CharField("SM3", max_length=64, blank=True)
    size_bytes = models.PositiveBigIntegerField(_("size in bytes"), null=True)
    entry = models.OneToOneField(
        Entry,
        on_delete=models.PROTECT,
        null=True,
        related_name="issued_certificate",
        verbose_name=_("ledger entry of the file"),
    )
    issued_at = models.DateTimeField(_("issued"), null=True)

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=CertificateState.ISSUED)
                | Q(entry__isnull=False, issued_at__isnull=False) & ~Q(sha256=""),
                name="certificate_issued_with_entry",
            )
        ]

    def __str__(self) -> str:
        return self.number

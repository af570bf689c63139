"""Certificates: one row from when the number is taken, so that none is lost or used twice."""

from typing import TypeAlias

from django.db import models
from django.db.models import Q, Value
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from ledger.models import Entry
from registry.models import DataAsset, Party


class CertificateState(models.TextChoices):
    """How far issuance has come; the row waits here if a step fails, and the next run resumes."""

    NUMBERED = "NUMBERED", _("Number taken")
    SEALED = "SEALED", _("Sealed, to be entered in the ledger")
    ISSUED = "ISSUED", _("Issued")


class EventKind(models.TextChoices):
    """What an officer's decision does to a certificate."""

    SUSPENDED = "SUSPENDED", _("Suspended")
    RESTORED = "RESTORED", _("Restored")
    REVOKED = "REVOKED", _("Revoked")
    SUPERSEDED = "SUPERSEDED", _("Superseded")


class EventGround(models.TextChoices):
    """Why; which ground bears which event is rule CER-8."""

    HOLDER_REQUEST = "HOLDER_REQUEST", _("The holder asked for it")
    ORDER = "ORDER", _("Order of a court or an authority")
    OBJECTION = "OBJECTION", _("Objection to what it states")
    UNTRUE = "UNTRUE", _("What it states was untrue when it was issued")
    COMPROMISED = "COMPROMISED", _("Its seal or its verification code is in wrong hands")
    GROUND_ENDED = "GROUND_ENDED", _("The ground of the suspension has ended")
    NEW_CERTIFICATE = "NEW_CERTIFICATE", _("A later certificate states the rights")


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


class NumberingMark(models.Model):
    """How far the ledger was looked through for what needs a certificate; one row at most.

    Attributes:
        tree_size: each of the first so many entries has its number, if it needs one.
    """

    tree_size = models.PositiveBigIntegerField(_("tree size"))

    class Meta:
        verbose_name = _("numbering mark")
        verbose_name_plural = _("numbering marks")
        constraints = [models.UniqueConstraint(Value(1), name="one_numbering_mark")]

    def __str__(self) -> str:
        return str(self.tree_size)


class SealedFile(models.Model):
    """A sealed PDF on its way from a number to its entry in the ledger."""

    state = models.CharField(_("state"), max_length=8, choices=CertificateState.choices)
    check_code = models.CharField(_("verification code"), max_length=19)
    numbered_at = models.DateTimeField(_("number taken"))
    statement = models.BinaryField(_("statement"), default=b"")
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    sm3 = models.CharField("SM3", max_length=64, blank=True)
    size_bytes = models.PositiveBigIntegerField(_("size in bytes"), null=True)
    issued_at = models.DateTimeField(_("issued"), null=True)
    p7s_sha256 = models.CharField(_("SHA-256 of the SM2 signature"), max_length=64, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=CertificateState.ISSUED)
                | Q(entry__isnull=False, issued_at__isnull=False) & ~Q(sha256=""),
                name="%(class)s_issued_with_entry",
            )
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(state=CertificateState.ISSUED, p7s_sha256=""),
                name="%(class)s_without_p7s",
            )
        ]


class Certificate(SealedFile):
    """A sealed PDF that states one registration as of one tree size."""

    number = models.CharField(_("certificate number"), max_length=15, unique=True)
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
    entry = models.OneToOneField(
        Entry,
        on_delete=models.PROTECT,
        null=True,
        related_name="issued_certificate",
        verbose_name=_("ledger entry of the file"),
    )

    class Meta(SealedFile.Meta):
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")

    def __str__(self) -> str:
        return self.number


class DocumentKind(models.TextChoices):
    """What a document states of the register."""

    TITLE = "TITLE", _("Certificate after a change")
    STATUS = "STATUS", _("Status extract")
    SEARCH = "SEARCH", _("Search certificate")
    PLEDGE = "PLEDGE", _("Pledge extract")
    ACCOUNTING = "ACCOUNTING", _("Accounting evidence")
    CANCELLATION = "CANCELLATION", _("Cancellation note")
    CIRCULATION = "CIRCULATION", _("Circulation receipt")


class Document(SealedFile):
    """A sealed PDF that states the register for a reader, and what was asked for.

    Attributes:
        asset, party: what or whom it is about, if that is in the register.
        query: the words of a search.
        pending_cases: how many were pending on the asset when it was ordered; null if not counted.
        cause: the act that it follows, of which there is one document at most for each asset.
        as_of: the instant of legal time that it speaks for.
        since: where the period begins, of accounting evidence.
    """

    number = models.CharField(_("document number"), max_length=15, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=DocumentKind.choices)
    asset = models.ForeignKey(
        DataAsset,
        on_delete=models.PROTECT,
        null=True,
        related_name="documents",
        verbose_name=_("data asset"),
    )
    party = models.ForeignKey(
        Party,
        on_delete=models.PROTECT,
        null=True,
        related_name="documents",
        verbose_name=_("party"),
    )
    query = models.CharField(_("searched for"), max_length=100, blank=True)
    pending_cases = models.PositiveIntegerField(_("pending cases"), null=True)
    cause = models.ForeignKey(
        Entry,
        on_delete=models.PROTECT,
        null=True,
        related_name="documents",
        verbose_name=_("ledger entry that it follows"),
    )
    as_of = models.DateTimeField(_("as of"))
    since = models.DateTimeField(_("since"), null=True)
    ordered_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        related_name="ordered_documents",
        verbose_name=_("ordered by"),
    )
    entry = models.OneToOneField(
        Entry,
        on_delete=models.PROTECT,
        null=True,
        related_name="issued_document",
        verbose_name=_("ledger entry of the file"),
    )

    class Meta(SealedFile.Meta):
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints = [
            *SealedFile.Meta.constraints,
            models.UniqueConstraint(
                fields=["cause", "asset"],
                condition=Q(kind=DocumentKind.TITLE),
                name="document_once_for_a_change",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_certificate(self) -> bool:
        """Whether it is a certificate after a change, which has a status."""
        return self.kind == DocumentKind.TITLE


Issued: TypeAlias = Certificate | Document
"""What has a number, a sealed file and an entry."""


def named(issued: Issued) -> dict[str, Issued]:
    """Return the column that names it in a row that is about one of either table."""
    return {"document" if isinstance(issued, Document) else "certificate": issued}


def of_one(name: str) -> models.CheckConstraint:
    """Return that a row is about a certificate or about a document."""
    return models.CheckConstraint(
        condition=Q(certificate__isnull=False, document__isnull=True)
        | Q(certificate__isnull=True, document__isnull=False),
        name=name,
    )


class EventContent(models.Model):
    """What an event says, be it proposed or entered.

    Attributes:
        certificate, document: a certificate, or one after a change; the other is null.
        successor: the certificate after a change that supersedes it; of other events null.
    """

    certificate = models.ForeignKey(
        Certificate,
        on_delete=models.PROTECT,
        related_name="%(class)s_set",
        null=True,
        verbose_name=_("certificate"),
    )
    document = models.ForeignKey(
        Document,
        on_delete=models.PROTECT,
        related_name="%(class)s_set",
        null=True,
        verbose_name=_("certificate after a change"),
    )
    kind = models.CharField(_("event"), max_length=10, choices=EventKind.choices)
    ground = models.CharField(_("ground"), max_length=16, choices=EventGround.choices)
    words = models.CharField(
        _("ground in words"),
        max_length=300,
        blank=True,
        help_text=_("This stands in the public ledger: write nothing that names a person."),
    )
    successor = models.ForeignKey(
        Document,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        verbose_name=_("superseded by"),
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.issued.number} {self.get_kind_display()}"

    @property
    def issued(self) -> Issued:
        """What it is about."""
        return _one_of(self.certificate, self.document)


class CertificateEvent(EventContent):
    """That a certificate was suspended, restored, revoked or superseded; only ever inserted.

    Who proposed and who decided it, and when, is in the entry.

    Attributes:
        number: counts the certificate's events from 1, in the order in which they take effect.
        effective_at: from when it holds; never before the event before it.
    """

    number = models.PositiveIntegerField(_("number"))
    effective_at = models.DateTimeField(_("takes effect"))
    entry = models.OneToOneField(
        Entry,
        on_delete=models.PROTECT,
        related_name="certificate_event",
        verbose_name=_("ledger entry"),
    )

    class Meta:
        verbose_name = _("certificate event")
        verbose_name_plural = _("certificate events")
        constraints = [
            of_one("certificate_event_of_one"),
            models.UniqueConstraint(
                fields=["certificate", "number"], name="certificate_event_number_once"
            ),
            models.UniqueConstraint(
                fields=["document", "number"], name="document_event_number_once"
            ),
            models.CheckConstraint(
                condition=Q(kind=EventKind.SUPERSEDED, successor__isnull=False)
                | ~Q(kind=EventKind.SUPERSEDED) & Q(successor__isnull=True),
                name="certificate_event_names_successor",
            ),
        ]


class StatusProposal(EventContent):
    """An event that one officer proposed, and what another decided.

    Attributes:
        effective_at: from when it is to hold; null: from the decision.
        event: what was entered, once confirmed.
    """

    effective_at = models.DateTimeField(_("takes effect"), null=True)
    proposed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed"))
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    event = models.OneToOneField(
        CertificateEvent,
        on_delete=models.PROTECT,
        related_name="proposal",
        null=True,
        verbose_name=_("certificate event"),
    )

    class Meta:
        verbose_name = _("proposed certificate event")
        verbose_name_plural = _("proposed certificate events")
        constraints = [
            of_one("status_proposal_of_one"),
            models.UniqueConstraint(
                fields=["certificate"],
                condition=Q(decided_at__isnull=True),
                name="status_proposed_once",
            ),
            models.UniqueConstraint(
                fields=["document"],
                condition=Q(decided_at__isnull=True),
                name="document_status_proposed_once",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True, event__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="status_decided_by_someone",
            ),
        ]

    @property
    def is_open(self) -> bool:
        """Whether it waits for a decision."""
        return self.decided_at is None


class StatusList(models.Model):
    """A list of the certificates that were not in force; only ever inserted.

    Attributes:
        content: ``quanji.status-list/1``, whose digest the entry holds.
        tree_size: it speaks of the certificates that the first so many entries issued.
    """

    content = models.BinaryField(_("content"))
    tree_size = models.PositiveBigIntegerField(_("tree size"))
    entry = models.OneToOneField(
        Entry, on_delete=models.PROTECT, related_name="status_list", verbose_name=_("ledger entry")
    )

    class Meta:
        verbose_name = _("status list")
        verbose_name_plural = _("status lists")

    def __str__(self) -> str:
        return str(self.entry)


class ArchivalFile(models.Model):
    """An issued file under a further time-stamp over all of it (PAdES B-LTA), as it is kept on.

    The first bytes are the issued file; what follows are a document time-stamp and what was said of
    its certificates. The issued file itself never changes.

    Attributes:
        renewed_at: when it was entered; until then, when its renewal began.
        entry: null before it is entered; such a row only tells what a file in the store is.
    """

    certificate = models.ForeignKey(
        Certificate, models.PROTECT, null=True, related_name="archival_files"
    )
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="archival_files")
    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    sm3 = models.CharField("SM3", max_length=64)
    size_bytes = models.PositiveBigIntegerField(_("size in bytes"))
    renewed_at = models.DateTimeField(_("renewed"))
    entry = models.OneToOneField(
        Entry, on_delete=models.PROTECT, null=True, related_name="renewed_file"
    )

    class Meta:
        verbose_name = _("archival file")
        verbose_name_plural = _("archival files")
        constraints = [
            of_one("archival_file_of_one"),
            *(
                models.UniqueConstraint(
                    fields=[name],
                    condition=Q(entry__isnull=True),
                    name=f"one_renewal_under_way_of_{name}",
                )
                for name in ("certificate", "document")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.issued} ({self.renewed_at:%Y-%m-%d})"

    @property
    def issued(self) -> Issued:
        """What it is the continuation of."""
        return _one_of(self.certificate, self.document)


def _one_of(certificate: Certificate | None, document: Document | None) -> Issued:
    found = certificate or document
    if found is None:
        raise ValueError("a row is about a certificate or a document")
    return found

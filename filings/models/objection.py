"""Objections to a case: what is said, what was found, what others decided, what is concluded."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from filings.kinds import Forum, Outcome, Result
from filings.models.filing import Filing
from registry.models import HEX_DIGEST, Instrument

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager


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
    email = models.EmailField(_("e-mail address of the objector"), blank=True)
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

    if TYPE_CHECKING:
        inquiries: RelatedManager["Inquiry"]
        proceedings: RelatedManager["Proceeding"]
        proposals: RelatedManager["Proposal"]

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


class Inquiry(models.Model):
    """One finding of the investigation: whom the registrar asked or what it looked at."""

    objection = models.ForeignKey(Objection, on_delete=models.PROTECT, related_name="inquiries")
    words = models.TextField(_("what was found"), max_length=2000)
    paper = models.ForeignKey(
        Instrument, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("paper")
    )
    made_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name=_("investigated by")
    )
    made_at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("finding of an investigation")
        verbose_name_plural = _("findings of investigations")

    def __str__(self) -> str:
        return self.words[:40]


class Proceeding(models.Model):
    """A mediation, an arbitration or a suit about what is objected to, and once it ends its result.

    It is entered when it begins and completed once, with the paper that says how it ended.
    """

    objection = models.ForeignKey(Objection, on_delete=models.PROTECT, related_name="proceedings")
    forum = models.CharField(_("kind of proceeding"), max_length=11, choices=Forum.choices)
    body = models.CharField(_("mediator, arbitral body or court"), max_length=200)
    number = models.CharField(_("case number there"), max_length=100)
    begun_on = models.DateField(_("begun on"))
    entered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name=_("entered by")
    )
    entered_at = models.DateTimeField(_("entered"))
    result = models.CharField(_("result"), max_length=8, choices=Result.choices, blank=True)
    document = models.CharField(_("number of the document"), max_length=100, blank=True)
    effective_on = models.DateField(
        _("effective on"), null=True, help_text=_("From when it binds; not before it is final.")
    )
    paper = models.ForeignKey(
        Instrument, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("paper")
    )
    settled_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("entered by")
    )
    settled_at = models.DateTimeField(_("result entered"), null=True)

    class Meta:
        verbose_name = _("proceeding elsewhere")
        verbose_name_plural = _("proceedings elsewhere")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    result="",
                    document="",
                    effective_on__isnull=True,
                    paper__isnull=True,
                    settled_by__isnull=True,
                    settled_at__isnull=True,
                )
                | ~Q(result="")
                & ~Q(document="")
                & Q(
                    effective_on__gte=models.F("begun_on"),
                    paper__isnull=False,
                    settled_by__isnull=False,
                    settled_at__isnull=False,
                ),
                name="proceeding_is_pending_or_settled",
            )
        ]
        indexes = [
            models.Index(fields=["objection"], condition=Q(result=""), name="proceedings_pending")
        ]

    def __str__(self) -> str:
        return f"{self.body} {self.number}"


class Proposal(models.Model):
    """The conclusion that one officer proposes; a second confirms it or sends it back."""

    objection = models.ForeignKey(Objection, on_delete=models.PROTECT, related_name="proposals")
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome.choices)
    conclusion = models.TextField(_("conclusion"), max_length=2000)
    proposed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed"))
    is_confirmed = models.BooleanField(_("confirmed"), null=True)
    settled_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("settled by")
    )
    settled_at = models.DateTimeField(_("settled"), null=True)
    reason = models.TextField(_("why it is sent back"), max_length=2000, blank=True)

    class Meta:
        verbose_name = _("proposed conclusion")
        verbose_name_plural = _("proposed conclusions")
        constraints = [
            models.UniqueConstraint(
                fields=["objection"],
                condition=Q(settled_at__isnull=True),
                name="one_proposal_waits",
            ),
            models.CheckConstraint(
                condition=Q(
                    is_confirmed__isnull=True,
                    settled_by__isnull=True,
                    settled_at__isnull=True,
                    reason="",
                )
                | Q(is_confirmed=True, settled_at__isnull=False, reason="")
                & Q(settled_by__isnull=False)
                & ~Q(settled_by=models.F("proposed_by"))
                | Q(is_confirmed=False, settled_at__isnull=False, settled_by__isnull=False)
                & ~Q(reason=""),
                name="proposal_is_settled_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}"

"""What becomes of a filing: its checks, findings, steps, letters and messages."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from filings.checklist import CheckItem
from filings.kinds import LetterKind
from filings.models.filing import Filing
from filings.models.objection import Objection
from filings.models.office import ListedItem
from filings.workflow import Action, State
from registry.models import DataAsset


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


class Message(models.Model):
    """That a step is told to one who follows the case, or by e-mail to the objector it concerns."""

    step = models.ForeignKey(
        Step, on_delete=models.CASCADE, related_name="messages", verbose_name=_("step")
    )
    recipient = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        related_name="messages",
        verbose_name=_("recipient"),
    )
    objection = models.ForeignKey(
        Objection,
        on_delete=models.CASCADE,
        null=True,
        related_name="messages",
        verbose_name=_("objection to a case"),
    )
    read_at = models.DateTimeField(_("read"), null=True)
    mailed_at = models.DateTimeField(_("sent by e-mail"), null=True)
    tried_at = models.DateTimeField(_("sending failed"), null=True)
    attempts = models.PositiveSmallIntegerField(_("failed attempts"), default=0)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(fields=["step", "recipient"], name="message_once_per_step"),
            models.UniqueConstraint(fields=["step", "objection"], name="objector_told_once"),
            models.CheckConstraint(
                condition=Q(recipient__isnull=False, objection__isnull=True)
                | Q(recipient__isnull=True, objection__isnull=False),
                name="message_has_one_reader",
            ),
        ]
        indexes = [
            models.Index(fields=["recipient", "-id"], name="messages_of_a_person"),
            models.Index(fields=["id"], condition=Q(mailed_at=None), name="messages_to_be_sent"),
        ]

    def __str__(self) -> str:
        return f"{self.recipient or self.objection}: {self.step}"


class Letter(models.Model):
    """What the applicants were told in writing of a step; never changed.

    ``kind`` is what it tells, ``content`` the facts that the letter states.
    """

    step = models.OneToOneField(
        Step, on_delete=models.CASCADE, related_name="letter", verbose_name=_("step")
    )
    number = models.CharField(_("number"), max_length=20, unique=True)
    kind = models.CharField(_("kind"), max_length=14, choices=LetterKind.choices)
    content = models.JSONField(_("content"))

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

"""Who is asking: people, the organisations they act for, and the keys of callers."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractUser, Group
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from primitives.clock import now_utc
from primitives.identifiers import is_uscc, new_reference

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager


def validate_uscc(text: str) -> None:
    """Refuse a malformed unified social credit code (GB 32100).

    Raises:
        ValidationError: wrong length, alphabet or check character.
    """
    if not is_uscc(text):
        raise ValidationError(
            _(
                "%(code)s is not a unified social credit code: it has 18 characters and the last "
                "one checks the others. Compare it with the business licence."
            ),
            params={"code": text},
        )


def new_user_reference() -> str:
    """Return an opaque reference: the ledger names people by it, never by their names."""
    return new_reference("U")


class User(AbstractUser):
    """A person who signs in; ``reference`` stands for them in the ledger."""

    reference = models.CharField(
        _("reference"), max_length=20, unique=True, default=new_user_reference, editable=False
    )
    password_set_at = models.DateTimeField(_("password set"), default=now_utc, editable=False)
    session_epoch = models.PositiveIntegerField(default=0, editable=False)
    """Counts up to end every session of the person."""

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def set_password(self, raw_password: str | None) -> None:
        """Set the password, and from when on it grows old."""
        super().set_password(raw_password)
        self.password_set_at = now_utc()

    def get_session_auth_hash(self) -> str:
        """Return what a session must know to go on: it ends with the password or the epoch."""
        return f"{super().get_session_auth_hash()}.{self.session_epoch}"

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Return the same under former secrets of the installation."""
        for former in super().get_session_auth_fallback_hash():
            yield f"{former}.{self.session_epoch}"


class Organisation(models.Model):
    """An institution whose members share its filings and certificates through one group."""

    name = models.CharField(_("name"), max_length=200)
    uscc = models.CharField(
        _("unified social credit code"), max_length=18, unique=True, validators=[validate_uscc]
    )
    group = models.OneToOneField(Group, on_delete=models.PROTECT, editable=False)
    members = models.ManyToManyField(User, through="Membership", related_name="organisations")

    if TYPE_CHECKING:
        memberships: RelatedManager["Membership"]

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One person's place in one organisation."""

    user = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("user")
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="memberships",
        verbose_name=_("organisation"),
    )
    is_administrator = models.BooleanField(_("administers the organisation"), default=False)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["user", "organisation"], name="membership_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} @ {self.organisation}"


class ApiKey(models.Model):
    """A caller's key: only the digest of the secret is kept."""

    label = models.CharField(_("label"), max_length=100)
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="api_keys", verbose_name=_("owner")
    )
    secret_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    requests_per_hour = models.PositiveIntegerField(
        _("requests an hour"),
        null=True,
        blank=True,
        help_text=_("The quota of this key; that of the installation if empty, none if 0."),
    )
    created_at = models.DateTimeField(_("created"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return self.label


class EventKind(models.TextChoices):
    """What the trail of accounts tells."""

    SIGN_IN_TRIED = "SIGN_IN_TRIED", _("Password tried")
    SIGN_IN_REFUSED = "SIGN_IN_REFUSED", _("Refused: locked")
    SIGNED_IN = "SIGNED_IN", _("Signed in")
    UNLOCKED = "UNLOCKED", _("Unlocked")
    PASSWORD_CHANGED = "PASSWORD_CHANGED", _("Password changed")
    FACTOR_CHANGED = "FACTOR_CHANGED", _("Second factor changed")
    FACTOR_RESET = "FACTOR_RESET", _("Second factor reset")
    ROLES_CHANGED = "ROLES_CHANGED", _("Roles changed")
    ROLES_PROPOSED = "ROLES_PROPOSED", _("Roles proposed")
    ROLES_REFUSED = "ROLES_REFUSED", _("Proposed roles refused")
    KEY_MADE = "KEY_MADE", _("API key made")
    KEY_REVOKED = "KEY_REVOKED", _("API key revoked")
    INVITED = "INVITED", _("Invited")
    JOINED = "JOINED", _("Joined")
    LEFT = "LEFT", _("Membership ended")
    ADMINISTRATOR_MADE = "ADMINISTRATOR_MADE", _("Made administrator of the organisation")
    ADMINISTRATOR_ENDED = "ADMINISTRATOR_ENDED", _("No longer administrator of the organisation")


class ProposalOutcome(models.TextChoices):
    """What became of a proposal; nothing while it is open."""

    CONFIRMED = "CONFIRMED", _("Confirmed")
    REFUSED = "REFUSED", _("Refused")
    LAPSED = "LAPSED", _("Replaced by a later one")


class RoleProposal(models.Model):
    """That a person be given further roles: proposed by one administrator, decided by another.

    A row is never edited but to decide it, so that what is confirmed is what was shown.
    """

    person = models.ForeignKey(
        User, models.PROTECT, related_name="role_proposals", verbose_name=_("person")
    )
    roles = models.JSONField(_("roles to be given"))
    person_sha256 = models.CharField(max_length=64, editable=False, default="")
    proposed_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed"))
    outcome = models.CharField(
        _("outcome"), max_length=9, choices=ProposalOutcome.choices, blank=True
    )
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)

    class Meta:
        verbose_name = _("proposal of roles")
        verbose_name_plural = _("proposals of roles")
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(outcome=""), name="one_open_proposal_a_person"
            ),
            models.CheckConstraint(
                condition=~Q(outcome="CONFIRMED", decided_by=F("proposed_by")),
                name="another_person_confirms",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="CONFIRMED") | Q(decided_by__isnull=False),
                name="who_confirmed_is_named",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {', '.join(self.roles)}"


class AccountEvent(models.Model):
    """One line of the trail of accounts; ``address`` is kept as long as the law wants logs kept."""

    at = models.DateTimeField(_("at"))
    kind = models.CharField(_("what"), max_length=20, choices=EventKind.choices)
    by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("by whom")
    )
    about = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("about whom")
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", verbose_name=_("organisation")
    )
    login_digest = models.CharField(max_length=64, blank=True)
    address = models.CharField(_("address"), max_length=45, blank=True)
    detail = models.CharField(_("detail"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("account event")
        verbose_name_plural = _("account events")
        indexes = [
            models.Index(fields=["login_digest", "kind", "at"], name="event_of_login"),
            models.Index(fields=["address", "kind", "at"], name="event_of_address"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.about or ''}"


class Invitation(models.Model):
    """A place in an organisation that is offered to an e-mail address; the link works once."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="invitations")
    email = models.EmailField(_("e-mail address"))
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self) -> str:
        return f"{self.email} @ {self.organisation}"


class CountedRequest(models.Model):
    """One request to a page that is limited per caller; kept as long as it counts.

    ``caller`` stands for the page with the account or the address and tells neither.
    """

    caller = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("counted request")
        verbose_name_plural = _("counted requests")
        indexes = [
            models.Index(fields=["caller", "at"], name="requests_of_caller"),
            models.Index(fields=["at"], name="requests_in_time"),
        ]

    def __str__(self) -> str:
        return f"{self.caller[:8]} {self.at:%Y-%m-%d %H:%M}"

"""Who is asking: people, the organisations they act for, and the keys of callers."""

from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractUser, Group
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

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

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.get_full_name() or self.username


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
    created_at = models.DateTimeField(_("created"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return self.label

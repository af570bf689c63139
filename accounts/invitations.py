"""How a person comes into an organisation: invited by one of its administrators, by e-mail.

The link is signed, works once and until `Invitation.expires_at`. Every change stands in the trail.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import send_mail
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.events import record
from accounts.models import EventKind, Invitation, Membership, Organisation, User
from accounts.organisations import add_member, remove_member
from accounts.roles import ADMINISTRATORS, OFFICERS, Role, assign_roles, roles_of

SALT = "accounts.invitations"


def administered_by(user: User) -> list[Organisation]:
    """Return the organisations whose members ``user`` may change."""
    found = Organisation.objects.filter(
        memberships__user=user, memberships__is_administrator=True
    ).order_by("name")
    return list(found) if user.is_active else []


def invite(organisation: Organisation, email: str, *, by: User, at: datetime) -> Invitation:
    """Offer a place in ``organisation`` to whoever reads the mail of ``email``.

    Raises:
        PermissionDenied: ``by`` does not administer the organisation.
    """
    _require_administrator(organisation, by)
    invitation = Invitation.objects.create(
        organisation=organisation,
        email=email,
        invited_by=by,
        invited_at=at,
        expires_at=at + timedelta(days=settings.INVITATION_DAYS),
    )
    record(EventKind.INVITED, at=at, by=by, organisation=organisation)
    return invitation


def send_invitation(invitation: Invitation, path: str) -> None:
    """Send the link; its host is the configured one, whatever the request said."""
    body = _(
        "%(person)s invites you to act for %(organisation)s. Open this link once, until %(until)s:"
    ) % {
        "person": invitation.invited_by,
        "organisation": invitation.organisation,
        "until": f"{invitation.expires_at:%Y-%m-%d %H:%M} UTC",
    }
    send_mail(
        _("Invitation to %(organisation)s") % {"organisation": invitation.organisation},
        f"{body}\n\n{settings.PUBLIC_BASE_URL}{path}\n",
        None,
        [invitation.email],
    )


def token_of(invitation: Invitation) -> str:
    """Return the signed part of the link."""
    return Signer(salt=SALT).sign(str(invitation.pk))


def open_invitation(token: str, *, at: datetime) -> Invitation | None:
    """Return the invitation of a link that still works, or None, whatever the reason."""
    try:
        key = Signer(salt=SALT).unsign(token)
    except BadSignature:
        return None
    return (
        Invitation.objects.select_related("organisation", "invited_by")
        .filter(pk=key, accepted_at=None, expires_at__gt=at)
        .first()
    )


@transaction.atomic
def accept_invitation(invitation: Invitation, user: User, *, at: datetime) -> Membership:
    """Make ``user`` a member; of two who follow the same link only the first gets in.

    Raises:
        ValidationError: the link was used or is too old, or ``user`` is an officer (ROL-3).
    """
    if roles_of(user) & (OFFICERS | ADMINISTRATORS):
        raise ValidationError(_("An officer of the registry cannot act for an organisation."))
    taken = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, expires_at__gt=at).update(
        accepted_by=user, accepted_at=at
    )
    if not taken:
        raise ValidationError(_("This invitation was used already or has expired."))
    organisation = invitation.organisation
    if not roles_of(user):
        assign_roles(user, [Role.ENTERPRISE])
    membership = Membership.objects.filter(organisation=organisation, user=user).first()
    if membership is None:
        membership = add_member(organisation, user)
    record(EventKind.JOINED, at=at, by=user, about=user, organisation=organisation)
    return membership


@transaction.atomic
def end_membership(membership: Membership, *, by: User, at: datetime) -> None:
    """Let a member go.

    Raises:
        PermissionDenied: ``by`` does not administer the organisation.
        ValidationError: it would be left without an administrator.
    """
    organisation = _locked(membership.organisation, by)
    _require_another_administrator(membership)
    about = membership.user
    remove_member(membership)
    record(EventKind.LEFT, at=at, by=by, about=about, organisation=organisation)


@transaction.atomic
def set_administrator(membership: Membership, *, to: bool, by: User, at: datetime) -> None:
    """Make a member an administrator of the organisation, or an ordinary member again.

    Raises:
        PermissionDenied: ``by`` does not administer the organisation.
        ValidationError: it would be left without an administrator.
    """
    organisation = _locked(membership.organisation, by)
    if not to:
        _require_another_administrator(membership)
    membership.is_administrator = to
    membership.save(update_fields=["is_administrator"])
    kind = EventKind.ADMINISTRATOR_MADE if to else EventKind.ADMINISTRATOR_ENDED
    record(kind, at=at, by=by, about=membership.user, organisation=organisation)


def _locked(organisation: Organisation, by: User) -> Organisation:
    """Take the organisation's row, so that two administrators cannot remove each other."""
    locked = Organisation.objects.select_for_update().get(pk=organisation.pk)
    _require_administrator(locked, by)
    return locked


def _require_administrator(organisation: Organisation, by: User) -> None:
    if organisation not in administered_by(by):
        raise PermissionDenied


def _require_another_administrator(membership: Membership) -> None:
    others = Membership.objects.filter(
        organisation=membership.organisation, is_administrator=True, user__is_active=True
    ).exclude(pk=membership.pk)
    if not others.exists():
        raise ValidationError(
            _("The last administrator stays: make someone else administrator first.")
        )

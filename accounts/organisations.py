"""Organisations and their members."""

from django.contrib.auth.models import Group
from django.db import transaction

from accounts.models import Membership, Organisation, User


@transaction.atomic
def create_organisation(*, name: str, uscc: str) -> Organisation:
    """Create an organisation and the group through which its members share access.

    Raises:
        ValidationError: a malformed or already used unified social credit code.
    """
    group = Group.objects.create(name=f"organisation:{uscc}")
    organisation = Organisation(name=name, uscc=uscc, group=group)
    organisation.full_clean()
    organisation.save()
    return organisation


@transaction.atomic
def add_member(
    organisation: Organisation, user: User, *, is_administrator: bool = False
) -> Membership:
    """Make ``user`` a member; from now on they see what the organisation may see."""
    membership, _created = Membership.objects.update_or_create(
        organisation=organisation, user=user, defaults={"is_administrator": is_administrator}
    )
    user.groups.add(organisation.group)
    return membership


@transaction.atomic
def remove_member(membership: Membership) -> None:
    """End a membership; from now on the person sees nothing through the organisation."""
    membership.user.groups.remove(membership.organisation.group)
    membership.delete()


def is_member(user: User, organisation: Organisation) -> bool:
    """Say whether ``user`` belongs to ``organisation`` now."""
    return Membership.objects.filter(user=user, organisation=organisation).exists()

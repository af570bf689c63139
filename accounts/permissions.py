"""Object permissions: the only module that asks django-guardian.

A permission is written as Django writes it, ``filings.view_filing``. Grants go to groups
(an organisation's members), never to single people, and a model-wide grant opens no object.
"""

from collections.abc import Sequence
from typing import TypeVar, cast

from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from guardian.shortcuts import (
    assign_perm,
    get_objects_for_user,
    get_users_with_perms,
    remove_perm,
)

from accounts.models import User

ModelT = TypeVar("ModelT", bound=Model)


def allow(group: Group, permission: str, target: Model) -> None:
    """Give every member of ``group`` ``permission`` on ``target``."""
    assign_perm(permission, group, target)


def allow_all(group: Group, permission: str, targets: Sequence[Model]) -> None:
    """Give every member of ``group`` ``permission`` on each of ``targets``, all of one kind."""
    if targets:
        assign_perm(permission, group, list(targets))  # type: ignore[arg-type] # its hint leaves lists out


def disallow(group: Group, permission: str, target: Model) -> None:
    """Take it back."""
    remove_perm(permission, group, target)


def may(user: User, permission: str, target: Model) -> bool:
    """Say whether ``user`` has ``permission`` on ``target`` now."""
    return user.is_active and user.has_perm(permission, target)


def who_may(permission: str, target: Model) -> QuerySet[User]:
    """Return the active people who have ``permission`` on ``target``, through their groups."""
    name = permission.rpartition(".")[2]
    people = get_users_with_perms(
        target, only_with_perms_in=[name], with_group_users=True, with_superusers=False
    )
    return cast("QuerySet[User]", people).filter(is_active=True)


def objects_for(user: User, permission: str, among: QuerySet[ModelT]) -> QuerySet[ModelT]:
    """Return those of ``among`` on which ``user`` has ``permission``."""
    return get_objects_for_user(
        user, permission, among, with_superuser=False, accept_global_perms=False
    )

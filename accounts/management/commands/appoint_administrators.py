"""The first administrators of an installation; from then on two of them give every role."""

import secrets
from typing import Any

from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.events import record
from accounts.models import EventKind, User
from accounts.roles import ADMINISTRATORS, Role, assign_roles
from primitives.clock import now_utc

APPOINTED = (
    Role.SYSTEM_ADMINISTRATOR,
    Role.SECURITY_ADMINISTRATOR,
    Role.AUDIT_ADMINISTRATOR,
)


class Command(BaseCommand):
    help = "Make the first three administrators, each with a first password; works once."

    def add_arguments(self, parser: CommandParser) -> None:
        for role in APPOINTED:
            parser.add_argument(role.value, help="user name")

    def handle(self, *_args: Any, **options: Any) -> None:
        names = [options[role.value] for role in APPOINTED]
        if len(set(names)) < len(names):
            raise CommandError("The three administrators are three persons.")
        passwords = {name: secrets.token_urlsafe(15) for name in names}
        with transaction.atomic():
            # Of two who run this at once the second waits here, and then finds administrators.
            held = [role.value for role in ADMINISTRATORS]
            list(Group.objects.select_for_update().filter(name__in=held))
            if User.objects.filter(groups__name__in=held).exists():
                raise CommandError("There are administrators; they give further roles by two.")
            for role, name in zip(APPOINTED, names, strict=True):
                user = User.objects.create_user(name, password=passwords[name])
                assign_roles(user, [role])
                record(EventKind.ROLES_CHANGED, at=now_utc(), about=user, detail=role.value)
        for role, name in zip(APPOINTED, names, strict=True):
            self.stdout.write(f"{name} ({role.value}): {passwords[name]}")

"""Django's command, refused in production: nobody stands above the roles there."""

from typing import Any

from django.conf import settings
from django.contrib.auth.management.commands.createsuperuser import Command as DjangoCommand
from django.core.management.base import CommandError


class Command(DjangoCommand):
    help = "Create a superuser in development; production refuses it."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("Production has no superuser: give roles (docs/accounts.md).")
        super().handle(*args, **options)

"""Create a key for a caller of the API; its secret is printed once and never again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.api_keys import create_api_key
from accounts.models import User
from primitives.clock import now_utc


class Command(BaseCommand):
    help = "Create an API key and print its secret, which is never shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="whose key it is")
        parser.add_argument("label", help="what it is for, e.g. the calling system's name")

    def handle(self, *_args: Any, **options: Any) -> None:
        owner = User.objects.filter(username=options["username"], is_active=True).first()
        if owner is None:
            raise CommandError(f"There is no active user {options['username']!r}.")
        secret = create_api_key(owner=owner, label=options["label"], created_at=now_utc())
        self.stdout.write(secret)

"""Issue a certificate for every registration that waits for one; --watch goes on until stopped."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from certificates.issuance import issue_waiting
from primitives.clock import now_utc

PAUSE_SECONDS = 0.5


class Command(BaseCommand):
    help = "Issue certificates for registrations that have none yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--watch", action="store_true", help="go on until stopped")

    def handle(self, *_args: Any, **options: Any) -> None:
        issued = issue_waiting(at=now_utc())
        self.stdout.write(f"Issued {issued} certificates.")
        while options["watch"]:
            time.sleep(PAUSE_SECONDS)
            issue_waiting(at=now_utc())

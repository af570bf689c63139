"""Enter a status list: which certificates are not in force, as an act of the ledger."""

from typing import Any

from django.core.management.base import BaseCommand

from certificates.status_list import enter_status_list
from primitives.clock import now_utc


class Command(BaseCommand):
    help = "Enter the list of certificates that are not in force in the ledger, as of now."

    def handle(self, *_args: Any, **_options: Any) -> None:
        entered = enter_status_list(at=now_utc())
        self.stdout.write(
            f"Entered the status list: {entered.entry}."
            if entered
            else "Nothing to list: no signed checkpoint covers a certificate yet."
        )

"""Sequence pending entries and sign a checkpoint; --watch goes on until it is stopped."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ledger.publishing import publish
from ledger.queries import latest_checkpoint
from ledger.state_map import commit_when_due
from primitives.clock import now_utc

PAUSE_SECONDS = 0.5


class Command(BaseCommand):
    help = "Sequence pending ledger entries and sign a checkpoint over them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--watch", action="store_true", help="go on until stopped")

    def handle(self, *_args: Any, **options: Any) -> None:
        publish(at=now_utc())
        while options["watch"]:
            time.sleep(PAUSE_SECONDS)
            publish(at=now_utc())
            commit_when_due(at=now_utc())
        checkpoint = latest_checkpoint()
        size = checkpoint.tree_head.size if checkpoint else 0
        self.stdout.write(f"The ledger holds {size} signed entries.")

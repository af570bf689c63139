"""Sequence pending entries and sign a checkpoint; --watch goes on until it is stopped."""

import logging
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connections

from ledger.errors import LedgerStoppedError
from ledger.publishing import publish
from ledger.state_map import commit_when_due
from primitives.clock import now_utc

PAUSE_SECONDS = 0.25
PAUSE_AFTER_FAILURE_SECONDS = 5

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Sequence pending ledger entries and sign a checkpoint over them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--watch", action="store_true", help="go on until stopped")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            checkpoint = publish(at=now_utc())
        except LedgerStoppedError as error:
            raise CommandError(str(error)) from error
        size = checkpoint.pk if checkpoint else 0
        self.stdout.write(f"The ledger holds {size} signed entries.")
        while options["watch"]:
            time.sleep(PAUSE_SECONDS)
            try:
                publish(at=now_utc())
                commit_when_due(at=now_utc())
            except (LedgerStoppedError, DatabaseError, OSError):
                # It may be mended, and a database that went away comes back: outlive it.
                logger.exception("The ledger could not be published; its entries wait in the queue")
                connections.close_all()
                time.sleep(PAUSE_AFTER_FAILURE_SECONDS)

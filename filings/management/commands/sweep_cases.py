"""Take the steps whose time has come; --watch goes on until it is stopped."""

import logging
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, connections

from filings.sweep import sweep
from primitives.clock import now_utc

PAUSE_SECONDS = 600

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Deem accepted what was not answered in time, and let lapse what the applicant did not."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--watch", action="store_true", help="go on until stopped")

    def handle(self, *_args: Any, **options: Any) -> None:
        while True:
            try:
                for number, action in sweep(at=now_utc()):
                    self.stdout.write(f"{number}: {action}")
            except (DatabaseError, OSError):
                if not options["watch"]:
                    raise
                # A database that went away comes back, and a missed sweep is made up.
                logger.exception("The cases could not be swept; trying again in a while")
                connections.close_all()
            if not options["watch"]:
                return
            time.sleep(PAUSE_SECONDS)

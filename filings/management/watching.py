"""A command that does something once, or with --watch again and again until it is stopped."""

import logging
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connections

logger = logging.getLogger(__name__)


class WatchCommand(BaseCommand):
    """Calls `step`; its failure ends the command unless it watches.

    Attributes:
        pause_seconds: between one step and the next.
    """

    pause_seconds: float

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the option."""
        parser.add_argument("--watch", action="store_true", help="go on until stopped")

    def handle(self, *_args: Any, **options: Any) -> None:  # noqa: ANN401 # Django's signature
        """Do it, and with --watch go on."""
        while True:
            try:
                self.step()
            except Exception:
                if not options["watch"]:
                    raise
                # A database that went away comes back, and one case that cannot be dealt with
                # stops neither the others nor the server; what was missed is made up.
                logger.exception("This was interrupted; trying again in a while")
                connections.close_all()
            if not options["watch"]:
                return
            time.sleep(self.pause_seconds)

    def step(self) -> None:
        """Do what there is to do now."""
        raise NotImplementedError

"""Issue a certificate for every registration that waits for one; --watch goes on until stopped."""

import logging
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from certificates.detached import forget_lost_signatures
from certificates.issuance import issue_waiting
from certificates.status_list import enter_when_due
from ledger.errors import LedgerStoppedError
from ledger.state_map import commit_when_due
from primitives.clock import now_utc
from primitives.progress import on_terminal

PAUSE_SECONDS = 0.5
PAUSE_AFTER_FAILURE_SECONDS = 5

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Issue certificates for registrations that have none yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--watch", action="store_true", help="go on until stopped")

    def handle(self, *_args: Any, **options: Any) -> None:
        forget_lost_signatures()
        try:
            issued = issue_waiting(at=now_utc(), progress=on_terminal(sys.stderr))
        except LedgerStoppedError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Issued {issued} certificates.")
        while options["watch"]:
            time.sleep(PAUSE_SECONDS)
            try:
                issue_waiting(at=now_utc())
                # The embedded default runs no `publish_ledger --watch`, which does it too.
                commit_when_due(at=now_utc())
                enter_when_due(at=now_utc())
            except Exception:  # a database that went away comes back; the watch must outlive it
                logger.exception("Issuing was interrupted; trying again in a while")
                connections.close_all()
                time.sleep(PAUSE_AFTER_FAILURE_SECONDS)

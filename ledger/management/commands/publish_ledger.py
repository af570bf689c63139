"""Sequence, sign, collect cosignatures; --watch goes on until it is stopped."""

import logging
import time
from collections.abc import Callable
from threading import Event, Thread
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connections

from ledger.errors import LedgerStoppedError
from ledger.publishing import publish
from ledger.state_map import commit_when_due
from ledger.witnessing import Collector, learn_from_witnesses
from primitives.clock import now_utc

PAUSE_SECONDS = 0.25
PAUSE_AFTER_FAILURE_SECONDS = 5
KEEPER = "state map"
LAST_SECONDS = 2.0
"""How long a state map may still be built once the ledger is to stop."""

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Sequence pending entries, sign a checkpoint over them, and let witnesses cosign it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--watch", action="store_true", help="go on until stopped")

    def handle(self, *_args: Any, **options: Any) -> None:
        collector = Collector()
        size = _begin(collector, goes_on=options["watch"])
        self.stdout.write(f"The ledger holds {size} signed entries.")
        if options["watch"]:
            # Beside it: the map of a large register takes seconds, in which acts would wait.
            stopped = Event()
            keeper = Thread(
                name=KEEPER, target=_go_on, args=[_keep_state_map, stopped], daemon=True
            )
            keeper.start()
            try:
                _go_on(lambda: _publish(collector), stopped)
            finally:
                stopped.set()
                keeper.join(timeout=LAST_SECONDS)


def _begin(collector: Collector, *, goes_on: bool) -> int:
    """Learn what the witnesses saw, publish, and return the size of the signed tree."""
    while True:
        try:
            learn_from_witnesses()
            return _publish(collector)
        except LedgerStoppedError as error:
            raise CommandError(str(error)) from error
        except DatabaseError:
            if not goes_on:
                raise
            logger.exception("The database cannot be asked; the ledger begins when it can")
            connections.close_all()
            time.sleep(PAUSE_AFTER_FAILURE_SECONDS)


def _go_on(step: Callable[[], object], stopped: Event) -> None:
    while not stopped.wait(PAUSE_SECONDS):
        try:
            step()
        except (LedgerStoppedError, DatabaseError, OSError):
            # It may be mended, and a database that went away comes back: outlive it.
            logger.exception("The ledger could not be published; its entries wait in the queue")
            connections.close_all()
            stopped.wait(PAUSE_AFTER_FAILURE_SECONDS)


def _keep_state_map() -> None:
    commit_when_due(at=now_utc())


def _publish(collector: Collector) -> int:
    """Publish, let the witnesses see it, and return the size of the signed tree."""
    checkpoint = publish(at=now_utc())
    if checkpoint is None:
        return 0
    collector.collect(checkpoint, at=now_utc())
    return checkpoint.tree_head.size

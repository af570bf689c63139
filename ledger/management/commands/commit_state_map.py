"""Commit to the state map: which entry is the latest under every key, as an act of the ledger."""

from typing import Any

from django.core.management.base import BaseCommand

from ledger.state_map import commit_state_map
from primitives.clock import now_utc


class Command(BaseCommand):
    help = "Enter the root of the state map in the ledger, if an act came since the last one."

    def handle(self, *_args: Any, **_options: Any) -> None:
        entry = commit_state_map(at=now_utc())
        self.stdout.write(
            f"Committed to the state map: {entry}."
            if entry
            else "Nothing to commit to: no act is signed that the last commitment does not cover."
        )

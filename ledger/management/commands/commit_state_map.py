"""Commit to the state map: which entry is the latest under every key, as an act of the ledger."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger.state_map import StateMapWrongError, commit_state_map
from primitives.clock import now_utc


class Command(BaseCommand):
    help = "Enter the root of the state map in the ledger, if an act came since the last one."

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            entry = commit_state_map(at=now_utc())
        except StateMapWrongError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Committed to the state map: {entry}."
            if entry
            else "Nothing to commit to: no act is signed that the last commitment does not cover."
        )

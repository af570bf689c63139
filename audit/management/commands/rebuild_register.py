"""Rebuild the register from the ledger and compare; exit 0 when equal, 1 when not."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.register import Fold, compare
from audit.snapshot import snapshot


class Command(BaseCommand):
    help = "Rebuild the register from the ledger. With --check it only compares."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="compare and change nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not options["check"]:
            raise CommandError("Writing the rebuilt register is not offered: use --check.")
        differing = 0
        with snapshot(), Fold() as built:
            for finding in compare(built):
                self.stderr.write(f"{finding.kind} {finding.table}.{finding.pk}: {finding.detail}")
                differing += 1
        if differing:
            self.stderr.write(f"{differing} facts differ from the ledger.")
            sys.exit(1)
        self.stdout.write(f"{built.count} facts of the register equal their rebuild.")

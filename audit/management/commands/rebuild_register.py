"""Rebuild the register from the ledger and compare; exit 0 when equal, 1 when not."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.register import compare_register, fold
from audit.snapshot import snapshot


class Command(BaseCommand):
    help = "Rebuild the register from the ledger. With --check it only compares."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="compare and change nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not options["check"]:
            raise CommandError("Writing the rebuilt register is not offered: use --check.")
        with snapshot():
            count = len(fold().facts)
            findings = list(compare_register())
        for finding in findings:
            self.stderr.write(f"{finding.kind} {finding.table}.{finding.pk}: {finding.detail}")
        if findings:
            self.stderr.write(f"{len(findings)} facts differ from the ledger.")
            sys.exit(1)
        self.stdout.write(f"{count} facts of the register equal their rebuild.")

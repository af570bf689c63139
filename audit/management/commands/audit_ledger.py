"""Hold everything against the ledger; exit 0 when clean, 1 with findings."""

import json
import sys
from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from audit.files import check_files
from audit.findings import Finding
from audit.log import check_log
from audit.register import compare_register
from audit.series import check_series
from audit.snapshot import snapshot
from audit.state_maps import check_state_maps


class Command(BaseCommand):
    help = "Audit entries, tree, checkpoints, register and files. Exit 0 clean, 1 with findings."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        with snapshot():
            findings = list(
                chain(
                    check_log(),
                    check_state_maps(),
                    compare_register(),
                    check_series(),
                    check_files(),
                )
            )
        if options["json"]:
            self.stdout.write(json.dumps([finding.to_json() for finding in findings], indent=2))
        else:
            for finding in findings:
                self.stdout.write(_line(finding))
            self.stdout.write(f"{len(findings)} findings." if findings else "Clean: no findings.")
        if findings:
            sys.exit(1)


def _line(finding: Finding) -> str:
    place = ".".join(part for part in (finding.table, finding.pk, finding.column) if part)
    at = "" if finding.index is None else f" (entry {finding.index})"
    return f"{finding.kind} {place}{at}: {finding.detail}"

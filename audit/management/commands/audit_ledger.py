"""Hold everything against the ledger; exit 0 when clean, 1 with findings."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.auditing import StartRefusedError, audit, left_out, start_from
from audit.copies import Copy, CopyUnreadableError, read_copy, read_memory
from audit.findings import Finding
from audit.snapshot import snapshot
from audit.walk import BEGINNING
from ledger.errors import LedgerStoppedError
from ledger.witnessing import kept_by_witnesses
from primitives.progress import Progress


class Command(BaseCommand):
    help = "Audit entries, tree, checkpoints, register and files. Exit 0 clean, 1 with findings."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")
        parser.add_argument(
            "--since",
            metavar="SIZE|CHECKPOINT",
            help="audit only what came after a signed checkpoint: its size, or a file kept outside",
        )
        parser.add_argument(
            "--copy",
            action="append",
            default=[],
            metavar="PATH",
            help="compare with what was kept: a checkpoint, a .tlog-proof or an exported log",
        )
        parser.add_argument(
            "--witnesses",
            action="store_true",
            help="compare with what the witnesses of our policy keep (over the network)",
        )
        parser.add_argument(
            "--progress", action="store_true", help="show progress also where nobody is watching"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        paths = [Path(path) for path in options["copy"]]
        since = options["since"]
        try:
            start = start_from(since) if since else BEGINNING
            if since and not since.isdecimal():
                paths.append(Path(since))
            copies = [read_copy(path) for path in paths]
            if options["witnesses"]:
                copies += [Copy(f"the witness {name}", note) for name, note in kept_by_witnesses()]
        except (StartRefusedError, CopyUnreadableError, LedgerStoppedError) as error:
            raise CommandError(str(error)) from error
        memory = read_memory()
        is_shown = options["progress"] or sys.stderr.isatty()
        progress = Progress(sys.stderr if is_shown else None)
        with snapshot():
            everything = [*copies, memory] if memory else copies
            findings = audit(start, copies=everything, progress=progress)
            count = self._write_json(findings) if options["json"] else self._write(findings)
        told = self.stderr if options["json"] else self.stdout
        for sentence in left_out(start, has_memory=memory is not None, has_copies=bool(copies)):
            told.write(f"Not looked at: {sentence}", self.style.NOTICE)
        if count:
            sys.exit(1)

    def _write(self, findings: Iterable[Finding]) -> int:
        count = 0
        for finding in findings:
            self.stdout.write(_line(finding))
            count += 1
        self.stdout.write(f"{count} findings." if count else "Clean: no findings.")
        return count

    def _write_json(self, findings: Iterable[Finding]) -> int:
        """Write one array, finding by finding: there may be more than memory holds."""
        count = 0
        for finding in findings:
            self.stdout.write("[" if not count else ",", ending="\n")
            self.stdout.write(json.dumps(finding.to_json()), ending="")
            count += 1
        self.stdout.write("\n]" if count else "[]")
        return count


def _line(finding: Finding) -> str:
    place = ".".join(part for part in (finding.table, finding.pk, finding.column) if part)
    at = "" if finding.index is None else f" (entry {finding.index})"
    bad = "" if finding.checkpoint is None else f" [first bad checkpoint: {finding.checkpoint}]"
    return f"{finding.kind} {place}{at}: {finding.detail}{bad}"

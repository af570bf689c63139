"""Write the log as static files: tiles, entry bundles, checkpoint (C2SP tlog-tiles)."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ledger.export import NothingToExportError, export_log


class Command(BaseCommand):
    help = "Write the log's tiles, entry bundles and checkpoint into a folder."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path)

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            size = export_log(options["directory"])
        except NothingToExportError as error:
            raise CommandError("The log is empty: nothing has been registered yet.") from error
        self.stdout.write(f"Wrote the log of {size} entries to {options['directory']}.")

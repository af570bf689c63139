"""Put a further time-stamp over files whose last one grows old; see docs/operations.md."""

import sys
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from certificates.models import Certificate, Document
from certificates.queries import issued_certificates, issued_documents, last_stamped_before
from certificates.renewal import renew
from certificates.timestamping import TimestampUnavailableError
from primitives.clock import now_utc
from primitives.progress import Progress, on_terminal


class Command(BaseCommand):
    help = "Renew the time-stamps of issued files that were last stamped before a number of days."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--older-than", type=int, required=True, metavar="DAYS")

    def handle(self, *_args: Any, **options: Any) -> None:
        before = now_utc() - timedelta(days=options["older_than"])
        due: list[Certificate | Document] = [
            *last_stamped_before(issued_certificates(), before),
            *last_stamped_before(issued_documents(), before),
        ]
        progress = on_terminal(sys.stderr)
        progress.stage("renewing", len(due))
        for place, row in enumerate(due, 1):
            try:
                self._renew(row, f"{place}/{len(due)}", progress)
            except TimestampUnavailableError as error:
                progress.end()
                raise CommandError(f"{place - 1} of {len(due)} renewed; {error}") from error
        progress.end()
        self.stdout.write(f"{len(due)} files were due.")

    def _renew(self, row: Certificate | Document, place: str, progress: Progress) -> None:
        try:
            renew(row, at=now_utc())
        except TimestampUnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 # every other file must still be renewed
            progress.fail()
            self.stderr.write(f"{row}: {error}")
        else:
            progress.advance()
            if not progress.is_shown:
                self.stdout.write(f"{place} {row}")

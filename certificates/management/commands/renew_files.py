"""Put a further time-stamp over files whose last one grows old; see docs/operations.md."""

from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from certificates.models import Certificate, Document
from certificates.queries import issued_certificates, issued_documents, latest_archival
from certificates.renewal import renew
from certificates.timestamping import TimestampUnavailableError
from primitives.clock import now_utc


class Command(BaseCommand):
    help = "Renew the time-stamps of issued files that were last stamped before a number of days."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--older-than", type=int, required=True, metavar="DAYS")

    def handle(self, *_args: Any, **options: Any) -> None:
        at = now_utc()
        before = at - timedelta(days=options["older_than"])
        rows: list[Certificate | Document] = [*issued_certificates(), *issued_documents()]
        due = [row for row in rows if _stamped_at(row) < before]
        for place, row in enumerate(due, 1):
            try:
                renew(row, at=now_utc())
            except TimestampUnavailableError as error:
                raise CommandError(f"{place - 1} of {len(due)} renewed; {error}") from error
            except Exception as error:  # noqa: BLE001 # every other file must still be renewed
                self.stderr.write(f"{row}: {error}")
            else:
                self.stdout.write(f"{place}/{len(due)} {row}")
        self.stdout.write(f"{len(due)} files were due.")


def _stamped_at(row: Any) -> datetime:  # a certificate or a document
    archival = latest_archival(row)
    stamped = archival.renewed_at if archival else row.issued_at
    if stamped is None:
        raise ValueError(f"{row} is not issued")
    return stamped

"""Check and file the workbooks that wait; --watch goes on until it is stopped."""

from filings.batch.filing import settle_waiting
from filings.management.watching import WatchCommand
from primitives.clock import now_utc


class Command(WatchCommand):
    help = "Check and file every workbook that a registrar has handed in, each whole or not at all."
    pause_seconds = 1

    def step(self) -> None:
        for batch in settle_waiting(at=now_utc()):
            self.stdout.write(f"{batch.pk} {batch.file_name}: {batch.state}")

"""Take the steps whose time has come; --watch goes on until it is stopped."""

from filings.management.watching import WatchCommand
from filings.sweep import sweep
from primitives.clock import now_utc


class Command(WatchCommand):
    help = "Deem accepted what was not answered in time, and let lapse what the applicant did not."
    pause_seconds = 600

    def step(self) -> None:
        for number, action in sweep(at=now_utc()):
            self.stdout.write(f"{number}: {action}")

"""Send by e-mail what happened in cases; --watch goes on until it is stopped."""

from filings.management.watching import WatchCommand
from filings.messages import send_waiting
from primitives.clock import now_utc


class Command(WatchCommand):
    help = "Send every message that waits to the applicants' members by e-mail."
    pause_seconds = 15

    def step(self) -> None:
        sent, failed = send_waiting(at=now_utc())
        if sent or failed:
            self.stdout.write(f"Sent {sent} messages; {failed} could not be sent and wait.")

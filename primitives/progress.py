"""How far a long job has come, as one line on a terminal: an audit, a batch of certificates."""

import time
from typing import TextIO

SECONDS_BETWEEN = 0.2
BAR_WIDTH = 24


class Progress:
    """Writes stage, bar, counts and rate over one line of ``stream``; None keeps silent."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream
        self._stage, self._total, self._done, self._failed = "", 0, 0, 0
        self._began = self._shown = 0.0

    def stage(self, name: str, total: int) -> None:
        """Begin the next stage of ``total`` steps; 0 if nobody knows how many."""
        self.end()
        self._stage, self._total, self._done, self._failed = name, total, 0, 0
        self._began = time.monotonic()

    def advance(self, steps: int = 1) -> None:
        """Count steps that are done."""
        self._done += steps
        self._show_now_and_then()

    def fail(self) -> None:
        """Count a step that failed, and leave the line to whoever says why."""
        self._failed += 1
        if self._stream:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
        self._shown = 0.0

    @property
    def is_shown(self) -> bool:
        """Whether somebody sees it."""
        return self._stream is not None

    def end(self) -> None:
        """Show the last count of the stage and leave its line."""
        if self._stage and self._stream and (self._total or self._done or self._failed):
            self._show()
            self._stream.write("\n")
        self._stage = ""

    def _show_now_and_then(self) -> None:
        if self._stream and time.monotonic() - self._shown > SECONDS_BETWEEN:
            self._show()

    def _show(self) -> None:
        self._shown = time.monotonic()
        tried = self._done + self._failed
        rate = tried / max(self._shown - self._began, 0.001)
        total = max(self._total, tried)
        filled = BAR_WIDTH * tried // total if total else 0
        bar = "█" * filled + "·" * (BAR_WIDTH - filled)
        counts = ((self._failed, "failed"), (total - tried, "waiting"))
        others = "".join(f", {count:,} {name}" for count, name in counts if count)
        if self._stream:
            self._stream.write(
                f"\r{self._stage:<12} {bar} {self._done:,}/{total:,} {rate:,.0f}/s{others} \x1b[K"
            )
            self._stream.flush()


SILENT = Progress()


def on_terminal(stream: TextIO) -> Progress:
    """Return what shows progress where somebody is watching, and nothing elsewhere."""
    return Progress(stream if stream.isatty() else None)

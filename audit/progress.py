"""How far an audit has come, as one line on a terminal."""

import time
from typing import TextIO

SECONDS_BETWEEN = 0.2
BAR_WIDTH = 24


class Progress:
    """Writes stage, bar, count and rate over one line of ``stream``; None keeps silent."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream
        self._stage, self._total, self._done = "", 0, 0
        self._began = self._shown = 0.0

    def stage(self, name: str, total: int) -> None:
        """Begin the next stage of ``total`` steps; 0 if nobody knows how many."""
        self.end()
        self._stage, self._total, self._done = name, total, 0
        self._began = time.monotonic()

    def advance(self, steps: int = 1) -> None:
        """Count steps that are done."""
        self._done += steps
        if self._stream and time.monotonic() - self._shown > SECONDS_BETWEEN:
            self._show()

    def end(self) -> None:
        """Show the last count of the stage and leave its line."""
        if self._stream and self._stage:
            self._show()
            self._stream.write("\n")
        self._stage = ""

    def _show(self) -> None:
        self._shown = time.monotonic()
        rate = self._done / max(self._shown - self._began, 0.001)
        total = max(self._total, self._done)
        filled = BAR_WIDTH * self._done // total if total else 0
        bar = "█" * filled + "·" * (BAR_WIDTH - filled)
        if self._stream:
            self._stream.write(
                f"\r{self._stage:<12} {bar} {self._done:,}/{total:,} {rate:,.0f}/s \x1b[K"
            )
            self._stream.flush()


SILENT = Progress()

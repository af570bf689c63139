"""The log held against itself: leaves, tiles, roots, checkpoints, versions, queue, triggers.

Entry point: `check_log`. Everything is computed again from the entries' bytes.
"""

from collections.abc import Iterator

from django.db import connection

from audit.checkpoints import check_cosignatures
from audit.entries import check_queue
from audit.findings import Finding, FindingKind
from audit.keys import check_versions
from audit.walk import BEGINNING, Start, Walk
from ledger import guards
from primitives.progress import SILENT, Progress


def check_log(start: Start = BEGINNING, progress: Progress = SILENT) -> Iterator[Finding]:
    """Yield every fault of the log itself, of its part from ``start`` on."""
    for name in guards.missing(connection):
        yield Finding(
            kind=FindingKind.TRIGGER_MISSING, table=name, detail="the trigger is not installed"
        )
    yield from Walk(start, progress).findings()
    yield from check_queue()
    yield from check_versions(start.size, progress)
    yield from check_cosignatures(start.size)

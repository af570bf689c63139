"""The log by size: integration, publication, and the latency of proofs."""

import hashlib
import time
from collections.abc import Callable

from django.db import connection

from bench.filling import AT, fill
from bench.measuring import Report, percentiles, seconds
from ledger.models import TreeHead
from ledger.sequencing import Sequencer
from ledger.signing import sign_checkpoint
from ledger.tiles import stored_entries, stored_tiles
from tlog.tiles import TileReader

SAMPLES = 2_000
CHUNK = 4_096
STEP = 7_919


def measure(report: Report, sizes: list[int]) -> None:
    """Grow the log from size to size; report rates of growth, and proofs at each."""
    for size in sizes:
        _grow(report, size)
        _proofs(report, size)


def reach(size: int) -> None:
    """Grow the log to a size without measuring, if it is smaller."""
    head = TreeHead.objects.order_by("-size").first()
    if head is None or head.size < size:
        fill(head.size if head else 0, size)
        _sequence_all()


def hashing(start: int, end: int) -> float:
    """Return the seconds in which Python hashes the entries' bytes and does nothing else."""
    total = 0.0
    for first in range(start, end, CHUNK):
        entries = stored_entries(first, min(end, first + CHUNK))
        total += seconds(lambda entries=entries: [hashlib.sha256(entry) for entry in entries])  # type: ignore[misc] # a default binds the chunk
    return total


def _grow(report: Report, size: int) -> None:
    head = TreeHead.objects.order_by("-size").first()
    old = head.size if head else 0
    fill(old, size)
    _analyze()
    sequencing = seconds(_sequence_all)
    signing = seconds(lambda: sign_checkpoint(at=AT))
    plain, count = hashing(old, size), size - old
    for name, spent in (("integration", sequencing), ("signing, all hashed again", signing)):
        report.add(
            f"{name}, {old:,} to {size:,} entries",
            f"{count / spent:,.0f} leaves/s",
            ratio=spent / plain,
            to="the time of plain SHA-256",
        )


def _sequence_all() -> None:
    sequencer = Sequencer()
    while sequencer.integrate(at=AT):
        pass


def _analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _proofs(report: Report, size: int) -> None:
    # A step that shares no factor with the size meets leaves all over the tree.
    indexes = [number * STEP % size for number in range(SAMPLES)]
    olds = [index or 1 for index in indexes]
    _latency(report, f"one primary-key read, {size:,} entries", _head(size), indexes)
    _latency(
        report,
        f"inclusion proof, {size:,} entries",
        lambda index: TileReader(size, stored_tiles).inclusion_proof(index),
        indexes,
    )
    _latency(
        report,
        f"consistency proof, {size:,} entries",
        lambda old: TileReader(size, stored_tiles).consistency_proof(old),
        olds,
    )


def _head(size: int) -> Callable[[int], object]:
    return lambda _index: TreeHead.objects.get(size=size)


def _latency(
    report: Report, name: str, work: Callable[[int], object], arguments: list[int]
) -> None:
    spent = []
    for argument in arguments:
        start = time.perf_counter()
        work(argument)
        spent.append(time.perf_counter() - start)
    p50, p99 = percentiles(spent)
    report.add(name, f"p50 {p50 * 1e3:.2f} p99 {p99 * 1e3:.2f} ms")

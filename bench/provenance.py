"""The closure of provenance, through our functions and through the bare driver."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import psycopg
from django.db import connection

from bench.graphs import Graph, grow, right_in
from bench.measuring import Report, percentiles, seconds
from registry.closure import (
    Closure,
    MoreVersionsError,
    ancestor_versions,
    descendant_versions,
    versions_relying_on,
)
from registry.models import AssetVersion
from registry.provenance import ancestry

SECONDS = 3.0
FEWEST, MOST = 7, 300
SPREAD = 100
BUDGET = 1_000
STARTS = 1_000

Case = tuple[str, list[Closure]]
"""A name, and the closures to take in turn."""


def measure(report: Report, sizes: list[int]) -> None:
    """Grow the graph from size to size; report closures and ancestries at each."""
    old = 0
    for size in sizes:
        graph = grow(old, size)
        _settle()
        for name, closures in _cases(graph):
            _closures(report, f"{name}, {size:,} versions", closures)
        _budget(report, f"more than {BUDGET:,} refused, {size:,} versions", graph)
        for depth in (10, 100, len(graph.chain) - 1):
            _ancestry(report, f"ancestry of {depth:,}, {size:,} versions", graph.chain[depth])
        old = size


def _cases(graph: Graph) -> Iterator[Case]:
    chain, ladder, star, random = graph.chain, graph.ladder, graph.star, graph.random
    for depth in (10, 100, len(chain) - 1):
        yield f"ancestors, chain of {depth:,}", [ancestor_versions(chain[depth])]
    yield f"descendants, chain of {len(chain) - 1:,}", [descendant_versions(chain[0])]
    yield "ancestors, ladder", [ancestor_versions(ladder[-1])]
    yield "descendants, ladder", [descendant_versions(ladder[0])]
    yield "ancestors, star", [ancestor_versions(star[-1])]
    yield "descendants, star", [descendant_versions(star[0])]
    late, some = _spread(random[-len(random) // 10 :]), _spread(random[len(random) // 10 :])
    yield "ancestors, random, late", [ancestor_versions(version) for version in late]
    yield "descendants, random, some", [descendant_versions(version) for version in some]
    relying = [versions_relying_on(right_in(version)) for version in some]
    yield "relying on a right, random, some", relying
    yield "descendants, random, first", [descendant_versions(random[0])]
    yield f"descendants of {STARTS:,} in a chain", [descendant_versions(*chain[:STARTS])]


def _spread(versions: range) -> range:
    return versions[:: max(1, len(versions) // SPREAD)]


def _settle() -> None:
    """Do what autovacuum does in time: gather statistics, and mark pages that all can see."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _closures(report: Report, name: str, closures: list[Closure]) -> None:
    counts = [len(closure.pks()) for closure in closures]
    read, ours, driver = _timed(
        [
            [_read],
            [closure.pks for closure in closures],
            [partial(_by_driver, closure) for closure in closures],
        ]
    )
    _report(report, f"{name} ({statistics.median(counts):,.0f})", ours, read)
    if any(counts):
        each = statistics.median(
            spent / count for spent, count in zip(ours, counts * len(ours), strict=False) if count
        )
        ratio = statistics.median(ours) / statistics.median(driver)
        report.add(f"  each, {name}", f"{each * 1e6:.2f} us", ratio=ratio, to="the bare driver")


def _budget(report: Report, name: str, graph: Graph) -> None:
    closure = descendant_versions(graph.random[0])

    def refused() -> None:
        try:
            closure.pks(budget=BUDGET)
        except MoreVersionsError:
            return
        raise RuntimeError("the first version of the random graph has few descendants")

    read, ours = _timed([[_read], [refused]])
    _report(report, name, ours, read)


def _ancestry(report: Report, name: str, pk: int) -> None:
    version = AssetVersion.objects.get(pk=pk)
    read, ours = _timed([[_read], [partial(ancestry, version)]])
    _report(report, name, ours, read)


def _read() -> object:
    return AssetVersion.objects.get(pk=1)


def _by_driver(closure: Closure) -> list[tuple[int]]:
    """Run the same statement as the driver does it by itself, which prepares it on PostgreSQL."""
    if connection.vendor == "postgresql":
        with psycopg.Cursor(connection.connection) as cursor:
            return cursor.execute(closure.sql, closure.params).fetchall()
    sql = closure.sql.replace("%s", "?")
    found: list[tuple[int]] = connection.connection.execute(sql, closure.params).fetchall()
    return found


def _timed(variants: Sequence[Sequence[Callable[[], object]]]) -> list[list[float]]:
    """Return the seconds of each turn of each variant; the variants take turns one by one.

    What else the machine does meanwhile touches all of them.
    """
    spent: list[list[float]] = [[] for _ in variants]
    end, turn = time.perf_counter() + SECONDS, 0
    while turn < FEWEST or (turn < MOST and time.perf_counter() < end):
        for times, works in zip(spent, variants, strict=True):
            times.append(seconds(works[turn % len(works)]))
        turn += 1
    return spent


def _report(report: Report, name: str, spent: list[float], read: list[float]) -> None:
    p50, p99 = percentiles(spent)
    report.add(
        name,
        f"p50 {p50 * 1e3:.2f} p99 {p99 * 1e3:.2f} ms",
        ratio=p50 / percentiles(read)[0],
        to="one primary-key read",
    )

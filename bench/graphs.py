"""Graphs of provenance in the register's own tables, of shapes that are hard on a closure.

A node is a version of an asset of its own; the two have one key, counted from 1, and so has their
entry. Sources come before what is derived from them, as the table demands.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise

from django.db import connection, models

from bench.filling import AT, fill, insert
from ledger.models import Entry
from registry.models import AssetVersion, DataAsset, Derivation, Party

DEEPEST = 10_000
WIDEST = 50_000
SOURCES = 3
"""How many sources a node of the random graph has."""

Edge = tuple[int, int]
"""The derived version and its source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """The nodes of each shape, as ranges of keys.

    Attributes:
        chain: each is derived from the one before.
        ladder: rungs of two; each node is derived from both of the rung before, so that the paths
            double at every rung.
        star: all are derived from the first but the last, which is derived from all the others.
        random: each is derived from three of those before, each equally likely.
    """

    chain: range
    ladder: range
    star: range
    random: range

    def edges(self) -> Iterator[Edge]:
        """Yield every edge."""
        for source, derived in pairwise(self.chain):
            yield derived, source
        yield from self._ladder()
        hub, *spokes, last = self.star
        for spoke in spokes:
            yield spoke, hub
        for spoke in spokes:
            yield last, spoke
        for derived in self.random[1:]:
            for source in self._sources(derived):
                yield derived, source

    def _ladder(self) -> Iterator[Edge]:
        rungs = zip(self.ladder[::2], self.ladder[1::2], strict=True)
        for rung, following in pairwise(rungs):
            yield from ((derived, source) for derived in following for source in rung)

    def _sources(self, derived: int) -> set[int]:
        earlier = derived - self.random.start
        digest = blake2b(derived.to_bytes(8)).digest()
        places = [int.from_bytes(digest[i : i + 8]) % earlier for i in range(0, SOURCES * 8, 8)]
        return {self.random.start + place for place in places}


def grow(old: int, size: int) -> Graph:
    """Add the nodes that a register of ``old`` lacks to ``size`` and return their graph."""
    nodes, edges = range(old + 1, size + 1), Derivation.objects.count()
    lacking = range(DataAsset.objects.count() + 1, size + 1)
    graph = _shaped(nodes, size)
    if Entry.objects.count() < size:
        fill(Entry.objects.count(), size)
    party = Party.objects.first() or Party.objects.create(entry=Entry.objects.earliest("pk"))
    _copy(
        DataAsset(registered_at=AT),
        ({"id": n, "number": f"DA-{n:09}", "entry_id": n} for n in lacking),
    )
    _copy(
        AssetVersion(number=1, size_bytes=1),
        ({"id": n, "asset_id": n, "sha256": f"{n:064x}", "entry_id": n} for n in nodes),
    )
    _copy(
        Derivation(
            activity="DERIVE",
            method="示例：按省汇总。" * 8,
            ended_at=AT,
            responsible=party,
            is_proven=False,
        ),
        (
            {
                "id": key,
                "derived_version_id": derived,
                "source_version_id": source,
                "basis_interest": right_in(source),
            }
            for key, (derived, source) in enumerate(graph.edges(), start=edges + 1)
        ),
    )
    return graph


def right_in(version: int) -> str:
    """Return the reference of the right in a version on which every edge from it relies."""
    return f"R-{version:09}"


def _shaped(nodes: range, size: int) -> Graph:
    chain, rest = _split(nodes, min(size // 10, DEEPEST))
    ladder, rest = _split(rest, 2 * min(size // 20, DEEPEST))
    star, random = _split(rest, min(size // 10, WIDEST))
    return Graph(chain=chain, ladder=ladder, star=star, random=random)


def _split(nodes: range, count: int) -> tuple[range, range]:
    return nodes[:count], nodes[count:]


def _copy(template: models.Model, changes: Iterator[dict[str, object]]) -> None:
    """Insert rows that are as the template but for their changes."""
    meta = template._meta  # noqa: SLF001 # Django's public model API
    columns = {
        str(field.column): field.get_db_prep_save(field.pre_save(template, add=True), connection)
        for field in meta.concrete_fields
    }
    rows = ([*(columns | change).values()] for change in changes)
    insert(meta.db_table, ", ".join(columns), rows)

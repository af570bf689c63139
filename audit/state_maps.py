"""The ledger's commitments to its state, each held against the map that the entries give.

Entry point: `check_state_maps`. All maps grow together in one pass over the keys in order, so that
memory does not grow with the register; time grows with keys times commitments.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from django.db import DatabaseError

from audit.findings import Finding, FindingKind
from ledger.entries import STATE_COMMITTED, STATE_MAP_KEY, parse_entry, stored_bytes
from ledger.models import Entry
from ledger.state_map import state_items
from ledger.tiles import stored_tiles
from registry.replay import each_row
from tlog.encoding import MalformedError
from tlog.errors import TlogError
from tlog.state_map import StateCommitment, StateItem, item_hash
from tlog.tiles import TileReader, TreeBuilder


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A commitment and the entry it stands in; ``index`` is None while the entry waits."""

    commitment: StateCommitment
    entry: int
    index: int | None


def check_state_maps(since: int = 0) -> Iterator[Finding]:
    """Yield a finding for each commitment, at leaf ``since`` or later, that the entries belie."""
    stated: list[Stated] = []
    for pk, result in each_row(Entry.objects.filter(kind=STATE_COMMITTED), _read):
        if isinstance(result, Exception):
            yield _finding(pk, None, f"it commits to nothing that can be read: {result!r}")
        elif result.index is None or result.index >= since:
            stated.append(result)
    yield from _compare(stated)


def _compare(stated: Sequence[Stated]) -> Iterator[Finding]:
    try:
        maps = _maps(sorted({each.commitment.tree_size for each in stated}))
    except (DatabaseError, TlogError) as error:
        for each in stated:
            yield _finding(each.entry, each.index, f"the entries give no map: {error!r}")
        return
    for each in stated:
        if fault := _fault(each, maps[each.commitment.tree_size]):
            yield _finding(each.entry, each.index, fault)


def _read(entry: Entry) -> Stated:
    content = parse_entry(stored_bytes(entry.content))
    if list(content["keys"]) != [STATE_MAP_KEY]:
        raise MalformedError(f"its key is not {STATE_MAP_KEY}")
    leaf = getattr(entry, "leaf", None)
    return Stated(
        commitment=StateCommitment.parse(content["payload"]),
        entry=entry.pk,
        index=leaf.index if leaf else None,
    )


def _fault(stated: Stated, built: TreeBuilder) -> str:
    commitment = stated.commitment
    if stated.index is not None and commitment.tree_size > stated.index:
        return f"it speaks of {commitment.tree_size} entries and is itself entry {stated.index}"
    if (commitment.map_size, commitment.map_root) != (built.size, built.root()):
        return (
            f"the map of the tree of {commitment.tree_size} is another: "
            f"{built.size} keys, root {built.root().hex()}"
        )
    if commitment.root != _log_root(commitment.tree_size):
        return f"the tree of {commitment.tree_size} has another root"
    return ""


def _log_root(tree_size: int) -> bytes | None:
    try:
        return TileReader(tree_size, stored_tiles).root()
    except TlogError:
        return None


def _maps(sizes: Sequence[int]) -> dict[int, TreeBuilder]:
    """Return the map's tree at each of the tree sizes, which are in ascending order."""
    maps = {size: TreeBuilder() for size in sizes}
    items = state_items(sizes[-1]) if sizes else iter(())
    for _key, versions in groupby(items, key=attrgetter("key")):
        for size, hash_ in _heads(versions, sizes):
            maps[size].append(hash_)
            maps[size].drain()  # only the root is wanted
    return maps


def _heads(versions: Iterator[StateItem], sizes: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """Yield each size at which a key has an entry, with the hash of its latest one there."""
    hash_, following = None, next(versions, None)
    for size in sizes:
        latest = None
        while following is not None and following.index < size:
            latest, following = following, next(versions, None)
        if latest is not None:
            hash_ = item_hash(latest.content())
        if hash_ is not None:
            yield size, hash_


def _finding(entry: object, index: int | None, detail: str) -> Finding:
    return Finding(
        kind=FindingKind.STATE_MAP_WRONG,
        table="ledger_entry",
        pk=str(entry),
        column="content",
        index=index,
        detail=detail,
    )

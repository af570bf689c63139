"""The state map of the log: computed from the entries, committed to by an act, proven from.

Entry points: `commit_state_map`, `prove_state`. The mathematics stand in tlog/state_map.py. A map
covers every key that has an entry below a tree size; keys that acts only lock are not in it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from threading import Lock
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import QuerySet
from django.db.models.functions import Collate

from ledger.acts import open_act
from ledger.entries import (
    STATE_COMMITTED,
    STATE_MAP_KEY,
    EntryMalformedError,
    parse_entry,
    stored_bytes,
)
from ledger.errors import LedgerStoppedError
from ledger.models import Entry, EntryKey, Leaf
from ledger.proofs import prove_entry
from ledger.queries import latest_checkpoint
from tlog.encoding import MalformedError
from tlog.state_map import StateCommitment, StateItem, StateMap, StateMapError
from tlog.state_proof import StateProof

LEDGER = "U-LEDGER"
"""Who acts when the ledger commits to its own state, in the entry's ``actor`` and ``officer``."""

BYTE_ORDER = {"postgresql": "C", "sqlite": "BINARY"}
"""The collation of each database that compares texts as their UTF-8 bytes."""

BINARY = (bytes, memoryview)

_building = Lock()


class PublishedState(NamedTuple):
    """A commitment that a signed checkpoint covers, and the entry it stands in."""

    entry: Entry
    commitment: StateCommitment


class NoStateMapError(Exception):
    """No signed checkpoint covers a commitment to a state map yet."""


class StateMapWrongError(LedgerStoppedError):
    """The entries do not give the map that the log committed to, or give none at all."""


def commit_state_map(*, at: datetime) -> Entry | None:
    """Commit to the map as of the latest checkpoint and return the entry.

    Returns:
        None if nothing but such commitments came since the last one, or if another was faster.

    Raises:
        StateMapWrongError: a row of the entries cannot be read.
    """
    checkpoint = latest_checkpoint()
    if checkpoint is None or not _has_news(checkpoint.tree_head.size):
        return None
    head = checkpoint.tree_head
    # Before the act opens: the map of a large register takes seconds, and an act holds a lock.
    built = state_map(head.size, bytes(head.root_hash))
    commitment = StateCommitment(
        tree_size=head.size,
        root=bytes(head.root_hash),
        map_size=built.size,
        map_root=built.root,
    )
    with open_act(recorded_at=at, actor=LEDGER, officer=LEDGER, keys=[STATE_MAP_KEY]) as act:
        if not _has_news(head.size):
            return None
        return act.record(kind=STATE_COMMITTED, keys=[STATE_MAP_KEY], payload=commitment.payload())


def commit_when_due(*, at: datetime) -> Entry | None:
    """Commit to the map if the last commitment is as old as the settings allow, or there is none.

    Returns:
        As `commit_state_map`; always None where the settings switch it off.
    """
    if settings.STATE_MAP_HOURS <= 0:
        return None
    last, interval = _commitments().first(), timedelta(hours=settings.STATE_MAP_HOURS)
    if last and at < last.recorded_at + interval:
        return None
    return commit_state_map(at=at)


def published_commitment() -> PublishedState | None:
    """Return the latest commitment that a signed checkpoint covers.

    Raises:
        StateMapWrongError: the entry commits to nothing that can be read.
    """
    checkpoint = latest_checkpoint()
    if checkpoint is None:
        return None
    entry = _commitments().filter(leaf__index__lt=checkpoint.tree_head.size).first()
    return PublishedState(entry, _commitment_of(entry)) if entry else None


def prove_state(key: str) -> StateProof:
    """Prove what the latest entry under ``key`` is, or that there is none.

    It is proven as of the tree size of the latest published commitment.

    Raises:
        NoStateMapError: no signed checkpoint covers a commitment yet.
        StateMapWrongError: the entries do not give the map that was committed to.
    """
    published = published_commitment()
    if published is None:
        raise NoStateMapError
    entry, commitment = published
    built = state_map(commitment.tree_size, commitment.root)
    if (built.size, built.root) != (commitment.map_size, commitment.map_root):
        raise StateMapWrongError(f"the map of the tree of {commitment.tree_size}")
    found, items = built.prove(key)
    return StateProof(
        key=key,
        is_present=found is not None,
        items=items,
        commitment=prove_entry(entry).format(),
    )


def state_map(tree_size: int, root: bytes) -> StateMap:
    """Return the map of the tree of ``tree_size`` leaves with this root, built once a process.

    Raises:
        StateMapWrongError: a row of the entries cannot be read.
    """
    try:
        with _building:
            return _build(tree_size, root)
    except (DatabaseError, StateMapError) as error:
        raise StateMapWrongError(f"the tree of {tree_size} gives no map: {error}") from error


def state_items(tree_size: int) -> Iterator[StateItem]:
    """Yield every version of every key in the tree, by key in byte order, then by version.

    Raises:
        StateMapError: a row holds a value of another type; SQLite keeps any.
    """
    collation = BYTE_ORDER[connection.vendor]
    rows = (
        EntryKey.objects.filter(entry__leaf__index__lt=tree_size)
        .order_by(Collate("key", collation), "version")
        .values_list("key", "version", "entry__leaf__index", "entry__leaf_hash")
    )
    for key, version, index, leaf_hash in rows.iterator():
        if type(key) is not str or type(version) is not int or type(leaf_hash) not in BINARY:
            raise StateMapError(f"version {version!r} of {key!r} is no row of ours")
        yield StateItem(key=key, version=version, index=index, leaf_hash=bytes(leaf_hash))


@lru_cache(maxsize=2)
def _build(tree_size: int, root: bytes) -> StateMap:  # noqa: ARG001 # the root names the log's content
    versions = groupby(state_items(tree_size), key=attrgetter("key"))
    return StateMap(max(items, key=attrgetter("version")) for _key, items in versions)


def _commitments() -> QuerySet[Entry]:
    """Return the commitments, the latest first."""
    return Entry.objects.filter(kind=STATE_COMMITTED, keys__key=STATE_MAP_KEY).order_by(
        "-keys__version"
    )


def _commitment_of(entry: Entry) -> StateCommitment:
    try:
        return StateCommitment.parse(parse_entry(stored_bytes(entry.content))["payload"])
    except (EntryMalformedError, MalformedError) as error:
        raise StateMapWrongError(f"{entry} commits to nothing: {error}") from error


def _has_news(tree_size: int) -> bool:
    """Say whether the tree has an act that the last commitment does not cover."""
    last = _commitments().first()
    try:
        covered = _commitment_of(last).tree_size if last else 0
    except StateMapWrongError:
        covered = 0  # a true commitment after it is what helps
    leaves = Leaf.objects.filter(index__gte=covered, index__lt=tree_size)
    return leaves.exclude(entry__kind=STATE_COMMITTED).exists()

"""The log held against itself: entries, leaves, tiles, roots, checkpoints, triggers.

Entry point: `check_log`. Everything is computed again from the entries' bytes.
"""

from collections.abc import Iterator

from django.db import connection

from audit.findings import Finding, FindingKind
from ledger import guards
from ledger.entries import EntryMalformedError, parse_entry
from ledger.keys import log_verifier_key
from ledger.models import Checkpoint, Entry, EntryKey, Leaf, Tile, TreeHead
from tlog.checkpoint import open_checkpoint
from tlog.errors import TlogError
from tlog.merkle import leaf_hash
from tlog.tiles import TreeBuilder

ENTRY, KEY, LEAF, TILE = "ledger_entry", "ledger_entrykey", "ledger_leaf", "ledger_tile"
HEAD, CHECKPOINT = "ledger_treehead", "ledger_checkpoint"


def check_log() -> Iterator[Finding]:
    """Yield every fault of the log itself."""
    for name in guards.missing(connection):
        yield Finding(
            kind=FindingKind.TRIGGER_MISSING, table=name, detail="the trigger is not installed"
        )
    yield from _entries()
    yield from _tree()
    yield from _checkpoints()


def _entries() -> Iterator[Finding]:
    keys: dict[int, dict[str, int]] = {}
    for entry_id, key, version in EntryKey.objects.values_list("entry", "key", "version"):
        keys.setdefault(entry_id, {})[key] = version
    entries = Entry.objects.select_related("leaf", "pending").order_by("pk")
    for entry in entries.iterator():
        index = entry.leaf.index if hasattr(entry, "leaf") else None
        try:
            content = parse_entry(bytes(entry.content))
        except EntryMalformedError as error:
            yield Finding(
                kind=FindingKind.ENTRY_ALTERED,
                table=ENTRY,
                pk=str(entry.pk),
                column="content",
                index=index,
                detail=str(error),
            )
            continue
        for column in _altered_columns(entry, content):
            yield Finding(
                kind=FindingKind.ENTRY_ALTERED,
                table=ENTRY,
                pk=str(entry.pk),
                column=column,
                index=index,
                detail=f"{column} is not what the entry's bytes say",
            )
        if content["keys"] != keys.get(entry.pk, {}):
            yield Finding(
                kind=FindingKind.KEY_MISMATCH,
                table=KEY,
                pk=str(entry.pk),
                index=index,
                detail="the keys of the entry are not what its bytes say",
            )
        if index is None and not hasattr(entry, "pending"):
            yield Finding(
                kind=FindingKind.ENTRY_UNSEQUENCED,
                table=ENTRY,
                pk=str(entry.pk),
                detail="the entry is neither in the log nor in the queue",
            )


def _altered_columns(entry: Entry, content: dict[str, object]) -> list[str]:
    from_bytes = {
        "kind": content["kind"],
        "actor": content["actor"],
        "officer": content["officer"],
        "recorded_at": content["recorded_at"],
        "leaf_hash": leaf_hash(bytes(entry.content)),
    }
    stored = {
        "kind": entry.kind,
        "actor": entry.actor,
        "officer": entry.officer,
        "recorded_at": f"{entry.recorded_at:%Y-%m-%dT%H:%M:%SZ}",
        "leaf_hash": bytes(entry.leaf_hash),
    }
    return [column for column, value in from_bytes.items() if stored[column] != value]


def _tree() -> Iterator[Finding]:
    """Grow the tree again from the entries' bytes and compare every tile and every root."""
    roots = {size: bytes(root) for size, root in TreeHead.objects.values_list("size", "root_hash")}
    builder = TreeBuilder()
    leaves = Leaf.objects.order_by("index").values_list("index", "entry__content")
    for index, content in leaves.iterator():
        if index != builder.size:
            yield Finding(
                kind=FindingKind.INDEX_GAP,
                table=LEAF,
                index=builder.size,
                detail=f"leaf {builder.size} is missing; the next is {index}",
            )
            return
        builder.append(leaf_hash(bytes(content)))
        root = roots.pop(builder.size, None)
        if root is not None and root != builder.root():
            yield Finding(
                kind=FindingKind.ROOT_MISMATCH,
                table=HEAD,
                pk=str(builder.size),
                index=index,
                detail="the entries do not give this root",
            )
    for size in sorted(roots):
        yield Finding(
            kind=FindingKind.ROOT_MISMATCH,
            table=HEAD,
            pk=str(size),
            detail=f"the log has only {builder.size} leaves",
        )
    yield from _tiles(builder)


def _tiles(builder: TreeBuilder) -> Iterator[Finding]:
    stored = {
        (level, index): bytes(data)
        for level, index, data in Tile.objects.values_list("level", "index", "data")
    }
    computed = builder.drain()
    for level, index in sorted(stored.keys() | computed.keys()):
        if stored.get((level, index)) != computed.get((level, index)):
            yield Finding(
                kind=FindingKind.TILE_ALTERED,
                table=TILE,
                pk=f"{level}/{index}",
                detail="the tile is not what the entries give",
            )


def _checkpoints() -> Iterator[Finding]:
    key = log_verifier_key()
    for checkpoint in Checkpoint.objects.select_related("tree_head").order_by("pk").iterator():
        head = checkpoint.tree_head
        try:
            signed = open_checkpoint(checkpoint.note, key)
            fault = (
                ""
                if (signed.size, signed.root) == (head.size, bytes(head.root_hash))
                else "it signs another size or root"
            )
        except TlogError as error:
            fault = str(error)
        if fault:
            yield Finding(
                kind=FindingKind.CHECKPOINT_INVALID,
                table=CHECKPOINT,
                pk=str(head.size),
                detail=fault,
            )

"""The log held against itself: entries, leaves, tiles, roots, checkpoints, triggers.

Entry point: `check_log`. Everything is computed again from the entries' bytes.
"""

from collections.abc import Callable, Iterator

from django.db import connection
from django.db.models import F, Model, QuerySet

from audit.findings import Finding, FindingKind
from ledger import guards
from ledger.entries import EntryMalformedError, parse_entry, stored_bytes
from ledger.keys import log_verifier_key
from ledger.models import Checkpoint, Entry, EntryKey, Leaf, Tile, TreeHead
from ledger.recovery import predecessors
from registry.replay import ModelT, T, each_row
from tlog.checkpoint import open_checkpoint
from tlog.errors import TlogError
from tlog.merkle import leaf_hash
from tlog.note import VerifierKey
from tlog.tiles import TreeBuilder

ENTRY, KEY, LEAF, TILE = "ledger_entry", "ledger_entrykey", "ledger_leaf", "ledger_tile"
TREE_HEAD, CHECKPOINT = "ledger_treehead", "ledger_checkpoint"


def check_log() -> Iterator[Finding]:
    """Yield every fault of the log itself."""
    for name in guards.missing(connection):
        yield Finding(
            kind=FindingKind.TRIGGER_MISSING, table=name, detail="the trigger is not installed"
        )
    yield from _entries()
    yield from _versions()
    yield from _tree()
    yield from _checkpoints()


def _readable(
    rows: QuerySet[ModelT], read: Callable[[ModelT], T], kind: FindingKind
) -> tuple[dict[object, T], list[Finding]]:
    """Return what was read by primary key, and a finding for each row that holds garbage."""
    values: dict[object, T] = {}
    findings: list[Finding] = []
    for pk, result in each_row(rows, read):
        if isinstance(result, Exception):
            findings.append(_garbage(rows.model, pk, result, kind))
        else:
            values[pk] = result
    return values, findings


def _garbage(model: type[Model], pk: object, error: Exception, kind: FindingKind) -> Finding:
    table = model._meta.db_table  # noqa: SLF001 # Django's public model API
    return Finding(kind=kind, table=table, pk=str(pk), detail=f"the row holds garbage: {error!r}")


def _entries() -> Iterator[Finding]:
    keys: dict[int, dict[str, int]] = {}
    for entry_id, key, version in EntryKey.objects.values_list("entry", "key", "version"):
        keys.setdefault(entry_id, {})[key] = version
    entries = Entry.objects.select_related("leaf", "pending")
    for pk, result in each_row(entries, lambda entry: _check_entry(entry, keys.get(entry.pk, {}))):
        if isinstance(result, Exception):
            yield _garbage(Entry, pk, result, FindingKind.ENTRY_ALTERED)
        else:
            yield from result


def _check_entry(entry: Entry, keys: dict[str, int]) -> list[Finding]:
    index = entry.leaf.index if hasattr(entry, "leaf") else None

    def finding(kind: FindingKind, detail: str, *, table: str = ENTRY, column: str = "") -> Finding:
        return Finding(
            kind=kind, table=table, pk=str(entry.pk), column=column, index=index, detail=detail
        )

    try:
        content = parse_entry(stored_bytes(entry.content))
    except EntryMalformedError as error:
        return [finding(FindingKind.ENTRY_ALTERED, str(error), column="content")]
    findings = [
        finding(
            FindingKind.ENTRY_ALTERED,
            f"{column} is not what the entry's bytes say",
            column=column,
        )
        for column in _altered_columns(entry, content)
    ]
    if content["keys"] != keys:
        detail = "the keys of the entry are not what its bytes say"
        findings.append(finding(FindingKind.KEY_MISMATCH, detail, table=KEY))
    is_waiting = hasattr(entry, "pending")
    if index is None and not is_waiting:
        detail = "the entry is neither in the log nor in the queue"
        findings.append(finding(FindingKind.ENTRY_UNSEQUENCED, detail))
    if index is not None and is_waiting:
        detail = "the entry is in the log and in the queue again"
        findings.append(finding(FindingKind.ENTRY_REQUEUED, detail))
    return findings


def _altered_columns(entry: Entry, content: dict[str, object]) -> list[str]:
    from_bytes = {
        "kind": content["kind"],
        "actor": content["actor"],
        "officer": content["officer"],
        "recorded_at": content["recorded_at"],
        "leaf_hash": leaf_hash(stored_bytes(entry.content)),
    }
    stored = {
        "kind": entry.kind,
        "actor": entry.actor,
        "officer": entry.officer,
        "recorded_at": f"{entry.recorded_at:%Y-%m-%dT%H:%M:%SZ}",
        "leaf_hash": stored_bytes(entry.leaf_hash),
    }
    columns = [column for column, value in from_bytes.items() if stored[column] != value]
    # Text with the same bytes hashes the same, and yet nothing that serves the entry can read it.
    content_column: object = entry.content
    return ["content", *columns] if isinstance(content_column, str) else columns


def _versions() -> Iterator[Finding]:
    """Count every key's versions in the order of the log, then of the queue; none is left out."""
    last: dict[str, int] = {}
    keys = EntryKey.objects.order_by(F("entry__leaf__index").asc(nulls_last=True), "entry")
    for pk, key, version in keys.values_list("pk", "key", "version").iterator():
        last[key] = last.get(key, 0) + 1
        if version != last[key]:
            yield Finding(
                kind=FindingKind.KEY_MISMATCH,
                table=KEY,
                pk=str(pk),
                column="version",
                detail=f"{key} should have version {last[key]} here and has {version}",
            )


def _tree() -> Iterator[Finding]:
    """Grow the tree again from the entries' bytes and compare every tile and every root."""
    roots, findings = _readable(
        TreeHead.objects.all(),
        lambda head: (head.size, stored_bytes(head.root_hash)),
        FindingKind.ROOT_MISMATCH,
    )
    yield from findings
    builder = TreeBuilder()
    leaves = Leaf.objects.select_related("entry").only("index", "entry__content")
    for index, content in each_row(leaves, lambda leaf: stored_bytes(leaf.entry.content)):
        if isinstance(content, Exception):
            yield _garbage(Leaf, index, content, FindingKind.ENTRY_ALTERED)
            return
        if index != builder.size:
            yield Finding(
                kind=FindingKind.INDEX_GAP,
                table=LEAF,
                index=builder.size,
                detail=f"leaf {builder.size} is missing; the next is {index}",
            )
            return
        builder.append(leaf_hash(content))
        head = roots.pop(builder.size, None)
        if head is not None and head[1] != builder.root():
            yield _root_finding(builder.size, "the entries do not give this root")
    for size, _root in roots.values():
        yield _root_finding(size, f"the log has only {builder.size} leaves")
    yield from _ends(builder.size)
    yield from _tiles(builder)


def _root_finding(size: int, detail: str) -> Finding:
    return Finding(
        kind=FindingKind.ROOT_MISMATCH,
        table=TREE_HEAD,
        pk=str(size),
        index=size - 1,
        detail=detail,
    )


def _ends(size: int) -> Iterator[Finding]:
    """A head was committed with the last leaf, and signed soon after."""
    if not size:
        return
    if not TreeHead.objects.filter(size=size).exists():
        yield Finding(
            kind=FindingKind.HEAD_MISSING,
            table=TREE_HEAD,
            pk=str(size),
            detail=f"the log has {size} leaves and no head over them",
        )
    if not Checkpoint.objects.filter(tree_head=size).exists():
        yield Finding(
            kind=FindingKind.HEAD_UNSIGNED,
            table=CHECKPOINT,
            pk=str(size),
            detail=f"no checkpoint signs the tree of {size}; publish_ledger signs one",
        )


def _tiles(builder: TreeBuilder) -> Iterator[Finding]:
    stored, findings = _readable(
        Tile.objects.all(), lambda tile: stored_bytes(tile.data), FindingKind.TILE_ALTERED
    )
    yield from findings
    computed = dict[object, bytes](builder.drain().items())
    for place in sorted(stored.keys() | computed.keys(), key=str):
        if stored.get(place) != computed.get(place):
            yield Finding(
                kind=FindingKind.TILE_ALTERED,
                table=TILE,
                pk="/".join(map(str, place)) if isinstance(place, tuple) else str(place),
                detail="the tile is not what the entries give",
            )


def _checkpoints() -> Iterator[Finding]:
    keys = [log_verifier_key(), *(log.key for log in predecessors())]
    checkpoints = Checkpoint.objects.select_related("tree_head")
    for pk, result in each_row(checkpoints, lambda checkpoint: _fault(checkpoint, keys)):
        if isinstance(result, Exception):
            yield _garbage(Checkpoint, pk, result, FindingKind.CHECKPOINT_INVALID)
        elif result:
            yield Finding(
                kind=FindingKind.CHECKPOINT_INVALID, table=CHECKPOINT, pk=str(pk), detail=result
            )


def _fault(checkpoint: Checkpoint, keys: list[VerifierKey]) -> str:
    head = checkpoint.tree_head
    try:
        named = [key for key in keys if checkpoint.note.startswith(f"{key.name}\n")]
        signed = open_checkpoint(checkpoint.note, named[0] if named else keys[0])
    except TlogError as error:
        return str(error)
    if (signed.size, signed.root) != (head.size, stored_bytes(head.root_hash)):
        return "it signs another size or root"
    return ""

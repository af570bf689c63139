"""Marks held against provenance: how far each cause reaches is computed again (P5).

Entry point: `check_marks`. What the cause's entry says of its reach is held against that as well.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from audit.findings import Finding, FindingKind
from ledger.entries import EntryMalformedError, parse_entry, stored_bytes
from ledger.models import Entry, Leaf
from registry.closure import batches
from registry.models import AssetVersion
from registry.replay import each_row
from rights.entries import remark_facts
from rights.models import Mark, Remark
from rights.propagation import CAUSES, closure_of, reach_json
from rights.remarks import RemarkFacts

MARK, REMARK = "rights_mark", "rights_remark"


class Cause(NamedTuple):
    """The first revision of a remark that is a cause, with its row and the entry of that."""

    facts: RemarkFacts
    row: int
    entry: int


class Reached(NamedTuple):
    """A derived asset and the entry that must have marked it."""

    number: str
    entry: int


def check_marks() -> Iterator[Finding]:
    """Yield a finding for each mark that is missing, surplus or of another entry.

    All causes and marks are looked at, whatever part of the log an audit begins at: a cause of old
    reaches what is registered today.
    """
    causes = _causes()
    for cause in causes.values():
        reached = _reached(cause)
        yield from _compare_marks(cause, reached)
        yield from _compare_reach(cause, reached)
    for pk, name in Mark.objects.order_by("pk").values_list("pk", "cause").iterator():
        if name not in causes:
            yield _surplus(pk, f"{name} is no cause")


def _causes() -> dict[str, Cause]:
    def read(row: Remark) -> Cause:
        return Cause(remark_facts(row), row.pk, row.entry_id)

    causes: dict[str, Cause] = {}
    rows = Remark.objects.filter(kind__in=CAUSES).select_related("asset", "party")
    for _pk, cause in each_row(rows, read):
        # A row that cannot be read is a finding of the fold.
        if isinstance(cause, Cause) and cause.facts.is_cause:
            causes.setdefault(cause.facts.reference, cause)
    return causes


def _reached(cause: Cause) -> dict[int, Reached]:
    """Return every asset that a cause reaches, by key, with the entry of its mark.

    An asset that was derived when the cause was entered is marked by the cause's own entry, one
    derived later by the registration of that version; the key `PROPAGATION` keeps the two in order.
    """
    found: dict[int, Reached] = {}
    for keys in batches(closure_of(cause.facts).pks()):
        versions = AssetVersion.objects.filter(pk__in=keys).exclude(asset__number=cause.facts.asset)
        rows: Iterable[tuple[int, str, object]] = versions.values_list(
            "asset", "asset__number", "entry"
        )
        for asset, number, entry in rows:
            if not isinstance(entry, int):
                continue  # garbage, and a finding of the fold
            first = min(entry, found[asset].entry) if asset in found else entry
            found[asset] = Reached(number, max(first, cause.entry))
    return found


def _compare_marks(cause: Cause, reached: dict[int, Reached]) -> Iterator[Finding]:
    missing = dict(reached)
    name = cause.facts.reference
    marks = Mark.objects.filter(cause=name).order_by("pk")
    for pk, asset, entry in marks.values_list("pk", "asset", "entry").iterator():
        mark = missing.pop(asset, None)
        if mark is None:
            yield _surplus(pk, f"{name} does not reach the asset")
        elif mark.entry != entry:
            yield Finding(
                kind=FindingKind.ROW_ALTERED,
                table=MARK,
                pk=str(pk),
                column="entry",
                index=_index(mark.entry),
                detail=f"the mark of {name} on {mark.number} is of another entry",
            )
    for mark in missing.values():
        yield Finding(
            kind=FindingKind.ROW_MISSING,
            table=MARK,
            index=_index(mark.entry),
            detail=f"{name} reaches {mark.number}, which bears no mark of it",
        )


def _compare_reach(cause: Cause, reached: dict[int, Reached]) -> Iterator[Finding]:
    """Hold what the cause's entry says against what was derived when it was written."""
    entry = Entry.objects.filter(pk=cause.entry).first()
    try:
        payload: dict[str, Any] = parse_entry(stored_bytes(entry.content if entry else b""))[
            "payload"
        ]
    except EntryMalformedError:
        return  # a finding of the log or the fold
    said = payload.get("reach")
    then = [mark.number for mark in reached.values() if mark.entry == cause.entry]
    name = cause.facts.reference
    if not isinstance(said, dict) or said.get(name) != reach_json(then):
        yield Finding(
            kind=FindingKind.REACH_WRONG,
            table=REMARK,
            pk=str(cause.row),
            index=_index(cause.entry),
            detail=f"its entry says that {name} reached other assets than provenance gives",
        )


def _surplus(pk: int, detail: str) -> Finding:
    return Finding(kind=FindingKind.ROW_WITHOUT_ENTRY, table=MARK, pk=str(pk), detail=detail)


def _index(entry: int) -> int | None:
    return Leaf.objects.filter(entry=entry).values_list("index", flat=True).first()

"""The timeline of title: what stood when, as a picture and in full as a table."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from registry.masking import masked_name
from rights.answers import nested
from rights.entries import remark_facts
from rights.freezes import Effect
from rights.kinds import RemarkKind
from rights.models import Interest, Remark
from rights.queries import Event
from rights.remarks import Pledge
from rights.terms import FOREVER
from rights.wording import act_name, amount
from web.title_picture import Bar, Picture, Row, Tick, draw

Revision: TypeAlias = Interest | Remark

LOOKS = {
    RemarkKind.PLEDGE: "pledge",
    RemarkKind.FREEZE: "freeze",
    RemarkKind.CONTROL: "freeze",
}
"""What a remark looks like in the picture; the others look alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stood:
    """A bar of the picture as a line of the table; no end if only an entry ends it."""

    name: str
    label: str
    detail: str
    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The picture and the same as a table."""

    picture: Picture
    table: Sequence[Stood]


def timeline_of(
    events: Sequence[Event],
    in_force: Iterable[Revision],
    freezes: Iterable[Effect],
    *,
    chosen: datetime,
) -> Timeline | None:
    """Return what these acts began and what was in force, over legal time; None without an act.

    Every row is as the register knew it (`rights.queries.known`). ``freezes`` says when each freeze
    on the asset is in effect, also those of other acts, behind which one of these may wait.
    """
    if not events:
        return None
    revisions = {row.name: row for row in in_force}
    revisions |= {row.name: row for event in events for row in event.began}
    chains: dict[str, list[Revision]] = defaultdict(list)
    for row in sorted(revisions.values(), key=lambda row: row.revision):
        chains[row.reference].append(row)
    queue = {effect.remark.reference: effect for effect in freezes}
    rows = [
        Row(
            label=label_of(chain[-1]),
            detail=detail_of(chain[-1]) or chain[-1].reference,
            depth=depth,
            bars=list(_bars(chain, queue)),
        )
        for chain, depth in _ordered(chains)
    ]
    return Timeline(
        picture=draw(rows, [_tick(event) for event in events], chosen=chosen),
        table=[
            Stood(name=bar.name, label=row.label, detail=row.detail, start=bar.start, end=bar.end)
            for row in rows
            for bar in row.bars
        ],
    )


def label_of(row: Revision) -> str:
    """Return what a right or remark is; of a pledge also how much it secures."""
    if isinstance(row, Remark) and row.kind == RemarkKind.PLEDGE:
        pledge = remark_facts(row).body
        if isinstance(pledge, Pledge):
            return f"{row.get_kind_display()} {amount(pledge.secured_fen, pledge.currency)}"
    return str(row.get_kind_display())


def detail_of(row: Revision) -> str:
    """Return whose it is: the holders of a right, or the party of a remark, masked."""
    if isinstance(row, Interest):
        return _(", ").join(masked_name(share.party) for share in row.shares.all())
    return masked_name(row.party) if row.party else ""


def _ordered(chains: dict[str, list[Revision]]) -> Iterator[tuple[list[Revision], int]]:
    """Yield what lies on the asset, then each right with what lies on it and what it granted."""
    laid: dict[str, list[list[Revision]]] = defaultdict(list)
    rights = []
    for chain in chains.values():
        last = chain[-1]
        if isinstance(last, Interest):
            rights.append(last)
        else:
            laid[last.interest].append(chain)
    for found in laid.values():
        found.sort(key=_rank)
    yield from ((chain, 0) for chain in laid.pop("", []))
    for right, depth in nested(sorted(rights, key=_arose)):
        yield chains[right.reference], depth
        yield from ((chain, depth + 1) for chain in laid.pop(right.reference, []))
    yield from ((chain, 0) for found in laid.values() for chain in found)


def _rank(chain: list[Revision]) -> tuple[int, int]:
    last = chain[-1]
    return (last.rank_version, last.rank_position) if isinstance(last, Remark) else (0, 0)


def _arose(right: Interest) -> int:
    arose: int = right.arose  # type: ignore[attr-defined] # `rights.queries` adds it
    return arose


def _bars(chain: Sequence[Revision], queue: dict[str, Effect]) -> Iterator[Bar]:
    """Yield each revision; of a freeze instead when it waits and when it is in effect."""
    last = chain[-1]
    if effect := queue.get(last.reference):
        first = chain[0].valid_from
        if first < effect.since:
            yield _bar(first, effect.since, "waiting", f"{last.reference} {_('waits')}")
        if effect.since < effect.until:
            yield _bar(effect.since, effect.until, "freeze", f"{last.reference} {_('in effect')}")
        return
    for row in chain:
        if isinstance(row, Interest):
            look = "granted" if row.granted_from else "right"
        else:
            look = LOOKS.get(RemarkKind(row.kind), "remark")
        yield _bar(row.valid_from, _until(row), look, row.name)


def _bar(start: datetime, until: datetime, look: str, name: str) -> Bar:
    end = until if until.year < FOREVER.year else None
    return Bar(start=start, end=end, look=look, name=name)


def _tick(event: Event) -> Tick:
    at = event.entry.recorded_at
    acts = _(", ").join(act_name(name) for name in event.acts)
    text = f"{event.version} · {_day(at)} · {acts}"
    return Tick(at=at, version=event.version, text=text)


def _until(row: Revision) -> datetime:
    known: datetime = row.known_until  # type: ignore[union-attr] # `rights.queries.known` adds it
    return known


def _day(instant: datetime) -> str:
    return f"{localtime(instant):%Y-%m-%d %H:%M}"

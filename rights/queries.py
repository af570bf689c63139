"""Reads of title on two clocks: at an instant of legal time, as the register was at a tree size.

Legal time says when a right held; the size of the tree says what the register knew: the acts of the
first ``size`` entries. Without a size the answer holds every act that is committed.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Case, F, OuterRef, Prefetch, Q, QuerySet, Subquery, When

from ledger.entries import parse_entry, stored_bytes
from ledger.models import Entry, EntryKey
from registry.descriptions import describe
from registry.entries import asset_key
from registry.models import DataAsset, Party
from rights import entries
from rights.freezes import Effect, effects
from rights.kinds import RemarkKind
from rights.models import Interest, Mark, Remark, Share
from rights.reading import remarks_in, rights_in
from rights.recording import asset_facts
from rights.remarks import KINDS_HEEDED, RemarkFacts
from rights.succession import PASSING
from rights.title import InterestFacts, Title

RowT = TypeVar("RowT", Interest, Remark)

PLACE = Prefetch("entry", queryset=Entry.objects.select_related("leaf").defer("content"))
"""What fetches with rows their place in the ledger, without the bytes of their entries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOf:
    """For when, and as known when, a question is asked.

    Attributes:
        at: instant of legal time.
        size: number of entries that the register had; None for all that are committed.
    """

    at: datetime
    size: int | None = None

    def known(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """See `known`."""
        return known(rows, size=self.size)

    def in_force(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows that were in force at the instant, as the register knew them."""
        standing = self.known(rows)
        found: QuerySet[Any] = standing.filter(valid_from__lte=self.at, known_until__gt=self.at)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One act in the history of an asset.

    Attributes:
        version: which version of the asset its entry made.
        acts: names of the acts in it, as in entries.
        began, ended: revisions of rights and remarks.
    """

    version: int
    entry: Entry
    acts: tuple[str, ...]
    began: tuple[Interest | Remark, ...]
    ended: tuple[Interest | Remark, ...]


def known(rows: QuerySet[Any], *, size: int | None) -> QuerySet[Any]:
    """Return the rows that the register knew, with the end that it knew as ``known_until``."""
    if size is None:
        standing: QuerySet[Any] = rows.annotate(known_until=F("until"))
        return standing
    end = Case(When(ended_by__leaf__index__lt=size, then=F("until")), default=F("valid_to"))
    found: QuerySet[Any] = rows.filter(entry__leaf__index__lt=size).annotate(known_until=end)
    return found


def interests_of(asset: DataAsset, *, at: datetime, size: int | None = None) -> list[Interest]:
    """Return the interests in the asset that are in force, in order of registration."""
    rows = AsOf(at=at, size=size).in_force(_with_holders().filter(asset=asset))
    return _of(asset, rows.order_by("arose"))


def latest_interests_of(asset: DataAsset) -> list[Interest]:
    """Return each interest ever registered in the asset as it stands last, also if it ended."""
    rows: QuerySet[Any] = _with_holders().filter(asset=asset)
    rows = rows.order_by("arose", "revision")
    return list({row.reference: row for row in _of(asset, rows)}.values())


def standing_interests_of(asset: DataAsset) -> list[Interest]:
    """Return the interests that no act has ended, in their latest revision, lapsed ones too."""
    return [row for row in latest_interests_of(asset) if row.ended_by_id is None]


def current_rights(at: datetime) -> Prefetch[Any]:
    """Return what fetches with assets the rights in force as their ``current_interests``."""
    rows = Interest.objects.filter(valid_from__lte=at, until__gt=at).order_by("pk")
    shown = rows.prefetch_related("shares__party")
    return Prefetch("interests", queryset=shown, to_attr="current_interests")


def remarks_of(asset: DataAsset, *, at: datetime, size: int | None = None) -> list[Remark]:
    """Return what is recorded on the asset and its rights and in force, in order of rank."""
    rows = AsOf(at=at, size=size).in_force(_with_party().filter(asset=asset))
    # A pledge has the rank of the notice that kept its place.
    return _of(asset, rows.order_by("rank_version", "rank_position", "pk"))


def freezes_of(asset: DataAsset, *, size: int | None = None) -> list[Effect]:
    """Return when each freeze that the register knew is in effect, in order of rank."""
    rows = known(_with_party().filter(asset=asset, kind=RemarkKind.FREEZE), size=size)
    facts = {row.reference: _known_facts(row) for row in _of(asset, rows.order_by("revision"))}
    return effects(Title(remarks=facts))


def portfolio_of(party: Party, *, at: datetime, size: int | None = None) -> list[Interest]:
    """Return the interests that the party holds a share of, the first to end first."""
    return list(held_by(party, AsOf(at=at, size=size)).order_by("known_until", "pk"))


def secured_portfolio_of(party: Party, *, at: datetime, size: int | None = None) -> list[Remark]:
    """Return the pledges in favour of the party, the first to end first."""
    return list(pledged_to(party, AsOf(at=at, size=size)).order_by("known_until", "pk"))


def held_by(party: Party, as_of: AsOf) -> QuerySet[Any]:
    """Return the interests in force that the party holds a share of."""
    return as_of.in_force(_with_holders().select_related("asset").filter(shares__party=party))


def pledged_to(party: Party, as_of: AsOf) -> QuerySet[Any]:
    """Return the pledges in force in favour of the party."""
    pledges = _with_party().select_related("asset").filter(party=party, kind=RemarkKind.PLEDGE)
    return as_of.in_force(pledges)


def title_as_of(asset: DataAsset, as_of: AsOf) -> Title:
    """Return the asset's title as the rules see it, for an instant and a size of the register."""
    return Title(
        assets={asset.number: asset_facts(described_as_of(asset, as_of))},
        interests={fact.reference: fact for fact in rights_as_of(asset, as_of)},
        remarks={fact.reference: fact for fact in remarks_as_of(asset, as_of)},
    )


def rights_as_of(asset: DataAsset, as_of: AsOf) -> list[InterestFacts]:
    """Return who held what in the asset, as facts, first entered first."""
    return rights_in(asset.pk, asset.number, at=as_of.at, size=as_of.size)


def remarks_as_of(asset: DataAsset, as_of: AsOf) -> list[RemarkFacts]:
    """Return what lay on the asset and its rights, as facts, and what is heeded when ended."""
    return remarks_in(asset.pk, asset.number, at=as_of.at, size=as_of.size)


def causes_of(asset: DataAsset, *, at: datetime, size: int | None = None) -> list[RemarkFacts]:
    """Return the remarks elsewhere that reach the asset and are in force, in order of entry.

    The asset is clear of what lies on its sources if there are none (P5). What lies on the asset
    itself is not among them.
    """
    as_of = AsOf(at=at, size=size)
    marks = Mark.objects.filter(asset=asset)
    if size is not None:
        marks = marks.filter(entry__leaf__index__lt=size)
    elsewhere = _with_party().select_related("asset")
    remarks = as_of.in_force(elsewhere.filter(reference__in=marks.values("cause")))
    causes = [entries.remark_facts(row) for row in remarks.order_by("pk")]
    frozen = {cause.asset for cause in causes if cause.kind == RemarkKind.FREEZE}
    freezes = elsewhere.filter(kind=RemarkKind.FREEZE, asset__number__in=frozen)
    queue = Title(remarks=_remarks(as_of, freezes)) if frozen else Title()
    binding = {effect.remark.reference for effect in effects(queue) if effect.includes(at)}
    return [
        cause
        for cause in causes
        if cause.is_cause and (cause.kind != RemarkKind.FREEZE or cause.reference in binding)
    ]


def estate_of(party: Party, *, at: datetime) -> tuple[list[Interest], list[Remark]]:
    """Return what can pass from a party to its successors: rights, and remarks in its favour.

    Their terms are not over at ``at``; some may have yet to begin.
    """
    open_rows = Q(ended_by__isnull=True, until__gt=at)
    rights = _with_holders().filter(open_rows, shares__party=party)
    remarks = _with_party().filter(open_rows, party=party, kind__in=PASSING)
    return (
        list(rights.select_related("asset").order_by("pk")),
        list(remarks.select_related("asset").order_by("pk")),
    )


def descriptions() -> QuerySet[Remark]:
    """Return the changes of descriptions, those of one asset in order."""
    return Remark.objects.filter(kind=RemarkKind.DESCRIPTION).order_by("asset", "revision")


def described_as_of(asset: DataAsset, as_of: AsOf) -> DataAsset:
    """Return a copy of the asset, whose row has the present values, as it was described then."""
    later = Q(valid_from__gt=as_of.at)
    if as_of.size is not None:
        later |= Q(entry__leaf__index__gte=as_of.size) | Q(entry__leaf__isnull=True)
    return undone(asset, descriptions().filter(later, asset=asset))


def undone(asset: DataAsset, changes: Iterable[Remark]) -> DataAsset:
    """Return a copy of the asset as it was before these last changes of its description."""
    before: dict[str, object] = {}
    for change in sorted(changes, key=lambda change: change.revision, reverse=True):
        before |= change.body["before"]
    return describe(copy(asset), before)


def history_of(
    asset: DataAsset,
    *,
    size: int | None = None,
    before: int | None = None,
    limit: int | None = None,
) -> list[Event]:
    """Return every act on the asset, the first first; or the last ``limit`` before a version."""
    keys = EntryKey.objects.filter(key=asset_key(asset.number)).order_by("-version")
    if size is not None:
        keys = keys.filter(entry__leaf__index__lt=size)
    if before is not None:
        keys = keys.filter(version__lt=before)
    shown = list(reversed(keys.select_related("entry__leaf")[:limit]))
    began, ended = defaultdict(list), defaultdict(list)
    for row in _rows_of(keys.filter(version__gte=shown[0].version), asset, size) if shown else ():
        began[row.entry_id].append(row)
        if row.ended_by_id is not None:
            ended[row.ended_by_id].append(row)
    return [
        Event(
            version=key.version,
            entry=key.entry,
            acts=_acts(key.entry),
            began=tuple(began[key.entry_id]),
            ended=tuple(ended[key.entry_id]),
        )
        for key in shown
    ]


def _rows_of(
    keys: QuerySet[EntryKey], asset: DataAsset, size: int | None
) -> Iterator[Interest | Remark]:
    """Yield the rights, then the remarks, that one of the entries begins or ends."""
    named = Q(entry__in=keys.values("entry")) | Q(ended_by__in=keys.values("entry"))
    for rows in (_with_holders(), _with_party()):
        yield from _of(asset, known(rows.filter(named, asset=asset), size=size).order_by("pk"))


def _remarks(as_of: AsOf, rows: QuerySet[Remark]) -> dict[str, RemarkFacts]:
    """Return each of the remarks as it stood."""
    standing = Q(known_until__gt=as_of.at) | Q(kind__in=KINDS_HEEDED)
    begun = as_of.known(rows.filter(valid_from__lte=as_of.at))
    return {row.reference: _known_facts(row) for row in begun.filter(standing).order_by("revision")}


def _known_facts(row: Any) -> RemarkFacts:  # noqa: ANN401 # a remark with ``known_until``
    return replace(entries.remark_facts(row), until=row.known_until)


def _acts(entry: Entry) -> tuple[str, ...]:
    if entry.kind != entries.TITLE_DEALING:
        return (entry.kind.partition("/")[0],)
    items = parse_entry(stored_bytes(entry.content))["payload"]["items"]
    return tuple(dict.fromkeys(str(item["act"]) for item in items))


def uses_of(asset: DataAsset, *, at: datetime) -> list[Remark]:
    """Return the uses of the asset's rights that began by ``at``, the latest first.

    Breaches are among them, as their bodies say.
    """
    return list(_events(asset, RemarkKind.METERED_USE, at))


def circulation_of(asset: DataAsset, *, at: datetime) -> list[Remark]:
    """Return the circulation filings of what flowed by ``at``, the latest first."""
    return list(_events(asset, RemarkKind.CIRCULATION, at))


def revenue_terms_of(asset: DataAsset, *, at: datetime) -> list[Remark]:
    """Return the revenue-sharing terms of the asset's rights in force at ``at``, first to last."""
    remarks = Remark.objects.select_related("asset", "party", "entry")
    return list(
        remarks.filter(
            asset=asset, kind=RemarkKind.REVENUE_TERMS, valid_from__lte=at, until__gt=at
        ).order_by("pk")
    )


def _events(asset: DataAsset, kind: RemarkKind, at: datetime) -> QuerySet[Remark]:
    """Return what happened by ``at``; it is over, so that no term includes ``at``."""
    remarks = Remark.objects.select_related("asset", "party", "entry")
    return remarks.filter(asset=asset, kind=kind, valid_from__lte=at).order_by("-valid_from", "-pk")


def _with_holders() -> QuerySet[Interest]:
    """Return rights with holders and ``arose``, the place of the right in order of registration."""
    first = Interest.objects.filter(reference=OuterRef("reference"), revision=1).values("pk")
    shares = Prefetch("shares", queryset=Share.objects.select_related("party").order_by("pk"))
    return Interest.objects.annotate(arose=Subquery(first)).prefetch_related(shares)


def _with_party() -> QuerySet[Remark]:
    return Remark.objects.select_related("party")


def _of(asset: DataAsset, rows: QuerySet[RowT]) -> list[RowT]:
    """Return the rows of one asset, which need not be read again beside each."""
    found = list(rows)
    for row in found:
        row.asset = asset
    return found

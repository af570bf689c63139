"""Who comes before whom among the pledges of a right, and what a bank asks before it lends. Pure.

Rank is the order of entry (invariant E1; Civil Code art. 414). A subordination puts a pledge behind
a later one (E2): of those that wait, the first by rank is placed whose favoured ones all have their
place, again and again. A place is given up for that one pledge: when it ends, the one that yielded
has its own place again, also before those that had come forward meanwhile.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from rights.freezes import effects
from rights.remarks import Freeze, Pledge, PriorityNotice, RemarkFacts, Subordination
from rights.title import InterestFacts, Title


def ranking(title: Title, interest: InterestFacts, *, at: datetime) -> tuple[RemarkFacts, ...]:
    """Return the pledges in force on the right, the one that is paid first at the head."""
    waiting = [remark for remark, _ in title.remarks_on(interest, Pledge, at=at)]
    yielding = [body for _, body in title.remarks_on(interest, Subordination, at=at)]
    placed: list[RemarkFacts] = []
    while waiting:
        left = {remark.reference for remark in waiting}
        behind = {body.yields for body in yielding if body.favours in left}
        # Rules refuse circles; should one stand in the tables, rank decides and not an error.
        free = (remark for remark in waiting if remark.reference not in behind)
        placed.append(next(free, waiting[0]))
        waiting.remove(placed[-1])
    return tuple(placed)


def ahead_of_each(
    title: Title, interest: InterestFacts, *, at: datetime
) -> dict[str, frozenset[str]]:
    """Return pledge reference -> references of the pledges that come before it."""
    order = [remark.reference for remark in ranking(title, interest, at=at)]
    return {reference: frozenset(order[:place]) for place, reference in enumerate(order)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """A pledge that would be paid before; ``place`` counts from 1."""

    place: int
    reference: str
    pledgee: str
    secured_fen: int
    currency: str
    is_maximum_amount: bool
    burdens: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """What a pledge would get if it were entered now.

    Attributes:
        place: counts from 1.
        ahead: the pledges before it, the one that is paid first at the head.
        secured_ahead: currency -> what those secure, in its hundredths; ceilings count in full.
        secured: the same with what is asked about.
        kept: unused priority notices; each pledge that is entered under one comes before it too.
        recorded: what else is in force on the right, on those it was granted from and on the asset,
            first entered first; of freezes those too that wait behind another.
        pending: how many cases on the asset are not decided yet, as the caller counted them.
    """

    place: int
    ahead: tuple[Ahead, ...]
    secured_ahead: Mapping[str, int]
    secured: Mapping[str, int]
    kept: tuple[RemarkFacts, ...]
    recorded: tuple[RemarkFacts, ...]
    pending: int

    @property
    def last_place(self) -> int:
        """The place if all that is announced comes before it."""
        return self.place + len(self.kept)


def prospect(
    title: Title,
    interest: InterestFacts,
    *,
    secured_fen: int,
    currency: str = "CNY",
    at: datetime,
    pending: int = 0,
) -> Prospect:
    """Return what a pledge of ``secured_fen`` on the right would get if it were entered at ``at``.

    It says nothing of whether the pledge may be entered: that is for the rules of the act.
    """
    ahead = tuple(_ahead(ranking(title, interest, at=at)))
    totals: Counter[str] = Counter()
    for pledge in ahead:
        totals[pledge.currency] += pledge.secured_fen
    kept = tuple(
        remark
        for remark, notice in title.remarks_on(interest, PriorityNotice, at=at)
        if not notice.used_by
    )
    return Prospect(
        place=len(ahead) + 1,
        ahead=ahead,
        secured_ahead=dict(totals),
        secured=dict(totals + Counter({currency: secured_fen})),
        kept=kept,
        recorded=tuple(_recorded(title, interest, at=at)),
        pending=pending,
    )


def _ahead(pledges: tuple[RemarkFacts, ...]) -> Iterator[Ahead]:
    for place, remark in enumerate(pledges, 1):
        if isinstance(remark.body, Pledge):
            yield Ahead(
                place=place,
                reference=remark.reference,
                pledgee=remark.party,
                secured_fen=remark.body.secured_fen,
                currency=remark.body.currency,
                is_maximum_amount=remark.body.is_maximum_amount,
                burdens=remark.body.burdens,
            )


def _recorded(title: Title, interest: InterestFacts, *, at: datetime) -> Iterator[RemarkFacts]:
    lasting = {effect.remark.reference for effect in effects(title) if at < effect.until}
    sources = tuple(title.line(interest.reference))
    for remark in sorted(title.remarks.values(), key=lambda fact: fact.rank):
        if isinstance(remark.body, Pledge | Subordination | PriorityNotice):
            continue
        if isinstance(remark.body, Freeze) and remark.reference not in lasting:
            continue
        is_concerned = any(remark.lies_on(one.asset, one.reference) for one in sources)
        if is_concerned and remark.in_force_at(at):
            yield remark

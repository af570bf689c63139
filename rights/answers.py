"""Title at an instant, ready to be shown: the rights in force, what lies on each in its order.

Entry points: `answer_for`, `laid_of`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from registry.masking import masked_name
from registry.models import DataAsset, Party
from rights.entries import interest_facts, remark_facts
from rights.freezes import Effect, effects
from rights.kinds import RemarkKind
from rights.models import Interest, Remark
from rights.queries import AsOf, causes_of, interests_of, remarks_of, title_as_of
from rights.ranking import ranking
from rights.remarks import Pledge, RemarkFacts
from rights.title import Title
from rights.wording import Names, Saying, body_sayings, scope_sayings, terms_sayings

BINDING = (RemarkKind.FREEZE, RemarkKind.CONTROL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """A remark in force.

    Attributes:
        place: of a pledge its place among those of the right, counted from 1.
        until: where it ends as the register knew it; of a freeze, where its effect ends.
        takes_effect: of a freeze that waits behind another, when it takes effect at the latest.
    """

    remark: Remark
    sayings: Sequence[Saying]
    until: datetime
    place: int | None = None
    takes_effect: datetime | None = None

    @property
    def binds(self) -> bool:
        """Whether it is a freeze or control in effect, not one that waits."""
        return self.remark.kind in BINDING and self.takes_effect is None


@dataclass(frozen=True, slots=True, kw_only=True)
class RightInForce:
    """A right with what lies on it; ``depth`` counts the rights in force above it."""

    interest: Interest
    until: datetime
    depth: int
    scope: Sequence[Saying]
    terms: Sequence[str]
    pledges: Sequence[Laid]
    others: Sequence[Laid]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the register says of an asset's title, for an instant, as it knew it.

    Attributes:
        rights: each right before those that were granted from it.
        on_asset: what lies on the asset as a whole, first entered first.
        elsewhere: what lies on rights that are not in force.
        causes: what lies on other assets and reaches this one through its sources.
    """

    rights: Sequence[RightInForce]
    on_asset: Sequence[Laid]
    elsewhere: Sequence[Laid]
    causes: Sequence[RemarkFacts]

    @property
    def laid(self) -> list[Laid]:
        """Everything that lies on the asset or one of its rights."""
        on_rights = [one for right in self.rights for one in (*right.pledges, *right.others)]
        return [*self.on_asset, *on_rights, *self.elsewhere]

    @property
    def pledge_count(self) -> int:
        """How many pledges are in force."""
        return sum(one.remark.kind == RemarkKind.PLEDGE for one in self.laid)

    @property
    def binding_count(self) -> int:
        """How many freezes and controls are in effect, not those that wait."""
        return sum(one.binds for one in self.laid)


def answer_for(asset: DataAsset, as_of: AsOf) -> Answer:
    """Return the title of the asset for an instant of legal time, as the register knew it."""
    title = title_as_of(asset, as_of)
    interests = interests_of(asset, at=as_of.at, size=as_of.size)
    rows = remarks_of(asset, at=as_of.at, size=as_of.size)
    laid = defaultdict(list)
    for one in _laid(rows, title, as_of.at):
        laid[one.remark.interest].append(one)
    in_force = {interest.reference for interest in interests}
    return Answer(
        rights=[
            _right(interest, depth, laid[interest.reference])
            for interest, depth in nested(interests)
        ],
        on_asset=laid[""],
        elsewhere=[
            one
            for reference, found in laid.items()
            if reference and reference not in in_force
            for one in found
        ],
        causes=causes_of(asset, at=as_of.at, size=as_of.size),
    )


def nested(interests: Sequence[Interest]) -> Iterator[tuple[Interest, int]]:
    """Yield each right before those that were granted from it, with its depth among them."""
    references = {interest.reference for interest in interests}
    granted = defaultdict(list)
    for interest in interests:
        parent = interest.granted_from
        granted[parent if parent in references else ""].append(interest)
    waiting = [(interest, 0) for interest in reversed(granted[""])]
    while waiting:
        interest, depth = waiting.pop()
        yield interest, depth
        waiting.extend((one, depth + 1) for one in reversed(granted[interest.reference]))


def laid_of(pledges: Sequence[Remark], as_of: AsOf) -> list[Laid]:
    """Return the pledges, of one asset or many, each with its place among those of its right."""
    by_asset = defaultdict(list)
    for pledge in pledges:
        by_asset[pledge.asset].append(pledge)
    found = {
        one.remark.reference: one
        for asset, rows in by_asset.items()
        for one in _laid(rows, title_as_of(asset, as_of), as_of.at)
    }
    return [found[pledge.reference] for pledge in pledges]


def names_of(references: Iterable[str], *, shown: Callable[[Party], str] = masked_name) -> Names:
    """Return the names of parties by reference, as the public sees them or as ``shown``."""
    parties = Party.objects.filter(reference__in=set(references))
    return {party.reference: shown(party) for party in parties}


def _right(interest: Interest, depth: int, laid: Sequence[Laid]) -> RightInForce:
    facts = interest_facts(interest)
    return RightInForce(
        interest=interest,
        until=known_until(interest),
        depth=depth,
        scope=scope_sayings(facts.scope),
        terms=terms_sayings(facts.terms),
        pledges=sorted((one for one in laid if one.place), key=lambda one: one.place or 0),
        others=[one for one in laid if not one.place],
    )


def _laid(rows: Sequence[Remark], title: Title, at: datetime) -> Iterator[Laid]:
    """Yield what is in force, first entered first; not a freeze whose effect is over."""
    places = _places(title, at)
    queue: Mapping[str, Effect] = {
        effect.remark.reference: effect for effect in effects(title) if at < effect.until
    }
    bodies = [remark_facts(row).body for row in rows]
    names = names_of(party for body in bodies if isinstance(body, Pledge) for party in body.burdens)
    for row, body in zip(rows, bodies, strict=True):
        laid = Laid(
            remark=row,
            sayings=body_sayings(body, names),
            until=known_until(row),
            place=places.get(row.reference),
        )
        if row.kind != RemarkKind.FREEZE:
            yield laid
        elif effect := queue.get(row.reference):
            waits = effect.since if effect.since > at else None
            yield replace(laid, until=effect.until, takes_effect=waits)


def _places(title: Title, at: datetime) -> dict[str, int]:
    return {
        remark.reference: place
        for interest in title.interests.values()
        for place, remark in enumerate(ranking(title, interest, at=at), 1)
    }


def known_until(row: Interest | Remark) -> datetime:
    """Return the end that the register knew of a row that `rights.queries.known` gave."""
    known: datetime = row.known_until  # type: ignore[union-attr] # `rights.queries.known` adds it
    return known

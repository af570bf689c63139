"""What falls if a right ends before its term, or all rights in an asset do; nothing is written.

Entry point: `what_falls`. An officer looks at it before deciding.
"""

from dataclasses import dataclass
from datetime import datetime

from registry.closure import versions_relying_on
from rights.ending import falling
from rights.models import Interest
from rights.propagation import assets_of, derived_from
from rights.recording import load
from rights.targets import Target
from rights.title import InterestFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Fall:
    """What the end of a right, or of all rights in an asset, would bring about.

    Attributes:
        falls: the rights granted out of it that would end with it, nearest first.
        survives: those that would stay because their terms say so, or stand on one that does.
        derived: how many derived assets it would reach.
        first: numbers of the first of those, in order.
    """

    falls: tuple[InterestFacts, ...]
    survives: tuple[InterestFacts, ...]
    derived: int
    first: tuple[str, ...]


def what_falls(target: Target, *, at: datetime, first: int = 20) -> Fall:
    """Return what would fall with a right, or with every original right in an asset, at ``at``.

    Raises:
        Interest.DoesNotExist: there is no such right.
    """
    if target.interest:
        known = Interest.objects.select_related("asset").filter(reference=target.interest)
        asset, roots = known.latest("revision").asset.number, [target.interest]
        title = load([asset])
    else:
        asset, title = target.asset, load([target.asset])
        roots = [fact.reference for fact in title.interests.values() if fact.is_original]
    falls = [fact for fact in falling(title, roots, at=at) if fact.reference not in roots]
    fallen = {*roots, *(fact.reference for fact in falls)}
    closure = versions_relying_on(*fallen) if target.interest else derived_from(asset)
    numbers = sorted(assets_of(closure, but=asset).values())
    return Fall(
        falls=tuple(falls),
        survives=tuple(
            fact
            for root in roots
            for fact in title.granted_out_of(root)
            if fact.reference not in fallen and fact.until > at
        ),
        derived=len(numbers),
        first=tuple(numbers[:first]),
    )

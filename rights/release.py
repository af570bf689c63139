"""Release: a pledge, a kept place or a yielded one is given up, in whole or in part. Pure.

Only whom it favours gives it up, or a court takes it (invariant E5; Civil Code art. 393, 435); at
the end of its term it lapses by itself. The ranks of the others stay as they are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from primitives.rules import rule
from rights.facts import ActOfTitle, Facts
from rights.remarks import Pledge, PriorityNotice, RemarkFacts, Subordination
from rights.title import Change, Title


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """That what ``reference`` names is given up.

    Attributes:
        parts: holder -> the part of the right that a pledge leaves; empty for all of it.
    """

    interest: str
    reference: str
    parts: Mapping[str, Fraction] = field(default_factory=dict)

    @property
    def interests(self) -> tuple[str, ...]:
        """The right that it lies on."""
        return (self.interest,)

    @property
    def asset_numbers(self) -> tuple[str, ...]:
        """No asset as a whole."""
        return ()


ReleaseFacts = Facts[Release]


@rule(
    "REL-1",
    source="Civil Code art. 393, 409",
    zh="所解除的是在该权利上有效的质押、顺位变更或者预告登记。",
)
def it_is_in_force(facts: ReleaseFacts) -> bool:
    """What is released is a pledge, a subordination or a notice in force on the right."""
    return any(True for _ in _released(facts))


@rule(
    "REL-2", source="invariant E5; Civil Code art. 435", zh="受益人同意解除，或者由法院命令解除。"
)
def beneficiary_agrees(facts: ReleaseFacts) -> bool:
    """Whom it favours agrees, or a court orders it."""
    return facts.is_ordered_by_court or all(
        facts.has_consent_of(remark.party) for remark in _released(facts)
    )


@rule(
    "REL-3",
    source="Civil Code art. 393, 435",
    zh="部分解除仅适用于质押，所解除的每一份额均大于零，且不超过出质的份额。",
)
def parts_are_pledged(facts: ReleaseFacts) -> bool:
    """Only a pledge is released in part: every part is above zero and pledged."""
    return all(
        isinstance(remark.body, Pledge) and 0 < part <= remark.body.burdens.get(party, Fraction(0))
        for remark in _released(facts)
        for party, part in facts.request.parts.items()
    )


RELEASE_RULES = (it_is_in_force, beneficiary_agrees, parts_are_pledged)


def release(facts: ReleaseFacts) -> Change:
    """Return the change: what is released ends, or a pledge goes on with what it keeps."""
    (remark,) = _released(facts)
    if isinstance(remark.body, Pledge) and facts.request.parts:
        return freed(facts.title, remark, remark.body, facts.request.parts, at=facts.at)
    return ending(facts.title, remark, at=facts.at)


def freed(
    title: Title,
    remark: RemarkFacts,
    pledge: Pledge,
    parts: Mapping[str, Fraction],
    *,
    at: datetime,
) -> Change:
    """Return the change that frees parts of the right from a pledge; of all, that ends it.

    Raises:
        ValueError: more is freed than is pledged (REL-3 says so before).
    """
    left = {party: burden - parts.get(party, 0) for party, burden in pledge.burdens.items()}
    if min(left.values()) < 0 or parts.keys() - left.keys():
        raise ValueError(f"more is freed than {remark.reference} burdens")
    burdens = {party: burden for party, burden in left.items() if burden}
    if not burdens:
        return ending(title, remark, at=at)
    revised = remark.revised(at=at, body=replace(pledge, burdens=burdens))
    return Change(remarks=(revised,), ended={remark.reference: at})


def ending(title: Title, remark: RemarkFacts, *, at: datetime) -> Change:
    """Return the change that ends a remark, and of a pledge the places that it gave or took."""
    places = (
        place.reference
        for place, body in title.remarks_of(Subordination, at=at)
        if remark.reference in (body.yields, body.favours)
    )
    return Change(ended=dict.fromkeys((remark.reference, *places), at))


RELEASE = ActOfTitle(
    name="release",
    request=Release,
    rules=RELEASE_RULES,
    change=release,
    article="Civil Code art. 393, 435",
)


def _released(facts: Facts[Any]) -> Iterator[RemarkFacts]:
    """Yield what the request names, if it is of a kind that can be released and in force."""
    remark = facts.title.remarks.get(facts.request.reference)
    if (
        remark
        and isinstance(remark.body, Pledge | Subordination | PriorityNotice)
        and remark.in_force_at(facts.at)
        and remark.interest == facts.request.interest
    ):
        yield remark

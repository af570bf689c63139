"""Rights that end before their term, and all that falls with them in the same entry (R4, E5). Pure.

Whatever ends a right early ends it by `ending`: a surrender, a cancellation, an order.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rights.facts import Facts, nothing_is_controlled, nothing_is_frozen
from rights.kinds import ENDS_WITH_RIGHT
from rights.remarks import Pledge, RemarkFacts, SourceEnded, Subordination
from rights.title import Change, InterestFacts, Title


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """Rights by reference: a request to ask the common rules about what no request names."""

    interests: tuple[str, ...]

    @property
    def asset_numbers(self) -> tuple[str, ...]:
        """No asset as a whole."""
        return ()


def ending(facts: Facts[Any], references: Collection[str]) -> Change:
    """Return the change by which the rights end now, or at their beginning if that is to come.

    With them end the rights granted out of them (`falling`) and the restrictions on any of these
    that are there for the right's sake: pledges with their subordinations, covenants, priority
    notices. Freezes, cautions, objections and controls stay. For each right a record on it says
    that it ended before its term, which marks what was derived in reliance on it.
    """
    rights = falling(facts.title, references, at=facts.at)
    restrictions = _restrictions(facts.title, rights, at=facts.at)
    all_of_it: tuple[InterestFacts | RemarkFacts, ...] = (*rights, *restrictions)
    return Change(
        remarks=tuple(_record(facts, right) for right in rights),
        ended={fact.reference: max(facts.at, fact.valid_from) for fact in all_of_it},
    )


def falling(title: Title, references: Collection[str], *, at: datetime) -> list[InterestFacts]:
    """Return the rights, and those that end with them, as far as their terms are not over.

    A right ends with the one that it was granted from unless its terms say that it survives; one
    that survives goes on as it was granted, and so does what was granted out of it.
    """
    found: dict[str, InterestFacts] = {}
    level = [title.interests[name] for name in references if name in title.interests]
    while level:
        found |= {fact.reference: fact for fact in level if fact.until > at}
        ended = {fact.reference for fact in level}
        level = [
            fact
            for fact in title.interests.values()
            if fact.granted_from in ended
            and not fact.terms.survives
            and fact.reference not in found
        ]
    return list(found.values())


def falling_is_free(facts: Facts[Any], references: Collection[str]) -> bool:
    """Say whether no freeze and no control binds a right that would fall (E6).

    An order to keep a right for a creditor is not evaded by ending the right above it.
    """
    rights = falling(facts.title, references, at=facts.at)
    named = facts.asking(Rights(interests=tuple(right.reference for right in rights)))
    return nothing_is_frozen.holds(named) and nothing_is_controlled.holds(named)


def falling_is_consented_to(facts: Facts[Any], references: Collection[str]) -> bool:
    """Say whether the pledgees agree with whom an applicant covenanted not to dispose (E3).

    A covenant binds the pledgor alone: who ends the right above it is free of it, unless it is the
    pledgor itself, which would otherwise shake its own pledge off.
    """
    if facts.order is not None:
        return True
    return all(
        facts.has_consent_of(remark.party)
        for right in falling(facts.title, references, at=facts.at)
        if right.reference not in references
        for remark, pledge in facts.title.remarks_on(right, Pledge, at=facts.at)
        if pledge.no_disposal and pledge.burdens.keys() & facts.applicants
    )


def _restrictions(
    title: Title, rights: Iterable[InterestFacts], *, at: datetime
) -> list[RemarkFacts]:
    ended = {right.reference for right in rights}
    standing = [fact for fact in title.remarks.values() if fact.until > at]
    fallen = [fact for fact in standing if fact.interest in ended and fact.kind in ENDS_WITH_RIGHT]
    names = {fact.reference for fact in fallen}
    return fallen + [
        fact
        for fact in standing
        if isinstance(fact.body, Subordination)
        and fact.reference not in names
        and {fact.body.yields, fact.body.favours} & names
    ]


def _record(facts: Facts[Any], right: InterestFacts) -> RemarkFacts:
    """Return the record that the right ended; its letters are the right's, which ends once."""
    return RemarkFacts(
        reference=f"N-E{right.reference.removeprefix('I-')}",
        asset=right.asset,
        interest=right.reference,
        valid_from=facts.at,
        valid_to=right.valid_to,
        until=right.valid_to,
        rank=facts.rank(right.asset),
        body=SourceEnded(ended=right.reference),
    )

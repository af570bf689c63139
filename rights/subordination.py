"""Subordination: a pledge stands behind a later one (顺位变更; Civil Code art. 409). Pure.

It changes no rank; `rights.ranking` says what order follows from it. Who loses a place by it has
agreed, also one that gave up its own for the pledge that now goes further back (invariant E2).
"""

from dataclasses import dataclass

from primitives.rules import rule
from rights.facts import ActOfTitle, Facts
from rights.pledge import named_pledge
from rights.ranking import ahead_of_each
from rights.remarks import RemarkFacts, Subordination
from rights.title import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Subordinate:
    """That the pledge ``yields`` lets the pledge ``favours`` come before it."""

    reference: str
    interest: str
    yields: str
    favours: str

    @property
    def interests(self) -> tuple[str, ...]:
        """The right on which both lie."""
        return (self.interest,)

    @property
    def asset_numbers(self) -> tuple[str, ...]:
        """No asset as a whole."""
        return ()


SubordinateFacts = Facts[Subordinate]


@rule("SUB-1", source="Civil Code art. 409", zh="两项质押不同，且均在该权利上有效。")
def both_are_in_force(facts: SubordinateFacts) -> bool:
    """Two different pledges are named, and both are in force on the right."""
    asked = facts.request
    return asked.yields != asked.favours and _are_there(facts)


@rule("SUB-2", source="Civil Code art. 409", zh="让出顺位的质押现在位于受让顺位的质押之前。")
def there_is_a_place_to_yield(facts: SubordinateFacts) -> bool:
    """The pledge that yields now comes before the one that it yields to."""
    return all(
        facts.request.yields in before.get(facts.request.favours, ())
        for before in [_ahead(facts)]
        if _are_there(facts)
    )


@rule("SUB-3", source="invariant E2", zh="顺位变更不构成循环。")
def no_circle_is_closed(facts: SubordinateFacts) -> bool:
    """The pledge that it yields to does not itself stand behind it by subordination."""
    behind = {facts.request.favours}
    while True:
        favoured = {
            body.favours
            for _, body in facts.title.remarks_of(Subordination, at=facts.at)
            if body.yields in behind
        }
        if favoured <= behind:
            return facts.request.yields not in behind
        behind |= favoured


@rule(
    "SUB-4",
    source="invariant E2; Civil Code art. 409",
    zh="因此有其他质押排到其前的质权人，均已同意。",
)
def who_loses_a_place_agrees(facts: SubordinateFacts) -> bool:
    """Every pledgee whose pledge comes to stand behind another that was not before it agrees."""
    if not _are_there(facts) or facts.request.yields == facts.request.favours:
        return True
    before = _ahead(facts)
    title = facts.title.after(subordinate(facts))
    return all(
        ahead <= before[reference] or facts.has_consent_of(title.remarks[reference].party)
        for interest in facts.known()
        for reference, ahead in ahead_of_each(title, interest, at=facts.at).items()
    )


SUBORDINATION_RULES = (
    both_are_in_force,
    there_is_a_place_to_yield,
    no_circle_is_closed,
    who_loses_a_place_agrees,
)


def subordinate(facts: SubordinateFacts) -> Change:
    """Return the change: the subordination begins, for as long as both pledges last."""
    asked, interest = facts.request, facts.title.interests[facts.request.interest]
    yields, favours = facts.title.remarks[asked.yields], facts.title.remarks[asked.favours]
    end = min(yields.until, favours.until)
    return Change(
        remarks=(
            RemarkFacts(
                reference=asked.reference,
                asset=interest.asset,
                interest=asked.interest,
                party=favours.party,
                valid_from=facts.at,
                valid_to=end,
                until=end,
                rank=facts.rank(interest.asset),
                body=Subordination(yields=asked.yields, favours=asked.favours),
            ),
        )
    )


SUBORDINATION = ActOfTitle(
    name="subordination",
    request=Subordinate,
    rules=SUBORDINATION_RULES,
    change=subordinate,
    article="Civil Code art. 409",
)


def _are_there(facts: SubordinateFacts) -> bool:
    named = (facts.request.yields, facts.request.favours)
    return all(any(True for _ in named_pledge(facts, reference)) for reference in named)


def _ahead(facts: SubordinateFacts) -> dict[str, frozenset[str]]:
    """Return pledge -> the pledges that now come before it."""
    return {
        reference: ahead
        for interest in facts.known()
        for reference, ahead in ahead_of_each(facts.title, interest, at=facts.at).items()
    }

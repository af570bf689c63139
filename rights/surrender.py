"""Surrender: holders give up a right, or a part of what it covers (NDA35 art. 37). Pure.

All holders must apply. Civil Code art. 301 lets holders of two thirds dispose of what is held in
common because art. 304 gives the others their part of what it fetches; what is given up fetches
nothing, so that no majority can give it up for the rest.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from primitives.rules import rule
from rights.ending import ending, falling_is_consented_to, falling_is_free
from rights.facts import ActOfTitle, Facts
from rights.scope import DIMENSIONS, Scope
from rights.title import Change, InterestFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Surrender:
    """That the holders give up the right; ``words`` say why."""

    interest: str
    words: str = ""

    @property
    def interests(self) -> tuple[str, ...]:
        """The right that ends."""
        return (self.interest,)

    @property
    def asset_numbers(self) -> tuple[str, ...]:
        """No asset as a whole."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing(Surrender):
    """That the right covers only ``scope`` from now on."""

    scope: Scope


SurrenderFacts = Facts[Surrender]
NarrowingFacts = Facts[Narrowing]


@rule("SUR-1", source="NDA35 art. 37", zh="拟放弃的权利登记在案且期限未满。")
def right_is_not_over(facts: SurrenderFacts) -> bool:
    """The right is registered and its term is not over; it may be one that has yet to begin."""
    interest = _interest(facts)
    return interest is not None and interest.until > facts.at


@rule("SUR-2", source="Civil Code art. 301, 304; NDA35 art. 37", zh="由全体权利人共同申请。")
def every_holder_gives_up(facts: SurrenderFacts) -> bool:
    """Every holder applies."""
    return _all_apply(facts, _interest(facts))


@rule("SUR-3", source="invariant E6", zh="随之终止的权利未被查封、冻结或者管制。")
def nothing_falling_is_bound(facts: SurrenderFacts) -> bool:
    """No right that would end with it is frozen or under control."""
    return falling_is_free(facts, facts.request.interests)


@rule(
    "SUR-4",
    source="invariant E3; Civil Code art. 444",
    zh="申请人以随之终止的权利出质并约定不得处分的，质权人已书面同意本次处分。",
)
def falling_pledges_are_consented_to(facts: SurrenderFacts) -> bool:
    """Where an applicant pledged a right that falls, with a covenant, the pledgee consents."""
    return falling_is_consented_to(facts, facts.request.interests)


@rule("NAR-1", source="NDA35 art. 35, 37", zh="缩小后的范围在原范围之内，且小于原范围。")
def scope_is_smaller(facts: NarrowingFacts) -> bool:
    """The new scope lies within the present one and is smaller."""
    interest, scope = _interest(facts), facts.request.scope
    return interest is None or (
        interest.scope.includes(scope) and not scope.includes(interest.scope)
    )


@rule("NAR-2", source="NDA35 art. 37", zh="缩小后的范围不为空；全部放弃的，办理注销登记。")
def something_is_left(facts: NarrowingFacts) -> bool:
    """The new scope covers something; to give up everything is a surrender."""
    return all(getattr(facts.request.scope, dimension) != frozenset() for dimension in DIMENSIONS)


@rule("NAR-3", source="Civil Code art. 301, 304; NDA35 art. 37", zh="由全体权利人共同申请。")
def every_holder_narrows(facts: NarrowingFacts) -> bool:
    """Every holder applies."""
    return _all_apply(facts, _interest(facts))


SURRENDER_RULES = (
    right_is_not_over,
    every_holder_gives_up,
    nothing_falling_is_bound,
    falling_pledges_are_consented_to,
)
NARROWING_RULES = (scope_is_smaller, something_is_left, every_holder_narrows)


def unnested(facts: NarrowingFacts) -> Iterator[str]:
    """Yield the references of rights granted out of it that the new scope would no longer hold.

    They stand against the narrowing (TIT-8) until their own holders narrow or surrender them, in
    the same dealing or before: nobody's right is rewritten by an act to which he is no party.
    """
    for granted in facts.title.interests.values():
        if (
            granted.granted_from == facts.request.interest
            and granted.until > facts.at
            and not granted.terms.survives
            and not facts.request.scope.includes(granted.scope)
        ):
            yield granted.reference


def surrender(facts: SurrenderFacts) -> Change:
    """Return the change: the right ends, with all that falls with it."""
    return ending(facts, facts.request.interests)


def narrow(facts: NarrowingFacts) -> Change:
    """Return the change: the right goes on with the smaller scope."""
    interest = facts.title.interests[facts.request.interest]
    return Change(
        interests=(interest.revised(at=facts.at, scope=facts.request.scope),),
        ended={interest.reference: facts.at},
    )


SURRENDER = ActOfTitle(
    name="surrender",
    propagates=True,
    request=Surrender,
    rules=SURRENDER_RULES,
    change=surrender,
    article="NDA35 art. 37",
    disposes=True,
    needs_force=False,
)
NARROWING = ActOfTitle(
    name="narrow",
    request=Narrowing,
    rules=NARROWING_RULES,
    change=narrow,
    article="NDA35 art. 35, 37",
    disposes=True,
)


def _interest(facts: Facts[Surrender] | Facts[Narrowing]) -> InterestFacts | None:
    return facts.title.interests.get(facts.request.interest)


def _all_apply(facts: Facts[Surrender] | Facts[Narrowing], interest: InterestFacts | None) -> bool:
    return interest is None or facts.order is not None or interest.shares.keys() <= facts.applicants

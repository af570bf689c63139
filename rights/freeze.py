"""Freeze: a court, procuratorate, police or regulator stops what its holder could do with a right.

Three acts: a freeze, its renewal and its lifting, each under an order (NDA35 art. 23(2)). When a
freeze binds, and behind what it waits, says `rights.freezes`; what it stops says DEA-3. A transfer
that was entered before it stands (查扣冻规定 art. 23). Pure.
"""

from dataclasses import dataclass, replace
from typing import Any

from primitives.rules import rule
from rights.facts import ActOfTitle, Facts, Order
from rights.freezes import Effect, effects
from rights.remarks import Freeze
from rights.targets import KnownRemark, NewRemark
from rights.terms import term_end
from rights.title import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeOrder(NewRemark):
    """That the target is frozen for some months from when the freeze takes effect."""

    months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeRenewal(KnownRemark):
    """That a freeze in effect goes on for some months from where its term ends."""

    months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeLifting(KnownRemark):
    """That a freeze ends, whether it is in effect or waits."""


@rule(
    "FRZ-1",
    source="invariant E6; 查扣冻规定 art. 1",
    zh="查封、冻结依有权机关的法律文书办理，载明文号。",
)
def freeze_is_ordered(facts: Facts[FreezeOrder]) -> bool:
    """A freeze is entered under an authority's order, which has a number and a level."""
    return is_ordered(facts)


@rule(
    "FRZ-2",
    source="民诉法解释 art. 485",
    zh="查封、冻结的期限至少一个月，每次不超过规定的最长期限。",
)
def freeze_has_a_term(facts: Facts[FreezeOrder]) -> bool:
    """The term is at least one month and no longer than the profile allows."""
    return 1 <= facts.request.months <= facts.limits.freeze_months


@rule("FRZ-3", source="NDA35 art. 23(2)", zh="查封、冻结的对象为一项权利或者整项数据资产。")
def freeze_has_one_target(facts: Facts[FreezeOrder]) -> bool:
    """It lies on one right or on one asset as a whole."""
    return facts.request.is_one()


@rule(
    "FRR-1",
    source="查扣冻规定 art. 27",
    zh="续行查封、冻结在原期限届满前办理，且原查封、冻结已经生效。",
)
def freeze_is_in_effect(facts: Facts[FreezeRenewal]) -> bool:
    """A renewal is entered while the freeze is in effect: it does not wait and has not lapsed."""
    effect = _effect(facts)
    return effect is not None and effect.includes(facts.at)


@rule("FRR-2", source="民诉法解释 art. 485", zh="续行的期限至少一个月，每次不超过规定的最长期限。")
def renewal_has_a_term(facts: Facts[FreezeRenewal]) -> bool:
    """The renewed term is at least one month and no longer than the profile allows."""
    return 1 <= facts.request.months <= facts.limits.freeze_months


@rule("FRR-3", source="invariant E6", zh="续行查封、冻结由同级或者上级有权机关决定。")
def renewal_is_ordered(facts: Facts[FreezeRenewal]) -> bool:
    """An authority of the same or a higher level orders the renewal."""
    return _is_ordered_by_its_rank(facts)


@rule(
    "FRL-1",
    source="查扣冻规定 art. 28",
    zh="拟解除的查封、冻结登记在案，尚未解除，也未届满。",
)
def freeze_is_there(facts: Facts[FreezeLifting]) -> bool:
    """The freeze lies on the target and is neither lifted nor lapsed; it may still wait."""
    effect = _effect(facts)
    return effect is not None and facts.at < effect.until


@rule(
    "FRL-2",
    source="invariant E6; 查扣冻规定 art. 28",
    zh="解除查封、冻结由同级或者上级有权机关决定。",
)
def lifting_is_ordered(facts: Facts[FreezeLifting]) -> bool:
    """An authority of the same or a higher level orders the lifting."""
    return _is_ordered_by_its_rank(facts)


FREEZE_RULES = (freeze_is_ordered, freeze_has_a_term, freeze_has_one_target)
RENEWAL_RULES = (freeze_is_in_effect, renewal_has_a_term, renewal_is_ordered)
LIFTING_RULES = (freeze_is_there, lifting_is_ordered)


def is_ordered(facts: Facts[Any]) -> bool:
    """Say whether the act is done under an order that can be named and compared."""
    order = facts.order
    return order is not None and bool(order.number.strip()) and order.level >= 1


def freeze(facts: Facts[FreezeOrder]) -> Change:
    """Return the change: the freeze begins, or begins to wait."""
    order = _order(facts)
    body = Freeze(
        authority=order.authority,
        level=order.level,
        order=order.number,
        months=facts.request.months,
    )
    return Change(remarks=(facts.request.remark(facts, body),))


def renew(facts: Facts[FreezeRenewal]) -> Change:
    """Return the change: the freeze goes on beyond its term, in its place; its order stays."""
    effect = _effect(facts)
    if effect is None:
        raise ValueError(f"{facts.request.remark} is no freeze")
    body = replace(
        effect.freeze,
        since=effect.since,
        renewed_to=term_end(effect.until, facts.request.months),
    )
    return Change(
        remarks=(effect.remark.revised(at=facts.at, body=body),),
        ended={effect.remark.reference: facts.at},
    )


def lift(facts: Facts[FreezeLifting]) -> Change:
    """Return the change: this one freeze ends, and what waited behind it moves up."""
    return Change(ended={facts.request.remark: facts.at})


FREEZE = ActOfTitle(
    name="freeze",
    request=FreezeOrder,
    rules=FREEZE_RULES,
    change=freeze,
    article="NDA35 art. 23(2); 查扣冻规定 art. 26",
    is_barred=False,
    propagates=True,
)
FREEZE_RENEWAL = ActOfTitle(
    name="freeze_renewal",
    request=FreezeRenewal,
    rules=RENEWAL_RULES,
    change=renew,
    article="查扣冻规定 art. 27; 民诉法解释 art. 485",
    is_barred=False,
    needs_force=False,
)
FREEZE_LIFTING = ActOfTitle(
    name="freeze_lifting",
    request=FreezeLifting,
    rules=LIFTING_RULES,
    change=lift,
    article="查扣冻规定 art. 28",
    is_barred=False,
    needs_force=False,
)


def _order(facts: Facts[Any]) -> Order:
    if facts.order is None:
        raise ValueError("a freeze without an order")
    return facts.order


def _effect(facts: Facts[FreezeRenewal] | Facts[FreezeLifting]) -> Effect | None:
    """Return when the freeze that the request names is in effect, if it lies on the target."""
    if facts.request.found(facts, Freeze) is None:
        return None
    return next(
        effect for effect in effects(facts.title) if effect.remark.reference == facts.request.remark
    )


def _is_ordered_by_its_rank(facts: Facts[FreezeRenewal] | Facts[FreezeLifting]) -> bool:
    found = facts.request.found(facts, Freeze)
    if found is None:
        return True
    _remark, body = found
    return is_ordered(facts) and facts.order is not None and facts.order.level >= body.level

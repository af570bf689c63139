"""Exclusivity covenant: the holders promise to grant nothing out of a right (NDA35 art. 23(1)).

It binds later grants within its scope and term (R8, GRT-6) and no right outside that sub-tree;
grants that were entered before it stand beside it. Pure.
"""

from dataclasses import dataclass
from datetime import datetime

from primitives.rules import rule
from rights.facts import ActOfTitle, Facts
from rights.grant import agreeing
from rights.remarks import Covenant
from rights.scope import EVERYTHING, Scope
from rights.targets import KnownRemark, NewRemark
from rights.title import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class CovenantEntry(NewRemark):
    """That the holders promise ``party`` to grant nothing within ``scope`` until ``valid_to``."""

    valid_to: datetime
    scope: Scope = EVERYTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class CovenantRelease(KnownRemark):
    """That whom a covenant favours gives it up."""


@rule("COV-1", source="NDA35 art. 23(1)", zh="独占承诺针对一项权利，并载明受益人。")
def covenant_binds_a_right(facts: Facts[CovenantEntry]) -> bool:
    """A covenant lies on one right and names whom it favours."""
    asked = facts.request
    return asked.is_one() and bool(asked.interest) and bool(asked.party)


@rule("COV-2", source="Civil Code art. 301", zh="由持有三分之二以上份额的权利人申请。")
def holders_promise_it(facts: Facts[CovenantEntry]) -> bool:
    """Those who hold the profile's majority of the right apply for it."""
    return facts.order is not None or all(
        agreeing(facts, interest) >= facts.limits.majority for interest in facts.known()
    )


@rule("COV-3", source="invariant E5", zh="独占承诺的截止时间晚于登记时，且不超出所附权利的期限。")
def covenant_lies_within_the_term(facts: Facts[CovenantEntry]) -> bool:
    """It ends later than the act and no later than the right."""
    asked = facts.request
    return facts.at < asked.valid_to and all(
        asked.valid_to <= interest.until for interest in facts.known()
    )


@rule("COV-4", source="invariant R3", zh="独占承诺的范围不超出所附权利的范围。")
def covenant_lies_within_the_scope(facts: Facts[CovenantEntry]) -> bool:
    """Its scope lies within that of the right."""
    return all(interest.scope.includes(facts.request.scope) for interest in facts.known())


@rule("CVR-1", source="NDA35 art. 23(1)", zh="拟解除的独占承诺登记在案且仍有效。")
def covenant_is_in_force(facts: Facts[CovenantRelease]) -> bool:
    """The covenant lies on the right and is in force."""
    return facts.request.found(facts, Covenant) is not None


@rule("CVR-2", source="NDA35 art. 23(1)", zh="独占承诺由其受益人申请解除。")
def favoured_party_releases(facts: Facts[CovenantRelease]) -> bool:
    """Whom it favours applies for the release, or an authority orders it."""
    found = facts.request.found(facts, Covenant)
    return facts.order is not None or found is None or found[0].party in facts.applicants


COVENANT_RULES = (
    covenant_binds_a_right,
    holders_promise_it,
    covenant_lies_within_the_term,
    covenant_lies_within_the_scope,
)
RELEASE_RULES = (covenant_is_in_force, favoured_party_releases)


def covenant(facts: Facts[CovenantEntry]) -> Change:
    """Return the change: the covenant begins; grants before it stay as they are."""
    body = Covenant(scope=facts.request.scope)
    return Change(remarks=(facts.request.remark(facts, body, valid_to=facts.request.valid_to),))


def release(facts: Facts[CovenantRelease]) -> Change:
    """Return the change: this one covenant ends."""
    return Change(ended={facts.request.remark: facts.at})


COVENANT = ActOfTitle(
    name="covenant",
    request=CovenantEntry,
    rules=COVENANT_RULES,
    change=covenant,
    article="NDA35 art. 23(1)",
)
COVENANT_RELEASE = ActOfTitle(
    name="covenant_release",
    request=CovenantRelease,
    rules=RELEASE_RULES,
    change=release,
    article="NDA35 art. 23(1)",
)

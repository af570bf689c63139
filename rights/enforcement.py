"""Enforcement: the pledged part moves to a buyer, and the pledge ends (质押权的实现). Pure.

By agreement of pledgee and pledgors, or under a court's order (Civil Code art. 410, 436, 446). What
becomes of other pledges on the part that moves follows from who is paid first (art. 414, 415):

* The enforced pledge ends; what it does not recover is a debt without security (art. 438).
* Those behind it are paid out of what is left of the price and end on the part that moved, for its
  buyer could else be made to pay what he paid already. A court ends them (拍卖规定 art. 28); by
  agreement they end only as their pledgees agree, for nobody loses his place by what others agree
  (art. 409) and only pledgee, court or lapse discharges (invariant E5).
* Those ahead stay and follow into the new hands (art. 406): the register does not know that they
  were paid. An auction by a court clears them too unless it is agreed otherwise (拍卖规定 art. 28):
  then the same order releases them, in the same dealing (`rights.release`).

The covenant of another pledge does not stand against a court. What moves is the pledged part, not
what the giver holds free: the order of a transfer (free first) is turned round. The right's own
licences stay, for they hang on the right and not on the share; a place kept for a pledge of the
giver's does not follow to the buyer.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from primitives.clock import CHINA
from primitives.rules import rule
from rights.facts import ActOfTitle, Facts
from rights.pledge import named_pledge
from rights.ranking import ranking
from rights.release import ending, freed
from rights.remarks import Pledge, RemarkFacts
from rights.shares import Shares, moved
from rights.title import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Enforce:
    """That all that the pledge ``reference`` lies on goes to ``buyer``."""

    interest: str
    reference: str
    buyer: str

    @property
    def interests(self) -> tuple[str, ...]:
        """The right of which a part moves."""
        return (self.interest,)

    @property
    def asset_numbers(self) -> tuple[str, ...]:
        """No asset as a whole."""
        return ()


EnforceFacts = Facts[Enforce]


@rule("ENF-1", source="Civil Code art. 436", zh="所实现的质押在该权利上有效。")
def pledge_is_in_force(facts: EnforceFacts) -> bool:
    """The pledge that is enforced is in force on the right."""
    return any(True for _ in _enforced(facts))


@rule(
    "ENF-2",
    source="Civil Code art. 410, 436; NDA35 art. 34",
    zh="质权人、出质份额的持有人与买受人共同申请，或者由法院命令实现。",
)
def all_apply_or_a_court_orders(facts: EnforceFacts) -> bool:
    """The pledgee, the holders of the pledged part and the buyer apply, or a court orders it."""
    return facts.is_ordered_by_court or all(
        {remark.party, facts.request.buyer, *pledge.burdens} <= facts.applicants
        for remark, pledge in _enforced(facts)
    )


@rule("ENF-3", source="invariant R2", zh="买受人不是出质份额的持有人。")
def buyer_is_another(facts: EnforceFacts) -> bool:
    """The buyer holds nothing of the pledged part."""
    return all(facts.request.buyer not in pledge.burdens for _, pledge in _enforced(facts))


@rule(
    "ENF-4",
    source="invariant E5; Civil Code art. 409, 410",
    zh="协议实现的，因此在所转移份额上消灭的后顺位质押，其质权人均已同意。",
)
def who_loses_security_agrees(facts: EnforceFacts) -> bool:
    """By agreement, every pledgee behind whose pledge ends on the part that moves agrees."""
    return facts.is_ordered_by_court or all(
        facts.has_consent_of(remark.party) for remark, _ in _behind(facts)
    )


@rule(
    "ENF-5",
    source="Civil Code art. 428, 436",
    zh="债务履行期限届满前，不得协议由质权人取得质押的份额。",
)
def pledgee_takes_nothing_before_it_is_due(facts: EnforceFacts) -> bool:
    """By agreement the pledgee itself takes the pledged part only after the debt fell due."""
    today = facts.at.astimezone(CHINA).date()
    return facts.is_ordered_by_court or all(
        facts.request.buyer != remark.party or pledge.due_on is None or pledge.due_on < today
        for remark, pledge in _enforced(facts)
    )


ENFORCEMENT_RULES = (
    pledge_is_in_force,
    all_apply_or_a_court_orders,
    buyer_is_another,
    who_loses_security_agrees,
    pledgee_takes_nothing_before_it_is_due,
)


def enforce(facts: EnforceFacts) -> Change:
    """Return the change: the pledged part has another holder, and less lies on it."""
    buyer, interest = facts.request.buyer, facts.title.interests[facts.request.interest]
    ((enforced, pledge),) = _enforced(facts)
    sold, shares = pledge.burdens, interest.shares
    for giver, part in sold.items():
        shares = moved(shares, giver=giver, takers={buyer: part})
    change = Change(
        interests=(interest.revised(at=facts.at, shares=shares),),
        ended={interest.reference: facts.at},
    ).and_then(ending(facts.title, enforced, at=facts.at))
    for remark, other in _behind(facts):
        parts = _common(other, sold)
        change = change.and_then(freed(facts.title, remark, other, parts, at=facts.at))
    for remark, other in _ahead(facts):
        burdens: Shares = other.burdens
        for giver, part in _common(other, sold).items():
            burdens = moved(burdens, giver=giver, takers={buyer: part})
        revised = remark.revised(at=facts.at, body=replace(other, burdens=burdens))
        change = change.and_then(
            Change(remarks=(revised,), ended={remark.reference: facts.at}),
        )
    return change


ENFORCEMENT = ActOfTitle(
    name="enforcement",
    request=Enforce,
    rules=ENFORCEMENT_RULES,
    change=enforce,
    article="Civil Code art. 410, 436",
    disposes=True,
)


def _enforced(facts: EnforceFacts) -> Iterator[tuple[RemarkFacts, Pledge]]:
    return named_pledge(facts, facts.request.reference)


def _ahead(facts: EnforceFacts) -> Iterator[tuple[RemarkFacts, Pledge]]:
    """Yield the pledges that come before and lie on what moves."""
    for remark, pledge in _on_what_moves(facts):
        if remark.reference == facts.request.reference:
            return
        yield remark, pledge


def _behind(facts: EnforceFacts) -> Iterator[tuple[RemarkFacts, Pledge]]:
    """Yield the pledges that come after and lie on what moves."""
    is_behind = False
    for remark, pledge in _on_what_moves(facts):
        if is_behind:
            yield remark, pledge
        is_behind |= remark.reference == facts.request.reference


def _on_what_moves(facts: EnforceFacts) -> Iterator[tuple[RemarkFacts, Pledge]]:
    for _, enforced in _enforced(facts):
        for interest in facts.known():
            for remark in ranking(facts.title, interest, at=facts.at):
                if isinstance(remark.body, Pledge) and _common(remark.body, enforced.burdens):
                    yield remark, remark.body


def _common(pledge: Pledge, sold: Shares) -> dict[str, Fraction]:
    """Return holder -> how much of what is sold lies under the pledge as well.

    Pledges on one holder's share lie on the same part of it, as far as they go.
    """
    return {
        party: min(burden, sold[party]) for party, burden in pledge.burdens.items() if party in sold
    }

"""Transfer: a right or an exact part of it moves; the giver keeps nothing of that (NDA35 art. 34).

Pledges follow the part that they lie on into the new hands (invariant E4). Pure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from primitives.rules import rule
from rights.authorisation import is_authorised
from rights.facts import ActOfTitle, Facts
from rights.remarks import Pledge, RemarkFacts
from rights.shares import Shares, moved
from rights.title import Change, InterestFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """That ``giver`` gives each taker an exact part of the whole right."""

    interest: str
    giver: str
    takers: Mapping[str, Fraction]

    @property
    def interests(self) -> tuple[str, ...]:
        """The right that moves."""
        return (self.interest,)

    @property
    def asset_numbers(self) -> tuple[str, ...]:
        """No asset as a whole."""
        return ()


TransferFacts = Facts[Transfer]


@rule("TRF-1", source="invariants R2, R3; NDA35 art. 34", zh="转让人持有其所转让的全部份额。")
def giver_has_it(facts: TransferFacts) -> bool:
    """The transferor holds all that it gives."""
    interest = _interest(facts)
    if interest is None:
        return True
    held = interest.shares.get(facts.request.giver, Fraction(0))
    return sum(facts.request.takers.values()) <= held


@rule("TRF-2", source="invariant R1", zh="至少转让一份，且每一份均大于零。")
def something_moves(facts: TransferFacts) -> bool:
    """Something is transferred, and every part is above zero."""
    parts = facts.request.takers.values()
    return bool(parts) and all(part > 0 for part in parts)


@rule("TRF-3", source="invariant R2; NDA35 art. 34", zh="转让人不得同时为受让人。")
def nobody_takes_from_himself(facts: TransferFacts) -> bool:
    """The transferor is not a transferee."""
    return facts.request.giver not in facts.request.takers


@rule("TRF-4", source="NDA35 art. 34", zh="转让人与受让人共同申请。")
def all_apply(facts: TransferFacts) -> bool:
    """The transferor and every transferee apply together."""
    parties = {facts.request.giver, *facts.request.takers}
    return facts.order is not None or parties <= facts.applicants


@rule("TRF-5", source="invariant R4", zh="被许可的权利约定可以转让的，方可转让。")
def right_may_move(facts: TransferFacts) -> bool:
    """A granted right moves only if its terms say so."""
    interest = _interest(facts)
    return interest is None or interest.is_original or interest.terms.may_transfer


@rule(
    "TRF-6",
    source="一场景一授权; PIPL art. 14, 23",
    zh="为特定场景授予的个人信息权利转让时，针对该场景的个人授权有效。",
)
def personal_data_stays_authorised(facts: TransferFacts) -> bool:
    """A right granted for a scenario of personal data moves only while that is authorised."""
    interest = _interest(facts)
    asset = facts.title.assets.get(interest.asset) if interest else None
    if interest is None or asset is None or facts.order is not None:
        return True
    return (
        not asset.is_personal
        or not interest.terms.scenario
        or is_authorised(facts.title, asset.number, interest.terms.scenario, at=facts.at)
    )


TRANSFER_RULES = (
    giver_has_it,
    something_moves,
    nobody_takes_from_himself,
    all_apply,
    right_may_move,
    personal_data_stays_authorised,
)


def transfer(facts: TransferFacts) -> Change:
    """Return the change: the right goes on in other hands, and pledges with what they lie on."""
    asked = facts.request
    interest = facts.title.interests[asked.interest]
    return move(facts, interest, giver=asked.giver, takers=asked.takers)


def move(
    facts: Facts,  # type: ignore[type-arg] # of any act that moves shares
    interest: InterestFacts,
    *,
    giver: str,
    takers: Shares,
) -> Change:
    """Return the change that moves parts of a right from one hand into others."""
    shares = moved(interest.shares, giver=giver, takers=takers)
    pledges = tuple(_followed(facts, interest, giver=giver, takers=takers))
    return Change(
        interests=(interest.revised(at=facts.at, shares=shares),),
        remarks=pledges,
        ended={interest.reference: facts.at} | {pledge.reference: facts.at for pledge in pledges},
    )


def _followed(
    facts: Facts,  # type: ignore[type-arg] # as above
    interest: InterestFacts,
    *,
    giver: str,
    takers: Shares,
) -> Iterator[RemarkFacts]:
    """Yield the pledges whose burden moves, in their next revision; what is free moves first."""
    for remark, pledge in facts.title.remarks_on(interest, Pledge, at=facts.at):
        burden = pledge.burdens.get(giver, Fraction(0))
        free = interest.shares[giver] - burden
        burdened = sum(takers.values()) - free
        if burdened > 0:
            parts = _last(takers, burdened)
            body = replace(pledge, burdens=moved(pledge.burdens, giver=giver, takers=parts))
            yield remark.revised(at=facts.at, body=body)


def _last(takers: Shares, total: Fraction) -> dict[str, Fraction]:
    """Return parts that make up ``total``, from the last taker back: the first take the free."""
    parts: dict[str, Fraction] = {}
    for taker, part in sorted(takers.items(), reverse=True):
        if total > 0:
            parts[taker] = min(part, total)
            total -= parts[taker]
    return parts


TRANSFER = ActOfTitle(
    name="transfer",
    request=Transfer,
    rules=TRANSFER_RULES,
    change=transfer,
    article="NDA35 art. 34",
    disposes=True,
)


def _interest(facts: TransferFacts) -> InterestFacts | None:
    return facts.title.interests.get(facts.request.interest)

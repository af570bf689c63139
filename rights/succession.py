"""Succession: by law a party's rights pass to others, in exact shares (Civil Code art. 67, 1121).

It is no transfer: no covenant bars it and no terms of a grant, for nobody disposes of anything; a
freeze stays on the right in the new hands. One dealing may name rights and remarks in many assets.
Pure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from primitives.rules import rule
from rights.facts import ActOfTitle, Facts
from rights.kinds import RemarkKind, SuccessionKind
from rights.remarks import Pledge, RemarkFacts
from rights.shares import Shares, moved
from rights.title import Change, InterestFacts

PASSING = frozenset(
    {RemarkKind.PLEDGE, RemarkKind.COVENANT, RemarkKind.CAUTION, RemarkKind.PRIORITY_NOTICE}
)
"""Remarks that favour a party and pass with what it had; an order or an objection does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """That what ``predecessor`` had passes to the successors.

    Attributes:
        successors: reference -> its part of all that passes; the parts sum to one.
        rights: references of the rights of which the predecessor's share passes.
        favours: reference of a remark in the predecessor's favour -> the one who has it from now
            on: a pledge is not divided, for the claim that it secures is one.
        assets: numbers of the assets on which these remarks lie.
        paper: reference of the paper that proves the succession.
        words: more on it.
    """

    kind: SuccessionKind
    predecessor: str
    successors: Mapping[str, Fraction]
    paper: str
    rights: tuple[str, ...] = ()
    favours: Mapping[str, str] | None = None
    assets: tuple[str, ...] = ()
    words: str = ""

    @property
    def interests(self) -> tuple[str, ...]:
        """The rights that pass."""
        return self.rights

    @property
    def asset_numbers(self) -> tuple[str, ...]:
        """The assets on which remarks pass."""
        return self.assets


SuccessionFacts = Facts[Succession]


@rule("SUC-1", source="invariant R1", zh="承继份额均大于零，合计恰为一。")
def parts_sum_to_one(facts: SuccessionFacts) -> bool:
    """The successors' parts are positive and sum to exactly one."""
    parts = facts.request.successors.values()
    return sum(parts) == 1 and all(part > 0 for part in parts)


@rule("SUC-2", source="invariant R2", zh="被承继人不为承继人。")
def nobody_succeeds_himself(facts: SuccessionFacts) -> bool:
    """The predecessor is not a successor."""
    return facts.request.predecessor not in facts.request.successors


@rule("SUC-3", source="invariant R3", zh="被承继人在所列各项权利中持有份额，且期限未满。")
def predecessor_holds(facts: SuccessionFacts) -> bool:
    """The predecessor has a share of every right that is named, whose term is not over."""
    rights = list(facts.known())
    return len(rights) == len(facts.request.rights) and all(
        right.until > facts.at and facts.request.predecessor in right.shares for right in rights
    )


@rule(
    "SUC-4",
    source="invariant R3",
    zh="所列质押等事项以被承继人为权利人，且期限未满，由承继人之一承继。",
)
def remarks_favour_the_predecessor(facts: SuccessionFacts) -> bool:
    """Every remark that is named favours the predecessor, is not over, and goes to a successor."""
    favours = facts.request.favours or {}
    return len(list(_favours(facts))) == len(favours) and (
        set(favours.values()) <= facts.request.successors.keys()
    )


@rule("SUC-5", source="Civil Code art. 67, 230", zh="附有证明承继的材料。")
def succession_is_on_paper(facts: SuccessionFacts) -> bool:
    """A paper of the dealing proves the succession."""
    return facts.request.paper in facts.papers


@rule("SUC-6", source="Civil Code art. 67, 1124", zh="由全体承继人申请。")
def successors_apply(facts: SuccessionFacts) -> bool:
    """Every successor applies; the predecessor may be no more."""
    return facts.order is not None or facts.request.successors.keys() <= facts.applicants


@rule("SUC-7", source="Civil Code art. 67", zh="合并由一个主体承继。")
def merger_has_one_successor(facts: SuccessionFacts) -> bool:
    """A merger has one successor."""
    return facts.request.kind != SuccessionKind.MERGER or len(facts.request.successors) == 1


@rule("SUC-8", source="NDA35 Annex 2", zh="至少载明一项权利或者事项。")
def something_passes(facts: SuccessionFacts) -> bool:
    """At least one right or remark passes."""
    return bool(facts.request.rights or facts.request.favours)


SUCCESSION_RULES = (
    parts_sum_to_one,
    nobody_succeeds_himself,
    predecessor_holds,
    remarks_favour_the_predecessor,
    succession_is_on_paper,
    successors_apply,
    merger_has_one_successor,
    something_passes,
)


def succeed(facts: SuccessionFacts) -> Change:
    """Return the change: the rights and remarks go on in other hands, each at its rank."""
    rights = [_passed(facts, right) for right in facts.known()]
    remarks = {remark.reference: remark for remark in _burdens(facts)}
    for remark, successor in _favours(facts):
        following = remarks.get(remark.reference) or remark.revised(at=_begins(facts, remark))
        remarks[remark.reference] = replace(following, party=successor)
    begun: tuple[InterestFacts | RemarkFacts, ...] = (*rights, *remarks.values())
    return Change(
        interests=tuple(rights),
        remarks=tuple(remarks.values()),
        ended={fact.reference: fact.valid_from for fact in begun},
    )


SUCCESSION = ActOfTitle(
    name="succeed",
    request=Succession,
    rules=SUCCESSION_RULES,
    change=succeed,
    article="Civil Code art. 67, 230, 1121",
    is_barred=False,
    needs_force=False,
)


def _passed(facts: SuccessionFacts, right: InterestFacts) -> InterestFacts:
    shares = _divided(facts, right.shares)
    return right.revised(at=_begins(facts, right), shares=shares)


def _burdens(facts: SuccessionFacts) -> Iterator[RemarkFacts]:
    """Yield the pledges of what passes, in their next revision: each successor has its part."""
    for remark in facts.title.remarks.values():
        pledge = remark.body
        if (
            isinstance(pledge, Pledge)
            and remark.interest in facts.request.rights
            and remark.until > facts.at
            and facts.request.predecessor in pledge.burdens
        ):
            body = replace(pledge, burdens=_divided(facts, pledge.burdens))
            yield remark.revised(at=_begins(facts, remark), body=body)


def _favours(facts: SuccessionFacts) -> Iterator[tuple[RemarkFacts, str]]:
    """Yield the remarks that pass, as they stand, with who has them from now on."""
    for reference, successor in (facts.request.favours or {}).items():
        remark = facts.title.remarks.get(reference)
        if (
            remark is not None
            and remark.kind in PASSING
            and remark.party == facts.request.predecessor
            and remark.until > facts.at
            and remark.asset in facts.request.assets
        ):
            yield remark, successor


def _divided(facts: SuccessionFacts, shares: Shares) -> dict[str, Fraction]:
    """Return the shares with the predecessor's in the successors' hands."""
    giver = facts.request.predecessor
    takers = {name: shares[giver] * part for name, part in facts.request.successors.items()}
    return moved(shares, giver=giver, takers=takers)


def _begins(facts: SuccessionFacts, fact: InterestFacts | RemarkFacts) -> datetime:
    return max(facts.at, fact.valid_from)

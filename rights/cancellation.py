"""Cancellation: the registration of an asset ends, with every right in it (注销; NDA35 art. 37).

What it does not end itself must have ended, moved or been discharged by other acts of the same
dealing (R9, TIT-3): restrictions of the whole asset, orders, disputes, and any right that is not
named and does not fall with one that is. Pure.
"""

from dataclasses import dataclass

from primitives.rules import rule
from rights.ending import ending, falling_is_consented_to, falling_is_free
from rights.facts import ActOfTitle, Facts
from rights.kinds import ENDS_WITH_ASSET, CancellationCause
from rights.remarks import Cancellation, RemarkFacts
from rights.terms import FOREVER
from rights.title import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetCancellation:
    """That the registration of ``asset`` is cancelled.

    Attributes:
        reference: of the record that says so.
        rights: references of the rights that end by it; what was granted out of them falls.
        paper: reference of what proves the cause or serves notice of it; empty at own request.
        words: the reason.
    """

    reference: str
    asset: str
    cause: CancellationCause
    rights: tuple[str, ...] = ()
    paper: str = ""
    words: str = ""

    @property
    def interests(self) -> tuple[str, ...]:
        """The rights that end by it."""
        return self.rights

    @property
    def asset_numbers(self) -> tuple[str, ...]:
        """The asset, as a whole."""
        return (self.asset,)


CancellationFacts = Facts[AssetCancellation]


@rule("CAN-1", source="NDA35 art. 37", zh="所列权利均在该数据资产上登记，且期限未满。")
def rights_lie_on_the_asset(facts: CancellationFacts) -> bool:
    """The rights that it names lie on the asset, and their terms are not over."""
    found = list(facts.known())
    return len(found) == len(facts.request.rights) and all(
        interest.asset == facts.request.asset and interest.until > facts.at for interest in found
    )


@rule(
    "CAN-2",
    source="NDA35 art. 37(1); Civil Code art. 301, 304",
    zh="依申请注销的，由全体权利人共同申请。",
)
def holders_ask_for_it(facts: CancellationFacts) -> bool:
    """At own request it names rights, and every holder of each applies."""
    if facts.request.cause != CancellationCause.OWN_REQUEST or facts.order is not None:
        return True
    return bool(facts.request.rights) and all(
        interest.shares.keys() <= facts.applicants for interest in facts.known()
    )


@rule(
    "CAN-3",
    source="NDA35 art. 29, 37(2)-(4)",
    zh="非依权利人申请注销的，附有证明材料和书面通知。",
)
def cause_is_on_paper(facts: CancellationFacts) -> bool:
    """For any other cause a paper proves it and was served on the holders."""
    return (
        facts.request.cause == CancellationCause.OWN_REQUEST or facts.request.paper in facts.papers
    )


@rule("CAN-4", source="invariant E6", zh="随之终止的权利未被查封、冻结或者管制。")
def nothing_falling_is_bound(facts: CancellationFacts) -> bool:
    """No right that would end with them is frozen or under control."""
    return falling_is_free(facts, facts.request.rights)


@rule(
    "CAN-5",
    source="invariant E3; Civil Code art. 444",
    zh="申请人以随之终止的权利出质并约定不得处分的，质权人已书面同意本次处分。",
)
def falling_pledges_are_consented_to(facts: CancellationFacts) -> bool:
    """Where an applicant pledged a right that falls, with a covenant, the pledgee consents."""
    return falling_is_consented_to(facts, facts.request.rights)


CANCELLATION_RULES = (
    rights_lie_on_the_asset,
    holders_ask_for_it,
    cause_is_on_paper,
    nothing_falling_is_bound,
    falling_pledges_are_consented_to,
)


def cancel(facts: CancellationFacts) -> Change:
    """Return the change: the rights end with all that falls with them, and no act follows."""
    asked = facts.request
    record = RemarkFacts(
        reference=asked.reference,
        asset=asked.asset,
        valid_from=facts.at,
        valid_to=FOREVER,
        until=FOREVER,
        rank=facts.rank(asked.asset),
        body=Cancellation(cause=asked.cause),
        words=asked.words,
    )
    falling = {
        fact.reference: max(facts.at, fact.valid_from)
        for fact in facts.title.remarks.values()
        if fact.asset == asked.asset
        and not fact.interest
        and fact.kind in ENDS_WITH_ASSET
        and fact.until > facts.at
    }
    return ending(facts, asked.rights).and_then(Change(remarks=(record,), ended=falling))


CANCELLATION = ActOfTitle(
    name="cancel",
    propagates=True,
    request=AssetCancellation,
    rules=CANCELLATION_RULES,
    change=cancel,
    article="NDA35 art. 37",
    disposes=True,
    needs_force=False,
)

"""Grant: a right for another, cut out of one's own (许可; NDA35 art. 3, Shenzhen 2023 首次许可).

The granted right is nested in the one it came from: no wider in scope, no longer in term, no freer
in its terms (invariant R4). Pure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from fractions import Fraction

from primitives.rules import rule
from rights.authorisation import is_authorised
from rights.export import exports, is_cleared
from rights.facts import ActOfTitle, Facts, announced_pledgees_consent, pledgees_consent
from rights.kinds import RightKind
from rights.remarks import Covenant
from rights.scope import EVERYTHING, Scope
from rights.title import NO_TERMS, AssetFacts, Change, GrantTerms, InterestFacts

GRANTABLE: Mapping[RightKind, frozenset[RightKind]] = {
    RightKind.HOLD: frozenset(),
    RightKind.USE: frozenset({RightKind.USE}),
    RightKind.OPERATE: frozenset(RightKind),
}
"""What may be cut out of which right: to provide data to others is to operate it (NDA35 art. 3)."""

FLAGS = tuple(field.name for field in fields(GrantTerms) if field.name.startswith("may_"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """That ``parent`` gives rise to a new right ``reference`` of the grantees."""

    reference: str
    parent: str
    kind: RightKind
    grantees: Mapping[str, Fraction]
    valid_from: datetime
    valid_to: datetime
    scope: Scope = EVERYTHING
    terms: GrantTerms = NO_TERMS
    limits: str = ""

    @property
    def interests(self) -> tuple[str, ...]:
        """The right that it is cut out of."""
        return (self.parent,)

    @property
    def asset_numbers(self) -> tuple[str, ...]:
        """No asset as a whole."""
        return ()


GrantFacts = Facts[Grant]


@rule("GRT-1", source="NDA35 art. 3", zh="该权利可以授予所申请的种类；再许可须经明示。")
def kind_may_be_granted(facts: GrantFacts) -> bool:
    """The kind may be cut out of the right; a granted right must allow sub-licences."""
    parent = _parent(facts)
    if parent is None:
        return True
    if parent.is_original:
        return parent.kind == RightKind.OPERATE
    return facts.request.kind in GRANTABLE[parent.kind] and parent.terms.may_sublicense


@rule("GRT-2", source="invariant R4", zh="授予的期限自登记时或之后起算，且在原权利期限之内。")
def term_is_nested(facts: GrantFacts) -> bool:
    """The term begins now or later, lasts, and lies within that of the right it is cut out of."""
    grant, parent = facts.request, _parent(facts)
    return parent is None or facts.at <= grant.valid_from < grant.valid_to <= parent.until


@rule("GRT-3", source="invariant R4", zh="授予的范围不超出原权利的范围。")
def scope_is_nested(facts: GrantFacts) -> bool:
    """The scope lies within that of the right it is cut out of."""
    parent = _parent(facts)
    return parent is None or parent.scope.includes(facts.request.scope)


@rule("GRT-4", source="invariant R4", zh="授予的条件不宽于原权利的条件。")
def terms_are_nested(facts: GrantFacts) -> bool:
    """Nothing is allowed that the right it is cut out of does not allow, nor more often."""
    parent = _parent(facts)
    if parent is None or parent.is_original:
        return True
    return terms_include(parent.terms, facts.request.terms)


@rule("GRT-5", source="NDA35 Annex 1; DSL art. 31", zh="转售、出境不超出数据资产登记的限制。")
def asset_allows_it(facts: GrantFacts) -> bool:
    """Resale and export are granted only where the asset's registration allows them."""
    asset, terms = _asset(facts), facts.request.terms
    return asset is None or (
        (asset.resale_allowed or not terms.may_resell)
        and (asset.export_allowed or not exports(terms, facts.request.scope))
    )


@rule("GRT-6", source="invariant R8", zh="不与在先的独占许可或独占承诺在范围和期限上重叠。")
def no_exclusive_grant_is_met(facts: GrantFacts) -> bool:
    """It overlaps no exclusive grant and no covenant out of the rights that it descends from."""
    return not any(True for _ in exclusions(facts))


@rule("GRT-7", source="invariant R1", zh="份额均大于零，合计恰为一。")
def grantees_hold_one(facts: GrantFacts) -> bool:
    """The grantees' shares are positive and sum to exactly one."""
    shares = facts.request.grantees.values()
    return sum(shares) == 1 and all(share > 0 for share in shares)


@rule("GRT-8", source="Civil Code art. 301", zh="由持有三分之二以上份额的权利人申请。")
def grantors_have_majority(facts: GrantFacts) -> bool:
    """Those who hold the profile's majority of the right apply for it."""
    parent = _parent(facts)
    return (
        parent is None
        or facts.order is not None
        or agreeing(facts, parent) >= facts.limits.majority
    )


@rule(
    "GRT-9",
    source="一场景一授权; PIPL art. 14, 23",
    zh="个人信息的授予载明唯一场景；来源权利已载明场景的，与其一致。",
)
def personal_data_names_one_scenario(facts: GrantFacts) -> bool:
    """Personal data is granted for one named scenario, and a licence is cut up only for its own."""
    parent, asset, scenario = _parent(facts), _asset(facts), facts.request.terms.scenario
    if parent is None or asset is None or not asset.is_personal:
        return True
    return bool(scenario) and parent.terms.scenario in ("", scenario)


@rule(
    "GRT-10",
    source="一场景一授权; PIPL art. 14, 23",
    zh="个人信息的授予，须有起始时有效、且针对该场景的个人授权。",
)
def personal_data_is_authorised(facts: GrantFacts) -> bool:
    """Personal data is granted under an authorisation for that scenario, in force at the start."""
    asset, granted = _asset(facts), facts.request
    return (
        asset is None
        or not asset.is_personal
        or is_authorised(facts.title, asset.number, granted.terms.scenario, at=granted.valid_from)
    )


@rule(
    "GRT-11",
    source="PIPL art. 38; DSL art. 31",
    zh="授予出境的，须有起始时有效、且涵盖目的地的出境依据。",
)
def export_is_cleared(facts: GrantFacts) -> bool:
    """Export is granted under a clearance for all its destinations, in force at the start."""
    asset, granted = _asset(facts), facts.request
    return (
        asset is None
        or not exports(granted.terms, granted.scope)
        or is_cleared(facts.title, asset.number, granted.scope.territories, at=granted.valid_from)
    )


@rule(
    "GRT-12",
    source="invariants E3, E8; Civil Code art. 444",
    zh="独占许可视同处分：限制处分的质权人和预告登记权利人已书面同意。",
)
def exclusive_grant_is_consented_to(facts: GrantFacts) -> bool:
    """An exclusive grant is a disposal: those who must agree to one have agreed."""
    return not facts.request.terms.is_exclusive or (
        pledgees_consent.holds(facts) and announced_pledgees_consent.holds(facts)
    )


GRANT_RULES = (
    kind_may_be_granted,
    term_is_nested,
    scope_is_nested,
    terms_are_nested,
    asset_allows_it,
    no_exclusive_grant_is_met,
    grantees_hold_one,
    grantors_have_majority,
    personal_data_names_one_scenario,
    personal_data_is_authorised,
    export_is_cleared,
    exclusive_grant_is_consented_to,
)


def terms_include(own: GrantTerms, granted: GrantTerms) -> bool:
    """Say whether a right with the terms ``own`` can give rise to one with those granted (R4)."""
    is_counted = own.max_uses is None or (
        granted.max_uses is not None and granted.max_uses <= own.max_uses
    )
    return is_counted and all(getattr(own, flag) or not getattr(granted, flag) for flag in FLAGS)


def agreeing(facts: Facts, interest: InterestFacts) -> Fraction:  # type: ignore[type-arg] # of any act
    """Return how much of the right is held by those who apply."""
    shares = (share for party, share in interest.shares.items() if party in facts.applicants)
    return sum(shares, Fraction(0))


def exclusions(facts: GrantFacts) -> Iterator[str]:
    """Yield the references of exclusive grants and covenants that the grant would meet (R8).

    Exclusivity binds the sub-tree of the right that gave it; the exclusive right itself may be
    cut up further by who holds it.
    """
    grant = facts.request
    line = [interest.reference for interest in facts.title.line(grant.parent)]
    for other in facts.title.interests.values():
        if (
            other.terms.is_exclusive
            and other.granted_from in line
            and other.reference not in line
            and other.valid_from < grant.valid_to
            and grant.valid_from < other.until
            and other.scope.meets(grant.scope)
        ):
            yield other.reference
    for remark in facts.title.remarks.values():
        if (
            isinstance(remark.body, Covenant)
            and remark.interest in line
            and remark.valid_from < grant.valid_to
            and grant.valid_from < remark.until
            and remark.body.scope.meets(grant.scope)
        ):
            yield remark.reference


def grant(facts: GrantFacts) -> Change:
    """Return the change: one right begins, and the one it is cut out of stays as it is."""
    asked, parent = facts.request, facts.title.interests[facts.request.parent]
    return Change(
        interests=(
            InterestFacts(
                reference=asked.reference,
                asset=parent.asset,
                kind=asked.kind,
                shares=asked.grantees,
                valid_from=asked.valid_from,
                valid_to=asked.valid_to,
                until=asked.valid_to,
                granted_from=asked.parent,
                scope=asked.scope,
                terms=asked.terms,
                limits=asked.limits,
            ),
        )
    )


GRANT = ActOfTitle(
    name="grant",
    request=Grant,
    rules=GRANT_RULES,
    change=grant,
    article="NDA35 art. 3; Annex 1",
)


def _parent(facts: GrantFacts) -> InterestFacts | None:
    return facts.title.interests.get(facts.request.parent)


def _asset(facts: GrantFacts) -> AssetFacts | None:
    parent = _parent(facts)
    return facts.title.assets.get(parent.asset) if parent else None

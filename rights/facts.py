"""What every rule of title sees, and the form of an act of title. Pure.

An act is one row: its name, what is asked for, the rules that it must satisfy, and the change it
makes. The rules that bind every act alike are here too (DEA); the list of acts is `rights.acts`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any, Generic, Protocol, TypeVar

from primitives.rules import Rule, rule
from rights.freezes import binding_freeze, freezes_in_effect
from rights.kinds import AuthorityKind, RightKind
from rights.remarks import Control, Freeze, Pledge, PriorityNotice, Rank, RemarkFacts
from rights.title import Change, InterestFacts, Title


class Request(Protocol):
    """What one act of a dealing asks for."""

    @property
    def interests(self) -> tuple[str, ...]:
        """References of the rights that it disposes of or lays something on."""
        ...

    @property
    def asset_numbers(self) -> tuple[str, ...]:
        """Assets that it concerns as a whole; those of its rights need not be named."""
        ...


RequestT = TypeVar("RequestT", bound=Request)
RequestT_contra = TypeVar("RequestT_contra", bound=Request, contravariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """That a party agreed to one dealing: its paper, and the digest of the dealing it names."""

    instrument: str
    party: str
    dealing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Under whose order an act is done that the holders did not ask for (E6)."""

    authority: AuthorityKind
    level: int
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """That a rule may be broken this once: its number, why, and the second person (W8).

    ``reference`` is that of the remark that later certificates print.
    """

    reference: str
    rule: str
    ground: str
    approved_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the rule profile fixes; see `docs/operations.md` for the settings.

    Attributes:
        term_months: the longest term of a right (NDA35 art. 26).
        renewal_months: from how long before the end a renewal is taken (NDA35 art. 36).
        freeze_months: the longest term of a freeze (民诉法解释 art. 485).
        caution_months: the longest term of a caution and of each extension; the law names none.
        majority: the part of a right whose holders may dispose of all of it (Civil Code art. 301).
        pledgeable: the kinds of right that may be pledged (NDA35 art. 3; doctrine is divided).
        notice_days: for how long a priority notice keeps a place at most (Civil Code art. 221).
    """

    term_months: int = 60
    renewal_months: int = 6
    freeze_months: int = 36
    caution_months: int = 12
    majority: Fraction = Fraction(2, 3)
    pledgeable: frozenset[RightKind] = frozenset({RightKind.OPERATE})
    notice_days: int = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts(Generic[RequestT]):
    """Everything a rule of title may look at, read under the locks of the act.

    Attributes:
        at: the instant of the act, in legal time and of record.
        applicants: references of the parties that ask for it.
        officer: reference of who decides.
        order: set if it is done under an order.
        consents: what is on file for this dealing.
        digest: SHA-256 of the dealing without its consents, which they must name.
        versions: asset -> its version that this entry will be; with ``position`` the rank.
        papers: references of the papers that the dealing rests on.
    """

    request: RequestT
    title: Title
    at: datetime
    applicants: frozenset[str]
    officer: str
    order: Order | None
    consents: tuple[Consent, ...]
    digest: str
    versions: Mapping[str, int]
    position: int
    limits: Limits
    papers: frozenset[str] = frozenset()

    @property
    def is_ordered_by_court(self) -> bool:
        """Whether it is done under the order of a court."""
        return self.order is not None and self.order.authority == AuthorityKind.COURT

    def rank(self, asset: str) -> Rank:
        """Return the rank of what the act enters on the asset."""
        return (self.versions[asset], self.position)

    def known(self) -> Iterator[InterestFacts]:
        """Yield the rights that the request names and the register knows."""
        for reference in self.request.interests:
            if interest := self.title.interests.get(reference):
                yield interest

    def assets(self) -> frozenset[str]:
        """Return the assets that the request concerns."""
        named = frozenset(self.request.asset_numbers)
        return named | {interest.asset for interest in self.known()}

    def asking(self, request: Request) -> "Facts[Any]":
        """Return the same facts for another request, to ask the rules of another act about it."""
        facts: Facts[Any] = self
        return replace(facts, request=request)

    def has_consent_of(self, party: str) -> bool:
        """Say whether the party agreed to this very dealing.

        It applies for it, or its paper is on file and not used up.
        """
        return party in self.applicants or any(
            consent.party == party
            and consent.dealing == self.digest
            and consent.instrument not in self.title.used
            for consent in self.consents
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ActOfTitle(Generic[RequestT]):
    """One row of the table of acts.

    Attributes:
        name: as it stands in entries.
        article: the law behind it.
        disposes: a pledgee with a covenant, or for whom a place is kept, must agree (E3, E8).
        is_barred: a freeze or control bars it, unless it is done under an order (E6).
        needs_force: the rights that it names must be in force.
        propagates: it may open a cause that reaches derived assets (P5).
    """

    name: str
    request: type[RequestT]
    rules: tuple[Rule[Facts[RequestT]], ...]
    change: Callable[[Facts[RequestT]], Change]
    article: str
    disposes: bool = False
    is_barred: bool = True
    needs_force: bool = True
    propagates: bool = False


@rule("DEA-1", source="invariant R9; NDA35 art. 37", zh="数据资产的登记未被注销。")
def asset_is_live(facts: Facts[Any]) -> bool:
    """The registration of the asset is not cancelled."""
    return all(
        number in facts.title.assets and not facts.title.is_cancelled(number)
        for number in facts.assets()
    )


@rule("DEA-2", source="invariants R3, R10", zh="所涉权利在登记时有效。")
def rights_are_in_force(facts: Facts[Any]) -> bool:
    """The rights concerned are in force when the act is entered."""
    return all(
        facts.title.in_force(reference, facts.at) is not None
        for reference in facts.request.interests
    )


@rule("DEA-3", source="invariant E6; NDA35 art. 23(2)", zh="所涉权利未被查封、冻结。")
def nothing_is_frozen(facts: Facts[Any]) -> bool:
    """No freeze binds what is concerned, unless an order of its rank is behind the act."""
    return all(
        facts.order is not None and facts.order.level >= freeze.level for freeze in _freezes(facts)
    )


@rule("DEA-4", source="NDA35 art. 23(3)", zh="所涉权利未受临时管制。")
def nothing_is_controlled(facts: Facts[Any]) -> bool:
    """No regulatory control is in force on a right or asset concerned."""
    return all(
        facts.order is not None and facts.order.level >= control.level
        for remark, control in facts.title.remarks_of(Control, at=facts.at)
        if _concerns(facts, remark)
    )


@rule(
    "DEA-5",
    source="invariant E3; Civil Code art. 444",
    zh="约定不得处分的，质权人已书面同意本次处分。",
)
def pledgees_consent(facts: Facts[Any]) -> bool:
    """Every pledgee with a no-disposal covenant consented to this very dealing."""
    if facts.order is not None:
        return True
    return all(
        facts.has_consent_of(remark.party)
        for interest in facts.known()
        for remark, pledge in facts.title.remarks_on(interest, Pledge, at=facts.at)
        if pledge.no_disposal
    )


@rule("DEA-6", source="invariant E3", zh="同意书只用于其载明的一次处分。")
def consents_are_fresh(facts: Facts[Any]) -> bool:
    """A consent serves the one dealing that it names, once."""
    return all(
        consent.dealing == facts.digest and consent.instrument not in facts.title.used
        for consent in facts.consents
    )


@rule(
    "DEA-7",
    source="invariant E8; Civil Code art. 221",
    zh="预告登记有效期间，预告登记的当事人处分权利的，预告登记权利人已书面同意本次处分。",
)
def announced_pledgees_consent(facts: Facts[Any]) -> bool:
    """Whoever announced a pledge disposes of the right only as the announced pledgee agrees."""
    if facts.order is not None:
        return True
    return all(
        facts.has_consent_of(remark.party)
        for interest in facts.known()
        for remark, notice in facts.title.remarks_on(interest, PriorityNotice, at=facts.at)
        if not notice.used_by and notice.burdens.keys() & facts.applicants
    )


def common_rules(act: ActOfTitle[Any]) -> tuple[Rule[Facts[Any]], ...]:
    """Return the DEA rules that bind the act."""
    return (
        asset_is_live,
        *((rights_are_in_force,) if act.needs_force else ()),
        *((nothing_is_frozen, nothing_is_controlled) if act.is_barred else ()),
        *((pledgees_consent, announced_pledgees_consent) if act.disposes else ()),
        consents_are_fresh,
    )


def _freezes(facts: Facts[Any]) -> Iterator[Freeze]:
    """Yield what binds an asset or right concerned, or a right that this one came from."""
    for remark, freeze in freezes_in_effect(facts.title, at=facts.at):
        if remark.asset in facts.request.asset_numbers:
            yield freeze
    for interest in facts.known():
        for source in facts.title.line(interest.reference):
            if found := binding_freeze(facts.title, source, at=facts.at):
                yield found[1]


def _concerns(facts: Facts[Any], remark: RemarkFacts) -> bool:
    """Say whether a remark binds: it lies on a right concerned or on one that it came from."""
    if remark.asset in facts.request.asset_numbers:
        return True
    return any(
        remark.lies_on(source.asset, source.reference)
        for interest in facts.known()
        for source in facts.title.line(interest.reference)
    )

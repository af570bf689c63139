"""Title: who holds what and what is recorded on it, as frozen facts; and how an act changes it.

Pure: no database, no clock. The register's rows are loaded into a `Title` under the locks of an
act (`rights.recording`); rules look at it, an act turns it into a `Change`, and `Title.after` is
the register after that act.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from typing import TypeVar

from registry.kinds import PersonalInformation
from rights.kinds import RightKind
from rights.remarks import HEEDED_WHEN_ENDED, Body, Cancellation, Description, RemarkFacts
from rights.scope import EVERYTHING, Scope

BodyT = TypeVar("BodyT", bound=Body)
FactT = TypeVar("FactT", "InterestFacts", "RemarkFacts")


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantTerms:
    """What a granted right allows its holder beside using it; nothing unless stated.

    Attributes:
        is_exclusive: the grantor grants nothing else that overlaps in scope and term (R8).
        max_uses: how often it may be used; None for any number.
        survives: it stays when the right that it was granted from ends early (R4).
        binds_derivatives: what is derived under it ends with it (P4).
        scenario: the one scenario for which personal data may be used.
    """

    may_sublicense: bool = False
    may_resell: bool = False
    may_export: bool = False
    may_transfer: bool = False
    is_exclusive: bool = False
    max_uses: int | None = None
    survives: bool = False
    binds_derivatives: bool = False
    scenario: str = ""


NO_TERMS = GrantTerms()


def is_personal(information: object) -> bool:
    """Say whether what is registered of an asset's personal information is that it has some."""
    return information not in ("", PersonalInformation.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetFacts:
    """What a rule needs to know of a data asset.

    Attributes:
        description: the values of Annex 1 by field, as they stand in entries.
        registered_at: since when the asset is registered.
        is_raw_public: raw public data that was not lawfully opened.
    """

    number: str
    resale_allowed: bool = False
    export_allowed: bool = False
    is_personal: bool = False
    is_raw_public: bool = False
    description: Mapping[str, object] = field(default_factory=dict)
    registered_at: datetime | None = None

    def described(self, after: Mapping[str, object]) -> "AssetFacts":
        """Return the asset with other values in its description."""
        flags = {
            name: after[name] for name in ("resale_allowed", "export_allowed") if name in after
        }
        if "personal_information" in after:
            flags["is_personal"] = is_personal(after["personal_information"])
        return replace(self, description={**self.description, **after}, **flags)  # type: ignore[arg-type] # flags of this class


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestFacts:
    """One registered right (LA_Right); its term is half-open, [valid_from, until).

    Attributes:
        revision: counts from 1; each transfer, renewal or change begins another.
        shares: party reference -> exact share; they sum to one (R1).
        until: where it ends: ``valid_to``, or where an entry ended it before.
        granted_from: reference of the right that it was granted from; empty for an original one.
    """

    reference: str
    revision: int = 1
    asset: str
    kind: RightKind
    shares: Mapping[str, Fraction]
    valid_from: datetime
    valid_to: datetime
    until: datetime
    granted_from: str = ""
    scope: Scope = EVERYTHING
    terms: GrantTerms = NO_TERMS
    limits: str = ""

    @property
    def is_original(self) -> bool:
        """Whether it arose with the data and was not granted."""
        return not self.granted_from

    def in_force_at(self, instant: datetime) -> bool:
        """Say whether its term includes ``instant``; no job has to run for a lapse (R10)."""
        return self.valid_from <= instant < self.until

    def revised(self, *, at: datetime, **changes: object) -> "InterestFacts":
        """Return the next revision, which begins at ``at`` with ``changes``."""
        following = replace(self, revision=self.revision + 1, valid_from=at, **changes)  # type: ignore[arg-type] # fields of this class
        return replace(following, until=following.valid_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one act does to the register: facts that begin, and facts that end.

    Attributes:
        ended: reference -> the instant of legal time at which its open revision ends.
        used: references of the consents that the act uses up (E3).
    """

    interests: tuple[InterestFacts, ...] = ()
    remarks: tuple[RemarkFacts, ...] = ()
    ended: Mapping[str, datetime] = field(default_factory=dict)
    used: frozenset[str] = frozenset()

    def and_then(self, other: "Change") -> "Change":
        """Return both changes as one: a revision that the other ends at once never stood."""
        begun = {
            **{fact.reference: fact.revision for fact in self.interests},
            **{fact.reference: fact.revision for fact in self.remarks},
        }
        return Change(
            interests=(*_kept(self.interests, other), *_following(other.interests, begun)),
            remarks=(*_kept(self.remarks, other), *_following(other.remarks, begun)),
            ended={
                **self.ended,
                **{name: at for name, at in other.ended.items() if name not in begun},
            },
            used=self.used | other.used,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """The open facts of the assets that an act has locked, by reference.

    Remarks that are heeded when ended (`rights.remarks`) are there too, in their last revision.

    Attributes:
        used: references of the consents at hand that served a dealing already.
        parties: references of the parties at hand that are entered and not erased.
    """

    assets: Mapping[str, AssetFacts] = field(default_factory=dict)
    interests: Mapping[str, InterestFacts] = field(default_factory=dict)
    remarks: Mapping[str, RemarkFacts] = field(default_factory=dict)
    used: frozenset[str] = frozenset()
    parties: frozenset[str] = frozenset()

    def after(self, change: Change) -> "Title":
        """Return the title after ``change``."""
        ended = change.ended
        interests = {name: fact for name, fact in self.interests.items() if name not in ended}
        remarks = {
            name: replace(fact, until=ended[name]) if name in ended else fact
            for name, fact in self.remarks.items()
            if name not in ended or isinstance(fact.body, HEEDED_WHEN_ENDED)
        }
        interests |= {fact.reference: fact for fact in change.interests}
        remarks |= {fact.reference: fact for fact in change.remarks}
        assets = dict(self.assets)
        for fact in change.remarks:
            if isinstance(fact.body, Description):
                assets[fact.asset] = assets[fact.asset].described(fact.body.after)
        return replace(
            self,
            assets=assets,
            interests=interests,
            remarks=remarks,
            used=self.used | change.used,
        )

    def in_force(self, reference: str, at: datetime) -> InterestFacts | None:
        """Return the right if its term includes ``at``."""
        interest = self.interests.get(reference)
        return interest if interest and interest.in_force_at(at) else None

    def line(self, reference: str) -> Iterator[InterestFacts]:
        """Yield the right, the one it was granted from, and so on to the original (R5)."""
        seen: set[str] = set()
        while reference not in seen and (interest := self.interests.get(reference)):
            yield interest
            seen.add(reference)
            reference = interest.granted_from

    def granted_out_of(self, reference: str) -> Iterator[InterestFacts]:
        """Yield every right granted from this one or from one of those, nearest first."""
        level = [reference]
        while level:
            granted = [fact for fact in self.interests.values() if fact.granted_from in level]
            yield from granted
            level = [fact.reference for fact in granted]

    def holders_of(self, asset: str, *, at: datetime) -> frozenset[str]:
        """Return the parties that hold a right in the asset that is in force at ``at``."""
        return frozenset(
            party
            for interest in self.interests.values()
            if interest.asset == asset and interest.in_force_at(at)
            for party in interest.shares
        )

    def remarks_of(self, body: type[BodyT], *, at: datetime) -> Iterator[tuple[RemarkFacts, BodyT]]:
        """Yield the remarks of one kind in force at ``at`` with their bodies, first entered first.

        Across assets the order is by asset number, for ranks count within one asset.
        """
        for remark in sorted(self.remarks.values(), key=lambda fact: (fact.asset, fact.rank)):
            if isinstance(remark.body, body) and remark.in_force_at(at):
                yield remark, remark.body

    def remarks_on(
        self, interest: InterestFacts, body: type[BodyT], *, at: datetime
    ) -> Iterator[tuple[RemarkFacts, BodyT]]:
        """Yield the remarks of one kind in force that lie on the right or on its whole asset."""
        for remark, found in self.remarks_of(body, at=at):
            if remark.lies_on(interest.asset, interest.reference):
                yield remark, found

    def is_cancelled(self, asset: str) -> bool:
        """Say whether the asset's registration is cancelled."""
        return any(
            remark.asset == asset and isinstance(remark.body, Cancellation)
            for remark in self.remarks.values()
        )


def _kept(facts: Iterable[FactT], other: Change) -> Iterator[FactT]:
    return (fact for fact in facts if fact.reference not in other.ended)


def _following(facts: Iterable[FactT], begun: Mapping[str, int]) -> Iterator[FactT]:
    for fact in facts:
        yield replace(fact, revision=begun.get(fact.reference, fact.revision))

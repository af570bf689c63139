"""Remarks as acts lay and name them: on one right, or on an asset as a whole. Pure.

The requests of `rights.freeze`, `rights.caution`, `rights.covenant`, `rights.control` and
`rights.objection` are built on the two here.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rights.facts import Facts
from rights.remarks import Body, RemarkFacts
from rights.terms import FOREVER
from rights.title import BodyT


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One right by its reference, or an asset by its number; a request names exactly one."""

    interest: str = ""
    asset: str = ""

    @property
    def interests(self) -> tuple[str, ...]:
        """The right, if it is one."""
        return (self.interest,) if self.interest else ()

    @property
    def asset_numbers(self) -> tuple[str, ...]:
        """The asset, if it is meant as a whole."""
        return (self.asset,) if self.asset else ()

    def is_one(self) -> bool:
        """Say whether exactly one of the two is named."""
        return bool(self.interest) != bool(self.asset)

    def is_target_of(self, remark: RemarkFacts) -> bool:
        """Say whether a remark lies on exactly this."""
        if self.interest:
            return remark.interest == self.interest
        return remark.asset == self.asset and not remark.interest


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRemark(Target):
    """A request to lay a remark on the target.

    Attributes:
        reference: of the remark.
        party: reference of whom it favours; empty if nobody.
        words: free text; a commitment in the ledger.
    """

    reference: str
    party: str = ""
    words: str = ""

    def remark(self, facts: Facts[Any], body: Body, *, valid_to: datetime = FOREVER) -> RemarkFacts:
        """Return the remark as it begins at the instant of the act."""
        asset = self.asset or facts.title.interests[self.interest].asset
        return RemarkFacts(
            reference=self.reference,
            asset=asset,
            interest=self.interest,
            party=self.party,
            valid_from=facts.at,
            valid_to=valid_to,
            until=valid_to,
            rank=facts.rank(asset),
            body=body,
            words=self.words,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRemark(Target):
    """A request about a remark that is recorded on the target; ``remark`` is its reference."""

    remark: str
    words: str = ""

    def found(self, facts: Facts[Any], body: type[BodyT]) -> tuple[RemarkFacts, BodyT] | None:
        """Return the remark and its body if it is of that kind, lies there and is not over."""
        remark = facts.title.remarks.get(self.remark)
        if (
            remark is None
            or not isinstance(remark.body, body)
            or not self.is_target_of(remark)
            or remark.until <= facts.at
        ):
            return None
        return remark, remark.body

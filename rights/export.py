"""Export: data leaves the country only where its registration allows it and it was cleared.

Clearance is one of the four conditions of PIPL art. 38, or the assessment of DSL art. 31. Codes of
territories: ``CN`` and what begins with ``CN-`` is at home; Hong Kong, Macao and Taiwan, to which
data is exported, are written ``HK``, ``MO`` and ``TW`` (ISO 3166-1). Pure.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from primitives.rules import rule
from rights.facts import ActOfTitle, Facts
from rights.kinds import ClearanceRoute
from rights.remarks import Clearance, RemarkFacts
from rights.scope import Codes, Scope
from rights.title import Change, GrantTerms, Title

HOME = Scope(territories=frozenset({"CN"}))


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordClearance:
    """That an asset may be exported, under a number of whoever cleared it."""

    reference: str
    asset: str
    route: ClearanceRoute
    number: str
    destinations: Codes = None
    valid_from: datetime
    valid_to: datetime
    paper: str
    words: str = ""

    @property
    def interests(self) -> tuple[str, ...]:
        """No single right."""
        return ()

    @property
    def asset_numbers(self) -> tuple[str, ...]:
        """The asset that may leave."""
        return (self.asset,)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeClearance:
    """That a clearance ends before its term."""

    clearance: str
    asset: str
    words: str = ""

    @property
    def interests(self) -> tuple[str, ...]:
        """No single right."""
        return ()

    @property
    def asset_numbers(self) -> tuple[str, ...]:
        """The asset that was cleared."""
        return (self.asset,)


ClearanceFacts = Facts[RecordClearance]
RevocationFacts = Facts[RevokeClearance]


@rule("EXP-1", source="PIPL art. 38; DSL art. 31", zh="载明出境评估、认证或者备案的编号。")
def clearance_has_its_number(facts: ClearanceFacts) -> bool:
    """A clearance bears the number under which it was given."""
    return bool(facts.request.number.strip())


@rule("EXP-2", source="PIPL art. 38; DSL art. 31", zh="出境评估、认证或者备案文件已作为材料提交。")
def clearance_is_on_file(facts: ClearanceFacts) -> bool:
    """The clearance is among the papers of the dealing."""
    return facts.request.paper in facts.papers


@rule("EXP-3", source="PIPL art. 38; DSL art. 31", zh="出境依据的期限截止于登记之后。")
def clearance_lasts(facts: ClearanceFacts) -> bool:
    """The term of a clearance lasts, beyond the instant at which it is recorded."""
    asked = facts.request
    return max(asked.valid_from, facts.at) < asked.valid_to


@rule("EXP-4", source="PIPL art. 38, 39", zh="载明目的地的，至少一处，且均在境外。")
def clearance_leads_abroad(facts: ClearanceFacts) -> bool:
    """Where it names destinations there is at least one, and all are abroad."""
    named = facts.request.destinations
    return named is None or (bool(named) and abroad(named) == named)


@rule("EXP-5", source="PIPL art. 38", zh="由该数据的权利人申请，或者依命令办理。")
def holder_applies(facts: Facts[Any]) -> bool:
    """A holder of a right in the data applies, or an order is behind it."""
    holders = facts.title.holders_of(facts.request.asset, at=facts.at)
    return facts.order is not None or bool(holders & facts.applicants)


@rule("EXP-6", source="PIPL art. 38; DSL art. 31", zh="所撤销的是该数据资产上有效的出境依据。")
def clearance_stands(facts: RevocationFacts) -> bool:
    """What is revoked is a clearance of this asset that is in force."""
    asked = facts.request
    return any(
        (remark.reference, remark.asset) == (asked.clearance, asked.asset)
        for remark, _ in facts.title.remarks_of(Clearance, at=facts.at)
    )


def abroad(territories: frozenset[str]) -> frozenset[str]:
    """Return those of the territories that are not at home."""
    return frozenset(
        code for code in territories if not HOME.includes(Scope(territories=frozenset({code})))
    )


def exports(terms: GrantTerms, scope: Scope) -> bool:
    """Say whether a right lets data leave: its terms say so, or its scope names a place abroad."""
    return terms.may_export or bool(abroad(scope.territories or frozenset()))


def is_cleared(title: Title, asset: str, territories: Codes, *, at: datetime) -> bool:
    """Say whether one clearance in force covers all that is abroad; None stands for everywhere."""
    target = Scope(territories=None if territories is None else abroad(territories))
    return any(
        remark.asset == asset and Scope(territories=clearance.destinations).includes(target)
        for remark, clearance in title.remarks_of(Clearance, at=at)
    )


def record_clearance(facts: ClearanceFacts) -> Change:
    """Return the change: the clearance lies on the asset."""
    asked = facts.request
    return Change(
        remarks=(
            RemarkFacts(
                reference=asked.reference,
                asset=asked.asset,
                valid_from=asked.valid_from,
                valid_to=asked.valid_to,
                until=asked.valid_to,
                rank=facts.rank(asked.asset),
                body=Clearance(
                    route=asked.route,
                    number=asked.number,
                    destinations=asked.destinations,
                    paper=asked.paper,
                ),
                words=asked.words,
            ),
        )
    )


def revoke_clearance(facts: RevocationFacts) -> Change:
    """Return the change: the clearance ends; rights granted under it stay."""
    return Change(ended={facts.request.clearance: facts.at})


RECORD_CLEARANCE = ActOfTitle(
    name="record_clearance",
    request=RecordClearance,
    rules=(
        clearance_has_its_number,
        clearance_is_on_file,
        clearance_lasts,
        clearance_leads_abroad,
        holder_applies,
    ),
    change=record_clearance,
    article="PIPL art. 38; DSL art. 31",
    is_barred=False,
)

REVOKE_CLEARANCE = ActOfTitle(
    name="revoke_clearance",
    request=RevokeClearance,
    rules=(holder_applies, clearance_stands),
    change=revoke_clearance,
    article="PIPL art. 38; DSL art. 31",
    is_barred=False,
)

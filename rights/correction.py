"""Correction: the register said what was never so, and says it no more (更正; Civil Code art. 220).

Apart from a change (`rights.change`): it speaks of the past. The wrong revision ends at its own
beginning, so that it never was in force, and the right one stands from that instant; both stay on
record. Whose error it was and which paper shows it is a record of its own. Pure.

A correction never improves a rank, and one that alters by what a restriction is found or enlarges
what it takes ranks from its own entry (invariant E9).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from primitives.rules import rule
from registry.kinds import Situation, SourceKind
from rights.change import (
    Redescription,
    classification_may_be_registered,
    described,
    grants_still_fit,
    originals,
    period_is_one,
    pledgees_agree_to_limits,
    redescribe,
    says_something_new,
    values_fit_the_form,
)
from rights.facts import ActOfTitle, Facts
from rights.grant import Grant, exclusions, terms_include
from rights.kinds import RECORDS, CorrectionCause
from rights.matrix import MATRIX, SITUATIONS
from rights.remarks import Body, Control, Corrected, Covenant, Freeze, Pledge, RemarkFacts
from rights.scope import Scope
from rights.terms import FOREVER, term_end
from rights.title import AssetFacts, Change, GrantTerms, InterestFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What every correction says of the error.

    Attributes:
        record: reference of the record of the correction.
        cause: whose error it was.
        paper: reference of the paper that shows it.
    """

    record: str
    cause: CorrectionCause
    paper: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RightCorrection(Correction):
    """That a right was entered wrongly; a member that is None was right.

    What kind of right it is, in what and out of which, is no error in it: that is another right.

    Attributes:
        words: what was wrong, and how that came about.
    """

    interest: str
    shares: Mapping[str, Fraction] | None = None
    valid_to: datetime | None = None
    scope: Scope | None = None
    terms: GrantTerms | None = None
    limits: str | None = None
    words: str = ""

    @property
    def interests(self) -> tuple[str, ...]:
        """The right that was entered wrongly."""
        return (self.interest,)

    @property
    def asset_numbers(self) -> tuple[str, ...]:
        """No asset as a whole."""
        return ()

    def members(self) -> dict[str, Any]:
        """Return what is put right, by name."""
        return _named(self, "shares", "valid_to", "scope", "terms", "limits")


@dataclass(frozen=True, slots=True, kw_only=True)
class RemarkCorrection(Correction):
    """That what lies on a right or asset was entered wrongly; a member that is None was right.

    Attributes:
        remark: its reference.
        interest: the right on which it lies; empty if it lies on the whole asset.
        asset: number of the asset, if it lies on the whole of it.
        words: what was wrong, and how that came about.
    """

    remark: str
    interest: str = ""
    asset: str = ""
    party: str | None = None
    valid_to: datetime | None = None
    body: Body | None = None
    words: str = ""

    @property
    def interests(self) -> tuple[str, ...]:
        """The right on which the remark lies."""
        return (self.interest,) if self.interest else ()

    @property
    def asset_numbers(self) -> tuple[str, ...]:
        """The asset on which the remark lies."""
        return (self.asset,) if self.asset else ()

    def members(self) -> dict[str, Any]:
        """Return what is put right, by name."""
        return _named(self, "party", "valid_to", "body")


@dataclass(frozen=True, slots=True, kw_only=True)
class DescriptionCorrection(Redescription):
    """That the data was described wrongly, from when what the register says now began.

    Attributes:
        record, cause, paper: as of a `Correction`.
    """

    record: str
    cause: CorrectionCause
    paper: str


@rule("COR-1", source="Civil Code art. 220", zh="更正附有证明登记错误的材料。")
def error_is_on_paper(facts: Facts[Any]) -> bool:
    """A paper of the dealing shows the error."""
    return facts.request.paper in facts.papers


@rule(
    "COR-2",
    source="Civil Code art. 220; NDA35 art. 38",
    zh="因申请人原因的错误，经登记的权利人、利害关系人全体同意更正。",
)
def those_registered_agree(facts: Facts[Any]) -> bool:
    """An error that an applicant made is corrected if all who are registered there agree.

    Where the registrar departed from the papers these alone show the error, and it is corrected
    without being asked.
    """
    return (
        facts.request.cause == CorrectionCause.REGISTRAR
        or facts.order is not None
        or _registered(facts) <= facts.applicants
    )


@rule("COR-3", source="Civil Code art. 220", zh="拟更正的内容登记在案，且更正后与其不同。")
def something_is_put_right(facts: Facts[Any]) -> bool:
    """What is corrected stands in the register, and something of it is put otherwise."""
    if isinstance(facts.request, DescriptionCorrection):
        return says_something_new(facts)
    wrong = _wrong(facts)
    return wrong is not None and any(
        getattr(wrong, name) != value for name, value in facts.request.members().items()
    )


@rule("COR-4", source="NDA35 art. 26", zh="更正后的期限晚于生效时，且不超过规定的最长期限。")
def term_is_lawful(facts: Facts[RightCorrection]) -> bool:
    """The corrected term lasts, and is no longer than a right with a renewal can have."""
    interest, end = facts.title.interests.get(facts.request.interest), facts.request.valid_to
    if interest is None or end is None:
        return True
    longest = facts.limits.term_months + facts.limits.renewal_months
    return interest.valid_from < end <= term_end(interest.valid_from, longest)


@rule("COR-5", source="invariant R4", zh="被授予的权利更正后不超出其来源权利的范围和条件。")
def right_stays_within_its_source(facts: Facts[RightCorrection]) -> bool:
    """A granted right stays within the scope and the terms of the one it was granted from."""
    asked, interest = facts.request, facts.title.interests.get(facts.request.interest)
    source = facts.title.interests.get(interest.granted_from) if interest else None
    if source is None:
        return True
    return (asked.scope is None or source.scope.includes(asked.scope)) and (
        asked.terms is None or source.is_original or terms_include(source.terms, asked.terms)
    )


@rule(
    "COR-6",
    source="invariant E6",
    zh="更正不改变事项的种类，不涉及记录事项；查封、冻结、管制依同级以上决定更正。",
)
def remark_may_be_corrected(facts: Facts[RemarkCorrection]) -> bool:
    """A remark stays what it is; records stay as they are; an order's by an order of its level."""
    asked, remark = facts.request, facts.title.remarks.get(facts.request.remark)
    if remark is None:
        return True
    if isinstance(remark.body, Freeze | Control) and (
        facts.order is None or facts.order.level < remark.body.level
    ):
        return False
    return remark.kind not in RECORDS and type(asked.body) in (type(None), type(remark.body))


@rule(
    "COR-7",
    source="NDA35 art. 20-21",
    zh="更正后的数据来源与权利产生情形相符，且其上的权利均可登记。",
)
def rights_fit_the_source(facts: Facts[DescriptionCorrection]) -> bool:
    """The legal situation still fits the source, and every original right may arise from it."""
    asset = facts.title.assets.get(facts.request.asset)
    values = {**(asset.description if asset else {}), **facts.request.after}
    source, situation = str(values.get("source_kind")), str(values.get("situation"))
    if source not in SourceKind or situation not in Situation:
        return True  # DES-2 says so
    return Situation(situation) in SITUATIONS[SourceKind(source)] and all(
        right.kind in MATRIX[Situation(situation)] for right in originals(facts)
    )


@rule("COR-8", source="invariant R8", zh="更正后的授予不与其他独占许可或独占承诺产生新的重叠。")
def no_exclusive_grant_is_met_anew(facts: Facts[RightCorrection]) -> bool:
    """A granted right put right overlaps no exclusive grant and no covenant that it did not."""
    interest = facts.title.interests.get(facts.request.interest)
    if interest is None or interest.is_original:
        return True
    put_right = replace(interest, **facts.request.members())
    return set(_met(facts, put_right)) <= {interest.reference, *_met(facts, interest)}


COMMON_RULES = (error_is_on_paper, those_registered_agree, something_is_put_right)
RIGHT_RULES = (
    *COMMON_RULES,
    term_is_lawful,
    right_stays_within_its_source,
    no_exclusive_grant_is_met_anew,
)
REMARK_RULES = (*COMMON_RULES, remark_may_be_corrected)
DESCRIPTION_RULES = (
    *COMMON_RULES,
    rights_fit_the_source,
    values_fit_the_form,
    grants_still_fit,
    period_is_one,
    pledgees_agree_to_limits,
    classification_may_be_registered,
)


def enlarges(before: Body, after: Body) -> bool:
    """Say whether a remark takes more than before; without a measure any difference does."""
    if isinstance(before, Pledge) and isinstance(after, Pledge):
        return (
            after.secured_fen > before.secured_fen
            or after.currency != before.currency
            or after.is_maximum_amount > before.is_maximum_amount
            or after.no_disposal > before.no_disposal
            or any(part > before.burdens.get(name, 0) for name, part in after.burdens.items())
        )
    if isinstance(before, Covenant) and isinstance(after, Covenant):
        return not before.scope.includes(after.scope)
    return before != after


def correct_right(facts: Facts[RightCorrection]) -> Change:
    """Return the change: the right as it was from the beginning of the wrong revision."""
    asked = facts.request
    wrong = facts.title.interests[asked.interest]
    put_right = wrong.revised(at=wrong.valid_from, **asked.members())
    return Change(
        interests=(put_right,),
        remarks=(_record(facts, wrong, interest=wrong.reference),),
        ended={wrong.reference: wrong.valid_from},
    )


def correct_remark(facts: Facts[RemarkCorrection]) -> Change:
    """Return the change: the remark as it was from the beginning of the wrong revision."""
    asked = facts.request
    wrong = facts.title.remarks[asked.remark]
    put_right = replace(wrong, **asked.members())
    loses_place = (
        put_right.party != wrong.party
        or put_right.valid_to > wrong.valid_to
        or enlarges(wrong.body, put_right.body)
    )
    rank = facts.rank(wrong.asset) if loses_place else wrong.rank
    put_right = replace(put_right, rank=rank).revised(at=wrong.valid_from)
    return Change(
        remarks=(put_right, _record(facts, wrong, interest=wrong.interest)),
        ended={wrong.reference: wrong.valid_from},
    )


def correct_description(facts: Facts[DescriptionCorrection]) -> Change:
    """Return the change: the description as it was from when the wrong one began."""
    wrong, asset = described(facts), facts.title.assets[facts.request.asset]
    began = wrong.valid_from if wrong else asset.registered_at
    change = redescribe(facts, begins=began or facts.at)
    return change.and_then(
        Change(
            remarks=(_record(facts, wrong or asset),),
        )
    )


RIGHT_CORRECTION = ActOfTitle(
    name="correct_right",
    propagates=True,
    request=RightCorrection,
    rules=RIGHT_RULES,
    change=correct_right,
    article="Civil Code art. 220; NDA35 art. 35",
    disposes=True,
    needs_force=False,
)
REMARK_CORRECTION = ActOfTitle(
    name="correct_remark",
    propagates=True,
    request=RemarkCorrection,
    rules=REMARK_RULES,
    change=correct_remark,
    article="Civil Code art. 220; NDA35 art. 23",
    needs_force=False,
)
DESCRIPTION_CORRECTION = ActOfTitle(
    name="correct_description",
    request=DescriptionCorrection,
    rules=DESCRIPTION_RULES,
    change=correct_description,
    article="Civil Code art. 220; NDA35 art. 35(2)",
)


def _met(facts: Facts[Any], interest: InterestFacts) -> Iterator[str]:
    """Yield what bars a grant like this one."""
    grant = Grant(
        reference=interest.reference,
        parent=interest.granted_from,
        kind=interest.kind,
        grantees=interest.shares,
        valid_from=interest.valid_from,
        valid_to=interest.valid_to,
        scope=interest.scope,
    )
    return exclusions(facts.asking(grant))


def _named(request: Correction, *names: str) -> dict[str, Any]:
    named = {name: getattr(request, name) for name in names}
    return {name: value for name, value in named.items() if value is not None}


def _wrong(facts: Facts[Any]) -> InterestFacts | RemarkFacts | None:
    """Return the open revision that is to be put right, if it is where the request says."""
    asked = facts.request
    if isinstance(asked, RightCorrection):
        return facts.title.interests.get(asked.interest)
    remark = facts.title.remarks.get(asked.remark)
    is_open = remark is not None and remark.until == remark.valid_to
    if remark is None or not is_open or remark.interest != asked.interest:
        return None
    return remark if asked.interest or asked.asset == remark.asset else None


def _registered(facts: Facts[Any]) -> frozenset[str]:
    """Return whoever is registered in what is corrected, or would be."""
    asked = facts.request
    if isinstance(asked, DescriptionCorrection):
        return frozenset(party for right in originals(facts) for party in right.shares)
    holders = {party for interest in facts.known() for party in interest.shares}
    if isinstance(asked, RightCorrection):
        return frozenset(holders | set(asked.shares or ()))
    remark = facts.title.remarks.get(asked.remark)
    return frozenset(holders | {remark.party if remark else "", asked.party or ""}) - {""}


def _record(
    facts: Facts[Any], wrong: InterestFacts | RemarkFacts | AssetFacts, *, interest: str = ""
) -> RemarkFacts:
    asked = facts.request
    if isinstance(wrong, AssetFacts):
        asset = name = wrong.number
    else:
        asset, name = wrong.asset, f"{wrong.reference}@{wrong.revision}"
    return RemarkFacts(
        reference=asked.record,
        asset=asset,
        interest=interest,
        valid_from=facts.at,
        valid_to=FOREVER,
        until=FOREVER,
        rank=facts.rank(asset),
        body=Corrected(wrong=name, cause=asked.cause, paper=asked.paper),
        words=asked.words,
    )

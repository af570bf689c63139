"""Change: another description of the data, or other limits of a right (变更; NDA35 art. 35). Pure.

Neither the holder nor the source of the data changes so, and no error of the register is put right
so: that is `rights.correction`. A party's own data is `registry.parties`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from primitives.rules import rule
from primitives.texts import unprintable
from registry.descriptions import faults
from registry.entries import CLASSIFICATION_FIELDS
from registry.kinds import Grade, PublicData
from rights.ending import Rights
from rights.facts import ActOfTitle, Facts, pledgees_consent
from rights.grant import agreeing
from rights.remarks import Description, RemarkFacts
from rights.terms import FOREVER
from rights.title import Change, InterestFacts, is_personal

OF_THE_SOURCE = frozenset({"source_kind", "situation"})
"""What says where the data came from, and so which rights there are: never changed (art. 35)."""

CLASSIFICATION = frozenset(CLASSIFICATION_FIELDS)
"""What decides whether data may be registered at all, and what must be on file of it."""

LIMITS = frozenset({"resale_allowed", "export_allowed"})
"""Beside what begins with ``limit_``: what the data may not be used for (Annex 1, 限制范围)."""

MAX_LIMITS_LENGTH = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Redescription:
    """That fields of an asset's description have other values.

    Attributes:
        reference: of the remark, if the asset has none of this kind yet.
        after: field of Annex 1 -> its new value, as it stands in entries.
        words: the reason.
    """

    reference: str
    asset: str
    after: Mapping[str, object]
    words: str = ""

    @property
    def interests(self) -> tuple[str, ...]:
        """No right of its own."""
        return ()

    @property
    def asset_numbers(self) -> tuple[str, ...]:
        """The asset that is described."""
        return (self.asset,)


@dataclass(frozen=True, slots=True, kw_only=True)
class DescriptionChange(Redescription):
    """That the data itself is no longer what was described, from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsChange:
    """That a right has other limits in words from now on."""

    interest: str
    limits: str
    words: str = ""

    @property
    def interests(self) -> tuple[str, ...]:
        """The right that has the limits."""
        return (self.interest,)

    @property
    def asset_numbers(self) -> tuple[str, ...]:
        """No asset as a whole."""
        return ()


@rule(
    "DES-1",
    source="NDA35 art. 35(2)",
    zh="变更数据描述或时域范围，不变更数据来源；所填内容与原登记不同。",
)
def something_but_the_source_changes(facts: Facts[DescriptionChange]) -> bool:
    """It changes something of the description, and nothing that says where the data came from."""
    return says_something_new(facts) and not OF_THE_SOURCE & facts.request.after.keys()


@rule("DES-2", source="NDA35 Annex 1, 3", zh="变更后的内容符合登记表的要求，可印于凭证。")
def values_fit_the_form(facts: Facts[Any]) -> bool:
    """Every new value is one that the form takes, and can be printed."""
    return not any(True for _ in faults(facts.request.after))


@rule("DES-3", source="NDA35 art. 35", zh="由该数据资产上全体原始权利人共同申请。")
def registrants_apply(facts: Facts[DescriptionChange]) -> bool:
    """Every holder of an original right in the asset applies."""
    holders = {party for right in originals(facts) for party in right.shares}
    return facts.order is not None or (bool(holders) and holders <= facts.applicants)


@rule(
    "DES-4",
    source="NDA35 Annex 1; invariant R4; PIPL art. 23",
    zh="不禁止已授予的权利所允许的转售、出境；变更为含个人信息的，已授予的权利均载明场景。",
)
def grants_still_fit(facts: Facts[Any]) -> bool:
    """Resale and export stay allowed, and no data becomes personal, while a grant rests on that."""
    after = facts.request.after
    granted = [right for right in rights_of(facts) if not right.is_original]
    return not any(
        (after.get("resale_allowed") is False and right.terms.may_resell)
        or (after.get("export_allowed") is False and right.terms.may_export)
        or (is_personal(after.get("personal_information", "")) and not right.terms.scenario)
        for right in granted
    )


@rule("DES-5", source="NDA35 Annex 1", zh="时域范围的起始日不晚于截止日。")
def period_is_one(facts: Facts[Any]) -> bool:
    """The period that the data covers does not end before it begins."""
    asset = facts.title.assets.get(facts.request.asset)
    values = {**(asset.description if asset else {}), **facts.request.after}
    first, last = values.get("period_from"), values.get("period_to")
    # Days are written so that texts compare as days do.
    return not (isinstance(first, str) and isinstance(last, str)) or first <= last


@rule("DES-6", source="invariant E3", zh="变更限制范围的，约定不得处分的质权人已书面同意。")
def pledgees_agree_to_limits(facts: Facts[Any]) -> bool:
    """Where the limits of use change, every pledgee with a no-disposal covenant consented."""
    changes_limits = any(
        name in LIMITS or name.startswith("limit_") for name in facts.request.after
    )
    named = Rights(interests=tuple(right.reference for right in rights_of(facts)))
    return not changes_limits or pledgees_consent.holds(facts.asking(named))


@rule(
    "DES-7",
    source="NDA35 art. 15, 22(1); DSL art. 21; PIPL art. 13",
    zh="变更后的分类分级、个人信息和公共数据情况仍可登记（同REG-15、REG-17至REG-19）。",
)
def classification_may_be_registered(facts: Facts[Any]) -> bool:
    """What it is classified as may be registered at all, as REG-15 and REG-17 to REG-19 ask."""
    if not facts.request.after.keys() & CLASSIFICATION:
        return True
    asset = facts.title.assets.get(facts.request.asset)
    values = {**(asset.description if asset else {}), **facts.request.after}
    public, code = values.get("public_data"), values.get("public_data_code")
    return (
        values.get("grade") != Grade.CORE
        and public != PublicData.ORGAN_DUTY
        and (public != PublicData.OPERATION_PRODUCT or bool(code))
        and (public != PublicData.NONE or not code)
        and is_personal(values.get("personal_information")) == bool(values.get("personal_basis"))
    )


@rule(
    "DES-8",
    source="DSL art. 30, 31; PIPL art. 38, 55; GB/T 43697",
    zh="变更分类分级、个人信息或者公共数据情况，或者改为允许重要数据、个人信息出境的，附有评估等证明材料。",
)
def classification_is_on_paper(facts: Facts[Any]) -> bool:
    """Another classification rests on a paper of the dealing, and so does a guarded export."""
    after, asset = facts.request.after, facts.title.assets.get(facts.request.asset)
    values = {**(asset.description if asset else {}), **after}
    is_guarded = values.get("grade") == Grade.IMPORTANT or is_personal(
        values.get("personal_information")
    )
    needs_paper = bool(after.keys() & CLASSIFICATION) or (
        after.get("export_allowed") is True and is_guarded
    )
    return not needs_paper or bool(facts.papers)


@rule("LIM-1", source="NDA35 art. 23(1), 35", zh="限制内容有变更，不超过400字，可印于凭证。")
def limits_are_other_words(facts: Facts[LimitsChange]) -> bool:
    """The limits are other words than before, at most 400 characters, and can be printed."""
    interest, limits = facts.title.interests.get(facts.request.interest), facts.request.limits
    return interest is None or (
        limits != interest.limits and len(limits) <= MAX_LIMITS_LENGTH and not unprintable(limits)
    )


@rule(
    "LIM-2",
    source="NDA35 art. 35; Civil Code art. 543",
    zh="由全体权利人申请；被授予的权利，并由三分之二以上授权人申请。",
)
def both_sides_agree_on_limits(facts: Facts[LimitsChange]) -> bool:
    """Every holder applies; of a granted right also the majority of those who granted it."""
    interest = facts.title.interests.get(facts.request.interest)
    if interest is None or facts.order is not None:
        return True
    source = facts.title.interests.get(interest.granted_from)
    return interest.shares.keys() <= facts.applicants and (
        source is None or agreeing(facts, source) >= facts.limits.majority
    )


DESCRIPTION_RULES = (
    something_but_the_source_changes,
    values_fit_the_form,
    registrants_apply,
    grants_still_fit,
    period_is_one,
    pledgees_agree_to_limits,
    classification_may_be_registered,
    classification_is_on_paper,
)
LIMITS_RULES = (limits_are_other_words, both_sides_agree_on_limits)


def says_something_new(facts: Facts[Any]) -> bool:
    """Say whether every value differs from the present one, and there is at least one."""
    asset, after = facts.title.assets.get(facts.request.asset), facts.request.after
    return bool(after) and (
        asset is None
        or all(
            name not in asset.description or asset.description[name] != value
            for name, value in after.items()
        )
    )


def rights_of(facts: Facts[Any]) -> Iterator[InterestFacts]:
    """Yield the rights in the asset whose term is not over."""
    for right in facts.title.interests.values():
        if right.asset == facts.request.asset and right.until > facts.at:
            yield right


def originals(facts: Facts[Any]) -> Iterator[InterestFacts]:
    """Yield the rights in the asset that arose with the data and are not over."""
    return (right for right in rights_of(facts) if right.is_original)


def described(facts: Facts[Any]) -> RemarkFacts | None:
    """Return the last change of the asset's description, if there was one."""
    for remark in facts.title.remarks.values():
        if remark.asset == facts.request.asset and isinstance(remark.body, Description):
            return remark
    return None


def redescribe(facts: Facts[Any], *, begins: datetime) -> Change:
    """Return the change: other values from ``begins`` on, ranked by this entry."""
    asked, asset = facts.request, facts.title.assets[facts.request.asset]
    body = Description(
        before={name: asset.description[name] for name in asked.after}, after=asked.after
    )
    rank, last = facts.rank(asked.asset), described(facts)
    if last:
        remark = replace(last.revised(at=begins, body=body), rank=rank, words=asked.words)
        return Change(remarks=(remark,), ended={last.reference: begins})
    remark = RemarkFacts(
        reference=asked.reference,
        asset=asked.asset,
        valid_from=begins,
        valid_to=FOREVER,
        until=FOREVER,
        rank=rank,
        body=body,
        words=asked.words,
    )
    return Change(remarks=(remark,))


def change_description(facts: Facts[DescriptionChange]) -> Change:
    """Return the change: the asset is described otherwise from now on."""
    return redescribe(facts, begins=facts.at)


def change_limits(facts: Facts[LimitsChange]) -> Change:
    """Return the change: the right goes on with the other limits."""
    interest = facts.title.interests[facts.request.interest]
    return Change(
        interests=(interest.revised(at=facts.at, limits=facts.request.limits),),
        ended={interest.reference: facts.at},
    )


DESCRIPTION_CHANGE = ActOfTitle(
    name="change_description",
    request=DescriptionChange,
    rules=DESCRIPTION_RULES,
    change=change_description,
    article="NDA35 art. 35(2)",
)
LIMITS_CHANGE = ActOfTitle(
    name="change_limits",
    request=LimitsChange,
    rules=LIMITS_RULES,
    change=change_limits,
    article="NDA35 art. 23(1), 35",
    disposes=True,
)

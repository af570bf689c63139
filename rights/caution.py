"""Caution: a warning that blocks nothing and is shown on everything while it lasts (E7).

An extension is a caution of its own that names the one it extends; whoever cancels a caution
cancels its extensions with it. A caution is no dealing of the holder's, so no freeze bars it. Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from primitives.rules import rule
from rights.facts import ActOfTitle, Facts
from rights.remarks import Caution, RemarkFacts
from rights.targets import KnownRemark, NewRemark
from rights.terms import term_end
from rights.title import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class CautionEntry(NewRemark):
    """That ``party`` warns of the target until ``valid_to``."""

    valid_to: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CautionExtension(KnownRemark):
    """That the caution ``remark`` goes on until ``valid_to``, as a new one ``reference``."""

    reference: str
    valid_to: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CautionCancellation(KnownRemark):
    """That a caution ends now, and every one that extends it."""


@rule("CAU-1", source="invariant E7", zh="警示由提出的主体本人申请，或者依有权机关的文书办理。")
def cautioner_applies(facts: Facts[CautionEntry]) -> bool:
    """Whoever warns applies, or an authority orders it."""
    return facts.order is not None or facts.request.party in facts.applicants


@rule("CAU-2", source="invariant E7", zh="警示载明晚于登记时的截止时间，且不超过规定的最长期限。")
def caution_has_a_term(facts: Facts[CautionEntry]) -> bool:
    """A caution names an end, later than the act and within what the profile allows."""
    longest = term_end(facts.at, facts.limits.caution_months)
    return facts.at < facts.request.valid_to <= longest


@rule("CAU-3", source="invariant E7", zh="警示的对象为一项权利或者整项数据资产。")
def caution_has_one_target(facts: Facts[CautionEntry]) -> bool:
    """It lies on one right or on one asset as a whole."""
    return facts.request.is_one()


@rule("CAX-1", source="invariant E7", zh="拟延长的警示登记在案且仍有效。")
def caution_is_in_force(facts: Facts[CautionExtension]) -> bool:
    """The caution to be extended lies on the target and is in force."""
    return facts.request.found(facts, Caution) is not None


@rule(
    "CAX-2", source="invariant E7", zh="延长后的截止时间晚于原截止时间，每次不超过规定的最长期限。"
)
def extension_has_a_term(facts: Facts[CautionExtension]) -> bool:
    """An extension ends later than what it extends, by no more than the profile allows."""
    found = facts.request.found(facts, Caution)
    if found is None:
        return True
    until = found[0].until
    return until < facts.request.valid_to <= term_end(until, facts.limits.caution_months)


@rule("CAX-3", source="invariant E7", zh="警示由提出的主体本人申请延长，或者依有权机关的文书延长。")
def cautioner_extends(facts: Facts[CautionExtension]) -> bool:
    """Whoever warned applies for the extension, or an authority orders it."""
    found = facts.request.found(facts, Caution)
    return facts.order is not None or found is None or found[0].party in facts.applicants


@rule("CAC-1", source="invariant E7", zh="拟撤销的警示登记在案，其本身或者其延长仍有效。")
def caution_is_there(facts: Facts[CautionCancellation]) -> bool:
    """The caution lies on the target, and it or one of its extensions is in force."""
    return any(True for _ in _cancelled(facts))


@rule("CAC-2", source="invariant E7", zh="警示由提出的主体申请撤销，或者依有权机关的文书撤销。")
def cautioner_cancels(facts: Facts[CautionCancellation]) -> bool:
    """Whoever warned applies for the cancellation, or an authority orders it."""
    parties = {caution.party for caution in _cancelled(facts)}
    return facts.order is not None or parties <= facts.applicants


CAUTION_RULES = (cautioner_applies, caution_has_a_term, caution_has_one_target)
EXTENSION_RULES = (caution_is_in_force, extension_has_a_term, cautioner_extends)
CANCELLATION_RULES = (caution_is_there, cautioner_cancels)


def caution(facts: Facts[CautionEntry]) -> Change:
    """Return the change: the caution begins."""
    remark = facts.request.remark(facts, Caution(), valid_to=facts.request.valid_to)
    return Change(remarks=(remark,))


def extend(facts: Facts[CautionExtension]) -> Change:
    """Return the change: the extension begins at once; what it extends runs to its own end."""
    asked = facts.request
    extension = NewRemark(
        reference=asked.reference,
        interest=asked.interest,
        asset=asked.asset,
        party=facts.title.remarks[asked.remark].party,
        words=asked.words,
    )
    body = Caution(extends=asked.remark)
    return Change(remarks=(extension.remark(facts, body, valid_to=asked.valid_to),))


def cancel(facts: Facts[CautionCancellation]) -> Change:
    """Return the change: the caution and its extensions end, as far as they have not lapsed."""
    return Change(ended={caution.reference: facts.at for caution in _cancelled(facts)})


CAUTION = ActOfTitle(
    name="caution",
    request=CautionEntry,
    rules=CAUTION_RULES,
    change=caution,
    article="NDA35 art. 23(5)",
    is_barred=False,
)
CAUTION_EXTENSION = ActOfTitle(
    name="caution_extension",
    request=CautionExtension,
    rules=EXTENSION_RULES,
    change=extend,
    article="NDA35 art. 23(5)",
    is_barred=False,
)
CAUTION_CANCELLATION = ActOfTitle(
    name="caution_cancellation",
    request=CautionCancellation,
    rules=CANCELLATION_RULES,
    change=cancel,
    article="NDA35 art. 23(5)",
    is_barred=False,
    needs_force=False,
)


def _cancelled(facts: Facts[CautionCancellation]) -> Iterator[RemarkFacts]:
    """Yield the caution and what extends it, directly or through others, that has not lapsed."""
    on_target = [
        (remark, remark.body.extends)
        for remark in facts.title.remarks.values()
        if isinstance(remark.body, Caution) and facts.request.is_target_of(remark)
    ]
    names, more = {facts.request.remark}, {facts.request.remark}
    # Not in order of rank: a corrected caution may rank behind what extends it (E9).
    while more:
        more = {remark.reference for remark, extends in on_target if extends in more} - names
        names |= more
    for remark, _extends in on_target:
        if remark.reference in names and remark.until > facts.at:
            yield remark

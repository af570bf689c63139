"""Objection: that somebody disputes title, from the mark to the conclusion (NDA35 art. 25, 29).

While it is open it is shown; once it is sustained it also reaches whatever was derived (P5). It is
no dealing of the holder's, so no freeze bars it. Pure.
"""

from dataclasses import dataclass

from primitives.rules import rule
from rights.facts import ActOfTitle, Facts
from rights.kinds import ObjectionStage
from rights.remarks import Objection
from rights.targets import KnownRemark, NewRemark
from rights.title import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionEntry(NewRemark):
    """That ``party`` disputes the title to the target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionSustaining(KnownRemark):
    """That an objection was found to be right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionConclusion(KnownRemark):
    """That an objection ends: withdrawn, not sustained, or settled."""


@rule(
    "OBJ-1",
    source="NDA35 art. 29",
    zh="异议由提出异议的利害关系人本人申请，或者依有权机关的文书办理。",
)
def objector_applies(facts: Facts[ObjectionEntry]) -> bool:
    """Whoever objects applies, or an authority orders it."""
    return facts.order is not None or facts.request.party in facts.applicants


@rule("OBJ-2", source="NDA35 art. 29", zh="异议的对象为一项权利或者整项数据资产。")
def objection_has_one_target(facts: Facts[ObjectionEntry]) -> bool:
    """It lies on one right or on one asset as a whole."""
    return facts.request.is_one()


@rule("OBS-1", source="NDA35 art. 29", zh="拟认定成立的异议登记在案，且尚在处理中。")
def objection_is_open(facts: Facts[ObjectionSustaining]) -> bool:
    """The objection lies on the target and is under investigation."""
    found = facts.request.found(facts, Objection)
    return found is not None and found[1].stage == ObjectionStage.OPEN


@rule("OBC-1", source="NDA35 art. 29", zh="拟终结的异议登记在案，且尚未终结。")
def objection_is_pending(facts: Facts[ObjectionConclusion]) -> bool:
    """The objection lies on the target and is not concluded."""
    return facts.request.found(facts, Objection) is not None


OBJECTION_RULES = (objector_applies, objection_has_one_target)


def objection(facts: Facts[ObjectionEntry]) -> Change:
    """Return the change: the objection is open until it is concluded."""
    return Change(remarks=(facts.request.remark(facts, Objection(stage=ObjectionStage.OPEN)),))


def sustain(facts: Facts[ObjectionSustaining]) -> Change:
    """Return the change: the objection goes on as sustained, in its place."""
    remark = facts.title.remarks[facts.request.remark]
    body = Objection(stage=ObjectionStage.SUSTAINED)
    return Change(
        remarks=(remark.revised(at=facts.at, body=body),), ended={remark.reference: facts.at}
    )


def conclude(facts: Facts[ObjectionConclusion]) -> Change:
    """Return the change: this one objection ends."""
    return Change(ended={facts.request.remark: facts.at})


OBJECTION = ActOfTitle(
    name="objection",
    request=ObjectionEntry,
    rules=OBJECTION_RULES,
    change=objection,
    article="NDA35 art. 29",
    is_barred=False,
)
OBJECTION_SUSTAINING = ActOfTitle(
    name="objection_sustaining",
    request=ObjectionSustaining,
    rules=(objection_is_open,),
    change=sustain,
    article="NDA35 art. 29",
    is_barred=False,
    needs_force=False,
    propagates=True,
)
OBJECTION_CONCLUSION = ActOfTitle(
    name="objection_conclusion",
    request=ObjectionConclusion,
    rules=(objection_is_pending,),
    change=conclude,
    article="NDA35 art. 29",
    is_barred=False,
    needs_force=False,
)

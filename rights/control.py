"""Control: temporary control of data in the public interest (NDA35 art. 23(3)).

It binds like a freeze (DEA-4) and does not queue: several stand beside each other. Pure.
"""

from dataclasses import dataclass
from datetime import datetime

from primitives.rules import rule
from rights.facts import ActOfTitle, Facts
from rights.freeze import is_ordered
from rights.remarks import Control
from rights.targets import KnownRemark, NewRemark
from rights.title import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlOrder(NewRemark):
    """That the target is under control until ``valid_to``."""

    valid_to: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlLifting(KnownRemark):
    """That a control ends before its term."""


@rule("CTL-1", source="NDA35 art. 23(3)", zh="临时管制依有权机关的决定办理，载明文号。")
def control_is_ordered(facts: Facts[ControlOrder]) -> bool:
    """A control is entered under an authority's order, which has a number and a level."""
    return is_ordered(facts)


@rule("CTL-2", source="NDA35 art. 23(3)", zh="临时管制载明晚于登记时的截止时间。")
def control_is_temporary(facts: Facts[ControlOrder]) -> bool:
    """A control names an end, later than the act."""
    return facts.at < facts.request.valid_to


@rule("CTL-3", source="NDA35 art. 23(3)", zh="临时管制的对象为一项权利或者整项数据资产。")
def control_has_one_target(facts: Facts[ControlOrder]) -> bool:
    """It lies on one right or on one asset as a whole."""
    return facts.request.is_one()


@rule("CTF-1", source="NDA35 art. 23(3)", zh="拟解除的临时管制登记在案且仍有效。")
def control_is_in_force(facts: Facts[ControlLifting]) -> bool:
    """The control lies on the target and is in force."""
    return facts.request.found(facts, Control) is not None


@rule(
    "CTF-2", source="NDA35 art. 23(3); invariant E6", zh="解除临时管制由同级或者上级有权机关决定。"
)
def control_lifting_is_ordered(facts: Facts[ControlLifting]) -> bool:
    """An authority of the same or a higher level orders the lifting."""
    found, order = facts.request.found(facts, Control), facts.order
    return found is None or (
        is_ordered(facts) and order is not None and order.level >= found[1].level
    )


CONTROL_RULES = (control_is_ordered, control_is_temporary, control_has_one_target)
LIFTING_RULES = (control_is_in_force, control_lifting_is_ordered)


def control(facts: Facts[ControlOrder]) -> Change:
    """Return the change: the control begins."""
    order = facts.order
    if order is None:
        raise ValueError("a control without an order")
    body = Control(authority=order.authority, level=order.level, order=order.number)
    return Change(remarks=(facts.request.remark(facts, body, valid_to=facts.request.valid_to),))


def lift(facts: Facts[ControlLifting]) -> Change:
    """Return the change: this one control ends."""
    return Change(ended={facts.request.remark: facts.at})


CONTROL = ActOfTitle(
    name="control",
    request=ControlOrder,
    rules=CONTROL_RULES,
    change=control,
    article="NDA35 art. 23(3)",
    is_barred=False,
    propagates=True,
)
CONTROL_LIFTING = ActOfTitle(
    name="control_lifting",
    request=ControlLifting,
    rules=LIFTING_RULES,
    change=lift,
    article="NDA35 art. 23(3)",
    is_barred=False,
    needs_force=False,
)

"""The rules of a case: its papers, its checklist, and who may take which step.

The rules see only `CaseFacts`; those that ask who the officer is see less, `StandingFacts`. What
may be registered is ruled in rights/initial_registration.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from filings.kinds import Outcome, Result
from filings.workflow import Action
from primitives.rules import Rule, rule


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingFacts:
    """Who has done what in the case: what decides whether a step is this officer's to take.

    Attributes:
        officer: reference of who wants to take the step now.
        filed_by: everyone who drafted, changed, handed in or submitted.
        accepted_by: everyone who decided on acceptance.
        examined_by: everyone who passed the examination or answered an item of its checklist.
        times: action -> how often it was taken.
    """

    officer: str
    filed_by: frozenset[str]
    accepted_by: frozenset[str]
    examined_by: frozenset[str]
    times: Mapping[str, int]
    officer_is_applicant: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts(StandingFacts):
    """Everything a rule of the procedure may look at, read under the lock of the case.

    Attributes:
        met: checklist items that the examiner found met.
        applicant_usccs: the applicants' unified social credit codes.
        required_papers: the kinds without which the rule profile accepts no filing of its type.
        required_checks: the items that an examiner answers for a filing of its type.
        has_power_of_attorney: whether an agent, if there is one, has shown it.
        is_overdue: the last day of the clock that runs had ended.
        needs_publicity: the rule profile binds filings of its type to publicity.
        is_publicity_over: there was one, and its last day had ended.
        open_objections: how many objections are not decided.
        is_order: it executes an order; ``names_order`` if that is written down.
        is_for_acts: it asks for acts of title and not for new data; ``has_acts`` if it names any.
        unconfirmed: applicants who neither filed it nor confirmed what is asked for now.
        near_matches: for each thing with a similar name, whether it was found to be other data;
            None where nobody looked.
        listed: for each item of the negative list that it seems to fall under, whether it was
            found not to apply; None where nobody looked.
        undeclared: what the rule profile has the applicant declare and nobody declared.
        ends_awaited_mark: it ends the mark of an objection on data about which an arbitration or
            a suit is pending.
    """

    has_applicant: bool
    papers: frozenset[str]
    has_damaged_paper: bool
    met: frozenset[str]
    applicant_usccs: frozenset[str]
    registrar_uscc: str
    required_papers: frozenset[str]
    required_checks: frozenset[str]
    has_power_of_attorney: bool
    is_overdue: bool
    needs_publicity: bool
    is_publicity_over: bool
    open_objections: int = 0
    is_order: bool = False
    names_order: bool = False
    is_for_acts: bool = False
    has_acts: bool = False
    unconfirmed: frozenset[str] = frozenset()
    near_matches: tuple[bool | None, ...] = ()
    listed: tuple[bool | None, ...] = ()
    undeclared: frozenset[str] = frozenset()
    ends_awaited_mark: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionFacts(StandingFacts):
    """What the rules on the conclusion of an objection look at.

    Attributes:
        officer_is_objector: the officer is named as the objector, or a member of it.
        proposed_by: who proposed the conclusion; empty while nobody did.
        outcome: what is, or is to be, proposed.
        is_awaited: an arbitration or a suit about it has begun and has no result.
        bound_to: the result of the latest arbitration or suit that ended; empty without one.
    """

    officer_is_objector: bool
    proposed_by: str = ""
    outcome: str = ""
    is_awaited: bool = False
    bound_to: str = ""


@rule("FIL-1", source="NDA35 art. 33-37", zh="适用规则对该登记类型所要求的各类材料齐全。")
def papers_are_complete(facts: CaseFacts) -> bool:
    """Every kind of paper that the rule profile asks of this type of filing is on file."""
    return facts.papers >= facts.required_papers


@rule("FIL-2", source="NDA35 art. 10(2)", zh="所有材料文件完好，与收件时的摘要一致。")
def papers_are_intact(facts: CaseFacts) -> bool:
    """Every paper's file is in the store and unchanged since it was handed in."""
    return not facts.has_damaged_paper


@rule("FIL-3", source="NDA35 art. 18", zh="审查清单各项均已确认符合。")
def checklist_is_met(facts: CaseFacts) -> bool:
    """The examiner has found every item met that a filing of this type needs."""
    return facts.met >= facts.required_checks


@rule("FIL-4", source="invariant W4", zh="审批人不得是本案的申报人、受理人或审查人。")
def approver_is_another_person(facts: StandingFacts) -> bool:
    """Whoever decides has neither filed, accepted nor examined the case."""
    return facts.officer not in facts.filed_by | facts.accepted_by | facts.examined_by


@rule("FIL-5", source="invariant W4", zh="审查人不得是本案的申报人或受理人。")
def examiner_is_another_person(facts: StandingFacts) -> bool:
    """Whoever examines has neither filed nor accepted the case."""
    return facts.officer not in facts.filed_by | facts.accepted_by


@rule("FIL-6", source="NDA35 art. 10(7)", zh="登记机构不得在本机构申请登记。")
def registrar_is_not_applicant(facts: CaseFacts) -> bool:
    """The registrar is not an applicant in its own registry."""
    return not facts.registrar_uscc or facts.registrar_uscc not in facts.applicant_usccs


@rule("FIL-7", source="NDA35 art. 17", zh="补正要求一次性告知，不得再次要求补正。")
def correction_is_asked_once(facts: StandingFacts) -> bool:
    """Correction is asked for once, with everything that is missing."""
    return not facts.times.get(Action.REQUEST_CORRECTION)


@rule("FIL-8", source="NDA35 art. 16, Annex 1", zh="申请至少载明一名登记申请人。")
def applicant_is_named(facts: CaseFacts) -> bool:
    """The filing names at least one applicant; an order asks for none."""
    return facts.has_applicant or facts.is_order


@rule("FIL-9", source="NDA35 art. 10(7)", zh="经办人员不得办理本人所属单位的申请。")
def officer_is_impartial(facts: StandingFacts) -> bool:
    """No officer handles a case of an organisation to which they belong."""
    return not facts.officer_is_applicant


@rule(
    "FIL-10", source="NDA35 art. 17", zh="受理期限届满未告知的，视为受理，不得再退回或者不予受理。"
)
def notice_is_in_time(facts: CaseFacts) -> bool:
    """Acceptance is declined or correction asked for within the time for notice, or not at all."""
    return not facts.is_overdue


@rule("FIL-11", source="NDA35 art. 17-18", zh="在规定的期限内补正或者补充材料。")
def answer_is_in_time(facts: CaseFacts) -> bool:
    """A correction or a supplement comes by the last day for it."""
    return not facts.is_overdue


@rule("FIL-12", source="NDA35 art. 18", zh="补充材料要求一次性告知，不得再次要求。")
def supplement_is_asked_once(facts: StandingFacts) -> bool:
    """A supplement is asked for once, with everything that is wanted."""
    return not facts.times.get(Action.REQUEST_SUPPLEMENT)


@rule("FIL-13", source="NDA35 art. 28", zh="办理期限只延长一次，且在期限届满前延长。")
def limit_is_extended_once(facts: CaseFacts) -> bool:
    """The time limit is extended once, and before it is over."""
    return not facts.times.get(Action.EXTEND) and not facts.is_overdue


@rule("FIL-14", source="NDA35 art. 24, invariant W3", zh="公示期已满，或者已依规定免予公示。")
def publicity_is_over(facts: CaseFacts) -> bool:
    """The publicity is over, or was dispensed with, or the rule profile asks for none."""
    if not facts.needs_publicity or facts.times.get(Action.EXEMPT):
        return True
    return facts.is_publicity_over


@rule("FIL-15", source="NDA35 art. 24", zh="适用规则要求公示。")
def publicity_is_asked_for(facts: CaseFacts) -> bool:
    """The rule profile binds filings of this type to publicity."""
    return facts.needs_publicity


@rule("FIL-16", source="NDA35 art. 16", zh="由代理人办理的，附有授权委托书。")
def agent_is_authorised(facts: CaseFacts) -> bool:
    """An agent has a power of attorney among the papers."""
    return facts.has_power_of_attorney


@rule("FIL-18", source="NDA35 art. 25, invariant W3", zh="所收到的异议均已作出处理结论。")
def objections_are_decided(facts: CaseFacts) -> bool:
    """Every objection that was received is decided before the case goes on."""
    return not facts.open_objections


@rule("FIL-20", source="NDA35 art. 32-37", zh="申请至少载明一项登记事项。")
def acts_are_named(facts: CaseFacts) -> bool:
    """A filing on what is registered asks for at least one act."""
    return facts.has_acts or not facts.is_for_acts


@rule("FIL-21", source="NDA35 art. 23(2)", zh="协助执行的，载明作出决定的机关、级别和文书编号。")
def order_is_named(facts: CaseFacts) -> bool:
    """The execution of an order names its authority, level and number; nothing else has one."""
    return facts.names_order == facts.is_order


@rule(
    "FIL-22",
    source="NDA35 art. 16, 34; invariant E3",
    zh="每一申请人均已自行提交申请，或者已对现在的申请内容书面或者在线确认。",
)
def applicants_have_confirmed(facts: CaseFacts) -> bool:
    """Every applicant filed it or confirmed, on paper or signed in, what is asked for now."""
    return not facts.unconfirmed


@rule(
    "FIL-30",
    source="invariant W7; NDA35 art. 33",
    zh="名称相近的已登记数据和在先申请均已逐一比对，并认定为不同数据。",
)
def near_matches_are_other_data(facts: CaseFacts) -> bool:
    """Every near match was looked at and found to be other data."""
    return all(facts.near_matches)


@rule(
    "FIL-31",
    source="NDA35 art. 22(1)",
    zh="现行负面清单中疑似涉及的各项均已核查，并认定为不适用。",
)
def no_listed_item_applies(facts: CaseFacts) -> bool:
    """No item of the negative list in force applies."""
    return all(facts.listed)


@rule(
    "FIL-32",
    source="NDA35 art. 22(4)",
    zh="申请人已作出适用规则所要求的各项声明和承诺。",
)
def declarations_are_made(facts: CaseFacts) -> bool:
    """The applicant has made every declaration that the rule profile asks for."""
    return facts.is_order or not facts.undeclared


@rule(
    "FIL-40",
    source="NDA35 art. 25, 29; invariant W4",
    zh="异议处理结论的拟定与审定由不同人员办理。",
)
def conclusion_is_confirmed_by_another(facts: ObjectionFacts) -> bool:
    """Whoever confirms the conclusion of an objection has not proposed it."""
    return facts.officer != facts.proposed_by


@rule("FIL-41", source="NDA35 art. 10(7)", zh="经办人员不得办理本人或者本人所属单位提出的异议。")
def officer_is_not_the_objector(facts: ObjectionFacts) -> bool:
    """No officer handles an objection of their own, or of an organisation to which they belong."""
    return not facts.officer_is_objector


@rule(
    "FIL-42",
    source="NDA35 art. 25, 28, 29",
    zh="仲裁或者诉讼尚未有结果的，异议不得作出成立、不成立或者撤回的结论。",
)
def result_is_known(facts: ObjectionFacts) -> bool:
    """While arbitration or a court is awaited, an objection is concluded only as referred there."""
    return not facts.is_awaited or facts.outcome == Outcome.REFERRED


@rule("FIL-43", source="NDA35 art. 29", zh="异议处理结论与生效的仲裁裁决或者法院裁判一致。")
def conclusion_follows_the_result(facts: ObjectionFacts) -> bool:
    """The conclusion follows the effective award or judgment."""
    allowed = FOLLOWS.get(facts.bound_to)
    return allowed is None or facts.outcome in allowed


@rule(
    "FIL-44",
    source="NDA35 art. 29",
    zh="有关仲裁或者诉讼未有结果的，不得注销异议备注；依有权机关文书办理的除外。",
)
def awaited_mark_stays(facts: CaseFacts) -> bool:
    """The mark of an objection stays while arbitration or a suit is pending, but for an order."""
    return facts.is_order or not facts.ends_awaited_mark


FOLLOWS: Mapping[str, frozenset[Outcome]] = {
    Result.UPHELD: frozenset({Outcome.SUSTAINED}),
    Result.REJECTED: frozenset({Outcome.DISMISSED, Outcome.WITHDRAWN}),
}
"""Effective result -> the outcomes that follow it; any other leaves the choice to the registrar."""


IMPARTIALITY_RULES: tuple[Rule[StandingFacts], ...] = (officer_is_impartial,)
"""Steps that end a case against the applicant."""
REVIEW_RULES: tuple[Rule[StandingFacts], ...] = (examiner_is_another_person, officer_is_impartial)
"""Answering the checklist and publicising are the examiner's."""
SUBMISSION_RULES: tuple[Rule[CaseFacts], ...] = (
    papers_are_complete,
    papers_are_intact,
    applicant_is_named,
    answer_is_in_time,
    agent_is_authorised,
    acts_are_named,
    order_is_named,
    declarations_are_made,
)
SUPPLY_RULES: tuple[Rule[CaseFacts], ...] = (papers_are_intact, answer_is_in_time)
CORRECTION_RULES: tuple[Rule[CaseFacts], ...] = (
    correction_is_asked_once,
    officer_is_impartial,
    notice_is_in_time,
)
DECLINE_RULES: tuple[Rule[CaseFacts], ...] = (officer_is_impartial, notice_is_in_time)
SUPPLEMENT_RULES: tuple[Rule[StandingFacts], ...] = (
    supplement_is_asked_once,
    examiner_is_another_person,
    officer_is_impartial,
)
EXTENSION_RULES: tuple[Rule[CaseFacts], ...] = (limit_is_extended_once, officer_is_impartial)
PUBLICITY_RULES: tuple[Rule[CaseFacts], ...] = (
    publicity_is_asked_for,
    examiner_is_another_person,
    officer_is_impartial,
)
ACCEPTANCE_RULES: tuple[Rule[CaseFacts], ...] = (
    papers_are_complete,
    papers_are_intact,
    registrar_is_not_applicant,
    applicant_is_named,
    agent_is_authorised,
    acts_are_named,
    order_is_named,
    applicants_have_confirmed,
    officer_is_impartial,
)
EXAMINATION_RULES: tuple[Rule[CaseFacts], ...] = (
    papers_are_complete,
    papers_are_intact,
    checklist_is_met,
    examiner_is_another_person,
    registrar_is_not_applicant,
    applicant_is_named,
    officer_is_impartial,
    near_matches_are_other_data,
    no_listed_item_applies,
)
DECISION_RULES: tuple[Rule[CaseFacts], ...] = (
    papers_are_complete,
    papers_are_intact,
    checklist_is_met,
    approver_is_another_person,
    registrar_is_not_applicant,
    applicant_is_named,
    officer_is_impartial,
    publicity_is_over,
    objections_are_decided,
    acts_are_named,
    order_is_named,
    applicants_have_confirmed,
    near_matches_are_other_data,
    no_listed_item_applies,
    awaited_mark_stays,
)
INQUIRY_RULES: tuple[Rule[ObjectionFacts], ...] = (
    examiner_is_another_person,
    officer_is_impartial,
    officer_is_not_the_objector,
)
"""Investigating an objection, and entering what others do about it."""
PROPOSAL_RULES: tuple[Rule[ObjectionFacts], ...] = (
    *INQUIRY_RULES,
    result_is_known,
    conclusion_follows_the_result,
)
CONFIRMATION_RULES: tuple[Rule[ObjectionFacts], ...] = (
    *PROPOSAL_RULES,
    conclusion_is_confirmed_by_another,
)

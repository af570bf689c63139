"""The rules of a case: its papers, its checklist, and who may take which step.

The rules see only `CaseFacts`; those that ask who the officer is see less, `StandingFacts`. What
may be registered is ruled in rights/initial_registration.py.
"""

from dataclasses import dataclass

from filings.checklist import CheckItem
from primitives.rules import Rule, rule
from registry.kinds import InstrumentKind

REQUIRED_PAPERS = frozenset(
    {
        InstrumentKind.IDENTITY,
        InstrumentKind.LAWFUL_ACQUISITION,
        InstrumentKind.DATA_SAMPLE,
        InstrumentKind.DATA_DESCRIPTION,
    }
)
"""NDA35 art. 33."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingFacts:
    """Who has done what in the case: what decides whether a step is this officer's to take.

    Attributes:
        officer: reference of who wants to take the step now.
        filed_by: everyone who drafted, changed, handed in or submitted.
        accepted_by: everyone who decided on acceptance.
        examined_by: everyone who passed the examination or answered an item of its checklist.
    """

    officer: str
    filed_by: frozenset[str]
    accepted_by: frozenset[str]
    examined_by: frozenset[str]
    corrections_asked: int
    officer_is_applicant: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts(StandingFacts):
    """Everything a rule of the procedure may look at, read under the lock of the case.

    Attributes:
        met: checklist items that the examiner found met.
        applicant_usccs: the applicants' unified social credit codes.
    """

    has_applicant: bool
    papers: frozenset[str]
    has_damaged_paper: bool
    met: frozenset[str]
    applicant_usccs: frozenset[str]
    registrar_uscc: str


@rule(
    "FIL-1", source="NDA35 art. 33", zh="身份证明、合法取得证明、数据样例和数据描述四类材料齐全。"
)
def papers_are_complete(facts: CaseFacts) -> bool:
    """Proof of identity, proof of lawful acquisition, data sample and description are on file."""
    return facts.papers >= REQUIRED_PAPERS


@rule("FIL-2", source="NDA35 art. 10(2)", zh="所有材料文件完好，与收件时的摘要一致。")
def papers_are_intact(facts: CaseFacts) -> bool:
    """Every paper's file is in the store and unchanged since it was handed in."""
    return not facts.has_damaged_paper


@rule("FIL-3", source="NDA35 art. 18", zh="审查清单各项均已确认符合。")
def checklist_is_met(facts: CaseFacts) -> bool:
    """The examiner has found every item of the checklist met."""
    return facts.met >= frozenset(CheckItem)


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
    return facts.corrections_asked == 0


@rule("FIL-8", source="NDA35 art. 16, Annex 1", zh="申请至少载明一名登记申请人。")
def applicant_is_named(facts: CaseFacts) -> bool:
    """The filing names at least one applicant."""
    return facts.has_applicant


@rule("FIL-9", source="NDA35 art. 10(7)", zh="经办人员不得办理本人所属单位的申请。")
def officer_is_impartial(facts: StandingFacts) -> bool:
    """No officer handles a case of an organisation to which they belong."""
    return not facts.officer_is_applicant


IMPARTIALITY_RULES: tuple[Rule[StandingFacts], ...] = (officer_is_impartial,)
"""Steps that end a case against the applicant."""
REVIEW_RULES: tuple[Rule[StandingFacts], ...] = (examiner_is_another_person, officer_is_impartial)
"""Answering the checklist and publicising are the examiner's."""
SUBMISSION_RULES: tuple[Rule[CaseFacts], ...] = (
    papers_are_complete,
    papers_are_intact,
    applicant_is_named,
)
CORRECTION_RULES: tuple[Rule[CaseFacts], ...] = (correction_is_asked_once, officer_is_impartial)
ACCEPTANCE_RULES: tuple[Rule[CaseFacts], ...] = (
    papers_are_complete,
    papers_are_intact,
    registrar_is_not_applicant,
    applicant_is_named,
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
)
DECISION_RULES: tuple[Rule[CaseFacts], ...] = (
    papers_are_complete,
    papers_are_intact,
    checklist_is_met,
    approver_is_another_person,
    registrar_is_not_applicant,
    applicant_is_named,
    officer_is_impartial,
)

"""Each FIL rule, held against plain facts."""

from dataclasses import replace

import pytest

from filings.checklist import CheckItem
from filings.rules import (
    ACCEPTANCE_RULES,
    CORRECTION_RULES,
    DECISION_RULES,
    EXAMINATION_RULES,
    REQUIRED_PAPERS,
    SUBMISSION_RULES,
    CaseFacts,
)
from primitives.rules import Rule, broken

IN_ORDER = CaseFacts(
    officer="U-zhao",
    filed_by=frozenset({"U-wang"}),
    accepted_by=frozenset({"U-wang"}),
    examined_by=frozenset({"U-li"}),
    has_applicant=True,
    papers=frozenset(REQUIRED_PAPERS),
    has_damaged_paper=False,
    met=frozenset(CheckItem),
    corrections_asked=0,
    applicant_usccs=frozenset({"APPLICANT"}),
    registrar_uscc="REGISTRAR",
    officer_is_applicant=False,
)
ALL_SETS = (
    SUBMISSION_RULES,
    ACCEPTANCE_RULES,
    CORRECTION_RULES,
    EXAMINATION_RULES,
    DECISION_RULES,
)


def numbers(rules: tuple[Rule[CaseFacts], ...], facts: CaseFacts) -> list[str]:
    return [rule.number for rule in broken(rules, facts)]


@pytest.mark.parametrize("rules", ALL_SETS)
def test_a_case_in_order_breaks_nothing(rules: tuple[Rule[CaseFacts], ...]) -> None:
    assert numbers(rules, IN_ORDER) == []


@pytest.mark.parametrize("missing", sorted(REQUIRED_PAPERS))
def test_fil_1_each_of_the_four_papers_is_needed(missing: str) -> None:
    facts = replace(IN_ORDER, papers=IN_ORDER.papers - {missing})
    assert numbers(SUBMISSION_RULES, facts) == ["FIL-1"]
    assert numbers(DECISION_RULES, facts) == ["FIL-1"]


def test_fil_2_a_damaged_paper_stops_the_decision() -> None:
    assert numbers(DECISION_RULES, replace(IN_ORDER, has_damaged_paper=True)) == ["FIL-2"]


@pytest.mark.parametrize("item", CheckItem)
def test_fil_3_every_item_of_the_checklist_is_needed(item: CheckItem) -> None:
    facts = replace(IN_ORDER, met=IN_ORDER.met - {item})
    assert numbers(EXAMINATION_RULES, facts) == ["FIL-3"]


@pytest.mark.parametrize("officer", ["U-wang", "U-li"])
def test_fil_4_whoever_filed_accepted_or_examined_does_not_decide(officer: str) -> None:
    assert numbers(DECISION_RULES, replace(IN_ORDER, officer=officer)) == ["FIL-4"]


def test_fil_5_whoever_filed_or_accepted_does_not_examine() -> None:
    facts = replace(IN_ORDER, officer="U-wang", examined_by=frozenset())
    assert numbers(EXAMINATION_RULES, facts) == ["FIL-5"]


def test_fil_6_the_registrar_is_no_applicant() -> None:
    facts = replace(IN_ORDER, applicant_usccs=frozenset({"APPLICANT", "REGISTRAR"}))
    assert numbers(ACCEPTANCE_RULES, facts) == ["FIL-6"]
    assert numbers(DECISION_RULES, facts) == ["FIL-6"]


def test_fil_7_correction_is_asked_for_once() -> None:
    assert numbers(CORRECTION_RULES, replace(IN_ORDER, corrections_asked=1)) == ["FIL-7"]


def test_fil_8_a_filing_names_an_applicant() -> None:
    assert numbers(SUBMISSION_RULES, replace(IN_ORDER, has_applicant=False)) == ["FIL-8"]


def test_fil_9_nobody_handles_their_own_organisations_case() -> None:
    facts = replace(IN_ORDER, officer_is_applicant=True)
    assert numbers(ACCEPTANCE_RULES, facts) == ["FIL-9"]
    assert numbers(DECISION_RULES, facts) == ["FIL-9"]

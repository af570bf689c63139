"""Each FIL rule, held against plain facts."""

from dataclasses import replace

import pytest

from filings.checklist import CheckItem
from filings.rules import (
    ACCEPTANCE_RULES,
    CORRECTION_RULES,
    DECISION_RULES,
    DECLINE_RULES,
    EXAMINATION_RULES,
    EXTENSION_RULES,
    PUBLICITY_RULES,
    SUBMISSION_RULES,
    SUPPLEMENT_RULES,
    SUPPLY_RULES,
    CaseFacts,
)
from filings.workflow import Action
from primitives.rules import Rule, broken

PAPERS = frozenset({"IDENTITY", "LAWFUL_ACQUISITION", "DATA_SAMPLE", "DATA_DESCRIPTION"})
IN_ORDER = CaseFacts(
    officer="U-zhao",
    filed_by=frozenset({"U-wang"}),
    accepted_by=frozenset({"U-wang"}),
    examined_by=frozenset({"U-li"}),
    has_applicant=True,
    papers=PAPERS,
    required_papers=PAPERS,
    required_checks=frozenset(CheckItem),
    has_power_of_attorney=True,
    is_overdue=False,
    needs_publicity=True,
    is_publicity_over=True,
    has_damaged_paper=False,
    met=frozenset(CheckItem),
    times={},
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


@pytest.mark.parametrize("missing", sorted(PAPERS))
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
    assert numbers(CORRECTION_RULES, replace(IN_ORDER, times={Action.REQUEST_CORRECTION: 1})) == [
        "FIL-7"
    ]


def test_fil_8_a_filing_names_an_applicant() -> None:
    assert numbers(SUBMISSION_RULES, replace(IN_ORDER, has_applicant=False)) == ["FIL-8"]


def test_fil_9_nobody_handles_their_own_organisations_case() -> None:
    facts = replace(IN_ORDER, officer_is_applicant=True)
    assert numbers(ACCEPTANCE_RULES, facts) == ["FIL-9"]
    assert numbers(DECISION_RULES, facts) == ["FIL-9"]


def test_fil_10_after_the_time_for_notice_nothing_is_declined_or_handed_back() -> None:
    facts = replace(IN_ORDER, is_overdue=True)
    assert numbers(DECLINE_RULES, facts) == ["FIL-10"]
    assert numbers(CORRECTION_RULES, facts) == ["FIL-10"]
    assert numbers(ACCEPTANCE_RULES, facts) == []


def test_fil_11_an_answer_comes_in_time() -> None:
    facts = replace(IN_ORDER, is_overdue=True)
    assert numbers(SUBMISSION_RULES, facts) == ["FIL-11"]
    assert numbers(SUPPLY_RULES, facts) == ["FIL-11"]


def test_fil_12_a_supplement_is_asked_for_once() -> None:
    facts = replace(IN_ORDER, times={Action.REQUEST_SUPPLEMENT: 1})
    assert [rule.number for rule in broken(SUPPLEMENT_RULES, facts)] == ["FIL-12"]


def test_fil_13_the_limit_is_extended_once_and_before_it_is_over() -> None:
    assert numbers(EXTENSION_RULES, IN_ORDER) == []
    assert numbers(EXTENSION_RULES, replace(IN_ORDER, times={Action.EXTEND: 1})) == ["FIL-13"]
    assert numbers(EXTENSION_RULES, replace(IN_ORDER, is_overdue=True)) == ["FIL-13"]


def test_fil_14_nothing_bound_to_publicity_is_registered_before_it_is_over() -> None:
    early = replace(IN_ORDER, is_publicity_over=False)
    assert numbers(DECISION_RULES, early) == ["FIL-14"]
    assert numbers(DECISION_RULES, replace(early, times={Action.EXEMPT: 1})) == []
    assert numbers(DECISION_RULES, replace(early, needs_publicity=False)) == []


def test_fil_15_only_what_is_bound_to_publicity_is_publicised() -> None:
    assert numbers(PUBLICITY_RULES, replace(IN_ORDER, needs_publicity=False)) == ["FIL-15"]


def test_fil_16_an_agent_shows_a_power_of_attorney() -> None:
    facts = replace(IN_ORDER, has_power_of_attorney=False)
    assert numbers(SUBMISSION_RULES, facts) == ["FIL-16"]
    assert numbers(ACCEPTANCE_RULES, facts) == ["FIL-16"]


def test_fil_18_every_objection_is_decided_before_the_case_goes_on() -> None:
    facts = replace(IN_ORDER, open_objections=1)
    assert numbers(DECISION_RULES, facts) == ["FIL-18"]


def test_fil_20_acts_are_named_where_no_new_data_is_registered() -> None:
    facts = replace(IN_ORDER, is_for_acts=True)
    assert numbers(SUBMISSION_RULES, facts) == ["FIL-20"]
    assert numbers(DECISION_RULES, replace(facts, has_acts=True)) == []


def test_fil_21_an_order_is_named_where_one_is_executed_and_nowhere_else() -> None:
    assert numbers(SUBMISSION_RULES, replace(IN_ORDER, is_order=True)) == ["FIL-21"]
    assert numbers(DECISION_RULES, replace(IN_ORDER, names_order=True)) == ["FIL-21"]
    order = replace(IN_ORDER, is_order=True, names_order=True, has_applicant=False)
    assert numbers(DECISION_RULES, order) == []


def test_fil_22_an_applicant_who_has_not_confirmed_stands_against_it() -> None:
    facts = replace(IN_ORDER, unconfirmed=frozenset({"P-1"}))
    assert numbers(SUBMISSION_RULES, facts) == []
    assert numbers(ACCEPTANCE_RULES, facts) == ["FIL-22"]
    assert numbers(DECISION_RULES, facts) == ["FIL-22"]


def test_fil_30_every_near_match_was_found_to_be_other_data() -> None:
    for finding in (None, False):
        facts = replace(IN_ORDER, near_matches=(True, finding))
        assert numbers(EXAMINATION_RULES, facts) == ["FIL-30"]
        assert numbers(DECISION_RULES, facts) == ["FIL-30"]
    assert numbers(DECISION_RULES, replace(IN_ORDER, near_matches=(True, True))) == []


def test_fil_31_no_item_of_the_negative_list_applies() -> None:
    for answer in (None, False):
        facts = replace(IN_ORDER, listed=(True, answer))
        assert numbers(EXAMINATION_RULES, facts) == ["FIL-31"]
        assert numbers(DECISION_RULES, facts) == ["FIL-31"]
    assert numbers(DECISION_RULES, replace(IN_ORDER, listed=(True,))) == []


def test_fil_32_every_declaration_of_the_profile_is_made_but_for_an_order() -> None:
    facts = replace(IN_ORDER, undeclared=frozenset({"TRUTHFUL"}))
    assert numbers(SUBMISSION_RULES, facts) == ["FIL-32"]
    order = replace(facts, is_order=True, names_order=True)
    assert numbers(SUBMISSION_RULES, order) == []


def test_fil_44_an_order_ends_the_mark_of_an_objection_also_while_a_suit_is_pending() -> None:
    pending = replace(IN_ORDER, ends_awaited_mark=True)
    assert numbers(DECISION_RULES, pending) == ["FIL-44"]
    assert numbers(DECISION_RULES, replace(pending, is_order=True, names_order=True)) == []

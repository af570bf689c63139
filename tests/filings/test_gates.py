"""The gates of review: every item under one, every rule spoken of, the matrix as it is."""

from dataclasses import replace

import pytest

from filings.checklist import CheckItem
from filings.gates import CASE_RULES, ITEMS, SPEAKS_OF, Allowed, gates, machine_answers, matrix
from primitives.rules import NumberedRule
from registry.kinds import Situation
from registry.models import AssetVersion, DataAsset
from registry.provenance import SOURCE_RULES
from rights.initial_registration import INITIAL_RULES, Claim, InitialApplication
from rights.kinds import RightKind
from rights.matrix import ARTICLES, MATRIX
from tests.filings.test_rules import IN_ORDER


def test_every_item_stands_under_exactly_one_gate() -> None:
    items = [item for under in ITEMS.values() for item in under]
    assert sorted(items) == sorted(CheckItem)


def test_every_rule_of_what_is_applied_for_speaks_of_exactly_one_item() -> None:
    spoken_of = sorted(number for numbers in SPEAKS_OF.values() for number in numbers)
    rules: tuple[NumberedRule, ...] = (*CASE_RULES, *INITIAL_RULES, *SOURCE_RULES)
    known = sorted(rule.number for rule in rules)
    assert spoken_of == known


def test_gates_without_items_for_a_type_are_left_out() -> None:
    assert [len(items) for _gate, items in gates({CheckItem.NO_DISPUTE})] == [1]


def test_the_machine_answers_with_the_rules_that_do_not_hold() -> None:
    [core] = [rule for rule in INITIAL_RULES if rule.number == "REG-15"]
    answers = machine_answers(replace(IN_ORDER, near_matches=(None,)), [core])
    against = {item: [rule.number for rule in answer.against] for item, answer in answers.items()}
    assert against.pop(CheckItem.NAME_PRECISE) == ["FIL-30"]
    assert against.pop(CheckItem.PERSONAL_DATA) == ["REG-15"]
    assert not any(against.values())


def application(
    situation: Situation, *claimed: RightKind, given: frozenset[RightKind] = frozenset()
) -> InitialApplication:
    return InitialApplication(
        filing="F1",
        asset=DataAsset(situation=situation),
        version=AssetVersion(),
        derivations=[],
        instruments=[],
        claims=[Claim(kind=kind, term_months=1, limits="", shares=[]) for kind in claimed],
        responsibilities=[],
        contract_kinds=given,
    )


@pytest.mark.parametrize("situation", Situation)
def test_the_matrix_allows_what_article_21_does(situation: Situation) -> None:
    rows = matrix(application(situation, given=frozenset(RightKind)))
    refused = {row.kind for row in rows if row.allowed == Allowed.NO}
    assert refused == set(RightKind) - MATRIX[situation]
    assert situation in ARTICLES


def test_claiming_more_than_may_be_registered_is_marked() -> None:
    crawled = matrix(application(Situation.CRAWLED, *RightKind))
    assert [row.kind for row in crawled if row.is_over] == [RightKind.OPERATE]
    contract = matrix(
        application(Situation.BY_CONTRACT, *RightKind, given=frozenset({RightKind.USE}))
    )
    assert {row.kind for row in contract if row.is_over} == {RightKind.HOLD, RightKind.OPERATE}
    fused = {row.kind: row.allowed for row in matrix(application(Situation.FUSED_SILENT))}
    assert fused[RightKind.OPERATE] == Allowed.BY_CONSENT

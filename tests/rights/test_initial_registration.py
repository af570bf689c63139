"""Each REG rule, held against plain facts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from primitives.rules import broken
from registry.kinds import (
    Grade,
    InstrumentKind,
    PersonalBasis,
    PersonalInformation,
    PublicData,
    Situation,
    SourceKind,
    Stage,
)
from rights.inheritance import Inheritance
from rights.initial_registration import (
    INITIAL_RULES,
    ClaimFacts,
    InitialFacts,
    ShareFacts,
)
from rights.kinds import RightKind
from rights.terms import term_end

WHOLE = (ShareFacts(party="P-1", value=Fraction(1)),)


def claimed(*kinds: RightKind, shares: tuple[ShareFacts, ...] = WHOLE) -> tuple[ClaimFacts, ...]:
    return tuple(ClaimFacts(kind=kind, term_months=36, shares=shares) for kind in kinds)


def shared(*values: Fraction) -> tuple[ClaimFacts, ...]:
    shares = tuple(
        ShareFacts(party=f"P-{place}", value=value) for place, value in enumerate(values)
    )
    return claimed(RightKind.HOLD, shares=shares)


ALLOWED = InitialFacts(
    source_kind=SourceKind.COLLECTED,
    situation=Situation.OWN_BUSINESS,
    claims=claimed(*RightKind),
    max_term_months=60,
)


def numbers(facts: InitialFacts) -> list[str]:
    return [rule.number for rule in broken(INITIAL_RULES, facts)]


def test_a_lawful_application_breaks_nothing() -> None:
    assert numbers(ALLOWED) == []


def test_reg_1_a_situation_must_fit_the_source() -> None:
    assert numbers(replace(ALLOWED, situation=Situation.CRAWLED_PRODUCT)) == ["REG-1"]


CRAWLED = replace(ALLOWED, source_kind=SourceKind.CRAWLED, situation=Situation.CRAWLED)


def test_reg_2_crawled_public_data_gets_no_right_to_operate() -> None:
    assert numbers(CRAWLED) == ["REG-2"]
    assert numbers(replace(CRAWLED, claims=claimed(RightKind.HOLD, RightKind.USE))) == []


def test_reg_2_a_product_of_crawled_data_may_be_operated() -> None:
    assert numbers(replace(CRAWLED, situation=Situation.CRAWLED_PRODUCT)) == []


@pytest.mark.parametrize("kind", RightKind)
def test_reg_3_an_entrusted_processor_gets_nothing(kind: RightKind) -> None:
    facts = replace(ALLOWED, situation=Situation.ENTRUSTED, claims=claimed(kind))
    assert numbers(facts) == ["REG-3"]


def test_reg_4_a_contract_gives_only_what_it_says() -> None:
    facts = replace(
        ALLOWED,
        source_kind=SourceKind.AGREEMENT,
        situation=Situation.BY_CONTRACT,
        contract_kinds=frozenset({RightKind.HOLD, RightKind.USE}),
    )
    assert numbers(facts) == ["REG-4"]
    assert numbers(replace(facts, claims=claimed(RightKind.HOLD, RightKind.USE))) == []


def test_reg_5_silent_fusion_is_operated_only_with_every_consent() -> None:
    facts = replace(
        ALLOWED,
        situation=Situation.FUSED_SILENT,
        participants=frozenset({"P-2", "P-3"}),
        consenting=frozenset({"P-2"}),
    )
    assert numbers(facts) == ["REG-5"]
    assert numbers(replace(facts, consenting=facts.participants)) == []
    assert numbers(replace(facts, claims=claimed(RightKind.HOLD, RightKind.USE))) == []


def test_reg_5_fusion_with_nobody_named_is_not_consent() -> None:
    assert numbers(replace(ALLOWED, situation=Situation.FUSED_SILENT)) == ["REG-5"]


DERIVED = replace(
    ALLOWED, source_kind=SourceKind.DERIVED, situation=Situation.DERIVED, is_substantive=True
)


def test_reg_6_derived_data_must_differ_in_substance() -> None:
    assert numbers(DERIVED) == []
    assert numbers(replace(DERIVED, is_substantive=False)) == ["REG-6"]


def test_reg_7_derived_data_must_name_a_source() -> None:
    assert numbers(replace(DERIVED, derived_has_source=False)) == ["REG-7"]


def test_reg_8_an_application_must_claim_a_right() -> None:
    assert numbers(replace(ALLOWED, claims=())) == ["REG-8"]


@pytest.mark.parametrize(
    "values",
    [
        (Fraction(1, 3), Fraction(1, 2)),
        (Fraction(4, 8), Fraction(1, 3), Fraction(1, 6), Fraction(1, 100)),
        (Fraction(1, 2), Fraction(1, 2), Fraction(1, 32767)),
        (Fraction(333, 1000),) * 3,
    ],
)
def test_reg_9_shares_that_do_not_sum_to_one_are_refused(values: tuple[Fraction, ...]) -> None:
    assert numbers(replace(ALLOWED, claims=shared(*values))) == ["REG-9"]


def test_reg_9_thirds_sum_to_one_exactly() -> None:
    assert numbers(replace(ALLOWED, claims=shared(*[Fraction(1, 3)] * 3))) == []
    halves = shared(Fraction(4, 8), Fraction(1, 3), Fraction(1, 6))
    assert numbers(replace(ALLOWED, claims=halves)) == []


def test_reg_10_a_share_is_positive() -> None:
    facts = replace(ALLOWED, claims=shared(Fraction(1), Fraction(0)))
    assert numbers(facts) == ["REG-10"]


def test_reg_10_a_party_has_one_share_of_a_right() -> None:
    half = ShareFacts(party="P-1", value=Fraction(1, 2))
    facts = replace(ALLOWED, claims=claimed(RightKind.HOLD, shares=(half, half)))
    assert numbers(facts) == ["REG-10"]


@pytest.mark.parametrize("months", [0, 61])
def test_reg_11_a_term_stays_within_the_profile(months: int) -> None:
    claim = replace(claimed(RightKind.USE)[0], term_months=months)
    assert numbers(replace(ALLOWED, claims=(claim,))) == ["REG-11"]


def test_reg_12_the_same_data_is_registered_once() -> None:
    assert numbers(replace(ALLOWED, data_is_registered=True)) == ["REG-12"]


def test_reg_13_what_no_page_can_show_is_refused() -> None:
    assert numbers(replace(ALLOWED, is_printable=False)) == ["REG-13"]


def on_file(*kinds: InstrumentKind) -> frozenset[InstrumentKind]:
    return frozenset(kinds)


def test_reg_15_core_data_is_refused_whatever_is_on_file() -> None:
    facts = replace(ALLOWED, grade=Grade.CORE, papers=frozenset(InstrumentKind))
    assert numbers(facts) == ["REG-15"]


def test_reg_16_important_data_needs_an_assessment() -> None:
    facts = replace(ALLOWED, grade=Grade.IMPORTANT)
    assert numbers(facts) == ["REG-16"]
    assert numbers(replace(facts, papers=on_file(InstrumentKind.ASSESSMENT))) == []


def test_reg_17_an_organs_data_is_refused_with_or_without_a_code() -> None:
    facts = replace(ALLOWED, public_data=PublicData.ORGAN_DUTY)
    assert numbers(facts) == ["REG-17"]
    assert numbers(replace(facts, public_data_code="示例编码")) == ["REG-17"]


def test_reg_18_a_product_of_authorised_operation_names_its_code() -> None:
    facts = replace(ALLOWED, public_data=PublicData.OPERATION_PRODUCT)
    assert numbers(facts) == ["REG-18"]
    assert numbers(replace(facts, public_data_code="示例编码")) == []


def test_reg_18_a_utility_may_name_a_code_and_need_not() -> None:
    facts = replace(ALLOWED, public_data=PublicData.UTILITY)
    assert numbers(facts) == []
    assert numbers(replace(facts, public_data_code="示例编码")) == []


def test_reg_18_what_is_no_public_data_names_no_code() -> None:
    assert numbers(replace(ALLOWED, public_data_code="示例编码")) == ["REG-18"]


PERSONAL = replace(
    ALLOWED,
    claims=claimed(RightKind.HOLD, RightKind.USE),
    personal_information=PersonalInformation.CONTAINED,
    personal_basis=PersonalBasis.DUTY,
)


def test_reg_19_personal_information_needs_a_ground() -> None:
    assert numbers(PERSONAL) == []
    assert numbers(replace(PERSONAL, personal_basis=None)) == ["REG-19"]


def test_reg_19_other_data_names_no_ground() -> None:
    facts = replace(PERSONAL, personal_information=PersonalInformation.NONE)
    assert numbers(facts) == ["REG-19"]


@pytest.mark.parametrize(
    ("basis", "proof"),
    [
        (PersonalBasis.CONSENT, InstrumentKind.CONSENT),
        (PersonalBasis.CONTRACT, InstrumentKind.CONTRACT),
    ],
)
def test_reg_20_consent_and_contract_are_proven_each_by_its_own_paper(
    basis: PersonalBasis, proof: InstrumentKind
) -> None:
    facts = replace(PERSONAL, personal_basis=basis)
    others = frozenset(InstrumentKind) - {proof}
    assert numbers(replace(facts, papers=others)) == ["REG-20"]
    assert numbers(replace(facts, papers=on_file(proof))) == []


@pytest.mark.parametrize("basis", sorted(set(PersonalBasis) - {"CONSENT", "CONTRACT"}))
def test_reg_20_the_other_grounds_need_no_further_paper(basis: PersonalBasis) -> None:
    assert numbers(replace(PERSONAL, personal_basis=basis)) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"personal_information": PersonalInformation.SENSITIVE},
        {"claims": claimed(RightKind.OPERATE)},
        {"export_allowed": True, "papers": on_file(InstrumentKind.EXPORT_CLEARANCE)},
    ],
    ids=["sensitive", "operated", "exported"],
)
def test_reg_21_the_impact_on_persons_is_assessed(changed: dict[str, Any]) -> None:
    facts = replace(PERSONAL, **changed)
    assert numbers(facts) == ["REG-21"]
    assert numbers(replace(facts, papers=facts.papers | {InstrumentKind.ASSESSMENT})) == []


@pytest.mark.parametrize(
    "facts", [PERSONAL, replace(ALLOWED, grade=Grade.IMPORTANT)], ids=["personal", "important"]
)
def test_reg_22_personal_or_important_data_leaves_the_country_with_a_clearance(
    facts: InitialFacts,
) -> None:
    assessed = replace(facts, papers=on_file(InstrumentKind.ASSESSMENT))
    assert numbers(assessed) == []
    exported = replace(assessed, export_allowed=True)
    assert numbers(exported) == ["REG-22"]
    cleared = exported.papers | {InstrumentKind.EXPORT_CLEARANCE}
    assert numbers(replace(exported, papers=cleared)) == []


def test_reg_22_other_data_needs_no_clearance() -> None:
    assert numbers(replace(ALLOWED, export_allowed=True)) == []


@pytest.mark.parametrize("stage", Stage)
def test_reg_23_every_stage_has_someone_responsible(stage: Stage) -> None:
    assert numbers(replace(ALLOWED, stages=frozenset(Stage) - {stage})) == ["REG-23"]


def test_every_broken_rule_is_reported_at_once() -> None:
    facts = replace(CRAWLED, claims=claimed(*RightKind, shares=()), data_is_registered=True)
    assert numbers(facts) == ["REG-2", "REG-9", "REG-12"]


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-31T04:00:00+00:00", 1, "2026-02-28T04:00:00+00:00"),
        ("2024-02-29T04:00:00+00:00", 12, "2025-02-28T04:00:00+00:00"),
        ("2026-11-25T04:00:00+00:00", 60, "2031-11-25T04:00:00+00:00"),
        # 00:30 on 1 March in Shanghai is still February in UTC.
        ("2026-02-28T16:30:00+00:00", 1, "2026-03-31T16:30:00+00:00"),
    ],
)
def test_a_term_is_counted_by_the_calendar_of_shanghai(start: str, months: int, end: str) -> None:
    result = term_end(datetime.fromisoformat(start), months)
    assert result == datetime.fromisoformat(end)
    assert result.tzinfo == UTC


BOUND = Inheritance(
    until=datetime(2026, 11, 26, tzinfo=UTC) + timedelta(days=90),
    may_resell=False,
    may_export=False,
)


def test_reg_24_derived_data_does_not_outlast_what_binds_it() -> None:
    facts = replace(ALLOWED, inheritance=BOUND)

    assert numbers(replace(facts, latest_end=BOUND.until)) == []
    assert numbers(replace(facts, latest_end=BOUND.until + timedelta(seconds=1))) == ["REG-24"]


def test_reg_25_derived_data_allows_no_more_than_what_binds_it() -> None:
    cleared = on_file(InstrumentKind.EXPORT_CLEARANCE)
    facts = replace(ALLOWED, papers=cleared, resale_allowed=True, export_allowed=True)

    assert numbers(facts) == []
    assert numbers(replace(facts, inheritance=BOUND)) == ["REG-25"]
    assert numbers(replace(facts, resale_allowed=False, inheritance=BOUND)) == ["REG-25"]
    open_terms = replace(BOUND, may_resell=True, may_export=True)
    assert numbers(replace(facts, inheritance=open_terms)) == []

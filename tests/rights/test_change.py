"""Changes of what data is described as and of a right's limits: each DES and LIM rule."""

from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest

from registry.descriptions import faults
from rights.change import DescriptionChange, LimitsChange
from rights.grant import Grant
from rights.kinds import AuthorityKind, RightKind
from rights.remarks import Description, Freeze, Pledge, RemarkFacts
from rights.terms import FOREVER
from rights.title import AssetFacts, GrantTerms, InterestFacts, Title
from tests.factories import description
from tests.rights.plain import (
    ANNE,
    ASSET,
    BEN,
    DORA,
    LATER,
    NOW,
    a_dealing,
    a_remark,
    a_title,
    after,
    an_interest,
    broken,
    consenting,
)

HALF = Fraction(1, 2)
BENS = {BEN: Fraction(1)}


def described(*facts: InterestFacts | RemarkFacts, **values: Any) -> Title:
    """Return a title whose asset is described as the example with ``values``."""
    asset = AssetFacts(number=ASSET, description={"period_from": None, "period_to": None})
    asset = asset.described(
        description(resale_allowed=False, export_allowed=False, limit_users="") | values
    )
    return a_title(*(facts or (an_interest(),)), assets={ASSET: asset})


def change(**after: Any) -> DescriptionChange:
    return DescriptionChange(reference="N-D", asset=ASSET, after=after)


def changing(title: Title, **after: Any) -> list[str]:
    return broken(a_dealing(change(**after)), title)


def test_a_changed_description_says_what_was_and_what_is() -> None:
    title = described()
    old = title.assets[ASSET].description["name"]

    title = after(a_dealing(change(name="2026年全国城市人口数据表", record_count=7)), title)

    remark = title.remarks["N-D"]
    assert remark.body == Description(
        before={"name": old, "record_count": 100},
        after={"name": "2026年全国城市人口数据表", "record_count": 7},
    )
    assert (remark.valid_from, remark.valid_to, remark.rank) == (NOW, FOREVER, (7, 0))
    assert title.assets[ASSET].description["record_count"] == 7


def test_the_next_change_is_the_next_revision_of_the_same_remark() -> None:
    title = after(a_dealing(change(record_count=7)), described())
    later = NOW + timedelta(days=1)

    title = after(
        a_dealing(DescriptionChange(reference="N-E", asset=ASSET, after={"record_count": 8})),
        title,
        at=later,
    )

    assert list(title.remarks) == ["N-D"]
    assert title.remarks["N-D"].revision == 2
    assert title.remarks["N-D"].valid_from == later
    assert title.remarks["N-D"].body == Description(
        before={"record_count": 7}, after={"record_count": 8}
    )


@pytest.mark.parametrize("field", ["source_kind", "situation"])
def test_des_1_where_the_data_came_from_is_not_changed(field: str) -> None:
    value = {"source_kind": "DERIVED", "situation": "DERIVED"}[field]

    assert changing(described(), **{field: value}) == ["DES-1"]


def test_des_1_a_change_changes_something() -> None:
    assert changing(described()) == ["DES-1"]
    assert changing(described(), record_count=100) == ["DES-1"]
    assert changing(described(), record_count=100, region="华东") == ["DES-1"]


@pytest.mark.parametrize(
    "values",
    [
        {"name": ""},
        {"name": "长" * 41},
        {"summary": "长" * 401},
        {"summary": "不可印\x07"},
        {"kind": "OTHER"},
        {"record_count": -1},
        {"record_count": 2**53},
        {"record_count": "7"},
        {"record_count": True},
        {"period_from": "2026-02-30"},
        {"period_from": "2026-2-3"},
        {"period_from": 7},
        {"period_from": True},
        {"period_from": ["2026-02-03"]},
        {"kind": ["PRODUCT"]},
        {"record_count": [7]},
        {"resale_allowed": 1},
        {"resale_allowed": "true"},
        {"industry_division": "6a"},
        {"name": None},
        {"name": ["a"]},
        {"number": "DA-000000002"},
        {"registered_at": "2026-01-01T00:00:00Z"},
    ],
)
def test_des_2_every_value_is_one_that_the_form_takes(values: dict[str, Any]) -> None:
    assert list(faults(values)) == list(values)


def test_des_2_is_asked_of_every_changed_value() -> None:
    assert changing(described(), record_count=-1, region="华东") == ["DES-2"]
    assert changing(described(), number="DA-000000002") == ["DES-2"]


@pytest.mark.parametrize(
    "values",
    [
        {"name": "长" * 40},
        {"summary": "两行\n概述"},
        {"record_count": None},
        {"record_count": 2**53 - 1},
        {"period_from": "2024-02-29", "period_to": None},
        {"limit_users": ""},
        {"kind": "PRODUCT"},
    ],
)
def test_des_2_what_the_form_takes_is_taken(values: dict[str, Any]) -> None:
    assert list(faults(values)) == []


def test_des_3_every_holder_of_an_original_right_applies() -> None:
    licence = an_interest("I-3", granted_from="I-1", shares={DORA: Fraction(1)})
    title = described(an_interest(), an_interest("I-2", shares=BENS), licence)

    assert changing(title, record_count=7) == ["DES-3"]
    assert broken(a_dealing(change(record_count=7), applicants=(ANNE, BEN)), title) == []
    lapsed = described(an_interest(), an_interest("I-2", shares=BENS, valid_to=NOW))
    assert changing(lapsed, record_count=7) == []
    nobody = described(an_interest(valid_to=NOW))
    assert changing(nobody, record_count=7) == ["DES-3"]


@pytest.mark.parametrize(
    ("field", "terms"),
    [
        ("resale_allowed", GrantTerms(may_resell=True)),
        ("export_allowed", GrantTerms(may_export=True)),
    ],
)
def test_des_4_what_a_granted_right_allows_is_not_forbidden(field: str, terms: GrantTerms) -> None:
    licence = an_interest("I-2", granted_from="I-1", shares=BENS, terms=terms)
    other = an_interest("I-2", granted_from="I-1", shares=BENS)

    assert changing(described(an_interest(), licence, **{field: True}), **{field: False}) == [
        "DES-4"
    ]
    assert changing(described(an_interest(), other, **{field: True}), **{field: False}) == []


def test_des_4_data_does_not_become_personal_under_a_grant_without_a_scenario() -> None:
    def becoming(terms: GrantTerms) -> list[str]:
        licence = an_interest("I-2", granted_from="I-1", shares=BENS, terms=terms)
        item = change(personal_information="CONTAINED", personal_basis="CONSENT")
        dealing = a_dealing(item, instruments=frozenset({"D-1"}))
        return broken(dealing, described(an_interest(), licence))

    assert becoming(GrantTerms()) == ["DES-4"]
    assert becoming(GrantTerms(scenario="credit-scoring")) == []


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"grade": "IMPORTANT"}, []),
        ({"grade": "CORE"}, ["DES-7"]),
        ({"public_data": "ORGAN_DUTY"}, ["DES-7"]),
        ({"public_data": "OPERATION_PRODUCT"}, ["DES-7"]),
        ({"public_data": "OPERATION_PRODUCT", "public_data_code": "示例0001"}, []),
        ({"public_data_code": "示例0001"}, ["DES-7"]),
        ({"personal_information": "CONTAINED"}, ["DES-7"]),
        ({"personal_information": "SENSITIVE", "personal_basis": "CONSENT"}, []),
        ({"personal_basis": "CONSENT"}, ["DES-7"]),
    ],
)
def test_des_7_what_it_is_classified_as_may_be_registered_at_all(
    values: dict[str, Any], expected: list[str]
) -> None:
    dealing = a_dealing(change(**values), instruments=frozenset({"D-1"}))

    assert broken(dealing, described()) == expected


def test_des_8_another_classification_rests_on_a_paper() -> None:
    assert changing(described(), grade="IMPORTANT") == ["DES-8"]
    assert changing(described(), region="华东") == []


@pytest.mark.parametrize(
    "values",
    [{"grade": "IMPORTANT"}, {"personal_information": "CONTAINED", "personal_basis": "CONSENT"}],
)
def test_des_8_an_export_of_guarded_data_rests_on_a_paper(values: dict[str, str]) -> None:
    assert changing(described(**values), export_allowed=True) == ["DES-8"]
    assert changing(described(), export_allowed=True) == []


def test_des_5_the_period_does_not_end_before_it_begins() -> None:
    title = described(period_from="2025-01-01", period_to="2025-12-31")

    assert changing(title, period_to="2024-12-31") == ["DES-5"]
    assert changing(title, period_to="2025-01-01") == []
    assert changing(title, period_from="2026-01-01", period_to=None) == []


def test_des_6_pledgees_agree_to_other_limits_and_are_not_asked_of_other_words() -> None:
    body = Pledge(secured_fen=1, burdens={ANNE: Fraction(1)})
    title = described(an_interest(), a_remark("N-1", body, interest="I-1", party=DORA))

    assert changing(title, summary="示例：另一概述。") == []
    for values in ({"limit_users": "仅限银行"}, {"export_allowed": True}):
        dealing = a_dealing(change(**values))
        assert broken(dealing, title) == ["DES-6"]
        assert broken(consenting(dealing, DORA), title) == []


def test_e6_a_frozen_asset_is_not_described_otherwise() -> None:
    freeze = Freeze(authority=AuthorityKind.COURT, level=2, order="示例1", months=36)
    title = described(an_interest(), a_remark("N-1", freeze, interest="I-1"))

    assert changing(title, record_count=7) == ["DEA-3"]


def test_later_acts_of_the_dealing_see_the_new_description() -> None:
    grant = Grant(
        reference="I-2",
        parent="I-1",
        kind=RightKind.USE,
        grantees=BENS,
        valid_from=NOW,
        valid_to=LATER,
        terms=GrantTerms(may_resell=True),
    )

    assert broken(a_dealing(grant), described()) == ["GRT-5"]
    assert broken(a_dealing(change(resale_allowed=True), grant), described()) == []


def test_tit_11_a_dealing_describes_an_asset_once() -> None:
    twice = a_dealing(change(record_count=7), change(region="华东"))

    assert broken(twice, described()) == ["TIT-11"]


def limits(text: str = "示例：仅限科研。", interest: str = "I-1") -> LimitsChange:
    return LimitsChange(interest=interest, limits=text)


def test_a_right_goes_on_with_other_limits() -> None:
    before = an_interest()
    title = after(a_dealing(limits()), a_title(before))

    assert title.interests["I-1"] == before.revised(at=NOW, limits="示例：仅限科研。")


def test_tit_6_a_text_that_looks_like_a_partys_reference_names_nobody() -> None:
    assert changing(described(), name="P-2026年示例") == []
    assert broken(a_dealing(limits("P-仅限科研")), a_title(an_interest())) == []


@pytest.mark.parametrize("text", ["", "限" * 401, "\u202e"])
def test_lim_1_the_limits_are_others_short_enough_and_printable(text: str) -> None:
    assert broken(a_dealing(limits(text)), a_title(an_interest())) == ["LIM-1"]
    assert broken(a_dealing(limits("限" * 400)), a_title(an_interest())) == []


def test_lim_2_both_sides_of_a_grant_agree_on_its_limits() -> None:
    source = an_interest(shares={ANNE: HALF, DORA: HALF})
    title = a_title(source, an_interest("I-2", granted_from="I-1", shares=BENS))
    asked = limits(interest="I-2")

    assert broken(a_dealing(asked, applicants=(BEN,)), title) == ["LIM-2"]
    assert broken(a_dealing(asked, applicants=(BEN, ANNE)), title) == ["LIM-2"]
    assert broken(a_dealing(asked, applicants=(ANNE, DORA)), title) == ["LIM-2"]
    assert broken(a_dealing(asked, applicants=(ANNE, BEN, DORA)), title) == []
    assert broken(a_dealing(limits()), title) == ["LIM-2"]


def test_e3_the_pledgee_agrees_to_other_limits_of_the_right() -> None:
    body = Pledge(secured_fen=1, burdens={ANNE: Fraction(1)})
    title = a_title(an_interest(), a_remark("N-1", body, interest="I-1", party=DORA))

    assert broken(a_dealing(limits()), title) == ["DEA-5"]
    assert broken(consenting(a_dealing(limits()), DORA), title) == []

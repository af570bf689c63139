"""Corrections: each COR rule, that they reach back, and that no rank improves by one (E9)."""

from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from rights.correction import DescriptionCorrection, RemarkCorrection, RightCorrection, enlarges
from rights.facts import Order
from rights.kinds import AuthorityKind, CorrectionCause, RightKind
from rights.remarks import (
    Body,
    Caution,
    Control,
    Corrected,
    Covenant,
    Description,
    Freeze,
    Pledge,
    RemarkFacts,
    SetAside,
)
from rights.scope import Scope
from rights.surrender import Surrender
from rights.terms import term_end
from rights.title import AssetFacts, GrantTerms, InterestFacts, Title
from rights.transfer import Transfer
from tests.factories import description
from tests.rights.plain import (
    ANNE,
    ASSET,
    BEN,
    CARL,
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

HALF, THIRD = Fraction(1, 2), Fraction(1, 3)
BENS = {BEN: Fraction(1)}
BEGAN = an_interest().valid_from
CREDIT = Scope(purposes=frozenset({"credit"}))
COURT = Order(authority=AuthorityKind.COURT, level=2, number="示例1")
ERROR: dict[str, Any] = {
    "record": "N-R",
    "cause": CorrectionCause.REGISTRAR,
    "paper": "D-1",
    "words": "示例：录入时份额有误。",
}


def right(interest: str = "I-1", **members: Any) -> RightCorrection:
    return RightCorrection(interest=interest, **ERROR | members)


def remark(name: str = "N-1", interest: str = "I-1", **members: Any) -> RemarkCorrection:
    return RemarkCorrection(remark=name, interest=interest, **ERROR | members)


def dealing(*items: Any, applicants: tuple[str, ...] = (), **changes: Any) -> Any:
    fields = {"instruments": frozenset({"D-1"})} | changes
    return a_dealing(*items, applicants=applicants, **fields)


def correcting(item: Any, *facts: InterestFacts | RemarkFacts, **changes: Any) -> list[str]:
    return broken(dealing(item, **changes), a_title(*facts or (an_interest(),)))


def corrected(item: Any, title: Title) -> Title:
    return after(dealing(item), title)


def a_pledge(**members: Any) -> RemarkFacts:
    fields: dict[str, Any] = {"secured_fen": 100, "burdens": {ANNE: HALF}, "no_disposal": False}
    body = Pledge(**fields | members)
    return a_remark("N-1", body, interest="I-1", party=DORA)


def test_a_right_is_put_right_from_where_the_wrong_revision_began() -> None:
    wrong = an_interest(shares={ANNE: THIRD, BEN: 1 - THIRD})
    title = corrected(right(shares={ANNE: 1 - THIRD, BEN: THIRD}), a_title(wrong))

    now = title.interests["I-1"]
    assert now.shares == {ANNE: 1 - THIRD, BEN: THIRD}
    assert (now.revision, now.valid_from, now.until) == (2, BEGAN, LATER)
    assert now.in_force_at(BEGAN)


def test_the_cause_of_an_error_and_its_paper_are_on_record_apart_from_changes() -> None:
    title = corrected(right(limits="示例：仅限科研。"), a_title(an_interest()))

    record = title.remarks["N-R"]
    assert record.body == Corrected(wrong="I-1@1", cause=CorrectionCause.REGISTRAR, paper="D-1")
    assert (record.interest, record.words) == ("I-1", "示例：录入时份额有误。")
    assert record.valid_from == NOW


def test_cor_1_a_paper_of_the_dealing_shows_the_error() -> None:
    for item in (right(limits="示例"), right(limits="示例", paper="")):
        assert correcting(item, instruments=frozenset({"D-2"})) == ["COR-1"]


def test_cor_2_an_applicants_error_is_corrected_if_all_who_are_registered_agree() -> None:
    item = right(shares=BENS, cause=CorrectionCause.APPLICANT)

    assert correcting(item) == ["COR-2"]
    assert correcting(item, applicants=(BEN,)) == ["COR-2"]
    assert correcting(item, applicants=(ANNE,)) == ["COR-2"]
    assert correcting(item, applicants=(ANNE, BEN)) == []
    assert correcting(item, order=COURT) == []
    assert correcting(right(shares=BENS)) == []


def test_cor_2_of_a_pledge_both_sides_and_the_true_pledgee_agree() -> None:
    item = remark(party=CARL, cause=CorrectionCause.APPLICANT)
    facts = (an_interest(), a_pledge())

    for some in ((ANNE, DORA), (ANNE, CARL), (CARL, DORA)):
        assert correcting(item, *facts, applicants=some) == ["COR-2"]
    assert correcting(item, *facts, applicants=(ANNE, CARL, DORA)) == []


def test_cor_3_what_is_corrected_stands_there_and_is_put_otherwise() -> None:
    assert correcting(right("I-7", limits="示例")) == ["COR-3"]
    assert correcting(right()) == ["COR-3"]
    assert correcting(right(valid_to=LATER)) == ["COR-3"]
    facts = (an_interest(), an_interest("I-2"), a_pledge())
    assert correcting(remark(), *facts) == ["COR-3"]
    assert correcting(remark("N-7", party=CARL), *facts) == ["COR-3"]
    assert correcting(remark(interest="I-2", party=CARL), *facts) == ["COR-3"]
    assert correcting(remark(interest="", asset=ASSET, party=CARL), *facts) == ["COR-3"]
    assert correcting(remark(party=DORA), *facts) == ["COR-3"]


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (BEGAN, ["COR-4"]),
        (BEGAN - timedelta(days=1), ["COR-4"]),
        (BEGAN + timedelta(seconds=1), []),
        (NOW, []),
        (term_end(BEGAN, 66), []),
        (term_end(BEGAN, 66) + timedelta(seconds=1), ["COR-4"]),
    ],
)
def test_cor_4_the_corrected_term_lasts_and_is_lawful(end: datetime, expected: list[str]) -> None:
    assert correcting(right(valid_to=end)) == expected


def test_cor_5_a_granted_right_stays_within_its_source() -> None:
    own = GrantTerms(may_sublicense=True, max_uses=3)
    line = (
        an_interest("I-0"),
        an_interest("I-1", granted_from="I-0", scope=CREDIT, terms=own),
        an_interest(
            "I-2",
            granted_from="I-1",
            kind=RightKind.USE,
            scope=CREDIT,
            terms=GrantTerms(max_uses=1),
        ),
    )

    assert "COR-5" in correcting(right("I-2", scope=Scope()), *line)
    assert "COR-5" in correcting(right("I-2", terms=GrantTerms(max_uses=4)), *line)
    assert correcting(right("I-2", terms=GrantTerms(max_uses=2)), *line) == []


def test_tit_8_what_was_granted_stays_within_the_corrected_right() -> None:
    line = (an_interest(), an_interest("I-2", granted_from="I-1", shares=BENS))

    assert correcting(right(scope=CREDIT), *line) == ["TIT-8"]
    both = dealing(right(scope=CREDIT), right("I-2", scope=CREDIT, record="N-S"))
    assert broken(both, a_title(*line)) == []


def test_tit_2_what_was_granted_does_not_outlive_the_corrected_right() -> None:
    shorter = LATER - timedelta(days=1)
    line = (an_interest(), an_interest("I-2", granted_from="I-1", shares=BENS))

    assert correcting(right(valid_to=shorter), *line) == ["TIT-2"]


def test_tit_4_a_pledge_does_not_outlive_the_corrected_right() -> None:
    shorter = LATER - timedelta(days=1)
    facts = (an_interest(), a_pledge())

    assert correcting(right(valid_to=shorter), *facts) == ["TIT-4"]
    both = dealing(right(valid_to=shorter), remark(valid_to=shorter, record="N-S"))
    assert broken(both, a_title(*facts)) == []


def test_tit_7_nobody_pledged_more_than_the_corrected_share() -> None:
    facts = (an_interest(), a_pledge())

    assert correcting(right(shares={ANNE: THIRD, BEN: 1 - THIRD}), *facts) == ["TIT-7"]
    assert correcting(right(shares={ANNE: HALF, BEN: HALF}), *facts) == []
    fitting = remark(record="N-S", body=replace(a_pledge().body, burdens={BEN: HALF}))  # type: ignore[type-var] # a Pledge
    assert broken(dealing(right(shares=BENS), fitting), a_title(*facts)) == []


@pytest.mark.parametrize(
    "body",
    [
        Freeze(authority=AuthorityKind.COURT, level=2, order="示例1", months=36),
        Control(authority=AuthorityKind.COURT, level=2, order="示例1"),
    ],
)
def test_cor_6_an_order_is_corrected_under_an_order_of_its_level(body: Any) -> None:
    facts = (an_interest(), a_remark("N-1", body, interest="I-1"))
    item = remark(body=replace(body, order="示例2"))
    low = replace(COURT, level=1)

    assert "COR-6" in correcting(item, *facts)
    assert "COR-6" in correcting(item, *facts, order=low)
    assert correcting(item, *facts, order=COURT) == []


def test_cor_6_records_and_kinds_stay_what_they_are() -> None:
    record = a_remark("N-1", SetAside(rule="GRT-8", approved_by="U-2"), interest="I-1")

    assert correcting(remark(party=CARL), an_interest(), record) == ["COR-6"]
    assert correcting(remark(body=Caution()), an_interest(), a_pledge()) == ["COR-6"]


def described(*facts: InterestFacts | RemarkFacts, **values: Any) -> Title:
    asset = AssetFacts(
        number=ASSET, registered_at=BEGAN, description={"period_from": None, "period_to": None}
    ).described(description(resale_allowed=False) | values)
    return a_title(*facts or (an_interest(),), assets={ASSET: asset})


def redescribed(**after: Any) -> DescriptionCorrection:
    return DescriptionCorrection(reference="N-D", asset=ASSET, after=after, **ERROR)


def test_a_description_is_put_right_from_the_registration_on() -> None:
    title = corrected(redescribed(record_count=7), described())

    assert title.remarks["N-D"].valid_from == BEGAN
    assert title.remarks["N-D"].body == Description(
        before={"record_count": 100}, after={"record_count": 7}
    )
    assert title.remarks["N-R"].body == Corrected(
        wrong=ASSET, cause=CorrectionCause.REGISTRAR, paper="D-1"
    )


def test_a_changed_description_is_put_right_from_that_change_on() -> None:
    changed = a_remark(
        "N-0", Description(before={"region": "全国"}, after={"region": "华东"}), valid_from=NOW
    )
    title = corrected(redescribed(region="华北"), described(an_interest(), changed))

    assert title.remarks["N-0"].valid_from == NOW
    assert title.remarks["N-0"].revision == 2
    assert title.remarks["N-R"].body == Corrected(
        wrong="N-0@1", cause=CorrectionCause.REGISTRAR, paper="D-1"
    )


def test_e9_a_description_put_right_ranks_from_its_own_entry() -> None:
    changed = a_remark(
        "N-0", Description(before={"name": "旧"}, after={"name": "误"}), valid_from=NOW, rank=(2, 0)
    )

    title = corrected(redescribed(name="正"), described(an_interest(), changed))

    assert title.remarks["N-0"].rank == (7, 0)


def test_cor_7_the_rights_may_still_arise_from_the_corrected_source() -> None:
    crawled = {"source_kind": "CRAWLED", "situation": "CRAWLED"}

    def put(title: Title, **values: Any) -> list[str]:
        return broken(dealing(redescribed(**values)), title)

    assert put(described(), **crawled) == ["COR-7"]
    assert put(described(an_interest(kind=RightKind.USE)), **crawled) == []
    assert put(described(an_interest(kind=RightKind.USE)), source_kind="CRAWLED") == ["COR-7"]


def test_des_2_a_corrected_value_is_one_that_the_form_takes() -> None:
    assert broken(dealing(redescribed(source_kind="FOUND")), described()) == ["DES-2"]


def test_e3_a_pledgee_with_a_covenant_agrees_to_the_correction_of_the_right() -> None:
    title = a_title(an_interest(), a_pledge(no_disposal=True))
    asked = dealing(right(limits="示例"))

    assert broken(asked, title) == ["DEA-5"]
    assert broken(consenting(asked, DORA), title) == []


def test_e6_a_frozen_right_is_corrected_under_an_order_only() -> None:
    freeze = Freeze(authority=AuthorityKind.COURT, level=2, order="示例1", months=36)
    facts = (an_interest(), a_remark("N-1", freeze, interest="I-1"))

    assert correcting(right(shares=BENS), *facts) == ["DEA-3"]
    assert correcting(right(shares=BENS), *facts, order=COURT) == []


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"secured_fen": 101}, (7, 0)),
        ({"secured_fen": 99}, (2, 0)),
        ({"burdens": {ANNE: Fraction(3, 4)}}, (7, 0)),
        ({"burdens": {ANNE: Fraction(1, 4)}}, (2, 0)),
        ({"is_maximum_amount": True}, (7, 0)),
        ({"currency": "USD"}, (7, 0)),
        ({"external_number": "示例0001"}, (2, 0)),
    ],
)
def test_e9_a_correction_that_enlarges_the_collateral_ranks_from_its_own_entry(
    members: dict[str, Any], expected: tuple[int, int]
) -> None:
    before = a_pledge()
    title = a_title(an_interest(), before)

    title = corrected(remark(body=replace(before.body, **members)), title)  # type: ignore[type-var] # a Pledge

    assert title.remarks["N-1"].rank == expected
    assert title.remarks["N-1"].valid_from == before.valid_from


def test_e9_a_correction_of_whom_it_favours_or_of_a_longer_term_ranks_from_its_own_entry() -> None:
    title = a_title(an_interest(), replace(a_pledge(), valid_to=NOW, until=NOW))

    assert corrected(remark(party=CARL), title).remarks["N-1"].rank == (7, 0)
    assert corrected(remark(valid_to=LATER), title).remarks["N-1"].rank == (7, 0)
    sooner = corrected(remark(valid_to=NOW - timedelta(days=1)), title)
    assert sooner.remarks["N-1"].rank == (2, 0)


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [(Covenant(scope=CREDIT), Covenant()), (Caution(), Caution(extends="N-2"))],
)
def test_e9_what_has_a_measure_is_measured(smaller: Body, larger: Body) -> None:
    assert enlarges(smaller, larger)
    assert not enlarges(larger, larger)
    assert enlarges(larger, smaller) == isinstance(smaller, Caution)


def test_tit_11_what_reaches_back_is_the_only_act_on_the_right_in_its_dealing() -> None:
    move = Transfer(interest="I-1", giver=BEN, takers={CARL: Fraction(1)})
    item = right(shares=BENS)

    title = a_title(an_interest(), an_interest("I-2"))
    assert "TIT-11" in broken(dealing(item, move, applicants=(BEN, CARL)), title)
    end = dealing(item, Surrender(interest="I-1"), applicants=(BEN,))
    assert broken(end, title) == ["TIT-11"]
    elsewhere = dealing(item, Surrender(interest="I-2"), applicants=(ANNE,))
    assert broken(elsewhere, title) == []


def test_cor_8_a_licence_put_right_meets_no_exclusive_grant_or_covenant_that_it_did_not() -> None:
    retail = Scope(purposes=frozenset({"retail"}))
    wide = Scope(purposes=frozenset({"credit", "retail"}))
    licence = an_interest("I-2", granted_from="I-1", shares=BENS, scope=CREDIT)
    exclusive = an_interest(
        "I-3", granted_from="I-1", scope=retail, terms=GrantTerms(is_exclusive=True)
    )
    covenant = a_remark("N-1", Covenant(scope=retail), interest="I-1")

    assert correcting(right("I-2", scope=wide), an_interest(), licence) == []
    for bar in (exclusive, covenant):
        assert correcting(right("I-2", scope=wide), an_interest(), licence, bar) == ["COR-8"]
        # What it met already, lawfully or not, is no matter of this correction.
        met = replace(licence, scope=wide)
        assert correcting(right("I-2", limits="示例"), an_interest(), met, bar) == []
    assert correcting(right("I-3", limits="示例"), an_interest(), exclusive) == []

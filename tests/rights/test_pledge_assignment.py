"""A pledge follows the claim that it secures: each PLA rule, and that no rank is lost or won."""

from fractions import Fraction
from typing import Any

from rights.pledge import AssignPledge
from rights.ranking import ranking
from rights.remarks import Pledge, Subordination
from rights.title import Title
from tests.rights.plain import (
    ANNE,
    BEN,
    CARL,
    DORA,
    NOW,
    a_dealing,
    a_remark,
    a_title,
    after,
    an_interest,
    broken,
)
from tests.rights.securities import COURT, a_pledge

PAPERS = frozenset({"D-1"})


def to(creditor: str = CARL, **changes: Any) -> AssignPledge:
    fields = {"interest": "I-1", "reference": "N-1", "notice": "D-1"}
    return AssignPledge(creditor=creditor, **fields | changes)


def assigning(item: AssignPledge, title: Title, *applicants: str, **changes: Any) -> list[str]:
    return broken(
        a_dealing(item, applicants=applicants, **{"instruments": PAPERS} | changes), title
    )


PLEDGED = a_title(an_interest(), a_pledge(), a_pledge("N-2", party=BEN, rank=3))


def test_the_new_creditor_has_the_place_the_part_and_the_end_of_the_old_one() -> None:
    dealing = a_dealing(to(), applicants=(DORA, CARL), instruments=PAPERS)
    title = after(dealing, PLEDGED)

    old, new = PLEDGED.remarks["N-1"], title.remarks["N-1"]
    assert (new.party, new.revision, new.valid_from) == (CARL, 2, NOW)
    assert (new.rank, new.until, new.body) == (old.rank, old.until, old.body)
    order = ranking(title, title.interests["I-1"], at=NOW)
    assert [pledge.reference for pledge in order] == ["N-1", "N-2"]


def test_a_place_that_was_yielded_to_the_pledge_stays_with_it() -> None:
    yielded = a_remark("N-3", Subordination(yields="N-1", favours="N-2"), interest="I-1", party=BEN)
    item = to(reference="N-2")
    dealing = a_dealing(item, applicants=(BEN, CARL), instruments=PAPERS)
    title = after(dealing, a_title(*PLEDGED.interests.values(), *PLEDGED.remarks.values(), yielded))

    assert title.remarks["N-3"].party == title.remarks["N-2"].party == CARL
    order = ranking(title, title.interests["I-1"], at=NOW)
    assert [pledge.reference for pledge in order] == ["N-2", "N-1"]


def test_pla_1_only_a_pledge_in_force_on_the_right_is_assigned() -> None:
    assert "PLA-1" in assigning(to(reference="N-9"), PLEDGED, DORA, CARL)
    lapsed = a_title(an_interest(), a_pledge(valid_to=NOW))
    assert "PLA-1" in assigning(to(), lapsed, DORA, CARL)


def test_pla_2_both_creditors_apply_or_a_court_orders_it() -> None:
    assert assigning(to(), PLEDGED, DORA, CARL) == []
    assert assigning(to(), PLEDGED, DORA) == ["PLA-2"]
    assert assigning(to(), PLEDGED, CARL) == ["PLA-2"]
    assert assigning(to(), PLEDGED, ANNE, CARL) == ["PLA-2"]
    assert assigning(to(), PLEDGED, order=COURT) == []


def test_pla_3_the_new_creditor_is_another_and_no_pledgor() -> None:
    assert assigning(to(DORA), PLEDGED, DORA) == ["PLA-3"]
    assert assigning(to(ANNE), PLEDGED, DORA, ANNE) == ["PLA-3"]


def test_pla_4_the_debtor_and_the_pledgors_were_told() -> None:
    both = (DORA, CARL)
    assert assigning(to(notice=""), PLEDGED, *both) == ["PLA-4"]
    assert assigning(to(notice="D-2"), PLEDGED, *both) == ["PLA-4"]


def test_e3_the_covenant_follows_the_pledge_into_the_new_hands() -> None:
    body = Pledge(secured_fen=100, burdens={ANNE: Fraction(1)}, no_disposal=True)
    title = a_title(an_interest(), a_pledge(body=body))
    dealing = a_dealing(to(), applicants=(DORA, CARL), instruments=PAPERS)
    assert after(dealing, title).remarks["N-1"].body == body

"""Releases: each REL rule; only whom it favours gives a thing up, or a court takes it."""

from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest

from rights.kinds import AuthorityKind
from rights.release import freed
from rights.remarks import Caution, Freeze, PriorityNotice, Subordination
from rights.transfer import Transfer
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
    consenting,
)
from tests.rights.securities import COURT, POLICE, a_pledge, a_release, body_of, security

HALF, QUARTER, ONE = Fraction(1, 2), Fraction(1, 4), Fraction(1)
SHARED = an_interest(shares={ANNE: HALF, BEN: HALF})
PLEDGED = a_title(an_interest(), a_pledge(body=security(no_disposal=True)), a_pledge("N-2", rank=3))


def test_a_release_ends_the_pledge_and_leaves_the_others() -> None:
    title = after(a_dealing(a_release(), applicants=[DORA]), PLEDGED)

    assert set(title.remarks) == {"N-2"}
    assert title.remarks["N-2"] == PLEDGED.remarks["N-2"]
    move = Transfer(interest="I-1", giver=ANNE, takers={BEN: ONE})
    assert broken(a_dealing(move, applicants=[ANNE, BEN]), title) == []


def test_a_partial_release_keeps_rank_and_rest() -> None:
    joint = security({ANNE: HALF, BEN: QUARTER})
    title = a_title(SHARED, a_pledge(body=joint))

    title = after(a_dealing(a_release(anne=QUARTER, ben=QUARTER), applicants=[DORA]), title)
    assert body_of(title).burdens == {ANNE: QUARTER}
    assert title.remarks["N-1"].rank == (2, 0)

    title = after(a_dealing(a_release(anne=QUARTER), applicants=[DORA]), title)
    assert title.remarks == {}


def test_a_pledge_is_released_part_by_part_within_one_dealing() -> None:
    dealing = a_dealing(a_release(anne=HALF), a_release(anne=QUARTER), applicants=[DORA])

    title = after(dealing, PLEDGED)

    assert body_of(title).burdens == {ANNE: QUARTER}
    assert title.remarks["N-1"].revision == 2


@pytest.mark.parametrize(
    "remark",
    [
        a_pledge(until=NOW),
        a_pledge(interest="I-2"),
        a_pledge("N-2"),
        a_remark("N-1", Caution(), interest="I-1", party=DORA),
    ],
)
def test_rel_1_what_is_released_is_in_force_on_the_right(remark: Any) -> None:
    title = a_title(an_interest(), an_interest("I-2"), remark)

    assert broken(a_dealing(a_release(), applicants=[DORA]), title) == ["REL-1"]


def test_rel_2_only_the_pledgee_or_a_court_discharges() -> None:
    for applicants in ([ANNE], [CARL], []):
        dealing = a_dealing(a_release(), applicants=applicants)
        assert broken(dealing, PLEDGED) == ["REL-2"]
    assert broken(a_dealing(a_release(), order=POLICE), PLEDGED) == ["REL-2"]
    assert broken(a_dealing(a_release(), applicants=[], order=COURT), PLEDGED) == []
    assert broken(consenting(a_dealing(a_release()), DORA), PLEDGED) == []


def test_e5_a_pledge_lapses_at_its_end_without_any_entry() -> None:
    second = timedelta(seconds=1)
    title = a_title(an_interest(), a_pledge(body=security(no_disposal=True), until=NOW + second))
    move = a_dealing(
        Transfer(interest="I-1", giver=ANNE, takers={BEN: ONE}), applicants=[ANNE, BEN]
    )

    assert broken(move, title) == ["DEA-5"]
    assert broken(move, title, at=NOW + second) == []


@pytest.mark.parametrize(
    "parts", [{"anne": Fraction(0)}, {"anne": -QUARTER}, {"anne": 2 * ONE}, {"ben": QUARTER}]
)
def test_rel_3_no_more_is_freed_than_is_pledged(parts: Any) -> None:
    assert broken(a_dealing(a_release(**parts), applicants=[DORA]), PLEDGED) == ["REL-3"]


def test_freeing_more_than_is_pledged_is_an_error_and_never_a_negative_burden() -> None:
    for parts in ({ANNE: 2 * ONE}, {BEN: QUARTER}):
        with pytest.raises(ValueError, match="N-1"):
            freed(PLEDGED, PLEDGED.remarks["N-1"], body_of(PLEDGED), parts, at=NOW)


def test_rel_3_only_a_pledge_is_released_in_part() -> None:
    notice = PriorityNotice(act="pledge", secured_fen=1, burdens={ANNE: ONE})
    title = a_title(an_interest(), a_remark("N-1", notice, interest="I-1", party=DORA))

    assert broken(a_dealing(a_release(anne=HALF), applicants=[DORA]), title) == ["REL-3"]
    assert after(a_dealing(a_release(), applicants=[DORA]), title).remarks == {}


@pytest.mark.parametrize("released", ["N-1", "N-2"])
def test_a_release_of_a_pledge_ends_the_places_that_it_gave_and_took(released: str) -> None:
    place = a_remark("N-9", Subordination(yields="N-1", favours="N-2"), interest="I-1", party=DORA)
    title = a_title(an_interest(), a_pledge(), a_pledge("N-2", rank=3), place)

    title = after(a_dealing(a_release(released), applicants=[DORA]), title)

    assert set(title.remarks) == {"N-1", "N-2"} - {released}


def test_a_partial_release_ends_no_place() -> None:
    place = a_remark("N-9", Subordination(yields="N-1", favours="N-2"), interest="I-1", party=DORA)
    title = a_title(an_interest(), a_pledge(), a_pledge("N-2", rank=3), place)

    title = after(a_dealing(a_release(anne=HALF), applicants=[DORA]), title)

    assert set(title.remarks) == {"N-1", "N-2", "N-9"}


def test_e6_a_frozen_right_waits_with_releases_too() -> None:
    freeze = Freeze(authority=AuthorityKind.COURT, level=3, order="1", months=36)
    title = a_title(an_interest(), a_pledge(), a_remark("N-7", freeze, interest="I-1"))

    assert broken(a_dealing(a_release(), applicants=[DORA]), title) == ["DEA-3"]
    assert broken(a_dealing(a_release(), order=COURT), title) == []

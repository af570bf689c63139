"""Revisions of one fact follow one another in legal time, whatever acts may do (L2)."""

from datetime import datetime, timedelta
from fractions import Fraction

import pytest

from rights.dealing import Final, Step, a_revision_is_begun_once, revisions_follow_one_another
from rights.scope import Scope
from rights.surrender import Narrowing
from rights.title import Change, InterestFacts
from rights.transfer import Transfer
from tests.rights.plain import (
    ANNE,
    BEN,
    LATER,
    NOW,
    OFFICER,
    a_dealing,
    a_title,
    after,
    an_interest,
    broken,
)

DAY = timedelta(days=1)
BEFORE = an_interest()


def final(change: Change) -> Final:
    title = a_title(BEFORE)
    return Final(
        title=title.after(change), change=change, dealing=a_dealing(), officer=OFFICER, at=NOW
    )


def second(begins: datetime) -> InterestFacts:
    return BEFORE.revised(at=begins)


def test_tit_10_a_revision_begins_where_the_one_before_it_ends() -> None:
    sound = Change(interests=(second(NOW),), ended={"I-1": NOW})

    assert revisions_follow_one_another.holds(final(sound))


@pytest.mark.parametrize(
    "change",
    [
        Change(interests=(second(NOW - DAY),), ended={"I-1": NOW}),
        Change(interests=(second(NOW + DAY),), ended={"I-1": NOW}),
        Change(interests=(second(NOW),)),
        Change(interests=(second(LATER),), ended={"I-1": LATER}),
        Change(interests=(an_interest("I-2", valid_to=BEFORE.valid_from),)),
    ],
    ids=["back-dated", "gap", "second open revision", "empty", "ends before it begins"],
)
def test_tit_10_a_version_is_not_back_dated_and_leaves_no_gap(change: Change) -> None:
    assert not revisions_follow_one_another.holds(final(change))


def test_l2_an_act_dated_before_the_revision_that_it_alters_is_refused() -> None:
    title = a_title(an_interest(valid_from=NOW))
    move = Transfer(interest="I-1", giver=ANNE, takers={BEN: Fraction(1)})

    assert "DEA-2" in broken(a_dealing(move, applicants=(ANNE, BEN)), title, at=NOW - DAY)


def test_l2_of_two_amendments_the_second_amends_what_the_first_made() -> None:
    both, credit = frozenset({"credit", "retail"}), frozenset({"credit"})
    title = a_title(BEFORE)
    first = a_dealing(Narrowing(interest="I-1", scope=Scope(purposes=both)))
    again = a_dealing(Narrowing(interest="I-1", scope=Scope(purposes=credit)))

    title = after(first, title)
    assert broken(first, title) == ["NAR-1"]
    title = after(again, title, at=NOW + DAY)

    assert title.interests["I-1"].revision == 3
    together = after(a_dealing(*first.items, *again.items), a_title(BEFORE))
    assert together.interests["I-1"].revision == 2
    assert together.interests["I-1"].scope == Scope(purposes=credit)


def test_tit_11_what_begins_now_may_go_on_to_change_in_its_dealing() -> None:
    begun = Change(interests=(second(NOW),), ended={"I-1": NOW})

    assert a_revision_is_begun_once.holds(Step(before=begun, following=begun))
    reaching_back = Change(interests=(second(NOW - DAY),), ended={"I-1": NOW - DAY})
    assert not a_revision_is_begun_once.holds(Step(before=reaching_back, following=begun))

"""Priority notices: each NTC rule, the place that is taken, and what is entered between."""

from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest

from rights.facts import Limits
from rights.grant import Grant
from rights.kinds import AuthorityKind, RightKind
from rights.priority_notice import AnnouncePledge
from rights.ranking import ranking
from rights.remarks import Freeze, PriorityNotice
from rights.title import GrantTerms, Title
from rights.transfer import Transfer
from tests.rights.plain import (
    ANNE,
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
from tests.rights.securities import BOTH, COURT, decided, pledge_to

HALF, ONE = Fraction(1, 2), Fraction(1)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
END = NOW + 90 * DAY


def announce(**changes: Any) -> AnnouncePledge:
    fields: dict[str, Any] = {
        "interest": "I-1",
        "pledgee": DORA,
        "burdens": {ANNE: ONE},
        "secured_fen": 100,
        "valid_to": END,
    } | changes
    return AnnouncePledge(reference=fields.pop("reference", "N-0"), **fields)


def kept(**changes: Any) -> Title:
    """Return a title on which a place is kept for Dora in the asset's version 2."""
    dealing = a_dealing(announce(**changes), applicants=[ANNE])
    title = a_title(an_interest())
    outcome = decided(dealing, title, version=2)
    assert outcome.broken == ()
    return title.after(outcome.change)


def taking(pledgee: str = DORA, /, **changes: Any) -> Any:
    return a_dealing(pledge_to(pledgee, **{"under": "N-0"} | changes), applicants=(*BOTH, CARL))


def test_e8_a_pledge_under_the_notice_takes_its_rank_before_those_between() -> None:
    title = kept()
    between = a_dealing(pledge_to(CARL, "N-2"), applicants=[ANNE, CARL])
    title = title.after(decided(between, title, version=3).change)
    title = title.after(decided(taking(), title, version=4, at=END - SECOND).change)

    assert title.remarks["N-1"].rank == (2, 0)
    order = ranking(title, title.interests["I-1"], at=END - SECOND)
    assert [remark.reference for remark in order] == ["N-1", "N-2"]
    notice = title.remarks["N-0"].body
    assert isinstance(notice, PriorityNotice)
    assert notice.used_by == "N-1"


def test_e8_after_its_end_a_notice_has_no_effect() -> None:
    assert broken(taking(), kept(), at=END) == ["PLG-10"]
    later = decided(taking(under=""), kept(), version=4, at=END).change
    assert later.remarks[0].rank == (4, 0)


def test_e8_one_notice_serves_one_pledge() -> None:
    title = after(taking(secured_fen=40), kept())

    again = taking(reference="N-2", secured_fen=40)
    assert broken(again, title) == ["PLG-10"]


@pytest.mark.parametrize(
    "members",
    [{"secured_fen": 101}, {"currency": "USD"}, {"under": "N-5"}],
)
def test_plg_10_no_more_is_pledged_under_a_notice_than_it_announced(members: Any) -> None:
    assert broken(taking(**members), kept()) == ["PLG-10"]
    assert broken(taking(secured_fen=99), kept()) == []


def test_plg_10_the_part_and_the_pledgee_are_those_announced() -> None:
    assert broken(taking(), kept(burdens={ANNE: HALF})) == ["PLG-10"]
    assert broken(taking(burdens={ANNE: HALF}), kept(burdens={ANNE: HALF})) == []
    assert broken(taking(CARL), kept()) == ["PLG-10"]


def test_plg_10_the_notice_lies_on_the_same_right() -> None:
    title = kept()
    other = pledge_to(interest="I-2", under="N-0")
    title = a_title(an_interest(), an_interest("I-2"), *title.remarks.values())

    assert broken(a_dealing(other, applicants=BOTH), title) == ["PLG-10"]


def test_e8_a_freeze_between_bars_the_announced_pledge_too() -> None:
    freeze = Freeze(authority=AuthorityKind.COURT, level=3, order="1", months=36)
    lifted = a_remark("N-7", freeze, interest="I-1", rank=(3, 0), until=NOW + 9 * DAY)
    title = a_title(an_interest(), lifted, *kept().remarks.values())

    assert broken(taking(), title, at=NOW + DAY) == ["DEA-3"]
    assert broken(taking(), title, at=NOW + 9 * DAY) == []


MOVE = Transfer(interest="I-1", giver=ANNE, takers={BEN: ONE})


def test_dea_7_who_announced_disposes_only_as_the_announced_pledgee_agrees() -> None:
    dealing = a_dealing(MOVE, applicants=[ANNE, BEN])

    assert broken(dealing, kept()) == ["DEA-7"]
    assert broken(consenting(dealing, CARL), kept()) == ["DEA-7"]
    assert broken(consenting(dealing, DORA), kept()) == []
    assert broken(dealing, kept(), at=END) == []
    assert broken(a_dealing(MOVE, order=COURT), kept()) == []
    assert broken(dealing, after(taking(no_disposal=False), kept())) == []


def test_dea_7_a_notice_binds_nobody_but_who_announced() -> None:
    shared = an_interest(shares={ANNE: HALF, BEN: HALF})
    title = after(a_dealing(announce(burdens={ANNE: HALF}), applicants=[ANNE]), a_title(shared))
    own = Transfer(interest="I-1", giver=BEN, takers={CARL: HALF})

    assert broken(a_dealing(own, applicants=[BEN, CARL]), title) == []


def test_e8_a_licence_between_takes_nothing_and_an_exclusive_one_needs_consent() -> None:
    def licence(*, is_exclusive: bool) -> Any:
        return a_dealing(
            Grant(
                reference="I-2",
                parent="I-1",
                kind=RightKind.USE,
                grantees={BEN: ONE},
                valid_from=NOW,
                valid_to=LATER,
                terms=GrantTerms(is_exclusive=is_exclusive),
            )
        )

    assert broken(licence(is_exclusive=False), kept()) == []
    assert broken(licence(is_exclusive=True), kept()) == ["GRT-12"]


def numbers(*, applicants: tuple[str, ...] = (ANNE,), **changes: Any) -> list[str]:
    return broken(a_dealing(announce(**changes), applicants=applicants), a_title(an_interest()))


def test_ntc_1_a_place_is_kept_only_where_a_pledge_may_lie() -> None:
    hold = a_title(an_interest(kind=RightKind.HOLD))

    assert broken(a_dealing(announce()), hold) == ["NTC-1"]


@pytest.mark.parametrize("burdens", [{}, {BEN: ONE}, {ANNE: ONE, BEN: ONE}, {ANNE: 2 * ONE}])
def test_ntc_2_who_announces_holds_the_part_and_applies(burdens: Any) -> None:
    assert numbers(burdens=burdens, applicants=(ANNE, BEN)) == ["NTC-2"]


def test_ntc_2_nobody_has_a_place_kept_for_himself_alone() -> None:
    assert numbers(applicants=(DORA,)) == ["NTC-2"]
    assert numbers(applicants=(DORA, ANNE)) == []


@pytest.mark.parametrize("changes", [{"secured_fen": 0}, {"currency": "yuan"}])
def test_ntc_3_the_amount_is_announced(changes: Any) -> None:
    assert numbers(**changes) == ["NTC-3"]


@pytest.mark.parametrize("end", [NOW, NOW - DAY, END + SECOND])
def test_ntc_4_the_period_is_the_profiles_at_most(end: Any) -> None:
    assert numbers(valid_to=end) == ["NTC-4"]
    assert numbers(valid_to=END) == []
    longer = decided(
        a_dealing(announce(valid_to=NOW + 91 * DAY)),
        a_title(an_interest()),
        version=2,
        limits=Limits(notice_days=91),
    )
    assert longer.broken == ()


def test_ntc_4_no_place_is_kept_beyond_the_right() -> None:
    title = a_title(an_interest(valid_to=NOW + DAY))

    assert broken(a_dealing(announce()), title) == ["NTC-4"]

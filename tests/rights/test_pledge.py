"""Pledges and their changes: each PLG and PCH rule, and that no rank ever improves."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from rights.facts import Consent, Limits
from rights.grant import Grant
from rights.kinds import AuthorityKind, ObjectionStage, RightKind
from rights.pledge import ChangePledge
from rights.remarks import Freeze, Objection, Pledge
from rights.title import GrantTerms
from rights.transfer import Transfer
from tests.rights.plain import (
    ANNE,
    BEN,
    CARL,
    DORA,
    LATER,
    NOW,
    WHOLE,
    a_dealing,
    a_remark,
    a_title,
    after,
    an_interest,
    broken,
    consenting,
)
from tests.rights.securities import (
    BOTH,
    COURT,
    POLICE,
    a_pledge,
    body_of,
    decided,
    pledge_to,
    security,
)

HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)
SECOND = timedelta(seconds=1)
ELSEWHERE: dict[str, Any] = {
    "external_registry": "动产融资统一登记公示系统",
    "external_number": "03218837001234567890",
    "external_at": datetime(2026, 11, 20, 1, 0, tzinfo=UTC),
}


def numbers(*changes: Any, applicants: tuple[str, ...] = BOTH, **members: Any) -> list[str]:
    """Return the rules broken by a pledge with ``members`` on a title of ``changes``."""
    title = a_title(*(changes or (an_interest(),)))
    return broken(a_dealing(pledge_to(**members), applicants=applicants), title)


def test_a_pledge_begins_with_its_entry_and_has_its_rank() -> None:
    title = after(
        a_dealing(pledge_to(due_on=date(2027, 6, 30)), applicants=BOTH), a_title(an_interest())
    )

    pledge = title.remarks["N-1"]
    assert (pledge.valid_from, pledge.until, pledge.rank) == (NOW, LATER, (7, 0))
    assert pledge.party == DORA
    assert title.interests["I-1"] == an_interest()


@pytest.mark.parametrize("kind", [RightKind.HOLD, RightKind.USE])
def test_plg_1_the_profile_says_which_kinds_may_be_pledged(kind: RightKind) -> None:
    title, dealing = a_title(an_interest(kind=kind)), a_dealing(pledge_to(), applicants=BOTH)

    assert broken(dealing, title) == ["PLG-1"]
    limits = Limits(pledgeable=frozenset({kind}))
    assert decided(dealing, title, version=7, limits=limits).broken == ()


def test_plg_1_a_right_that_cannot_be_transferred_cannot_be_pledged() -> None:
    fixed = an_interest(granted_from="I-0")
    free = an_interest(granted_from="I-0", terms=GrantTerms(may_transfer=True))

    assert numbers(an_interest("I-0"), fixed) == ["PLG-1"]
    assert numbers(an_interest("I-0"), free) == []


@pytest.mark.parametrize(
    "burdens",
    [{}, {ANNE: Fraction(0)}, {ANNE: -HALF}, {ANNE: HALF + QUARTER}, {ANNE: HALF, BEN: QUARTER}],
)
def test_plg_2_nobody_pledges_what_he_does_not_hold(burdens: Any) -> None:
    half = an_interest(shares={ANNE: HALF, CARL: HALF})

    assert numbers(half, burdens=burdens, applicants=(*BOTH, BEN)) == ["PLG-2"]


def test_several_pledges_may_lie_on_one_share() -> None:
    assert numbers(an_interest(), a_pledge("N-9", party=CARL)) == []


@pytest.mark.parametrize(
    "members",
    [
        {"secured_fen": 0},
        {"secured_fen": -1},
        {"currency": "cny"},
        {"currency": "RMBY"},
        {"currency": ""},
        {"currency": "元元元"},
    ],
)
def test_plg_3_the_amount_is_money_above_zero(members: Any) -> None:
    assert numbers(**members) == ["PLG-3"]
    assert numbers(secured_fen=1, currency="USD") == []


def test_plg_4_nobody_pledges_to_himself() -> None:
    dealing = a_dealing(pledge_to(ANNE), applicants=[ANNE])

    assert broken(dealing, a_title(an_interest())) == ["PLG-4"]


@pytest.mark.parametrize("applicants", [(ANNE,), (DORA,), (BEN,)])
def test_plg_5_every_pledgor_and_the_pledgee_apply(applicants: tuple[str, ...]) -> None:
    assert numbers(applicants=applicants) == ["PLG-5"]
    both = an_interest(shares={ANNE: HALF, BEN: HALF})
    joint = {ANNE: HALF, BEN: QUARTER}
    assert numbers(both, burdens=joint) == ["PLG-5"]
    assert numbers(both, burdens=joint, applicants=(*BOTH, BEN)) == []


def test_plg_6_a_disputed_right_is_not_pledged() -> None:
    objection = Objection(stage=ObjectionStage.OPEN)
    licence = an_interest(granted_from="I-0", terms=GrantTerms(may_transfer=True))
    for place in ("I-1", "I-0", ""):
        remark = a_remark("N-2", objection, interest=place)
        assert numbers(an_interest("I-0"), licence, remark) == ["PLG-6"]
    settled = a_remark("N-2", objection, interest="I-1", until=NOW)
    assert numbers(an_interest("I-0"), licence, settled) == []
    elsewhere = a_remark("N-2", objection, interest="I-9")
    assert numbers(an_interest("I-0"), licence, elsewhere) == []


def test_e6_a_frozen_right_is_not_pledged() -> None:
    freeze = Freeze(authority=AuthorityKind.COURT, level=3, order="1", months=36)

    assert numbers(an_interest(), a_remark("N-2", freeze, interest="I-1")) == ["DEA-3"]


@pytest.mark.parametrize("end", [NOW, NOW - SECOND, LATER + SECOND])
def test_plg_7_the_term_lies_within_that_of_the_right(end: datetime) -> None:
    assert numbers(valid_to=end) == ["PLG-7"]
    assert numbers(valid_to=NOW + SECOND) == []


def test_e5_a_pledge_never_outlives_its_right() -> None:
    ended = an_interest(until=LATER - SECOND)

    assert numbers(ended, valid_to=LATER) == ["PLG-7"]
    assert numbers(ended, valid_to=LATER - SECOND) == []


def test_plg_8_another_register_is_named_in_full_or_not_at_all() -> None:
    assert numbers(**ELSEWHERE) == []
    for missing in ELSEWHERE:
        rest = {name: value for name, value in ELSEWHERE.items() if name != missing}
        assert numbers(**rest) == ["PLG-8"]
    assert numbers(**ELSEWHERE | {"external_at": NOW + SECOND}) == ["PLG-8"]


@pytest.mark.parametrize("words", ["", " \n", "字" * 401])
def test_plg_9_the_obligation_is_stated(words: str) -> None:
    assert numbers(words=words) == ["PLG-9"]
    assert numbers(words="字" * 400) == []


def test_every_broken_rule_is_reported_at_once() -> None:
    found = numbers(secured_fen=0, burdens={}, words="", valid_to=NOW, applicants=())

    assert found == ["PLG-2", "PLG-3", "PLG-5", "PLG-7", "PLG-9"]


def test_e1_two_pledges_of_one_dealing_have_ranks_without_ties() -> None:
    dealing = a_dealing(pledge_to(DORA, "N-2"), pledge_to(CARL, "N-1"), applicants=(*BOTH, CARL))

    title = after(dealing, a_title(an_interest()))

    assert (title.remarks["N-2"].rank, title.remarks["N-1"].rank) == ((7, 0), (7, 1))


def test_r6_to_pledge_one_right_leaves_the_others_as_they_are() -> None:
    hold = an_interest("I-2", kind=RightKind.HOLD)
    title = after(a_dealing(pledge_to(), applicants=BOTH), a_title(an_interest(), hold))
    move = Transfer(interest="I-2", giver=ANNE, takers={BEN: Fraction(1)})

    assert broken(a_dealing(move, applicants=(ANNE, BEN)), title) == []


def to(body: Pledge, reference: str = "N-1") -> ChangePledge:
    return ChangePledge(interest="I-1", reference=reference, pledge=body)


STANDING = security(secured_fen=100, no_disposal=True, is_maximum_amount=True)
PLEDGED = a_title(an_interest(), a_pledge(body=STANDING))
SMALLER = replace(STANDING, secured_fen=60)


def changed(body: Pledge, applicants: tuple[str, ...] = (DORA,), **changes: Any) -> list[str]:
    return broken(a_dealing(to(body), applicants=applicants, **changes), PLEDGED)


def test_a_change_keeps_rank_term_and_words() -> None:
    body = replace(SMALLER, no_disposal=False, is_maximum_amount=False, **ELSEWHERE)

    title = after(a_dealing(to(body), applicants=[DORA]), PLEDGED)

    before, pledge = PLEDGED.remarks["N-1"], title.remarks["N-1"]
    assert pledge.body == body
    assert (pledge.revision, pledge.valid_from) == (2, NOW)
    assert (pledge.rank, pledge.until, pledge.words) == (before.rank, before.until, before.words)


def test_plc_1_only_a_pledge_in_force_on_the_right_changes() -> None:
    lapsed = a_title(an_interest(), a_pledge(body=STANDING, until=NOW))
    elsewhere = a_title(an_interest(), an_interest("I-2"), a_pledge(interest="I-2", body=STANDING))
    for title in (lapsed, elsewhere, a_title(an_interest())):
        assert broken(a_dealing(to(SMALLER), applicants=[DORA]), title) == ["PLC-1"]


@pytest.mark.parametrize(
    "members",
    [
        {"secured_fen": 101},
        {"secured_fen": 0},
        {"currency": "USD"},
        {"burdens": {ANNE: HALF}},
        {"burdens": {BEN: Fraction(1)}},
        {"due_on": date(2027, 1, 1)},
    ],
)
def test_plc_2_a_change_adds_nothing(members: Any) -> None:
    assert changed(replace(STANDING, **members)) == ["PLC-2"]


@pytest.mark.parametrize("members", [{"no_disposal": True}, {"is_maximum_amount": True}])
def test_plc_2_no_covenant_and_no_ceiling_is_added(members: Any) -> None:
    title = a_title(an_interest(), a_pledge())
    dealing = a_dealing(to(security(**members)), applicants=BOTH)

    assert broken(dealing, title) == ["PLC-2"]


def test_plc_3_the_pledgee_agrees_or_a_court_orders_it() -> None:
    assert changed(SMALLER, (ANNE,)) == ["PLC-3"]
    assert changed(SMALLER, (ANNE,), order=POLICE) == ["PLC-3"]
    assert changed(SMALLER, (), order=COURT) == []
    dealing = a_dealing(to(SMALLER), applicants=[ANNE])
    assert broken(consenting(dealing, BEN), PLEDGED) == ["PLC-3"]
    assert broken(consenting(dealing, DORA), PLEDGED) == []


def test_plc_4_another_register_stays_named_in_full() -> None:
    assert changed(replace(STANDING, external_number="1")) == ["PLC-4"]


def test_e9_more_security_is_a_further_pledge_behind_those_between() -> None:
    title = a_title(
        an_interest(), a_pledge(body=STANDING, rank=2), a_pledge("N-2", party=CARL, rank=3)
    )
    assert broken(a_dealing(to(replace(STANDING, secured_fen=200)), applicants=BOTH), title) == [
        "PLC-2"
    ]

    further = a_dealing(pledge_to(DORA, "N-3"), applicants=BOTH)
    after_it = title.after(decided(further, title, version=4).change)

    ranks = {name: remark.rank for name, remark in after_it.remarks.items()}
    assert ranks == {"N-1": (2, 0), "N-2": (3, 0), "N-3": (4, 0)}


def test_a_pledge_is_amended_as_often_as_need_be() -> None:
    """A register of land charges could not walk a chain of which one link was amended twice."""
    twice = a_dealing(to(SMALLER), to(replace(SMALLER, secured_fen=50)), applicants=[DORA])

    title = after(twice, PLEDGED)
    title = after(a_dealing(to(replace(SMALLER, secured_fen=40)), applicants=[DORA]), title)

    assert body_of(title).secured_fen == 40
    assert title.remarks["N-1"].revision == 3
    grown = a_dealing(to(SMALLER), applicants=[DORA])
    assert broken(grown, title) == ["PLC-2"]


def test_e3_a_consent_serves_one_dealing_and_not_a_second() -> None:
    first = consenting(a_dealing(to(SMALLER), applicants=[ANNE]), DORA)
    title = after(first, PLEDGED)
    second = a_dealing(
        to(replace(SMALLER, secured_fen=50)), applicants=[ANNE], consents=first.consents
    )

    assert title.used == {"D-10"}
    assert broken(first, title) == ["DEA-6", "PLC-3"]
    assert "PLC-3" in broken(second, title)
    renamed = Consent(instrument="D-10", party=DORA, dealing=second.digest())
    assert "PLC-3" in broken(replace(second, consents=(renamed,)), title)


def test_e3_a_consent_covers_every_act_of_the_dealing_that_it_names() -> None:
    moves = (Transfer(interest="I-1", giver=ANNE, takers={taker: QUARTER}) for taker in (BEN, CARL))
    dealing = a_dealing(*moves, applicants=[ANNE, BEN, CARL])

    assert broken(dealing, PLEDGED) == ["DEA-5"]
    assert broken(consenting(dealing, DORA), PLEDGED) == []


def test_grt_12_an_exclusive_grant_needs_the_pledgees_consent() -> None:
    def licence(*, is_exclusive: bool) -> Grant:
        return Grant(
            reference="I-2",
            parent="I-1",
            kind=RightKind.USE,
            grantees={BEN: Fraction(1)},
            valid_from=NOW,
            valid_to=LATER,
            terms=GrantTerms(is_exclusive=is_exclusive),
        )

    assert broken(a_dealing(licence(is_exclusive=False)), PLEDGED) == []
    exclusive = a_dealing(licence(is_exclusive=True))
    assert broken(exclusive, PLEDGED) == ["GRT-12"]
    assert broken(consenting(exclusive, DORA), PLEDGED) == []


def test_dea_5_who_has_a_covenant_agrees_to_a_disposal_by_applying_or_by_a_paper() -> None:
    move = Transfer(interest="I-1", giver=ANNE, takers={BEN: Fraction(1)})
    dealing = a_dealing(move, applicants=[ANNE, BEN])
    free = a_title(an_interest(), a_pledge(body=replace(STANDING, no_disposal=False)))

    assert broken(dealing, PLEDGED) == ["DEA-5"]
    assert broken(dealing, free) == []
    assert broken(consenting(dealing, DORA), PLEDGED) == []
    assert broken(a_dealing(move, applicants=[ANNE, BEN, DORA]), PLEDGED) == []
    assert broken(a_dealing(move, applicants=[], order=COURT), PLEDGED) == []


def test_dea_6_a_consent_to_another_dealing_is_refused_also_where_none_is_needed() -> None:
    stale = Consent(instrument="D-1", party=DORA, dealing="0" * 64)
    dealing = a_dealing(pledge_to(), applicants=BOTH, consents=(stale,))

    assert broken(dealing, a_title(an_interest())) == ["DEA-6"]


def test_tit_4_no_pledge_is_entered_that_outlives_its_right() -> None:
    longer = a_pledge(body=STANDING, valid_to=LATER + SECOND)

    dealing = a_dealing(to(SMALLER), applicants=[DORA])
    assert broken(dealing, a_title(an_interest(), longer)) == ["TIT-4"]


def test_tit_7_no_pledge_lies_on_more_than_its_pledgor_holds() -> None:
    title = a_title(an_interest(shares={ANNE: HALF, BEN: HALF}), a_pledge(body=security(WHOLE)))

    assert broken(a_dealing(to(security(WHOLE)), applicants=[DORA]), title) == ["TIT-7"]

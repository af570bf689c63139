"""Freezes, their renewal and lifting: each FRZ, FRR and FRL rule, and what a freeze stops."""

from datetime import timedelta
from fractions import Fraction

import pytest

from rights.dealing import Dealing
from rights.facts import Order, Override, Request
from rights.freeze import FreezeLifting, FreezeOrder, FreezeRenewal
from rights.freezes import effects
from rights.kinds import AuthorityKind
from rights.remarks import Freeze
from rights.terms import term_end
from rights.title import GrantTerms, Title
from rights.transfer import Transfer
from tests.rights.plain import (
    ANNE,
    ASSET,
    BEN,
    CARL,
    DORA,
    NOW,
    a_dealing,
    a_title,
    after,
    an_interest,
    broken,
)

DAY = timedelta(days=1)
END = term_end(NOW, 36)
MOVE = Transfer(interest="I-1", giver=ANNE, takers={BEN: Fraction(1)})


def ordered(*items: Request, level: int = 2, number: str = "示例1号") -> Dealing:
    """Return a dealing under a court's order."""
    order = Order(authority=AuthorityKind.COURT, level=level, number=number)
    return a_dealing(*items, applicants=(), order=order)


def a_freeze(
    reference: str = "N-1", *, months: int = 36, interest: str = "I-1", asset: str = ""
) -> FreezeOrder:
    return FreezeOrder(reference=reference, months=months, interest=interest, asset=asset)


def a_freeze_of_all() -> FreezeOrder:
    return a_freeze(interest="", asset=ASSET)


def renewal(reference: str = "N-1", *, months: int = 36) -> FreezeRenewal:
    return FreezeRenewal(remark=reference, months=months, interest="I-1")


def lifting(reference: str = "N-1") -> FreezeLifting:
    return FreezeLifting(remark=reference, interest="I-1")


def frozen(*levels: int) -> Title:
    """Return a title on which the right I-1 is frozen once for each level, for three years each."""
    title = a_title(an_interest())
    for place, level in enumerate(levels or (2,), start=1):
        title = after(ordered(a_freeze(f"N-{place}"), level=level), title, version=place + 1)
    return title


def move_is_refused(title: Title) -> list[str]:
    return broken(a_dealing(MOVE, applicants=(ANNE, BEN)), title)


def binding(title: Title) -> list[str]:
    return [each.remark.reference for each in effects(title) if each.includes(NOW)]


def test_a_freeze_is_recorded_with_its_order_and_its_rank() -> None:
    remark = frozen().remarks["N-1"]

    body = Freeze(authority=AuthorityKind.COURT, level=2, order="示例1号", months=36)
    assert (remark.body, remark.interest, remark.rank) == (body, "I-1", (2, 0))


def test_frz_1_a_freeze_stands_under_an_order_with_a_number_and_a_level() -> None:
    title = a_title(an_interest())

    assert broken(a_dealing(a_freeze()), title) == ["FRZ-1"]
    assert broken(ordered(a_freeze(), level=0), title) == ["FRZ-1"]
    assert broken(ordered(a_freeze(), number=" "), title) == ["FRZ-1"]


@pytest.mark.parametrize(("months", "expected"), [(0, ["FRZ-2"]), (36, []), (37, ["FRZ-2"])])
def test_frz_2_the_term_is_from_one_month_to_three_years(months: int, expected: list[str]) -> None:
    assert broken(ordered(a_freeze(months=months)), a_title(an_interest())) == expected


def test_frz_3_it_lies_on_one_right_or_on_one_whole_asset() -> None:
    title = a_title(an_interest())

    assert broken(ordered(a_freeze(asset=ASSET)), title) == ["FRZ-3"]
    assert broken(ordered(a_freeze(interest="")), title) == ["FRZ-3"]
    assert broken(ordered(a_freeze_of_all()), title) == []
    assert broken(ordered(a_freeze(interest="I-9")), title) == ["DEA-2"]


def test_e6_no_role_moves_a_frozen_right() -> None:
    whole = after(ordered(a_freeze_of_all()), a_title(an_interest()))

    assert move_is_refused(frozen()) == ["DEA-3"]
    assert move_is_refused(whole) == ["DEA-3"]
    assert broken(a_dealing(MOVE, applicants=(ANNE, BEN)), frozen(), at=END) == ["DEA-2"]


def test_e6_two_persons_of_the_registrar_cannot_set_a_freeze_aside() -> None:
    override = Override(reference="N-9", rule="DEA-3", ground="示例", approved_by="U-QIAN")
    dealing = a_dealing(MOVE, applicants=(ANNE, BEN), overrides=(override,))

    assert broken(dealing, frozen()) == ["DEA-3", "TIT-5"]


@pytest.mark.parametrize(("level", "expected"), [(1, ["DEA-3"]), (2, []), (3, [])])
def test_e6_an_order_of_the_same_or_a_higher_level_goes_through(
    level: int, expected: list[str]
) -> None:
    assert broken(ordered(MOVE, level=level), frozen()) == expected


def test_e6_the_freeze_that_binds_decides_and_not_a_higher_one_that_waits() -> None:
    assert broken(ordered(MOVE, level=1), frozen(1, 3)) == []
    assert broken(ordered(MOVE, level=2), frozen(3, 1)) == ["DEA-3"]


def test_e6_the_first_freeze_binds_a_right_and_not_a_later_one_of_the_asset() -> None:
    title = a_title(an_interest(), an_interest("I-2"))
    title = after(ordered(a_freeze(), level=1), title, version=2)
    title = after(ordered(a_freeze("N-2", interest="", asset=ASSET), level=3), title, version=3)
    other = Transfer(interest="I-2", giver=ANNE, takers={BEN: Fraction(1)})

    assert broken(ordered(MOVE, level=1), title) == []
    assert broken(ordered(other, level=1), title) == ["DEA-3"]


def test_e6_what_was_granted_from_a_frozen_right_is_bound_with_it() -> None:
    terms = GrantTerms(may_transfer=True)
    licence = an_interest("I-2", granted_from="I-1", shares={CARL: Fraction(1)}, terms=terms)
    move = a_dealing(
        Transfer(interest="I-2", giver=CARL, takers={DORA: Fraction(1)}), applicants=(CARL, DORA)
    )
    title = a_title(an_interest(), licence)

    assert broken(move, title) == []
    assert broken(move, after(ordered(a_freeze()), title)) == ["DEA-3"]


def test_e6_a_transfer_that_was_entered_first_stands() -> None:
    title = after(a_dealing(MOVE, applicants=(ANNE, BEN)), a_title(an_interest()))

    title = after(ordered(a_freeze()), title)

    assert title.interests["I-1"].shares == {BEN: 1}


def test_e6_a_freeze_bars_no_freeze_and_the_later_one_waits() -> None:
    title = frozen(3, 1)

    assert binding(title) == ["N-1"]
    assert [each.since for each in effects(title)] == [NOW, END]


@pytest.mark.parametrize("lifted", ["N-1", "N-2", "N-3"])
def test_e6_lifting_ends_exactly_that_freeze_in_any_order(lifted: str) -> None:
    title = after(ordered(lifting(lifted)), frozen(2, 2, 2))

    left = [name for name in ("N-1", "N-2", "N-3") if name != lifted]
    assert binding(title) == left[:1]
    assert move_is_refused(title) == ["DEA-3"]
    for name in reversed(left):
        title = after(ordered(lifting(name)), title)
    assert binding(title) == move_is_refused(title) == []


def test_frr_1_a_renewal_is_entered_while_the_freeze_is_in_effect() -> None:
    last = END - timedelta(seconds=1)

    assert broken(ordered(renewal()), frozen(), at=last) == []
    assert broken(ordered(renewal()), frozen(), at=END) == ["FRR-1"]
    assert broken(ordered(renewal("N-2")), frozen(2, 2)) == ["FRR-1"]
    assert broken(ordered(renewal("N-9")), frozen()) == ["FRR-1"]
    elsewhere = FreezeRenewal(remark="N-1", months=36, asset=ASSET)
    assert broken(ordered(elsewhere), frozen()) == ["FRR-1"]


def test_frr_1_a_lifted_freeze_is_not_renewed() -> None:
    title = after(ordered(lifting()), frozen())

    assert broken(ordered(renewal()), title, at=NOW + DAY) == ["FRR-1"]


@pytest.mark.parametrize(("months", "expected"), [(0, ["FRR-2"]), (36, []), (37, ["FRR-2"])])
def test_frr_2_each_renewal_is_for_at_most_three_years(months: int, expected: list[str]) -> None:
    assert broken(ordered(renewal(months=months)), frozen()) == expected


@pytest.mark.parametrize(("level", "expected"), [(1, ["FRR-3"]), (2, []), (3, [])])
def test_frr_3_the_same_or_a_higher_level_renews(level: int, expected: list[str]) -> None:
    assert broken(ordered(renewal(), level=level), frozen()) == expected
    assert broken(a_dealing(renewal()), frozen()) == ["FRR-3"]


def test_a_renewed_freeze_keeps_its_place_and_runs_on_from_the_end_of_its_term() -> None:
    title = after(ordered(renewal(months=12)), frozen(2, 2), at=NOW + DAY, version=9)

    assert title.remarks["N-1"].rank == (2, 0)
    assert [(each.since, each.until) for each in effects(title)] == [
        (NOW, term_end(END, 12)),
        (term_end(END, 12), term_end(term_end(END, 12), 36)),
    ]


def test_a_freeze_that_took_effect_late_is_renewed_from_the_end_of_its_own_term() -> None:
    title = after(ordered(lifting("N-1")), frozen(2, 2), at=NOW + DAY)
    title = after(ordered(renewal("N-2", months=1)), title, at=NOW + 2 * DAY)

    effect = effects(title)[1]

    assert (effect.since, effect.until) == (NOW + DAY, term_end(term_end(NOW + DAY, 36), 1))


def test_frl_1_only_what_is_neither_lifted_nor_lapsed_is_lifted() -> None:
    assert broken(ordered(lifting("N-2")), frozen(2, 2)) == []
    assert broken(ordered(lifting("N-9")), frozen()) == ["FRL-1"]
    assert broken(ordered(lifting()), frozen(), at=END) == ["FRL-1"]
    twice = after(ordered(lifting("N-2")), frozen(2, 2))
    assert broken(ordered(lifting("N-2")), twice) == ["FRL-1"]
    elsewhere = FreezeLifting(remark="N-1", asset=ASSET)
    assert broken(ordered(elsewhere), frozen()) == ["FRL-1"]


@pytest.mark.parametrize(("level", "expected"), [(1, ["FRL-2"]), (2, []), (3, [])])
def test_frl_2_the_same_or_a_higher_level_lifts(level: int, expected: list[str]) -> None:
    assert broken(ordered(lifting(), level=level), frozen()) == expected
    assert broken(a_dealing(lifting()), frozen()) == ["FRL-2"]

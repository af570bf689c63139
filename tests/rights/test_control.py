"""Regulatory controls: each CTL and CTF rule, and what a control stops."""

from datetime import datetime, timedelta
from fractions import Fraction

import pytest

from rights.control import ControlLifting, ControlOrder
from rights.dealing import Dealing
from rights.facts import Order, Request
from rights.kinds import AuthorityKind
from rights.remarks import Control
from rights.title import Title
from rights.transfer import Transfer
from tests.rights.plain import ANNE, ASSET, BEN, NOW, a_dealing, a_title, after, an_interest, broken

DAY = timedelta(days=1)
END = NOW + 30 * DAY
MOVE = Transfer(interest="I-1", giver=ANNE, takers={BEN: Fraction(1)})


def ordered(*items: Request, level: int = 2, number: str = "示例1号") -> Dealing:
    order = Order(authority=AuthorityKind.REGULATOR, level=level, number=number)
    return a_dealing(*items, applicants=(), order=order)


def a_control(
    reference: str = "N-1", *, valid_to: datetime = END, interest: str = "", asset: str = ASSET
) -> ControlOrder:
    return ControlOrder(reference=reference, valid_to=valid_to, interest=interest, asset=asset)


def lifting(reference: str = "N-1") -> ControlLifting:
    return ControlLifting(remark=reference, asset=ASSET)


def controlled(*names: str) -> Title:
    title = a_title(an_interest())
    for name in names or ("N-1",):
        title = after(ordered(a_control(name)), title)
    return title


def move_is_refused(title: Title, at: datetime = NOW) -> list[str]:
    return broken(a_dealing(MOVE, applicants=(ANNE, BEN)), title, at=at)


def test_a_control_stops_what_is_voluntary_until_its_end() -> None:
    remark = controlled().remarks["N-1"]

    assert remark.body == Control(authority=AuthorityKind.REGULATOR, level=2, order="示例1号")
    assert move_is_refused(controlled(), END - timedelta(seconds=1)) == ["DEA-4"]
    assert move_is_refused(controlled(), END) == []


@pytest.mark.parametrize(("level", "expected"), [(1, ["DEA-4"]), (2, []), (3, [])])
def test_dea_4_an_order_of_the_same_or_a_higher_level_goes_through(
    level: int, expected: list[str]
) -> None:
    assert broken(ordered(MOVE, level=level), controlled()) == expected


def test_ctl_1_a_control_stands_under_an_order_with_a_number_and_a_level() -> None:
    title = a_title(an_interest())

    assert broken(a_dealing(a_control()), title) == ["CTL-1"]
    assert broken(ordered(a_control(), level=0), title) == ["CTL-1"]
    assert broken(ordered(a_control(), number=""), title) == ["CTL-1"]


def test_ctl_2_a_control_is_temporary() -> None:
    assert broken(ordered(a_control(valid_to=NOW)), a_title(an_interest())) == ["CTL-2"]


def test_ctl_3_it_lies_on_one_right_or_on_one_whole_asset() -> None:
    title = a_title(an_interest())

    assert broken(ordered(a_control(interest="I-1")), title) == ["CTL-3"]
    assert broken(ordered(a_control(asset="")), title) == ["CTL-3"]
    assert broken(ordered(a_control(interest="I-1", asset="")), title) == []


def test_ctf_1_only_a_control_in_force_is_lifted() -> None:
    assert broken(ordered(lifting()), a_title(an_interest())) == ["CTF-1"]
    assert broken(ordered(lifting()), controlled(), at=END) == ["CTF-1"]
    on_right = ControlLifting(remark="N-1", interest="I-1")
    assert broken(ordered(on_right), controlled()) == ["CTF-1"]


@pytest.mark.parametrize(("level", "expected"), [(1, ["CTF-2"]), (2, []), (3, [])])
def test_ctf_2_the_same_or_a_higher_level_lifts(level: int, expected: list[str]) -> None:
    assert broken(ordered(lifting(), level=level), controlled()) == expected
    assert broken(a_dealing(lifting()), controlled()) == ["CTF-2"]


def test_controls_stand_beside_each_other_and_each_is_lifted_by_itself() -> None:
    title = after(ordered(lifting("N-1")), controlled("N-1", "N-2"))

    assert move_is_refused(title) == ["DEA-4"]
    assert move_is_refused(after(ordered(lifting("N-2")), title)) == []

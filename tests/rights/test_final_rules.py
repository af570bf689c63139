"""What must hold at the end of a dealing, on freezes: TIT-3 and TIT-9."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from fractions import Fraction

import pytest

from rights.dealing import Final, cancelled_asset_is_empty, nothing_frozen_falls
from rights.facts import Order
from rights.kinds import AuthorityKind, CancellationCause
from rights.remarks import Body, Cancellation, Control, Freeze, RemarkFacts
from rights.terms import FOREVER, term_end
from rights.title import Change, Title
from tests.rights.plain import ASSET, BEN, NOW, OFFICER, a_dealing, a_remark, a_title, an_interest

LAPSED = NOW - timedelta(days=100)
FREEZE = Freeze(authority=AuthorityKind.COURT, level=2, order="示例1号", months=3)
CONTROL = Control(authority=AuthorityKind.REGULATOR, level=2, order="示例2号")


def final(before: Title, change: Change, *, at: datetime = NOW, level: int = 0) -> Final:
    """Return the end of a dealing that makes ``change``, under an order if it has a level."""
    order = Order(authority=AuthorityKind.COURT, level=level, number="示例3号") if level else None
    return Final(
        title=before.after(change),
        change=change,
        dealing=a_dealing(order=order),
        officer=OFFICER,
        at=at,
        before=before,
    )


def a_freeze(*, since: datetime = NOW, **changes: object) -> RemarkFacts:
    return a_remark("N-1", FREEZE, valid_from=since, valid_to=FOREVER, **changes)


def test_tit_3_a_freeze_that_lapsed_does_not_keep_a_cancelled_asset() -> None:
    cancellation = a_remark("N-9", Cancellation(cause=CancellationCause.BY_LAW))
    change = Change(remarks=(cancellation,))
    lapse = term_end(NOW, 3)

    for at, holds in ((lapse - timedelta(seconds=1), False), (lapse, True)):
        assert cancelled_asset_is_empty.holds(final(a_title(a_freeze()), change, at=at)) == holds


@pytest.mark.parametrize("body", [FREEZE, CONTROL])
@pytest.mark.parametrize("target", [{"interest": "I-2"}, {}])
def test_tit_9_a_frozen_licence_does_not_fall_with_the_right_it_came_from(
    body: Body, target: Mapping[str, str]
) -> None:
    bond = a_remark("N-1", body, valid_from=NOW, valid_to=FOREVER, **target)
    licence = an_interest("I-2", granted_from="I-1", shares={BEN: Fraction(1)})
    before = a_title(an_interest(), licence, bond)
    change = Change(ended={"I-1": NOW, "I-2": NOW})

    assert not nothing_frozen_falls.holds(final(before, change))
    assert not nothing_frozen_falls.holds(final(before, change, level=1))
    assert nothing_frozen_falls.holds(final(before, change, level=2))
    assert before.interests["I-2"].asset == ASSET


def test_tit_9_a_right_that_goes_on_in_another_revision_does_not_fall() -> None:
    before = a_title(an_interest(), a_freeze(interest="I-1"))
    following = before.interests["I-1"].revised(at=NOW, valid_to=FOREVER)

    assert nothing_frozen_falls.holds(
        final(before, Change(interests=(following,), ended={"I-1": NOW}))
    )

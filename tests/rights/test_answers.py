"""Who holds what: each right once, what lies on it in its order, and the past for good."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger.queries import tree_size
from rights.answers import Answer, Laid, answer_for, laid_of
from rights.kinds import RemarkKind, RightKind
from rights.queries import AsOf, history_of, pledged_to
from tests.factories import Office
from tests.titles import DAY, HALF, Estate

pytestmark = pytest.mark.django_db


@pytest.fixture
def estate(office: Office) -> Estate:
    return Estate(office)


def answer(estate: Estate, day: float, size: int | None = None) -> Answer:
    at = estate.start + timedelta(days=day)
    return answer_for(estate.asset, AsOf(at=at, size=size))


def pledges(found: Answer) -> list[tuple[str, int | None]]:
    return [(one.remark.reference, one.place) for right in found.rights for one in right.pledges]


def references(laid: list[Laid]) -> list[str]:
    return [one.remark.reference for one in laid]


def test_granted_rights_stand_under_what_they_were_granted_from(estate: Estate) -> None:
    operate = estate.right().reference
    licence = estate.grant(2, operate, estate.user)
    nested = estate.grant(4, licence, estate.bank)

    shown = [(right.interest.reference, right.depth) for right in answer(estate, 5).rights]

    place = shown.index((operate, 0))
    assert shown[place + 1 : place + 3] == [(licence, 1), (nested, 2)]
    assert sorted(depth for _reference, depth in shown) == [0, 0, 0, 1, 2]


def test_pledges_stand_in_the_order_in_which_they_are_paid(estate: Estate) -> None:
    first = estate.pledge(1, estate.bank, 500)
    second = estate.pledge(2, estate.other_bank, 200, pledgor=estate.person)
    assert pledges(answer(estate, 2)) == [(first, 1), (second, 2)]

    estate.subordinate(3, first, second, estate.bank)

    assert pledges(answer(estate, 2)) == [(first, 1), (second, 2)]
    assert pledges(answer(estate, 3)) == [(second, 1), (first, 2)]


def test_a_freeze_that_waits_says_until_when_and_one_that_is_over_is_not_shown(
    estate: Estate,
) -> None:
    hold = estate.right(RightKind.HOLD).reference
    first = estate.freeze(1, hold, months=1)
    second = estate.freeze(2, hold, months=1)

    early, late = answer(estate, 3), answer(estate, 40)

    [one, other] = [one for one in early.laid if one.remark.kind == RemarkKind.FREEZE]
    assert (one.remark.reference, one.takes_effect, one.binds) == (first, None, True)
    assert (other.remark.reference, other.takes_effect, other.binds) == (second, one.until, False)
    assert early.binding_count == 1
    assert references(late.laid) == [second]
    assert late.laid[0].binds
    assert answer(estate, 80).laid == []


def test_what_lies_on_the_whole_asset_stands_apart(estate: Estate) -> None:
    caution = estate.caution(1, estate.person)
    freeze = estate.freeze(2)

    found = answer(estate, 3)

    assert references(list(found.on_asset)) == [caution, freeze]
    assert all(not right.others for right in found.rights)


def test_what_lies_on_a_right_that_is_over_is_still_shown(estate: Estate) -> None:
    licence = estate.grant(1, estate.right().reference, estate.user)
    freeze = estate.freeze(2, licence, months=36)

    after = answer(estate, 700)

    assert licence not in {right.interest.reference for right in after.rights}
    assert references(list(after.elsewhere)) == [freeze]
    assert after.laid == list(after.elsewhere)


def test_p5_a_derived_asset_names_what_reaches_it_and_since_when(estate: Estate) -> None:
    derived = estate.derive(day=1)
    before = tree_size()
    freeze = estate.freeze(2)

    def causes(day: int, size: int | None = None) -> list[str]:
        as_of = AsOf(at=estate.start + day * DAY, size=size)
        return [cause.reference for cause in answer_for(derived, as_of).causes]

    assert causes(3) == [freeze]
    assert causes(1) == []
    assert causes(3, before) == []


def every_day(estate: Estate, size: int) -> Iterator[object]:
    """Yield what can be asked of the estate as of a size, on days before and after its acts."""
    for day in range(0, 60, 3):
        found = answer(estate, day, size)
        yield [
            (right.interest.name, right.depth, right.until, right.scope, right.terms)
            for right in found.rights
        ]
        yield [
            (one.remark.name, one.place, one.until, one.takes_effect, one.sayings)
            for one in found.laid
        ]
    for event in history_of(estate.asset, size=size):
        yield event.version, event.acts
        yield [(row.name, row.valid_from, row.valid_to) for row in event.began]
        yield [(row.name, row.until) for row in event.ended]


def test_the_past_never_changes(estate: Estate) -> None:
    hold = estate.right(RightKind.HOLD).reference
    licence = estate.grant(1, estate.right().reference, estate.user)
    first = estate.pledge(2, estate.bank, 500)
    freeze = estate.freeze(3, hold)
    waiting = estate.freeze(4, hold)
    size = tree_size()
    before = list(every_day(estate, size))

    estate.lift(5, freeze, hold)
    estate.lift(6, waiting, hold)
    second = estate.pledge(7, estate.other_bank, 300, pledgor=estate.person)
    estate.subordinate(8, first, second, estate.bank)
    estate.grant(9, licence, estate.bank)
    estate.move(10, estate.company, estate.user, HALF)
    estate.caution(11, estate.person)

    assert list(every_day(estate, size)) == before
    assert list(every_day(estate, tree_size())) != before


def test_the_places_of_many_pledges_are_found_together(estate: Estate) -> None:
    first = estate.pledge(1, estate.bank, 500)
    second = estate.pledge(2, estate.bank, 200, pledgor=estate.person)
    as_of = AsOf(at=estate.start + 3 * DAY)
    mine = list(pledged_to(estate.bank, as_of).order_by("-pk"))

    found = laid_of(mine, as_of)

    assert [(one.remark.reference, one.place) for one in found] == [(second, 2), (first, 1)]
    assert laid_of([], as_of) == []


def test_the_number_of_questions_does_not_grow_with_what_lies_on_the_asset(
    estate: Estate,
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            answer(estate, 39)
        return len(queries)

    estate.pledge(1, estate.bank, 500)
    estate.grant(2, estate.right().reference, estate.user)
    estate.caution(3, estate.person)
    few = asked()
    for day in range(4, 12, 2):
        estate.grant(day, estate.right().reference, estate.user)
        estate.caution(day + 1, estate.person)
    assert asked() == few


def test_the_history_goes_on_in_pages_and_each_act_is_on_one(estate: Estate) -> None:
    for day in range(1, 6):
        estate.caution(day, estate.person)
    whole = [event.version for event in history_of(estate.asset)]

    pages = [
        [event.version for event in history_of(estate.asset, before=before, limit=2)]
        for before in (None, 5, 3, 1)
    ]

    assert whole == [1, 2, 3, 4, 5, 6]
    assert pages == [[5, 6], [3, 4], [1, 2], []]
    [only] = history_of(estate.asset, before=3, limit=1)
    assert [row.name for row in only.began] == [
        row.name for row in history_of(estate.asset)[1].began
    ]

"""What a bank is told before it lends: every pledge ahead, every fen, and all that is recorded."""

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rights.kinds import AuthorityKind, ObjectionStage
from rights.ranking import prospect, ranking
from rights.remarks import (
    Caution,
    Control,
    Freeze,
    Objection,
    PriorityNotice,
    RemarkFacts,
    Subordination,
)
from tests.rights.plain import (
    ANNE,
    CARL,
    DORA,
    LATER,
    NOW,
    a_dealing,
    a_remark,
    a_title,
    an_interest,
)
from tests.rights.securities import BOTH, a_pledge, decided, pledge_to, security

RIGHT = an_interest()


def test_a_bank_is_told_its_place_and_the_sums_ahead_by_currency() -> None:
    title = a_title(
        RIGHT,
        a_pledge("N-1", security(secured_fen=5_000_000_00), rank=2),
        a_pledge("N-2", security(secured_fen=7, currency="USD"), party=CARL, rank=3),
        a_pledge("N-3", security(secured_fen=1, is_maximum_amount=True), rank=4),
        a_remark("N-9", Subordination(yields="N-1", favours="N-2"), interest="I-1", party=CARL),
    )

    found = prospect(title, RIGHT, secured_fen=10, at=NOW, pending=2)

    assert found.place == 4
    assert [(line.place, line.reference, line.pledgee) for line in found.ahead] == [
        (1, "N-2", CARL),
        (2, "N-1", DORA),
        (3, "N-3", DORA),
    ]
    assert [line.is_maximum_amount for line in found.ahead] == [False, False, True]
    assert found.secured_ahead == {"CNY": 500_000_001, "USD": 7}
    assert found.secured == {"CNY": 500_000_011, "USD": 7}
    assert (found.pending, found.recorded, found.kept) == (2, (), ())


def test_of_a_clean_title_a_bank_is_told_that_it_comes_first() -> None:
    found = prospect(a_title(RIGHT), RIGHT, secured_fen=10, currency="USD", at=NOW)

    assert (found.place, found.last_place, found.ahead) == (1, 1, ())
    assert (found.secured_ahead, found.secured) == ({}, {"USD": 10})


def test_places_that_are_kept_and_not_used_may_yet_come_before() -> None:
    unused = PriorityNotice(act="pledge", secured_fen=5, burdens={ANNE: Fraction(1)})
    used = PriorityNotice(act="pledge", used_by="N-1", burdens={ANNE: Fraction(1)})
    title = a_title(
        RIGHT,
        a_pledge(),
        a_remark("N-5", unused, interest="I-1", party=CARL),
        a_remark("N-6", used, interest="I-1", party=DORA),
    )

    found = prospect(title, RIGHT, secured_fen=10, at=NOW)

    assert [remark.reference for remark in found.kept] == ["N-5"]
    assert (found.place, found.last_place) == (2, 3)


def freeze(reference: str, version: int, **changes: Any) -> RemarkFacts:
    body = Freeze(authority=AuthorityKind.COURT, level=3, order=reference, months=12)
    return a_remark(reference, body, rank=(version, 0), **changes)


def test_all_else_that_is_in_force_is_listed_and_nothing_that_ended() -> None:
    licence = an_interest("I-2", granted_from="I-1")
    began = datetime(2026, 6, 1, tzinfo=UTC)
    title = a_title(
        RIGHT,
        licence,
        a_remark("N-1", Caution(), interest="I-2", rank=(9, 0)),
        a_remark("N-2", Objection(stage=ObjectionStage.OPEN), interest="I-1", rank=(3, 0)),
        a_remark("N-3", Control(authority=AuthorityKind.POLICE, level=1, order="1")),
        a_remark("N-4", Caution(), until=NOW),
        a_remark("N-5", Caution(), interest="I-7"),
        *(
            freeze(reference, version, interest="I-1", valid_from=began)
            for reference, version in (("N-6", 4), ("N-7", 5))
        ),
        freeze("N-8", 6, interest="I-1", valid_from=began, until=NOW),
    )

    def listed(interest: str, at: datetime = NOW) -> list[str]:
        found = prospect(title, title.interests[interest], secured_fen=1, at=at)
        return [remark.reference for remark in found.recorded]

    assert listed("I-1") == ["N-3", "N-2", "N-6", "N-7"]
    assert listed("I-2") == ["N-3", "N-2", "N-6", "N-7", "N-1"]
    assert listed("I-1", datetime(2027, 7, 1, tzinfo=UTC)) == ["N-3", "N-2", "N-7"]
    assert listed("I-1", LATER.replace(month=1)) == ["N-3", "N-2"]


@given(
    st.lists(st.tuples(st.integers(1, 2**60), st.sampled_from(["CNY", "USD", "EUR"])), max_size=8),
    st.integers(1, 2**50),
)
def test_what_is_foretold_is_what_an_entry_gives(
    pledged: list[tuple[int, str]], amount: int
) -> None:
    title = a_title(
        RIGHT,
        *(
            a_pledge(f"N-{place}", security(secured_fen=fen, currency=currency), rank=place + 2)
            for place, (fen, currency) in enumerate(pledged)
        ),
    )
    foretold = prospect(title, RIGHT, secured_fen=amount, at=NOW)

    dealing = a_dealing(pledge_to(DORA, "N-NEW", secured_fen=amount), applicants=BOTH)
    title = title.after(decided(dealing, title, version=20).change)

    order = [remark.reference for remark in ranking(title, RIGHT, at=NOW)]
    assert order.index("N-NEW") + 1 == foretold.place
    assert order[:-1] == [line.reference for line in foretold.ahead]
    for currency in {"CNY", *(one for _, one in pledged)}:
        assert foretold.secured[currency] == sum(
            fen for fen, each in [*pledged, (amount, "CNY")] if each == currency
        )

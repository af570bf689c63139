"""Successions: each SUC rule, and that everything passes in exact shares at its old rank."""

from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rights.dealing import Dealing
from rights.facts import Order
from rights.kinds import AuthorityKind, SuccessionKind
from rights.remarks import (
    Body,
    Caution,
    Covenant,
    Freeze,
    Objection,
    Pledge,
    PriorityNotice,
    RemarkFacts,
)
from rights.succession import Succession
from rights.title import AssetFacts, GrantTerms, InterestFacts
from tests.rights.plain import (
    ANNE,
    ASSET,
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

HALF, THIRD = Fraction(1, 2), Fraction(1, 3)
OTHER_ASSET = "DA-000000002"
COURT = Order(authority=AuthorityKind.COURT, level=2, number="示例1")
ALL = (ANNE, BEN, CARL, DORA)


def passing(**changes: Any) -> Succession:
    fields: dict[str, Any] = {
        "kind": SuccessionKind.DIVISION,
        "predecessor": ANNE,
        "successors": {BEN: THIRD, CARL: 1 - THIRD},
        "paper": "D-1",
        "rights": ("I-1",),
    } | changes
    return Succession(**fields)


def dealing(item: Succession, applicants: tuple[str, ...] = (BEN, CARL), **changes: Any) -> Dealing:
    return a_dealing(item, applicants=applicants, instruments=frozenset({"D-1"}), **changes)


def asked(*facts: InterestFacts | RemarkFacts, **changes: Any) -> list[str]:
    return broken(dealing(passing(**changes)), a_title(*facts or (an_interest(),)))


def a_pledge(name: str = "N-1", **changes: Any) -> RemarkFacts:
    body = changes.pop("body", Pledge(secured_fen=100, burdens={BEN: Fraction(1)}))
    return a_remark(name, body, **{"interest": "I-9", "party": ANNE} | changes)


BENS_RIGHT = an_interest("I-9", shares={BEN: Fraction(1)})


def test_the_predecessors_share_passes_in_exact_parts() -> None:
    title = after(
        dealing(passing()),
        a_title(an_interest(shares={ANNE: HALF, BEN: HALF - THIRD, DORA: THIRD})),
    )

    assert title.interests["I-1"].shares == {
        BEN: HALF - THIRD + HALF * THIRD,
        CARL: HALF * (1 - THIRD),
        DORA: THIRD,
    }


@given(st.lists(st.integers(1, 60), min_size=1, max_size=4), st.integers(1, 59))
def test_r2_a_succession_leaves_the_sum_unchanged(weights: list[int], held: int) -> None:
    parts = {f"P-{number}": Fraction(weight, sum(weights)) for number, weight in enumerate(weights)}
    share = Fraction(held, 60)
    title = a_title(
        an_interest(shares={ANNE: share, DORA: 1 - share}), parties=frozenset({*ALL, *parts})
    )

    shares = (
        after(dealing(passing(successors=parts), applicants=tuple(parts)), title)
        .interests["I-1"]
        .shares
    )

    assert ANNE not in shares
    assert sum(shares.values()) == 1
    assert all(shares[party] == share * part for party, part in parts.items())


@pytest.mark.parametrize("parts", [(1, 1), (2, 2), (4, -1), (3, 0)])
def test_suc_1_the_parts_are_positive_and_sum_to_one(parts: tuple[int, int]) -> None:
    successors = {BEN: Fraction(parts[0], 3), CARL: Fraction(parts[1], 3)}

    assert "SUC-1" in asked(successors=successors)


def test_suc_2_nobody_succeeds_himself() -> None:
    title = a_title(an_interest())
    item = passing(successors={ANNE: HALF, BEN: HALF})

    assert "SUC-2" in broken(dealing(item, applicants=(ANNE, BEN)), title)


def test_suc_3_the_predecessor_has_a_share_of_every_right_that_is_named() -> None:
    facts = (an_interest(), BENS_RIGHT, an_interest("I-8", valid_to=NOW))

    for name in ("I-7", "I-8", "I-9"):
        assert asked(*facts, rights=("I-1", name)) == ["SUC-3"]


def test_a_right_that_is_yet_to_begin_passes_too() -> None:
    begins = NOW + timedelta(days=1)
    title = after(dealing(passing()), a_title(an_interest(valid_from=begins)))

    assert title.interests["I-1"].valid_from == begins
    assert title.interests["I-1"].shares == {BEN: THIRD, CARL: 1 - THIRD}


def favouring(name: str = "N-1", to: str = BEN) -> dict[str, Any]:
    return {"rights": (), "favours": {name: to}, "assets": (ASSET,)}


def test_a_pledge_has_another_pledgee_and_keeps_its_rank() -> None:
    before = a_pledge()
    title = after(dealing(passing(**favouring(to=CARL))), a_title(BENS_RIGHT, before))

    now = title.remarks["N-1"]
    assert (now.party, now.revision, now.rank, now.body) == (CARL, 2, before.rank, before.body)


@pytest.mark.parametrize(
    "remark",
    [
        a_pledge(party=DORA),
        a_pledge(until=NOW),
        a_pledge(body=Objection(stage="OPEN")),  # type: ignore[arg-type] # a member of the code list
        a_pledge(name="N-2"),
    ],
)
def test_suc_4_a_remark_that_is_named_favours_the_predecessor(remark: RemarkFacts) -> None:
    assert asked(BENS_RIGHT, remark, **favouring()) == ["SUC-4"]


def test_suc_4_a_remark_goes_to_a_successor_on_an_asset_that_is_named() -> None:
    assert asked(BENS_RIGHT, a_pledge(), **favouring(to=DORA)) == ["SUC-4"]
    unnamed = favouring() | {"assets": ()}
    assert asked(BENS_RIGHT, a_pledge(), **unnamed) == ["SUC-4"]
    assert asked(BENS_RIGHT, a_pledge(), **favouring()) == []


@pytest.mark.parametrize("body", [Covenant(), Caution(), PriorityNotice(act="transfer")])
def test_whatever_else_favours_the_predecessor_passes(body: Body) -> None:
    assert asked(BENS_RIGHT, a_pledge(body=body), **favouring()) == []


def test_suc_5_a_paper_proves_the_succession() -> None:
    bare = a_dealing(passing(), applicants=(BEN, CARL))

    assert broken(bare, a_title(an_interest())) == ["SUC-5"]


def test_suc_6_every_successor_applies_and_the_predecessor_need_not() -> None:
    title = a_title(an_interest())

    assert broken(dealing(passing(), applicants=(ANNE, BEN)), title) == ["SUC-6"]
    assert broken(dealing(passing(), applicants=(), order=COURT), title) == []


def test_suc_7_a_merger_has_one_successor() -> None:
    assert asked(kind=SuccessionKind.MERGER) == ["SUC-7"]
    assert asked(kind=SuccessionKind.MERGER, successors={BEN: Fraction(1)}) == []
    assert asked(kind=SuccessionKind.INHERITANCE) == []


def test_suc_8_something_passes() -> None:
    assert asked(rights=()) == ["SUC-8"]


def test_e4_the_pledge_lies_on_each_successors_part_as_it_lay_on_the_whole() -> None:
    burden = Pledge(secured_fen=1, burdens={ANNE: HALF, DORA: Fraction(1, 4)})
    lying = a_remark("N-1", burden, interest="I-1", party=DORA)
    title = after(
        dealing(passing()),
        a_title(an_interest(shares={ANNE: Fraction(3, 4), DORA: Fraction(1, 4)}), lying),
    )

    body = title.remarks["N-1"].body
    assert isinstance(body, Pledge)
    assert body.burdens == {BEN: HALF * THIRD, CARL: HALF * (1 - THIRD), DORA: Fraction(1, 4)}
    assert title.remarks["N-1"].rank == lying.rank


def test_no_covenant_and_no_terms_of_a_grant_stand_against_it() -> None:
    source = an_interest("I-0")
    licence = an_interest(granted_from="I-0", terms=GrantTerms(may_transfer=False))
    body = Pledge(secured_fen=1, burdens={ANNE: Fraction(1)}, no_disposal=True)
    pledged = a_remark("N-1", body, interest="I-1", party=DORA)

    assert asked(source, licence, pledged) == []


def test_a_freeze_does_not_bar_it_and_stays_on_the_right() -> None:
    order = Freeze(authority=AuthorityKind.COURT, level=2, order="示例1", months=36)
    freeze = a_remark("N-1", order, interest="I-1")

    title = after(dealing(passing()), a_title(an_interest(), freeze))

    assert title.remarks["N-1"] == freeze
    assert title.interests["I-1"].shares == {BEN: THIRD, CARL: 1 - THIRD}


def test_one_succession_covers_many_assets_rights_and_pledges_in_favour() -> None:
    rights = [an_interest(), an_interest("I-2", asset=OTHER_ASSET, shares={ANNE: HALF, DORA: HALF})]
    pledged = an_interest("I-9", asset=OTHER_ASSET, shares={DORA: Fraction(1)})
    body = Pledge(secured_fen=1, burdens={DORA: Fraction(1)})
    title = a_title(
        *rights,
        pledged,
        a_pledge(asset=OTHER_ASSET, body=body),
        assets={name: AssetFacts(number=name) for name in (ASSET, OTHER_ASSET)},
    )
    item = passing(rights=("I-1", "I-2"), favours={"N-1": BEN}, assets=(OTHER_ASSET,))

    title = after(dealing(item), title)

    assert title.interests["I-1"].shares == {BEN: THIRD, CARL: 1 - THIRD}
    assert title.interests["I-2"].shares == {
        BEN: HALF * THIRD,
        CARL: HALF * (1 - THIRD),
        DORA: HALF,
    }
    assert title.remarks["N-1"].party == BEN


def test_a_pledge_that_the_predecessor_both_gave_and_has_passes_both_ways_in_one_revision() -> None:
    right = an_interest(shares={ANNE: HALF, DORA: HALF})
    body = Pledge(secured_fen=1, burdens={ANNE: HALF, DORA: HALF})
    own = a_remark("N-1", body, interest="I-1", party=ANNE)
    item = passing(favours={"N-1": CARL}, assets=(ASSET,))

    now = after(dealing(item), a_title(right, own)).remarks["N-1"]

    assert (now.revision, now.party) == (2, CARL)
    assert isinstance(now.body, Pledge)
    assert now.body.burdens == {BEN: HALF * THIRD, CARL: HALF * (1 - THIRD), DORA: HALF}

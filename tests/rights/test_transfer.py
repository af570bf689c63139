"""Transfers: each TRF rule, and what moves with the part that moves."""

from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rights.remarks import Authorisation, Pledge, RemarkFacts
from rights.title import AssetFacts, GrantTerms
from rights.transfer import Transfer
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
    consenting,
)

HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)


def to(giver: str = ANNE, /, **parts: Fraction) -> Transfer:
    return Transfer(
        interest="I-1",
        giver=giver,
        takers={f"P-{name.upper()}": part for name, part in parts.items()},
    )


BOTH = (ANNE, BEN)


def test_r2_the_transferor_keeps_nothing_of_what_moved() -> None:
    title = after(a_dealing(to(ben=Fraction(1)), applicants=BOTH), a_title(an_interest()))

    assert title.interests["I-1"].shares == {BEN: 1}
    assert title.interests["I-1"].revision == 2
    assert title.interests["I-1"].valid_from == NOW


@given(st.lists(st.integers(1, 50), min_size=2, max_size=6, unique=True))
def test_r2_a_transfer_leaves_the_sum_unchanged(cuts: list[int]) -> None:
    ends = [0, *sorted(cuts)]
    parts = [Fraction(end - start, ends[-1] + 1) for start, end in pairwise(ends)]
    takers = {f"P-{number}": part for number, part in enumerate(parts)}
    title = a_title(an_interest(), parties=frozenset({ANNE, *takers}))

    item = Transfer(interest="I-1", giver=ANNE, takers=takers)
    shares = after(a_dealing(item, applicants=(ANNE, *takers)), title).interests["I-1"].shares

    assert sum(shares.values()) == 1
    assert shares[ANNE] == 1 - sum(parts)


def test_trf_1_nobody_gives_more_than_he_holds() -> None:
    title = a_title(an_interest(shares={ANNE: QUARTER, CARL: 1 - QUARTER}))

    assert broken(a_dealing(to(ben=HALF), applicants=BOTH), title) == ["TRF-1"]


def test_trf_2_every_part_is_above_zero() -> None:
    dealing = a_dealing(to(ben=HALF, carl=Fraction(0)), applicants=(ANNE, BEN, CARL))

    assert broken(dealing, a_title(an_interest())) == ["TRF-2"]
    assert broken(a_dealing(to()), a_title(an_interest())) == ["TRF-2"]


def test_trf_3_a_transfer_to_oneself_mints_nothing() -> None:
    assert broken(a_dealing(to(anne=HALF)), a_title(an_interest())) == ["TRF-3"]


def test_trf_4_transferor_and_transferees_apply_together() -> None:
    for applicants in ([ANNE], [BEN], []):
        dealing = a_dealing(to(ben=HALF), applicants=applicants)
        assert broken(dealing, a_title(an_interest())) == ["TRF-4"]


def test_trf_5_a_licence_moves_only_if_its_terms_say_so() -> None:
    fixed = a_title(an_interest("I-0"), an_interest(granted_from="I-0"))
    free = a_title(
        an_interest("I-0"), an_interest(granted_from="I-0", terms=GrantTerms(may_transfer=True))
    )

    assert broken(a_dealing(to(ben=HALF), applicants=BOTH), fixed) == ["TRF-5"]
    assert broken(a_dealing(to(ben=HALF), applicants=BOTH), free) == []


def a_pledge(burden: Fraction, *, no_disposal: bool = False) -> RemarkFacts:
    body = Pledge(secured_fen=100, burdens={ANNE: burden}, no_disposal=no_disposal)
    return a_remark("N-1", body, interest="I-1", party=DORA)


def test_e4_what_is_free_moves_first_and_the_pledge_follows_the_rest() -> None:
    title = a_title(an_interest(), a_pledge(HALF))
    dealing = a_dealing(to(ben=QUARTER, carl=HALF), applicants=(ANNE, BEN, CARL))

    title = after(dealing, title)

    body = title.remarks["N-1"].body
    assert isinstance(body, Pledge)
    assert body.burdens == {ANNE: QUARTER, CARL: QUARTER}
    assert title.remarks["N-1"].rank == (2, 0)


def test_e3_a_covenant_lets_nothing_move_without_the_pledgees_consent() -> None:
    title = a_title(an_interest(), a_pledge(Fraction(1), no_disposal=True))
    dealing = a_dealing(to(ben=Fraction(1)), applicants=BOTH)

    assert broken(dealing, title) == ["DEA-5"]
    assert broken(consenting(dealing, CARL), title) == ["DEA-5"]
    assert broken(consenting(dealing, DORA), title) == []


def test_e3_a_consent_serves_one_dealing_once() -> None:
    title = a_title(an_interest(), a_pledge(Fraction(1), no_disposal=True))
    first = consenting(a_dealing(to(ben=HALF), applicants=BOTH), DORA)
    title = after(first, title)

    assert broken(first, title) == ["DEA-5", "DEA-6"]
    other = a_dealing(to(ben=QUARTER), applicants=BOTH, consents=first.consents)
    assert broken(other, title) == ["DEA-5", "DEA-6"]


def test_trf_6_a_right_in_personal_data_moves_only_while_its_scenario_is_authorised() -> None:
    terms = GrantTerms(may_transfer=True, scenario="credit")
    licence = an_interest(granted_from="I-0", terms=terms)
    dealing = a_dealing(to(ben=Fraction(1)), applicants=BOTH)
    personal = {ASSET: AssetFacts(number=ASSET, is_personal=True)}

    def numbers(*authorised: RemarkFacts) -> list[str]:
        return broken(dealing, a_title(an_interest("I-0"), licence, *authorised, assets=personal))

    def for_scenario(scenario: str) -> RemarkFacts:
        return a_remark("N-1", Authorisation(scenario=scenario, group="users", paper="D-1"))

    assert numbers() == ["TRF-6"]
    assert numbers(for_scenario("retail")) == ["TRF-6"]
    assert numbers(for_scenario("credit")) == []
    assert broken(dealing, a_title(an_interest("I-0"), licence)) == []

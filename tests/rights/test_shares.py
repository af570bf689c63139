"""Exact shares: what is typed, what is refused, and the totals that other registers get wrong."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rights.shares import InexactShareError, moved, parse_share, parse_shares

PARTS = st.fractions(min_value=Fraction(1, 10**6), max_value=1, max_denominator=10**6)


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("1/3", Fraction(1, 3)),
        (" 2 / 6 ", Fraction(1, 3)),
        ("0.25", Fraction(1, 4)),
        ("12.5%", Fraction(1, 8)),
        ("1", Fraction(1)),
        ("100%", Fraction(1)),
    ],
)
def test_r11_a_share_is_read_exactly_as_it_is_typed(text: str, share: Fraction) -> None:
    assert parse_share(text) == share


@pytest.mark.parametrize(
    "text", ["", "third", "0", "0/3", "1/0", "4/3", "101%", "-1/2", "1e-1", "½", "1/2/3", "٣/٤"]
)
def test_r11_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(InexactShareError):
        parse_share(text)


@given(PARTS)
def test_r11_every_exact_share_is_read_back(share: Fraction) -> None:
    assert parse_share(f"{share.numerator}/{share.denominator}") == share


@pytest.mark.parametrize(
    "texts",
    [
        ["1/3", "1/2", "1/2"],  # float division takes 4/3 for one
        ["1/100", "1/2", "1/2"],
        ["1/2", "1/2", "1/32767"],  # rounding to four places takes it for one
        ["10922/32767", "10922/32767", "10922/32767"],
        ["0.333", "0.333", "0.333"],  # rounding to two places takes it for one
        ["99.5%"],
        ["1/3", "1/3"],
    ],
)
def test_r1_totals_that_other_registers_take_for_one_are_refused(texts: list[str]) -> None:
    with pytest.raises(InexactShareError):
        parse_shares({f"P-{place}": text for place, text in enumerate(texts)})


@pytest.mark.parametrize(
    "texts", [["4/8", "1/3", "1/6"], ["1/7"] * 7, ["50%", "1/4", "0.25"], ["1/1"]]
)
def test_r1_true_totals_that_other_registers_refuse_are_taken(texts: list[str]) -> None:
    shares = parse_shares({f"P-{place}": text for place, text in enumerate(texts)})

    assert sum(shares.values()) == 1


def test_r11_a_decimal_that_cannot_express_a_third_names_what_is_left_over() -> None:
    with pytest.raises(InexactShareError, match="1/1000"):
        parse_shares({"P-1": "0.333", "P-2": "0.333", "P-3": "0.333"})


@given(PARTS, st.lists(st.integers(1, 20), min_size=1, max_size=4))
def test_r2_what_moves_is_neither_minted_nor_lost(held: Fraction, weights: list[int]) -> None:
    given_away = {
        f"P-{place}": held * weight / (sum(weights) + 1) for place, weight in enumerate(weights)
    }
    before = {"P-G": held, "P-0": 1 - held} if held < 1 else {"P-G": held}

    after = moved(before, giver="P-G", takers=given_away)

    assert sum(after.values()) == sum(before.values())
    assert after["P-G"] == held - sum(given_away.values())
    assert all(share > 0 for share in after.values())


def test_r3_nobody_gives_what_he_does_not_have() -> None:
    with pytest.raises(ValueError, match="more than it has"):
        moved({"P-G": Fraction(1, 2)}, giver="P-G", takers={"P-T": Fraction(2, 3)})

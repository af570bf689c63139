import pytest
from hypothesis import given
from hypothesis import strategies as st

from primitives.identifiers import (
    USCC_ALPHABET,
    certificate_number,
    is_certificate_number,
    is_uscc,
    new_check_code,
    normalise_check_code,
    uscc_check_character,
)

BODIES = st.text(USCC_ALPHABET, min_size=17, max_size=17)


def naive_check_character(first_17: str) -> str:
    """GB 32100 by its own table of weights."""
    weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
    total = sum(USCC_ALPHABET.index(c) * w for c, w in zip(first_17, weights, strict=True))
    return USCC_ALPHABET[(31 - total % 31) % 31]


@pytest.mark.parametrize(
    "code",
    # Published on the businesses' own sites: Huawei Technologies, Alibaba (China), Tencent.
    ["914403001922038216", "91330100799655058B", "9144030071526726XG"],
)
def test_codes_of_known_companies_are_well_formed(code: str) -> None:
    assert is_uscc(code)


@given(BODIES)
def test_the_check_character_is_that_of_the_standards_table(body: str) -> None:
    assert uscc_check_character(body) == naive_check_character(body)


@given(BODIES, st.integers(0, 16), st.sampled_from(USCC_ALPHABET))
def test_a_single_wrong_character_is_found(body: str, place: int, wrong: str) -> None:
    code = body + uscc_check_character(body)
    changed = code[:place] + wrong + code[place + 1 :]
    assert is_uscc(changed) == (changed == code)


@pytest.mark.parametrize(
    "text", ["", "914403001922038217", "91440300192203821", "x" * 18, "９" * 18]
)
def test_malformed_codes_are_refused(text: str) -> None:
    assert not is_uscc(text)


def test_a_certificate_number_has_fifteen_characters() -> None:
    number = certificate_number(region="37", registrar="1", year=2026, month=9, serial=1)
    assert number == "SJ3712026090001"
    assert is_certificate_number(number)


@pytest.mark.parametrize(("month", "serial"), [(13, 1), (0, 1), (9, 0), (9, 10_000)])
def test_a_number_that_cannot_be_is_refused(month: int, serial: int) -> None:
    with pytest.raises(ValueError, match="not a certificate number"):
        certificate_number(region="37", registrar="1", year=2026, month=month, serial=serial)


def test_a_code_is_read_however_a_person_types_it() -> None:
    code = new_check_code()
    assert normalise_check_code(code.lower().replace("-", " ")) == code
    assert normalise_check_code("oil0-1111-2222-3333") == "0110-1111-2222-3333"

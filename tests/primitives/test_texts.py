import pytest

from primitives.texts import unprintable


@pytest.mark.parametrize("text", ["示例数据", "𠮷田镕 䶮𬭚", "two\nlines\r\n", "a b　c", "½ € ，"])
def test_what_people_write_can_be_printed(text: str) -> None:
    assert unprintable(text) == frozenset()


@pytest.mark.parametrize(
    "character", ["\x00", "\x1b", "\u202e", "\u200b", "\ue000", "\U000e0001", "\u2029", "\ufdd0"]
)
def test_what_no_page_shows_is_named(character: str) -> None:
    assert unprintable(f"示{character}例") == {character}

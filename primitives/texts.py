"""What may stand in a text that is printed and sealed."""

import unicodedata

LINE_BREAKS = frozenset("\r\n")
SEPARATORS = frozenset({"Zl", "Zp"})


def unprintable(text: str) -> frozenset[str]:
    """Return the characters of ``text`` that no page can show, line breaks apart.

    They are controls, formats (such as those that turn the direction of writing), surrogates,
    private and unassigned characters, and the line and paragraph separators of Unicode.
    """
    return frozenset(
        character
        for character in set(text) - LINE_BREAKS
        if unicodedata.category(character)[0] == "C"
        or unicodedata.category(character) in SEPARATORS
    )

"""What a plainly written file prints, read from its bytes.

Entry point: `read_plain_text`. It shares no code with what draws (`drawing`): it follows the file's
own references, from pages to what is shown and from fonts to characters (ISO 32000-1, 9.10, 14.6).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache, partial
from struct import unpack
from typing import TypeAlias

from verifier.plain_objects import Dictionary, PlainObjects, Reference, Value
from verifier.plainness import NotPlainError

TEXT = re.compile(
    rb"BT [\d.]+ [\d.]+ [\d.]+ rg /(\w+) [\d.]+ Tf (?:[\d.]+ Tc )?"
    rb"1 0 0 1 -?[\d.]+ -?[\d.]+ Tm <([0-9A-F]*)> Tj(?: 0 Tc)? ET"
)
"""A line of content that shows codes in a font."""
MARKED = re.compile(rb"/\w+ <</MCID (\d+)>> BDC|/Artifact BMC")
OTHER_TEXT = re.compile(rb"[BT'\"(]")
"""In no operator that draws, but in all that show text or mark a sequence."""
CHARACTERS = re.compile(rb"\d+ beginbfchar\n((?:<[0-9A-F]{4}> <[0-9A-F]+>\n)*)endbfchar")
CHARACTER = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]+)>")
DECORATION = -1
CODE_DIGITS = 4

Sequence: TypeAlias = tuple[int, int]
"""A marked sequence: its page and its number there, both from 0."""


def read_plain_text(pdf: bytes) -> dict[Sequence, str]:
    """Return the text of each marked sequence; decoration is left out.

    Raises:
        NotPlainError, or another that a parser raises (`verifier.plainness`): the file is not
            written as ours are.
    """
    file = PlainObjects(pdf)
    fonts = cache(partial(_characters, file))
    catalog = file.member(file.trailer, b"/Root", dict)
    pages = file.member(file.member(catalog, b"/Pages", dict), b"/Kids", list)
    printed: dict[Sequence, str] = {}
    for place, page in enumerate(pages):
        for number, text in _shown(file, _dictionary(file, page), fonts):
            printed[place, number] = printed.get((place, number), "") + text
    return printed


def _shown(
    file: PlainObjects, page: Dictionary, fonts: Callable[[Reference], Mapping[int, str]]
) -> Iterator[tuple[int, str]]:
    """Yield the texts of a page as they come, each with the number of its sequence."""
    resources = file.member(file.member(page, b"/Resources", dict), b"/Font", dict)
    for number, (font, codes) in _texts(file.stream(page.get(b"/Contents")).split(b"\n")):
        characters = fonts(_reference(resources, b"/" + font))
        shown = unpack(f">{len(codes) // CODE_DIGITS}H", bytes.fromhex(codes.decode()))
        yield number, "".join(map(characters.__getitem__, shown))


def _texts(content: Iterable[bytes]) -> Iterator[tuple[int, tuple[bytes, bytes]]]:
    """Yield what lines of content show: the number of the sequence, and (font, codes)."""
    sequence: int | None = None
    for line in content:
        if text := TEXT.fullmatch(line):
            if sequence is None:
                raise NotPlainError("a text is in no sequence")
            if sequence != DECORATION:
                yield sequence, (text[1], text[2])
        elif line == b"EMC":
            sequence = None
        elif sequence is None and (marked := MARKED.fullmatch(line)):
            sequence = int(marked[1] or DECORATION)
        elif OTHER_TEXT.search(line):
            raise NotPlainError("a text is shown, or a sequence marked, in another way")


def _characters(file: PlainObjects, reference: Reference) -> Mapping[int, str]:
    """Return the characters of a font by their codes."""
    font = _dictionary(file, reference)
    if font.get(b"/Encoding") != b"/Identity-H":
        raise NotPlainError("the codes of a font are of another kind")
    blocks = CHARACTERS.findall(file.stream(font.get(b"/ToUnicode")))
    named = CHARACTER.findall(b"".join(blocks))
    return {int(code, 16): _character(character) for code, character in named}


# Few of those that are printed are new.
@lru_cache(maxsize=65536)
def _character(utf_16: bytes) -> str:
    return bytes.fromhex(utf_16.decode()).decode("utf-16-be")


def _reference(resources: Dictionary, name: bytes) -> Reference:
    reference = resources.get(name)
    if not isinstance(reference, tuple):
        raise NotPlainError("a font is no other object")
    return reference


def _dictionary(file: PlainObjects, value: Value) -> Dictionary:
    found = file.value(value)
    if not isinstance(found, dict):
        raise NotPlainError("something else stands for a dictionary")
    return found

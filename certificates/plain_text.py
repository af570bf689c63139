"""What a plainly written file prints, read from its bytes.

Entry points: `read_plain_text`, `reading_order`. They share no code with what draws (`drawing`):
they follow the file's own references, from pages to what is shown, from fonts to characters, and
down the tree of its parts (ISO 32000-1, 9.10, 14.6 and 14.7).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from typing import NamedTuple, TypeAlias

from verifier.plain_objects import Dictionary, PlainObjects, Reference, Value
from verifier.plainness import NotPlainError

TEXT = re.compile(
    rb"BT [\d.]+ [\d.]+ [\d.]+ rg /(\w+) [\d.]+ Tf (?:[\d.]+ Tc )?"
    rb"1 0 0 1 -?[\d.]+ -?[\d.]+ Tm <([0-9a-f]*)> Tj(?: 0 Tc)? ET"
)
"""A line of content that shows codes in a font."""
MARKED = re.compile(rb"/\w+ <</MCID (\d+)>> BDC|/Artifact BMC")
OTHER_TEXT = re.compile(rb"[BT'\"(]")
"""In no operator that draws, but in all that show text or mark a sequence."""
GLYPHS = re.compile(rb"\d+ begincidchar\n((?:<[0-9a-f]{4}> \d+\n)*)endcidchar")
CHARACTERS = re.compile(rb"\d+ beginbfchar\n((?:<[0-9a-f]{4}> <[0-9a-f]+>\n)*)endbfchar")
DECORATION = -1

MarkedSequence: TypeAlias = tuple[int, int]
"""A marked sequence: its page and its number there, both from 0."""


class _Font(NamedTuple):
    """What a font shows: codes as if they were UTF-16, and the characters of those that are not."""

    codes: frozenset[str]
    renamed: Mapping[int, str]


def read_plain_text(file: PlainObjects) -> dict[MarkedSequence, str]:
    """Return the text of each marked sequence; decoration is left out.

    Raises:
        NotPlainError, or another that a parser raises (`verifier.plainness`): the file is not
            written as ours are.
    """
    fonts = cache(partial(_font, file))
    printed: dict[MarkedSequence, str] = {}
    for place, page in enumerate(_pages(file)):
        for number, text in _shown(file, _dictionary(file, page), fonts):
            printed[place, number] = printed.get((place, number), "") + text
    return printed


def reading_order(file: PlainObjects) -> Iterator[MarkedSequence]:
    """Yield the marked sequences in the order in which the file says that they are read.

    Raises:
        As `read_plain_text`.
    """
    pages = {page: place for place, page in enumerate(_pages(file)) if isinstance(page, tuple)}
    waiting: list[Value] = [_catalog(file).get(b"/StructTreeRoot")]
    while waiting:
        part = _dictionary(file, waiting.pop())
        if b"/MCID" in part:
            yield pages[_reference(part, b"/Pg")], file.member(part, b"/MCID", int)
        elif b"/K" in part:
            waiting += reversed(file.member(part, b"/K", list))


def _shown(
    file: PlainObjects, page: Dictionary, fonts: Callable[[Reference], _Font]
) -> Iterator[tuple[int, str]]:
    """Yield the texts of a page as they come, each with the number of its sequence."""
    resources = file.member(file.member(page, b"/Resources", dict), b"/Font", dict)
    for number, (name, codes) in _texts(file.stream(page.get(b"/Contents")).split(b"\n")):
        text, font = _text(codes), fonts(_reference(resources, b"/" + name))
        if not font.codes.issuperset(text):
            raise NotPlainError("a font has no glyph for what it shows")
        yield number, text.translate(font.renamed)


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


def _font(file: PlainObjects, reference: Reference) -> _Font:
    """Return for which codes a font has glyphs, and the characters that they stand for."""
    font = _dictionary(file, reference)
    drawn, _ = _entries(GLYPHS, file.stream(font.get(b"/Encoding")))
    codes, names = _entries(CHARACTERS, file.stream(font.get(b"/ToUnicode")))
    if drawn != codes:
        raise NotPlainError("a font draws others than it names")
    pairs = zip(codes, names, strict=True) if codes != names else ()
    renamed = {int(code[1:-1], 16): _text(name) for code, name in pairs if code != name}
    return _Font(frozenset(_text(b"".join(codes))), renamed)


def _entries(block: re.Pattern[bytes], mapping: bytes) -> tuple[list[bytes], list[bytes]]:
    """Return from where to where a map leads."""
    words = b"".join(block.findall(mapping)).split()
    return words[::2], words[1::2]


def _text(codes: bytes) -> str:
    """Return what stands there in UTF-16, as hexadecimal digits between brackets."""
    return bytes.fromhex(codes.translate(None, b"<>").decode()).decode("utf-16-be")


def _catalog(file: PlainObjects) -> Dictionary:
    return file.member(file.trailer, b"/Root", dict)


def _pages(file: PlainObjects) -> list[Value]:
    return file.member(file.member(_catalog(file), b"/Pages", dict), b"/Kids", list)


def _reference(dictionary: Dictionary, name: bytes) -> Reference:
    reference = dictionary.get(name)
    if not isinstance(reference, tuple):
        raise NotPlainError("something stands where another object belongs")
    return reference


def _dictionary(file: PlainObjects, value: Value) -> Dictionary:
    found = file.value(value)
    if not isinstance(found, dict):
        raise NotPlainError("something else stands for a dictionary")
    return found

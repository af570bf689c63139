"""The tables of a certificate: who holds which right, and where the data came from.

Entry points: `right_rows`, `source_rows`.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from certificates.drawing import words
from certificates.drawing.fields import (
    PROVEN,
    PROVEN_EN,
    UNPROVEN,
    UNPROVEN_EN,
    VALUE,
    VALUE_EN,
    WIDTH,
    heading,
    label_lines,
    value_lines,
    words_lines,
)
from certificates.drawing.words import Words, in_words
from certificates.statement import Holder, StatedRight, StatedSource
from drawing.fonts import Typeface
from drawing.layout import Cell, Row
from drawing.moments import term_of
from drawing.palette import GREY, INK
from drawing.text import Line, Style, bind, set_line, set_lines

RIGHT = Style(Typeface.SONGTI_BOLD, 9.4, 12, INK)
IDENTIFIER = Style(Typeface.SONGTI, 6.8, 9, GREY)
FACT = Style(Typeface.KAI, 8, 10.5, INK)
GAP = Style(Typeface.SONGTI, 3, 3, INK)

# The left edges of the columns, and how much of the next gap a text may not fill.
RIGHT_LEFT, HOLDER_LEFT, SHARE_LEFT, TERM_LEFT, LIMITS_LEFT = 0, 84, 228, 258, 364
STATUS_LEFT, SOURCE_LEFT, FACTS_LEFT = 0, 84, 276
GUTTER = 8
FACT_WIDTH = FACTS_LEFT - SOURCE_LEFT - GUTTER


def right_rows(rights: Sequence[StatedRight]) -> Iterator[Row]:
    """Yield the table of rights, its header repeated on each page that it reaches.

    Raises:
        RenderingError: a character cannot be drawn, or a code has no words.
    """
    yield heading(Words("登记权利", "Registered rights"))
    labels = (
        (RIGHT_LEFT, Words("权利", "Right")),
        (HOLDER_LEFT, Words("权利人及证件号码", "Holder and identifier")),
        (SHARE_LEFT, Words("份额", "Share")),
        (TERM_LEFT, Words("期限", "Term, both included")),
        (LIMITS_LEFT, Words("权利限制", "Limits")),
    )
    header = Row(
        cells=tuple(Cell(left, label_lines(label), head="Column") for left, label in labels),
        tag="TR",
        keeps_with_next=True,
    )
    yield header
    for right in rights:
        yield _right_row(right, header)


def source_rows(sources: Sequence[StatedSource]) -> Iterator[Row]:
    """Yield where the data came from, each source marked proven or unproven by word and shape."""
    yield heading(Words("数据来源与权源", "Provenance and title to the sources"))
    for source in sources:
        yield Row(
            cells=(
                Cell(STATUS_LEFT, _status_lines(source), head="Row"),
                *_source_cells(source),
            ),
            tag="TR",
        )
    if not sources:
        yield Row(cells=(Cell(0, tuple(words_lines(words.NO_SOURCES, WIDTH))),))


def _right_row(right: StatedRight, header: Row) -> Row:
    holders = [_holder_lines(holder) for holder in right.holders]
    shares = [
        _share_lines(holder.share, beside=lines)
        for holder, lines in zip(right.holders, holders, strict=True)
    ]
    return Row(
        cells=(
            Cell(RIGHT_LEFT, tuple(bind(_name_lines(right))), _continued_lines(right), head="Row"),
            Cell(HOLDER_LEFT, tuple(line for lines in holders for line in lines)),
            Cell(SHARE_LEFT, tuple(line for lines in shares for line in lines)),
            Cell(TERM_LEFT, _term_lines(right)),
            Cell(LIMITS_LEFT, _limits_lines(right)),
        ),
        tag="TR",
        header=header,
    )


def _name_lines(right: StatedRight) -> tuple[Line, ...]:
    name = in_words(words.RIGHTS, right.kind)
    return (
        set_line(name.zh, RIGHT),
        set_line(f"原称{words.OLDER_RIGHTS[right.kind]}", VALUE_EN),
        set_line(name.en, VALUE_EN),
        set_line(right.reference, VALUE_EN),
    )


def _continued_lines(right: StatedRight) -> tuple[Line, ...]:
    return set_line(in_words(words.RIGHTS, right.kind).zh, RIGHT), set_line(
        "续 continued", VALUE_EN
    )


def _term_lines(right: StatedRight) -> tuple[Line, ...]:
    term = term_of(right.valid_from, right.valid_to)
    width = LIMITS_LEFT - TERM_LEFT - GUTTER
    return (
        *set_lines(f"{term.first} 起", FACT, width),
        *set_lines(f"{term.last} 止", FACT, width),
        set_line(term.offset, VALUE_EN),
    )


def _limits_lines(right: StatedRight) -> tuple[Line, ...]:
    width = WIDTH - LIMITS_LEFT
    return tuple(set_lines(right.limits, FACT, width) if right.limits else value_lines("", width))


def _holder_lines(holder: Holder) -> list[Line]:
    width = SHARE_LEFT - HOLDER_LEFT - GUTTER
    scheme = in_words(words.IDENTIFIER_SCHEMES, holder.identifier_scheme)
    return bind(
        [
            *set_lines(holder.name, VALUE, width),
            *set_lines(f"{scheme.zh} {holder.identifier}", IDENTIFIER, width),
            set_line("", GAP),
        ]
    )


def _share_lines(share: Fraction, *, beside: Sequence[Line]) -> list[Line]:
    """Return the share on the first line, then as much space as the holder takes."""
    return bind(
        [
            set_line(f"{share.numerator}/{share.denominator}", VALUE),
            *(set_line("", line.style) for line in beside[1:]),
        ]
    )


def _status_lines(source: StatedSource) -> tuple[Line, ...]:
    step = set_line(f"第 {source.depth} 级来源 step {source.depth}", VALUE_EN)
    if source.is_proven:
        return set_line(words.PROVEN.zh, PROVEN), set_line(words.PROVEN.en, PROVEN_EN), step
    return set_line(words.UNPROVEN.zh, UNPROVEN), set_line(words.UNPROVEN.en, UNPROVEN_EN), step


def _source_cells(source: StatedSource) -> tuple[Cell, ...]:
    """Return the title over two columns of facts, which lie level with each other."""
    title = set_lines(source.title, VALUE, FACTS_LEFT - SOURCE_LEFT + FACT_WIDTH)
    level = tuple(set_line("", VALUE) for _ in title)
    publisher = ("发布者 Publisher", source.publisher)
    responsible = ("责任主体 Responsible", source.responsible)
    activity = ("处理活动 Activity", source.activity)
    basis = ("权源依据 Legal basis", source.basis or words.NOT_STATED.zh)
    return (
        Cell(SOURCE_LEFT, (*title, *_fact_lines(publisher), *_fact_lines(responsible))),
        Cell(FACTS_LEFT, (*level, *_fact_lines(activity), *_fact_lines(basis))),
    )


def _fact_lines(fact: tuple[str, str]) -> Sequence[Line]:
    label, text = fact
    return set_lines(f"{label}：{text}", FACT, FACT_WIDTH) if text else []

"""Drawing a document: sections of fields and tables on the sheets of the certificate.

Entry point: `render_document`. The same bytes every time.
"""

from collections.abc import Iterator, Sequence

from certificates.documents.statement import Block, DocumentStatement, Field, Section, Table
from certificates.drawing.content import GRANT, GRANT_EN, end_row
from certificates.drawing.fields import (
    LABEL_EN,
    UNPROVEN,
    UNPROVEN_EN,
    VALUE_EN,
    WIDE_VALUE,
    WIDTH,
    heading,
    label_lines,
    value_lines,
    wide_row,
)
from certificates.drawing.page import (
    BOTTOM,
    FIRST_ROWS_TOP,
    FOOT_HEIGHT,
    LATER_ROWS_TOP,
    Sheet,
)
from certificates.drawing.tables import FACT
from certificates.drawing.words import Words
from certificates.rendering import draw_sheets
from drawing.archival import NO_EVIDENCE, Attachment, ValidationEvidence
from drawing.layout import Cell, Row, paginate
from drawing.moments import moment_text
from drawing.text import Line, set_lines

GUTTER = 7
PREVAILS = Words(
    "本件为登记簿在所载时点的摘录；与登记簿记载不一致的，以登记簿为准。",
    "This is an extract of the register at the instant stated; where they differ, the register"
    " prevails (Guidelines, article 27).",
)


def render_document(
    statement: DocumentStatement,
    attachments: Sequence[Attachment] = (),
    evidence: ValidationEvidence = NO_EVIDENCE,
    *,
    signed_qr: str | None = None,
) -> bytes:
    """Return the document, still unsigned, with the place for its seal.

    Args:
        statement: what it says.
        attachments: the files that it carries.
        evidence: what authorities say of the seal's certificates.
        signed_qr: what its QR code holds (`certificates.paper`); if None, the record's address.

    Raises:
        RenderingError: a font is missing, no font has a glyph for a character, or a value holds
            control or bidirectional characters. Nothing is issued then.
    """
    rows = [*_opening(statement)]
    for section in statement.sections:
        rows += _section_rows(section)
    rows.append(end_row("document"))
    pages = paginate(
        rows, first=FIRST_ROWS_TOP - BOTTOM - FOOT_HEIGHT, later=LATER_ROWS_TOP - BOTTOM
    )
    return draw_sheets(_sheet(statement, signed_qr), pages, attachments, evidence)


def _sheet(statement: DocumentStatement, signed_qr: str | None) -> Sheet:
    as_of = statement.as_of
    return Sheet(
        title=statement.title,
        prevails=PREVAILS,
        number=statement.number,
        check_code=statement.check_code,
        verify_url=statement.verify_url,
        registrar=statement.registrar,
        issued_at=statement.issued_at,
        tie=f"tree {as_of.tree_size}  root {as_of.root_hash[:16]}",
        ledger_hash=as_of.root_hash,
        signed_qr=signed_qr,
    )


def _opening(statement: DocumentStatement) -> Iterator[Row]:
    lines = (
        *set_lines(statement.lead.zh, GRANT, WIDTH),
        *set_lines(statement.lead.en, GRANT_EN, WIDTH),
    )
    yield Row(cells=(Cell(0, lines),), space_below=7, has_rule=False)
    as_of = statement.as_of
    known = Words(
        f"登记簿状态：账本共 {as_of.tree_size} 条",
        f"as the register knew it at {as_of.tree_size} entries",
    )
    yield wide_row(
        Words("截至时点", "As of"),
        [*value_lines(moment_text(as_of.at), WIDE_VALUE), *_small(known, WIDE_VALUE)],
    )
    yield wide_row(Words("树根", "Root hash"), value_lines(as_of.root_hash, WIDE_VALUE))


def _section_rows(section: Section) -> Iterator[Row]:
    yield heading(section.title)
    for block in section.blocks:
        yield from _block_rows(block)


def _block_rows(block: Block) -> Iterator[Row]:
    if isinstance(block, Table):
        yield from _table_rows(block)
    else:
        yield wide_row(block.label, _value(block))


def _value(field: Field) -> list[Line]:
    zh, en = field.value
    if field.is_warning:
        lines = set_lines(zh, UNPROVEN, WIDE_VALUE)
        return [*lines, *(set_lines(en, UNPROVEN_EN, WIDE_VALUE) if en else ())]
    return [*value_lines(zh, WIDE_VALUE), *(set_lines(en, VALUE_EN, WIDE_VALUE) if en else ())]


def _small(words: Words, width: float) -> list[Line]:
    return [*set_lines(words.zh, LABEL_EN, width), *set_lines(words.en, LABEL_EN, width)]


def _table_rows(table: Table) -> Iterator[Row]:
    """Yield the header, repeated on each page that the table reaches, and the rows."""
    lefts = [WIDTH * sum(table.widths[:place]) / 100 for place in range(len(table.widths))]
    header = Row(
        cells=tuple(
            Cell(left, label_lines(column), head="Column")
            for left, column in zip(lefts, table.columns, strict=True)
        ),
        tag="TR",
        keeps_with_next=True,
    )
    yield header
    for row in table.rows:
        yield Row(
            cells=tuple(
                Cell(
                    left,
                    tuple(_cell(words, WIDTH * width / 100 - GUTTER)),
                    head="Row" if place == 0 else "",
                )
                for place, (left, width, words) in enumerate(
                    zip(lefts, table.widths, row, strict=True)
                )
            ),
            tag="TR",
            header=header,
        )


def _cell(words: Words, width: float) -> list[Line]:
    english = set_lines(words.en, VALUE_EN, width) if words.en else []
    return [*set_lines(words.zh, FACT, width), *english]

"""Drawing a certificate: a statement becomes an A4 PDF, the same bytes every time.

Entry point: `render_certificate`. Pure but for reading font files; the file is unsigned and holds
one revision. Layout and look: `certificates.drawing`.
"""

from certificates.drawing.canvas import CertificateCanvas
from certificates.drawing.content import asset_rows, closing_rows, grant_row, remark_rows
from certificates.drawing.layout import Row, paginate
from certificates.drawing.moments import day_text
from certificates.drawing.page import (
    BOTTOM,
    FIRST_ROWS_TOP,
    FOOT_HEIGHT,
    FRAME,
    LATER_ROWS_TOP,
    TITLE,
    draw_first_head,
    draw_foot,
    draw_frame,
    draw_later_head,
    draw_page_number,
    draw_rows,
)
from certificates.drawing.tables import right_rows, source_rows
from certificates.statement import Statement


def render_certificate(statement: Statement) -> bytes:
    """Return the certificate as an unsigned PDF of as many pages as its content needs.

    Raises:
        RenderingError: a font is missing, no font has a glyph for a character, a value holds
            control or bidirectional characters, or a code has no words. Nothing is issued then.
    """
    pages = _pages(statement)
    canvas = CertificateCanvas(
        title=f"{TITLE} {statement.number}",
        author=statement.registrar.name_zh,
        created_at=statement.issued_at,
    )
    draw_frame(canvas, is_example=statement.registrar.is_example)
    for number, rows in enumerate(pages, start=1):
        canvas.doForm(FRAME)
        is_first, is_last = number == 1, number == len(pages)
        (draw_first_head if is_first else draw_later_head)(canvas, statement)
        draw_rows(canvas, rows, FIRST_ROWS_TOP if is_first else LATER_ROWS_TOP)
        if is_last:
            draw_foot(canvas, statement, day_text(statement.issued_at))
        draw_page_number(canvas, statement, number, len(pages))
        canvas.showPage()
    return canvas.to_bytes()


def _pages(statement: Statement) -> list[list[Row]]:
    return paginate(
        [
            grant_row(),
            *asset_rows(statement),
            *right_rows(statement.rights),
            *source_rows(statement.provenance),
            *remark_rows(statement.remarks),
        ],
        closing=closing_rows(statement.ledger),
        first=FIRST_ROWS_TOP - BOTTOM,
        later=LATER_ROWS_TOP - BOTTOM,
        foot=FOOT_HEIGHT,
    )

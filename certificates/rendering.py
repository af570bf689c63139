"""Drawing a certificate: a statement becomes an A4 PDF, the same bytes every time.

Entry point: `render_certificate`. Pure but for reading font files; the file holds one
revision. Layout and look: `certificates.drawing`.
"""

from collections.abc import Sequence

from certificates.drawing.content import (
    description_rows,
    end_row,
    front_rows,
    ledger_rows,
    remark_rows,
)
from certificates.drawing.frame import FRAME, define_frame
from certificates.drawing.page import (
    BOTTOM,
    FIRST_ROWS_TOP,
    FOOT_HEIGHT,
    LATER_ROWS_TOP,
    LEFT,
    Sheet,
    draw_first_head,
    draw_foot,
    draw_later_head,
    draw_page_number,
    draw_rows,
    sheet_of,
)
from certificates.drawing.tables import right_rows, source_rows
from certificates.statement import Statement
from drawing.archival import NO_EVIDENCE, Attachment, ValidationEvidence
from drawing.canvas import PageCanvas
from drawing.flow import Flow
from drawing.layout import Row, paginate


def render_certificate(
    statement: Statement,
    attachments: Sequence[Attachment] = (),
    evidence: ValidationEvidence = NO_EVIDENCE,
    *,
    signed_qr: str | None = None,
) -> bytes:
    """Return the certificate, still unsigned, with as many pages as its content needs.

    It is PDF/A-3a and PDF/UA-1, carries the attachments and the evidence about the seal's
    certificates, and has the seal's place: room for the signature, for `certificates.signing` to
    fill in.

    Args:
        statement: what it says.
        attachments: the files that it carries.
        evidence: what authorities say of the seal's certificates.
        signed_qr: what its QR code holds (`certificates.paper`); if None, the record's address.

    Raises:
        RenderingError: a font is missing, no font has a glyph for a character, a value holds
            control or bidirectional characters, or a code has no words. Nothing is issued then.
    """
    return draw_sheets(sheet_of(statement, signed_qr), pages_of(statement), attachments, evidence)


def draw_sheets(
    sheet: Sheet,
    pages: Sequence[list[Row]],
    attachments: Sequence[Attachment],
    evidence: ValidationEvidence,
) -> bytes:
    """Return the pages, the foot with the seal's place on the first.

    Raises:
        RenderingError: a font is missing, or no font has a glyph for a character.
    """
    canvas = PageCanvas(
        title=f"{sheet.title.zh} {sheet.number}",
        author=sheet.registrar.name_zh,
        created_at=sheet.issued_at,
    )
    for attachment in attachments:
        canvas.attach(attachment)
    canvas.embed_evidence(evidence)
    define_frame(canvas, is_example=sheet.registrar.is_example)
    flow = Flow(canvas, LEFT)
    for number, rows in enumerate(pages, start=1):
        with canvas.artifact():
            canvas.doForm(FRAME)
            if number > 1:
                draw_later_head(canvas, sheet)
            draw_page_number(canvas, sheet, number, len(pages))
        if number == 1:
            draw_first_head(canvas, sheet)
            draw_rows(canvas, flow, rows, FIRST_ROWS_TOP)
            draw_foot(canvas, sheet)
        else:
            draw_rows(canvas, flow, rows, LATER_ROWS_TOP)
        canvas.showPage()
    return canvas.to_bytes()


def pages_of(statement: Statement) -> list[list[Row]]:
    """Return the rows of each page: the front, then the schedule, which begins overleaf."""
    later = LATER_ROWS_TOP - BOTTOM
    front = [
        *front_rows(statement),
        *right_rows(statement.rights),
        *remark_rows(statement.remarks),
    ]
    schedule = [
        *description_rows(statement.asset),
        *source_rows(statement.provenance),
        *ledger_rows(statement.ledger),
        end_row(),
    ]
    pages = paginate(front, first=FIRST_ROWS_TOP - BOTTOM - FOOT_HEIGHT, later=later)
    if len(pages) == 1:
        return [*pages, *paginate(schedule, first=later, later=later)]
    # What the front left overleaf shares its page with the schedule.
    *pages, begun = pages
    room = later - sum(row.height for row in begun)
    first, *rest = paginate(schedule, first=room, later=later)
    return [*pages, [*begun, *first], *rest]

"""The page of a verification report: a plain rule round it, its own title and its own stamp.

Nothing of it may be taken for a certificate: no guilloche, no emblem, no number, no round seal.
Lengths are points; the page is A4 upright.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from certificates.drawing.page import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    draw_rows,
)
from certificates.drawing.words import Words
from certificates.statement import Registrar
from drawing.archival import Attachment, ValidationEvidence
from drawing.canvas import PageCanvas, SignatureField, Surface
from drawing.flow import Flow, draw_lines, draw_text
from drawing.fonts import Typeface
from drawing.guilloche import Pen, use
from drawing.layout import Row
from drawing.moments import moment_text
from drawing.palette import CINNABAR, GREY, HAIRLINE, INK
from drawing.seal import COUNTRY, SEAL_HEX_DIGITS
from drawing.structure import ENGLISH, Box, Element
from drawing.text import Point, Style, draw_line, set_line, set_lines

TITLE = Words("核验报告", "Verification report")
NOT_A_CERTIFICATE = Words("不是登记凭证", "Not a certificate")
ABOUT = Words(
    "本报告说明登记机构在下列时点对所述文件的核验结果。本报告不是登记凭证，不证明任何权利；"
    "权利以登记簿为准。",
    "This report says what the registrar found of the file described below, at the instant stated."
    " It is not a certificate and evidences no right; the register prevails.",
)
CHECKING = Words(
    "本报告的电子签章覆盖全部字节；机器可读的相同内容见附件 verification-report.json。"
    "只有字节与所述 SHA-256 一致的文件才是本报告所指的文件。",
    "The seal covers every byte of this report; its attachment verification-report.json says the"
    " same for machines. It speaks of no other file than that with the SHA-256 stated.",
)
EDGE = 40.0
FIRST_TOP = TOP - 90
LATER_TOP = TOP - 26
FOOT_HEIGHT = 74.0
FIRST_ROOM, LATER_ROOM = FIRST_TOP - BOTTOM - FOOT_HEIGHT, LATER_TOP - BOTTOM
STAMP, STAMP_FIELD = "report-stamp", "ReportSeal"
STAMP_WIDTH, STAMP_HEIGHT = 168.0, 46.0
SMALL = Style(Typeface.SONGTI, 7.6, 11, INK)
SMALL_EN = Style(Typeface.SONGTI, 5.8, 8, GREY)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSheet:
    """What every page of a report bears around its rows; ``sha256`` is the reported file's."""

    registrar: Registrar
    made_at: datetime
    sha256: str


def draw_report(
    sheet: ReportSheet,
    pages: Sequence[list[Row]],
    attachment: Attachment,
    evidence: ValidationEvidence,
) -> bytes:
    """Return the pages, still unsigned, the stamp's place on the first.

    Raises:
        RenderingError: a font is missing, or no font has a glyph for a character.
    """
    canvas = PageCanvas(
        title=f"{TITLE.zh} {TITLE.en}", author=sheet.registrar.name_zh, created_at=sheet.made_at
    )
    canvas.attach(attachment)
    canvas.embed_evidence(evidence)
    flow = Flow(canvas, LEFT)
    for number, rows in enumerate(pages, start=1):
        with canvas.artifact():
            _draw_rule(canvas)
            _draw_page_number(canvas, sheet, number, len(pages))
            if number > 1:
                _draw_later_head(canvas)
        if number == 1:
            _draw_head(canvas, sheet)
        draw_rows(canvas, flow, rows, FIRST_TOP if number == 1 else LATER_TOP)
        if number == 1:
            _draw_foot(canvas, sheet)
        canvas.showPage()
    return canvas.to_bytes()


def _draw_rule(canvas: Surface) -> None:
    use(canvas, Pen(0.7, GREY))
    canvas.rect(EDGE, EDGE, WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE, stroke=1, fill=0)


def _draw_head(canvas: PageCanvas, sheet: ReportSheet) -> None:
    title = set_line(TITLE.zh, Style(Typeface.SONGTI_BOLD, 22, 0, INK))
    with canvas.within(Element(tag="H1")):
        draw_text(canvas, Point(LEFT, TOP - 26), title, tag="Span", tracking=3)
        with canvas.marked(Element(tag="Span", language=ENGLISH)):
            english = set_line(TITLE.en, Style(Typeface.SONGTI, 11, 0, GREY))
            draw_line(canvas, Point(LEFT + title.width + 24, TOP - 26), english)
    with canvas.marked(Element(tag="P")):
        _draw_warning(canvas, is_example=sheet.registrar.is_example)
    name = f"{sheet.registrar.name_zh}  {sheet.registrar.name_en}"
    draw_text(canvas, Point(LEFT, TOP - 44), set_line(name, SMALL))
    width = RIGHT - LEFT
    lines = [*set_lines(ABOUT.zh, SMALL, width), *set_lines(ABOUT.en, SMALL_EN, width)]
    draw_lines(canvas, Point(LEFT, TOP - 54), lines)


def _draw_warning(canvas: Surface, *, is_example: bool) -> None:
    left, width = RIGHT - 112, 112.0
    use(canvas, Pen(0.8, CINNABAR))
    canvas.rect(left, TOP - 35, width, 37, stroke=1, fill=0)
    texts = [
        (NOT_A_CERTIFICATE.zh, Style(Typeface.SONGTI_BOLD, 10, 0, CINNABAR), TOP - 11),
        (NOT_A_CERTIFICATE.en, Style(Typeface.SONGTI, 7, 0, CINNABAR), TOP - 20),
    ]
    if is_example:
        small = Style(Typeface.SONGTI, 6, 0, CINNABAR)
        texts.append(("示例 EXAMPLE · No legal effect", small, TOP - 30))
    for text, style, baseline in texts:
        line = set_line(text, style)
        draw_line(canvas, Point(left + (width - line.width) / 2, baseline), line)


def _draw_later_head(canvas: Surface) -> None:
    text = f"{TITLE.zh} {TITLE.en} · {NOT_A_CERTIFICATE.zh} {NOT_A_CERTIFICATE.en}"
    draw_line(canvas, Point(LEFT, TOP - 14), set_line(text, SMALL))
    use(canvas, Pen(0.4, HAIRLINE))
    canvas.line(LEFT, TOP - 20, RIGHT, TOP - 20)


def _draw_page_number(canvas: Surface, sheet: ReportSheet, page: int, pages: int) -> None:
    small = Style(Typeface.MONO, 5.6, 0, GREY)
    draw_line(canvas, Point(LEFT, BOTTOM - 20), set_line(f"SHA-256 {sheet.sha256}", small))
    line = set_line(f"{page} / {pages}", Style(Typeface.SONGTI, 7.5, 0, INK))
    draw_line(canvas, Point(RIGHT - line.width, BOTTOM - 20), line)


def _draw_foot(canvas: PageCanvas, sheet: ReportSheet) -> None:
    top = BOTTOM + FOOT_HEIGHT - 10
    with canvas.artifact():
        use(canvas, Pen(0.4, HAIRLINE))
        canvas.line(LEFT, top, RIGHT, top)
    width = RIGHT - LEFT - STAMP_WIDTH - 16
    lines = [*set_lines(CHECKING.zh, SMALL, width), *set_lines(CHECKING.en, SMALL_EN, width)]
    draw_lines(canvas, Point(LEFT, top - 6), lines)
    _add_stamp(canvas, sheet, Point(RIGHT - STAMP_WIDTH / 2, top - 10 - STAMP_HEIGHT / 2))


def _add_stamp(canvas: PageCanvas, sheet: ReportSheet, centre: Point) -> None:
    """Put the rectangular stamp: what is seen of the signature."""
    registrar, x, y = sheet.registrar, STAMP_WIDTH / 2, STAMP_HEIGHT / 2
    canvas.beginForm(STAMP, -x, -y, x, y)
    use(canvas, Pen(1.2, INK))
    canvas.rect(0.6 - x, 0.6 - y, STAMP_WIDTH - 1.2, STAMP_HEIGHT - 1.2, stroke=1, fill=0)
    for text, style, baseline in (
        (registrar.name_zh, Style(Typeface.SONGTI_BOLD, 10, 0, INK), 8),
        (f"{TITLE.zh}专用 {TITLE.en}", Style(Typeface.SONGTI, 8, 0, INK), -4),
        (moment_text(sheet.made_at), Style(Typeface.MONO, 7, 0, INK), -16),
    ):
        line = set_line(text, style)
        draw_line(canvas, Point(-line.width / 2, baseline), line)
    canvas.end_isolated_form()
    canvas.add_signature(
        SignatureField(
            name=STAMP_FIELD,
            spoken=f"{registrar.name_zh}{TITLE.zh}专用章 Report stamp of {registrar.name_en}",
            form=STAMP,
            box=Box(centre.x - x, centre.y - y, centre.x + x, centre.y + y),
            signer=f"{registrar.name_zh} {registrar.name_en}",
            reason=f"{TITLE.zh} {TITLE.en}",
            location=COUNTRY,
            signed_at=sheet.made_at,
            hex_digits=SEAL_HEX_DIGITS,
        )
    )

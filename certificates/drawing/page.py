"""What stands on a page around its rows: the heads, the foot with QR code and seal, the number.

All lengths are points; the page is A4 upright.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from reportlab.lib.pagesizes import A4

from certificates.drawing.marks import EMBLEM_RADIUS, draw_emblem, draw_qr
from certificates.drawing.words import Words
from certificates.statement import Registrar, Statement
from drawing.canvas import PageCanvas, Surface
from drawing.flow import Flow, draw_lines, draw_text
from drawing.fonts import Typeface
from drawing.guilloche import Pen, use
from drawing.layout import Row
from drawing.moments import day_text, moment_text
from drawing.palette import (
    CINNABAR,
    GOLD,
    GREY,
    HAIRLINE,
    INK,
)
from drawing.seal import SEAL_RADIUS, RoundSeal, draw_round_seal
from drawing.structure import ENGLISH, Box, Element
from drawing.text import Line, Point, Style, beginning, draw_line, set_line, set_lines

WIDTH, HEIGHT = A4
CENTRE = WIDTH / 2
LEFT, RIGHT = 64.0, WIDTH - 64.0
TOP, BOTTOM = HEIGHT - 64, 78.0
FIRST_ROWS_TOP = TOP - 140
LATER_ROWS_TOP = TOP - 32
FOOT_HEIGHT = 166.0
QR_SIDE = 93.0
"""With its quiet zone 36 mm: what is signed makes some 73 modules a side, each 2.6 dots of a scan
at 150 dpi."""
SEAL_CENTRE = Point(RIGHT - 72, BOTTOM + 62)
ISSUER_WIDTH = 200.0

SEAL_FIELD = "RegistrarSeal"
SEAL_WORDS = "登记专用章"

TITLE = Words("数据产权登记凭证", "Certificate of Data Property Rights Registration")
MICROPRINT_SIZE = 1.5
WORD = re.compile(r"\S+ ?")
TITLE_TRACKING, TITLE_GAP = 1.1, 1.75
"""Of the English title: after each character, and beside the space between words."""
CHECKING_LEFT = LEFT + QR_SIDE + 12
PREVAILS = Words(
    "本凭证为登记簿在核发时的摘录；与登记簿记载不一致的，以登记簿为准。",
    "This certificate is an extract of the register at the time of issue; where they differ, the"
    " register prevails (Guidelines, article 27).",
)
ONLINE = Words(
    "在线：扫描二维码，或在登记机构网站输入编号与核验码，将所示登记簿内容与本凭证逐项核对。",
    "Online: scan, or enter number and code; compare the register with this page.",
)
OFFLINE = Words(
    "离线：以 quanji-verify 核验电子原件及其 .tlog-proof 证明文件。",
    "Offline: check the electronic original and its .tlog-proof with quanji-verify.",
)
OFFLINE_SIGNED = Words(
    "离线：以 quanji-verify 核验二维码（仅证明所印内容）或电子原件及其 .tlog-proof。",
    "Offline: quanji-verify checks the code, which proves what was printed and no more, or the"
    " electronic original with its .tlog-proof.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What every page of one document bears around its rows.

    Attributes:
        prevails: the sentence above the foot.
        tie: where in the ledger the document belongs, in short.
        ledger_hash: what stands in the microprint.
        signed_qr: what the QR code holds (`certificates.paper`); if None, the address.
    """

    title: Words
    prevails: Words
    number: str
    check_code: str
    verify_url: str
    registrar: Registrar
    issued_at: datetime
    tie: str
    ledger_hash: str
    signed_qr: str | None = None


def sheet_of(statement: Statement, signed_qr: str | None = None) -> Sheet:
    """Return what a certificate's pages bear."""
    ledger = statement.ledger
    return Sheet(
        title=TITLE,
        prevails=PREVAILS,
        number=statement.number,
        check_code=statement.check_code,
        verify_url=statement.verify_url,
        registrar=statement.registrar,
        issued_at=statement.issued_at,
        tie=f"entry {ledger.entry_index}  leaf {ledger.leaf_hash[:16]}",
        ledger_hash=ledger.leaf_hash,
        signed_qr=signed_qr,
    )


def draw_first_head(canvas: PageCanvas, sheet: Sheet) -> None:
    """Draw emblem, title, English title and number."""
    title = set_line(sheet.title.zh, Style(Typeface.SONGTI_BOLD, 31, 0, INK))
    with canvas.within(Element(tag="H1")):
        start = _centred(TOP - 86, title, tracking=2.9)
        draw_text(canvas, start, title, tag="Span", tracking=2.9)
        with canvas.marked(Element(tag="Span", language=ENGLISH)):
            _draw_small_capitals(canvas, TOP - 103, sheet.title.en)
    with canvas.artifact():
        draw_emblem(canvas, Point(CENTRE, TOP - EMBLEM_RADIUS + 2))
        use(canvas, Pen(0.4, GOLD))
        canvas.line(CENTRE - 110, TOP - 114, CENTRE + 110, TOP - 114)
    number = set_line(f"编号 No. {sheet.number}", Style(Typeface.SONGTI, 11, 0, INK))
    start = _centred(TOP - 129, number, tracking=0.8)
    draw_text(canvas, start, number, tracking=0.8)
    if sheet.registrar.is_example:
        with canvas.marked(Element(tag="P")):
            _draw_example_mark(canvas)


def draw_later_head(canvas: PageCanvas, sheet: Sheet) -> None:
    """Draw the running head of the second and further pages."""
    title = set_line(f"{sheet.title.zh}·附页", Style(Typeface.SONGTI_BOLD, 10, 0, INK))
    draw_line(canvas, Point(LEFT, TOP - 15), title, tracking=1)
    number = set_line(f"编号 No. {sheet.number}", Style(Typeface.SONGTI, 8.5, 0, INK))
    draw_line(canvas, Point(LEFT + title.width + len(title.text) + 44, TOP - 15), number)
    if sheet.registrar.is_example:
        _draw_example_mark(canvas)
    use(canvas, Pen(0.4, GOLD))
    canvas.line(LEFT, TOP - 27, RIGHT, TOP - 27)


def draw_rows(canvas: PageCanvas, flow: Flow, rows: list[Row], top: float) -> None:
    """Draw rows downwards from ``top``, each under its hairline."""
    for row in rows:
        if row.has_rule:
            with canvas.artifact():
                use(canvas, Pen(0.25, HAIRLINE))
                canvas.line(LEFT, top, RIGHT, top)
        flow.draw(row, top)
        top -= row.height


def draw_page_number(canvas: PageCanvas, sheet: Sheet, page: int, pages: int) -> None:
    """Draw "2 / 3", and what ties the page to the certificate and to its ledger entry."""
    style = Style(Typeface.SONGTI, 7.5, 0, INK)
    line = set_line(f"{page} / {pages}", style)
    draw_line(canvas, _centred(BOTTOM - 15, line), line)
    small = Style(Typeface.MONO, 5.6, 0, GREY)
    draw_line(canvas, Point(LEFT, BOTTOM - 15), set_line(sheet.number, small))
    line = set_line(sheet.tie, small)
    draw_line(canvas, Point(RIGHT - line.width, BOTTOM - 15), line)


def draw_foot(canvas: PageCanvas, sheet: Sheet) -> None:
    """Draw what prevails, the microprinting, the QR code with how to check, and the seal."""
    top = BOTTOM + FOOT_HEIGHT
    draw_lines(
        canvas,
        Point(LEFT, top - 2),
        [
            set_line(sheet.prevails.zh, Style(Typeface.SONGTI, 8, 10, INK)),
            set_line(sheet.prevails.en, Style(Typeface.SONGTI, 5.8, 8, GREY)),
        ],
    )
    with canvas.artifact():
        _draw_microprint(canvas, top - 25, sheet)
    _draw_checking(canvas, top - 40, sheet)
    _draw_issuer(canvas, sheet)


def _centred(baseline: float, line: Line, *, tracking: float = 0) -> Point:
    """Return where a line begins that stands in the middle of the page."""
    width = line.width + tracking * (len(line.text) - 1)
    return Point(CENTRE - width / 2, baseline)


def _draw_example_mark(canvas: Surface) -> None:
    line = set_line("示例 EXAMPLE", Style(Typeface.SONGTI_BOLD, 8.5, 0, CINNABAR))
    note = set_line("无法律效力 No legal effect", Style(Typeface.SONGTI, 5.4, 0, CINNABAR))
    left = RIGHT - 84
    use(canvas, Pen(0.6, CINNABAR))
    canvas.rect(left, TOP - 20, 84, 22, stroke=1, fill=0)
    draw_line(canvas, Point(left + 42 - line.width / 2, TOP - 8), line)
    draw_line(canvas, Point(left + 42 - note.width / 2, TOP - 16), note)


def _draw_small_capitals(canvas: Surface, baseline: float, text: str) -> None:
    """Draw text in capitals, the small letters as capitals of four fifths the size."""
    words = WORD.findall(text)
    parts = [
        set_line(part.upper(), Style(Typeface.SONGTI, size, 0, INK))
        for word in words
        for part, size in (
            ((word[0], 10.5), (word[1:], 8.4)) if word[0].isupper() else ((word, 8.4),)
        )
    ]
    widths = [
        part.width + TITLE_TRACKING * len(part.text) + TITLE_GAP * part.text.endswith(" ")
        for part in parts
    ]
    x = CENTRE - sum(widths) / 2
    for part, width in zip(parts, widths, strict=True):
        draw_line(canvas, Point(x, baseline), part, tracking=TITLE_TRACKING)
        x += width


def _draw_microprint(canvas: Surface, baseline: float, sheet: Sheet) -> None:
    style = Style(Typeface.SONGTI, MICROPRINT_SIZE, 0, INK)
    phrase = f"{sheet.title.zh} {sheet.title.en} {sheet.number} {sheet.ledger_hash} "
    whole, x = set_line(phrase, style), LEFT
    while x + whole.width <= RIGHT:
        draw_line(canvas, Point(x, baseline), whole)
        x += whole.width
    rest = set_line(beginning(phrase, style, RIGHT - x), style)
    draw_line(canvas, Point(x, baseline), rest)


def _draw_checking(canvas: PageCanvas, top: float, sheet: Sheet) -> None:
    corner = Point(LEFT, top - 4 - QR_SIDE)
    with canvas.marked(
        Element(
            tag="Figure",
            alternative=f"二维码，打开 QR code that opens {sheet.verify_url}",
            box=Box(corner.x, corner.y, corner.x + QR_SIDE, corner.y + QR_SIDE),
        )
    ):
        draw_qr(canvas, corner, text=sheet.signed_qr or sheet.verify_url, side=QR_SIDE)
    offline = OFFLINE_SIGNED if sheet.signed_qr else OFFLINE
    label = Style(Typeface.SONGTI, 7.6, 11, INK)
    small = Style(Typeface.SONGTI, 5.8, 8, GREY)
    width = SEAL_CENTRE.x - SEAL_RADIUS - 16 - CHECKING_LEFT
    draw_lines(
        canvas,
        Point(CHECKING_LEFT, top - 2),
        [
            set_line("核验码 Verification code", label),
            set_line(sheet.check_code, Style(Typeface.MONO, 10, 15, INK)),
            *set_lines(ONLINE.zh, label, width),
            *set_lines(ONLINE.en, small, width),
            *set_lines(offline.zh, label, width),
            *set_lines(offline.en, small, width),
        ],
    )
    url = set_line(sheet.verify_url, Style(Typeface.MONO, 5.4, 8, GREY))
    draw_text(canvas, Point(LEFT, top - QR_SIDE - 15), url)


def _draw_issuer(canvas: PageCanvas, sheet: Sheet) -> None:
    registrar = sheet.registrar
    small = Style(Typeface.SONGTI, 5.8, 0, GREY)
    for text, style, y in (
        (registrar.name_zh, Style(Typeface.SONGTI_BOLD, 10.5, 0, INK), 125),
        (f"{registrar.name_en} ({registrar.code})", small, 117),
        (day_text(sheet.issued_at), Style(Typeface.KAI, 10, 0, INK), 17),
        (f"核发 Issued {moment_text(sheet.issued_at)}", small, 2),
    ):
        line = _fitted(text, style, ISSUER_WIDTH)
        left = min(SEAL_CENTRE.x - line.width / 2, RIGHT - line.width)
        draw_text(canvas, Point(left, BOTTOM + y), line)
    _add_seal(canvas, sheet)


def _add_seal(canvas: PageCanvas, sheet: Sheet) -> None:
    """Put the seal over the issuer's name: what is seen of the signature."""
    registrar = sheet.registrar
    draw_round_seal(
        canvas,
        SEAL_CENTRE,
        RoundSeal(
            field=SEAL_FIELD,
            name_zh=registrar.name_zh,
            name_en=registrar.name_en,
            words=SEAL_WORDS,
            reason=f"{sheet.title.zh} {sheet.title.en}",
            signed_at=sheet.issued_at,
            is_example=registrar.is_example,
        ),
    )


def _fitted(text: str, style: Style, width: float) -> Line:
    """Return the text on one line, set smaller where it would be wider than ``width``."""
    size = min(style.size, style.size * width / set_line(text, style).width)
    return set_line(text, style._replace(size=size))

"""The sheet: the frame that every page has, the heads, the foot with QR code and seal.

All lengths are points; the page is A4 upright.
"""

from itertools import product

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from certificates.drawing.fonts import Typeface
from certificates.drawing.guilloche import Pen, band, rosette, use
from certificates.drawing.layout import Row, height_of
from certificates.drawing.marks import (
    EMBLEM_RADIUS,
    SEAL_RADIUS,
    draw_emblem,
    draw_qr,
    draw_seal,
)
from certificates.drawing.palette import (
    CINNABAR,
    GOLD,
    GREY,
    HAIRLINE,
    INK,
    PALE_CINNABAR,
    PALE_GOLD,
    PAPER,
)
from certificates.drawing.text import Line, Point, Style, draw_line, set_line, set_lines
from certificates.drawing.words import Words
from certificates.statement import Statement

WIDTH, HEIGHT = A4
CENTRE = WIDTH / 2
EDGE = 24.0
BAND = 26.0
CORNER = 19.0
LEFT, RIGHT = 64.0, WIDTH - 64.0
TOP, BOTTOM = HEIGHT - 60, 76.0
FIRST_ROWS_TOP = TOP - 142
LATER_ROWS_TOP = TOP - 24
FOOT_HEIGHT = 138.0
QR_SIDE = 84.0
SEAL_CENTRE = Point(RIGHT - 78, BOTTOM + 66)
FRAME = "frame"

TITLE = "数据产权登记凭证"
ENGLISH_TITLE = "Certificate of Data Property Rights Registration"
MICROPRINT_SIZE = 1.5
CHECKING_LEFT = LEFT + QR_SIDE
ONLINE = Words(
    "在线：扫描二维码，或在登记机构网站输入编号与核验码，将所示登记簿内容与本凭证逐项核对。",
    "Online: scan the code, or enter number and code, and compare the register with this page.",
)
OFFLINE = Words(
    "离线：以 quanji-verify 核验电子原件及其 .tlog-proof 证明文件。",
    "Offline: check the electronic original and its .tlog-proof with quanji-verify.",
)


def draw_frame(canvas: Canvas, *, is_example: bool) -> None:
    """Define the frame, drawn once and shown on every page by `Canvas.doForm`."""
    canvas.beginForm(FRAME)
    _draw_ground(canvas)
    if is_example:
        _draw_example_ground(canvas)
    _draw_border(canvas)
    canvas.endForm()


def draw_first_head(canvas: Canvas, statement: Statement) -> None:
    """Draw emblem, title, English title and number."""
    draw_emblem(canvas, Point(CENTRE, TOP - EMBLEM_RADIUS + 4))
    title = set_line(TITLE, Style(Typeface.SONGTI_BOLD, 29, 0, INK))
    draw_centred(canvas, TOP - 80, title, tracking=5)
    _draw_small_capitals(canvas, TOP - 98, ENGLISH_TITLE)
    use(canvas, Pen(0.4, GOLD))
    canvas.line(CENTRE - 110, TOP - 109, CENTRE + 110, TOP - 109)
    number = set_line(f"编号 No. {statement.number}", Style(Typeface.SONGTI, 11, 0, INK))
    draw_centred(canvas, TOP - 124, number, tracking=0.8)
    if statement.registrar.is_example:
        _draw_example_mark(canvas)


def draw_later_head(canvas: Canvas, statement: Statement) -> None:
    """Draw the running head of the second and further pages."""
    title = set_line(TITLE, Style(Typeface.SONGTI_BOLD, 10, 0, INK))
    draw_line(canvas, Point(LEFT, TOP - 8), title, tracking=1)
    number = set_line(f"编号 No. {statement.number}", Style(Typeface.SONGTI, 8.5, 0, INK))
    draw_line(canvas, Point(LEFT + 110, TOP - 8), number)
    if statement.registrar.is_example:
        _draw_example_mark(canvas)
    use(canvas, Pen(0.4, GOLD))
    canvas.line(LEFT, TOP - 17, RIGHT, TOP - 17)


def draw_rows(canvas: Canvas, rows: list[Row], top: float) -> None:
    """Draw rows downwards from ``top``, each under its hairline."""
    for row in rows:
        if row.has_rule:
            use(canvas, Pen(0.25, HAIRLINE))
            canvas.line(LEFT, top, RIGHT, top)
        for cell in row.cells:
            draw_column(canvas, Point(LEFT + cell.left, top - row.space_above), cell.lines)
        top -= height_of([row])


def draw_column(canvas: Canvas, corner: Point, lines: tuple[Line, ...] | list[Line]) -> None:
    """Draw lines one under the other from the upper left corner."""
    y = corner.y
    for line in lines:
        y -= line.style.leading
        # The descent of a Chinese face is about 0.12 em; the rest of the leading lies above.
        draw_line(canvas, Point(corner.x, y + 0.24 * line.style.leading), line)


def draw_page_number(canvas: Canvas, statement: Statement, page: int, pages: int) -> None:
    """Draw "2 / 3", and what ties the page to the certificate and to its ledger entry."""
    style = Style(Typeface.SONGTI, 7.5, 0, INK)
    draw_centred(canvas, BOTTOM - 15, set_line(f"{page} / {pages}", style))
    small = Style(Typeface.MONO, 5.6, 0, GREY)
    draw_line(canvas, Point(LEFT, BOTTOM - 15), set_line(statement.number, small))
    entry = f"#{statement.ledger.entry_index} {statement.ledger.leaf_hash[:16]}"
    line = set_line(entry, small)
    draw_line(canvas, Point(RIGHT - line.width, BOTTOM - 15), line)


def draw_foot(canvas: Canvas, statement: Statement, issued: str) -> None:
    """Draw the microprinting, the QR code with how to check, the seal over name and date."""
    top = BOTTOM + FOOT_HEIGHT
    _draw_microprint(canvas, top - 6, statement)
    _draw_checking(canvas, top - 14, statement)
    _draw_issuer(canvas, statement, issued)


def draw_centred(canvas: Canvas, baseline: float, line: Line, *, tracking: float = 0) -> None:
    """Draw a line in the middle of the page."""
    count = sum(len(run.text) for run in line.runs)
    start = CENTRE - (line.width + tracking * (count - 1)) / 2
    draw_line(canvas, Point(start, baseline), line, tracking=tracking)


def _draw_ground(canvas: Canvas) -> None:
    centre = Point(CENTRE, HEIGHT / 2 - 20)
    pen = Pen(0.3, PALE_GOLD)
    for mean, swing, lobes, turns in (
        (150, 34, 72, 7),
        (150, 34, 73, 7),
        (96, 24, 48, 7),
        (56, 18, 30, 7),
    ):
        rosette(canvas, centre, pen, mean=mean, swing=swing, lobes=lobes, turns=turns)


def _draw_example_ground(canvas: Canvas) -> None:
    canvas.saveState()
    canvas.translate(CENTRE, HEIGHT / 2)
    canvas.rotate(52)
    line = set_line("示例 EXAMPLE", Style(Typeface.SONGTI_BOLD, 66, 0, PALE_CINNABAR))
    draw_line(canvas, Point(-line.width / 2 - 24, -24), line, tracking=4)
    canvas.restoreState()


def _draw_border(canvas: Canvas) -> None:
    middle = EDGE + BAND / 2
    xs, ys = (middle, WIDTH - middle), (middle, HEIGHT - middle)
    for inset, pen in (
        (EDGE - 2.4, Pen(0.9, GOLD)),
        (EDGE, Pen(0.25, GOLD)),
        (EDGE + BAND, Pen(0.25, GOLD)),
        (EDGE + BAND + 2.2, Pen(0.5, CINNABAR)),
    ):
        use(canvas, pen)
        canvas.rect(inset, inset, WIDTH - 2 * inset, HEIGHT - 2 * inset, stroke=1, fill=0)
    for y in ys:
        _draw_band(canvas, (Point(xs[0] + CORNER, y), Point(xs[1] - CORNER, y)), waves=20)
    for x in xs:
        _draw_band(canvas, (Point(x, ys[0] + CORNER), Point(x, ys[1] - CORNER)), waves=30)
    for x, y in product(xs, ys):
        _draw_corner(canvas, Point(x, y))


def _draw_band(canvas: Canvas, ends: tuple[Point, Point], *, waves: int) -> None:
    band(canvas, ends, Pen(0.22, GOLD), swing=11.5, waves=waves, strands=8)
    band(canvas, ends, Pen(0.3, CINNABAR), swing=5.0, waves=2 * waves, strands=3)


def _draw_corner(canvas: Canvas, centre: Point) -> None:
    canvas.setFillColorRGB(*PAPER)
    canvas.circle(*centre, CORNER + 1, stroke=0, fill=1)
    rosette(canvas, centre, Pen(0.25, GOLD), mean=14.6, swing=4.6, lobes=36, turns=5)
    rosette(canvas, centre, Pen(0.25, GOLD), mean=14.6, swing=4.6, lobes=37, turns=5)
    rosette(canvas, centre, Pen(0.3, CINNABAR), mean=6.2, swing=3.4, lobes=19, turns=4)
    canvas.setFillColorRGB(*CINNABAR)
    canvas.circle(*centre, 1.3, stroke=0, fill=1)


def _draw_example_mark(canvas: Canvas) -> None:
    line = set_line("示例 EXAMPLE", Style(Typeface.SONGTI_BOLD, 8.5, 0, CINNABAR))
    note = set_line("无法律效力 No legal effect", Style(Typeface.SONGTI, 5.4, 0, CINNABAR))
    left = RIGHT - 84
    use(canvas, Pen(0.6, CINNABAR))
    canvas.rect(left, TOP - 12.5, 84, 22, stroke=1, fill=0)
    draw_line(canvas, Point(left + 42 - line.width / 2, TOP - 0.5), line)
    draw_line(canvas, Point(left + 42 - note.width / 2, TOP - 8.5), note)


def _draw_small_capitals(canvas: Canvas, baseline: float, text: str) -> None:
    """Draw text in capitals, the small letters as capitals of four fifths the size."""
    tracking, space = 1.1, 5.0
    lines = [
        (set_line(part.upper(), Style(Typeface.SONGTI, size, 0, INK)), gap)
        for word in text.split()
        for part, size, gap in (
            ((word[0], 10.5, 0.0), (word[1:], 8.4, space))
            if word[0].isupper()
            else ((word, 8.4, space),)
        )
    ]
    total = sum(line.width + tracking * _count(line) + gap for line, gap in lines) - space
    x = CENTRE - total / 2
    for line, gap in lines:
        draw_line(canvas, Point(x, baseline), line, tracking=tracking)
        x += line.width + tracking * _count(line) + gap


def _count(line: Line) -> int:
    return sum(len(run.text) for run in line.runs)


def _draw_microprint(canvas: Canvas, baseline: float, statement: Statement) -> None:
    style = Style(Typeface.SONGTI, MICROPRINT_SIZE, 0, INK)
    phrase = f"{TITLE} {ENGLISH_TITLE} {statement.number} {statement.ledger.leaf_hash} "
    count = int((RIGHT - LEFT) / set_line(phrase, style).width) + 1
    text = set_lines(phrase * count, style, RIGHT - LEFT)[0]
    draw_line(canvas, Point(LEFT, baseline), text)


def _draw_checking(canvas: Canvas, top: float, statement: Statement) -> None:
    draw_qr(canvas, Point(LEFT - 8, top - QR_SIDE), text=statement.verify_url, side=QR_SIDE)
    label = Style(Typeface.SONGTI, 7.6, 11, INK)
    small = Style(Typeface.SONGTI, 5.8, 8, GREY)
    width = SEAL_CENTRE.x - SEAL_RADIUS - 16 - CHECKING_LEFT
    draw_column(
        canvas,
        Point(CHECKING_LEFT, top - 2),
        [
            set_line("核验码 Verification code", label),
            set_line(statement.check_code, Style(Typeface.MONO, 10, 15, INK)),
            *set_lines(ONLINE.zh, label, width),
            *set_lines(ONLINE.en, small, width),
            *set_lines(OFFLINE.zh, label, width),
            *set_lines(OFFLINE.en, small, width),
        ],
    )
    url = set_line(statement.verify_url, Style(Typeface.MONO, 5.4, 8, GREY))
    draw_line(canvas, Point(LEFT, top - QR_SIDE - 9), url)


def _draw_issuer(canvas: Canvas, statement: Statement, issued: str) -> None:
    registrar = statement.registrar
    draw_seal(canvas, SEAL_CENTRE, institution=registrar.name_zh, is_example=registrar.is_example)
    for text, style, y in (
        (registrar.name_zh, Style(Typeface.SONGTI_BOLD, 10.5, 0, INK), 122),
        (registrar.name_en, Style(Typeface.SONGTI, 6, 0, GREY), 113),
        (issued, Style(Typeface.KAI, 9, 0, INK), 14),
        ("签发日期 Date of issue", Style(Typeface.SONGTI, 5.8, 0, GREY), 4),
    ):
        line = set_line(text, style)
        draw_line(canvas, Point(SEAL_CENTRE.x - line.width / 2, BOTTOM + y), line)

"""Drawing a letter: the same bytes every time for the same letter and language.

Entry points: `letter_pdf`, `letter_response`. The Chinese letter is the notice; the English one
says that it is a translation of it.
"""

from collections.abc import Iterator
from datetime import date, datetime

from django.conf import settings
from django.http import HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from drawing.canvas import PageCanvas
from drawing.errors import RenderingError
from drawing.fonts import Typeface
from drawing.layout import Cell, Row, paginate
from drawing.moments import day_text, moment_text
from drawing.palette import CINNABAR, GREY, INK
from drawing.text import Line, Point, Style, draw_line, set_line, set_lines
from filings.checklist import ARTICLES, CheckItem
from filings.kinds import LetterKind
from filings.letters import TOLD
from filings.models import Letter
from filings.workflow import Action
from primitives.citations import cited
from primitives.texts import unprintable
from registry.models import Instrument, Party

WIDTH, HEIGHT = 595.3, 841.9
LEFT, RIGHT = 71, 71
MEASURE = WIDTH - LEFT - RIGHT
TOP, BOTTOM = HEIGHT - 71, 85
FIRST_TOP = TOP - 104
SIGNATURE = 92
OFFICE = Style(Typeface.SONGTI_BOLD, 15, 22, CINNABAR)
TITLE = Style(Typeface.SONGTI_BOLD, 21, 30, INK)
BODY = Style(Typeface.SONGTI, 11.5, 20, INK)
GROUND = Style(Typeface.KAI, 11.5, 20, INK)
SMALL = Style(Typeface.SONGTI, 9, 14, GREY)
INDENT = 23
FINAL_KINDS = frozenset({LetterKind.REFUSAL, LetterKind.NON_ACCEPTANCE, LetterKind.TERMINATION})
LEADER = "　　"
UNREADABLE = "〓"
"""In the place of what no font draws: a letter is sent all the same, the case has the text."""


def letter_pdf(letter: Letter, *, language: str) -> bytes:
    """Return the letter as a PDF in one of the languages of the pages."""
    with translation.override(language):
        return _drawn(letter, language)


def letter_response(letter: Letter) -> HttpResponse:
    """Return the letter in the reader's language, to be shown in place."""
    content = letter_pdf(letter, language=translation.get_language() or settings.LANGUAGE_CODE)
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{letter.number}.pdf"',
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _drawn(letter: Letter, language: str) -> bytes:
    step = letter.step
    title = f"{letter.get_kind_display()} {letter.number}"
    rows = [
        *_opening(letter),
        *_said(letter, language),
        *_until(letter, language),
        *_papers(letter),
        *_closing(letter, language),
    ]
    pages = paginate(rows, first=FIRST_TOP - BOTTOM, later=TOP - BOTTOM)
    used = sum(row.height for row in pages[-1])
    room = (FIRST_TOP if len(pages) == 1 else TOP) - BOTTOM - used
    if room < SIGNATURE:
        pages.append([])
    canvas = PageCanvas(title=title, author=settings.REGISTRAR_NAME_ZH, created_at=step.taken_at)
    for number, page in enumerate(pages, start=1):
        top = FIRST_TOP if number == 1 else TOP
        if number == 1:
            _draw_head(canvas, letter)
        y = _draw_rows(canvas, page, top)
        if number == len(pages):
            _draw_signature(canvas, y, step.taken_at, language)
        _draw_foot(canvas, letter, f"{number} / {len(pages)}")
        canvas.showPage()
    return canvas.to_bytes()


def _opening(letter: Letter) -> Iterator[Row]:
    references = letter.content["addressees"]
    parties = {party.reference: party for party in Party.objects.filter(reference__in=references)}
    names = "、".join(str(parties[each]) for each in references if each in parties)
    yield _row(_("To: %(names)s") % {"names": names or "–"}, BODY)
    filing = letter.step.filing
    yield _paragraph(
        _("Case %(number)s, %(type)s: %(name)s.")
        % {"number": filing.number, "type": filing.get_type_display(), "name": filing.name or "–"}
    )


def _said(letter: Letter, language: str) -> Iterator[Row]:
    told, step = TOLD[Action(letter.step.action)], letter.step
    yield _paragraph(str(told.sentence))
    if step.note:
        yield _row(step.note, GROUND, indent=INDENT)
    rules = letter.content["rules"]
    if rules:
        yield _paragraph(_("These rules do not hold:"))
    for place, rule in enumerate(rules, start=1):
        sentence = rule["zh"] if language.startswith("zh") else rule["en"]
        source = cited(rule["source"], language)
        yield _row(f"{place}. {sentence}（{rule['number']}，{source}）", BODY, indent=INDENT)
    if letter.kind == LetterKind.REFUSAL and letter.content["unmet"]:
        yield _paragraph(_("In the review this was found not to be met:"))
        for item in letter.content["unmet"]:
            label = CheckItem(item).label
            source = cited(ARTICLES[CheckItem(item)], language)
            yield _row(f"· {label}（{source}）", BODY, indent=INDENT)


def _until(letter: Letter, language: str) -> Iterator[Row]:
    sentences = {
        LetterKind.CORRECTION: _("The last day to submit the corrected application is %(day)s."),
        LetterKind.SUPPLEMENT: _("The last day to hand in the supplement is %(day)s."),
        LetterKind.ACCEPTANCE: _("The last day for the decision is %(day)s, not counting stops."),
        LetterKind.EXTENSION: _("The last day for the decision is now %(day)s."),
        LetterKind.RECEIPT: _("The last day to tell you the result is %(day)s."),
    }
    due = letter.content["due_on"]
    if due and (sentence := sentences.get(LetterKind(letter.kind))):
        yield _paragraph(sentence % {"day": _day(due, language)})
    ends = letter.content["publicity_ends_on"]
    if ends and letter.kind == LetterKind.PUBLICITY:
        yield _paragraph(
            _("The last day of the publicity is %(day)s.") % {"day": _day(ends, language)}
        )
    if letter.kind == LetterKind.REGISTRATION and letter.content["entry"] is not None:
        yield _paragraph(_("Ledger entry: %(entry)s.") % {"entry": letter.content["entry"]})


def _papers(letter: Letter) -> Iterator[Row]:
    if letter.kind != LetterKind.RECEIPT:
        return
    papers = Instrument.objects.filter(reference__in=letter.content["papers"]).order_by("pk")
    for place, paper in enumerate(papers, start=1):
        yield _row(f"{place}. {paper}", BODY, indent=INDENT)
        if not paper.erasure_id:
            yield _row(f"SHA-256 {paper.sha256}", SMALL, indent=INDENT)


def _closing(letter: Letter, language: str) -> Iterator[Row]:
    article = cited(TOLD[Action(letter.step.action)].article, language)
    yield _paragraph(_("Legal ground: %(article)s.") % {"article": article})
    if letter.kind in FINAL_KINDS:
        yield _paragraph(
            _(
                "You may apply again once what stands against it is mended. Whoever disagrees may "
                "object to the registry, or go to arbitration or court as the law provides."
            )
        )
    if not language.startswith("zh"):
        yield _paragraph("The letter in Chinese is the notice; this is a translation of it.")


def _paragraph(text: str) -> Row:
    return _row(LEADER + text, BODY)


def _row(text: str, style: Style, *, indent: float = 0) -> Row:
    return Row(
        cells=(Cell(indent, tuple(_lines(text, style, MEASURE - indent))),),
        space_above=1.5,
        space_below=1.5,
        has_rule=False,
    )


def _lines(text: str, style: Style, width: float) -> list[Line]:
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    bad = unprintable(plain) - {"\n"}
    clean = "".join(UNREADABLE if char in bad else char for char in plain)
    try:
        return set_lines(clean, style, width)
    except RenderingError:
        return set_lines("".join(_drawable(char, style) for char in clean), style, width)


def _drawable(char: str, style: Style) -> str:
    if char == "\n":
        return char
    try:
        set_line(char, style)
    except RenderingError:
        return UNREADABLE
    return char


def _draw_head(canvas: PageCanvas, letter: Letter) -> None:
    for text, style, y in (
        (_office(), OFFICE, TOP - 12),
        (str(letter.get_kind_display()), TITLE, TOP - 52),
    ):
        (line,) = _lines(text, style, WIDTH)
        draw_line(canvas, Point((WIDTH - line.width) / 2, y), line)
    line = set_line(_("No. %(number)s") % {"number": letter.number}, SMALL)
    draw_line(canvas, Point(WIDTH - RIGHT - line.width, TOP - 80), line)
    canvas.setStrokeColorRGB(*CINNABAR)
    canvas.setLineWidth(0.8)
    canvas.line(LEFT, TOP - 87, WIDTH - RIGHT, TOP - 87)


def _draw_rows(canvas: PageCanvas, rows: list[Row], top: float) -> float:
    y = top
    for row in rows:
        for cell in row.cells:
            below = y - row.space_above
            for line in cell.lines:
                below -= line.style.leading
                draw_line(canvas, Point(LEFT + cell.left, below + 5), line)
        y -= row.height
    return y


def _draw_signature(canvas: PageCanvas, y: float, at: datetime, language: str) -> None:
    day = day_text(at) if language.startswith("zh") else moment_text(at)[:10]
    for place, text in enumerate((_office(), day)):
        (line,) = _lines(text, BODY, WIDTH)
        draw_line(canvas, Point(WIDTH - RIGHT - line.width, y - 44 - 20 * place), line)


def _draw_foot(canvas: PageCanvas, letter: Letter, page: str) -> None:
    note = _("This letter is a notice of the procedure and no certificate of any right.")
    if settings.REGISTRAR_IS_EXAMPLE:
        note += " " + _("Example: without legal effect.")
    draw_line(canvas, Point(LEFT, BOTTOM - 34), set_line(note, SMALL))
    line = set_line(f"{letter.number}　{page}", SMALL)
    draw_line(canvas, Point(WIDTH - RIGHT - line.width, BOTTOM - 48), line)


def _office() -> str:
    is_chinese = translation.get_language() != "en"
    return settings.REGISTRAR_NAME_ZH if is_chinese else settings.REGISTRAR_NAME_EN


def _day(text: str, language: str) -> str:
    day = date.fromisoformat(text)
    return f"{day.year}年{day.month}月{day.day}日" if language.startswith("zh") else text

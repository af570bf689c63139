"""Drawing a letter and sealing it when it is fetched (docs/adr/0027).

Entry points: `letter_response`, `sealed_letter`, `letter_pdf`. What is drawn is the same every time
for the same letter and language, but for when it was sealed. The Chinese letter is the notice; the
English one says that it is a translation of it.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse
from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from drawing.archival import Attachment, ValidationEvidence
from drawing.canvas import PageCanvas
from drawing.errors import RenderingError
from drawing.flow import Flow, draw_text
from drawing.fonts import Typeface
from drawing.layout import Cell, Row, paginate
from drawing.moments import LEAST, day_text, moment_text
from drawing.palette import CINNABAR, GREY, INK
from drawing.seal import SEAL_RADIUS, RoundSeal, Sealer, UnsealedError, draw_round_seal
from drawing.structure import Element, Tag
from drawing.text import Line, Point, Style, draw_line, set_line, set_lines
from filings.checklist import ARTICLES, CheckItem
from filings.clocks import day_of
from filings.kinds import LetterKind
from filings.letters import TOLD
from filings.models import Letter
from filings.workflow import Action
from primitives.canonical_json import canonical_json, instant_text
from primitives.citations import cited
from primitives.texts import unprintable
from registry.models import Instrument, Party
from rights.kinds import AuthorityKind
from verifier.document import LETTER_FILE
from verifier.statement import LETTER_SCHEMA

WIDTH, HEIGHT = 595.3, 841.9
LEFT, RIGHT = 71, 71
MEASURE = WIDTH - LEFT - RIGHT
TOP, BOTTOM = HEIGHT - 71, 85
FIRST_TOP = TOP - 112
SIGNATURE = 118
OFFICE = Style(Typeface.SONGTI_BOLD, 15, 22, CINNABAR)
TITLE = Style(Typeface.SONGTI_BOLD, 21, 30, INK)
BODY = Style(Typeface.SONGTI, 12.5, 23, INK)
GROUND = Style(Typeface.KAI, 12.5, 23, INK)
SMALL = Style(Typeface.SONGTI, 9, 14, GREY)
WARNING = Style(Typeface.SONGTI_BOLD, 9, 14, CINNABAR)
ADDRESSEE = Style(Typeface.SONGTI_BOLD, 12.5, 25, INK)
INDENT = 25
MOST_TRACKING = 0.06
"""Em by which letters are spaced at most to fill a line; one that lacks more stays as it is."""
FINAL_KINDS = frozenset({LetterKind.REFUSAL, LetterKind.NON_ACCEPTANCE, LetterKind.TERMINATION})
LEADER = "　　"
UNREADABLE = "〓"
"""In the place of what no font draws: a letter is sent all the same, the case has the text."""
SEAL_WORDS = "业务专用章"
"""Not those of a certificate's seal, for which nobody is to take it."""
SEAL_FIELD = "LetterSeal"
IN_VAIN, PAUSE_SECONDS = "letters:no-seal", 60
"""After a seal that could not be made none is tried for so long: whoever fetches need not wait."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Sealing:
    """When a letter is sealed, and what later readers need to judge the seal."""

    at: datetime
    evidence: ValidationEvidence


def letter_pdf(letter: Letter, *, language: str) -> bytes:
    """Return the letter to be read, without a seal, in one of the languages of the pages."""
    with translation.override(language):
        return _drawn(letter, language, None)


def sealed_letter(letter: Letter, *, language: str, at: datetime) -> bytes:
    """Return the letter under the registrar's seal and a time-stamp, in its first revision.

    Args:
        letter: drawn anew from what is kept, so that an erasure reaches what is sealed from then.
        language: one of those of the pages.
        at: now, aware UTC; the letter itself keeps its own day.

    Raises:
        UnsealedError: the key cannot sign, or nobody stamps.
    """
    sealer: Sealer = import_string(settings.LETTER_SEALER)()
    with translation.override(language):
        prepared = _drawn(letter, language, _Sealing(at, sealer.evidence(at)))
    return sealer.seal(prepared, at=at)


def letter_response(letter: Letter, *, at: datetime) -> HttpResponse:
    """Return the letter in the reader's language, to be shown in place.

    While no seal is to be had it is a copy to be read, which says so: nobody's time to answer runs
    while they wait for somebody else's service.
    """
    language = translation.get_language() or settings.LANGUAGE_CODE
    return HttpResponse(
        _sealed_now(letter, language, at) or letter_pdf(letter, language=language),
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{letter.number}.pdf"',
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _sealed_now(letter: Letter, language: str, at: datetime) -> bytes | None:
    if cache.get(IN_VAIN):
        return None
    try:
        return sealed_letter(letter, language=language, at=at)
    except UnsealedError as error:
        logger.warning("A letter is handed out without a seal: %s", error)
        cache.set(IN_VAIN, at.isoformat(), PAUSE_SECONDS)
        return None


def _drawn(letter: Letter, language: str, sealing: _Sealing | None) -> bytes:
    written_at = datetime.fromisoformat(letter.content["written_at"])
    pages = _pages(letter, language)
    canvas = PageCanvas(
        title=f"{letter.get_kind_display()} {letter.number}",
        author=letter.content["registrar"]["zh"],
        created_at=written_at,
        language="zh-CN" if language.startswith("zh") else "en",
    )
    if sealing:
        canvas.attach(_facts(letter))
        canvas.embed_evidence(sealing.evidence)
    flow = Flow(canvas, LEFT, lambda cell, line: _tracking(line, MEASURE - cell.left))
    for number, page in enumerate(pages, start=1):
        y = FIRST_TOP if number == 1 else TOP
        if number == 1:
            _draw_head(canvas, letter)
        for row in page:
            flow.draw(row, y)
            y -= row.height
        is_last = number == len(pages)
        if is_last:
            middle = _draw_signature(canvas, y, written_at, language, _office(letter))
            if sealing:
                draw_round_seal(canvas, middle, _seal(letter, sealing.at))
        _draw_foot(canvas, letter, sealing, is_last=is_last)
        with canvas.artifact():
            _draw_page_number(canvas, letter, f"{number} / {len(pages)}")
        canvas.showPage()
    return canvas.to_bytes()


def _pages(letter: Letter, language: str) -> list[list[Row]]:
    """Return the rows of each page; the last has room for the signature."""
    rows = [
        *_opening(letter),
        *_said(letter, language),
        *_since(letter, language),
        *_until(letter, language),
        *_papers(letter),
        *_closing(letter, language),
    ]
    pages = paginate(rows, first=FIRST_TOP - BOTTOM, later=TOP - BOTTOM)
    used = sum(row.height for row in pages[-1])
    room = (FIRST_TOP if len(pages) == 1 else TOP) - BOTTOM - used
    return [*pages, []] if room < SIGNATURE else pages


def _facts(letter: Letter) -> Attachment:
    """Return ``quanji.letter/1`` (docs/verify.md): which letter this is, and no name."""
    content = letter.content
    facts = canonical_json(
        {
            "schema": LETTER_SCHEMA,
            "number": letter.number,
            "case": letter.step.filing.number,
            "kind": letter.kind,
            "written_at": instant_text(datetime.fromisoformat(content["written_at"])),
            "registrar": {
                "name": {"zh": content["registrar"]["zh"], "en": content["registrar"]["en"]},
                "is_example": content["registrar"]["is_example"],
            },
        }
    )
    return Attachment(
        name=LETTER_FILE,
        media_type="application/json",
        content=facts,
        description="Which letter of which case this is, canonical JSON (RFC 8785)",
    )


def _seal(letter: Letter, at: datetime) -> RoundSeal:
    registrar = letter.content["registrar"]
    return RoundSeal(
        field=SEAL_FIELD,
        name_zh=registrar["zh"],
        name_en=registrar["en"],
        words=SEAL_WORDS,
        reason=f"{letter.get_kind_display()} {letter.number}",
        signed_at=at,
        is_example=registrar["is_example"],
    )


def _opening(letter: Letter) -> Iterator[Row]:
    yield _row(_("To: %(names)s") % {"names": "、".join(_addressees(letter)) or "–"}, ADDRESSEE)
    filing = letter.step.filing
    yield _paragraph(
        _("Case %(number)s, %(type)s: %(name)s.")
        % {
            "number": filing.number,
            "type": filing.get_type_display(),
            "name": letter.content["name"] or "–",
        }
    )


def _addressees(letter: Letter) -> list[str]:
    """Return the applicants' names as they were, or as the register has them; or the authority."""
    content = letter.content
    if authority := content["authority"]:
        return [f"{AuthorityKind(authority['kind']).label} {authority['order']}"]
    parties = Party.objects.filter(reference__in=content["addressees"]).order_by("reference")
    return [content["names"].get(party.reference) or str(party) for party in parties]


def _said(letter: Letter, language: str) -> Iterator[Row]:
    told, step = TOLD[Action(letter.step.action)], letter.step
    yield _paragraph(str(told.sentence), leads=bool(step.note))
    if step.note:
        yield _row(step.note, GROUND, indent=INDENT)
    rules = letter.content["rules"]
    if rules:
        yield _paragraph(_("These rules do not hold:"), leads=True)
    for place, rule in enumerate(rules, start=1):
        sentence = rule["zh"] if language.startswith("zh") else rule["en"]
        source = cited(rule["source"], language)
        yield _row(f"{place}. {sentence}（{rule['number']}，{source}）", BODY, indent=INDENT)
    if letter.kind == LetterKind.REFUSAL and letter.content["unmet"]:
        yield _paragraph(_("In the review this was found not to be met:"), leads=True)
        for item in letter.content["unmet"]:
            label = CheckItem(item).label
            source = cited(ARTICLES[CheckItem(item)], language)
            yield _row(f"· {label}（{source}）", BODY, indent=INDENT)


def _since(letter: Letter, language: str) -> Iterator[Row]:
    """Say from when it holds by law, which is earlier than a letter of the clock."""
    sentences = {
        LetterKind.ACCEPTANCE: _("The day of acceptance is %(day)s."),
        LetterKind.LAPSE: _("The last day was %(day)s."),
    }
    if sentence := sentences.get(LetterKind(letter.kind)):
        ended = letter.step.taken_at - LEAST if letter.kind == LetterKind.LAPSE else None
        day = day_of(ended or letter.step.taken_at).isoformat()
        yield _paragraph(sentence % {"day": _day(day, language)})


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


def _paragraph(text: str, *, leads: bool = False) -> Row:
    """Return a paragraph; one that leads stays on the page of what follows it."""
    return replace(_row(LEADER + text, BODY), keeps_with_next=leads)


def _row(text: str, style: Style, *, indent: float = 0) -> Row:
    return Row(
        cells=(Cell(indent, tuple(_lines(text, style, MEASURE - indent))),),
        space_above=1.5,
        space_below=1.5,
        has_rule=False,
    )


def _lines(text: str, style: Style, width: float) -> Sequence[Line]:
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
    kind = str(letter.get_kind_display())
    heads: tuple[tuple[str, Style, float, Tag], ...] = (
        (_office(letter), OFFICE, TOP - 12, "P"),
        (kind, TITLE, TOP - 84, "H1"),
    )
    for text, style, y, tag in heads:
        (line,) = _lines(text, style, WIDTH)
        draw_text(canvas, Point((WIDTH - line.width) / 2, y), line, tag=tag)
    line = set_line(_("No. %(number)s") % {"number": letter.number}, SMALL)
    draw_text(canvas, Point(WIDTH - RIGHT - line.width, TOP - 42), line)
    with canvas.artifact():
        canvas.setStrokeColorRGB(*CINNABAR)
        for offset, width in ((0.0, 1.1), (2.4, 0.4)):
            canvas.setLineWidth(width)
            canvas.line(LEFT, TOP - 24 - offset, WIDTH - RIGHT, TOP - 24 - offset)


def _tracking(line: Line, width: float) -> float:
    """Return the space after each character that fills the line, if it lacks only a little."""
    gaps = len(line.text) - 1
    lacking = width - line.width
    if gaps < 1 or not 0 < lacking <= gaps * MOST_TRACKING * line.style.size:
        return 0
    return float(lacking / gaps)


def _draw_signature(
    canvas: PageCanvas, y: float, at: datetime, language: str, office: str
) -> Point:
    """Draw who writes and the day, and return where the seal's centre stands over both."""
    day = day_text(at) if language.startswith("zh") else moment_text(at)[:10]
    lines = [line for text in (office, day) for line in _lines(text, BODY, WIDTH)]
    half = max(SEAL_RADIUS, *(line.width / 2 for line in lines))
    middle = WIDTH - RIGHT - INDENT - half
    for place, line in enumerate(lines):
        draw_text(canvas, Point(middle - line.width / 2, y - 52 - 20 * place), line)
    return Point(middle, y - 62)


def _draw_foot(
    canvas: PageCanvas, letter: Letter, sealing: _Sealing | None, *, is_last: bool
) -> None:
    """Draw what a letter is not, and when it was sealed; read aloud once, on the last page."""
    sealed = (
        set_line(_("Sealed when it was fetched, %(at)s.") % {"at": moment_text(sealing.at)}, SMALL)
        if sealing
        else set_line(
            _("Reading copy, not sealed: fetch the letter again for the sealed one."), WARNING
        )
    )
    for y, line in ((BOTTOM - 34, set_line(_foot(letter), SMALL)), (BOTTOM - 48, sealed)):
        with canvas.marked(Element(tag="P")) if is_last else canvas.artifact():
            draw_line(canvas, Point(LEFT, y), line)


def _foot(letter: Letter) -> str:
    note = _("This letter is a notice of the procedure and no certificate of any right.")
    if letter.content["registrar"]["is_example"]:
        note += " " + _("Example: without legal effect.")
    return note


def _draw_page_number(canvas: PageCanvas, letter: Letter, page: str) -> None:
    line = set_line(f"{letter.number}　{page}", SMALL)
    draw_line(canvas, Point(WIDTH - RIGHT - line.width, BOTTOM - 48), line)


def _office(letter: Letter) -> str:
    is_english = translation.get_language() == "en"
    return str(letter.content["registrar"]["en" if is_english else "zh"])


def _day(text: str, language: str) -> str:
    day = date.fromisoformat(text)
    return f"{day.year}年{day.month}月{day.day}日" if language.startswith("zh") else text

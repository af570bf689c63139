"""Reading a finished certificate as a stranger's program does, before it is released.

Entry points: `proofread`, `require_printed`. What is printed is extracted from the finished file by
code that shares none with what drew it: plain code first (`certificates.plain_text`), and where
that finds less than is stated, PDFium. What runs on overleaf is put into the order in which the
file says that it is read, by qpdf. A file that does not say what is stated is not issued.
"""

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from ctypes import Array, c_ushort, sizeof
from io import BytesIO
from threading import Lock
from unicodedata import normalize

import pikepdf
import pypdfium2
from pypdfium2 import raw

from certificates.drawing import words
from certificates.drawing.frame import frame_arts
from certificates.drawing.marks import emblem_art
from certificates.drawing.words import in_words
from certificates.plain_text import MarkedSequence, read_plain_text, reading_order
from certificates.statement import StatedAsset, StatedRight, StatedSource, Statement
from drawing.errors import RenderingError
from drawing.moments import moment_text, term_of
from drawing.seal import seal_art
from verifier.plain_objects import PlainObjects
from verifier.plainness import plainly

USUAL_LENGTH = 1024
BLANK = zlib.compress(b"")
HYPHEN_AT_LINE_END = "\x02"
"""What PDFium says for a hyphen where a line ends."""
LIGATURES = {chr(code): normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
"""The Latin ligatures, which PDFium takes apart."""
_pdfium = Lock()
"""PDFium is not made for two threads at once."""


class MisprintError(RenderingError):
    """What is printed is not what is stated; the message names each text that is missing."""


def proofread(pdf: bytes, statement: Statement) -> None:
    """Check that all that a certificate's statement states is printed.

    Raises:
        MisprintError: some of it is not.
    """
    require_printed(pdf, _stated(statement))


def require_printed(pdf: bytes, texts: Iterable[str]) -> None:
    """Check that texts are printed, each as often as it is given.

    Spaces and line ends are not compared: Chinese has none, and lines are broken anywhere.

    Raises:
        MisprintError: some of it is not.
    """
    stated = Counter(_unspaced(text) for text in texts if text)
    if plainly(lambda: _is_printed(pdf, stated)):
        return
    with _pdfium:
        printed = _extract(_without_art(pdf))
    if _missing(stated, _in_order(printed)):
        # What runs on overleaf is in one piece only where the file says that it is read on.
        missing = _missing(stated, _in_reading_order(pdf, printed))
        if missing:
            raise MisprintError(f"stated and not printed: {'; '.join(sorted(missing))}")


def _is_printed(pdf: bytes, stated: Counter[str]) -> bool:
    """Say whether plain code finds all that is stated, in the order of marks or of the tree."""
    file = PlainObjects(pdf)
    printed = read_plain_text(file)
    if not _missing(stated, _in_order(printed)):
        return True
    return not _missing(stated, (printed.get(place, "") for place in reading_order(file)))


def _in_order(printed: Mapping[MarkedSequence, str]) -> Iterator[str]:
    """Yield texts in the order of their marks, which is that of the page for all but long ones."""
    return (printed[mark] for mark in sorted(printed))


def _missing(stated: Counter[str], printed: Iterable[str]) -> list[str]:
    """Return the texts that are not printed as often as they are stated."""
    whole = _unspaced("".join(printed))
    return [text for text, count in stated.items() if whole.count(text) < count]


def _unspaced(text: str) -> str:
    for ligature, letters in LIGATURES.items():
        text = text.replace(ligature, letters)
    return "".join(text.split())


def _without_art(pdf: bytes) -> bytes:
    """Return the file without the drawings of the frame and the marks, which hold no text.

    PDFium would read each as often as it is shown, ten times as long as all the text.
    """
    for drawing in (*frame_arts().values(), emblem_art(), seal_art()):
        pdf = pdf.replace(drawing.content, BLANK.ljust(len(drawing.content)))
    return pdf


def _in_reading_order(pdf: bytes, printed: Mapping[MarkedSequence, str]) -> Iterator[str]:
    with pikepdf.open(BytesIO(pdf)) as document:
        pages = {int(page.obj.objgen[0]): place for place, page in enumerate(document.pages)}
        for page, number in _marks(document.Root.StructTreeRoot):
            yield printed.get((pages[page], number), "")


def _marks(element: pikepdf.Object) -> Iterator[tuple[int, int]]:
    """Yield the marked sequences below an element: (number of the page object, number)."""
    for child in element.K.as_list():
        if "/MCID" in child:
            yield int(child.Pg.objgen[0]), int(child.MCID)
        elif "/K" in child:
            yield from _marks(child)


def _extract(pdf: bytes) -> dict[MarkedSequence, str]:
    """Return the text of each marked sequence; decoration is left out."""
    printed: dict[MarkedSequence, str] = {}
    room = (c_ushort * USUAL_LENGTH)()
    document = pypdfium2.PdfDocument(pdf)
    try:
        for number, page in enumerate(document):
            text_page = page.get_textpage()
            for place in range(raw.FPDFPage_CountObjects(page)):
                item = raw.FPDFPage_GetObject(page, place)
                marked = raw.FPDFPageObj_GetMarkedContentID(item)
                if marked >= 0 and raw.FPDFPageObj_GetType(item) == raw.FPDF_PAGEOBJ_TEXT:
                    mark = number, marked
                    text = _text_of(item, text_page, room).replace(HYPHEN_AT_LINE_END, "-")
                    printed[mark] = printed.get(mark, "") + text
    finally:
        document.close()
    return printed


def _text_of(item: object, text_page: object, room: Array[c_ushort]) -> str:
    """Return what a text object says, in UTF-16 with a zero at its end."""
    size = raw.FPDFTextObj_GetText(item, text_page, room, sizeof(room))
    if size > sizeof(room):
        room = (c_ushort * size)()
        raw.FPDFTextObj_GetText(item, text_page, room, size)
    return bytes(memoryview(room).cast("B")[: max(size - 2, 0)]).decode("utf-16-le")


def _stated(statement: Statement) -> Iterator[str]:
    registrar, ledger = statement.registrar, statement.ledger
    yield from (statement.number, statement.check_code, statement.verify_url, statement.filing)
    yield from (registrar.name_zh, registrar.name_en, registrar.code)
    yield moment_text(statement.issued_at)
    yield from _stated_of_asset(statement.asset)
    for right in statement.rights:
        yield from _stated_of_right(right)
    for source in statement.provenance:
        yield from _stated_of_source(source)
    if unproven := sum(not source.is_proven for source in statement.provenance):
        yield f"{words.UNPROVEN.zh}：{unproven} 项来源"
    yield from statement.remarks
    yield from (ledger.leaf_hash, ledger.root_hash, moment_text(ledger.deposited_at))
    yield from (f"第 {ledger.entry_index} 号", f"共 {ledger.tree_size} 条")


def _stated_of_asset(asset: StatedAsset) -> Iterator[str]:
    yield from (asset.number, asset.name, asset.summary, asset.industry, asset.region)
    yield from (asset.limits, asset.sha256, asset.sm3, f"{asset.size_bytes:,} 字节")
    yield from (day.isoformat() for day in (asset.period_from, asset.period_to) if day)
    if asset.record_count is not None:
        yield f"{asset.record_count:,} 条"
    for table, code in (
        (words.ASSET_KINDS, asset.kind),
        (words.SOURCE_KINDS, asset.source_kind),
        (words.REGION_SCOPES, asset.region_scope),
        (words.UPDATE_FREQUENCIES, asset.update_frequency),
        (words.FORMS, asset.form),
        (words.STRUCTURES, asset.structure),
    ):
        yield in_words(table, code).zh


def _stated_of_right(right: StatedRight) -> Iterator[str]:
    term = term_of(right.valid_from, right.valid_to)
    yield from (right.reference, in_words(words.RIGHTS, right.kind).zh, right.limits)
    yield from (f"{term.first} 起", f"{term.last} 止")
    for holder in right.holders:
        scheme = in_words(words.IDENTIFIER_SCHEMES, holder.identifier_scheme)
        yield from (holder.name, f"{scheme.zh} {holder.identifier}")
        yield f"{holder.share.numerator}/{holder.share.denominator}"


def _stated_of_source(source: StatedSource) -> Iterator[str]:
    yield from (source.title, source.publisher, source.activity, source.responsible, source.basis)
    yield (words.PROVEN if source.is_proven else words.UNPROVEN).zh

"""Reading a finished certificate as a stranger's program does, before it is released.

Entry point: `proofread`. PDFium, which shares no code with what drew the file, extracts what is
printed; it is put into the order in which the file says that it is read (by qpdf, which shares
none either), so that what runs on overleaf is in one piece. A certificate that does not say what
its statement states is not issued.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from io import BytesIO
from threading import Lock
from unicodedata import normalize

import pikepdf
import pypdfium2

from certificates.drawing import words
from certificates.drawing.words import in_words
from certificates.statement import StatedAsset, StatedRight, StatedSource, Statement
from drawing.errors import RenderingError
from drawing.moments import moment_text, term_of

HYPHEN_AT_LINE_END = "\x02"
"""What PDFium says for a hyphen where a line ends."""
LIGATURES = {code: normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
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
    printed = _unspaced("".join(_read(pdf)))
    stated = Counter(_unspaced(text) for text in texts if text)
    missing = [text for text, count in stated.items() if printed.count(text) < count]
    if missing:
        raise MisprintError(f"stated and not printed: {'; '.join(sorted(missing))}")


def _unspaced(text: str) -> str:
    return "".join(text.translate(LIGATURES).split())


def _read(pdf: bytes) -> Iterator[str]:
    """Yield what is printed, in reading order and without decoration."""
    with _pdfium:
        printed = _extract(pdf)
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


def _extract(pdf: bytes) -> dict[tuple[int, int], str]:
    """Return the text of each marked sequence: (page, number) -> text."""
    printed: dict[tuple[int, int], str] = {}
    document = pypdfium2.PdfDocument(pdf)
    try:
        for number, page in enumerate(document):
            texts = page.get_objects(
                filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT],
                max_depth=1,
                textpage=page.get_textpage(),
            )
            for text in texts:
                mark = (number, pypdfium2.raw.FPDFPageObj_GetMarkedContentID(text))
                extracted = text.extract().replace(HYPHEN_AT_LINE_END, "-")
                printed[mark] = printed.get(mark, "") + extracted
    finally:
        document.close()
    return printed


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

"""Help for whoever holds an altered file: what was added, and where it differs from the issued one.

Entry point: `examine`. It explains the verdict and never changes it. What the issued file says is
shown only beside a file that begins with it, or bears its number and verification code: else a
forged number would open what the code protects.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from certificates.comparison import (
    MILLION,
    Addition,
    Claims,
    Comparison,
    Difference,
    claims_in,
    compare,
)
from certificates.models import Certificate, Document
from certificates.queries import (
    CertificateMissingError,
    find_certificate,
    find_document,
    read_certificate,
)
from certificates.verification import RegisterVerdict, issued_beginning
from primitives.canonical_json import Json, JsonObject
from verifier.document import MAX_FILE_BYTES, PDF_HEADER
from verifier.messages import Sentence
from verifier.verdict import Reason

HEADER_ROOM_BYTES = 1024
"""Where readers look for the header of a PDF (ISO 32000-1, annex H.3.4.1)."""

BEGINS = Sentence(
    "The first {issued} bytes are {number} as issued; {added} bytes were added after it: {what}.",
    "前 {issued} 字节是核发的 {number} 原件；其后被追加了 {added} 字节：{what}。",
)
CLAIMS = Sentence(
    "The file bears the number and the verification code of {number}, and its bytes are others "
    "than those that were issued.",
    "文件载有 {number} 的编号和核验码，但其字节与核发的原件不同。",
)
WITHHELD = Sentence(
    "The file bears the number of {number}, and not its verification code: what the issued file "
    "says is not shown beside it.",
    "文件载有 {number} 的编号，但没有其核验码：因此不展示原件的内容。",
)
NOT_COMPARED = Sentence(
    "It could not be compared with the issued file.", "未能与核发的原件进行比对。"
)
ADDITIONS = {
    "revision": Sentence("a further revision", "一个后续版本"),
    "pdf": Sentence("another whole PDF", "另一个完整的 PDF 文件"),
    "archive": Sentence(
        "an archive (ZIP), and no revision of the PDF", "一个压缩包（ZIP），不是 PDF 的版本"
    ),
    "blank": Sentence("blank bytes, and no revision of the PDF", "空白字节，不是 PDF 的版本"),
    "other": Sentence("something that is no revision of a PDF", "不属于 PDF 版本的内容"),
    "unreadable": Sentence("something that could not be read", "无法读取的内容"),
}
OBJECTS = Sentence("objects: {count}", "对象：{count}")
TOUCHED = Sentence("pages touched: {pages}", "涉及页：{pages}")
ANNOTATIONS = Sentence("annotations: {count}", "批注：{count}")
SIGNATURES = Sentence("further signatures: {count}", "新增签名：{count}")
PAGES = Sentence("Pages: {file}; issued with: {issued}.", "页数：{file}；核发时：{issued}。")
SAME_STATEMENT = Sentence(
    "The statement attached to it says what was issued.", "所附登记声明与核发时一致。"
)
NO_STATEMENT = Sentence(
    "It carries no statement of a certificate that can be read.", "文件没有携带可读取的登记声明。"
)
OTHER_STATEMENT = Sentence(
    "Members in which the statement attached to it differs: {members}.",
    "所附登记声明中不同的各项：{members}。",
)
STATEMENT_NOT_COMPARED = Sentence(
    "The statement attached to it could not be compared.", "所附登记声明未能比对。"
)
SAME_TEXT = Sentence("The text of each page is as issued.", "各页文字与核发时一致。")
OTHER_TEXT = Sentence("Pages whose text differs: {pages}.", "文字不同的页：{pages}。")
TEXT_NOT_COMPARED = Sentence("The text of its pages could not be compared.", "各页文字未能比对。")
SAME_LOOK = Sentence(
    "Each page, as PDFium draws it, looks as issued.", "经 PDFium 绘制，各页外观与核发时一致。"
)
OTHER_LOOK = Sentence(
    "Page {page} looks different: {percent} % of it has changed.",
    "第 {page} 页外观不同：{percent} % 的画面已改变。",
)
LOOK_NOT_COMPARED = Sentence("How its pages look could not be compared.", "各页外观未能比对。")
MAX_NAMED = 12
"""So many members are named in one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forensics:
    """What an altered file was made from, and how it differs.

    Attributes:
        origin: the issued certificate or document.
        is_extended: whether the file begins with the issued one; else it only claims to be it.
        comparison: None if nothing could be compared, or if nothing may be shown.
    """

    origin: Certificate | Document
    is_extended: bool = False
    is_withheld: bool = False
    comparison: Comparison | None = None

    def sentences(self) -> list[Sentence]:
        """Return what was found in words, the most telling first."""
        return list(self._sentences())

    def to_json(self, lang: str) -> JsonObject:
        """Return what was found as data, with its sentences in a language such as ``en``."""
        found = self.comparison or Comparison()
        return {
            "number": str(self.origin),
            "is_extended": self.is_extended,
            "sentences": [sentence.in_language(lang) for sentence in self.sentences()],
            "added_bytes": found.addition.size_bytes if found.addition else None,
            "members": _differences_json(found.members),
            "lines": _differences_json(found.lines),
            "looks": None
            if found.looks is None
            else [{"page": look.page, "changed_ppm": look.changed_ppm} for look in found.looks],
        }

    def _sentences(self) -> Iterator[Sentence]:
        found, number = self.comparison, str(self.origin)
        if self.is_withheld:
            yield WITHHELD.filled(number=number)
            return
        if not self.is_extended:
            yield CLAIMS.filled(number=number)
        if found is None or found == Comparison():
            yield NOT_COMPARED
            return
        if found.addition:
            issued = self.origin.size_bytes or 0
            yield _addition_sentence(found.addition, number=number, issued=issued)
        yield from _pages_sentences(found)
        yield from _statement_sentences(found)
        yield from _text_sentences(found)
        yield from _look_sentences(found)


def examine(pdf: bytes, answer: RegisterVerdict) -> Forensics | None:
    """Return how a file that was not issued differs from what it was made from; None if of nothing.

    It takes up to some seconds, in a limited process of its own. Where that fails, the answer says
    that it could not be compared.
    """
    is_readable = PDF_HEADER in pdf[:HEADER_ROOM_BYTES] and len(pdf) <= MAX_FILE_BYTES
    if answer.issued or not is_readable or Reason.RESOURCE_LIMIT in answer.verdict.reasons:
        return None
    beginning = issued_beginning(pdf)
    if origin := beginning or _claimed(claims_in(pdf)):
        return Forensics(
            origin=origin, is_extended=beginning is not None, comparison=_compared(pdf, origin)
        )
    return Forensics(origin=answer.named, is_withheld=True) if answer.named else None


def _claimed(claims: Claims) -> Certificate | Document | None:
    pairs = ((number, code) for number in claims.numbers for code in claims.check_codes)
    found = (find_certificate(*pair) or find_document(*pair) for pair in pairs)
    return next((origin for origin in found if origin), None)


def _compared(pdf: bytes, origin: Certificate | Document) -> Comparison | None:
    try:
        return compare(pdf, read_certificate(origin))
    except CertificateMissingError:
        return None


def _addition_sentence(addition: Addition, *, number: str, issued: int) -> Sentence:
    kind = ADDITIONS.get(addition.kind, ADDITIONS["other"])
    parts = [
        part
        for part, is_told in (
            (OBJECTS.filled(count=addition.objects), addition.objects > 0),
            (TOUCHED.filled(pages=_numbers(addition.pages)), addition.pages),
            (ANNOTATIONS.filled(count=addition.annotations), addition.annotations > 0),
            (SIGNATURES.filled(count=addition.signatures), addition.signatures > 0),
        )
        if is_told
    ]
    facts = {"number": number, "issued": issued, "added": addition.size_bytes}
    en, zh = "; ".join(part.en for part in parts), "；".join(part.zh for part in parts)
    return Sentence(
        BEGINS.en.format(**facts, what=f"{kind.en} ({en})" if en else kind.en),
        BEGINS.zh.format(**facts, what=f"{kind.zh}（{zh}）" if zh else kind.zh),
    )


def _pages_sentences(found: Comparison) -> Iterator[Sentence]:
    if found.page_counts and len(set(found.page_counts)) > 1:
        issued, file = found.page_counts
        yield PAGES.filled(issued=issued, file=file)


def _statement_sentences(found: Comparison) -> Iterator[Sentence]:
    if found.members is None:
        yield STATEMENT_NOT_COMPARED
    elif found.members:
        places = list(dict.fromkeys(difference.place for difference in found.members))
        named = ", ".join(places[:MAX_NAMED]) + (", …" if len(places) > MAX_NAMED else "")
        yield OTHER_STATEMENT.filled(members=named) if named else NO_STATEMENT
    else:
        yield SAME_STATEMENT


def _text_sentences(found: Comparison) -> Iterator[Sentence]:
    if found.lines is None:
        yield TEXT_NOT_COMPARED
    elif found.lines:
        pages = dict.fromkeys(difference.place for difference in found.lines)
        yield OTHER_TEXT.filled(pages=_numbers(pages))
    else:
        yield SAME_TEXT


def _look_sentences(found: Comparison) -> Iterator[Sentence]:
    if found.looks is None:
        yield LOOK_NOT_COMPARED
        return
    if not found.looks:
        yield SAME_LOOK
    for look in found.looks:
        yield OTHER_LOOK.filled(page=look.page, percent=f"{100 * look.changed_ppm / MILLION:.2f}")


def _numbers(pages: Sequence[int] | dict[str, None]) -> str:
    return ", ".join(map(str, pages))


def _differences_json(differences: Sequence[Difference] | None) -> Json:
    if differences is None:
        return None
    return [{"place": each.place, "issued": each.issued, "file": each.file} for each in differences]

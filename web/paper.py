"""What the page says of a scanned QR code: is it genuine, and does it say what was issued."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from certificates.models import Certificate, Document
from certificates.paper import printed_on
from verifier.messages import paper_limit, paper_sentence, paper_texts, paper_title
from verifier.paper import PaperVerdict
from verifier.printed import AnyPrinted
from verifier.verdict import Outcome
from web.record import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperFinding:
    """The answer on a QR code: in one word and its colour (``kind``), in sentences, line by line.

    Attributes:
        lines: what the code says beside what was issued; none unless the code is genuine, so that
            nobody can make this page say what they like.
    """

    kind: str
    word: str
    sentence: str
    limit: str
    lines: Sequence[Line] = ()


def paper_finding(
    verdict: PaperVerdict, issued: Certificate | Document | None = None
) -> PaperFinding:
    """Return the answer on a code.

    Args:
        verdict: under our keys.
        issued: that of which it has number and verification code, if there is one.
    """
    language = get_language() or settings.LANGUAGE_CODE
    limit = paper_limit(verdict, language)
    if verdict.printed is None:
        is_false = verdict.outcome == Outcome.INVALID
        return PaperFinding(
            kind="refused" if is_false else "unproven",
            word=_("Not genuine") if is_false else _("Cannot be judged"),
            sentence=paper_sentence(verdict, language),
            limit=limit,
        )
    lines = _lines(verdict.printed, issued, language) if issued else []
    if lines and all(line.agrees for line in lines):
        sentence = _("The registrar has signed this code, and all that it says is what was issued.")
        return PaperFinding(
            kind="proven", word=_("Genuine"), sentence=sentence, limit=limit, lines=lines
        )
    sentence = _(
        "The registrar's key has signed this code, but the register has issued something else. "
        "Rely on the register, and report this to the registrar."
    )
    return PaperFinding(
        kind="refused",
        word=_("Signed, but not as issued"),
        sentence=sentence,
        limit=limit,
        lines=lines,
    )


def _lines(printed: AnyPrinted, issued: Certificate | Document, language: str) -> list[Line]:
    """Return every member that either has; of two forms of code no member agrees."""
    said = paper_texts(printed, language)
    current = paper_texts(printed_on(issued), language)
    return [
        Line(
            label=paper_title(name, language),
            stated=[said.get(name, "")],
            current=[current.get(name, "")],
        )
        for name in {**said, **current}
    ]

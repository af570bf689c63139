"""The verification report: what was found of a file, under the registrar's seal, as PDF and JSON.

Entry point: `verification_report`. It is no certificate and says so; nothing of it is kept. What
stands in it is in our words: of the file, which may be anybody's, it quotes no text but short facts
of the steps. JSON shape: ``quanji.verification-report/1`` (docs/verify.md), never edited.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from certificates import stating
from certificates.drawing.content import end_row
from certificates.drawing.fields import (
    DIGEST,
    PROVEN,
    UNPROVEN,
    VALUE_EN,
    WIDE_VALUE,
    heading,
    value_lines,
    wide_row,
    words_lines,
)
from certificates.drawing.report_page import (
    ABOUT,
    FIRST_ROOM,
    LATER_ROOM,
    TITLE,
    ReportSheet,
    draw_report,
)
from certificates.drawing.words import Words
from certificates.forensics import Forensics
from certificates.sealing import sealer
from certificates.statement import Registrar
from certificates.verification import RegisterVerdict
from drawing.archival import Attachment
from drawing.errors import RenderingError
from drawing.fonts import Typeface, resolve
from drawing.layout import Row, paginate
from drawing.moments import moment_text
from drawing.text import Line, bind, set_line, set_lines
from primitives.canonical_json import Json, JsonObject, canonical_json, instant_text
from primitives.digests import FileDigests, digest_bytes
from verifier.answers import Question
from verifier.document import REPORT_FILE
from verifier.etsi import conclude
from verifier.messages import TITLES, Sentence, step_sentence
from verifier.verdict import Facts, Outcome, Step, StepName, StepOutcome, checkpoint_json

SCHEMA = "quanji.verification-report/1"
MAX_CHARACTERS = 800
"""A longer sentence, which only a hostile file can cause, is cut."""

OUTCOMES: Mapping[Outcome, Words] = {
    Outcome.VALID: Words("有效", "Valid"),
    Outcome.INVALID: Words("无效", "Not valid"),
    Outcome.CANNOT_VERIFY: Words("无法核验", "Cannot verify"),
}
LETTER = Words("程序文书（不是登记凭证）", "A letter, no certificate")
STEP_OUTCOMES: Mapping[StepOutcome, Words] = {
    StepOutcome.PASSED: Words("● 成立", "Holds"),
    StepOutcome.FAILED: Words("✕ 不成立", "Does not hold"),
    StepOutcome.NOT_CHECKED: Words("○ 未核验", "Not checked"),
}
LABELS: Mapping[Question, Words] = {
    Question.INTEGRITY: Words("是否原件", "As issued?"),
    Question.ISSUER: Words("签章机构", "Sealed by"),
    Question.TIME: Words("时间", "When"),
    Question.REGISTER_NOW: Words("登记簿现状", "Register now"),
    Question.REGISTER_WHEN_SEALED: Words("签章时状态", "Register then"),
}


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """The sealed PDF, and the canonical JSON that stands beside it and in it."""

    pdf: bytes
    json: bytes


def verification_report(
    pdf: bytes, answer: RegisterVerdict, forensics: Forensics | None
) -> VerificationReport:
    """Return the report on a file, dated by its answer.

    Raises:
        SealingError: the key cannot sign, or nobody stamps.
        RenderingError: a font is missing.
    """
    digests, made_at = digest_bytes(pdf), answer.at.replace(microsecond=0)
    registrar = stating.registrar()
    content = canonical_json(_report_json(digests, answer, forensics, registrar))
    attachment = Attachment(
        name=REPORT_FILE,
        content=content,
        media_type="application/json",
        description="What this report says, canonical JSON (RFC 8785)",
    )
    rows = [*_rows(digests, answer, forensics), end_row("report")]
    prepared = draw_report(
        ReportSheet(registrar=registrar, made_at=made_at, sha256=digests.sha256),
        paginate(rows, first=FIRST_ROOM, later=LATER_ROOM),
        attachment,
        sealer().evidence(made_at),
    )
    return VerificationReport(sealer().seal(prepared, at=made_at), content)


def _report_json(
    digests: FileDigests,
    answer: RegisterVerdict,
    forensics: Forensics | None,
    registrar: Registrar,
) -> JsonObject:
    checkpoint = answer.verdict.checkpoint
    return {
        "schema": SCHEMA,
        "title": _both(Sentence(TITLE.en, TITLE.zh)),
        "about": _both(Sentence(ABOUT.en, ABOUT.zh)),
        "registrar": {
            "name": {"zh": registrar.name_zh, "en": registrar.name_en},
            "code": registrar.code,
            "is_example": registrar.is_example,
        },
        "at": instant_text(answer.at),
        "file": {
            "size_bytes": digests.size_bytes,
            "sha256": digests.sha256,
            "sm3": digests.sm3,
        },
        "verdict": answer.outcome.value,
        "reasons": [reason.value for reason in answer.verdict.reasons],
        "sentence": _both(answer.sentence),
        "answers": [
            {
                "question": each.question.value,
                "outcome": each.outcome.value,
                "code": each.code,
                "sentence": _both(each.sentence),
            }
            for each in answer.answers
        ],
        "since": _both(answer.since) if answer.since else None,
        "steps": [_step_json(step) for step in answer.verdict.steps],
        "checkpoint": checkpoint_json(checkpoint) if checkpoint else None,
        "number": str(answer.issued or "") or None,
        "etsi": conclude(answer.verdict).to_json(),
        "comparison": [_both(each) for each in forensics.sentences()] if forensics else None,
    }


def _step_json(step: Step) -> JsonObject:
    return {
        "name": step.name.value,
        "outcome": step.outcome.value,
        "reason": step.reason.value if step.reason else None,
        "facts": _printable_facts(step.facts),
        "detail": _both(_step_sentence(step)),
    }


def _printable_facts(facts: Facts) -> Json:
    return {
        name: printable(fact) if isinstance(fact, str) else fact for name, fact in facts.items()
    }


def _step_sentence(step: Step) -> Sentence:
    return Sentence(step_sentence(step, "en"), step_sentence(step, "zh"))


def _both(sentence: Sentence) -> JsonObject:
    return {"zh": printable(sentence.zh), "en": printable(sentence.en)}


def _rows(
    digests: FileDigests, answer: RegisterVerdict, forensics: Forensics | None
) -> Iterator[Row]:
    yield wide_row(Words("结论", "Conclusion"), _conclusion_lines(answer))
    if answer.since:
        yield wide_row(Words("此后变化", "Since then"), _lines(answer.since))
    yield from _file_rows(digests, answer)
    yield heading(Words("逐项答复", "Answers"))
    for each in answer.answers:
        lines = [*_outcome_lines(each.outcome, each.code), *_lines(each.sentence)]
        yield wide_row(LABELS[each.question], bind(lines))
    if forensics:
        yield heading(Words("与核发原件的比对", "Comparison with the issued file"))
        lines = [line for sentence in forensics.sentences() for line in _lines(sentence)]
        yield wide_row(Words("比对", "Compared"), lines)
    yield heading(Words("核验步骤", "Steps"))
    for step in answer.verdict.steps:
        if step.name == StepName.STATUS and not step.reason:
            # A list that nobody looked at: the register itself has answered.
            continue
        title, code = TITLES[step.name], step.reason.value if step.reason else ""
        lines = [*_outcome_lines(step.outcome, code), *_lines(_step_sentence(step))]
        yield wide_row(Words(title.zh, title.en), bind(lines))
    concluded = conclude(answer.verdict)
    said = [concluded.indication.value, concluded.sub_indication or ""]
    yield wide_row(
        Words("ETSI 结论", "EN 319 102-1"), value_lines(" ".join(filter(None, said)), WIDE_VALUE)
    )


def _conclusion_lines(answer: RegisterVerdict) -> list[Line]:
    is_letter = answer.verdict.is_genuine_letter
    word = LETTER if is_letter else OUTCOMES[answer.outcome]
    style = PROVEN if is_letter or answer.outcome == Outcome.VALID else UNPROVEN
    return [set_line(f"{word.zh} {word.en}", style), *_lines(answer.sentence)]


def _file_rows(digests: FileDigests, answer: RegisterVerdict) -> Iterator[Row]:
    yield heading(Words("被核验的文件", "The file that was verified"))
    yield wide_row(
        Words("摘要值", "Digests"),
        [
            set_line(f"{'SHA-256':<8}{digests.sha256}", DIGEST),
            set_line(f"{'SM3':<8}{digests.sm3}", DIGEST),
        ],
    )
    size = Words(f"{digests.size_bytes:,} 字节", f"{digests.size_bytes:,} bytes")
    yield wide_row(Words("大小", "Size"), words_lines(size, WIDE_VALUE))
    yield wide_row(
        Words("核验时点", "Verified at"), value_lines(moment_text(answer.at), WIDE_VALUE)
    )
    if head := answer.verdict.checkpoint:
        position = Words(
            f"{head.origin}，含 {head.size} 个条目", f"{head.origin}, of {head.size} entries"
        )
        lines = [
            *words_lines(position, WIDE_VALUE),
            set_line(f"{'root':<8}{head.root.hex()}", DIGEST),
        ]
        yield wide_row(Words("检查点", "Checkpoint"), lines)


def _outcome_lines(outcome: StepOutcome, code: str) -> list[Line]:
    words = STEP_OUTCOMES[outcome]
    style = UNPROVEN if outcome == StepOutcome.FAILED else PROVEN
    return [set_line(f"{words.zh} {words.en}  {code}".rstrip(), style)]


def _lines(sentence: Sentence) -> list[Line]:
    english: Sequence[Line] = set_lines(printable(sentence.en), VALUE_EN, WIDE_VALUE)
    return bind([*value_lines(printable(sentence.zh), WIDE_VALUE), *english])


def printable(text: str) -> str:
    """Return a text of which every character can be drawn; a hostile file may have had a part."""
    cut = text if len(text) <= MAX_CHARACTERS else text[: MAX_CHARACTERS - 1] + "…"
    return "".join(character if _can_be_drawn(character) else "?" for character in cut)


def _can_be_drawn(character: str) -> bool:
    try:
        resolve(character, Typeface.KAI)
    except RenderingError:
        return False
    return True

"""The verdict as separate answers: is the file as issued, who sealed it, when and by whose word.

Entry point: `answers_of`. Read off the steps, so that no answer contradicts them; the two answers
that only the register can give are `certificates.verification`'s.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from primitives.canonical_json import JsonObject
from verifier.messages import Sentence, step_sentence
from verifier.verdict import Reason, Step, StepName, StepOutcome, Verdict

OF_TIME = frozenset(
    {Reason.TIMESTAMP_FALSE, Reason.TIMESTAMP_CONTRADICTS, Reason.TIMESTAMP_NOT_TRUSTED}
)
"""Reasons of the issuer's step that are found only after the issuer itself was."""
NOT_REACHED = "NOT_REACHED"
"""The code of an answer that an earlier finding leaves no room for."""


class Question(StrEnum):
    """What a reader asks, in the order of the answers."""

    INTEGRITY = "integrity"
    ISSUER = "issuer"
    TIME = "time"
    REGISTER_NOW = "register_now"
    REGISTER_WHEN_SEALED = "register_when_sealed"


QUESTIONS: Mapping[Question, Sentence] = {
    Question.INTEGRITY: Sentence("Is the file as issued?", "文件是否为核发的原件？"),
    Question.ISSUER: Sentence("Who sealed it?", "由谁签章？"),
    Question.TIME: Sentence("When, and by whose word?", "何时签章、入账，由谁证明？"),
    Question.REGISTER_NOW: Sentence("What does the register say now?", "登记簿现在如何记载？"),
    Question.REGISTER_WHEN_SEALED: Sentence(
        "What did the register say when it was sealed?", "签章时登记簿如何记载？"
    ),
}

AS_ISSUED = Sentence(
    "Yes: to the byte, it is the file that was issued as {number}.",
    "是：本文件逐字节即为以编号 {number} 核发的原件。",
)
AS_SEALED = Sentence(
    "It is as it was sealed: letter {number}, no certificate. Of letters the ledger holds nothing.",
    "与签章时一致：程序文书 {number}，不是登记凭证。账本不收录程序文书。",
)
SEALED_BY = Sentence(
    "“{signer}”, whose certificate leads to an authority that is trusted here.",
    "“{signer}”，其证书可追溯至此处所信任的机构。",
)
STAMPED_AND_ENTERED = Sentence(
    "Sealed at {stamped_at}, by the word of the time-stamp authority “{authority}”; entered in the "
    "ledger {origin} at {entered_at}, by the registrar's word, which the checkpoint of {size} "
    "entries holds it to.",
    "{stamped_at} 签章，由时间戳机构“{authority}”证明；{entered_at} 记入账本 {origin}，"
    "由登记机构证明，且已由含 {size} 个条目的检查点固定。",
)
ENTERED = Sentence(
    "Entered in the ledger {origin} at {entered_at}, by the registrar's word, which the checkpoint "
    "of {size} entries holds it to; nobody else's word is given.",
    "{entered_at} 记入账本 {origin}，由登记机构证明，且已由含 {size} 个条目的检查点固定；"
    "没有其他机构的证明。",
)
LETTER_STAMPED = Sentence(
    "Sealed at {stamped_at}, by the word of the time-stamp authority “{authority}”: then the "
    "letter of {written_at} was fetched.",
    "{stamped_at} 签章，由时间戳机构“{authority}”证明；即 {written_at} 作成的文书被取用之时。",
)
STAMPED = Sentence(
    "Sealed at {stamped_at}, by the word of the time-stamp authority “{authority}”; that it was "
    "entered in the ledger is not shown.",
    "{stamped_at} 签章，由时间戳机构“{authority}”证明；是否记入账本未经证明。",
)
NO_WORD = Sentence(
    "Not known: nobody's word is given but, at most, the seal's own.",
    "未知：除签章自述的时间外，没有任何机构的证明。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer in both languages.

    Attributes:
        code: a `Reason` where there is one; else a word of what was found, for machines.
    """

    question: Question
    outcome: StepOutcome
    code: str
    sentence: Sentence

    def to_json(self, lang: str) -> JsonObject:
        """Return the answer as data, its sentence in a language such as ``en`` or ``zh-hans``."""
        return {
            "question": self.question.value,
            "outcome": self.outcome.value,
            "code": self.code,
            "sentence": self.sentence.in_language(lang),
        }


def answers_of(verdict: Verdict) -> tuple[Answer, ...]:
    """Return what the file itself answers: integrity, issuer and time."""
    steps = {step.name: step for step in verdict.steps}
    if verdict.is_genuine_letter:
        return _of_letter(steps)
    return _integrity(steps), _issuer(steps), _time(steps)


def said(question: Question, step: Step) -> Answer:
    """Return the answer that a step gives in its own words."""
    return Answer(
        question=question,
        outcome=step.outcome,
        code=step.reason.value if step.reason else NOT_REACHED,
        sentence=Sentence(step_sentence(step, "en"), step_sentence(step, "zh")),
    )


def _of_letter(steps: Mapping[StepName, Step]) -> tuple[Answer, ...]:
    letter, issuer = steps[StepName.REGISTRATION], steps[StepName.ISSUER]
    is_stamped = "stamped_at" in issuer.facts
    return (
        _found(Question.INTEGRITY, "AS_SEALED", AS_SEALED, letter),
        _issuer(steps),
        _found(Question.TIME, "STAMPED", LETTER_STAMPED, letter, issuer)
        if is_stamped
        else _time(steps),
    )


def _integrity(steps: Mapping[StepName, Step]) -> Answer:
    file, seal, issued = (
        steps[name] for name in (StepName.FILE, StepName.SEAL, StepName.ISSUED_BYTES)
    )
    # A signature that is none of a registrar's says nothing of the bytes.
    concerned = [file, issued] if seal.reason == Reason.SEAL_PROFILE else [file, seal, issued]
    failed = [step for step in concerned if step.outcome == StepOutcome.FAILED]
    stopped = failed or [step for step in concerned if step.reason]
    if stopped or issued.outcome != StepOutcome.PASSED:
        return said(Question.INTEGRITY, (stopped or [issued])[0])
    return _found(Question.INTEGRITY, "AS_ISSUED", AS_ISSUED, issued)


def _issuer(steps: Mapping[StepName, Step]) -> Answer:
    seal, issuer = steps[StepName.SEAL], steps[StepName.ISSUER]
    if issuer.outcome == StepOutcome.PASSED or issuer.reason in OF_TIME:
        return _found(Question.ISSUER, "SEALED_BY_TRUSTED_ISSUER", SEALED_BY, seal)
    # A broken seal is nobody's, which leaves the question open and is no answer to it.
    return said(Question.ISSUER, seal if seal.reason == Reason.SEAL_PROFILE else issuer)


def _time(steps: Mapping[StepName, Step]) -> Answer:
    issuer, issued = steps[StepName.ISSUER], steps[StepName.ISSUED_BYTES]
    if issuer.reason in OF_TIME:
        return said(Question.TIME, issuer)
    is_stamped, is_entered = "stamped_at" in issuer.facts, "entered_at" in issued.facts
    if is_stamped and is_entered:
        return _found(Question.TIME, "STAMPED_AND_ENTERED", STAMPED_AND_ENTERED, issuer, issued)
    if is_entered:
        return _found(Question.TIME, "ENTERED", ENTERED, issued)
    if is_stamped:
        return _found(Question.TIME, "STAMPED", STAMPED, issuer)
    return Answer(
        question=Question.TIME,
        outcome=StepOutcome.NOT_CHECKED,
        code="NO_WORD_FOR_THE_TIME",
        sentence=NO_WORD,
    )


def _found(question: Question, code: str, sentence: Sentence, *steps: Step) -> Answer:
    facts = {name: fact for step in steps for name, fact in step.facts.items()}
    return Answer(
        question=question,
        outcome=StepOutcome.PASSED,
        code=code,
        sentence=sentence.filled(**facts),
    )

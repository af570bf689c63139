"""Verification with the register at hand: the offline verdict, and what the register adds to it.

Entry point: `verify_file`. The parser of an uploaded file runs in a limited process of its own.
`RegisterVerdict.answers` are the file's three and the register's two.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from certificates.documents.wording import both
from certificates.history import Past, past_of
from certificates.models import ArchivalFile, Certificate, Document, Issued
from certificates.queries import (
    archival_by_digest,
    find_by_digest,
    find_document_by_digest,
    issued_certificates,
    issued_documents,
    log_verifier_keys,
    proof_text,
)
from certificates.sealing import load_certificates, trust_pem, tsa_trust_pem
from certificates.status import Status
from ledger.models import EntryKey
from ledger.proofs import NotPublishedError
from primitives.canonical_json import JsonObject, instant_text
from registry.entries import asset_key
from rights.queries import Event, history_of
from rights.wording import act_name
from verifier.answers import Answer, Question, answers_of, said
from verifier.canonical import member
from verifier.etsi import conclude
from verifier.isolation import verify_isolated
from verifier.messages import Sentence, verdict_sentence
from verifier.verdict import Outcome, Reason, Step, StepName, StepOutcome, Verdict

END_MARK = re.compile(rb"%%EOF\n?")
MAX_END_MARKS = 16
LATEST_EVENTS = 20

STATUS_NOW = Sentence(
    "At {at} the register says of certificate {number}: {status}.",
    "{at}，登记簿对登记凭证 {number} 的记载：{status}。",
)
STATUS_WHEN_SEALED = Sentence(
    "At {at}, when it was entered, the register said of certificate {number}: {status}.",
    "{at} 入账时，登记簿对登记凭证 {number} 的记载：{status}。",
)
DOCUMENT_NOW = Sentence(
    "The register holds these bytes as document {number}; what it says holds of {as_of}.",
    "登记簿存有本文件，编号 {number}；其内容为 {as_of} 的状态。",
)
DOCUMENT_WHEN_SEALED = Sentence(
    "As document {number} states it, as of {as_of}.", "如文件 {number} 所载，截至 {as_of}。"
)
NOT_REGISTERED = Sentence(
    "The register holds no file with these bytes.", "登记簿中没有与本文件字节一致的文件。"
)
NOT_ISSUED = Sentence(
    "No file with these bytes was issued, so that the register vouches for none of it.",
    "从未核发与本文件字节一致的文件，登记簿不为其内容作证。",
)
KEEPS_NO_LETTERS = Sentence(
    "The register keeps no file of a letter: its case keeps what it says, and the seal speaks for "
    "the file.",
    "登记簿不保存文书文件：案件保存其内容，文件由签章证明。",
)
SINCE = Sentence("Correct when issued; since then: {what}.", "核发时无误；此后：{what}。")
LATER = Sentence("Later acts on the asset: {what}.", "此后对该资产的登记行为：{what}。")
ACT = Sentence("{acts} at {at} (entry {index})", "{at} {acts}（第 {index} 号条目）")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterVerdict:
    """The offline verdict beside what the register says at the same instant.

    Attributes:
        at: the instant of the answer.
        certificate: the issued certificate whose file these very bytes are, or None.
        named: what was issued and the file is, was before it was altered, or claims to be.
        document: the issued document whose file these very bytes are, or None.
        status: the status of ``certificate``, or of a certificate after a change; else None.
        status_when_sealed: that status when the file was entered.
        since: that it was correct when issued, and what happened then; None if nothing did.
        past: what happened to the certificate.
    """

    verdict: Verdict
    at: datetime
    certificate: Certificate | None
    named: Certificate | Document | None
    status: Status | None
    document: Document | None = None
    status_when_sealed: Status | None = None
    since: Sentence | None = None
    past: Past | None = None

    @property
    def issued(self) -> Certificate | Document | None:
        """What these very bytes were issued as."""
        return self.certificate or self.document

    @property
    def outcome(self) -> Outcome:
        """VALID only if the offline verdict is, the bytes are registered and in force."""
        if self.document and self.status in {None, Status.IN_FORCE}:
            return self.verdict.outcome
        if self.issued is None:
            # A file that states a certificate and is not in the register is not ours.
            claims = self.verdict.certificate is not None
            return Outcome.INVALID if claims else self.verdict.outcome
        if self.status is not Status.IN_FORCE:
            return Outcome.INVALID
        return self.verdict.outcome

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The five answers: what the file itself says, the register now, and when it was sealed."""
        return *answers_of(self.verdict), self._register_now(), self._register_when_sealed()

    @property
    def sentence(self) -> Sentence:
        """The whole answer in one sentence: the register's, where it overrules the file."""
        if self.outcome != self.verdict.outcome:
            return self._register_now().sentence
        return Sentence(*(verdict_sentence(self.verdict, lang) for lang in Sentence._fields))

    def to_json(self, lang: str = "en") -> JsonObject:
        """Return the verdict's JSON with the register's answer beside it."""
        return {
            **self.verdict.to_json(),
            "verdict": self.outcome.value,
            "answers": [answer.to_json(lang) for answer in self.answers],
            "since": self.since.in_language(lang) if self.since else None,
            "etsi": conclude(self.verdict).to_json(),
            "register": {
                "is_registered": self.issued is not None,
                "number": str(self.issued or "") or None,
                "status": self.status.value if self.status else None,
            },
        }

    def _register_now(self) -> Answer:
        if self.issued and self.status:
            facts = {"at": instant_text(self.at), "number": str(self.issued)}
            return Answer(
                question=Question.REGISTER_NOW,
                outcome=_outcome(self.status is Status.IN_FORCE),
                code=self.status.value,
                sentence=_in_words(STATUS_NOW, status=self.status, **facts),
            )
        if self.document:
            return _of_document(Question.REGISTER_NOW, DOCUMENT_NOW, self.document)
        if self.verdict.is_genuine_letter:
            return _of_letter(Question.REGISTER_NOW)
        return Answer(
            question=Question.REGISTER_NOW,
            outcome=StepOutcome.FAILED,
            code="NOT_REGISTERED",
            sentence=NOT_REGISTERED,
        )

    def _register_when_sealed(self) -> Answer:
        question, stated = Question.REGISTER_WHEN_SEALED, self._step(StepName.REGISTRATION)
        if self.verdict.is_genuine_letter:
            return _of_letter(question)
        if stated.outcome == StepOutcome.FAILED:
            return said(question, stated)
        if self.issued and self.issued.issued_at and self.status_when_sealed:
            facts = {"at": instant_text(self.issued.issued_at), "number": str(self.issued)}
            return Answer(
                question=question,
                outcome=_outcome(self.status_when_sealed in {Status.IN_FORCE, Status.NOT_YET}),
                code=self.status_when_sealed.value,
                sentence=_in_words(STATUS_WHEN_SEALED, status=self.status_when_sealed, **facts),
            )
        if self.document:
            return _of_document(question, DOCUMENT_WHEN_SEALED, self.document)
        return Answer(
            question=question,
            outcome=StepOutcome.NOT_CHECKED,
            code="NOT_ISSUED",
            sentence=NOT_ISSUED,
        )

    def _step(self, name: StepName) -> Step:
        return next(step for step in self.verdict.steps if step.name == name)


def verify_file(pdf: bytes, *, proof: str | None, at: datetime) -> RegisterVerdict:
    """Return the verdict on a file as of ``at``.

    Args:
        pdf: the file's bytes.
        proof: the text of a ``.tlog-proof`` that came with it; the register's own if None.
        at: the instant for which to answer, aware UTC.
    """
    digest = hashlib.sha256(pdf).hexdigest()
    certificate, document = find_by_digest(digest), find_document_by_digest(digest)
    archival = archival_by_digest(digest)
    if archival:
        certificate, document = archival.certificate, archival.document
    issued = certificate or document
    recognised = issued or issued_beginning(pdf)
    own_proof = _proof(archival or recognised) if recognised else None
    verdict = _verdict(pdf, proof or own_proof, at)
    named = recognised or _named(verdict)
    if proof is None and recognised is None and named:
        # With the proof of what the file claims to be, the verdict can say how it differs.
        verdict = _verdict(pdf, _proof(named), at)
    past = _past_of(issued, at) if issued else None
    standing = past.standing if past else None
    return RegisterVerdict(
        verdict=verdict,
        at=at,
        certificate=certificate,
        named=named,
        status=standing.status(at) if standing else None,
        document=document,
        status_when_sealed=standing.status(standing.issued_at) if standing else None,
        since=_since(issued, past) if issued and _is_correct(verdict) else None,
        past=past,
    )


def since_of(issued: Certificate | Document, at: datetime) -> Sentence | None:
    """Return that it was correct when issued, and what happened until ``at``; None if nothing."""
    return _since(issued, _past_of(issued, at))


def _past_of(issued: Issued, at: datetime) -> Past | None:
    """Return what happened to a certificate; None of a document that is none."""
    is_another = isinstance(issued, Document) and not issued.is_certificate
    return None if is_another else past_of(issued, at)


def _verdict(pdf: bytes, proof: str | None, at: datetime) -> Verdict:
    return verify_isolated(
        pdf,
        proof=proof,
        trust=load_certificates(trust_pem().encode()),
        log_key=log_verifier_keys(),
        at=at,
        tsa_trust=load_certificates(tsa_trust_pem().encode()),
    )


def _proof(certificate: Certificate | Document | ArchivalFile) -> str | None:
    """Return the certificate's proof, or None while no checkpoint covers it yet."""
    try:
        return proof_text(certificate)
    except NotPublishedError:
        return None


def issued_beginning(pdf: bytes) -> Certificate | Document | None:
    """Return what was issued and had something appended to it to give ``pdf``, or None.

    An appended revision leaves the issued bytes in place: they end at one of the first end marks.
    """
    digest, hashed = hashlib.sha256(), 0
    for mark in islice(END_MARK.finditer(pdf), MAX_END_MARKS):
        digest.update(pdf[hashed : mark.end()])
        hashed = mark.end()
        sha256 = digest.hexdigest()
        if issued := find_by_digest(sha256) or find_document_by_digest(sha256):
            return issued
    return None


def _named(verdict: Verdict) -> Certificate | Document | None:
    number = (verdict.certificate or {}).get("number")
    if not number:
        return None
    certificate = issued_certificates().filter(number=number).first()
    return certificate or issued_documents().filter(number=number).first()


def _outcome(holds: bool) -> StepOutcome:  # noqa: FBT001 # a truth to be named
    return StepOutcome.PASSED if holds else StepOutcome.FAILED


def _is_correct(verdict: Verdict) -> bool:
    """Say whether nothing speaks against the file but what came after it."""
    afterwards = {StepName.TERM, StepName.STATUS}
    return all(
        step.outcome != StepOutcome.FAILED for step in verdict.steps if step.name not in afterwards
    )


def _since(issued: Certificate | Document, past: Past | None) -> Sentence | None:
    """Return what happened to a certificate, and the acts that its tree does not hold."""
    parts: list[Sentence] = []
    if past and past.is_eventful:
        happened = both(lambda: past.told().sentence)
        parts.append(Sentence(happened.en, happened.zh))
    if acts := [_act_sentence(event) for event in _events_since(issued)]:
        en, zh = ("; ".join(act.en for act in acts), "；".join(act.zh for act in acts))
        later = LATER if parts else SINCE
        parts.append(Sentence(later.en.format(what=en), later.zh.format(what=zh)))
    if not parts:
        return None
    return Sentence(" ".join(part.en for part in parts), "".join(part.zh for part in parts))


def _events_since(issued: Certificate | Document) -> Iterator[Event]:
    """Yield the latest acts on the asset that stand behind the tree that a file speaks for."""
    if issued.asset is None:
        return
    stated = json.loads(bytes(issued.statement))
    position = "ledger" if isinstance(issued, Certificate) else "as_of"
    size = member(stated, position, "tree_size", of=int)
    acts = EntryKey.objects.filter(key=asset_key(issued.asset.number))
    if not acts.filter(entry__leaf__index__gte=size).exists():
        return
    for event in history_of(issued.asset, limit=LATEST_EVENTS):
        if hasattr(event.entry, "leaf") and event.entry.leaf.index >= size:
            yield event


def _act_sentence(event: Event) -> Sentence:
    acts = [both(lambda name=name: act_name(name)) for name in event.acts]  # type: ignore[misc]
    facts = {"at": instant_text(event.entry.recorded_at), "index": event.entry.leaf.index}
    return Sentence(
        ACT.en.format(acts=", ".join(act.en for act in acts), **facts),
        ACT.zh.format(acts="、".join(act.zh for act in acts), **facts),
    )


def _in_words(sentence: Sentence, *, status: Status, **facts: str) -> Sentence:
    words = both(status.label.__str__)
    return Sentence(
        sentence.en.format(status=words.en, **facts), sentence.zh.format(status=words.zh, **facts)
    )


def _of_document(question: Question, sentence: Sentence, document: Document) -> Answer:
    facts = {"number": str(document), "as_of": instant_text(document.as_of)}
    return Answer(
        question=question,
        outcome=StepOutcome.PASSED,
        code="ISSUED",
        sentence=sentence.filled(**facts),
    )


def _of_letter(question: Question) -> Answer:
    return Answer(
        question=question,
        outcome=StepOutcome.NOT_CHECKED,
        code=Reason.LETTER.value,
        sentence=KEEPS_NO_LETTERS,
    )

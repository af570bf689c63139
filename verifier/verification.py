"""Is this file a valid certificate? Answered from the file, its proof, a trust root and a log key.

Entry point: `verify`. No network, no clock, no register. Six things must hold, and a seventh
if a status list is given:

(1) the file is a PDF of one revision, and its one signature covers every byte;
(2) the seal, a PAdES certification signature that forbids any change, is intact;
(3) the seal's certificate leads to a trusted one and was in its term;
(4) the registration is in the ledger, and the embedded statement says what was registered;
(5) these very bytes are in the ledger as the issued certificate;
(6) a stated right is in force;
(7) as of the registrar's list, the certificate was not suspended, superseded or revoked.

A document (an extract, a search, a receipt, a certificate after a change) states the register as of
a tree that the log signed; that takes the place of (4). (6) and (7) ask nothing of one that is no
certificate. Of a letter of the procedure only (1) to (3) are asked: it is no
certificate, and the answer is never VALID.

What it does not say: whether the register has changed since the checkpoint or the list (only the
registrar can say), whether the seal's certificate was revoked after the issue, the names behind the
references in the entry, and what the page shows to the eye (the seal and the ledger vouch for the
bytes that draw it).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import TracebackType

from cryptography.x509 import Certificate

from primitives.canonical_json import instant_text
from verifier import evidence
from verifier.document import MAX_FILE_BYTES, SealedDocument, SealedLetter, read_document
from verifier.evidence import ProvenEntry
from verifier.log_keys import LogKeys
from verifier.plain import Timestamp
from verifier.statement import EmbeddedDocument, EmbeddedStatement
from verifier.status_list import prove_status_list, require_not_listed, require_spoken_of
from verifier.verdict import Reason, Step, StepError, StepName, StepOutcome, Verdict, complete

CLOCKS_DIFFER = timedelta(minutes=5)
"""By how much the clocks of a time-stamp authority and of the register may differ."""
OTHER_BYTES = frozenset({Reason.ALTERED_AFTER_ISSUE, Reason.NOT_THE_REGISTERED_BYTES})


def verify(
    pdf: bytes,
    *,
    proof: str | None,
    trust: Sequence[Certificate],
    log_key: str,
    at: datetime,
    tsa_trust: Sequence[Certificate] | None = None,
    status_list: str | None = None,
) -> Verdict:
    """Return the verdict on a file.

    A hostile file can cost time and memory: run `verifier.isolation.verify_isolated` on uploads.

    Args:
        pdf: the file's bytes.
        proof: the text of ``<file>.tlog-proof``; without it the answer is CANNOT_VERIFY at best.
        trust: the registrar's CA, or its seal certificate itself. Not a public CA: whoever it
            certified could seal.
        log_key: the log's verifier keys, one ``<name>+<key id>+<base64>`` a line.
        at: the instant for which to answer, aware UTC.
        tsa_trust: the authorities whose time-stamps are believed; without it a time-stamp must be
            intact, and whose it is is not asked.
        status_list: the text of the registrar's status list; without it (7) is not asked.

    Raises:
        MalformedError: ``log_key`` holds no verifier key.
    """
    key = LogKeys.parse(log_key)
    if len(pdf) > MAX_FILE_BYTES:
        return Verdict.undecided(Reason.TOO_LARGE, size_bytes=len(pdf), limit=MAX_FILE_BYTES)
    steps: dict[StepName, Step] = {}
    # (5) its first half: bytes that the ledger disowns are answered without being parsed.
    issuance: ProvenEntry | None = None
    renewed: ProvenEntry | None = None
    with _Taking(steps, StepName.ISSUED_BYTES):
        found = _prove_bytes(pdf, proof, key)
        pdf, issuance = evidence.issued_part(pdf, found)
        renewed = found if found.kind == evidence.RENEWAL else None
    if steps[StepName.ISSUED_BYTES].reason in OTHER_BYTES:
        return Verdict(steps=complete(steps))
    # (1) the file
    document: SealedDocument | SealedLetter | None = None
    with _Taking(steps, StepName.FILE) as facts:
        document = read_document(pdf)
        facts["size_bytes"] = len(pdf)
    if isinstance(document, SealedLetter):
        _check_letter(steps, document, trust=trust, tsa_trust=tsa_trust, at=at)
        return Verdict(steps=complete(steps))
    if document:
        _check_seal(steps, document, issuance, trust=trust, tsa_trust=tsa_trust, at=at)
        _check_evidence(steps, document, issuance, key=key)
        if renewed and steps[StepName.ISSUED_BYTES].outcome == StepOutcome.PASSED:
            facts = {
                **steps[StepName.ISSUED_BYTES].facts,
                "renewed_at": instant_text(renewed.recorded_at),
            }
            steps[StepName.ISSUED_BYTES] = replace(steps[StepName.ISSUED_BYTES], facts=facts)
        _check_term(steps, document.statement, at)
        if status_list is not None and _has_status(document.statement):
            proven = (document.statement.number, issuance)
            _check_status(steps, proven, status_list=status_list, key=key, at=at)
    elif issuance:
        steps[StepName.ISSUED_BYTES] = Step(StepName.ISSUED_BYTES, StepOutcome.NOT_CHECKED)
    return Verdict(
        steps=complete(steps),
        certificate=document.statement.json if document else None,
        checkpoint=issuance.checkpoint if issuance else None,
    )


class _Taking:
    """A step being taken: how the block ends, whatever it raises, is how the step ends.

    The block may write facts that the step's sentence names into the dictionary it is given.
    """

    def __init__(self, steps: dict[StepName, Step], name: StepName) -> None:
        self._steps = steps
        self._name = name
        self._facts: dict[str, str | int] = {}

    def __enter__(self) -> dict[str, str | int]:
        return self._facts

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> bool:
        if error is None:
            step = Step(self._name, StepOutcome.PASSED, None, self._facts)
        elif isinstance(error, StepError):
            step = Step.stopped(self._name, error.reason, error.facts)
        elif isinstance(error, MemoryError):
            step = Step.stopped(self._name, Reason.RESOURCE_LIMIT, {})
        elif isinstance(error, Exception):
            # Parsers raise exceptions of many classes over a hostile file; none may be a crash.
            step = Step.stopped(self._name, Reason.UNREADABLE, {"error": type(error).__name__})
        else:
            return False
        self._steps[self._name] = step
        return True


def _prove_bytes(pdf: bytes, proof: str | None, key: LogKeys) -> ProvenEntry:
    if proof is None:
        raise StepError(Reason.PROOF_MISSING)
    issuance = evidence.prove_entry(proof, kinds=evidence.ISSUANCES, log_key=key)
    evidence.require_issued_bytes(pdf, issuance)
    return issuance


def _moment(document: SealedDocument, issuance: ProvenEntry | None, at: datetime) -> datetime:
    """Return when the seal is judged: when the ledger took the file in.

    Without that, when the seal says it was made; the verdict is then not VALID in any case.
    """
    return issuance.recorded_at if issuance else document.file.claimed_time() or at


def _check_seal(
    steps: dict[StepName, Step],
    document: SealedDocument,
    issuance: ProvenEntry | None,
    *,
    trust: Sequence[Certificate],
    tsa_trust: Sequence[Certificate] | None,
    at: datetime,
) -> None:
    # (2) the seal
    with _Taking(steps, StepName.SEAL) as facts:
        facts["signer"] = document.file.signer()
    if steps[StepName.SEAL].outcome != StepOutcome.PASSED:
        return
    # (3) its issuer, and whoever stamped it
    with _Taking(steps, StepName.ISSUER) as facts:
        # Read here: the seal's own word for its time is a text of the file, and may be none.
        moment = _moment(document, issuance, at)
        document.file.require_issuer(trust, moment)
        facts["moment"] = instant_text(moment)
        stamp = document.file.stamp(tsa_trust)
        if stamp:
            _require_order(stamp, issuance)
            facts.update(stamped_at=instant_text(stamp.at), authority=stamp.authority)


def _check_letter(
    steps: dict[StepName, Step],
    sealed: SealedLetter,
    *,
    trust: Sequence[Certificate],
    tsa_trust: Sequence[Certificate] | None,
    at: datetime,
) -> None:
    """Check the seal of a letter; of the ledger, which holds none, nothing is asked."""
    del steps[StepName.ISSUED_BYTES]
    letter = sealed.letter
    with _Taking(steps, StepName.REGISTRATION):
        written_at = instant_text(letter.written_at)
        raise StepError(
            Reason.LETTER, number=letter.number, case=letter.case, written_at=written_at
        )
    with _Taking(steps, StepName.SEAL) as facts:
        facts["signer"] = sealed.file.signer()
    if steps[StepName.SEAL].outcome != StepOutcome.PASSED:
        return
    with _Taking(steps, StepName.ISSUER) as facts:
        stamp = sealed.file.stamp(tsa_trust)
        # No ledger says when it was: a time-stamp does, and never the seal's own word.
        moment = stamp.at if stamp else at
        sealed.file.require_issuer(trust, moment)
        facts["moment"] = instant_text(moment)
        if stamp:
            facts.update(stamped_at=instant_text(stamp.at), authority=stamp.authority)


def _require_order(stamp: Timestamp, issuance: ProvenEntry | None) -> None:
    """Check that the seal was not stamped after the ledger took the stamped file in.

    Raises:
        StepError: TIMESTAMP_CONTRADICTS.
    """
    if issuance and stamp.at > issuance.recorded_at + CLOCKS_DIFFER:
        raise StepError(
            Reason.TIMESTAMP_CONTRADICTS,
            stamped=instant_text(stamp.at),
            recorded=instant_text(issuance.recorded_at),
        )


def _check_evidence(
    steps: dict[StepName, Step],
    document: SealedDocument,
    issuance: ProvenEntry | None,
    *,
    key: LogKeys,
) -> None:
    heads = [issuance.checkpoint] if issuance else []
    stated = document.statement
    # (4) the registration, or the register as a whole
    with _Taking(steps, StepName.REGISTRATION) as facts:
        if isinstance(stated, EmbeddedDocument):
            note = document.registration_proof
            head = evidence.check_register(stated, note, heads, log_key=key)
            facts.update(size=head.size, origin=head.origin, as_of=instant_text(stated.as_of))
        else:
            registration = evidence.prove_entry(
                document.registration_proof, kinds=evidence.REGISTRATIONS, log_key=key
            )
            evidence.check_registration(stated, registration, document.openings, heads)
            facts.update(registration.position(), asset=stated.asset)
    # (5) its second half: the issued bytes carry the issued statement
    if issuance:
        with _Taking(steps, StepName.ISSUED_BYTES) as facts:
            if isinstance(stated, EmbeddedDocument):
                evidence.check_document_issuance(stated, issuance)
            else:
                evidence.check_issuance(stated, issuance)
            entered_at = instant_text(issuance.recorded_at)
            facts.update(issuance.position(), number=stated.number, entered_at=entered_at)


def _check_term(
    steps: dict[StepName, Step], stated: EmbeddedStatement | EmbeddedDocument, at: datetime
) -> None:
    # (6) the term; an extract has none: it stays true of the instant that it speaks for
    with _Taking(steps, StepName.TERM) as facts:
        if isinstance(stated, EmbeddedDocument) and not stated.terms:
            facts["as_of"] = instant_text(stated.as_of)
            return
        facts["until"] = instant_text(_in_force_until(stated.terms, at))
        facts["at"] = instant_text(at)


def _check_status(
    steps: dict[StepName, Step],
    certificate: tuple[str, ProvenEntry | None],
    *,
    status_list: str,
    key: LogKeys,
    at: datetime,
) -> None:
    # (7) what the registrar's list says
    number, issuance = certificate
    with _Taking(steps, StepName.STATUS) as facts:
        proven = prove_status_list(status_list, log_key=key)
        require_not_listed(proven, number, at=at)
        if issuance:
            require_spoken_of(proven, issuance, at=at)
            facts.update(proven.facts())
    if issuance is None and steps[StepName.STATUS].outcome == StepOutcome.PASSED:
        # That a number is not on the list says something of issued files only.
        del steps[StepName.STATUS]


def _has_status(stated: EmbeddedStatement | EmbeddedDocument) -> bool:
    """Say whether it is a certificate: the others stay true of the instant that they speak for."""
    return isinstance(stated, EmbeddedStatement) or stated.is_certificate


def _in_force_until(terms: Sequence[tuple[datetime, datetime]], at: datetime) -> datetime:
    """Return when the last of the rights in force at ``at`` ends."""
    current = [end for start, end in terms if start <= at < end]
    if current:
        return max(current)
    to_come = [start for start, _ in terms if at < start]
    if to_come:
        begins = instant_text(min(to_come))
        raise StepError(Reason.NOT_YET_IN_FORCE, at=instant_text(at), begins=begins)
    ended = instant_text(max(end for _, end in terms))
    raise StepError(Reason.TERM_ENDED, at=instant_text(at), ended=ended)

"""Separate answers, read off the steps."""

from datetime import timedelta

import pytest

from certificates.signing import PadesSealer
from certificates.suites import key_file_suite
from primitives.canonical_json import instant_text
from tests.verifier.example import ISSUED_AT, Issued, Office
from verifier.answers import QUESTIONS, Answer, Question, answers_of
from verifier.verdict import StepOutcome, Verdict

DAY = timedelta(days=1)
PASSED, FAILED, NOT_CHECKED = StepOutcome.PASSED, StepOutcome.FAILED, StepOutcome.NOT_CHECKED


def codes(verdict: Verdict) -> list[tuple[StepOutcome, str]]:
    return [(answer.outcome, answer.code) for answer in answers_of(verdict)]


def answer(verdict: Verdict, question: Question) -> Answer:
    return next(each for each in answers_of(verdict) if each.question == question)


def test_every_question_is_asked_in_both_languages() -> None:
    assert list(QUESTIONS) == list(Question)
    assert all(all(sentence) for sentence in QUESTIONS.values())


def test_an_issued_file_is_answered_for_in_each_respect(office: Office, issued: Issued) -> None:
    verdict = office.verify(issued.pdf, issued.proof)

    assert codes(verdict) == [
        (PASSED, "AS_ISSUED"),
        (PASSED, "SEALED_BY_TRUSTED_ISSUER"),
        (PASSED, "STAMPED_AND_ENTERED"),
    ]
    time = answer(verdict, Question.TIME).sentence
    assert "2026-11-25T02:32:00Z, by the registrar's word" in time.en
    assert "由登记机构证明" in time.zh
    assert "“示例登记机构电子签章" in answer(verdict, Question.ISSUER).sentence.en


def test_without_a_proof_the_seal_and_its_stamp_are_still_answered_for(
    office: Office, issued: Issued
) -> None:
    assert codes(office.verify(issued.pdf, None)) == [
        (NOT_CHECKED, "PROOF_MISSING"),
        (PASSED, "SEALED_BY_TRUSTED_ISSUER"),
        (PASSED, "STAMPED"),
    ]


def test_without_a_stamp_the_time_is_by_the_registrars_word(office: Office) -> None:
    suite = key_file_suite(office.pki.seal_key_pem, office.pki.seal_chain_pem)
    issued = Office(PadesSealer(suite), office.pki, office.log).issue()

    time = answer(office.verify(issued.pdf, issued.proof), Question.TIME)
    assert (time.code, "nobody else's word" in time.sentence.en) == ("ENTERED", True)
    assert answer(office.verify(issued.pdf, None), Question.TIME).code == "NO_WORD_FOR_THE_TIME"


def test_what_was_added_is_an_answer_to_integrity_alone(office: Office, issued: Issued) -> None:
    assert codes(office.verify(issued.pdf + b"\n", issued.proof)) == [
        (FAILED, "ALTERED_AFTER_ISSUE"),
        (NOT_CHECKED, "NOT_REACHED"),
        (NOT_CHECKED, "NO_WORD_FOR_THE_TIME"),
    ]


def test_a_stranger_is_an_answer_to_the_issuer_and_not_to_integrity(
    office: Office, impostor: Office
) -> None:
    forged = Office(impostor.sealer, impostor.pki, office.log).issue()

    found = codes(office.verify(forged.pdf, forged.proof))
    assert found[:2] == [(PASSED, "AS_ISSUED"), (FAILED, "ISSUER_NOT_TRUSTED")]


def test_a_lying_stamp_is_an_answer_to_the_time(office: Office) -> None:
    issued = office.issue()
    # The ledger says that it took the file in a day before it was stamped.
    said, earlier = (instant_text(at).encode() for at in (ISSUED_AT, ISSUED_AT - DAY))
    office.log.entries[-1] = office.log.entries[-1].replace(said, earlier)
    proof = office.log.prove(len(office.log.entries) - 1).format()

    found = codes(office.verify(issued.pdf, proof))
    assert found[1:] == [
        (PASSED, "SEALED_BY_TRUSTED_ISSUER"),
        (FAILED, "TIMESTAMP_CONTRADICTS"),
    ]


@pytest.mark.parametrize("content", [b"", b"%PDF-", b"text"])
def test_what_cannot_be_read_is_answered_for_by_nobody(office: Office, content: bytes) -> None:
    assert {outcome for outcome, _ in codes(office.verify(content, None))} == {NOT_CHECKED}


def test_no_answer_lacks_a_sentence(office: Office, issued: Issued) -> None:
    files = [issued.pdf, issued.pdf + b"\n", issued.pdf[1:], issued.pdf[:-9], b"", b"%PDF-"]
    for verdict in (office.verify(pdf, proof) for pdf in files for proof in (issued.proof, None)):
        for each in answers_of(verdict):
            assert each.to_json("en")["sentence"] == each.sentence.en
            assert each.to_json("zh-hans")["sentence"] == each.sentence.zh

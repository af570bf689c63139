"""Every finding has a sentence in both languages, and no sentence lacks its facts."""

import string

import pytest

from tests.verifier.example import Issued, Office
from verifier.messages import (
    LATEST,
    NOT_REACHED,
    NOTHING,
    PASSED,
    PROVEN_UNDER,
    REASONS,
    SM2_HOLDS,
    SM2_REASONS,
    TITLES,
    Sentence,
    report,
    step_sentence,
    step_title,
    verdict_sentence,
)
from verifier.sm2_signature import Sm2Reason
from verifier.verdict import Reason, StepName, Verdict

LANGUAGES = ["en", "zh", "zh-hans"]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_reason_and_step_has_its_sentence() -> None:
    assert set(REASONS) == set(Reason)
    assert set(SM2_REASONS) == set(Sm2Reason)
    assert set(PASSED) == set(TITLES) == set(StepName)


@pytest.mark.parametrize(
    "sentence",
    [
        *REASONS.values(),
        *PASSED.values(),
        *SM2_REASONS.values(),
        SM2_HOLDS,
        NOT_REACHED,
        LATEST,
        NOTHING,
        PROVEN_UNDER,
    ],
)
def test_both_languages_name_the_same_facts(sentence: Sentence) -> None:
    assert sentence.en
    assert sentence.zh
    assert fields(sentence.en) == fields(sentence.zh)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_sentence_of_a_real_verdict_lacks_a_fact(
    office: Office, issued: Issued, lang: str
) -> None:
    files = [issued.pdf, issued.pdf + b"\n", issued.pdf[1:], issued.pdf[:-9], b"", b"%PDF-"]
    proofs = [issued.proof, office.log.prove(0).format(), "nonsense", None]
    for verdict in (office.verify(pdf, proof) for pdf in files for proof in proofs):
        assert verdict_sentence(verdict, lang)
        for step in verdict.steps:
            assert step_title(step.name, lang)
            assert step_sentence(step, lang)


def test_a_verdict_is_never_only_a_word(office: Office, issued: Issued) -> None:
    verdict = office.verify(issued.pdf + b"\n", None)

    assert verdict_sentence(verdict, "en") == (
        "Not valid: The seal does not cover every byte of the file: something was added around it."
    )
    assert verdict_sentence(verdict, "zh").startswith("无效：签章没有覆盖")


def test_the_gravest_finding_leads(office: Office) -> None:
    missing = office.verify(b"text", None)

    assert verdict_sentence(missing, "en") == "Cannot verify: The file is not a PDF."


def test_a_report_reads_as_a_verdict_again(office: Office, issued: Issued) -> None:
    verdict = office.verify(issued.pdf, issued.proof)

    assert Verdict.from_json(report(verdict, "en")) == verdict

"""What the register answers beside the file, and that it was correct when issued."""

from datetime import timedelta

import pytest

from certificates.documents.ordering import Order, order
from certificates.issuance import issue_waiting
from certificates.models import Certificate, DocumentKind
from certificates.queries import read_certificate
from certificates.status import Status
from certificates.verification import RegisterVerdict, verify_file
from ledger.publishing import publish
from primitives.clock import now_utc
from rights.models import Interest
from tests.factories import Office, make_party, register_asset
from tests.titles import DAY, THIRD, Estate
from verifier.answers import Answer, Question
from verifier.verdict import Outcome, StepOutcome

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def estate(office: Office) -> Estate:
    """An asset whose certificate is issued before anything more is done to it."""
    estate = Estate(office)
    issue_waiting(at=estate.start)
    return estate


def answer(verdict: RegisterVerdict, question: Question) -> Answer:
    return next(each for each in verdict.answers if each.question == question)


def judged() -> RegisterVerdict:
    certificate = Certificate.objects.get()
    return verify_file(read_certificate(certificate), proof=None, at=now_utc())


def test_the_register_answers_for_now_and_for_when_it_was_sealed(estate: Estate) -> None:
    verdict = judged()

    assert verdict.outcome == Outcome.VALID
    assert [each.question for each in verdict.answers] == list(Question)
    assert {each.outcome for each in verdict.answers} == {StepOutcome.PASSED}
    now = answer(verdict, Question.REGISTER_NOW)
    assert (now.code, now.sentence.en.endswith("In force.")) == (Status.IN_FORCE, True)
    assert verdict.since is None


def test_an_act_on_the_asset_afterwards_is_told_beside_a_certificate_in_force(
    estate: Estate,
) -> None:
    estate.pledge(6, estate.bank, 5_000_000)
    publish(at=now_utc())

    verdict = judged()
    assert verdict.outcome == Outcome.VALID
    assert verdict.since
    assert verdict.since.en.startswith("Correct when issued; since then: ")
    assert verdict.since.zh.startswith("核发时无误；此后：")
    assert f"at {estate.start + 6 * DAY:%Y-%m-%d}" in verdict.since.en


def test_a_certificate_whose_right_moved_was_correct_when_issued(estate: Estate) -> None:
    estate.move(12, estate.company, estate.user, THIRD)
    publish(at=now_utc())

    verdict = judged()
    assert verdict.outcome == Outcome.INVALID
    assert answer(verdict, Question.INTEGRITY).code == "AS_ISSUED"
    assert answer(verdict, Question.REGISTER_NOW).code == Status.CHANGED
    assert answer(verdict, Question.REGISTER_NOW).outcome == StepOutcome.FAILED
    then = answer(verdict, Question.REGISTER_WHEN_SEALED)
    assert (then.code, then.outcome) == (Status.IN_FORCE, StepOutcome.PASSED)
    assert verdict.since
    assert verdict.since.en.startswith("Correct when issued on")
    assert "was changed" in verdict.since.en
    assert "Later acts on the asset: " in verdict.since.en
    assert verdict.sentence == answer(verdict, Question.REGISTER_NOW).sentence


def test_a_lapse_is_told_although_no_act_brought_it_about(office: Office) -> None:
    register_asset(office, make_party(office))
    issue_waiting(at=now_utc())
    lapsed_at = now_utc()
    Interest.objects.update(valid_to=lapsed_at, until=lapsed_at)

    verdict = judged()
    assert answer(verdict, Question.REGISTER_NOW).code == Status.LAPSED
    assert verdict.since
    assert "the term of" in verdict.since.en


def test_an_extract_is_answered_for_as_of_its_instant(estate: Estate) -> None:
    asked = Order(kind=DocumentKind.STATUS, asset=estate.asset)
    document = order(asked, by=None, at=now_utc())
    issue_waiting(at=now_utc())
    document.refresh_from_db()
    estate.pledge(6, estate.bank, 5_000_000)
    publish(at=now_utc())

    verdict = verify_file(read_certificate(document), proof=None, at=now_utc())
    assert verdict.outcome == Outcome.VALID
    assert {each.outcome for each in verdict.answers} == {StepOutcome.PASSED}
    assert answer(verdict, Question.REGISTER_NOW).code == "ISSUED"
    assert verdict.since


def test_an_extract_to_which_something_was_added_is_recognised(estate: Estate) -> None:
    document = order(Order(kind=DocumentKind.STATUS, asset=estate.asset), by=None, at=now_utc())
    issue_waiting(at=now_utc())
    document.refresh_from_db()

    verdict = verify_file(read_certificate(document) + b"\n", proof=None, at=now_utc())
    assert verdict.named == document
    assert answer(verdict, Question.INTEGRITY).code == "ALTERED_AFTER_ISSUE"
    assert answer(verdict, Question.REGISTER_NOW).code == "NOT_REGISTERED"
    assert answer(verdict, Question.REGISTER_WHEN_SEALED).outcome == StepOutcome.NOT_CHECKED
    assert verdict.since is None


def test_a_certificate_not_yet_in_force_was_correct(office: Office) -> None:
    register_asset(office, make_party(office))
    issue_waiting(at=now_utc())
    tomorrow = now_utc() + timedelta(days=1)
    Interest.objects.update(valid_from=tomorrow)

    then = answer(judged(), Question.REGISTER_WHEN_SEALED)
    assert (then.code, then.outcome) == (Status.NOT_YET, StepOutcome.PASSED)

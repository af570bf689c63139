"""The sweep: it may be missed, and it may run twice."""

from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from filings.calendars import enter_year
from filings.cases import CaseStateError
from filings.kinds import FilingType
from filings.models import Filing
from filings.review import accept, decline, request_correction, request_supplement
from filings.submission import hand_in, submit, supply
from filings.sweep import sweep
from filings.workflow import Action, State
from primitives.clock import CHINA
from primitives.rules import RulesBrokenError
from tests.factories import Office, bring_to_examination, make_complete_draft, make_party


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


MONDAY = shanghai("2026-11-09T10:00:00")


@pytest.fixture
def submitted(office: Office) -> Filing:
    filing = make_complete_draft(office, make_party(office))
    return submit(filing, by=office.wang, at=MONDAY)


def test_a_silent_period_is_acceptance_on_its_lawful_day_however_late_the_sweep(
    submitted: Filing,
) -> None:
    assert str(submitted.due_on) == "2026-11-12"
    assert sweep(at=shanghai("2026-11-12T23:59:59")) == []

    assert sweep(at=shanghai("2026-11-25T03:00:00")) == [(submitted.number, Action.DEEM_ACCEPTED)]

    step = submitted.steps.latest("pk")
    assert (step.taken_by, step.taken_at) == (None, shanghai("2026-11-13T00:00:00"))
    submitted.refresh_from_db()
    assert submitted.state == State.ACCEPTED
    assert str(submitted.due_on) == "2026-11-27"
    assert sweep(at=shanghai("2026-11-25T03:00:00")) == []


def test_over_a_weekend_it_is_the_next_working_day(office: Office) -> None:
    filing = make_complete_draft(office, make_party(office))
    submit(filing, by=office.wang, at=shanghai("2026-11-10T10:00:00"))

    assert sweep(at=shanghai("2026-11-15T12:00:00")) == []
    assert sweep(at=shanghai("2026-11-16T00:00:00")) == [(filing.number, Action.DEEM_ACCEPTED)]


def test_fil_10_when_the_period_is_over_the_office_can_only_accept(
    office: Office, submitted: Filing
) -> None:
    late = shanghai("2026-11-13T00:00:00")
    for step in (decline, request_correction):
        with pytest.raises(RulesBrokenError) as refusal:
            step(submitted, by=office.wang, at=late, note="示例")
        assert [rule.number for rule in refusal.value.rules] == ["FIL-10"]
    accept(submitted, by=office.wang, at=late)


def test_an_unanswered_correction_lapses_at_the_end_of_its_last_day(
    office: Office, submitted: Filing
) -> None:
    case = request_correction(submitted, by=office.wang, at=MONDAY, note="示例")
    assert str(case.due_on) == "2026-11-23"
    with pytest.raises(RulesBrokenError) as refusal:
        submit(submitted, by=office.alice, at=shanghai("2026-11-24T00:00:00"))
    assert [rule.number for rule in refusal.value.rules] == ["FIL-11"]

    assert sweep(at=shanghai("2026-12-01T00:00:00")) == [(case.number, Action.LAPSE)]

    case.refresh_from_db()
    assert (case.state, case.due_on) == (State.LAPSED, None)
    assert case.steps.latest("pk").taken_at == shanghai("2026-11-24T00:00:00")


def test_a_supplement_stops_the_clock_and_is_answered_with_papers(office: Office) -> None:
    filing = bring_to_examination(office, make_complete_draft(office, make_party(office)))
    before = filing.due_on
    day = shanghai("2026-11-26T10:00:00")
    case = request_supplement(filing, by=office.li, at=day, note="示例：请补充合同")
    upload = SimpleUploadedFile("more.txt", b"more")
    hand_in(case, upload, kind="CONTRACT", title="示例", by=office.alice, at=day)
    case = supply(case, by=office.alice, at=day + timedelta(days=1))

    assert case.state == State.ACCEPTED
    assert before is not None
    assert case.due_on is not None
    assert case.due_on - before == timedelta(days=1)
    with pytest.raises(RulesBrokenError) as refusal:
        request_supplement(case, by=office.li, at=day, note="示例")
    assert [rule.number for rule in refusal.value.rules] == ["FIL-12"]


def test_an_order_that_nobody_answered_goes_on_to_the_decision(submitted: Filing) -> None:
    Filing.objects.update(type=FilingType.ORDER)

    assert sweep(at=shanghai("2026-11-25T03:00:00")) == [(submitted.number, Action.DEEM_ACCEPTED)]

    submitted.refresh_from_db()
    assert submitted.state == State.CLEARED


def test_an_officer_who_was_faster_has_won(office: Office, submitted: Filing) -> None:
    accept(submitted, by=office.wang, at=MONDAY)

    assert sweep(at=shanghai("2026-11-17T00:00:00")) == []
    with pytest.raises(CaseStateError):
        accept(submitted, by=office.wang, at=MONDAY)


def test_in_a_year_that_is_not_known_nothing_is_due_until_it_is_entered(office: Office) -> None:
    filing = make_complete_draft(office, make_party(office))
    case = submit(filing, by=office.wang, at=shanghai("2026-12-30T10:00:00"))
    assert case.due_on is None
    late = shanghai("2027-02-01T00:00:00")
    assert sweep(at=late) == []

    enter_year(2027, holidays=[], workdays=[], source="示例", by=office.wang, at=MONDAY)
    assert sweep(at=late) == [(case.number, Action.DEEM_ACCEPTED)]


def test_the_command_says_what_happened(
    submitted: Filing, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    late = shanghai("2026-11-25T03:00:00")
    monkeypatch.setattr("filings.management.commands.sweep_cases.now_utc", lambda: late)
    call_command("sweep_cases")
    assert capsys.readouterr().out == f"{submitted.number}: DEEM_ACCEPTED\n"

"""Objections: what stops a case, what lets it go on, and what comes too late to stop it."""

from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from filings.application import content_digest
from filings.cases import CaseStateError
from filings.decision import approve
from filings.investigation import confirm, notify_registrant, objection_digest, propose
from filings.kinds import Outcome
from filings.models import Filing, Objection
from filings.objections import (
    MAX_OPEN_OBJECTIONS,
    ObjectionRefusedError,
    Objector,
    find_objection,
    notices,
    receive_objection,
)
from filings.review import pass_examination, publicise
from filings.workflow import Action, State
from primitives.clock import CHINA
from primitives.rules import RulesBrokenError
from registry.models import DataAsset
from tests.factories import Office, bring_to_examination, make_complete_draft, make_party


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


BEGUN = shanghai("2026-11-25T13:00:00")
LAST_SECOND = shanghai("2026-12-02T23:59:59")
OVER = shanghai("2026-12-03T00:00:00")
DECIDED = shanghai("2026-12-07T10:00:00")


@pytest.fixture
def public(office: Office) -> Filing:
    filing = bring_to_examination(office, make_complete_draft(office, make_party(office)))
    pass_examination(filing, by=office.li, at=BEGUN)
    case = publicise(filing, by=office.li, at=BEGUN)
    assert case.publicity_ends_on == LAST_SECOND.date()
    return case


def object_at(filing: Filing, at: datetime) -> Objection:
    evidence = SimpleUploadedFile("evidence.txt", f"示例 {at}".encode())
    return receive_objection(
        filing,
        evidence,
        objector=Objector(name="示例甲公司", contact="示例"),
        ground="示例：来源有争议",
        at=at,
    )[0]


def conclude(office: Office, objection: Objection, outcome: Outcome, conclusion: str) -> None:
    propose(objection, outcome, by=office.li, at=DECIDED, conclusion=conclusion)
    digest = objection_digest(Objection.objects.get(pk=objection.pk))
    confirm(objection, by=office.zhao, at=DECIDED, shown_digest=digest)


def register(office: Office, filing: Filing, at: datetime) -> Filing:
    digest = content_digest(Filing.objects.get(pk=filing.pk))
    return approve(filing, by=office.zhao, at=at, shown_digest=digest)


def refused(refusal: pytest.ExceptionInfo[RulesBrokenError]) -> list[str]:
    return [rule.number for rule in refusal.value.rules]


def test_w3_nothing_is_registered_before_its_publicity_ended(
    office: Office, public: Filing
) -> None:
    with pytest.raises(RulesBrokenError) as refusal:
        register(office, public, LAST_SECOND)
    assert refused(refusal) == ["FIL-14"]
    assert not DataAsset.objects.exists()

    assert register(office, public, OVER).state == State.REGISTERED


def test_an_objection_on_the_fifth_day_at_the_last_second_stops_the_case(public: Filing) -> None:
    objection = object_at(public, LAST_SECOND)

    public.refresh_from_db()
    assert objection.in_publicity
    assert public.state == State.OBJECTED
    step = public.steps.latest("pk")
    assert (step.action, step.taken_by, step.taken_at) == (Action.OBJECT, None, LAST_SECOND)
    assert str(public.due_on) == "2026-12-16"


def test_an_objection_at_midnight_of_the_sixth_day_is_of_the_other_kind(public: Filing) -> None:
    objection = object_at(public, OVER)

    public.refresh_from_db()
    assert not objection.in_publicity
    assert public.state == State.PUBLICISED
    assert str(objection.due_on) == "2026-12-10"


@pytest.mark.parametrize("at", [LAST_SECOND, OVER])
def test_fil_18_nothing_is_registered_while_an_objection_is_not_decided(
    office: Office, public: Filing, at: datetime
) -> None:
    objection = object_at(public, at)
    Filing.objects.update(state=State.PUBLICISED)
    with pytest.raises(RulesBrokenError) as refusal:
        register(office, public, DECIDED)
    assert refused(refusal) == ["FIL-18"]

    Filing.objects.filter(objections__in_publicity=True).update(state=State.OBJECTED)
    conclude(office, objection, Outcome.DISMISSED, "示例：不成立")
    assert register(office, public, DECIDED).state == State.REGISTERED


def test_a_further_objection_restarts_nothing_and_the_last_one_lets_the_case_go_on(
    office: Office, public: Filing
) -> None:
    first = object_at(public, BEGUN + timedelta(hours=1))
    second = object_at(public, BEGUN + timedelta(days=1))
    public.refresh_from_db()
    assert str(public.due_on) == "2026-12-09"
    assert public.publicity_ends_on == LAST_SECOND.date()

    conclude(office, first, Outcome.WITHDRAWN, "示例：撤回")
    public.refresh_from_db()
    assert public.state == State.OBJECTED

    conclude(office, second, Outcome.DISMISSED, "示例：不成立")
    public.refresh_from_db()
    assert public.state == State.PUBLICISED
    assert public.publicity_ends_on == LAST_SECOND.date()


@pytest.mark.parametrize("outcome", [Outcome.SUSTAINED, Outcome.REFERRED])
def test_what_stands_or_stays_in_dispute_is_refused_and_the_register_is_not_touched(
    office: Office, public: Filing, outcome: Outcome
) -> None:
    objection = object_at(public, LAST_SECOND)

    conclude(office, objection, outcome, "示例：权属有争议")

    public.refresh_from_db()
    assert (public.state, public.due_on) == (State.REFUSED, None)
    assert public.steps.latest("pk").note == f"{objection.number}: 示例：权属有争议"
    assert not DataAsset.objects.exists()


def test_an_objection_after_registration_leaves_the_case_and_the_registrant_is_notified(
    office: Office, public: Filing
) -> None:
    register(office, public, OVER)
    objection = object_at(public, DECIDED)
    assert str(objection.due_on) == "2026-12-14"

    notified = notify_registrant(objection, by=office.wang, at=DECIDED)
    assert (notified.notified_at, notified.due_on) == (DECIDED, None)
    with pytest.raises(CaseStateError):
        notify_registrant(objection, by=office.wang, at=DECIDED)

    conclude(office, objection, Outcome.SUSTAINED, "示例")
    public.refresh_from_db()
    assert public.state == State.REGISTERED


def test_only_what_is_public_or_registered_is_objected_to(office: Office) -> None:
    filing = make_complete_draft(office, make_party(office))

    with pytest.raises(CaseStateError):
        object_at(filing, BEGUN)

    assert not Objection.objects.exists()


def test_one_case_takes_a_bounded_number_of_open_objections(public: Filing) -> None:
    for minute in range(MAX_OPEN_OBJECTIONS):
        object_at(public, BEGUN + timedelta(minutes=minute))

    with pytest.raises(ObjectionRefusedError):
        object_at(public, BEGUN + timedelta(hours=1))
    at_counter, _code = receive_objection(
        public,
        SimpleUploadedFile("e.txt", b"x"),
        objector=Objector(name="示例", contact="示例"),
        ground="示例",
        at=BEGUN + timedelta(hours=1),
        at_counter=True,
    )
    assert at_counter.in_publicity


def test_an_objection_is_found_by_its_number_and_its_own_code_only(public: Filing) -> None:
    upload = SimpleUploadedFile("e.txt", b"x")
    objection, code = receive_objection(
        public, upload, objector=Objector(name="示例", contact="示例"), ground="示例", at=BEGUN
    )

    assert find_objection(objection.number, code) == objection
    assert find_objection(objection.number, "0" * 16) is None
    assert find_objection("O20261199999", code) is None
    assert code not in objection.code_sha256


def test_a_case_is_announced_through_the_last_second_of_its_publicity(public: Filing) -> None:
    assert list(notices(at=LAST_SECOND)) == [public]
    assert not notices(at=OVER).exists()

"""What the office does with an objection: two persons, other bodies' results, and who is told."""

from datetime import date, datetime, timedelta

import pypdfium2
import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from accounts.organisations import add_member, create_organisation
from accounts.roles import Role, assign_roles
from filings.application import content_digest
from filings.cases import CaseChangedError, CaseStateError, NoteMissingError
from filings.decision import approve
from filings.investigation import (
    Decided,
    begin_proceeding,
    confirm,
    inquire,
    notify_registrant,
    objection_digest,
    propose,
    send_back,
    settle_proceeding,
)
from filings.kinds import Forum, LetterKind, Outcome, Result
from filings.letter_pages import letter_pdf
from filings.letters import letters_of
from filings.messages import send_waiting
from filings.models import Filing, Message, Objection, Proceeding
from filings.objections import Objector, receive_objection
from filings.review import pass_examination, publicise
from filings.workflow import Action, State
from primitives.clock import CHINA
from primitives.rules import RulesBrokenError
from tests.factories import (
    Office,
    bring_to_examination,
    make_complete_draft,
    make_party,
    make_user,
    uscc,
)

BEGUN = datetime(2026, 11, 25, 13, tzinfo=CHINA)
OVER = datetime(2026, 12, 3, tzinfo=CHINA)
DECIDED = datetime(2026, 12, 7, 10, tzinfo=CHINA)


@pytest.fixture
def public(office: Office) -> Filing:
    filing = bring_to_examination(office, make_complete_draft(office, make_party(office)))
    pass_examination(filing, by=office.li, at=BEGUN)
    return publicise(filing, by=office.li, at=BEGUN)


@pytest.fixture
def objection(public: Filing) -> Objection:
    return object_at(public, BEGUN)


@pytest.fixture
def registered(office: Office, public: Filing) -> Filing:
    digest = content_digest(Filing.objects.get(pk=public.pk))
    return approve(public, by=office.zhao, at=OVER, shown_digest=digest)


def paper() -> SimpleUploadedFile:
    return SimpleUploadedFile("paper.txt", "示例文书".encode())


def object_at(filing: Filing, at: datetime, email: str = "") -> Objection:
    return receive_objection(
        filing,
        paper(),
        objector=Objector(name="示例甲公司", contact="示例", email=email),
        ground="示例：来源有争议",
        at=at,
    )[0]


def sue(
    office: Office, objection: Objection, at: datetime = BEGUN, forum: Forum = Forum.COURT
) -> Proceeding:
    return begin_proceeding(
        objection,
        forum=forum,
        body="示例人民法院",
        number="（2026）示例1号",
        begun_on=date(2026, 11, 20),
        by=office.li,
        at=at,
    )


def judge(office: Office, proceeding: Proceeding, result: Result, at: datetime) -> Proceeding:
    decided = Decided(
        result=result, document="（2026）示例判1号", effective_on=at.astimezone(CHINA).date()
    )
    return settle_proceeding(proceeding, decided, paper(), by=office.li, at=at)


def propose_by_li(office: Office, objection: Objection, outcome: Outcome) -> None:
    propose(objection, outcome, by=office.li, at=DECIDED, conclusion="示例结论")


def shown(objection: Objection) -> str:
    return objection_digest(Objection.objects.get(pk=objection.pk))


def confirm_by_zhao(office: Office, objection: Objection) -> Objection:
    return confirm(objection, by=office.zhao, at=DECIDED, shown_digest=shown(objection))


def refused(refusal: pytest.ExceptionInfo[RulesBrokenError]) -> list[str]:
    return [rule.number for rule in refusal.value.rules]


def test_a_proposal_changes_nothing_until_a_second_person_confirms_it(
    office: Office, public: Filing, objection: Objection
) -> None:
    propose_by_li(office, objection, Outcome.SUSTAINED)
    objection.refresh_from_db()
    public.refresh_from_db()
    assert (objection.outcome, objection.conclusion) == ("", "")
    assert public.state == State.OBJECTED

    confirm_by_zhao(office, objection)
    objection.refresh_from_db()
    public.refresh_from_db()
    assert (objection.outcome, objection.concluded_by) == (Outcome.SUSTAINED, office.zhao)
    assert public.state == State.REFUSED


def test_fil_40_who_proposed_a_conclusion_does_not_confirm_it(
    office: Office, public: Filing, objection: Objection
) -> None:
    propose_by_li(office, objection, Outcome.DISMISSED)
    assign_roles(office.li, [Role.EXAMINER, Role.APPROVER])

    with pytest.raises(RulesBrokenError) as refusal:
        confirm(objection, by=office.li, at=DECIDED, shown_digest=shown(objection))

    assert refused(refusal) == ["FIL-40"]
    public.refresh_from_db()
    assert public.state == State.OBJECTED


def test_fil_40_the_database_keeps_it_too(office: Office, objection: Objection) -> None:
    propose_by_li(office, objection, Outcome.DISMISSED)
    with pytest.raises(IntegrityError), transaction.atomic():
        objection.proposals.update(is_confirmed=True, settled_by=office.li, settled_at=DECIDED)


def test_fil_41_nobody_handles_an_objection_of_their_own_organisation(
    office: Office, objection: Objection
) -> None:
    organisation = create_organisation(name="示例甲公司", uscc=uscc(77))
    for officer in (office.li, office.zhao, office.wang):
        add_member(organisation, officer)

    with pytest.raises(RulesBrokenError) as refusal:
        propose_by_li(office, objection, Outcome.DISMISSED)
    assert refused(refusal) == ["FIL-41"]
    with pytest.raises(RulesBrokenError):
        inquire(objection, words="示例", by=office.li, at=DECIDED)
    with pytest.raises(RulesBrokenError):
        sue(office, objection)


def test_fil_9_a_member_of_an_applicant_confirms_nothing(
    office: Office, objection: Objection
) -> None:
    propose_by_li(office, objection, Outcome.DISMISSED)
    add_member(office.organisation, office.zhao)

    with pytest.raises(RulesBrokenError) as refusal:
        confirm_by_zhao(office, objection)

    assert refused(refusal) == ["FIL-9"]


def test_only_an_examiner_proposes_with_words_and_only_an_approver_confirms(
    office: Office, objection: Objection
) -> None:
    with pytest.raises(PermissionDenied):
        propose(objection, Outcome.DISMISSED, by=office.zhao, at=DECIDED, conclusion="示例")
    with pytest.raises(NoteMissingError):
        propose(objection, Outcome.DISMISSED, by=office.li, at=DECIDED, conclusion=" ")
    with pytest.raises(CaseStateError):
        confirm_by_zhao(office, objection)
    propose_by_li(office, objection, Outcome.DISMISSED)
    with pytest.raises(CaseStateError):
        propose_by_li(office, objection, Outcome.SUSTAINED)
    with pytest.raises(PermissionDenied):
        confirm(objection, by=office.li, at=DECIDED, shown_digest=shown(objection))
    confirm_by_zhao(office, objection)
    with pytest.raises(CaseStateError):
        confirm_by_zhao(office, objection)


def test_a_confirmation_binds_to_what_was_shown(office: Office, objection: Objection) -> None:
    propose_by_li(office, objection, Outcome.DISMISSED)
    before = shown(objection)
    inquire(objection, words="示例：新的笔录", paper=paper(), by=office.li, at=DECIDED)

    with pytest.raises(CaseChangedError):
        confirm(objection, by=office.zhao, at=DECIDED, shown_digest=before)

    assert confirm_by_zhao(office, objection).outcome == Outcome.DISMISSED


@pytest.mark.parametrize("change", ["propose", "begin", "settle", "case"])
def test_whatever_the_page_shows_is_in_the_digest(
    office: Office, public: Filing, objection: Objection, change: str
) -> None:
    mediation = sue(office, objection, forum=Forum.MEDIATION)
    before = shown(objection)
    match change:
        case "propose":
            propose_by_li(office, objection, Outcome.DISMISSED)
        case "begin":
            sue(office, objection)
        case "settle":
            judge(office, mediation, Result.SETTLED, DECIDED)
        case "case":
            Filing.objects.filter(pk=public.pk).update(size_bytes=public.size_bytes + 1)
    assert shown(objection) != before


def test_what_is_sent_back_with_a_reason_is_proposed_anew(
    office: Office, objection: Objection
) -> None:
    propose_by_li(office, objection, Outcome.DISMISSED)
    with pytest.raises(NoteMissingError):
        send_back(objection, by=office.zhao, at=DECIDED, reason=" ")
    send_back(objection, by=office.zhao, at=DECIDED, reason="示例：再查合同")
    with pytest.raises(CaseStateError):
        confirm_by_zhao(office, objection)

    propose_by_li(office, objection, Outcome.SUSTAINED)
    assert confirm_by_zhao(office, objection).outcome == Outcome.SUSTAINED
    kept = objection.proposals.order_by("pk").values_list("is_confirmed", "reason")
    assert list(kept) == [(False, "示例：再查合同"), (True, "")]


@pytest.mark.parametrize("forum", [Forum.ARBITRATION, Forum.COURT])
def test_a_pending_arbitration_or_suit_stops_the_clock_and_its_result_ends_the_stop(
    office: Office, public: Filing, objection: Objection, forum: Forum
) -> None:
    public.refresh_from_db()
    assert (str(public.due_on), str(objection.due_on)) == ("2026-12-09", "2026-12-09")
    proceeding = sue(office, objection, BEGUN + timedelta(days=1), forum)
    public.refresh_from_db()
    objection.refresh_from_db()
    assert (public.state, public.due_on, objection.due_on) == (State.OBJECTED, None, None)
    assert str(public.publicity_ends_on) == "2026-12-02"

    judge(office, proceeding, Result.REJECTED, datetime(2026, 12, 11, 17, tzinfo=CHINA))
    public.refresh_from_db()
    objection.refresh_from_db()
    # One day had run, on 26 November; nine are left from Monday the 14th on.
    assert str(public.due_on) == str(objection.due_on) == "2026-12-24"


def test_time_runs_again_only_when_the_last_result_is_known(
    office: Office, public: Filing, objection: Objection
) -> None:
    first, second = sue(office, objection, forum=Forum.ARBITRATION), sue(office, objection)
    judge(office, first, Result.REJECTED, DECIDED)
    public.refresh_from_db()
    assert public.due_on is None
    judge(office, second, Result.REJECTED, DECIDED)
    public.refresh_from_db()
    assert str(public.due_on) == "2026-12-21"


def test_a_mediation_stops_no_clock_and_binds_nobody(
    office: Office, public: Filing, objection: Objection
) -> None:
    mediation = sue(office, objection, forum=Forum.MEDIATION)
    public.refresh_from_db()
    assert str(public.due_on) == "2026-12-09"
    judge(office, mediation, Result.UPHELD, DECIDED)
    propose_by_li(office, objection, Outcome.DISMISSED)


def test_fil_42_while_a_result_is_awaited_an_objection_is_only_referred(
    office: Office, public: Filing, objection: Objection
) -> None:
    sue(office, objection)
    for outcome in (Outcome.SUSTAINED, Outcome.DISMISSED, Outcome.WITHDRAWN):
        with pytest.raises(RulesBrokenError) as refusal:
            propose_by_li(office, objection, outcome)
        assert refused(refusal) == ["FIL-42"]

    propose_by_li(office, objection, Outcome.REFERRED)
    confirm_by_zhao(office, objection)
    public.refresh_from_db()
    assert public.state == State.REFUSED


def test_fil_42_a_suit_that_begins_after_the_proposal_holds_the_confirmation(
    office: Office, objection: Objection
) -> None:
    propose_by_li(office, objection, Outcome.DISMISSED)
    sue(office, objection, DECIDED)
    with pytest.raises(RulesBrokenError) as refusal:
        confirm_by_zhao(office, objection)
    assert refused(refusal) == ["FIL-42"]


@pytest.mark.parametrize(
    ("result", "barred", "allowed"),
    [
        (Result.UPHELD, Outcome.DISMISSED, Outcome.SUSTAINED),
        (Result.REJECTED, Outcome.SUSTAINED, Outcome.DISMISSED),
    ],
)
def test_fil_43_the_conclusion_follows_the_effective_award_or_judgment(
    office: Office, objection: Objection, result: Result, barred: Outcome, allowed: Outcome
) -> None:
    judge(office, sue(office, objection), result, DECIDED)
    with pytest.raises(RulesBrokenError) as refusal:
        propose_by_li(office, objection, barred)
    assert refused(refusal) == ["FIL-43"]

    propose_by_li(office, objection, allowed)
    assert confirm_by_zhao(office, objection).outcome == allowed


def test_a_result_is_entered_once_with_its_document_and_not_before_it_takes_effect(
    office: Office, objection: Objection
) -> None:
    proceeding = sue(office, objection)
    for day in (date(2026, 11, 19), date(2026, 12, 8)):
        decided = Decided(result=Result.UPHELD, document="示例", effective_on=day)
        with pytest.raises(CaseStateError):
            settle_proceeding(proceeding, decided, paper(), by=office.li, at=DECIDED)
    judge(office, proceeding, Result.UPHELD, DECIDED)
    with pytest.raises(CaseStateError):
        judge(office, proceeding, Result.REJECTED, DECIDED)
    kept = Proceeding.objects.get()
    assert (kept.result, kept.document, kept.settled_by) == (
        Result.UPHELD,
        "（2026）示例判1号",
        office.li,
    )
    assert kept.paper is not None


def test_art_29_the_registrant_is_notified_of_a_later_objection_by_a_letter_and_a_message(
    office: Office, registered: Filing
) -> None:
    objection = object_at(registered, DECIDED)
    before = Message.objects.filter(recipient=office.alice).count()
    notified = notify_registrant(objection, by=office.wang, at=DECIDED)
    assert (notified.notified_at, notified.due_on) == (DECIDED, None)

    registered.refresh_from_db()
    assert registered.state == State.REGISTERED
    letter = letters_of(registered).last()
    assert letter is not None
    assert (letter.kind, letter.step.action) == (LetterKind.LATER, Action.NOTIFY_OBJECTION)
    for language, title in (("zh-hans", "第29条"), ("en", "Notice of a later objection")):
        text = words(letter_pdf(letter, language=language))
        assert "示例：来源有争议" in text
        assert objection.number in text
        assert title in text
    assert Message.objects.filter(recipient=office.alice).count() == before + 1
    with pytest.raises(CaseStateError):
        notify_registrant(objection, by=office.wang, at=DECIDED)


def words(pdf: bytes) -> str:
    pages = pypdfium2.PdfDocument(pdf)
    return "".join(page.get_textpage().get_text_bounded() for page in pages)


def test_a_later_objection_is_concluded_by_a_letter_and_the_register_is_not_touched(
    office: Office, registered: Filing
) -> None:
    objection = object_at(registered, DECIDED)
    entry = Filing.objects.get(pk=registered.pk).entry_id
    propose_by_li(office, objection, Outcome.SUSTAINED)
    zhao = make_user("sun", Role.APPROVER)
    confirm(objection, by=zhao, at=DECIDED, shown_digest=shown(objection))

    registered.refresh_from_db()
    assert (registered.state, registered.entry_id) == (State.REGISTERED, entry)
    letter = letters_of(registered).last()
    assert letter is not None
    assert letter.kind == LetterKind.CONCLUSION


def test_both_sides_are_told_of_every_step_and_the_objector_by_e_mail_if_they_gave_one(
    office: Office, public: Filing
) -> None:
    office.alice.email = "alice@example.com"
    office.alice.save()
    objection = object_at(public, BEGUN, email="objector@example.com")
    object_at(public, BEGUN, email="other@example.com")
    proceeding = sue(office, objection)
    judge(office, proceeding, Result.REJECTED, DECIDED)
    propose_by_li(office, objection, Outcome.DISMISSED)
    confirm_by_zhao(office, objection)
    while send_waiting(at=DECIDED)[0]:
        pass

    told = [
        Action.OBJECT,
        Action.AWAIT_RESULT,
        Action.RECORD_RESULT,
        Action.CONCLUDE_OBJECTION,
    ]
    mine = Message.objects.filter(objection=objection).order_by("pk")
    assert [message.step.action for message in mine] == told
    hers = Message.objects.filter(recipient=office.alice, step__action__in=told)
    assert [message.step.action for message in hers.order_by("pk")] == told
    to_objector = [letter for letter in mail.outbox if letter.to == ["objector@example.com"]]
    assert len(to_objector) == len(told)
    for letter in to_objector:
        assert objection.number in letter.body
        assert "/objections/" in letter.body
        assert "示例：来源有争议" not in letter.body
    others = [letter for letter in mail.outbox if letter.to == ["other@example.com"]]
    assert len(others) == 1


def test_after_registration_who_rejects_the_conclusion_may_go_to_court_and_its_result_is_kept(
    office: Office, registered: Filing
) -> None:
    objection = object_at(registered, DECIDED)
    propose_by_li(office, objection, Outcome.DISMISSED)
    sun = make_user("sun", Role.APPROVER)
    confirm(objection, by=sun, at=DECIDED, shown_digest=shown(objection))

    suit = judge(office, sue(office, objection, DECIDED), Result.UPHELD, DECIDED)
    assert suit.result == Result.UPHELD
    actions = list(registered.steps.order_by("-pk").values_list("action", flat=True)[:2])
    assert actions == [Action.RECORD_RESULT, Action.AWAIT_RESULT]


def test_of_a_refused_case_nothing_is_disputed_any_more(
    office: Office, objection: Objection
) -> None:
    propose_by_li(office, objection, Outcome.SUSTAINED)
    confirm_by_zhao(office, objection)
    with pytest.raises(CaseStateError):
        sue(office, objection, DECIDED)

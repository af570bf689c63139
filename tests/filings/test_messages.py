"""Messages to applicants: one for each step, to whoever may follow the case, sent once."""

from datetime import timedelta
from io import StringIO
from unittest.mock import patch

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.management import call_command

from accounts.models import User
from accounts.organisations import add_member, create_organisation
from accounts.permissions import allow, disallow
from accounts.roles import Role
from filings.messages import MOST_ATTEMPTS, PAUSE_AFTER_FAILURE, VIEW, send_waiting
from filings.models import Filing, Message
from filings.review import accept, request_correction
from filings.submission import submit
from registry.models import Party
from tests.factories import NOON, Office, make_complete_draft, make_party, make_user, sign_in, uscc

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(office: Office) -> Party:
    User.objects.filter(pk=office.alice.pk).update(email="alice@example.org")
    return make_party(office)


def test_every_step_tells_everyone_who_may_follow_the_case_but_who_took_it(
    office: Office, company: Party
) -> None:
    erik = make_user("erik", Role.ENTERPRISE)
    partner = create_organisation(name="示例合作有限公司", uscc=uscc(5))
    add_member(partner, erik)
    filing = make_complete_draft(office, company)
    allow(partner.group, VIEW, filing)

    submit(filing, by=office.alice, at=NOON)
    assert {row.recipient for row in Message.objects.all()} == {erik}
    request_correction(filing, by=office.wang, at=NOON, note="示例：缺少身份证明")

    latest = filing.steps.latest("pk")
    assert {row.recipient for row in latest.messages.all()} == {office.alice, erik}


def test_a_case_that_no_account_follows_is_told_to_nobody(office: Office, company: Party) -> None:
    filing = make_complete_draft(office, company)
    disallow(office.organisation.group, VIEW, filing)
    Filing.objects.filter(pk=filing.pk).update(organisation=None)
    submit(Filing.objects.get(pk=filing.pk), by=office.wang, at=NOON)
    assert User.objects.filter(organisations=None).exists()  # officers, who were once told
    assert not Message.objects.exists()


def test_a_step_that_is_refused_tells_nobody(office: Office, company: Party) -> None:
    filing = make_complete_draft(office, company)
    filing.papers.all().delete()
    with pytest.raises(Exception, match="FIL-1"):
        submit(filing, by=office.wang, at=NOON)
    assert not Message.objects.exists()


def test_a_message_is_sent_once_in_both_languages_and_holds_no_ground(
    office: Office, company: Party
) -> None:
    filing = make_complete_draft(office, company)
    submit(filing, by=office.wang, at=NOON)
    request_correction(filing, by=office.wang, at=NOON, note="示例：某人的身份证明不清")

    assert send_waiting(at=NOON) == (2, 0)
    assert send_waiting(at=NOON + timedelta(days=1)) == (0, 0)

    sent = mail.outbox[-1]
    assert sent.to == ["alice@example.org"]
    assert filing.number in sent.subject
    assert "告知补正" in sent.subject
    assert "Request correction" in sent.subject
    assert f"/desk/cases/{filing.number}/" in sent.body
    assert "某人" not in sent.body
    assert company.name not in sent.body


def test_a_mail_server_that_is_down_loses_no_message(office: Office, company: Party) -> None:
    submit(make_complete_draft(office, company), by=office.wang, at=NOON)
    with patch.object(EmailMessage, "send", side_effect=ConnectionRefusedError):
        assert send_waiting(at=NOON) == (0, 1)
        assert send_waiting(at=NOON) == (0, 0)  # not at once again

    assert send_waiting(at=NOON + PAUSE_AFTER_FAILURE) == (1, 0)


def test_an_address_that_is_none_does_not_stop_the_others(office: Office, company: Party) -> None:
    User.objects.filter(pk=office.alice.pk).update(email="alice@example.org\nBcc: x@example.org")
    bob = make_user("bob", Role.ENTERPRISE)
    User.objects.filter(pk=bob.pk).update(email="bob@example.org")
    add_member(office.organisation, bob)
    submit(make_complete_draft(office, company), by=office.wang, at=NOON)

    assert send_waiting(at=NOON) == (1, 1)
    assert [sent.to for sent in mail.outbox] == [["bob@example.org"]]


def test_an_address_that_never_answers_is_given_up(office: Office, company: Party) -> None:
    submit(make_complete_draft(office, company), by=office.wang, at=NOON)
    with patch.object(EmailMessage, "send", side_effect=ConnectionRefusedError):
        tries = [send_waiting(at=NOON + PAUSE_AFTER_FAILURE * n) for n in range(MOST_ATTEMPTS + 2)]
    assert sum(failed for _sent, failed in tries) == MOST_ATTEMPTS


def test_whoever_has_no_address_reads_messages_at_the_desk(office: Office) -> None:
    filing = make_complete_draft(office, make_party(office))
    submit(filing, by=office.wang, at=NOON)
    accept(filing, by=office.wang, at=NOON)
    assert send_waiting(at=NOON) == (0, 0)
    client = sign_in(office.alice)
    client.cookies["django_language"] = "en"

    before = client.get("/desk/").content.decode()
    assert before.count('state-unproven">new') == 2
    assert 'state-unproven">new' not in sign_in(office.charlie).get("/desk/").content.decode()
    client.get(f"/desk/cases/{filing.number}/")
    assert 'state-unproven">new' not in client.get("/desk/").content.decode()


def test_the_command_says_what_it_sent(office: Office, company: Party) -> None:
    submit(make_complete_draft(office, company), by=office.wang, at=NOON)
    said = StringIO()
    call_command("send_messages", stdout=said)
    assert said.getvalue().strip() == "Sent 1 messages; 0 could not be sent and wait."
    assert Filing.objects.count() == 1

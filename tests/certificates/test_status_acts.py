"""CER rules and the acts on a certificate: dated, by two persons, and never undone in silence."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction

from audit.register import compare_register
from certificates.documents.ordering import Order, order
from certificates.entries import certificate_key
from certificates.history import history
from certificates.issuance import issue_waiting
from certificates.models import (
    Certificate,
    CertificateEvent,
    Document,
    DocumentKind,
    EventGround,
    EventKind,
    Issued,
)
from certificates.queries import read_certificate
from certificates.status import Status, standings, status_at
from certificates.status_acts import (
    EVENT_RULES,
    EventFacts,
    ProposalStateError,
    Successor,
    Wish,
    confirm,
    possible_events,
    propose,
    refuse,
)
from certificates.verification import verify_file
from ledger import guards
from ledger.models import Entry
from primitives.rules import RulesBrokenError, broken
from registry.models import Party
from rights.kinds import RightKind
from tests.certificates.test_status import transfer
from tests.factories import NOON, Office, make_party, register_asset
from tests.titles import Estate
from verifier.verdict import Outcome

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)
LATER = NOON + 30 * DAY
FACTS = EventFacts(
    kind=EventKind.SUSPENDED,
    ground=EventGround.ORDER,
    proposed_by="U-1",
    decided_by="U-2",
    is_issued=True,
    last=None,
    not_before=NOON,
    effective_at=LATER,
    entered_at=LATER,
    successor=None,
)
SUCCESSOR = Successor(is_issued_certificate=True, is_of_same_asset=True, is_later=True)
SUPERSEDING = replace(
    FACTS,
    kind=EventKind.SUPERSEDED,
    ground=EventGround.NEW_CERTIFICATE,
    successor=SUCCESSOR,
)
GROUND_OF = {
    EventKind.SUSPENDED: EventGround.OBJECTION,
    EventKind.RESTORED: EventGround.GROUND_ENDED,
    EventKind.REVOKED: EventGround.UNTRUE,
}


def numbers(facts: EventFacts) -> list[str]:
    return [rule.number for rule in broken(EVENT_RULES, facts)]


@pytest.fixture
def certificate(office: Office) -> Certificate:
    register_asset(office, make_party(office))
    issue_waiting(at=NOON)
    return Certificate.objects.get()


def changed(office: Office, certificate: Certificate, *, at: datetime) -> Document:
    """Return the certificate after a transfer of the right to hold."""
    giver = Party.objects.get(shares__interest__kind=RightKind.HOLD)
    taker = make_party(office, 2)
    transfer(office, certificate.asset, RightKind.HOLD, giver, taker, at=at)
    issue_waiting(at=at)
    return Document.objects.get(kind=DocumentKind.TITLE)


def decide(
    office: Office, certificate: Issued, kind: EventKind, at: datetime, **changes: Any
) -> CertificateEvent:
    wish = Wish(kind=kind, ground=GROUND_OF[kind], **changes)
    decided = confirm(propose(certificate, wish, by=office.wang, at=at), by=office.zhao, at=at)
    assert decided.event
    return decided.event


def refused(act: Any) -> list[str]:
    with pytest.raises(RulesBrokenError) as refusal:
        act()
    return [rule.number for rule in refusal.value.rules]


def test_nothing_stands_against_a_due_suspension_or_supersession() -> None:
    assert numbers(FACTS) == numbers(SUPERSEDING) == []


def test_cer_1_whoever_proposed_does_not_decide() -> None:
    assert numbers(replace(FACTS, decided_by="U-1")) == ["CER-1"]


def test_cer_2_nothing_happens_to_what_is_not_issued() -> None:
    assert numbers(replace(FACTS, is_issued=False)) == ["CER-2"]


@pytest.mark.parametrize("kind", GROUND_OF)
def test_cer_3_a_revoked_certificate_is_never_restored_nor_changed(kind: EventKind) -> None:
    facts = replace(FACTS, kind=kind, ground=GROUND_OF[kind], last=EventKind.REVOKED)
    assert numbers(facts) == ["CER-3"]


@pytest.mark.parametrize(
    ("last", "kind"),
    [
        (EventKind.SUSPENDED, EventKind.SUSPENDED),
        (None, EventKind.RESTORED),
        (EventKind.RESTORED, EventKind.RESTORED),
        (EventKind.SUPERSEDED, EventKind.RESTORED),
        (EventKind.SUPERSEDED, EventKind.SUSPENDED),
    ],
)
def test_cer_4_an_event_follows_from_the_last(last: EventKind | None, kind: EventKind) -> None:
    assert numbers(replace(FACTS, kind=kind, ground=GROUND_OF[kind], last=last)) == ["CER-4"]


def test_cer_5_no_event_takes_effect_before_the_last_one() -> None:
    revoked = replace(FACTS, kind=EventKind.REVOKED, effective_at=LATER - DAY)
    assert numbers(replace(revoked, not_before=LATER - DAY)) == []
    assert numbers(replace(revoked, not_before=LATER)) == ["CER-5"]


def test_cer_6_only_a_revocation_reaches_back_and_nothing_ahead() -> None:
    assert numbers(replace(FACTS, effective_at=LATER - DAY)) == ["CER-6"]
    assert numbers(replace(FACTS, effective_at=LATER + DAY)) == ["CER-6"]
    revoked = replace(FACTS, kind=EventKind.REVOKED)
    assert numbers(replace(revoked, effective_at=LATER - DAY)) == []
    assert numbers(replace(revoked, effective_at=LATER + DAY)) == ["CER-6"]


@pytest.mark.parametrize(
    "successor",
    [
        None,
        replace(SUCCESSOR, is_issued_certificate=False),
        replace(SUCCESSOR, is_of_same_asset=False),
        replace(SUCCESSOR, is_later=False),
    ],
)
def test_cer_7_what_supersedes_is_a_later_certificate_of_the_same_asset(
    successor: Successor | None,
) -> None:
    assert numbers(replace(SUPERSEDING, successor=successor)) == ["CER-7"]
    assert numbers(replace(FACTS, successor=SUCCESSOR)) == ["CER-7"]


def test_cer_8_a_ground_bears_its_own_events_only() -> None:
    assert numbers(replace(FACTS, ground=EventGround.GROUND_ENDED)) == ["CER-8"]
    assert numbers(replace(SUPERSEDING, ground=EventGround.ORDER)) == ["CER-8"]


def test_a_certificate_is_suspended_restored_and_revoked_each_from_its_day(
    office: Office, certificate: Certificate
) -> None:
    decide(office, certificate, EventKind.SUSPENDED, LATER, words="示例：异议审查中")
    decide(office, certificate, EventKind.RESTORED, LATER + DAY)
    decide(office, certificate, EventKind.REVOKED, LATER + 2 * DAY)

    found = [status_at(certificate, LATER + days * DAY) for days in (-1, 0, 1, 2, 300)]
    assert found == [
        Status.IN_FORCE,
        Status.SUSPENDED,
        Status.IN_FORCE,
        Status.REVOKED,
        Status.REVOKED,
    ]
    [(_certificate, standing)] = standings([certificate])
    assert standing.since(LATER + 300 * DAY) == LATER + 2 * DAY
    assert possible_events(certificate) == []
    entry = Entry.objects.filter(kind="certificate.status/1").latest("pk")
    assert (entry.actor, entry.officer) == (office.wang.reference, office.zhao.reference)
    assert list(compare_register()) == []
    told = history(certificate, LATER + DAY)
    assert told.sentence == (
        "Correct when issued on 2026-11-25 12:00. Since then: 2026-12-25 12:00 suspended "
        "(Objection to what it states: 示例：异议审查中); 2026-12-26 12:00 restored "
        "(The ground of the suspension has ended)."
    )
    # What it states was untrue: nobody says any more that it was correct.
    assert history(certificate, LATER + 3 * DAY).sentence.startswith("Issued on ")


def test_a_revocation_that_reaches_back_says_so(office: Office, certificate: Certificate) -> None:
    event = decide(office, certificate, EventKind.REVOKED, LATER, effective_at=NOON + 5 * DAY)

    assert status_at(certificate, NOON + 4 * DAY) is Status.IN_FORCE
    assert status_at(certificate, NOON + 5 * DAY) is Status.REVOKED
    assert event.entry.recorded_at == LATER
    line = history(certificate, LATER).lines[-1]
    assert line.reaches_back
    assert "2026-11-30 12:00 revoked, entered on 2026-12-25 12:00" in str(line)


def test_a_certificate_after_a_change_supersedes_the_one_before(office: Office) -> None:
    anne, ben = make_party(office, 1), make_party(office, 2)
    asset = register_asset(office, anne)
    issue_waiting(at=NOON)
    certificate = Certificate.objects.get()
    transfer(office, asset, RightKind.HOLD, anne, ben)
    assert status_at(certificate, LATER) is Status.CHANGED

    issue_waiting(at=LATER + DAY)

    later = Document.objects.get(kind=DocumentKind.TITLE)
    event = CertificateEvent.objects.get()
    assert (event.kind, event.successor) == (EventKind.SUPERSEDED, later)
    assert status_at(certificate, LATER) is Status.CHANGED
    assert status_at(certificate, LATER + DAY) is Status.SUPERSEDED
    assert f"superseded by certificate {later.number}" in history(certificate, LATER + DAY).sentence
    assert list(compare_register()) == []


def test_a_certificate_after_a_change_is_suspended_restored_and_revoked_like_the_first(
    office: Office, certificate: Certificate
) -> None:
    later = changed(office, certificate, at=LATER)
    assert possible_events(later) == [EventKind.SUSPENDED, EventKind.REVOKED, EventKind.SUPERSEDED]
    decide(office, later, EventKind.SUSPENDED, LATER + DAY)
    assert refused(lambda: decide(office, later, EventKind.SUSPENDED, LATER + DAY)) == ["CER-4"]
    decide(office, later, EventKind.RESTORED, LATER + 2 * DAY)
    decide(office, later, EventKind.REVOKED, LATER + 3 * DAY)

    found = [status_at(later, LATER + days * DAY) for days in range(4)]
    assert found == [Status.IN_FORCE, Status.SUSPENDED, Status.IN_FORCE, Status.REVOKED]
    assert [status_at(certificate, LATER + days * DAY) for days in (1, 3)] == [
        Status.SUPERSEDED
    ] * 2
    said = history(later, LATER + 2 * DAY).sentence
    assert "suspended (Objection to what it states)" in said
    assert "restored" in said
    judged = verify_file(read_certificate(later), proof=None, at=LATER + DAY)
    assert (judged.status, judged.outcome) == (Status.SUSPENDED, Outcome.INVALID)
    assert judged.status_when_sealed is Status.IN_FORCE
    assert judged.since
    assert "suspended" in judged.since.en
    entry = CertificateEvent.objects.filter(document=later).latest("number").entry
    assert certificate_key(later.number) in entry.keys.values_list("key", flat=True)
    assert list(compare_register()) == []


def test_an_extract_has_no_status_and_nothing_is_decided_about_it(
    office: Office, certificate: Certificate
) -> None:
    extract = order(
        Order(kind=DocumentKind.STATUS, asset=certificate.asset, as_of=NOON), by=None, at=NOON
    )
    issue_waiting(at=NOON)
    extract.refresh_from_db()

    assert possible_events(extract) == []
    assert refused(lambda: decide(office, extract, EventKind.SUSPENDED, LATER)) == ["CER-2"]


def test_the_database_takes_no_event_that_is_about_two_or_about_none(
    office: Office, certificate: Certificate
) -> None:
    event = decide(office, certificate, EventKind.SUSPENDED, LATER)
    event.pk, event.certificate, event.number = None, None, 2
    with pytest.raises(IntegrityError), transaction.atomic():
        event.save()


def test_a_revoked_certificate_is_superseded_by_nothing(office: Office) -> None:
    anne, ben = make_party(office, 1), make_party(office, 2)
    asset = register_asset(office, anne)
    issue_waiting(at=NOON)
    certificate = Certificate.objects.get()
    decide(office, certificate, EventKind.REVOKED, NOON + DAY)
    transfer(office, asset, RightKind.HOLD, anne, ben)

    issue_waiting(at=LATER + DAY)

    assert Document.objects.get(kind=DocumentKind.TITLE).entry
    assert status_at(certificate, LATER + 2 * DAY) is Status.REVOKED


def test_one_person_alone_does_nothing(office: Office, certificate: Certificate) -> None:
    wish = Wish(kind=EventKind.SUSPENDED, ground=EventGround.ORDER)
    with pytest.raises(PermissionDenied):
        propose(certificate, wish, by=office.zhao, at=LATER)
    proposal = propose(certificate, wish, by=office.wang, at=LATER)
    with pytest.raises(PermissionDenied):
        confirm(proposal, by=office.wang, at=LATER)
    with pytest.raises(ProposalStateError):
        propose(certificate, wish, by=office.wang, at=LATER)
    refuse(proposal, by=office.zhao, at=LATER)
    with pytest.raises(ProposalStateError):
        confirm(proposal, by=office.zhao, at=LATER)
    assert not CertificateEvent.objects.exists()
    propose(certificate, wish, by=office.wang, at=LATER)


def test_what_a_rule_forbids_is_not_even_proposed(office: Office, certificate: Certificate) -> None:
    wish = Wish(kind=EventKind.RESTORED, ground=EventGround.ORDER, effective_at=NOON - DAY)

    asked = refused(lambda: propose(certificate, wish, by=office.wang, at=LATER))

    assert asked == ["CER-4", "CER-5", "CER-6"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE certificates_certificateevent SET kind = 'RESTORED'",
        "DELETE FROM certificates_certificateevent",
    ],
)
def test_the_database_changes_no_event(
    office: Office, certificate: Certificate, change: str
) -> None:
    decide(office, certificate, EventKind.REVOKED, LATER)

    refusal = pytest.raises(DatabaseError, match="append-only")
    with refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM certificates_statusproposal")
        cursor.execute(change)


def test_a_freeze_is_a_note_and_takes_no_certificate_out_of_force(office: Office) -> None:
    title = Estate(office)
    issue_waiting(at=title.start)
    certificate = Certificate.objects.get()
    frozen = title.right().reference
    title.freeze(3, frozen)

    for day, count in ((2, 0), (4, 1)):
        at = title.start + day * DAY
        assert len(history(certificate, at).notes) == count
        assert status_at(certificate, at) is Status.IN_FORCE
    [note] = history(certificate, title.start + 4 * DAY).notes
    assert frozen in note
    assert note.endswith("A freeze does not change the certificate's status.")


def test_an_event_that_was_made_up_or_changed_is_a_finding(
    office: Office, certificate: Certificate
) -> None:
    event = decide(office, certificate, EventKind.SUSPENDED, LATER)
    guards.remove(connection)
    CertificateEvent.objects.update(ground=EventGround.ORDER)
    guards.install(connection)

    [finding] = compare_register()
    assert (finding.table, finding.pk) == ("certificates_certificateevent", str(event.pk))
    assert finding.column == "ground"

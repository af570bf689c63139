"""Organisations keep their own members, and nobody else's."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from accounts.invitations import (
    accept_invitation,
    end_membership,
    invite,
    open_invitation,
    set_administrator,
    token_of,
)
from accounts.models import AccountEvent, EventKind, Invitation, Membership, Organisation, User
from accounts.organisations import add_member, is_member
from accounts.roles import Role, roles_of
from primitives.clock import now_utc
from tests.factories import NOON, PASSWORD, Office, make_user, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(office: Office) -> Client:
    """The administrator of the organisation."""
    add_member(office.organisation, office.alice, is_administrator=True)
    return sign_in(office.alice)


def page(organisation: Organisation) -> str:
    return reverse("web:members", args=[organisation.uscc])


def member_page(organisation: Organisation, user: User) -> str:
    return reverse("web:change-member", args=[organisation.uscc, user.reference])


def others(office: Office) -> Organisation:
    return Organisation.objects.exclude(pk=office.organisation.pk).get()


def link_of_mail() -> str:
    found = re.search(r"http://\S+?(/desk/invitations/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def test_an_invited_person_with_an_account_accepts_once(office: Office, alice: Client) -> None:
    alice.post(page(office.organisation), {"email": "bob@example.org"}, HTTP_HOST="localhost")
    assert "http://127.0.0.1:8000/desk/" in str(mail.outbox[-1].body)
    link = link_of_mail()
    bob = make_user("bob")
    client = sign_in(bob)
    assert client.get(link).status_code == 200
    assert not is_member(bob, office.organisation)

    client.post(link)
    assert is_member(bob, office.organisation)
    assert roles_of(bob) == {Role.ENTERPRISE}
    assert sign_in(office.charlie).post(link).status_code == 404
    kinds = list(AccountEvent.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == [EventKind.INVITED, EventKind.JOINED]


def test_an_invited_person_without_an_account_makes_one(office: Office, alice: Client) -> None:
    alice.post(page(office.organisation), {"email": "bob@example.org"})
    data = {"username": "bob", "first_name": "示例", "password1": PASSWORD, "password2": PASSWORD}
    more = {"is_staff": "on", "is_superuser": "on", "groups": "1", "email": "evil@example.org"}
    client = Client()
    assert client.get(link_of_mail()).status_code == 200
    client.post(link_of_mail(), {**data, **more})

    bob = User.objects.get(username="bob")
    assert is_member(bob, office.organisation)
    assert (bob.is_staff, bob.is_superuser, bob.email) == (False, False, "bob@example.org")
    assert roles_of(bob) == {Role.ENTERPRISE}


def test_a_forged_or_late_link_does_not_work(office: Office, alice: Client) -> None:
    invitation = invite(office.organisation, "bob@example.org", by=office.alice, at=NOON)
    token = token_of(invitation)
    assert open_invitation(token, at=NOON) == invitation
    assert open_invitation(token, at=NOON + timedelta(days=8)) is None
    assert open_invitation(f"{invitation.pk}:x", at=NOON) is None
    assert open_invitation("1", at=NOON) is None


def test_an_officer_accepts_no_invitation(office: Office, alice: Client) -> None:
    invitation = invite(office.organisation, "li@example.org", by=office.alice, at=NOON)
    with pytest.raises(ValidationError):
        accept_invitation(invitation, office.li, at=NOON)


def test_idor_nobody_keeps_the_members_of_another_organisation(
    office: Office, alice: Client
) -> None:
    other = others(office)
    missing = reverse("web:members", args=["91370100MA0000000X"])
    answers = [alice.get(page(other)), alice.get(missing)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert alice.post(page(other), {"email": "x@example.org"}).status_code == 404
    assert alice.post(member_page(other, office.charlie), {"change": "remove"}).status_code == 404
    # A member of another organisation is not reached through one's own.
    address = member_page(office.organisation, office.charlie)
    assert alice.post(address, {"change": "remove"}).status_code == 404
    assert is_member(office.charlie, other)
    assert not Invitation.objects.exists()
    assert not mail.outbox
    with pytest.raises(PermissionDenied):
        invite(other, "x@example.org", by=office.alice, at=NOON)


def test_an_ordinary_member_keeps_no_members(office: Office) -> None:
    assert sign_in(office.alice).get(page(office.organisation)).status_code == 404


def test_the_last_administrator_stays(office: Office, alice: Client) -> None:
    bob = make_user("bob", Role.ENTERPRISE)
    add_member(office.organisation, bob)
    for change in ("remove", "member"):
        alice.post(member_page(office.organisation, office.alice), {"change": change})
    mine = Membership.objects.get(user=office.alice)
    assert mine.is_administrator

    alice.post(member_page(office.organisation, bob), {"change": "administrator"})
    alice.post(member_page(office.organisation, office.alice), {"change": "remove"})
    assert not is_member(office.alice, office.organisation)
    assert alice.get(page(office.organisation)).status_code == 404
    lines = AccountEvent.objects.order_by("pk").values_list("kind", "by", "about")
    assert list(lines) == [
        (EventKind.ADMINISTRATOR_MADE, office.alice.pk, bob.pk),
        (EventKind.LEFT, office.alice.pk, office.alice.pk),
    ]


def test_an_inactive_administrator_does_not_count(office: Office, alice: Client) -> None:
    bob = make_user("bob", Role.ENTERPRISE)
    add_member(office.organisation, bob, is_administrator=True)
    User.objects.filter(pk=bob.pk).update(is_active=False)
    mine = Membership.objects.get(user=office.alice)
    with pytest.raises(ValidationError):
        set_administrator(mine, to=False, by=office.alice, at=now_utc())
    with pytest.raises(ValidationError):
        end_membership(mine, by=office.alice, at=now_utc())

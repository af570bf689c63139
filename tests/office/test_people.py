import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from accounts.api_keys import find_api_key
from accounts.models import ApiKey, Membership, Organisation, RoleProposal, User
from accounts.organisations import is_member
from accounts.proposals import confirm
from accounts.roles import Role, roles_of
from tests.factories import NOON, PASSWORD, Office, make_user, uscc
from tests.office.pages import SignIn, said


@pytest.fixture
def administrator(office: Office, sign_in: SignIn) -> Client:
    return sign_in(make_user("root", Role.SYSTEM_ADMINISTRATOR))


def user_page(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[user.pk])


def form(user: User, *roles: Role) -> dict[str, object]:
    return {"username": user.username, "first_name": "示例", "is_active": "on", "roles": roles}


def test_people_outside_the_office_cannot_enter(office: Office, sign_in: SignIn) -> None:
    response = sign_in(office.alice).get(reverse("admin:index"))
    assert response.status_code == 302
    assert reverse("admin:login") in response.headers["Location"]


def test_someone_with_no_office_role_left_cannot_enter(
    office: Office, administrator: Client, sign_in: SignIn
) -> None:
    administrator.post(user_page(office.li), form(office.li))
    assert sign_in(office.li).get(reverse("admin:index")).status_code == 302


def test_the_system_administrator_proposes_roles(office: Office, administrator: Client) -> None:
    administrator.post(user_page(office.li), form(office.li, Role.EXAMINER, Role.APPROVER))
    assert roles_of(office.li) == {Role.EXAMINER}
    assert RoleProposal.objects.get().roles == [Role.APPROVER]


def test_roles_that_exclude_one_another_are_refused_with_the_rule(
    office: Office, administrator: Client
) -> None:
    response = administrator.post(user_page(office.li), form(office.li, Role.EXAMINER, Role.BANK))
    assert "ROL-3" in response.content.decode()
    assert roles_of(office.li) == {Role.EXAMINER}


def test_a_new_officer_signs_in_and_is_no_superuser(administrator: Client) -> None:
    data = {
        "username": "sun",
        "first_name": "孙登记",
        "password1": PASSWORD,
        "password2": PASSWORD,
        "roles": [Role.REGISTRAR],
    }
    administrator.post(reverse("admin:accounts_user_add"), data)
    sun = User.objects.get(username="sun")
    assert not roles_of(sun)
    confirm(RoleProposal.objects.get(), by=make_user("sec", Role.SECURITY_ADMINISTRATOR), at=NOON)
    sun.refresh_from_db()
    assert sun.is_staff
    assert not sun.is_superuser
    assert Client().login(username="sun", password=PASSWORD)


def test_ac_04_no_form_makes_a_superuser(office: Office, administrator: Client) -> None:
    data = {**form(office.li, Role.EXAMINER), "is_superuser": "on", "user_permissions": "1"}
    administrator.post(user_page(office.li), data)
    office.li.refresh_from_db()
    assert not office.li.is_superuser
    assert not office.li.user_permissions.exists()
    assert not admin.site.is_registered(Group)


@pytest.mark.parametrize("role", [Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR])
def test_ac_10_the_other_administrators_only_look(
    office: Office, sign_in: SignIn, role: Role
) -> None:
    client = sign_in(make_user("watcher", role))
    assert client.get(user_page(office.li)).status_code == 200
    assert client.post(user_page(office.li), form(office.li, Role.APPROVER)).status_code == 403


def test_a_registrar_does_not_see_the_people(office: Office, sign_in: SignIn) -> None:
    client = sign_in(office.wang)
    assert client.get(reverse("admin:accounts_user_changelist")).status_code == 403


def test_members_come_and_go_through_the_organisation(
    office: Office, administrator: Client
) -> None:
    data = {"name": "示例新公司", "uscc": uscc(7)}
    inline = {"memberships-TOTAL_FORMS": 1, "memberships-INITIAL_FORMS": 0}
    administrator.post(
        reverse("admin:accounts_organisation_add"),
        {**data, **inline, "memberships-0-user": office.charlie.pk},
    )
    organisation = Organisation.objects.get(uscc=uscc(7))
    assert is_member(office.charlie, organisation)
    assert office.charlie.groups.contains(organisation.group)

    membership = Membership.objects.get(organisation=organisation)
    row = {"memberships-0-id": membership.pk, "memberships-0-DELETE": "on"}
    administrator.post(
        reverse("admin:accounts_organisation_change", args=[organisation.pk]),
        {"name": "示例新公司", **inline, "memberships-INITIAL_FORMS": 1, **row},
    )
    assert not is_member(office.charlie, organisation)
    assert not office.charlie.groups.contains(organisation.group)


def test_a_malformed_credit_code_is_refused(administrator: Client) -> None:
    data = {"name": "示例", "uscc": uscc(7)[:-1] + "0"}
    inline = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
    response = administrator.post(reverse("admin:accounts_organisation_add"), {**data, **inline})
    assert response.status_code == 200
    assert not Organisation.objects.filter(name="示例").exists()


def test_a_key_is_shown_once_and_can_be_revoked(office: Office, administrator: Client) -> None:
    data = {"label": "示例", "owner": office.alice.pk}
    response = administrator.post(reverse("admin:accounts_apikey_add"), data)
    shown = re.search(r"qj_[\w-]+", said(response), re.ASCII)
    assert shown is not None
    secret = shown[0]
    key = find_api_key(secret)
    assert key is not None
    administrator.post(
        reverse("admin:accounts_apikey_changelist"),
        {"action": "revoke", "_selected_action": [key.pk]},
    )
    assert find_api_key(secret) is None
    assert secret not in str(ApiKey.objects.values())

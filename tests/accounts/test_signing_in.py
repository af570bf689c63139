"""Signing in: one door, lock-out, the second factor, step-up, and the ends of a session."""

import json
import time
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth.password_validation import validate_password
from django.core.checks import run_checks
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.lockout import begin_try
from accounts.models import AccountEvent, EventKind, RoleProposal, User
from accounts.roles import Role, assign_roles, roles_of
from accounts.second_factor import SECOND_FACTOR_ROLES
from primitives.clock import now_utc
from tests.factories import (
    NOON,
    PASSWORD,
    Office,
    bring_to_publicity,
    enrol,
    make_complete_draft,
    make_party,
    make_user,
    sign_in,
    totp_code,
)

pytestmark = pytest.mark.django_db


def try_password(client: Client, username: str, password: str = PASSWORD, **more: Any) -> Any:
    return client.post("/login/", {"login": username, "password": password}, **more)


def grow_stale(client: Client) -> None:
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time() - 3600}]
    session.save()


def test_an_officer_signs_in_with_password_and_code(office: Office, client: Client) -> None:
    answer = try_password(client, "wang")
    assert answer.headers["Location"] == reverse("mfa_authenticate")
    assert client.get("/office/").status_code == 302

    answer = client.post(reverse("mfa_authenticate"), {"code": totp_code()})
    assert answer.headers["Location"] == "/office/"
    assert client.get("/office/").status_code == 200


def test_ac_09_the_second_factor_is_not_skipped_by_address(office: Office, client: Client) -> None:
    try_password(client, "wang")
    assert "_auth_user_id" not in client.session
    assert client.get("/desk/").headers["Location"].startswith("/login/")


def test_ac_09_a_code_is_not_taken_twice(office: Office) -> None:
    code = totp_code()
    first, second = Client(), Client()
    for client in (first, second):
        try_password(client, "wang")
        client.post(reverse("mfa_authenticate"), {"code": code})
    assert "_auth_user_id" in first.session
    assert "_auth_user_id" not in second.session


@pytest.mark.parametrize("role", sorted(SECOND_FACTOR_ROLES))
def test_who_needs_a_second_factor_can_do_nothing_else_before(role: Role) -> None:
    user = make_user("sun", role)
    Authenticator.objects.all().delete()
    client = sign_in(user)
    for address in ("/desk/", "/office/", "/", reverse("account_change_password")):
        assert client.get(address).headers["Location"] == reverse("mfa_index"), address
    assert client.get(reverse("mfa_index")).status_code == 200

    enrol(user)
    assert client.get("/desk/").status_code == 200


def test_enrolling_leads_on(client: Client, django_capture_on_commit_callbacks: Any) -> None:
    user = make_user("sun", Role.REGISTRAR)
    Authenticator.objects.all().delete()
    try_password(client, "sun")
    answer = client.get(reverse("mfa_activate_totp"))
    assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))
    client.post(answer.headers["Location"], {"password": PASSWORD})
    client.get(reverse("mfa_activate_totp"))
    secret = client.session["mfa.totp.secret"]
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("mfa_activate_totp"), {"code": code})

    stored = Authenticator.objects.get(user=user, type="totp")
    assert secret not in str(stored.data)
    assert client.get("/office/").status_code == 200
    assert AccountEvent.objects.filter(kind=EventKind.FACTOR_CHANGED, about=user).exists()


def test_an_enterprise_needs_no_second_factor(office: Office, client: Client) -> None:
    assert try_password(client, "alice").headers["Location"] == "/desk/"


def test_ac_09_five_wrong_passwords_lock_and_the_right_one_is_refused(
    office: Office, client: Client
) -> None:
    for _again in range(5):
        try_password(client, "alice", "wrong")
    answer = try_password(Client(), "alice", REMOTE_ADDR="192.0.2.9")
    assert answer.status_code == 200
    assert "15" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_ac_09_an_unknown_account_is_locked_with_the_same_words(office: Office) -> None:
    pages = []
    for name in ("alice", "nobody"):
        client = Client()
        for _again in range(5):
            try_password(client, name, "wrong")
        answer = try_password(client, name, "wrong")
        errors = answer.context["form"].errors
        pages.append((answer.status_code, str(errors)))
    assert pages[0] == pages[1]


def test_the_lock_ends_by_itself_and_a_refused_try_does_not_lengthen_it() -> None:
    passed = [begin_try("sun", "192.0.2.1", at=NOON) for _again in range(7)]
    assert passed == [True] * 5 + [False] * 2
    assert begin_try("sun", "192.0.2.1", at=NOON + timedelta(minutes=16))


def test_an_address_is_locked_over_all_accounts(settings: Settings) -> None:
    settings.LOCKOUT_TRIES_OF_ADDRESS = 3
    passed = [begin_try(f"user{n}", "192.0.2.1", at=NOON) for n in range(4)]
    assert passed == [True, True, True, False]
    assert begin_try("user9", "192.0.2.2", at=NOON)


def test_ac_10_only_the_security_administrator_unlocks(office: Office) -> None:
    at = now_utc()
    for _again in range(6):
        begin_try("alice", "192.0.2.1", at=at)
    data = {"action": "unlock", "_selected_action": [office.alice.pk]}
    address = reverse("admin:accounts_user_changelist")

    sign_in(make_user("root", Role.SYSTEM_ADMINISTRATOR)).post(address, data)
    assert not begin_try("alice", "192.0.2.1", at=at)
    sign_in(make_user("sec", Role.SECURITY_ADMINISTRATOR)).post(address, data)
    assert begin_try("alice", "192.0.2.1", at=at)


def test_the_security_administrator_resets_a_lost_factor(office: Office) -> None:
    wang = sign_in(office.wang)
    data = {"action": "reset_factor", "_selected_action": [office.wang.pk]}
    sign_in(make_user("sec", Role.SECURITY_ADMINISTRATOR)).post(
        reverse("admin:accounts_user_changelist"), data
    )
    assert not Authenticator.objects.filter(user=office.wang).exists()
    assert wang.get("/office/").status_code == 302
    assert AccountEvent.objects.filter(kind=EventKind.FACTOR_RESET, about=office.wang).exists()


def test_approval_asks_for_a_fresh_second_factor_and_comes_back(office: Office) -> None:
    filing = bring_to_publicity(office, make_complete_draft(office, make_party(office)))
    client = sign_in(office.zhao)
    grow_stale(client)
    address = reverse("admin:filings_filing_step", args=[filing.pk, "REGISTER"])

    answer = client.get(address)
    assert answer.headers["Location"].startswith(reverse("mfa_reauthenticate"))
    answer = client.post(answer.headers["Location"], {"code": totp_code(), "next": address})
    assert answer.headers["Location"] == address
    assert client.get(address).status_code == 200


def test_no_role_change_without_reauthentication_and_nothing_typed_is_lost(
    office: Office,
) -> None:
    client = sign_in(make_user("root", Role.SYSTEM_ADMINISTRATOR))
    grow_stale(client)
    address = reverse("admin:accounts_user_change", args=[office.li.pk])
    data = {"username": "li", "first_name": "李", "is_active": "on", "roles": ["approver"]}

    answer = client.post(address, data)
    assert answer.headers["Location"].startswith(reverse("mfa_reauthenticate"))
    assert roles_of(office.li) == {Role.EXAMINER}

    client.post(answer.headers["Location"], {"code": totp_code(), "next": address})
    assert roles_of(office.li) == set()
    assert RoleProposal.objects.get().roles == [Role.APPROVER]


@pytest.mark.parametrize("page", ["apikey_add", "user_add", "organisation_add"])
def test_no_key_person_or_organisation_is_made_without_reauthentication(page: str) -> None:
    client = sign_in(make_user("root", Role.SYSTEM_ADMINISTRATOR))
    grow_stale(client)
    answer = client.post(reverse(f"admin:accounts_{page}"), {"label": "x"})
    assert answer.headers["Location"].startswith(reverse("mfa_reauthenticate"))


def test_no_password_waits_in_a_session_for_the_second_factor() -> None:
    client = sign_in(make_user("root", Role.SYSTEM_ADMINISTRATOR))
    grow_stale(client)
    secret = "Never 2 be kept anywhere"
    data = {"username": "newcomer", "password1": secret, "password2": secret}

    client.post(reverse("admin:accounts_user_add"), data)

    kept = json.dumps(dict(client.session.items()))
    assert "newcomer" in kept
    assert secret not in kept


def test_ac_08_other_roles_end_every_session(office: Office) -> None:
    client = sign_in(office.li)
    assert client.get("/office/").status_code == 200
    assign_roles(office.li, [Role.APPROVER])
    assert client.get("/office/").status_code == 302
    assert client.get("/desk/").headers["Location"].startswith("/login/")


def test_a_password_change_ends_other_sessions_and_is_on_record(office: Office) -> None:
    mine, other = sign_in(office.alice), sign_in(office.alice)
    new = "Another 5 good phrase"
    data = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    mine.post(reverse("account_change_password"), data)
    assert mine.get("/desk/").status_code == 200
    assert other.get("/desk/").status_code == 302
    assert AccountEvent.objects.filter(kind=EventKind.PASSWORD_CHANGED).exists()


def test_ac_08_a_disabled_person_is_out_at_the_next_request(office: Office) -> None:
    client = sign_in(office.alice)
    User.objects.filter(pk=office.alice.pk).update(is_active=False)
    assert client.get("/desk/").status_code == 302


def test_ac_09_signing_in_makes_a_new_session_key(office: Office, client: Client) -> None:
    client.get("/login/")
    session = client.session
    session["planted"] = True
    session.save()
    planted = str(session.session_key)
    client.cookies["sessionid"] = planted
    try_password(client, "alice")
    assert client.session.session_key != planted


@pytest.mark.parametrize(("key", "age"), [("seen_at", 31 * 60), ("signed_in_at", 8 * 3600 + 1)])
def test_a_session_ends_when_idle_or_too_long(office: Office, key: str, age: int) -> None:
    client = sign_in(office.alice)
    assert client.get("/desk/").status_code == 200
    session = client.session
    session[key] = int(time.time()) - age
    session.save()
    assert client.get("/desk/").headers["Location"] == "/login/?next=/desk/"


def test_an_old_password_is_changed_before_anything_else(office: Office) -> None:
    client = sign_in(office.alice)
    User.objects.filter(pk=office.alice.pk).update(password_set_at=now_utc() - timedelta(days=91))
    assert client.get("/desk/").headers["Location"] == reverse("account_change_password")


@pytest.mark.parametrize("password", ["Ab1", "abcdefghijkl", "abcdefgh12345"])
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password)
    validate_password(PASSWORD)


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_signing_in_leads_to_no_other_site(office: Office, target: str) -> None:
    client = Client()
    answer = client.post("/login/", {"login": "alice", "password": PASSWORD, "next": target})
    assert answer.headers["Location"] == "/desk/"
    answer = sign_in(office.wang).get(reverse("admin:login"), {"next": target})
    assert answer.headers["Location"] == "/office/"


def test_signing_in_needs_the_token_of_the_form(office: Office) -> None:
    assert try_password(Client(enforce_csrf_checks=True), "alice").status_code == 403


def test_nobody_makes_an_account_alone(client: Client) -> None:
    assert client.get("/account/signup/").status_code == 404


def test_private_pages_are_kept_by_no_cache(office: Office) -> None:
    client = sign_in(office.alice)
    for address in ("/desk/", reverse("account_change_password"), "/login/"):
        assert "no-store" in Client().get("/login/").headers["Cache-Control"]
        assert "no-store" in client.get(address).headers.get("Cache-Control", "no-store")


def test_production_refuses_a_superuser(settings: Settings) -> None:
    User.objects.create_superuser("boss", password=PASSWORD)
    found = {message.id for message in run_checks(databases=["default"])}
    assert "accounts.E001" not in found
    settings.PRODUCTION = True
    assert "accounts.E001" in {message.id for message in run_checks(databases=["default"])}
    with pytest.raises(CommandError, match="no superuser"):
        call_command("createsuperuser", interactive=False)


@pytest.mark.parametrize("role", Role)
def test_ac_10_only_the_audit_administrator_reads_the_trail(role: Role) -> None:
    client = sign_in(make_user("sun", role))
    status = client.get(reverse("admin:accounts_accountevent_changelist")).status_code
    assert (status == 200) == (role == Role.AUDIT_ADMINISTRATOR)

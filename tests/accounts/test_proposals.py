"""Two persons give a role: what is proposed takes effect when another administrator confirms it."""

import threading
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import IntegrityError, close_old_connections, transaction
from django.urls import reverse

from accounts.models import AccountEvent, EventKind, RoleProposal, User
from accounts.proposals import confirm, propose, refuse
from accounts.roles import Role, replace_roles, roles_of
from accounts.second_factor import reset_second_factor
from primitives.rules import RulesBrokenError
from tests.factories import NOON, make_user, sign_in

SYSTEM, SECURITY, AUDIT = (
    Role.SYSTEM_ADMINISTRATOR,
    Role.SECURITY_ADMINISTRATOR,
    Role.AUDIT_ADMINISTRATOR,
)


@pytest.fixture
def sys(db: None) -> User:
    return make_user("sys", SYSTEM)


@pytest.fixture
def sec(db: None) -> User:
    return make_user("sec", SECURITY)


@pytest.fixture
def sun(db: None) -> User:
    return make_user("sun", Role.REGISTRAR)


def numbers(refusal: pytest.ExceptionInfo[RulesBrokenError]) -> list[str]:
    return [rule.number for rule in refusal.value.rules]


def test_a_role_is_held_once_another_administrator_confirms_it(
    sys: User, sec: User, sun: User
) -> None:
    proposal = propose(sun, [Role.EXAMINER], by=sys, at=NOON)
    assert roles_of(sun) == {Role.REGISTRAR}
    confirm(proposal, by=sec, at=NOON)
    assert roles_of(sun) == {Role.REGISTRAR, Role.EXAMINER}
    told = list(AccountEvent.objects.order_by("pk").values_list("kind", "by", "about"))
    assert told == [
        (EventKind.ROLES_PROPOSED, sys.pk, sun.pk),
        (EventKind.ROLES_CHANGED, sec.pk, sun.pk),
    ]


def test_rol_4_who_proposed_a_role_does_not_confirm_it(sys: User, sec: User, sun: User) -> None:
    proposal = propose(sun, [Role.EXAMINER], by=sys, at=NOON)
    replace_roles(sys, [SECURITY])
    with pytest.raises(RulesBrokenError) as refusal:
        confirm(proposal, by=sys, at=NOON)
    assert numbers(refusal) == ["ROL-4"]
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleProposal.objects.update(decided_by=sys, outcome="CONFIRMED")
    refuse(proposal, by=sys, at=NOON)
    assert RoleProposal.objects.get().outcome == "REFUSED"


def test_rol_5_nobody_empowers_themselves(sys: User, sec: User) -> None:
    with pytest.raises(RulesBrokenError) as refusal:
        propose(sys, [], by=sys, at=NOON)
    assert numbers(refusal) == ["ROL-5"]
    proposal = propose(sec, [], by=sys, at=NOON)
    with pytest.raises(RulesBrokenError) as refusal:
        confirm(proposal, by=sec, at=NOON)
    assert numbers(refusal) == ["ROL-5"]


@pytest.mark.parametrize("change", ["roles", "factor", "closed", "reopened", "name", "e-mail"])
def test_rol_7_a_proposal_lapses_when_the_person_changed_since(
    sys: User, sec: User, sun: User, change: str
) -> None:
    proposal = propose(sun, [Role.EXAMINER], by=sys, at=NOON)
    if change == "roles":
        replace_roles(User.objects.get(pk=sun.pk), [])
    elif change == "factor":
        reset_second_factor(sun, by=sec, at=NOON)
    elif change == "closed":
        User.objects.filter(pk=sun.pk).update(is_active=False)
    elif change == "reopened":
        page = reverse("admin:accounts_user_change", args=[sun.pk])
        form = {"username": "sun", "first_name": sun.first_name, "email": sun.email}
        sign_in(sys).post(page, form)
        sign_in(sys).post(page, form | {"is_active": "on"})
        assert User.objects.get(pk=sun.pk).is_active
    elif change == "name":
        User.objects.filter(pk=sun.pk).update(first_name="他人")
    else:
        User.objects.filter(pk=sun.pk).update(email="other@example.org")
    with pytest.raises(RulesBrokenError) as refusal:
        confirm(proposal, by=sec, at=NOON)
    assert numbers(refusal) == ["ROL-7"]
    assert Role.EXAMINER not in roles_of(sun)
    refuse(proposal, by=sec, at=NOON)
    assert RoleProposal.objects.get().outcome == "REFUSED"


def test_rol_6_a_proposal_is_decided_once_and_a_later_one_replaces_it(
    sys: User, sec: User, sun: User
) -> None:
    first = propose(sun, [Role.EXAMINER], by=sys, at=NOON)
    second = propose(sun, [Role.APPROVER], by=sys, at=NOON)
    with pytest.raises(RulesBrokenError) as refusal:
        confirm(first, by=sec, at=NOON)
    assert numbers(refusal) == ["ROL-6"]
    refuse(second, by=sec, at=NOON)
    with pytest.raises(RulesBrokenError):
        confirm(second, by=sec, at=NOON)
    assert roles_of(sun) == {Role.REGISTRAR}


def test_roles_that_exclude_one_another_are_not_even_proposed(
    sys: User, sec: User, sun: User
) -> None:
    with pytest.raises(RulesBrokenError) as refusal:
        propose(sun, [Role.BANK], by=sys, at=NOON)
    assert numbers(refusal) == ["ROL-3"]
    for other in (sec, sun, make_user("audit", AUDIT)):
        with pytest.raises(PermissionDenied):
            propose(sun, [Role.EXAMINER], by=other, at=NOON)
    proposal = propose(sun, [Role.EXAMINER], by=sys, at=NOON)
    with pytest.raises(PermissionDenied):
        confirm(proposal, by=make_user("other", SYSTEM), at=NOON)


@pytest.mark.django_db(transaction=True)
def test_ac_07_of_two_confirmations_at_once_one_counts(sys: User, sec: User, sun: User) -> None:
    proposal, second = propose(sun, [Role.EXAMINER], by=sys, at=NOON), make_user("sec2", SECURITY)
    barrier, done = threading.Barrier(2), list[str]()

    def decide(by: User) -> None:
        barrier.wait()
        try:
            confirm(proposal, by=by, at=NOON)
            done.append("confirmed")
        except RulesBrokenError:
            done.append("refused")
        finally:
            close_old_connections()

    threads = [threading.Thread(target=decide, args=(by,)) for by in (sec, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == ["confirmed", "refused"]
    assert AccountEvent.objects.filter(kind=EventKind.ROLES_CHANGED).count() == 1


def test_roles_are_proposed_and_confirmed_in_the_office_and_taken_away_at_once(
    sys: User, sec: User, sun: User
) -> None:
    proposing, confirming = sign_in(sys), sign_in(sec)
    page = reverse("admin:accounts_user_change", args=[sun.pk])
    form = {"username": "sun", "first_name": "示例", "is_active": "on"}
    proposing.post(page, form | {"roles": [Role.EXAMINER, Role.APPROVER]})
    assert roles_of(sun) == set()
    proposals = reverse("admin:accounts_roleproposal_changelist")
    chosen = {"action": "confirm", "_selected_action": [RoleProposal.objects.get().pk]}
    proposing.post(proposals, chosen)
    assert roles_of(sun) == set()
    for reader in (proposing, confirming, sign_in(make_user("audit", AUDIT))):
        assert "sun" in reader.get(proposals).content.decode()
    confirming.post(proposals, chosen)
    assert roles_of(sun) == {Role.EXAMINER, Role.APPROVER}
    proposing.post(page, form | {"roles": [Role.EXAMINER]})
    assert roles_of(sun) == {Role.EXAMINER}


def test_en_01_only_a_security_administrator_with_a_fresh_factor_decides(
    sys: User, sec: User, sun: User
) -> None:
    proposal = propose(sun, [Role.EXAMINER], by=sys, at=NOON)
    page = reverse("admin:accounts_roleproposal_changelist")
    stale = sign_in(sec)
    session = stale.session
    session["account_authentication_methods"] = [
        method | {"at": method["at"] - 24 * 3600}
        for method in session["account_authentication_methods"]
    ]
    session.save()
    for client in (stale, sign_in(make_user("audit", AUDIT))):
        for action in ("confirm", "refuse"):
            client.post(page, {"action": action, "_selected_action": [proposal.pk]})
            assert RoleProposal.objects.get().outcome == ""
    assert roles_of(sun) == {Role.REGISTRAR}


def test_who_comes_back_into_a_closed_account_is_proposed_every_role_anew(
    sys: User, sec: User, sun: User
) -> None:
    User.objects.filter(pk=sun.pk).update(is_active=False)
    page = reverse("admin:accounts_user_change", args=[sun.pk])
    form = {"username": "sun", "first_name": "示例", "is_active": "on", "roles": [Role.REGISTRAR]}
    sign_in(sys).post(page, form)
    assert roles_of(sun) == set()
    confirm(RoleProposal.objects.get(), by=sec, at=NOON)
    assert roles_of(sun) == {Role.REGISTRAR}


@pytest.mark.django_db
def test_the_first_three_administrators_are_appointed_once() -> None:
    told = StringIO()
    call_command("appoint_administrators", "one", "two", "three", stdout=told)
    held = {user.username: roles_of(user) for user in User.objects.all()}
    assert held == {"one": {SYSTEM}, "two": {SECURITY}, "three": {AUDIT}}
    password = told.getvalue().splitlines()[0].rpartition(": ")[2]
    assert User.objects.get(username="one").check_password(password)
    with pytest.raises(CommandError, match="by two"):
        call_command("appoint_administrators", "four", "five", "six")
    with pytest.raises(CommandError, match="three persons"):
        call_command("appoint_administrators", "one", "one", "two")

"""ROL rules, and that access is given to organisations, object by object."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.api_keys import create_api_key, find_api_key
from accounts.models import ApiKey, Organisation
from accounts.organisations import add_member, create_organisation, is_member
from accounts.permissions import allow, disallow, may, objects_for
from accounts.roles import Role, assign_roles, has_role, require_role, roles_of
from primitives.rules import RulesBrokenError
from tests.factories import NOON, Office, make_user, uscc

pytestmark = pytest.mark.django_db


def test_every_role_has_its_group() -> None:
    assert set(Role.values) <= set(Group.objects.values_list("name", flat=True))


def test_rol_1_nobody_is_two_of_the_three_administrators() -> None:
    with pytest.raises(RulesBrokenError, match="ROL-1"):
        make_user("sun", Role.SYSTEM_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR)


def test_rol_2_an_administrator_does_no_business() -> None:
    user = make_user("sun", Role.SECURITY_ADMINISTRATOR)
    with pytest.raises(RulesBrokenError, match="ROL-2"):
        assign_roles(user, [Role.APPROVER])
    assert roles_of(user) == {Role.SECURITY_ADMINISTRATOR}


def test_rol_3_an_officer_is_not_an_applicants_user() -> None:
    with pytest.raises(RulesBrokenError, match="ROL-3"):
        make_user("sun", Role.REGISTRAR, Role.ENTERPRISE)


def test_officers_enter_the_office_and_outsiders_do_not() -> None:
    assert make_user("sun", Role.EXAMINER).is_staff
    assert not make_user("zhou", Role.BANK).is_staff


def test_an_inactive_user_has_no_role() -> None:
    user = make_user("sun", Role.EXAMINER)
    user.is_active = False
    assert not has_role(user, Role.EXAMINER)
    with pytest.raises(PermissionDenied, match="Examiner"):
        require_role(user, Role.EXAMINER)


def test_a_grant_opens_one_object_to_the_members_of_one_organisation(office: Office) -> None:
    other = Organisation.objects.exclude(pk=office.organisation.pk).get()
    permission = "accounts.view_organisation"
    allow(office.organisation.group, permission, office.organisation)

    assert may(office.alice, permission, office.organisation)
    assert not may(office.alice, permission, other)
    assert not may(office.charlie, permission, office.organisation)
    assert list(objects_for(office.alice, permission, Organisation.objects.all())) == [
        office.organisation
    ]

    disallow(office.organisation.group, permission, office.organisation)
    assert not objects_for(office.alice, permission, Organisation.objects.all()).exists()


def test_a_model_wide_grant_opens_no_object(office: Office) -> None:
    permission = Permission.objects.get(codename="view_organisation")
    office.charlie.user_permissions.add(permission)

    found = objects_for(office.charlie, "accounts.view_organisation", Organisation.objects.all())
    assert not found.exists()


def test_a_malformed_uscc_makes_no_organisation() -> None:
    with pytest.raises(ValidationError):
        create_organisation(name="示例", uscc="91370100MA0000000X")
    assert not Organisation.objects.exists()
    assert not Group.objects.filter(name__startswith="organisation:").exists()


def test_a_new_member_sees_what_the_organisation_sees(office: Office) -> None:
    user = make_user("bob", Role.ENTERPRISE)
    add_member(office.organisation, user)
    add_member(office.organisation, user, is_administrator=True)
    assert is_member(user, office.organisation)
    assert user.memberships.get().is_administrator


def test_an_api_key_is_known_by_its_secret_until_it_is_revoked() -> None:
    user = make_user("bank", Role.BANK)
    secret = create_api_key(owner=user, label="示例银行", created_at=NOON)

    found = find_api_key(secret)
    assert found is not None
    assert found.owner == user
    assert find_api_key(secret + "x") is None
    assert secret not in str(ApiKey.objects.values())

    ApiKey.objects.update(revoked_at=NOON)
    assert find_api_key(secret) is None


def test_codes_of_the_cast_are_well_formed() -> None:
    assert create_organisation(name="示例", uscc=uscc(5)).uscc == uscc(5)

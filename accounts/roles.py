"""Roles: what a person may do, kept as Django groups named by the role's code.

Entry points: `assign_role`, `has_role`, `require_role`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from primitives.rules import require, rule


class Role(models.TextChoices):
    """Every role there is; the three administrators are those of MLPS level 3 (三员)."""

    REGISTRAR = "registrar", _("Registrar")
    EXAMINER = "examiner", _("Examiner")
    APPROVER = "approver", _("Approver")
    SEAL_CUSTODIAN = "seal_custodian", _("Seal custodian")
    ENTERPRISE = "enterprise", _("Enterprise")
    BANK = "bank", _("Bank")
    COURT = "court", _("Court")
    AUDITOR = "auditor", _("Auditor")
    SYSTEM_ADMINISTRATOR = "system_administrator", _("System administrator")
    SECURITY_ADMINISTRATOR = "security_administrator", _("Security administrator")
    AUDIT_ADMINISTRATOR = "audit_administrator", _("Audit administrator")


ADMINISTRATORS = frozenset(
    {Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR}
)
OFFICERS = frozenset({Role.REGISTRAR, Role.EXAMINER, Role.APPROVER, Role.SEAL_CUSTODIAN})
CASE_OFFICERS = frozenset({Role.REGISTRAR, Role.EXAMINER, Role.APPROVER})
"""Those whose work needs the papers of a case and the identity of its parties."""
OUTSIDERS = frozenset({Role.ENTERPRISE, Role.BANK, Role.COURT, Role.AUDITOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleFacts:
    """The roles that one person would hold together."""

    roles: frozenset[Role]


@rule("ROL-1", source="GB/T 22239-2019 8.1.4.2 d", zh="系统、安全、审计三类管理员不由同一人兼任。")
def one_administrator_role_at_most(facts: RoleFacts) -> bool:
    """No person is more than one of system, security and audit administrator."""
    return len(facts.roles & ADMINISTRATORS) <= 1


@rule("ROL-2", source="GB/T 22239-2019 8.1.4.2 d", zh="管理员不兼任业务岗位。")
def administrators_do_no_business(facts: RoleFacts) -> bool:
    """An administrator holds no other role."""
    return not (facts.roles & ADMINISTRATORS) or facts.roles <= ADMINISTRATORS


@rule("ROL-3", source="NDA35 art. 10(7)", zh="登记人员不同时以申请人、银行等外部身份行事。")
def officers_are_not_outsiders(facts: RoleFacts) -> bool:
    """An officer of the registry is not also an enterprise's, bank's, court's or auditor's user."""
    return not (facts.roles & OFFICERS and facts.roles & OUTSIDERS)


ROLE_RULES = (
    one_administrator_role_at_most,
    administrators_do_no_business,
    officers_are_not_outsiders,
)


def ensure_role_groups(**_kwargs: object) -> None:
    """Create the group of each role that is missing. Safe to run again."""
    for role in Role:
        Group.objects.get_or_create(name=role.value)


def roles_of(user: User) -> frozenset[Role]:
    """Return the roles that ``user`` holds."""
    names = user.groups.filter(name__in=Role.values).values_list("name", flat=True)
    return frozenset(Role(name) for name in names)


def assign_roles(user: User, roles: Iterable[Role]) -> None:
    """Give ``user`` further roles.

    Raises:
        RulesBrokenError: the roles together break a ROL rule; nothing has been given.
    """
    replace_roles(user, roles_of(user) | frozenset(roles))


@transaction.atomic
def replace_roles(user: User, roles: Iterable[Role]) -> None:
    """Let ``user`` hold exactly ``roles``; who has none of the office's cannot enter it.

    Other roles than before end every session of the person.

    Raises:
        RulesBrokenError: the roles together break a ROL rule; nothing has been changed.
    """
    wanted = frozenset(roles)
    require(ROLE_RULES, RoleFacts(roles=wanted))
    if wanted != roles_of(user):
        user.session_epoch += 1
    user.groups.remove(*Group.objects.filter(name__in=[role.value for role in set(Role) - wanted]))
    user.groups.add(*Group.objects.filter(name__in=[role.value for role in wanted]))
    user.is_staff = bool(wanted & (OFFICERS | ADMINISTRATORS))
    user.save(update_fields=["is_staff", "session_epoch"])


def has_role(user: User, *roles: Role) -> bool:
    """Say whether ``user`` is active and holds one of ``roles``, as the database has it now."""
    return user.is_active and bool(roles_of(user) & frozenset(roles))


def require_role(user: User, *roles: Role) -> None:
    """Refuse anyone without one of ``roles``.

    Raises:
        PermissionDenied: names the roles of which one is needed.
    """
    if not has_role(user, *roles):
        raise PermissionDenied(
            _("This needs the role %(roles)s.")
            % {"roles": " / ".join(str(role.label) for role in roles)}
        )

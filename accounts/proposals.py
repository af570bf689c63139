"""Two persons give a role: one administrator proposes it, another confirms it as it was shown.

Entry points: `propose`, `confirm`, `refuse`. A role is taken away, and an account closed, by one
person at once; power is given by two.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.events import record
from accounts.models import EventKind, ProposalOutcome, RoleProposal, User
from accounts.roles import (
    ROLE_RULES,
    Role,
    RoleFacts,
    replace_roles,
    require_role,
    roles_of,
)
from primitives.canonical_json import Json, canonical_json
from primitives.rules import require, rule


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalFacts:
    """What a proposal is about, and who acts on it.

    Attributes:
        officer: reference of who proposes, confirms or refuses now.
        person: reference of whose roles it is about.
        proposer: reference of who proposed it.
        is_open: nobody decided it and nothing replaced it.
        is_unchanged: the person and their account are as they were when it was proposed.
    """

    officer: str
    person: str
    proposer: str
    is_open: bool
    is_unchanged: bool


@rule("ROL-4", source="GB/T 22239-2019 8.1.4.2 d", zh="授予角色由提出人以外的另一名管理员确认。")
def another_administrator_confirms(facts: ProposalFacts) -> bool:
    """A role is confirmed by another administrator than the one who proposed it."""
    return facts.officer != facts.proposer


@rule("ROL-5", source="GB/T 22239-2019 8.1.4.2 d", zh="任何人不得为本人提出或者确认角色。")
def nobody_empowers_themselves(facts: ProposalFacts) -> bool:
    """Nobody proposes or confirms a role for themselves."""
    return facts.officer != facts.person


@rule("ROL-6", source="OWASP ASVS 5.0 15.4.2", zh="建议尚未处理，也未被其后的建议取代。")
def proposal_is_open(facts: ProposalFacts) -> bool:
    """The proposal is undecided, and no later one replaced it."""
    return facts.is_open


@rule("ROL-7", source="OWASP ASVS 5.0 15.4.2", zh="该人员的账户和角色自建议提出以来未变。")
def person_is_unchanged(facts: ProposalFacts) -> bool:
    """The person's account and roles are as they were when it was proposed."""
    return facts.is_unchanged


CONFIRMATION_RULES = (
    another_administrator_confirms,
    nobody_empowers_themselves,
    proposal_is_open,
    person_is_unchanged,
)


@transaction.atomic
def propose(person: User, roles: Collection[Role], *, by: User, at: datetime) -> RoleProposal:
    """Propose to give ``person`` further roles, in place of what was proposed before.

    Raises:
        PermissionDenied: ``by`` is no system administrator.
        RulesBrokenError: it is for ``by`` themselves, or the roles together break a ROL rule.
    """
    require_role(by, Role.SYSTEM_ADMINISTRATOR)
    locked = User.objects.select_for_update().get(pk=person.pk)
    require([nobody_empowers_themselves], _facts(locked, by=by))
    require(ROLE_RULES, RoleFacts(roles=roles_of(locked) | frozenset(roles)))
    _open_of(locked).update(outcome=ProposalOutcome.LAPSED, decided_at=at)
    proposal = RoleProposal.objects.create(
        person=locked,
        roles=sorted(roles),
        person_sha256=_fingerprint(locked),
        proposed_by=by,
        proposed_at=at,
    )
    record(EventKind.ROLES_PROPOSED, at=at, by=by, about=locked, detail=", ".join(sorted(roles)))
    return proposal


@transaction.atomic
def confirm(proposal: RoleProposal, *, by: User, at: datetime) -> None:
    """Give the roles that are proposed.

    Raises:
        PermissionDenied: ``by`` is no security administrator.
        RulesBrokenError: ``by`` proposed it or is the person, it was decided before, or the person
            or their roles changed since.
    """
    require_role(by, Role.SECURITY_ADMINISTRATOR)
    person = User.objects.select_for_update().get(pk=proposal.person_id)
    locked = RoleProposal.objects.select_for_update().get(pk=proposal.pk)
    require(CONFIRMATION_RULES, _facts(person, by=by, proposal=locked))
    roles = roles_of(person) | {Role(role) for role in locked.roles}
    replace_roles(person, roles)
    _decide(locked, ProposalOutcome.CONFIRMED, by=by, at=at)
    detail = ", ".join(sorted(roles))
    record(EventKind.ROLES_CHANGED, at=at, by=by, about=person, detail=detail)


@transaction.atomic
def refuse(proposal: RoleProposal, *, by: User, at: datetime) -> None:
    """Refuse what is proposed, also what lapsed or what oneself once proposed; nothing is given.

    Raises:
        PermissionDenied: ``by`` is no security administrator.
        RulesBrokenError: it was decided before.
    """
    require_role(by, Role.SECURITY_ADMINISTRATOR)
    person = User.objects.select_for_update().get(pk=proposal.person_id)
    locked = RoleProposal.objects.select_for_update().get(pk=proposal.pk)
    require([proposal_is_open], _facts(person, by=by, proposal=locked))
    _decide(locked, ProposalOutcome.REFUSED, by=by, at=at)
    record(EventKind.ROLES_REFUSED, at=at, by=by, about=person, detail=", ".join(locked.roles))


def _decide(proposal: RoleProposal, outcome: ProposalOutcome, *, by: User, at: datetime) -> None:
    proposal.outcome, proposal.decided_by, proposal.decided_at = outcome, by, at
    proposal.save(update_fields=["outcome", "decided_by", "decided_at"])


def _open_of(person: User) -> QuerySet[RoleProposal]:
    return RoleProposal.objects.filter(person=person, outcome="")


def _facts(person: User, *, by: User, proposal: RoleProposal | None = None) -> ProposalFacts:
    return ProposalFacts(
        officer=by.reference,
        person=person.reference,
        proposer=proposal.proposed_by.reference if proposal else "",
        is_open=proposal is None or proposal.outcome == "",
        is_unchanged=proposal is None
        or (person.is_active and _fingerprint(person) == proposal.person_sha256),
    )


def _fingerprint(person: User) -> str:
    """Return the SHA-256 of what a confirming administrator goes by: who it is, and the account.

    The epoch counts changes of roles, of second factors, and the account's closing.
    """
    facts: list[Json] = [
        person.username,
        person.get_full_name(),
        person.email,
        person.session_epoch,
    ]
    return hashlib.sha256(canonical_json(facts)).hexdigest()

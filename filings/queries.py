"""Reads of cases: whose they are, which wait for whom, what may be done next."""

from django.db.models import QuerySet

from accounts.models import User
from accounts.permissions import objects_for
from accounts.roles import Role, roles_of
from filings.cases import case_facts
from filings.models import Filing
from filings.rules import (
    ACCEPTANCE_RULES,
    CORRECTION_RULES,
    DECISION_RULES,
    EXAMINATION_RULES,
    CaseFacts,
    approver_is_another_person,
    correction_is_asked_once,
    examiner_is_another_person,
    officer_is_impartial,
)
from filings.submission import VIEW
from filings.workflow import TRANSITIONS, Action, State, actions_from
from primitives.rules import Rule

PERSONAL_RULES: dict[Action, tuple[Rule[CaseFacts], ...]] = {
    Action.REQUEST_CORRECTION: (correction_is_asked_once, officer_is_impartial),
    Action.ACCEPT: (officer_is_impartial,),
    Action.EXAMINE: (examiner_is_another_person, officer_is_impartial),
    Action.REGISTER: (approver_is_another_person, officer_is_impartial),
}
"""The rules that this officer cannot mend: a step that breaks one is not offered to them."""

RULES: dict[Action, tuple[Rule[CaseFacts], ...]] = {
    Action.ACCEPT: ACCEPTANCE_RULES,
    Action.REQUEST_CORRECTION: CORRECTION_RULES,
    Action.EXAMINE: EXAMINATION_RULES,
    Action.REGISTER: DECISION_RULES,
}
"""Every rule of the procedure that a step checks."""

ADVANCING = {
    State.SUBMITTED: Action.ACCEPT,
    State.ACCEPTED: Action.EXAMINE,
    State.EXAMINED: Action.PUBLICISE,
    State.PUBLICISED: Action.REGISTER,
}
"""The step that carries a case on from each state in which it waits for the office."""


def cases_of(user: User) -> QuerySet[Filing]:
    """Return the cases that an enterprise's user may follow, newest first."""
    return objects_for(user, VIEW, Filing.objects.order_by("-pk"))


def work_list(user: User) -> QuerySet[Filing]:
    """Return the cases that wait for a step of one of the officer's roles, oldest first."""
    roles = roles_of(user)
    states = [state for state, step in ADVANCING.items() if TRANSITIONS[step].roles & roles]
    if Role.REGISTRAR in roles:
        states += [State.DRAFT, State.CORRECTION_REQUESTED]
    return Filing.objects.filter(state__in=states).select_related("filed_by").order_by("pk")


def possible_actions(filing: Filing, user: User) -> list[Action]:
    """Return the steps that the table, the user's roles and the separation of duties allow."""
    roles = roles_of(user)
    allowed = [
        action for action in actions_from(State(filing.state)) if TRANSITIONS[action].roles & roles
    ]
    facts = case_facts(filing, officer=user)
    return [
        action
        for action in allowed
        if all(rule.holds(facts) for rule in PERSONAL_RULES.get(action, ()))
    ]

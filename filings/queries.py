"""Reads of cases: whose they are, which wait for whom, what may be done next."""

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.permissions import objects_for
from accounts.roles import Role, roles_of
from filings.cases import standing_facts
from filings.models import Check, Filing, Step
from filings.rules import (
    ACCEPTANCE_RULES,
    CORRECTION_RULES,
    DECISION_RULES,
    EXAMINATION_RULES,
    SUBMISSION_RULES,
    CaseFacts,
    StandingFacts,
    approver_is_another_person,
    correction_is_asked_once,
    examiner_is_another_person,
    officer_is_impartial,
)
from filings.submission import VIEW
from filings.workflow import EDITABLE, TRANSITIONS, Action, State, actions_from
from primitives.rules import Rule

PERSONAL_RULES: dict[Action, tuple[Rule[StandingFacts], ...]] = {
    Action.REQUEST_CORRECTION: (correction_is_asked_once, officer_is_impartial),
    Action.ACCEPT: (officer_is_impartial,),
    Action.EXAMINE: (examiner_is_another_person, officer_is_impartial),
    Action.REGISTER: (approver_is_another_person, officer_is_impartial),
}
"""The rules that this officer cannot mend: a step that breaks one is not offered to them."""

RULES: dict[Action, tuple[Rule[CaseFacts], ...]] = {
    Action.SUBMIT: SUBMISSION_RULES,
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
    """Return the cases that wait for a step which this officer may take, oldest first."""
    roles = roles_of(user)
    waiting = Q(pk__in=[])
    for state, action in ADVANCING.items():
        if TRANSITIONS[action].roles & roles:
            waiting |= Q(state=state) & ~_taken_part_in(action, user)
    if Role.REGISTRAR in roles:
        waiting |= Q(state__in=EDITABLE)
    cases = Filing.objects.filter(waiting).exclude(organisation__members=user)
    return cases.select_related("filed_by").order_by("pk")


def possible_actions(filing: Filing, user: User) -> list[Action]:
    """Return the steps that the table, the user's roles and the separation of duties allow."""
    roles = roles_of(user)
    allowed = [
        action for action in actions_from(State(filing.state)) if TRANSITIONS[action].roles & roles
    ]
    facts = standing_facts(filing, officer=user)
    return [
        action
        for action in allowed
        if all(rule.holds(facts) for rule in PERSONAL_RULES.get(action, ()))
    ]


def _taken_part_in(action: Action, user: User) -> Q:
    """Return the cases whose ``action`` is another person's, as PERSONAL_RULES say one by one."""
    if action not in {Action.EXAMINE, Action.REGISTER}:
        return Q(pk__in=[])
    before = {Action.ACCEPT, Action.EXAMINE} if action == Action.REGISTER else {Action.ACCEPT}
    steps = Step.objects.filter(taken_by=user, action__in=before)
    own = Q(filed_by=user) | Q(pk__in=steps.values("filing"))
    if action == Action.REGISTER:
        own |= Q(pk__in=Check.objects.filter(checked_by=user).values("filing"))
    return own

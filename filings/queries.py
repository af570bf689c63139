"""Reads of cases: whose they are, and what may be done next."""

from django.db.models import F, Prefetch, Q, QuerySet

from accounts.models import User
from accounts.permissions import objects_for
from accounts.roles import Role, roles_of
from filings.cases import standing_facts, unconfirmed
from filings.kinds import FilingType
from filings.messages import VIEW
from filings.models import ClaimedShare, Filing, Paper
from filings.rules import (
    ACCEPTANCE_RULES,
    CORRECTION_RULES,
    DECISION_RULES,
    DECLINE_RULES,
    EXAMINATION_RULES,
    EXTENSION_RULES,
    IMPARTIALITY_RULES,
    PUBLICITY_RULES,
    REVIEW_RULES,
    SUBMISSION_RULES,
    SUPPLEMENT_RULES,
    SUPPLY_RULES,
    CaseFacts,
    StandingFacts,
    approver_is_another_person,
    correction_is_asked_once,
    officer_is_impartial,
)
from filings.workflow import EDITABLE, FINAL, TRANSITIONS, Action, State, actions_from
from primitives.rules import Rule
from registry.kinds import IdentifierScheme
from registry.models import DataAsset, Party

PERSONAL_RULES: dict[Action, tuple[Rule[StandingFacts], ...]] = {
    Action.REQUEST_CORRECTION: (correction_is_asked_once, officer_is_impartial),
    Action.DECLINE: IMPARTIALITY_RULES,
    Action.ACCEPT: IMPARTIALITY_RULES,
    Action.EXAMINE: REVIEW_RULES,
    Action.REQUEST_SUPPLEMENT: SUPPLEMENT_RULES,
    Action.EXTEND: IMPARTIALITY_RULES,
    Action.EXEMPT: REVIEW_RULES,
    Action.PUBLICISE: REVIEW_RULES,
    Action.TERMINATE: IMPARTIALITY_RULES,
    Action.REGISTER: (approver_is_another_person, officer_is_impartial),
    Action.REFUSE: IMPARTIALITY_RULES,
}
"""The rules that this officer cannot mend: a step that breaks one is not offered to them."""

RULES: dict[Action, tuple[Rule[CaseFacts], ...]] = {
    Action.SUBMIT: SUBMISSION_RULES,
    Action.ACCEPT: ACCEPTANCE_RULES,
    Action.REQUEST_CORRECTION: CORRECTION_RULES,
    Action.DECLINE: DECLINE_RULES,
    Action.SUPPLY: SUPPLY_RULES,
    Action.EXTEND: EXTENSION_RULES,
    Action.EXEMPT: PUBLICITY_RULES,
    Action.PUBLICISE: PUBLICITY_RULES,
    Action.EXAMINE: EXAMINATION_RULES,
    Action.REGISTER: DECISION_RULES,
}
"""Every rule of the procedure that a step checks."""

ADVANCING = {
    State.SUBMITTED: Action.ACCEPT,
    State.ACCEPTED: Action.EXAMINE,
    State.SUPPLEMENT_REQUESTED: Action.SUPPLY,
    State.EXAMINED: Action.PUBLICISE,
    State.PUBLICISED: Action.REGISTER,
    State.CLEARED: Action.REGISTER,
}
"""The step that carries a case on from each state in which it waits for the office."""


def whole(cases: QuerySet[Filing]) -> QuerySet[Filing]:
    """Return the cases with what the page of one shows and its rules look at, read once."""
    return cases.select_related(
        "filed_by", "organisation", "agent", "asset__entry__leaf", "entry__leaf", "order"
    ).prefetch_related(
        "applicants",
        Prefetch("claims__shares", ClaimedShare.objects.select_related("party")),
        Prefetch("papers", Paper.objects.select_related("instrument")),
        "participants__party",
    )


def cases_of(user: User) -> QuerySet[Filing]:
    """Return the cases that an enterprise's user may follow, newest first."""
    return objects_for(user, VIEW, Filing.objects.order_by("-pk"))


def own_cases_of(user: User) -> QuerySet[Filing]:
    """Return the cases that the user's own organisations applied in, not those of other parties."""
    return cases_of(user).filter(organisation__in=user.organisations.all())


def drafts_of(user: User) -> QuerySet[Filing]:
    """Return the cases that the user may change now: those that their own organisations drafted.

    What a registrar drafted from a paper is the office's to change.
    """
    return own_cases_of(user).filter(state__in=EDITABLE, filed_by__organisations=F("organisation"))


def pending_cases_on(asset: DataAsset) -> int:
    """Return how many cases that were submitted and are not decided concern the asset."""
    waiting = Filing.objects.exclude(state__in={State.DRAFT, *FINAL})
    named = Q(sources__source_version__asset=asset) | Q(concerned=asset)
    return waiting.filter(named).distinct().count()


def consents_due_from(filing: Filing, user: User) -> list[Party]:
    """Return the applicants for whom the user may consent and who have not confirmed it yet."""
    if filing.type == FilingType.INITIAL or filing.state in {State.DRAFT, *FINAL}:
        return []
    applicants = list(filing.applicants.all())
    missing = unconfirmed(filing, applicants)
    codes = set(user.organisations.values_list("uscc", flat=True))
    return [
        party
        for party in applicants
        if party.reference in missing
        and party.identifier_scheme == IdentifierScheme.USCC
        and party.identifier in codes
    ]


def possible_actions(
    filing: Filing,
    user: User,
    facts: StandingFacts | None = None,
    roles: frozenset[Role] | None = None,
) -> list[Action]:
    """Return the steps that the table, the user's roles and the separation of duties allow.

    ``facts`` are the `standing_facts` of the user and ``roles`` theirs, if they were read before.
    """
    roles = roles_of(user) if roles is None else roles
    allowed = [
        action for action in actions_from(State(filing.state)) if TRANSITIONS[action].roles & roles
    ]
    if facts is None and any(PERSONAL_RULES.get(action) for action in allowed):
        facts = standing_facts(filing, officer=user)
    return [
        action
        for action in allowed
        if facts is None or all(rule.holds(facts) for rule in PERSONAL_RULES.get(action, ()))
    ]

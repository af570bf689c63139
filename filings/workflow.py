"""The states of a case and the allowed steps between them, as one table (NDA35 art. 14-28).

Pure. The statutory clocks are not here: a step records its time, and the procedure's clocks read
those times.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.roles import Role


class State(models.TextChoices):
    """Where a case stands."""

    DRAFT = "DRAFT", _("Draft")
    SUBMITTED = "SUBMITTED", _("Submitted")
    CORRECTION_REQUESTED = "CORRECTION_REQUESTED", _("Correction requested")
    NOT_ACCEPTED = "NOT_ACCEPTED", _("Not accepted")
    ACCEPTED = "ACCEPTED", _("Accepted, in review")
    EXAMINED = "EXAMINED", _("Examined")
    PUBLICISED = "PUBLICISED", _("In publicity")
    REGISTERED = "REGISTERED", _("Registered")
    REFUSED = "REFUSED", _("Refused")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")


class Action(models.TextChoices):
    """What moves a case on."""

    SUBMIT = "SUBMIT", _("Submit")
    REQUEST_CORRECTION = "REQUEST_CORRECTION", _("Request correction")
    DECLINE = "DECLINE", _("Do not accept")
    ACCEPT = "ACCEPT", _("Accept")
    EXAMINE = "EXAMINE", _("Pass examination")
    PUBLICISE = "PUBLICISE", _("Publicise")
    REGISTER = "REGISTER", _("Approve and register")
    REFUSE = "REFUSE", _("Refuse")
    WITHDRAW = "WITHDRAW", _("Withdraw")


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One row of the table: who may take the step, from where, to where."""

    sources: frozenset[State]
    target: State
    roles: frozenset[Role]
    needs_note: bool = False
    article: str


TRANSITIONS: Mapping[Action, Transition] = {
    Action.SUBMIT: Transition(
        sources=frozenset({State.DRAFT, State.CORRECTION_REQUESTED}),
        target=State.SUBMITTED,
        roles=frozenset({Role.REGISTRAR, Role.ENTERPRISE}),
        article="NDA35 art. 16",
    ),
    Action.REQUEST_CORRECTION: Transition(
        sources=frozenset({State.SUBMITTED}),
        target=State.CORRECTION_REQUESTED,
        roles=frozenset({Role.REGISTRAR}),
        needs_note=True,
        article="NDA35 art. 17",
    ),
    Action.DECLINE: Transition(
        sources=frozenset({State.SUBMITTED}),
        target=State.NOT_ACCEPTED,
        roles=frozenset({Role.REGISTRAR}),
        needs_note=True,
        article="NDA35 art. 17",
    ),
    Action.ACCEPT: Transition(
        sources=frozenset({State.SUBMITTED}),
        target=State.ACCEPTED,
        roles=frozenset({Role.REGISTRAR}),
        article="NDA35 art. 17",
    ),
    Action.EXAMINE: Transition(
        sources=frozenset({State.ACCEPTED}),
        target=State.EXAMINED,
        roles=frozenset({Role.EXAMINER}),
        article="NDA35 art. 18-21",
    ),
    Action.PUBLICISE: Transition(
        sources=frozenset({State.EXAMINED}),
        target=State.PUBLICISED,
        roles=frozenset({Role.EXAMINER}),
        article="NDA35 art. 24",
    ),
    Action.REGISTER: Transition(
        sources=frozenset({State.PUBLICISED}),
        target=State.REGISTERED,
        roles=frozenset({Role.APPROVER}),
        article="NDA35 art. 26-28",
    ),
    Action.REFUSE: Transition(
        sources=frozenset({State.ACCEPTED, State.EXAMINED, State.PUBLICISED}),
        target=State.REFUSED,
        roles=frozenset({Role.EXAMINER, Role.APPROVER}),
        needs_note=True,
        article="NDA35 art. 22",
    ),
    Action.WITHDRAW: Transition(
        sources=frozenset(
            {
                State.DRAFT,
                State.SUBMITTED,
                State.CORRECTION_REQUESTED,
                State.ACCEPTED,
                State.EXAMINED,
                State.PUBLICISED,
            }
        ),
        target=State.WITHDRAWN,
        roles=frozenset({Role.REGISTRAR, Role.ENTERPRISE}),
        needs_note=True,
        article="NDA35 art. 16",
    ),
}

EDITABLE = frozenset({State.DRAFT, State.CORRECTION_REQUESTED})
"""The states in which the applicant's side may still change what is applied for."""
FINAL = frozenset({State.NOT_ACCEPTED, State.REGISTERED, State.REFUSED, State.WITHDRAWN})


def actions_from(state: State) -> list[Action]:
    """Return what the table allows in ``state``, in the order of the procedure."""
    return [action for action, row in TRANSITIONS.items() if state in row.sources]

"""The states of a case and the allowed steps between them, as one table (NDA35 art. 14-28).

Pure. A step records its time; the statutory clocks (filings/clocks.py) read those times. Which
types of filing need which steps is the rule profile's to say (filings/profiles).
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
    SUPPLEMENT_REQUESTED = "SUPPLEMENT_REQUESTED", _("Supplement requested")
    EXAMINED = "EXAMINED", _("Examined")
    PUBLICISED = "PUBLICISED", _("In publicity")
    OBJECTED = "OBJECTED", _("Objection pending")
    CLEARED = "CLEARED", _("Ready for the decision")
    REGISTERED = "REGISTERED", _("Registered")
    REFUSED = "REFUSED", _("Refused")
    TERMINATED = "TERMINATED", _("Terminated")
    LAPSED = "LAPSED", _("Lapsed")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")


class Action(models.TextChoices):
    """What moves a case on."""

    SUBMIT = "SUBMIT", _("Submit")
    REQUEST_CORRECTION = "REQUEST_CORRECTION", _("Request correction")
    DECLINE = "DECLINE", _("Do not accept")
    ACCEPT = "ACCEPT", _("Accept")
    DEEM_ACCEPTED = "DEEM_ACCEPTED", _("Deemed accepted")
    REQUEST_SUPPLEMENT = "REQUEST_SUPPLEMENT", _("Request a supplement")
    SUPPLY = "SUPPLY", _("Supply what was asked for")
    EXTEND = "EXTEND", _("Extend the time limit")
    EXAMINE = "EXAMINE", _("Pass examination")
    EXEMPT = "EXEMPT", _("Dispense with publicity")
    PUBLICISE = "PUBLICISE", _("Publicise")
    CLEAR = "CLEAR", _("Ready without publicity")
    OBJECT = "OBJECT", _("Take in an objection")
    RESOLVE = "RESOLVE", _("Go on after the objections")
    REGISTER = "REGISTER", _("Approve and register")
    REFUSE = "REFUSE", _("Refuse")
    TERMINATE = "TERMINATE", _("Terminate the review")
    LAPSE = "LAPSE", _("Lapse")
    WITHDRAW = "WITHDRAW", _("Withdraw")
    RECEIVE_OBJECTION = "RECEIVE_OBJECTION", _("Receive a further objection")
    NOTIFY_OBJECTION = "NOTIFY_OBJECTION", _("Notify the registrant of an objection")
    MEDIATE = "MEDIATE", _("Enter a mediation")
    RECORD_MEDIATION = "RECORD_MEDIATION", _("Record the result of a mediation")
    AWAIT_RESULT = "AWAIT_RESULT", _("Wait for arbitration or court")
    RECORD_RESULT = "RECORD_RESULT", _("Record the result of arbitration or court")
    CONCLUDE_OBJECTION = "CONCLUDE_OBJECTION", _("Conclude an objection")


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One row of the table: who may take the step, from where, to where.

    A step without a target leaves the case where it is; one without roles happens by itself, when
    its time has come, when the rule profile asks for nothing else, or when
    somebody objects and when that is concluded (filings/investigation.py).
    """

    sources: frozenset[State]
    target: State | None
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
    Action.DEEM_ACCEPTED: Transition(
        sources=frozenset({State.SUBMITTED}),
        target=State.ACCEPTED,
        roles=frozenset(),
        article="NDA35 art. 17",
    ),
    Action.REQUEST_SUPPLEMENT: Transition(
        sources=frozenset({State.ACCEPTED}),
        target=State.SUPPLEMENT_REQUESTED,
        roles=frozenset({Role.EXAMINER}),
        needs_note=True,
        article="NDA35 art. 18, 28",
    ),
    Action.SUPPLY: Transition(
        sources=frozenset({State.SUPPLEMENT_REQUESTED}),
        target=State.ACCEPTED,
        roles=frozenset({Role.REGISTRAR, Role.ENTERPRISE}),
        article="NDA35 art. 18, 28",
    ),
    Action.EXTEND: Transition(
        sources=frozenset({State.ACCEPTED, State.EXAMINED}),
        target=None,
        roles=frozenset({Role.EXAMINER}),
        needs_note=True,
        article="NDA35 art. 28",
    ),
    Action.EXAMINE: Transition(
        sources=frozenset({State.ACCEPTED}),
        target=State.EXAMINED,
        roles=frozenset({Role.EXAMINER}),
        article="NDA35 art. 18-21",
    ),
    Action.EXEMPT: Transition(
        sources=frozenset({State.EXAMINED}),
        target=State.CLEARED,
        roles=frozenset({Role.EXAMINER}),
        needs_note=True,
        article="NDA35 art. 24",
    ),
    Action.PUBLICISE: Transition(
        sources=frozenset({State.EXAMINED}),
        target=State.PUBLICISED,
        roles=frozenset({Role.EXAMINER}),
        article="NDA35 art. 24",
    ),
    Action.CLEAR: Transition(
        sources=frozenset({State.ACCEPTED, State.EXAMINED}),
        target=State.CLEARED,
        roles=frozenset(),
        article="NDA35 art. 24",
    ),
    Action.OBJECT: Transition(
        sources=frozenset({State.PUBLICISED}),
        target=State.OBJECTED,
        roles=frozenset(),
        needs_note=True,
        article="NDA35 art. 25",
    ),
    Action.RESOLVE: Transition(
        sources=frozenset({State.OBJECTED}),
        target=State.PUBLICISED,
        roles=frozenset(),
        needs_note=True,
        article="NDA35 art. 25",
    ),
    Action.REGISTER: Transition(
        sources=frozenset({State.PUBLICISED, State.CLEARED}),
        target=State.REGISTERED,
        roles=frozenset({Role.APPROVER}),
        article="NDA35 art. 26-28",
    ),
    Action.REFUSE: Transition(
        sources=frozenset(
            {
                State.ACCEPTED,
                State.SUPPLEMENT_REQUESTED,
                State.EXAMINED,
                State.PUBLICISED,
                State.OBJECTED,
                State.CLEARED,
            }
        ),
        target=State.REFUSED,
        roles=frozenset({Role.EXAMINER, Role.APPROVER}),
        needs_note=True,
        article="NDA35 art. 22",
    ),
    Action.TERMINATE: Transition(
        sources=frozenset({State.ACCEPTED, State.SUPPLEMENT_REQUESTED}),
        target=State.TERMINATED,
        roles=frozenset({Role.EXAMINER}),
        needs_note=True,
        article="NDA35 art. 18",
    ),
    Action.LAPSE: Transition(
        sources=frozenset({State.CORRECTION_REQUESTED, State.SUPPLEMENT_REQUESTED}),
        target=State.LAPSED,
        roles=frozenset(),
        article="NDA35 art. 17-18",
    ),
    Action.WITHDRAW: Transition(
        sources=frozenset(
            {
                State.DRAFT,
                State.SUBMITTED,
                State.CORRECTION_REQUESTED,
                State.ACCEPTED,
                State.SUPPLEMENT_REQUESTED,
                State.EXAMINED,
                State.PUBLICISED,
                State.OBJECTED,
                State.CLEARED,
            }
        ),
        target=State.WITHDRAWN,
        roles=frozenset({Role.REGISTRAR, Role.ENTERPRISE}),
        needs_note=True,
        article="NDA35 art. 16",
    ),
}

BESIDE = frozenset(
    {
        Action.RECEIVE_OBJECTION,
        Action.NOTIFY_OBJECTION,
        Action.MEDIATE,
        Action.RECORD_MEDIATION,
        Action.AWAIT_RESULT,
        Action.RECORD_RESULT,
        Action.CONCLUDE_OBJECTION,
    }
)
"""Steps on an objection, also after the registration: told and dated, they move no case."""

EDITABLE = frozenset({State.DRAFT, State.CORRECTION_REQUESTED})
"""The states in which the applicant's side may still change what is applied for."""
TAKES_PAPERS = EDITABLE | {State.SUPPLEMENT_REQUESTED}
"""The states in which the applicant's side may hand in papers."""
FINAL = frozenset(
    {
        State.NOT_ACCEPTED,
        State.REGISTERED,
        State.REFUSED,
        State.TERMINATED,
        State.LAPSED,
        State.WITHDRAWN,
    }
)


def actions_from(state: State) -> list[Action]:
    """Return what the table allows in ``state``, in the order of the procedure."""
    return [action for action, row in TRANSITIONS.items() if state in row.sources]

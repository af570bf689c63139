"""The refusal predictor: what would stand against an application, told before it is filed.

Entry points: `predict`, `standing_against`. It asks the very rules of the steps to come and of the
law of title; it only leaves out those about the person of the officer, who is not known yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django_stubs_ext import StrOrPromise

from accounts.models import User
from filings.cases import case_facts
from filings.models import Filing
from filings.near_matches import Match, registered_alike
from filings.negative_list import Hit, hits
from filings.rules import (
    ACCEPTANCE_RULES,
    IMPARTIALITY_RULES,
    SUBMISSION_RULES,
    StandingFacts,
    answer_is_in_time,
    declarations_are_made,
    near_matches_are_other_data,
    no_listed_item_applies,
)
from filings.title import refusals
from primitives.rules import NumberedRule, broken
from registry.kinds import InstrumentKind
from rights.initial_registration import InitialApplication

NOW_RULES = tuple(rule for rule in SUBMISSION_RULES if rule is not declarations_are_made)
"""What stands against a submission but the declarations, which are made with it."""
LATER_RULES = tuple(
    rule for rule in ACCEPTANCE_RULES if rule not in SUBMISSION_RULES + IMPARTIALITY_RULES
)

OF_THE_APPLICATION = tuple(
    rule
    for rule in (
        *SUBMISSION_RULES,
        *LATER_RULES,
        near_matches_are_other_data,
        no_listed_item_applies,
    )
    if rule is not answer_is_in_time
)
"""Rules about what is applied for, and neither about who takes a step nor about when."""


NOBODY = StandingFacts(
    officer="",
    filed_by=frozenset(),
    accepted_by=frozenset(),
    examined_by=frozenset(),
    times={},
    officer_is_applicant=False,
)
"""Who will take the steps is not known yet, and no rule here asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What stands against an application as it is written now.

    Attributes:
        missing: the papers that the rule profile asks for and that are not there, by name.
        now: rules without which it cannot be submitted.
        later: rules for which the registrar would refuse it.
        listed: items of the negative list whose words stand in it; an examiner finds of each
            whether it applies.
        alike: registered data with a similar name; an examiner finds whether it is the same.
    """

    missing: Sequence[StrOrPromise]
    now: Sequence[NumberedRule]
    later: Sequence[NumberedRule]
    listed: Sequence[Hit] = ()
    alike: Sequence[Match] = ()

    @property
    def is_clear(self) -> bool:
        """Whether nothing stands against it."""
        return not (self.missing or self.now or self.later)


def standing_against(filing: Filing, *, by: User, at: datetime) -> list[NumberedRule]:
    """Return every rule for which what is applied for cannot be registered as it is."""
    facts = case_facts(filing, officer=by, at=at)
    return [
        *broken(OF_THE_APPLICATION, facts),
        *refusals(filing, at=at),
    ]


def predict(
    filing: Filing,
    *,
    by: User,
    at: datetime,
    application: InitialApplication | None = None,
) -> Prediction:
    """Return what would stand against the application if it were submitted and decided now.

    ``application`` is what an initial filing asks for, if it was read before.
    """
    facts = case_facts(filing, officer=by, at=at, standing=NOBODY)
    lacking = facts.required_papers - facts.papers
    return Prediction(
        missing=[kind.label for kind in InstrumentKind if kind in lacking],
        now=broken(NOW_RULES, facts),
        later=[
            *broken(LATER_RULES, facts),
            *refusals(filing, at=at, application=application),
        ],
        listed=hits(filing, at=at),
        alike=registered_alike(filing),
    )

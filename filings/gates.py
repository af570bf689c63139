"""The three gates of review, each with its articles, its items, and what the rules say of them.

Entry point: `gates`. The rules are those that the decision is made by; they are an answer by the
machine beside the examiner's own, who decides.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from filings.checklist import CheckItem
from filings.rules import (
    CaseFacts,
    applicant_is_named,
    near_matches_are_other_data,
    no_listed_item_applies,
    objections_are_decided,
    papers_are_complete,
    papers_are_intact,
    registrar_is_not_applicant,
)
from primitives.rules import NumberedRule, broken
from registry.kinds import Situation
from registry.provenance import SOURCE_RULES
from rights.initial_registration import INITIAL_RULES, InitialApplication
from rights.kinds import RightKind
from rights.matrix import MATRIX


class Gate(models.TextChoices):
    """What must be found of every application for new data (NDA35 art. 18)."""

    DESCRIPTION = "DESCRIPTION", _("Accuracy of the description")
    SOURCE = "SOURCE", _("Compliance of the source")
    RIGHTS = "RIGHTS", _("Clarity of rights")


ARTICLES: Mapping[Gate, str] = {
    Gate.DESCRIPTION: "NDA35 art. 19",
    Gate.SOURCE: "NDA35 art. 20",
    Gate.RIGHTS: "NDA35 art. 21-22",
}
ITEMS: Mapping[Gate, tuple[CheckItem, ...]] = {
    Gate.DESCRIPTION: (CheckItem.NAME_PRECISE, CheckItem.SUMMARY_TRUE),
    Gate.SOURCE: (CheckItem.SOURCE_LAWFUL, CheckItem.BASIS_CHECKED, CheckItem.PERSONAL_DATA),
    Gate.RIGHTS: (CheckItem.RIGHTS_CLEAR, CheckItem.NO_DISPUTE),
}
CASE_RULES = (
    papers_are_complete,
    papers_are_intact,
    registrar_is_not_applicant,
    applicant_is_named,
    objections_are_decided,
    near_matches_are_other_data,
    no_listed_item_applies,
)
"""Those of the procedure that speak of an item and not of who takes the step, or when."""
SPEAKS_OF: Mapping[CheckItem, frozenset[str]] = {
    CheckItem.NAME_PRECISE: frozenset({"FIL-30", "REG-13"}),
    CheckItem.SUMMARY_TRUE: frozenset({"FIL-1", "FIL-2", "REG-12"}),
    CheckItem.SOURCE_LAWFUL: frozenset({"FIL-31", "REG-1", "REG-17", "REG-18"}),
    CheckItem.BASIS_CHECKED: frozenset(
        {"REG-6", "REG-7", "PRV-1", "PRV-2", "PRV-3", "PRV-4", "REG-24", "REG-25"}
    ),
    CheckItem.PERSONAL_DATA: frozenset(
        {"REG-15", "REG-16", "REG-19", "REG-20", "REG-21", "REG-22"}
    ),
    CheckItem.RIGHTS_CLEAR: frozenset(
        {
            "FIL-6",
            "FIL-8",
            "REG-2",
            "REG-3",
            "REG-4",
            "REG-5",
            "REG-8",
            "REG-9",
            "REG-10",
            "REG-11",
            "REG-14",
            "REG-23",
        }
    ),
    CheckItem.NO_DISPUTE: frozenset({"FIL-18"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineAnswer:
    """What the rules say of one item: each that speaks of it, and those that do not hold."""

    rules: Sequence[NumberedRule]
    against: Sequence[NumberedRule]

    @property
    def holds(self) -> bool:
        """Whether none stands against it."""
        return not self.against


def machine_answers(
    facts: CaseFacts, against: Collection[NumberedRule]
) -> Mapping[CheckItem, MachineAnswer]:
    """Return what the rules say of each item.

    Args:
        facts: of the procedure.
        against: the rules of title and provenance that do not hold.
    """
    failed = {rule.number for rule in (*broken(CASE_RULES, facts), *against)}
    known: tuple[NumberedRule, ...] = (*CASE_RULES, *INITIAL_RULES, *SOURCE_RULES)
    return {
        item: MachineAnswer(
            rules=[rule for rule in known if rule.number in numbers],
            against=[rule for rule in known if rule.number in numbers & failed],
        )
        for item, numbers in SPEAKS_OF.items()
    }


def gates(required: Collection[str]) -> list[tuple[Gate, list[CheckItem]]]:
    """Return the gates with those of their items that a filing of some type needs."""
    found = [(gate, [item for item in items if item in required]) for gate, items in ITEMS.items()]
    return [(gate, items) for gate, items in found if items]


class Allowed(models.TextChoices):
    """What the matrix says of one right in the case's situation."""

    YES = "YES", _("may be registered")
    NO = "NO", _("may not be registered")
    GIVEN = "GIVEN", _("the contract gives it")
    NOT_GIVEN = "NOT_GIVEN", _("the contract does not give it")
    BY_CONSENT = "BY_CONSENT", _("only with the consent of every other party")


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """One right: what the matrix allows in the case's situation, and whether it is claimed."""

    kind: RightKind
    allowed: Allowed
    is_claimed: bool

    @property
    def is_over(self) -> bool:
        """Whether more is claimed than may be registered, whatever is handed in."""
        return self.is_claimed and self.allowed in {Allowed.NO, Allowed.NOT_GIVEN}


def matrix(application: InitialApplication) -> list[MatrixRow]:
    """Return the row of the matrix that the case's situation has, right by right."""
    situation = Situation(application.asset.situation)
    claimed = {claim.kind for claim in application.claims}
    return [
        MatrixRow(
            kind=kind,
            allowed=_allowed(kind, situation, application.contract_kinds),
            is_claimed=kind in claimed,
        )
        for kind in RightKind
    ]


def _allowed(kind: RightKind, situation: Situation, given: Collection[RightKind]) -> Allowed:
    if kind not in MATRIX[situation]:
        return Allowed.NO
    if situation == Situation.BY_CONTRACT:
        return Allowed.GIVEN if kind in given else Allowed.NOT_GIVEN
    if situation == Situation.FUSED_SILENT and kind == RightKind.OPERATE:
        return Allowed.BY_CONSENT
    return Allowed.YES

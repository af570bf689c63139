"""Letters of the procedure: what the applicant is told in writing, and when (NDA35 art. 17-28).

Entry points: `write_letter`, `letters_of`. A letter is written in the transaction of its step, and
what it says is kept as facts: whom it is addressed to, what was applied for, the day until which
something is due, the rules that stood against it. The page is drawn from them whenever it is wanted
(`filings.letter_pages`). Names that can be erased, and grounds, are read where they stand, so that
their erasure reaches every letter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from filings.kinds import LetterKind
from filings.models import Filing, Letter, Step
from filings.workflow import Action
from primitives.rules import NumberedRule
from registry.erasure import erasable_fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the letter of a step is, what it says, and the article that asks for it."""

    kind: LetterKind
    sentence: StrOrPromise
    article: str


TOLD: Mapping[Action, Told] = {
    Action.SUBMIT: Told(
        kind=LetterKind.RECEIPT,
        sentence=_(
            "We have received your application with the papers listed below. You will be told "
            "whether it is accepted."
        ),
        article="NDA35 art. 16",
    ),
    Action.ACCEPT: Told(
        kind=LetterKind.ACCEPTANCE,
        sentence=_("Your application meets the conditions of acceptance and is accepted."),
        article="NDA35 art. 17",
    ),
    Action.DEEM_ACCEPTED: Told(
        kind=LetterKind.ACCEPTANCE,
        sentence=_(
            "The time for telling you the result is over; your application is deemed accepted."
        ),
        article="NDA35 art. 17",
    ),
    Action.REQUEST_CORRECTION: Told(
        kind=LetterKind.CORRECTION,
        sentence=_(
            "Your application does not meet the conditions of acceptance yet. You are told once of "
            "everything that is to be corrected:"
        ),
        article="NDA35 art. 17",
    ),
    Action.DECLINE: Told(
        kind=LetterKind.NON_ACCEPTANCE,
        sentence=_("Your application is not accepted, on this ground:"),
        article="NDA35 art. 17",
    ),
    Action.REQUEST_SUPPLEMENT: Told(
        kind=LetterKind.SUPPLEMENT,
        sentence=_(
            "The review of your application needs more papers. You are told once of everything "
            "that is wanted; the time limit stands still until you answer:"
        ),
        article="NDA35 art. 18, 28",
    ),
    Action.EXTEND: Told(
        kind=LetterKind.EXTENSION,
        sentence=_("The time limit for your application is extended once, on this ground:"),
        article="NDA35 art. 28",
    ),
    Action.PUBLICISE: Told(
        kind=LetterKind.PUBLICITY,
        sentence=_(
            "Your application is public from today on the registry's page of public notices, where "
            "anyone with an interest may object."
        ),
        article="NDA35 art. 24",
    ),
    Action.OBJECT: Told(
        kind=LetterKind.OBJECTION,
        sentence=_(
            "An objection was raised against your application. The time limit stands still until "
            "it is decided. What was said:"
        ),
        article="NDA35 art. 25",
    ),
    Action.NOTIFY_OBJECTION: Told(
        kind=LetterKind.LATER,
        sentence=_(
            "An objection was raised, after the publicity, against what you applied for or what is "
            "registered for you. If you agree, apply for a change or a cancellation; if not, give "
            "your reasons in writing, and the registry investigates and concludes. What was said:"
        ),
        article="NDA35 art. 29",
    ),
    Action.CONCLUDE_OBJECTION: Told(
        kind=LetterKind.CONCLUSION,
        sentence=_("An objection against your application or registration is concluded:"),
        article="NDA35 art. 25, 29",
    ),
    Action.RESOLVE: Told(
        kind=LetterKind.CONCLUSION,
        sentence=_("The objections against your application do not stand. The conclusion:"),
        article="NDA35 art. 25",
    ),
    Action.REGISTER: Told(
        kind=LetterKind.REGISTRATION,
        sentence=_(
            "What you applied for is entered in the register. The certificate is issued "
            "separately; where it and the register differ, the register prevails."
        ),
        article="NDA35 art. 26-28",
    ),
    Action.REFUSE: Told(
        kind=LetterKind.REFUSAL,
        sentence=_("Registration is refused, on this ground:"),
        article="NDA35 art. 22",
    ),
    Action.TERMINATE: Told(
        kind=LetterKind.TERMINATION,
        sentence=_("The review of your application is terminated, on this ground:"),
        article="NDA35 art. 18",
    ),
    Action.LAPSE: Told(
        kind=LetterKind.LAPSE,
        sentence=_(
            "What you were asked for did not come by the last day for it; your application has "
            "lapsed."
        ),
        article="NDA35 art. 17-18",
    ),
    Action.WITHDRAW: Told(
        kind=LetterKind.WITHDRAWAL,
        sentence=_("Your application is withdrawn at your wish; nothing was registered."),
        article="NDA35 art. 16",
    ),
}
"""Step -> its letter. What nobody is told of in writing makes none."""


def write_letter(
    step: Step, *, written_at: datetime, against: Sequence[NumberedRule] = ()
) -> Letter | None:
    """Keep the letter of a step that was just taken; None if nobody is told of it in writing.

    ``written_at`` is its date: for a step of the clock, later than the step's lawful day.
    ``against`` are the rules that stood against the application, for a refusal.
    """
    if (told := TOLD.get(Action(step.action))) is None:
        return None
    filing = step.filing
    applicants = list(filing.applicants.all())
    # Counted within the case, whose lock is held: one series for all would let every act wait.
    serial = letters_of(filing).count() + 1
    return Letter.objects.create(
        step=step,
        number=f"{filing.number}-{serial:02d}",
        kind=told.kind,
        content={
            "written_at": written_at.astimezone(UTC).isoformat(),
            "registrar": {
                "zh": settings.REGISTRAR_NAME_ZH,
                "en": settings.REGISTRAR_NAME_EN,
                "is_example": settings.REGISTRAR_IS_EXAMPLE,
            },
            "name": filing.name,
            "addressees": sorted(party.reference for party in applicants),
            "names": {
                party.reference: party.name
                for party in applicants
                if "/name" not in erasable_fields(party)
            },
            "authority": (
                {"kind": order.authority, "order": order.number}
                if (order := getattr(filing, "order", None))
                else None
            ),
            "due_on": filing.due_on.isoformat() if filing.due_on else None,
            "publicity_ends_on": (
                filing.publicity_ends_on.isoformat() if filing.publicity_ends_on else None
            ),
            "papers": list(
                filing.papers.order_by("pk").values_list("instrument__reference", flat=True)
            ),
            "unmet": sorted(filing.checks.filter(is_met=False).values_list("item", flat=True)),
            "rules": [
                {
                    "number": rule.number,
                    "zh": rule.sentence("zh"),
                    "en": rule.sentence("en"),
                    "source": rule.source,
                }
                for rule in against
            ],
            "entry": filing.entry_id,
        },
    )


def letters_of(filing: Filing) -> QuerySet[Letter]:
    """Return the letters of a case in their order."""
    return Letter.objects.filter(step__filing=filing).select_related("step").order_by("pk")

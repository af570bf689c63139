"""What the office shows of a case, and the one place where its buttons become use cases.

Entry points: `case_content`, `predicted_refusals`, `take`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from accounts.models import User
from accounts.roles import has_role
from filings.act_forms import act_sayings
from filings.application import (
    application_of,
    claims_of,
    papers_of,
    participants_of,
    sources_of,
)
from filings.cases import case_facts, undeclared
from filings.decision import approve
from filings.differences import OF_A_RIGHT, Difference, differences
from filings.kinds import FilingType
from filings.models import AskedAct, ClaimedRight, ClaimedSource, Filing, Paper
from filings.queries import ADVANCING, PERSONAL_RULES, RULES
from filings.review import (
    accept,
    decline,
    exempt,
    extend,
    pass_examination,
    publicise,
    refuse,
    request_correction,
    request_supplement,
    terminate,
)
from filings.rules import CaseFacts
from filings.submission import submit, supply, withdraw
from filings.title import refusals
from filings.workflow import EDITABLE, TRANSITIONS, Action, State
from primitives.rules import NumberedRule, broken
from registry.instruments import is_intact
from registry.queries import parties_by_stage
from rights.initial_registration import InitialApplication, bases_are_proven
from rights.terms import term_end
from rights.wording import act_name

DESCRIPTION = (
    (_("The data"), ("summary", "kind", "industry_section", "industry_division")),
    (_("Origin"), ("source_kind", "situation", "is_substantive")),
    (
        _("Classification"),
        ("grade", "personal_information", "personal_basis", "public_data", "public_data_code"),
    ),
    (
        _("Scope"),
        ("region_scope", "region", "period_from", "period_to", "update_frequency", "record_count"),
    ),
    (_("Form"), ("form", "structure")),
    (
        _("Limits"),
        (
            "limit_users",
            "limit_qualification",
            "limit_environment",
            "limit_territory",
            "resale_allowed",
            "export_allowed",
        ),
    ),
    (
        _("Digests of the data"),
        ("sha256", "sm3", "size_bytes", "field_names", "part_digests"),
    ),
)

CONSEQUENCES: Mapping[Action, Any] = {
    Action.SUBMIT: _(
        "The filing goes to acceptance. What is applied for can no longer be changed, unless "
        "correction is requested."
    ),
    Action.REQUEST_CORRECTION: _(
        "The filing goes back to the applicant, once, with everything that is missing. They "
        "correct it and submit it again."
    ),
    Action.DECLINE: _("The case ends here. The register is not touched."),
    Action.ACCEPT: _("The case goes to an examiner, who is another person than you."),
    Action.REQUEST_SUPPLEMENT: _(
        "The applicant is asked, once, for everything that the review lacks. The time limit "
        "stands still until they answer."
    ),
    Action.SUPPLY: _("The review goes on with what was handed in."),
    Action.EXTEND: _("The time limit for the review is extended, once."),
    Action.EXEMPT: _(
        "The case goes to an approver without publicity. The ground stands on the case for good."
    ),
    Action.TERMINATE: _(
        "The case ends here: what is needed cannot be supplied and cannot be verified."
    ),
    Action.EXAMINE: _(
        "You confirm the checklist. The case can be publicised and then goes to an approver, who "
        "is another person than you."
    ),
    Action.PUBLICISE: _("The publicity of the case opens. Afterwards an approver decides."),
    Action.REGISTER: _(
        "What you see below is entered in the register and the ledger, for good. A certificate "
        "is issued from it. An entry is never changed, only followed by a further act."
    ),
    Action.REFUSE: _("The case ends here, refused in writing. The register is not touched."),
    Action.WITHDRAW: _("The case ends here, at the applicant's wish. The register is not touched."),
}
"""What each step does, as its confirmation page says it."""


SHAPES: Mapping[State, str] = {
    State.DRAFT: "○",
    State.SUBMITTED: "◔",
    State.CORRECTION_REQUESTED: "↺",
    State.NOT_ACCEPTED: "✕",
    State.ACCEPTED: "◑",
    State.SUPPLEMENT_REQUESTED: "↺",
    State.EXAMINED: "◕",
    State.PUBLICISED: "◎",
    State.OBJECTED: "▲",
    State.CLEARED: "◉",
    State.REGISTERED: "●",
    State.REFUSED: "✕",
    State.TERMINATED: "✕",
    State.LAPSED: "−",
    State.WITHDRAWN: "−",
}
"""A shape for each state, so that it is not told by colour alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRight:
    """A claimed right, and when its term would end if it were registered now."""

    claim: ClaimedRight
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSource:
    """A claimed source, and whether its basis would stand as proven if registered now."""

    source: ClaimedSource
    is_proven: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPaper:
    """A paper, and whether its stored file is there and unchanged."""

    paper: Paper
    is_intact: bool


def case_content(
    filing: Filing,
    *,
    at: datetime,
    application: InitialApplication | None = None,
    sources: Sequence[ClaimedSource] | None = None,
) -> dict[str, Any]:
    """Return what a case applies for, ready for a page; what was read before may be given."""
    if filing.type != FilingType.INITIAL:
        return acts_content(filing)
    sources = sources_of(filing) if sources is None else sources
    application = application or application_of(filing, sources=sources)
    return {
        "applicants": list(filing.applicants.all()),
        "description": [
            (title, [_labelled(filing, name) for name in names]) for title, names in DESCRIPTION
        ],
        "rights": [
            ShownRight(claim=claim, ends_at=term_end(at, claim.term_months))
            for claim in claims_of(filing)
        ],
        "sources": [
            ShownSource(source=source, is_proven=is_proven)
            for source, is_proven in zip(
                sources, bases_are_proven(application.derivations), strict=True
            )
        ],
        "participants": participants_of(filing),
        "responsibilities": parties_by_stage(application.responsibilities),
        "papers": [
            ShownPaper(paper=paper, is_intact=is_intact(paper.instrument))
            for paper in papers_of(filing)
        ],
    }


def acts_content(filing: Filing) -> dict[str, Any]:
    """Return what a filing on registered assets asks for, ready for a page."""
    return {
        "applicants": list(filing.applicants.all()),
        "asked": [_asked(asked, is_open=filing.entry_id is None) for asked in filing.acts.all()],
        "concerned": list(filing.concerned.order_by("number")),
        "order": getattr(filing, "order", None),
        "consents": list(filing.given_consents.select_related("party", "paper__instrument")),
        "papers": [
            ShownPaper(paper=paper, is_intact=is_intact(paper.instrument))
            for paper in papers_of(filing)
        ],
    }


def _asked(
    asked: AskedAct, *, is_open: bool
) -> tuple[AskedAct, StrOrPromise, list[tuple[StrOrPromise, str]], list[Difference]]:
    """Return an act for a page: what it is called, what it says, and what it makes different."""
    different = differences(asked) if is_open else []
    shown = {"after", *OF_A_RIGHT} if different else set()
    return asked, act_name(asked.act), act_sayings(asked, without=shown), different


def declarations_asked(filing: Filing) -> list[tuple[str, str]]:
    """Return what the applicant has still to declare: name, and text in the reader's language."""
    language = get_language() or "zh"
    return [(row.name, row.text(language)) for row in undeclared(filing)]


def next_step(filing: Filing) -> Action | None:
    """Return the step that carries the case on, or None when it has ended."""
    state = State(filing.state)
    return Action.SUBMIT if state in EDITABLE else ADVANCING.get(state)


def predicted_refusals(
    filing: Filing,
    *,
    officer: User,
    at: datetime,
    facts: CaseFacts | None = None,
    against: Sequence[NumberedRule] | None = None,
    is_theirs: bool | None = None,
) -> list[NumberedRule]:
    """Return every rule that would refuse the case's next step now; empty when it has ended.

    The rules about the officer's own person count only for someone whose step it is.
    ``facts`` are the `case_facts`, ``against`` the `filings.title.refusals` and ``is_theirs``
    whether the officer has a role for the step, if they were read before.
    """
    step = next_step(filing)
    if step is None:
        return []
    rules = RULES.get(step, ())
    if is_theirs is None:
        is_theirs = has_role(officer, *TRANSITIONS[step].roles)
    if not is_theirs:
        rules = tuple(rule for rule in rules if rule not in PERSONAL_RULES.get(step, ()))
    if against is None:
        decides = step == Action.REGISTER and is_theirs
        against = refusals(filing, at=at, officer=officer.reference if decides else "")
    return [*broken(rules, facts or case_facts(filing, officer=officer, at=at)), *against]


def state_tag(filing: Filing) -> SafeString:
    """Return the state as a word with its shape."""
    return format_html(
        '<span class="state state-{}"><span aria-hidden="true">{}</span> {}</span>',
        filing.state.lower(),
        SHAPES[State(filing.state)],
        filing.get_state_display(),
    )


PLAIN: Mapping[Action, Callable[..., Filing]] = {
    Action.ACCEPT: accept,
    Action.SUPPLY: supply,
    Action.EXAMINE: pass_examination,
    Action.PUBLICISE: publicise,
}
NOTED: Mapping[Action, Callable[..., Filing]] = {
    Action.REQUEST_CORRECTION: request_correction,
    Action.DECLINE: decline,
    Action.REQUEST_SUPPLEMENT: request_supplement,
    Action.EXTEND: extend,
    Action.EXEMPT: exempt,
    Action.REFUSE: refuse,
    Action.TERMINATE: terminate,
    Action.WITHDRAW: withdraw,
}


def take(
    filing: Filing,
    action: Action,
    *,
    by: User,
    at: datetime,
    note: str,
    shown_digest: str,
    declared: Collection[str] = (),
) -> Filing:
    """Take one step through its use case.

    Only a registration looks at ``shown_digest``, and only a submission at ``declared``.

    Raises:
        RulesBrokenError, CaseStateError, CaseChangedError, NoteMissingError, PermissionDenied: as
            the use case says; nothing has been changed.
    """
    if action == Action.REGISTER:
        return approve(filing, by=by, at=at, shown_digest=shown_digest)
    if action == Action.SUBMIT:
        return submit(filing, by=by, at=at, declared=declared)
    if action in NOTED:
        return NOTED[action](filing, by=by, at=at, note=note)
    return PLAIN[action](filing, by=by, at=at)


def _labelled(filing: Filing, name: str) -> tuple[Any, Any]:
    field = Filing._meta.get_field(name)  # noqa: SLF001 # Django's public name
    display = getattr(filing, f"get_{name}_display", None)
    return getattr(field, "verbose_name", name), display() if display else getattr(filing, name)

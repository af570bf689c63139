"""The pages of one case: what it is, its papers, its checklist, and the confirmation of each step.

Every button posts to a view that calls one use case and comes back to the case; what the use case
refuses is shown there in words, and nothing has changed.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from accounts.admin_site import held_roles, holds_role, officer_of, refusal
from accounts.roles import CASE_OFFICERS, Role, require_role
from accounts.second_factor import require_fresh_factor
from filings.admin_fees import FeePages, fee_content
from filings.admin_forms import (
    ChecklistForm,
    ListAnswerForm,
    MatchForm,
    PaperForm,
    RestForm,
    StepForm,
)
from filings.application import application_of, content_digest, sources_of
from filings.cases import (
    CaseChangedError,
    CaseStateError,
    NoteMissingError,
    case_facts,
    in_review,
    listed_of,
    matches_of,
    require_step,
    rules_of,
    standing_facts,
)
from filings.checklist import ARTICLES, CheckItem, required_items
from filings.decision import entry_preview
from filings.gates import ARTICLES as GATE_ARTICLES
from filings.gates import Gate, MachineAnswer, gates, machine_answers, matrix
from filings.kinds import FilingType
from filings.letter_pages import letter_response
from filings.letters import letters_of
from filings.models import Filing, Likeness, Paper
from filings.near_matches import Match, compared
from filings.negative_list import Hit
from filings.office import (
    CONSEQUENCES,
    case_content,
    declarations_asked,
    next_step,
    predicted_refusals,
    take,
)
from filings.queries import PERSONAL_RULES, possible_actions, whole
from filings.review import (
    answer_item,
    decide_match,
    decide_the_rest,
    propose_override,
    record_checks,
    take_override_back,
)
from filings.rules import REVIEW_RULES
from filings.submission import hand_in, take_back
from filings.title import refusals
from filings.workflow import TRANSITIONS, Action, State
from ledger.acts import ActTooLargeError
from primitives.clock import now_utc
from primitives.rules import NumberedRule, RulesBrokenError, broken
from registry.instruments import (
    InstrumentMissingError,
    InstrumentRefusedError,
    read_instrument,
)
from registry.kinds import InstrumentKind, Situation
from registry.models import Instrument
from rights.acts import ACTS
from rights.dealing import OVERRIDABLE
from rights.matrix import ARTICLES as MATRIX_ARTICLES

REFUSALS = (
    ActTooLargeError,
    CaseChangedError,
    CaseStateError,
    PermissionDenied,
    RulesBrokenError,
)
"""What a step's use case raises when it refuses; its words are shown and nothing has changed."""

RULES_OF_TITLE = {rule.number: rule for act in ACTS for rule in act.rules}
SHOWN_MATCHES = 10
"""So many near matches a page shows at once."""

SHOWN_AS = {
    "application/pdf": "application/pdf",
    "image/png": "image/png",
    "image/jpeg": "image/jpeg",
    "text/plain": "text/plain; charset=utf-8",
    "text/csv": "text/plain; charset=utf-8",
    "application/json": "text/plain; charset=utf-8",
}
"""How a stored paper is sent to be looked at; nothing else is ever shown in place."""
PAPER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'self'"
)


class CasePages(FeePages):
    """The views of a case, beside those of Django's admin."""

    def get_urls(self) -> list[URLPattern]:
        """Add the pages of a case."""
        pages: list[tuple[str, str, Callable[..., HttpResponse]]] = [
            ("case/", "case", self.case_view),
            ("step/<str:action>/", "step", self.step_view),
            ("checks/", "checks", self.checks_view),
            ("matches/rest/", "rest", self.rest_view),
            ("matches/<str:key>/", "match", self.match_view),
            ("listed/<int:item_id>/", "listed", self.listed_view),
            ("overrides/<str:rule>/", "override", self.override_view),
            ("overrides/<str:rule>/take-back/", "override_back", self.override_back_view),
            ("papers/", "papers", self.papers_view),
            ("papers/<int:paper_id>/", "paper", self.paper_view),
            ("papers/<int:paper_id>/take-back/", "take_back", self.take_back_view),
            ("letters/<str:number>/", "letter", self.letter_view),
        ]
        own = [
            path(
                f"<int:object_id>/{route}",
                self.admin_site.admin_view(view),
                name=f"filings_filing_{name}",
            )
            for route, name, view in pages
        ]
        return [*own, *super().get_urls()]

    def may_edit(self, request: HttpRequest, filing: Filing) -> bool:
        """Say whether this officer may change what is applied for now."""
        return filing.is_editable and holds_role(request, Role.REGISTRAR)

    def case_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show a case whole."""
        return self._case_page(request, self._case(object_id))

    def step_view(self, request: HttpRequest, object_id: int, action: str) -> HttpResponse:
        """Show what a step will do, and on POST take it."""
        filing, officer = self._case(object_id), officer_of(request)
        step = _action(action)
        if step not in possible_actions(filing, officer):
            self._explain(request, filing, step)
            return to_case(filing)
        if step == Action.REGISTER:
            require_fresh_factor(request)
        form = StepForm(
            request.POST if request.method == "POST" else None,
            declarations=declarations_asked(filing) if step == Action.SUBMIT else (),
        )
        if form.is_valid() and self._is_settled(request, filing, step, form):
            return to_case(filing)
        return self._step_page(request, filing, step, form)

    def checks_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Keep an examiner's answers."""
        filing = self._case(object_id)
        if request.method != "POST":
            return to_case(filing)
        form = ChecklistForm(request.POST)
        if not form.is_valid():
            return self._case_page(request, filing, checklist=form)
        self._keep(
            request,
            lambda: record_checks(filing, form.findings(), by=officer_of(request), at=now_utc()),
        )
        return to_case(filing)

    def match_view(self, request: HttpRequest, object_id: int, key: str) -> HttpResponse:
        """Keep an examiner's finding on one near match."""
        filing = self._case(object_id)
        match = next((match for match in matches_of(filing) if match.key == key), None)
        if request.method != "POST":
            return to_case(filing)
        if match is None:
            messages.error(request, _("That is no near match of this case any more."))
            return to_case(filing)
        form = MatchForm(request.POST, prefix=key)
        if not form.is_valid():
            messages.error(request, _("Say what it is and what shows it."))
            return to_case(filing)
        given = form.cleaned_data
        self._keep(
            request,
            lambda: decide_match(
                filing,
                match.other,
                Likeness(given["finding"]),
                by=officer_of(request),
                at=now_utc(),
                note=given["note"],
            ),
        )
        return to_case(filing)

    def rest_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Keep an examiner's finding that the other names alike are of other data."""
        filing = self._case(object_id)
        form = RestForm(request.POST)
        if request.method == "POST" and form.is_valid():
            self._keep(
                request,
                lambda: decide_the_rest(
                    filing, by=officer_of(request), at=now_utc(), note=form.cleaned_data["note"]
                ),
            )
        elif request.method == "POST":
            messages.error(request, _("Say what shows it."))
        return to_case(filing)

    def listed_view(self, request: HttpRequest, object_id: int, item_id: int) -> HttpResponse:
        """Keep an examiner's answer to one item of the negative list."""
        filing = self._case(object_id)
        listed = listed_of(filing, at=now_utc())
        item = next((hit.item for hit in listed if hit.item.pk == item_id), None)
        if request.method != "POST":
            return to_case(filing)
        if item is None:
            messages.error(request, _("The case does not fall under this item any more."))
            return to_case(filing)
        form = ListAnswerForm(request.POST, prefix=f"listed-{item_id}")
        if not form.is_valid():
            messages.error(request, _("Say what it is and what shows it."))
            return to_case(filing)
        given = form.cleaned_data
        self._keep(
            request,
            lambda: answer_item(
                filing,
                item,
                applies=given["applies"] == "yes",
                reason=given["reason"],
                by=officer_of(request),
                at=now_utc(),
            ),
        )
        return to_case(filing)

    def override_view(self, request: HttpRequest, object_id: int, rule: str) -> HttpResponse:
        """Propose to set a rule aside."""
        filing, ground = self._case(object_id), request.POST.get("ground", "")[:400]
        if request.method == "POST":
            self._keep(
                request,
                lambda: propose_override(
                    filing, rule, by=officer_of(request), at=now_utc(), ground=ground
                ),
            )
        return to_case(filing)

    def override_back_view(self, request: HttpRequest, object_id: int, rule: str) -> HttpResponse:
        """Take a proposal to set a rule aside back."""
        filing = self._case(object_id)
        if request.method == "POST":
            self._keep(request, lambda: take_override_back(filing, rule, by=officer_of(request)))
        return to_case(filing)

    def _keep(self, request: HttpRequest, finding: Callable[[], object]) -> None:
        """Keep a finding and say so, or why not."""
        try:
            finding()
        except (*REFUSALS, NoteMissingError) as error:
            for reason in _reasons(error):
                messages.error(request, reason)
        else:
            messages.success(request, _("The answers are kept."))

    def papers_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """List a draft's papers and take further ones in."""
        filing = self._case(object_id)
        if not self.may_edit(request, filing):
            raise PermissionDenied(_("Papers are handed in while the filing is a draft."))
        form = PaperForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data
            try:
                hand_in(filing, given.pop("file"), **given, by=officer_of(request), at=now_utc())
            except InstrumentRefusedError as error:
                form.add_error("file", str(error))
            except CaseStateError as error:
                messages.error(request, str(error))
                return to_case(filing)
            else:
                messages.success(request, _("Handed in: %(title)s.") % {"title": given["title"]})
                return HttpResponseRedirect(request.path)
        return self._page(request, filing, "papers", {"form": form, **_papers(filing)})

    def take_back_view(self, request: HttpRequest, object_id: int, paper_id: int) -> HttpResponse:
        """Remove a paper from a draft."""
        filing = self._case(object_id)
        paper = get_object_or_404(filing.papers, pk=paper_id)
        if request.method != "POST" or not self.may_edit(request, filing):
            raise PermissionDenied(_("Papers are taken back while the filing is a draft."))
        try:
            take_back(paper, by=officer_of(request))
        except CaseStateError as error:
            messages.error(request, str(error))
            return to_case(filing)
        messages.success(request, _("Taken back: %(paper)s.") % {"paper": paper})
        return HttpResponseRedirect(reverse("admin:filings_filing_papers", args=[filing.pk]))

    def paper_view(
        self,
        request: HttpRequest,
        object_id: int,
        paper_id: int,
    ) -> HttpResponse:
        """Send a paper to be looked at in place, without any power over the page around it."""
        require_role(officer_of(request), *CASE_OFFICERS)
        paper = get_object_or_404(
            Paper.objects.select_related("instrument"), pk=paper_id, filing_id=object_id
        )
        return shown_in_place(paper.instrument)

    def letter_view(self, request: HttpRequest, object_id: int, number: str) -> HttpResponse:
        """Send a letter of the case, sealed now, to be read and printed."""
        require_role(officer_of(request), *CASE_OFFICERS)
        letters = letters_of(self._case(object_id))
        return letter_response(get_object_or_404(letters, number=number), at=now_utc())

    def _case(self, object_id: int) -> Filing:
        return get_object_or_404(whole(Filing.objects.prefetch_related("checks")), pk=object_id)

    def _case_page(
        self, request: HttpRequest, filing: Filing, *, checklist: ChecklistForm | None = None
    ) -> HttpResponse:
        officer, at = officer_of(request), now_utc()
        sources = sources_of(filing) if filing.type == FilingType.INITIAL else []
        application = (
            application_of(filing, sources=sources) if filing.type == FilingType.INITIAL else None
        )
        steps = list(filing.steps.select_related("taken_by", "letter").order_by("pk"))
        standing = standing_facts(filing, officer=officer, steps=steps)
        matches, listed = matches_of(filing), listed_of(filing, at=at)
        facts = case_facts(
            filing, officer=officer, at=at, standing=standing, matches=matches, listed=listed
        )
        against = refusals(filing, at=at, application=application)
        may_review = (
            in_review(filing)
            and holds_role(request, Role.EXAMINER)
            and not broken(REVIEW_RULES, standing)
        )
        step = next_step(filing)
        told = predicted_refusals(
            filing,
            officer=officer,
            at=at,
            facts=facts,
            against=against,
            is_theirs=step is not None and holds_role(request, *TRANSITIONS[step].roles),
        )
        return self._page(
            request,
            filing,
            "case",
            {
                **case_content(filing, at=at, application=application, sources=sources),
                "steps": steps,
                "gates": _gates(filing, checklist, machine_answers(facts, against)),
                "matrix": matrix(application) if application else [],
                "matrix_article": MATRIX_ARTICLES.get(Situation(filing.situation), "")
                if application
                else "",
                "may_check": may_review and filing.state == State.ACCEPTED,
                "may_review": may_review,
                **_overrides(filing, against),
                **fee_content(request, filing),
                **_matches(filing, matches, all_of_them="matches" in request.GET),
                "listed": [(hit, _list_form(hit)) for hit in listed],
                "next_step": step,
                "refusals": [refusal(rule) for rule in told],
                "actions": possible_actions(filing, officer, standing, held_roles(request)),
            },
        )

    def _step_page(
        self, request: HttpRequest, filing: Filing, action: Action, form: StepForm
    ) -> HttpResponse:
        form.initial["shown_digest"] = content_digest(filing)
        is_advance = action == next_step(filing)
        decides = action == Action.REGISTER
        return self._page(
            request,
            filing,
            "step",
            {
                **case_content(filing, at=now_utc()),
                "action": action,
                "transition": TRANSITIONS[action],
                "consequence": CONSEQUENCES[action],
                "form": form,
                "refusals": _sentences(filing, request) if is_advance else [],
                "entry": _entry_preview(filing, request) if decides else "",
                **(_overrides(filing, ()) if decides else {}),
            },
        )

    def _plain_page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        return TemplateResponse(
            request,
            f"admin/filings/filing/{name}.html",
            {**self.admin_site.each_context(request), "opts": self.opts, **context},
        )

    def _page(
        self, request: HttpRequest, filing: Filing, name: str, context: dict[str, Any]
    ) -> HttpResponse:
        return TemplateResponse(
            request,
            f"admin/filings/filing/{name}.html",
            {
                **self.admin_site.each_context(request),
                "title": f"{filing.number} {filing.name}",
                "is_for_acts": filing.type != FilingType.INITIAL,
                "opts": self.opts,
                "filing": filing,
                "may_edit": self.may_edit(request, filing),
                **context,
            },
        )

    def _is_settled(
        self, request: HttpRequest, filing: Filing, action: Action, form: StepForm
    ) -> bool:
        """Take the step and say what came of it; a missing ground leaves the page open."""
        try:
            take(filing, action, by=officer_of(request), at=now_utc(), **form.cleaned_data)
        except NoteMissingError as error:
            form.add_error("note", str(error))
            return False
        except REFUSALS as error:
            for reason in _reasons(error):
                messages.error(request, reason)
        else:
            messages.success(request, _("Done: %(step)s.") % {"step": action.label})
        return True

    def _explain(self, request: HttpRequest, filing: Filing, action: Action) -> None:
        """Say why a step is not this officer's to take now, in the words of its use case."""
        try:
            require_step(filing, action, by=officer_of(request))
        except (CaseStateError, PermissionDenied) as error:
            messages.error(request, str(error))
            return
        facts = standing_facts(filing, officer=officer_of(request))
        for rule in broken(PERSONAL_RULES.get(action, ()), facts):
            messages.error(request, refusal(rule))


def to_case(filing: Filing) -> HttpResponseRedirect:
    """Send the reader to the case's page."""
    return HttpResponseRedirect(reverse("admin:filings_filing_case", args=[filing.pk]))


def _action(text: str) -> Action:
    if text not in TRANSITIONS:
        raise Http404
    return Action(text)


def _reasons(error: Exception) -> list[str]:
    if isinstance(error, RulesBrokenError):
        return [refusal(rule) for rule in error.rules]
    if isinstance(error, CaseChangedError):
        return [_("The case has changed since you were shown it. Read it again, then decide.")]
    return [str(error)]


def _sentences(filing: Filing, request: HttpRequest) -> list[str]:
    against = predicted_refusals(filing, officer=officer_of(request), at=now_utc())
    return [refusal(rule) for rule in against]


def _entry_preview(filing: Filing, request: HttpRequest) -> str:
    """Return the entry that the decision would write, indented, or nothing if it is refused."""
    try:
        content = entry_preview(filing, by=officer_of(request), at=now_utc())
    except REFUSALS:
        return ""
    return json.dumps(json.loads(content), ensure_ascii=False, indent=2)


def _gates(
    filing: Filing,
    checklist: ChecklistForm | None,
    machine: Mapping[CheckItem, MachineAnswer],
) -> list[tuple[Gate, str, list[dict[str, Any]]]]:
    """Return each gate with its article and its items: the machine's answer and the examiner's."""
    answers = {check.item: check for check in filing.checks.all()}
    form = checklist or ChecklistForm(initial=_initial(answers))
    return [
        (
            gate,
            GATE_ARTICLES[gate],
            [
                {
                    "item": item,
                    "article": ARTICLES[item],
                    "answer": answers.get(item),
                    "choice": form[item],
                    "note": form[f"{item}_note"],
                    "machine": machine[item],
                    "rules": [refusal(rule) for rule in machine[item].rules],
                    "against": [refusal(rule) for rule in machine[item].against],
                }
                for item in items
            ],
        )
        for gate, items in gates(required_items(FilingType(filing.type)))
    ]


def _papers(filing: Filing) -> dict[str, Any]:
    papers = list(filing.papers.select_related("instrument").order_by("pk"))
    present = {paper.instrument.kind for paper in papers}
    required = rules_of(filing).papers
    return {
        "papers": papers,
        "is_complete": present >= required,
        "article": rules_of(filing).papers_article,
        "required": [(kind.label, kind in present) for kind in InstrumentKind if kind in required],
    }


def _initial(answers: dict[str, Any]) -> dict[str, str]:
    met = {item: "yes" if check.is_met else "no" for item, check in answers.items()}
    return met | {f"{item}_note": check.note for item, check in answers.items()}


def _overrides(filing: Filing, against: Sequence[NumberedRule]) -> dict[str, Any]:
    """Return the rules that are proposed to be set aside, and those that could be."""
    if filing.type == FilingType.INITIAL:
        return {}
    return {
        "overrides": [
            (row, refusal(RULES_OF_TITLE[row.rule]))
            for row in filing.overrides.select_related("proposed_by").order_by("pk")
        ],
        "overridable": [
            (rule.number, refusal(rule)) for rule in against if rule.number in OVERRIDABLE
        ],
    }


def _matches(filing: Filing, matches: Sequence[Match], *, all_of_them: bool) -> dict[str, Any]:
    """Return the near matches for the page: the first ones, or all, and how many are not shown."""
    shown = matches if all_of_them else matches[:SHOWN_MATCHES]
    rest = sum(match.decision is None and match.is_by_name for match in matches)
    return {
        "matches": [
            (match, list(compared(filing, match.other)), _match_form(match)) for match in shown
        ],
        "hidden_matches": len(matches) - len(shown),
        "rest_form": RestForm(),
        "rest_count": rest if rest > 1 else 0,
    }


def _match_form(match: Match) -> MatchForm:
    decision = match.decision
    initial = {"finding": decision.finding, "note": decision.note} if decision else {}
    return MatchForm(prefix=match.key, initial=initial)


def _list_form(hit: Hit) -> ListAnswerForm:
    answer = hit.answer
    initial = (
        {"applies": "yes" if answer.applies else "no", "reason": answer.reason} if answer else {}
    )
    return ListAnswerForm(prefix=f"listed-{hit.item.pk}", initial=initial)


def shown_in_place(instrument: Instrument) -> HttpResponse:
    """Return a stored paper to be looked at, without any power over the page around it."""
    try:
        content = read_instrument(instrument)
    except InstrumentMissingError as error:
        response = HttpResponse(str(error), status=404, content_type=SHOWN_AS["text/plain"])
    else:
        response = _shown(instrument, content)
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Cache-Control"] = "private, no-store"
    return response


def _shown(instrument: Instrument, content: bytes) -> HttpResponse:
    media_type = instrument.media_type
    response = HttpResponse(
        content, content_type=SHOWN_AS.get(media_type, "application/octet-stream")
    )
    header = content_disposition_header(
        as_attachment=media_type not in SHOWN_AS, filename=instrument.file_name
    )
    response["Content-Disposition"] = header or "inline"
    # The browser's PDF viewer does not start in a sandbox, and is one itself.
    sandbox = "" if media_type == "application/pdf" else "; sandbox"
    response["Content-Security-Policy"] = PAPER_POLICY + sandbox
    return response

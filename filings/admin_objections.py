"""The office's pages of objections: which wait, what each says, what is found, and its conclusion.

Every button posts to one view, which calls one use case; what that refuses is shown in words.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from accounts.admin_site import ReadOnlyModelAdmin, holds_role, officer_of, refusal
from accounts.roles import CASE_OFFICERS, Role, require_role
from accounts.second_factor import require_fresh_factor
from filings.admin_case import shown_in_place
from filings.cases import CaseChangedError, CaseStateError, NoteMissingError
from filings.investigation import (
    INVESTIGATORS,
    NOTIFICATION_RULES,
    Decided,
    begin_proceeding,
    confirm,
    inquire,
    may_be_disputed,
    notify_registrant,
    objection_digest,
    objection_facts,
    propose,
    send_back,
    settle_proceeding,
)
from filings.kinds import Forum, Outcome, Result
from filings.models import Objection, Proceeding
from filings.rules import INQUIRY_RULES, conclusion_is_confirmed_by_another
from primitives.clock import now_utc
from primitives.rules import RulesBrokenError, broken
from registry.instruments import InstrumentRefusedError
from registry.models import Instrument

REFUSALS = (
    CaseChangedError,
    CaseStateError,
    InstrumentRefusedError,
    NoteMissingError,
    PermissionDenied,
    RulesBrokenError,
)
"""What a use case raises when it refuses; its words are shown and nothing has changed."""
KINDS_OF_FILE = _("PDF, PNG, JPEG, or UTF-8 text (.txt, .csv, .json).")

CONSEQUENCE = _(
    "One that is sustained or referred refuses a case that is not decided yet. When the last of "
    "the others is concluded, the case goes on. What is registered is not touched: file what "
    "follows from the conclusion."
)


class NotifyForm(forms.Form):
    """Nothing to fill in: the button says it."""


class InquiryForm(forms.Form):
    """One finding of the investigation."""

    words = forms.CharField(
        label=_("What was found"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    paper = forms.FileField(label=_("Paper"), required=False, help_text=KINDS_OF_FILE)


class ProceedingForm(forms.Form):
    """A proceeding elsewhere that has begun."""

    forum = forms.ChoiceField(label=_("Kind of proceeding"), choices=Forum.choices)
    body = forms.CharField(label=_("Mediator, arbitral body or court"), max_length=200)
    number = forms.CharField(label=_("Case number there"), max_length=100)
    begun_on = forms.DateField(
        label=_("Begun on"), widget=forms.DateInput(attrs={"placeholder": "2026-12-01"})
    )


class ResultForm(forms.Form):
    """How a proceeding elsewhere ended."""

    proceeding = forms.ModelChoiceField(
        Proceeding.objects.none(), label=_("Proceeding"), empty_label=None
    )
    result = forms.ChoiceField(label=_("Result"), choices=Result.choices)
    document = forms.CharField(label=_("Number of the document"), max_length=100)
    effective_on = forms.DateField(
        label=_("Effective on"),
        widget=forms.DateInput(attrs={"placeholder": "2026-12-01"}),
        help_text=_("From when it binds: what can still be appealed is not final."),
    )
    paper = forms.FileField(label=_("Paper"), help_text=KINDS_OF_FILE)

    def __init__(self, pending: QuerySet[Proceeding], **arguments: Any) -> None:
        super().__init__(**arguments)
        self.fields["proceeding"] = forms.ModelChoiceField(
            pending, label=_("Proceeding"), empty_label=None
        )


class ConclusionForm(forms.Form):
    """What is proposed on an objection, and why; both sides read it once it is confirmed."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=Outcome.choices)
    conclusion = forms.CharField(
        label=_("Conclusion and its grounds"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("The objector and the applicant read it."),
    )


class ConfirmForm(forms.Form):
    """The digest of what the second person was shown."""

    shown_digest = forms.CharField(max_length=64, widget=forms.HiddenInput)


class ReturnForm(forms.Form):
    """Why a proposal is sent back."""

    reason = forms.CharField(
        label=_("What is to be looked at again"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One button of the page: who has it, its form, and what it does."""

    name: str
    title: StrOrPromise
    button: StrOrPromise
    done: StrOrPromise
    explanation: StrOrPromise
    roles: tuple[Role, ...]
    form: type[forms.Form]


DEEDS = (
    Deed(
        name="notify",
        title=_("Notice to the registrant"),
        button=_("Notify the registrant"),
        done=_("The letter is written and the registrant is told."),
        explanation=_(
            "First see that the form is complete and the evidence makes the ground plausible. This "
            "writes the letter of article 29 with the ground, and tells the registrant."
        ),
        roles=(Role.REGISTRAR,),
        form=NotifyForm,
    ),
    Deed(
        name="inquire",
        title=_("Add a finding"),
        button=_("Add the finding"),
        done=_("The finding is kept."),
        explanation=_("Whom you asked, what they answered, what you looked at. It stays inside."),
        roles=(Role.EXAMINER,),
        form=InquiryForm,
    ),
    Deed(
        name="begin",
        title=_("A proceeding elsewhere has begun"),
        button=_("Enter the proceeding"),
        done=_("The proceeding is entered and both sides are told."),
        explanation=_("Arbitration or a suit stops the time limit until its result is entered."),
        roles=INVESTIGATORS,
        form=ProceedingForm,
    ),
    Deed(
        name="settle",
        title=_("A proceeding elsewhere has ended"),
        button=_("Enter the result"),
        done=_("The result is entered and both sides are told."),
        explanation=_("The conclusion follows an effective award or judgment."),
        roles=INVESTIGATORS,
        form=ResultForm,
    ),
    Deed(
        name="propose",
        title=_("Propose a conclusion"),
        button=_("Propose"),
        done=_("The proposal waits for a second person."),
        explanation=CONSEQUENCE,
        roles=(Role.EXAMINER,),
        form=ConclusionForm,
    ),
    Deed(
        name="confirm",
        title=_("Confirm the proposal"),
        button=_("Confirm exactly what this page shows"),
        done=_("The objection is concluded and both sides are told."),
        explanation=CONSEQUENCE,
        roles=(Role.APPROVER,),
        form=ConfirmForm,
    ),
    Deed(
        name="return",
        title=_("Send the proposal back"),
        button=_("Send back"),
        done=_("The proposal is sent back."),
        explanation=_("The examiner reads the reason and proposes anew."),
        roles=(Role.APPROVER,),
        form=ReturnForm,
    ),
)


class ObjectionAdmin(ReadOnlyModelAdmin[Objection]):
    """What was objected to which case, and what was decided; what is due first at the top."""

    list_display = (
        "number",
        "filing",
        "in_publicity",
        "received_at",
        "due_on",
        "outcome",
        "concluded_by",
    )
    list_filter = ("outcome", "in_publicity")
    list_select_related = ("filing", "concluded_by")
    ordering = ("outcome", "due_on", "pk")
    search_fields = ("number", "filing__number", "filing__name", "objector")

    def has_view_permission(self, request: HttpRequest, obj: Objection | None = None) -> bool:
        """It concerns those who work on cases."""
        return holds_role(request, *CASE_OFFICERS)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """See `has_view_permission`."""
        return request.user.is_authenticated and self.has_view_permission(request)

    def get_urls(self) -> list[URLPattern]:
        """Put the objection's own page in the place of the edit form, and add its papers."""
        view = self.admin_site.admin_view
        return [
            path("<int:object_id>/change/", view(self.objection_view)),
            path(
                "<int:object_id>/evidence/",
                view(self.evidence_view),
                name="filings_objection_evidence",
            ),
            path(
                "<int:object_id>/papers/<str:reference>/",
                view(self.paper_view),
                name="filings_objection_paper",
            ),
            *super().get_urls(),
        ]

    def objection_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show an objection whole, and on POST do what the pressed button says."""
        require_role(officer_of(request), *CASE_OFFICERS)
        objection = self._objection(object_id)
        shown = objection_digest(objection)
        deeds = [deed for deed in DEEDS if _is_open(deed, objection, request)]
        pressed = next((deed for deed in DEEDS if deed.name in request.POST), None)
        bound = _form(pressed, objection, request) if pressed else None
        if pressed and bound and bound.is_valid() and self._do(request, objection, pressed, bound):
            return _to(objection)
        if pressed and bound and pressed not in deeds:
            for reason in bound.non_field_errors():
                messages.error(request, str(reason))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": objection.number,
            "objection": objection,
            "inquiries": objection.inquiries.select_related("paper", "made_by").order_by("pk"),
            "proceedings": objection.proceedings.select_related("paper").order_by("pk"),
            "proposals": objection.proposals.select_related("proposed_by", "settled_by").order_by(
                "pk"
            ),
            "deeds": [
                (
                    deed,
                    bound
                    if bound and deed is pressed
                    else deed_form(deed, objection, initial={"shown_digest": shown}),
                )
                for deed in deeds
            ],
            "refusals": _against(objection, request) if deeds else [],
        }
        return TemplateResponse(request, "admin/filings/objection/objection.html", context)

    def evidence_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Send the evidence to be looked at in place."""
        require_role(officer_of(request), *CASE_OFFICERS)
        return shown_in_place(self._objection(object_id).evidence)

    def paper_view(self, request: HttpRequest, object_id: int, reference: str) -> HttpResponse:
        """Send a paper of the investigation or of a proceeding to be looked at in place."""
        require_role(officer_of(request), *CASE_OFFICERS)
        objection = self._objection(object_id)
        papers = Instrument.objects.filter(
            Q(pk__in=objection.inquiries.values("paper"))
            | Q(pk__in=objection.proceedings.values("paper"))
        )
        return shown_in_place(get_object_or_404(papers, reference=reference))

    def _objection(self, object_id: int) -> Objection:
        related = Objection.objects.select_related("filing", "evidence", "concluded_by")
        return get_object_or_404(related, pk=object_id)

    def _do(self, request: HttpRequest, objection: Objection, deed: Deed, form: forms.Form) -> bool:
        try:
            DOERS[deed.name](request, objection, form.cleaned_data)
        except REFUSALS as error:
            for reason in _reasons(error):
                form.add_error(None, reason)
            return False
        messages.success(request, deed.done)
        return True


def _notify(request: HttpRequest, objection: Objection, _given: dict[str, Any]) -> None:
    notify_registrant(objection, by=officer_of(request), at=now_utc())


def _inquire(request: HttpRequest, objection: Objection, given: dict[str, Any]) -> None:
    inquire(objection, **given, by=officer_of(request), at=now_utc())


def _begin(request: HttpRequest, objection: Objection, given: dict[str, Any]) -> None:
    named = given | {"forum": Forum(given["forum"])}
    begin_proceeding(objection, **named, by=officer_of(request), at=now_utc())


def _settle(request: HttpRequest, _objection: Objection, given: dict[str, Any]) -> None:
    decided = Decided(
        result=Result(given["result"]),
        document=given["document"],
        effective_on=given["effective_on"],
    )
    officer = officer_of(request)
    settle_proceeding(given["proceeding"], decided, given["paper"], by=officer, at=now_utc())


def _propose(request: HttpRequest, objection: Objection, given: dict[str, Any]) -> None:
    propose(
        objection,
        Outcome(given["outcome"]),
        by=officer_of(request),
        at=now_utc(),
        conclusion=given["conclusion"],
    )


def _confirm(request: HttpRequest, objection: Objection, given: dict[str, Any]) -> None:
    require_fresh_factor(request)
    digest = given["shown_digest"]
    confirm(objection, by=officer_of(request), at=now_utc(), shown_digest=digest)


def _send_back(request: HttpRequest, objection: Objection, given: dict[str, Any]) -> None:
    send_back(objection, by=officer_of(request), at=now_utc(), reason=given["reason"])


DOERS: dict[str, Callable[[HttpRequest, Objection, dict[str, Any]], None]] = {
    "notify": _notify,
    "inquire": _inquire,
    "begin": _begin,
    "settle": _settle,
    "propose": _propose,
    "confirm": _confirm,
    "return": _send_back,
}


def deed_form(deed: Deed, objection: Objection, **arguments: Any) -> forms.Form:
    """Return the form of a button, its fields apart from those of the others."""
    if deed.form is ResultForm:
        pending = objection.proceedings.filter(result="").order_by("pk")
        return ResultForm(pending, prefix=deed.name, **arguments)
    return deed.form(prefix=deed.name, **arguments)


def _form(deed: Deed, objection: Objection, request: HttpRequest) -> forms.Form:
    return deed_form(deed, objection, data=request.POST, files=request.FILES)


def _is_open(deed: Deed, objection: Objection, request: HttpRequest) -> bool:
    """Say whether the button stands on the page now."""
    is_elsewhere = deed.name in {"begin", "settle"}
    is_over = not may_be_disputed(objection) if is_elsewhere else bool(objection.outcome)
    if is_over or not holds_role(request, *deed.roles):
        return False
    waits = objection.proposals.filter(settled_at=None).exists()
    match deed.name:
        case "notify":
            return not objection.in_publicity and objection.notified_at is None
        case "settle":
            return objection.proceedings.filter(result="").exists()
        case "propose":
            return not waits
        case "confirm" | "return":
            return waits
    return True


def _against(objection: Objection, request: HttpRequest) -> list[Any]:
    """Return what stands against this officer's hand in it."""
    waiting = objection.proposals.select_related("proposed_by").filter(settled_at=None).first()
    facts = objection_facts(
        objection,
        officer=officer_of(request),
        proposed_by=waiting.proposed_by.reference if waiting else "",
    )
    rules = NOTIFICATION_RULES if holds_role(request, Role.REGISTRAR) else INQUIRY_RULES
    if holds_role(request, Role.APPROVER):
        rules = (*rules, conclusion_is_confirmed_by_another)
    return [refusal(rule) for rule in broken(rules, facts)]


def _to(objection: Objection) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:filings_objection_change", args=[objection.pk]))


def _reasons(error: Exception) -> list[Any]:
    if isinstance(error, RulesBrokenError):
        return [refusal(rule) for rule in error.rules]
    if isinstance(error, CaseChangedError):
        return [_("The objection has changed since you were shown it. Read it again, then decide.")]
    return [str(error)]

"""The office's pages of objections: which wait, what each says, and its conclusion.

Both buttons post to a view that calls one use case; what that refuses is shown in words.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import ReadOnlyModelAdmin, holds_role, officer_of, refusal
from accounts.roles import CASE_OFFICERS, Role, require_role
from filings.admin_case import shown_in_place
from filings.cases import CaseStateError, NoteMissingError, standing_facts
from filings.models import Objection, Outcome
from filings.objections import conclude, notify_registrant
from filings.rules import IMPARTIALITY_RULES, REVIEW_RULES
from primitives.clock import now_utc
from primitives.rules import RulesBrokenError, broken

REFUSALS = (CaseStateError, NoteMissingError, PermissionDenied, RulesBrokenError)
"""What a use case raises when it refuses; its words are shown and nothing has changed."""


class ConclusionForm(forms.Form):
    """What is decided on an objection, and why; both sides read it."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=Outcome.choices)
    conclusion = forms.CharField(
        label=_("Conclusion"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("The objector and the applicant read it."),
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
        """Put the objection's own page in the place of the edit form, and add its evidence."""
        view = self.admin_site.admin_view
        return [
            path("<int:object_id>/change/", view(self.objection_view)),
            path(
                "<int:object_id>/evidence/",
                view(self.evidence_view),
                name="filings_objection_evidence",
            ),
            *super().get_urls(),
        ]

    def objection_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show an objection whole, and on POST notify the registrant or conclude it."""
        officer = officer_of(request)
        require_role(officer, *CASE_OFFICERS)
        objection = self._objection(object_id)
        form = ConclusionForm(request.POST if "conclude" in request.POST else None)
        if "notify" in request.POST:
            self._notify(request, objection)
            return _to(objection)
        if form.is_valid() and self._conclude(request, objection, form):
            return _to(objection)
        may_conclude = not objection.outcome and holds_role(request, Role.EXAMINER)
        may_notify = not (
            objection.outcome or objection.in_publicity or objection.notified_at
        ) and holds_role(request, Role.REGISTRAR)
        standing = standing_facts(objection.filing, officer=officer)
        rules = REVIEW_RULES if may_conclude else IMPARTIALITY_RULES
        refusals = broken(rules, standing) if may_conclude or may_notify else ()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": objection.number,
            "objection": objection,
            "form": form,
            "may_conclude": may_conclude,
            "may_notify": may_notify,
            "refusals": [refusal(rule) for rule in refusals],
        }
        return TemplateResponse(request, "admin/filings/objection/objection.html", context)

    def evidence_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Send the evidence to be looked at in place."""
        require_role(officer_of(request), *CASE_OFFICERS)
        return shown_in_place(self._objection(object_id).evidence)

    def _objection(self, object_id: int) -> Objection:
        related = Objection.objects.select_related("filing", "evidence", "concluded_by")
        return get_object_or_404(related, pk=object_id)

    def _notify(self, request: HttpRequest, objection: Objection) -> None:
        try:
            notify_registrant(objection, by=officer_of(request), at=now_utc())
        except REFUSALS as error:
            for reason in _reasons(error):
                messages.error(request, reason)
        else:
            messages.success(request, _("It is kept that the registrant was notified."))

    def _conclude(self, request: HttpRequest, objection: Objection, form: ConclusionForm) -> bool:
        given = form.cleaned_data
        try:
            conclude(
                objection,
                Outcome(given["outcome"]),
                by=officer_of(request),
                at=now_utc(),
                conclusion=given["conclusion"],
            )
        except REFUSALS as error:
            for reason in _reasons(error):
                form.add_error(None, reason)
            return False
        messages.success(request, _("The objection is concluded."))
        return True


def _to(objection: Objection) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:filings_objection_change", args=[objection.pk]))


def _reasons(error: Exception) -> list[Any]:
    if isinstance(error, RulesBrokenError):
        return [refusal(rule) for rule in error.rules]
    return [str(error)]

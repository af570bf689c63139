"""The office's pages of an erasure: a registrar requests it, an approver confirms or refuses.

Every button posts to a view that calls one use case; what that refuses is shown in words.
"""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import ReadOnlyModelAdmin, holds_role, officer_of, refusal
from accounts.roles import CASE_OFFICERS, Role, has_role, require_role
from filings.erasure import (
    ErasureStateError,
    approve_erasure,
    broken_rules,
    free_papers,
    refuse_erasure,
    request_erasure,
)
from primitives.clock import now_utc
from primitives.rules import RulesBrokenError
from registry.erasure import erasable_fields
from registry.kinds import ErasureGround
from registry.models import Erasure, Instrument, Party

REFUSALS = (ErasureStateError, PermissionDenied, RulesBrokenError)
"""What a use case raises when it refuses; its words are shown and nothing has changed."""


class ErasureForm(forms.Form):
    """Why a party is to be erased, and which papers go with it."""

    ground = forms.ChoiceField(label=_("Legal ground"), choices=ErasureGround.choices)
    words = forms.CharField(
        label=_("Ground in words"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("This stands in the public ledger: write nothing that names a person."),
    )
    papers = forms.MultipleChoiceField(
        label=_("Papers of identity that go too"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Of a case with several applicants choose this party's. Papers of a registered case "
            "stay until their years of storage end (NDA35 art. 10(2))."
        ),
    )

    def __init__(self, *arguments: Any, papers: list[Instrument]) -> None:
        super().__init__(*arguments)
        choices = [(paper.reference, f"{paper} ({paper.file_name})") for paper in papers]
        cast("forms.MultipleChoiceField", self.fields["papers"]).choices = choices


class ErasureAdmin(ReadOnlyModelAdmin[Erasure]):
    """Requests of erasure and what was decided on them."""

    list_display = ("party_reference", "ground", "state", "requested_by", "decided_by")
    list_select_related = ("party", "requested_by", "decided_by")
    ordering = ("-pk",)
    search_fields = ("party__reference", "words")

    def has_view_permission(self, request: HttpRequest, obj: Erasure | None = None) -> bool:
        """It concerns those who work on cases."""
        return holds_role(request, *CASE_OFFICERS)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """See `has_view_permission`."""
        return request.user.is_authenticated and self.has_view_permission(request)

    def get_urls(self) -> list[URLPattern]:
        """Add the page of a request, and put the decision in the place of the edit form."""
        view = self.admin_site.admin_view
        return [
            path(
                "request/<int:party_id>/",
                view(self.request_view),
                name="registry_erasure_request",
            ),
            path("<int:object_id>/change/", view(self.decision_view)),
            *super().get_urls(),
        ]

    @admin.display(description=_("party"))
    def party_reference(self, erasure: Erasure) -> str:
        """Return the opaque reference: what outlives the erasure."""
        return erasure.party.reference

    @admin.display(description=_("state"))
    def state(self, erasure: Erasure) -> str:
        """Return how far the request is, in words."""
        return state_of(erasure)

    def request_view(self, request: HttpRequest, party_id: int) -> HttpResponse:
        """Show what would be erased, and on POST keep the request."""
        require_role(officer_of(request), Role.REGISTRAR)
        party, at = get_object_or_404(Party, pk=party_id), now_utc()
        papers = list(free_papers(party, at=at))
        form = ErasureForm(request.POST if request.method == "POST" else None, papers=papers)
        if form.is_valid():
            try:
                erasure = request_erasure(
                    party,
                    ground=ErasureGround(form.cleaned_data["ground"]),
                    words=form.cleaned_data["words"],
                    papers=form.cleaned_data["papers"],
                    by=officer_of(request),
                    at=at,
                )
            except REFUSALS as error:
                for reason in _reasons(error):
                    form.add_error(None, reason)
            else:
                messages.success(request, _("Requested. An approver decides."))
                return _to(erasure)
        return self._page(request, "request", title=_("Request erasure"), party=party, form=form)

    def decision_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show a request whole, and on POST confirm or refuse it."""
        officer = officer_of(request)
        require_role(officer, *CASE_OFFICERS)
        related = Erasure.objects.select_related("party", "requested_by", "decided_by")
        erasure = get_object_or_404(related, pk=object_id)
        if request.method == "POST":
            self._decide(request, erasure)
            return _to(erasure)
        may_decide = erasure.is_open and has_role(officer, Role.APPROVER)
        refusals = broken_rules(erasure, by=officer, at=now_utc()) if may_decide else ()
        return self._page(
            request,
            "decision",
            title=_("Erasure"),
            party=erasure.party,
            erasure=erasure,
            state=state_of(erasure),
            papers=Instrument.objects.filter(reference__in=erasure.instruments),
            may_decide=may_decide,
            refusals=[refusal(rule) for rule in refusals],
        )

    def _decide(self, request: HttpRequest, erasure: Erasure) -> None:
        decide = approve_erasure if "approve" in request.POST else refuse_erasure
        try:
            decided = decide(erasure, by=officer_of(request), at=now_utc())
        except REFUSALS as error:
            for reason in _reasons(error):
                messages.error(request, reason)
        else:
            messages.success(request, state_of(decided))

    def _page(
        self, request: HttpRequest, name: str, *, party: Party, **context: Any
    ) -> HttpResponse:
        columns = {path[1:] for path in erasable_fields(party)}
        shown = [
            (field.verbose_name, getattr(party, field.name))
            for field in Party._meta.fields  # noqa: SLF001 # Django's public model API
            if field.name in columns
        ]
        return TemplateResponse(
            request,
            f"admin/registry/erasure/{name}.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "party": party,
                "values": shown,
                **context,
            },
        )


def state_of(erasure: Erasure) -> str:
    """Return how far a request is, in words."""
    if erasure.is_open:
        return str(_("Waits for an approver"))
    return str(_("Erased") if erasure.entry_id else _("Refused; nothing was erased"))


def _to(erasure: Erasure) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:registry_erasure_change", args=[erasure.pk]))


def _reasons(error: Exception) -> list[str]:
    if isinstance(error, RulesBrokenError):
        return [refusal(rule) for rule in error.rules]
    return [str(error)]

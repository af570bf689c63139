"""The office's pages of a certificate's status: a registrar proposes an event, an approver decides.

Every button posts to a view that calls one use case; what that refuses is shown in words.
"""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import ReadOnlyModelAdmin, holds_role, officer_of, refusal
from accounts.roles import CASE_OFFICERS, Role, has_role, require_role
from certificates.history import history
from certificates.models import Document, EventGround, EventKind, Issued, StatusProposal
from certificates.queries import certificate_numbered, later_certificates
from certificates.status import status_at
from certificates.status_acts import (
    GROUNDS,
    ProposalStateError,
    Wish,
    broken_rules,
    confirm,
    possible_events,
    propose,
    refuse,
)
from primitives.clock import now_utc
from primitives.rules import RulesBrokenError

REFUSALS = (ProposalStateError, PermissionDenied, RulesBrokenError)
"""What a use case raises when it refuses; its words are shown and nothing has changed."""


class WishForm(forms.Form):
    """What is to happen to a certificate, and why."""

    kind = forms.ChoiceField(label=_("Event"))
    ground = forms.ChoiceField(label=_("Ground"))
    words = forms.CharField(
        label=_("Ground in words"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("This stands in the public ledger: write nothing that names a person."),
    )
    effective_at = forms.DateTimeField(
        label=_("Takes effect"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}),
        help_text=_("Only of a revocation that reaches back; otherwise it is the decision."),
    )
    successor = forms.ModelChoiceField(
        label=_("Superseded by"),
        queryset=Document.objects.none(),
        required=False,
        help_text=_("Only where a later certificate takes its place."),
    )

    def __init__(self, *arguments: Any, certificate: Issued) -> None:
        super().__init__(*arguments)
        events = possible_events(certificate)
        grounds = frozenset[EventGround]().union(*(GROUNDS[kind] for kind in events))
        offered = {
            "kind": [(kind.value, kind.label) for kind in events],
            "ground": [(each.value, each.label) for each in EventGround if each in grounds],
        }
        for name, choices in offered.items():
            cast("forms.ChoiceField", self.fields[name]).choices = choices
        successor = cast("forms.ModelChoiceField[Document]", self.fields["successor"])
        successor.queryset = later_certificates().filter(asset=certificate.asset)

    def wish(self) -> Wish:
        """Return what was asked for."""
        asked = self.cleaned_data
        return Wish(
            kind=EventKind(asked["kind"]),
            ground=EventGround(asked["ground"]),
            words=asked["words"],
            effective_at=asked["effective_at"],
            successor=asked["successor"],
        )


class StatusProposalAdmin(ReadOnlyModelAdmin[StatusProposal]):
    """Proposed events of certificates and what was decided on them."""

    list_display = ("number", "kind", "ground", "state", "proposed_by", "decided_by")
    list_select_related = ("certificate", "document", "proposed_by", "decided_by")
    ordering = ("-pk",)
    search_fields = ("certificate__number", "document__number", "words")

    def has_view_permission(self, request: HttpRequest, obj: StatusProposal | None = None) -> bool:
        """It concerns those who work on cases."""
        return holds_role(request, *CASE_OFFICERS)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """See `has_view_permission`."""
        return request.user.is_authenticated and self.has_view_permission(request)

    def get_urls(self) -> list[URLPattern]:
        """Add the page of a proposal, and put the decision in the place of the edit form."""
        view = self.admin_site.admin_view
        return [
            path(
                "propose/<str:number>/",
                view(self.proposal_view),
                name="certificates_statusproposal_propose",
            ),
            path("<int:object_id>/change/", view(self.decision_view)),
            *super().get_urls(),
        ]

    @admin.display(description=_("certificate"))
    def number(self, proposal: StatusProposal) -> str:
        """Return the number of the certificate that it is about."""
        return proposal.issued.number

    @admin.display(description=_("state"))
    def state(self, proposal: StatusProposal) -> str:
        """Return how far the proposal is, in words."""
        return state_of(proposal)

    def proposal_view(self, request: HttpRequest, number: str) -> HttpResponse:
        """Show what happened to a certificate, and on POST keep what is proposed."""
        require_role(officer_of(request), Role.REGISTRAR)
        certificate = certificate_numbered(number)
        if certificate is None:
            raise Http404
        data = request.POST if request.method == "POST" else None
        form = WishForm(data, certificate=certificate)
        if form.is_valid():
            officer, at = officer_of(request), now_utc()
            try:
                proposal = propose(certificate, form.wish(), by=officer, at=at)
            except REFUSALS as error:
                for reason in _reasons(error):
                    form.add_error(None, reason)
            else:
                messages.success(request, _("Proposed. An approver decides."))
                return _to(proposal)
        title = _("Propose an event")
        return self._page(request, "propose", certificate=certificate, title=title, form=form)

    def decision_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show a proposal whole, and on POST confirm or refuse it."""
        officer = officer_of(request)
        require_role(officer, *CASE_OFFICERS)
        related = StatusProposal.objects.select_related(
            "certificate__asset",
            "document__asset",
            "successor",
            "proposed_by",
            "decided_by",
            "event__entry",
        )
        proposal = get_object_or_404(related, pk=object_id)
        if request.method == "POST":
            self._decide(request, proposal)
            return _to(proposal)
        may_decide = proposal.is_open and has_role(officer, Role.APPROVER)
        refusals = broken_rules(proposal, by=officer, at=now_utc()) if may_decide else ()
        return self._page(
            request,
            "decision",
            certificate=proposal.issued,
            title=_("Event of a certificate"),
            proposal=proposal,
            state=state_of(proposal),
            may_decide=may_decide,
            refusals=[refusal(rule) for rule in refusals],
        )

    def _decide(self, request: HttpRequest, proposal: StatusProposal) -> None:
        decide = confirm if "confirm" in request.POST else refuse
        try:
            decided = decide(proposal, by=officer_of(request), at=now_utc())
        except REFUSALS as error:
            for reason in _reasons(error):
                messages.error(request, reason)
        else:
            messages.success(request, state_of(decided))

    def _page(
        self, request: HttpRequest, name: str, *, certificate: Issued, **context: Any
    ) -> HttpResponse:
        return TemplateResponse(
            request,
            f"admin/certificates/statusproposal/{name}.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                **status_context(certificate),
                "address": _address(certificate),
                **context,
            },
        )


def status_context(certificate: Issued) -> dict[str, Any]:
    """Return what a page shows of an issued certificate's status."""
    at = now_utc()
    return {
        "certificate": certificate,
        "status": status_at(certificate, at),
        "history": history(certificate, at),
    }


def state_of(proposal: StatusProposal) -> str:
    """Return how far a proposal is, in words."""
    if proposal.is_open:
        return str(_("Waits for an approver"))
    return str(_("Entered") if proposal.event_id else _("Refused; nothing happened"))


def _address(certificate: Issued) -> str:
    name = "document" if isinstance(certificate, Document) else "certificate"
    return reverse(f"admin:certificates_{name}_change", args=[certificate.pk])


def _to(proposal: StatusProposal) -> HttpResponseRedirect:
    address = reverse("admin:certificates_statusproposal_change", args=[proposal.pk])
    return HttpResponseRedirect(address)


def _reasons(error: Exception) -> list[str]:
    if isinstance(error, RulesBrokenError):
        return [refusal(rule) for rule in error.rules]
    return [str(error)]

"""The office's hand on the fees of a case: a registrar records one, or takes one back."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import holds_role, officer_of, refusal
from accounts.roles import Role
from filings.fees import (
    FeeError,
    Paid,
    fees_of,
    items_charged,
    record_fee,
    reverse_fee,
    shown_fees,
)
from filings.models import Filing
from filings.workflow import State
from primitives.clock import now_utc
from primitives.rules import RulesBrokenError
from registry.fees import FEN_IN_YUAN, yuan_text


class FeeForm(forms.Form):
    """One fee that was paid for a case."""

    item = forms.ChoiceField(label=_("what for"))
    amount = forms.DecimalField(
        label=_("amount in yuan"),
        max_digits=12,
        decimal_places=2,
        min_value=Decimal("0.01"),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 12}),
    )
    payer = forms.TypedChoiceField(label=_("paid by"), coerce=int)
    paid_on = forms.DateField(
        label=_("paid on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    receipt = forms.CharField(label=_("invoice or receipt number"), max_length=40)

    def __init__(self, *args: Any, filing: Filing, **kwargs: Any) -> None:  # passed through
        super().__init__(*args, **{"auto_id": "fee-%s", **kwargs})
        language = get_language() or "en"
        self.fields["item"].choices = [  # type: ignore[attr-defined] # the stubs know the base only
            (item.code, f"{item.name(language)} {yuan_text(item.fen)}") for item in items_charged()
        ]
        # The page has read them; a queryset would ask for them twice more.
        self._applicants = {party.pk: party for party in filing.applicants.all()}
        self.fields["payer"].choices = [  # type: ignore[attr-defined] # as above
            (key, str(party)) for key, party in self._applicants.items()
        ]

    def paid(self) -> Paid:
        """Return what was paid; the form must be valid."""
        data = self.cleaned_data
        return Paid(
            item=data["item"],
            fen=int(data["amount"] * FEN_IN_YUAN),
            payer=self._applicants[data["payer"]],
            paid_on=data["paid_on"],
            receipt=data["receipt"],
        )


class ReversalForm(forms.Form):
    """Why a record is taken back."""

    reason = forms.CharField(max_length=200)


class FeePages(admin.ModelAdmin[Filing]):
    """The two forms of fees; both come back to the case."""

    def get_urls(self) -> list[URLPattern]:
        """Add them."""
        own = [
            path(
                f"<int:object_id>/fees/{route}",
                self.admin_site.admin_view(view),
                name=f"filings_filing_{name}",
            )
            for route, view, name in (
                ("", self.fee_view, "fee"),
                ("<int:fee_id>/take-back/", self.fee_back_view, "fee_back"),
            )
        ]
        return [*own, *super().get_urls()]

    def fee_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Record a fee."""
        filing = get_object_or_404(Filing, pk=object_id)
        form = FeeForm(request.POST, filing=filing)
        if request.method != "POST":
            return _to_fees(filing)
        if not form.is_valid():
            for name, errors in form.errors.items():
                label = form.fields[name].label if name in form.fields else name
                messages.error(request, f"{label}: {' '.join(map(str, errors))}")
            return _to_fees(filing)
        try:
            record_fee(filing, form.paid(), by=officer_of(request), at=now_utc())
        except (PermissionDenied, RulesBrokenError) as error:
            _tell(request, error)
        else:
            messages.success(request, _("The fee is recorded."))
        return _to_fees(filing)

    def fee_back_view(self, request: HttpRequest, object_id: int, fee_id: int) -> HttpResponse:
        """Take a record back."""
        filing = get_object_or_404(Filing, pk=object_id)
        record = get_object_or_404(fees_of(filing), pk=fee_id)
        form = ReversalForm(request.POST)
        if request.method != "POST":
            return _to_fees(filing)
        if not form.is_valid():
            messages.error(request, _("Say why the record is taken back."))
            return _to_fees(filing)
        reason, officer = form.cleaned_data["reason"], officer_of(request)
        try:
            reverse_fee(filing, record, reason=reason, by=officer, at=now_utc())
        except (FeeError, PermissionDenied, RulesBrokenError) as error:
            _tell(request, error)
        else:
            messages.success(request, _("The record is taken back."))
        return _to_fees(filing)


def fee_content(request: HttpRequest, filing: Filing) -> dict[str, object]:
    """Return what the case page shows of fees: nothing to those who judge the case."""
    if holds_role(request, Role.EXAMINER) or holds_role(request, Role.APPROVER):
        return {}
    may_record = holds_role(request, Role.REGISTRAR) and filing.state != State.DRAFT
    return {
        **shown_fees(filing),
        "shows_fees": True,
        "fee_form": FeeForm(filing=filing) if may_record and items_charged() else None,
        "may_record_fees": may_record,
    }


def _tell(request: HttpRequest, error: Exception) -> None:
    told = (
        [refusal(rule) for rule in error.rules]
        if isinstance(error, RulesBrokenError)
        else [str(error)]
    )
    for each in told:
        messages.error(request, each)


def _to_fees(filing: Filing) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:filings_filing_case", args=[filing.pk]) + "#fees")

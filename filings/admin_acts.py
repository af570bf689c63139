"""The office's pages of a filing that asks for acts on what is registered."""

from collections.abc import Callable

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_site import ChoiceSelectMultiple, holds_role, officer_of
from accounts.models import Organisation
from accounts.roles import Role
from filings.act_forms import ActForm, act_form, acts_of
from filings.admin_case import CasePages, to_case
from filings.cases import CaseStateError
from filings.drafting import ActNotOfTypeError, ask, create_dealing, drop, state_order
from filings.forms import AssetField, ProcedureField
from filings.kinds import FilingType
from filings.models import AskedAct, Filing, OrderBehind
from filings.office import acts_content
from primitives.clock import now_utc
from registry.models import DataAsset, Party
from rights.facts import Order
from rights.kinds import AuthorityKind
from rights.wording import act_name

TYPES = [(member.value, member.label) for member in FilingType if member != FilingType.INITIAL]


class NewDealingForm(forms.Form):
    """What kind of filing it is, whose, and about which asset."""

    type = forms.ChoiceField(label=gettext_lazy("type of filing"), choices=TYPES)
    asset = AssetField(label=gettext_lazy("data asset"))
    applicants = forms.ModelMultipleChoiceField(
        label=gettext_lazy("applicants"),
        queryset=Party.objects.all(),
        required=False,
        widget=ChoiceSelectMultiple(Filing._meta.get_field("applicants"), admin.site),  # noqa: SLF001 # Django's public name
        help_text=gettext_lazy("Everyone who applies; an order has none."),
    )
    organisation = forms.ModelChoiceField(
        label=gettext_lazy("applicant's account"),
        queryset=Organisation.objects.order_by("name"),
        required=False,
    )
    procedure = ProcedureField()


class OrderForm(forms.ModelForm[OrderBehind]):
    """Under whose order a filing is made."""

    class Meta:
        model = OrderBehind
        fields = ("authority", "level", "number")


class ActPages(CasePages):
    """The views of filings on what is registered, beside those of every case."""

    def get_urls(self) -> list[URLPattern]:
        """Add the pages."""
        pages: list[tuple[str, str, Callable[..., HttpResponse]]] = [
            ("new/acts/", "new_acts", self.new_acts_view),
            ("<int:object_id>/acts/", "acts", self.acts_view),
            ("<int:object_id>/acts/order/", "order", self.order_view),
            ("<int:object_id>/acts/<int:asked_id>/drop/", "drop_act", self.drop_view),
        ]
        own = [
            path(route, self.admin_site.admin_view(view), name=f"filings_filing_{name}")
            for route, name, view in pages
        ]
        return [*own, *super().get_urls()]

    def new_acts_view(self, request: HttpRequest) -> HttpResponse:
        """Draft a filing on an asset that is registered."""
        if not holds_role(request, Role.REGISTRAR):
            raise PermissionDenied
        form = NewDealingForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data
            filing = create_dealing(
                FilingType(given["type"]),
                applicants=given["applicants"],
                organisation=given["organisation"],
                profile=given["procedure"],
                by=officer_of(request),
                at=now_utc(),
            )
            return _to_acts(filing, given["asset"])
        return self._plain_page(request, "new_acts", {"form": form})

    def acts_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """List what a draft asks for, and add an act."""
        filing = self._case(object_id)
        if not self.may_edit(request, filing) or filing.type == FilingType.INITIAL:
            return to_case(filing)
        asset = self._asset(request, filing)
        act = request.GET.get("act", "")
        if act and (act not in acts_of(filing) or asset is None):
            raise Http404
        form = (
            act_form(act, filing, asset, at=now_utc())(request.POST or None)
            if act and asset
            else None
        )
        if form and request.method == "POST" and form.is_valid():
            return self._added(request, filing, form, asset)
        order = OrderForm(instance=getattr(filing, "order", None))
        return self._page(
            request,
            filing,
            "acts",
            {
                "asset": asset,
                **acts_content(filing),
                "acts": [(name, act_name(name)) for name in acts_of(filing)],
                "act": act,
                "act_label": act_name(act) if act else "",
                "form": form,
                "order_form": order if filing.type == FilingType.ORDER else None,
            },
        )

    def order_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Write down under whose order a draft is made."""
        filing = self._case(object_id)
        form = OrderForm(request.POST, instance=getattr(filing, "order", None))
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data
            order = Order(
                authority=AuthorityKind(given["authority"]),
                level=given["level"],
                number=given["number"],
            )
            self._say(request, lambda: state_order(filing, order, by=officer_of(request)))
        else:
            messages.error(request, _("Write the authority, its level and the number."))
        return _to_acts(filing, self._asset(request, filing))

    def drop_view(self, request: HttpRequest, object_id: int, asked_id: int) -> HttpResponse:
        """Take an act back from a draft."""
        filing = self._case(object_id)
        asked = get_object_or_404(
            AskedAct.objects.select_related("filing"), pk=asked_id, filing=filing
        )
        asset = self._asset(request, filing)
        if request.method == "POST":
            self._say(request, lambda: drop(asked, by=officer_of(request)))
        return _to_acts(filing, asset)

    def _added(
        self,
        request: HttpRequest,
        filing: Filing,
        form: ActForm,
        asset: DataAsset | None,
    ) -> HttpResponse:
        self._say(request, lambda: ask(filing, form.request(), by=officer_of(request)))
        return _to_acts(filing, asset)

    def _say(self, request: HttpRequest, work: Callable[[], object]) -> None:
        try:
            work()
        except (ActNotOfTypeError, CaseStateError) as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Kept."))

    def _asset(self, request: HttpRequest, filing: Filing) -> DataAsset | None:
        number = request.GET.get("asset", "")[:20]
        if number:
            return get_object_or_404(DataAsset, number=number)
        return filing.concerned.order_by("pk").first()


def _to_acts(filing: Filing, asset: DataAsset | None) -> HttpResponseRedirect:
    address = reverse("admin:filings_filing_acts", args=[filing.pk])
    return HttpResponseRedirect(f"{address}?asset={asset.number}" if asset else address)

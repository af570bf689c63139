"""Filings in the office: the list of cases, and a draft's pages while it may still be changed.

A draft has four pages, one thing each: the description, the papers, the rights and sources, and
the case with the button that submits it. The last one stays the page of the case from then on
(filings/admin_case.py).
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import (
    ChoiceFieldsMixin,
    UnloggedMixin,
    holds_role,
    is_key,
    is_officer,
    officer_of,
)
from accounts.roles import Role
from filings.admin_acts import ActPages
from filings.admin_batch import BatchAdmin
from filings.admin_calendar import CalendarYearAdmin
from filings.admin_case import to_case
from filings.admin_erasure import ErasureAdmin
from filings.admin_forms import (
    ClaimForm,
    ClaimFormSet,
    OwnPapersFormSet,
    ResponsibilityForm,
    ResponsibilityFormSet,
    SourceForm,
)
from filings.admin_negative_list import ListedItemAdmin
from filings.admin_objections import ObjectionAdmin
from filings.cases import CaseStateError
from filings.forms import DescriptionForm
from filings.kinds import FilingType
from filings.models import (
    Batch,
    CalendarYear,
    ClaimedResponsibility,
    ClaimedRight,
    ClaimedSource,
    Filing,
    FusionParticipant,
    ListedItem,
    Objection,
)
from filings.office import state_tag
from filings.submission import create_filing, revise
from primitives.clock import now_utc
from registry.models import Erasure, Named
from registry.queries import MOST
from registry.search import find

DESCRIPTION_FIELDSETS = (
    (_("Applicants"), {"fields": ("applicants", "organisation", "procedure")}),
    (
        _("The data"),
        {"fields": ("name", "summary", "kind", ("industry_section", "industry_division"))},
    ),
    (_("Origin"), {"fields": ("source_kind", "situation")}),
    (
        _("Classification"),
        {
            "fields": (
                "grade",
                ("personal_information", "personal_basis"),
                ("public_data", "public_data_code"),
            )
        },
    ),
    (
        _("Scope"),
        {
            "fields": (
                ("region_scope", "region"),
                ("period_from", "period_to"),
                ("update_frequency", "record_count"),
                ("form", "structure"),
            )
        },
    ),
    (
        _("Digests of the data"),
        {
            "fields": (
                "data_file",
                "sha256",
                "sm3",
                "size_bytes",
                "field_names",
                "part_digests",
            )
        },
    ),
    (
        _("Limits"),
        {
            "fields": (
                "limit_users",
                "limit_qualification",
                "limit_environment",
                "limit_territory",
                ("resale_allowed", "export_allowed"),
            )
        },
    ),
)
RIGHTS_FIELDSETS = (
    (
        _("Grounds"),
        {
            "fields": (
                ("contract_gives_hold", "contract_gives_use", "contract_gives_operate"),
                "is_substantive",
                "remarks",
            )
        },
    ),
)


class DraftInline(ChoiceFieldsMixin):
    """A part of a filing: a registrar changes it while the filing may be changed."""

    max_num: int | None = 50
    absolute_max = 100

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Take no more parts than that, whatever number the form announces."""
        kwargs.setdefault("absolute_max", self.absolute_max)
        return super().get_formset(request, obj, **kwargs)  # type: ignore[misc] # every inline has it

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """See the class."""
        return self._may_edit(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """See the class."""
        return self._may_edit(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """See the class."""
        return self._may_edit(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Every officer looks."""
        return is_officer(request)

    def _may_edit(self, request: HttpRequest, obj: Model | None) -> bool:
        is_open = isinstance(obj, Filing) and obj.is_editable
        return is_open and holds_role(request, Role.REGISTRAR)


class ClaimInline(DraftInline, admin.StackedInline[ClaimedRight, Filing]):
    """The rights applied for, each with its holders."""

    model = ClaimedRight
    form = ClaimForm
    formset = ClaimFormSet  # type: ignore[assignment] # narrower in its form
    template = "admin/filings/claim_inline.html"
    max_num = 20
    absolute_max = 50
    fields = (("kind", "term_months", "limits"),)
    extra = 0


class SourceInline(DraftInline, admin.StackedInline[ClaimedSource, Filing]):
    """Where the data came from."""

    model = ClaimedSource
    form = SourceForm
    formset = OwnPapersFormSet  # type: ignore[assignment] # wider in its model
    extra = 0
    autocomplete_fields = (
        "source_version",
        "external_source",
        "publisher",
        "responsible",
        "basis_interest",
    )
    fieldsets = (
        (
            _("The source: a registered version, one known from outside, or a new one"),
            {
                "fields": (
                    ("source_version", "external_source"),
                    ("title", "publisher"),
                    ("edition", "locator"),
                    ("sha256", "licence"),
                )
            },
        ),
        (
            _("What was done with it"),
            {
                "fields": (
                    ("activity", "responsible"),
                    "method",
                    ("code_sha256", "ended_at"),
                )
            },
        ),
        (
            _("On which basis; without a proof it is registered as unproven"),
            {"fields": ("basis", ("basis_interest", "basis_paper"))},
        ),
    )


class ParticipantInline(DraftInline, admin.TabularInline[FusionParticipant, Filing]):
    """The other parties to fused data."""

    model = FusionParticipant
    formset = OwnPapersFormSet  # type: ignore[assignment] # wider in its model
    autocomplete_fields = ("party",)
    extra = 0


class ResponsibilityInline(DraftInline, admin.TabularInline[ClaimedResponsibility, Filing]):
    """Who is responsible for the data, stage by stage."""

    model = ClaimedResponsibility
    form = ResponsibilityForm
    formset = ResponsibilityFormSet  # type: ignore[assignment] # narrower in its form
    verbose_name_plural = _("Who is responsible")
    autocomplete_fields = ("party",)
    extra = 0


class CaseList(ChangeList):
    """The list of cases: each line leads to the case."""

    def url_for_result(self, result: Model) -> str:
        """Return the address of the case's page."""
        return reverse("admin:filings_filing_case", args=[result.pk])


@admin.register(Filing)
class FilingAdmin(UnloggedMixin, ChoiceFieldsMixin, ActPages):
    """Cases for every officer; drafts for registrars."""

    form = DescriptionForm
    actions = None
    list_display = (
        "number",
        "type",
        "name",
        "shown_state",
        "due_on",
        "applicant_names",
        "filed_by",
        "created_at",
    )
    list_filter = ("type", "state")
    list_select_related = ("filed_by",)
    list_per_page = 50
    show_full_result_count = False
    ordering = ("-pk",)
    search_fields = (
        "number",
        "applicants__name",
        "applicants__identifier",
        "sha256",
        "sm3",
        "asset__number",
        "asset__certificates__number",
    )
    search_help_text = _("Number, name, applicant, social credit code, digest, certificate")
    autocomplete_fields = ("applicants", "organisation")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Filing], search_term: str
    ) -> tuple[QuerySet[Filing], bool]:
        """Find by any part of a name, and by anything else on the papers, word for word."""
        text = search_term.strip()
        if not text:
            return queryset, False
        keys = set(find(Named.FILING, text, limit=MOST))
        applicants = find(Named.PARTY, text, limit=MOST)
        asked: list[dict[str, Any]] = [
            {"applicants__in": applicants},
            *({path: text} for path in self.search_fields),
        ]
        for condition in asked:
            keys.update(queryset.filter(**condition).values_list("pk", flat=True)[:MOST])
        return queryset.filter(pk__in=keys), False

    def get_urls(self) -> list[URLPattern]:
        """Add the draft's page of rights and sources."""
        rights = path(
            "<int:object_id>/rights/",
            self.admin_site.admin_view(self.change_view),
            name="filings_filing_rights",
        )
        return [rights, *super().get_urls()]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A registrar drafts for those who apply on paper."""
        return holds_role(request, Role.REGISTRAR)

    def has_change_permission(self, request: HttpRequest, obj: Filing | None = None) -> bool:
        """A registrar changes what may still be changed."""
        if obj is None:
            return holds_role(request, Role.REGISTRAR)
        return self.may_edit(request, obj)

    def has_delete_permission(
        self,
        request: HttpRequest,
        obj: Filing | None = None,
    ) -> bool:
        """A filing is withdrawn, not deleted."""
        return False

    def has_view_permission(
        self,
        request: HttpRequest,
        obj: Filing | None = None,
    ) -> bool:
        """Every officer looks at every case."""
        return is_officer(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Every officer sees the list."""
        return is_officer(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Filing]:
        """Read the applicants of all listed cases at once."""
        return super().get_queryset(request).prefetch_related("applicants")

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[ChangeList]:
        """Lead from the list to the cases."""
        return CaseList

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, filing: Filing) -> SafeString:
        """Return the state as a word with its shape."""
        return state_tag(filing)

    @admin.display(description=_("applicants"))
    def applicant_names(self, filing: Filing) -> str:
        """Return the applicants' names."""
        return "、".join(party.name for party in filing.applicants.all())

    def get_fieldsets(self, request: HttpRequest, obj: Filing | None = None) -> Any:
        """Return the fields of the page that is asked for; the procedure is chosen once."""
        if _is_rights_page(request):
            return RIGHTS_FIELDSETS
        if obj is None:
            return DESCRIPTION_FIELDSETS
        (title, _options), *others = DESCRIPTION_FIELDSETS
        return ((title, {"fields": ("applicants", "organisation")}), *others)

    def get_inlines(self, request: HttpRequest, obj: Filing | None) -> list[Any]:
        """Rights, sources and responsibilities have their own page."""
        if not _is_rights_page(request):
            return []
        return [ClaimInline, SourceInline, ParticipantInline, ResponsibilityInline]

    def get_form(
        self,
        request: HttpRequest,
        obj: Filing | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Look at digests only where they are written."""
        if _is_rights_page(request):
            kwargs["form"] = forms.ModelForm
        return super().get_form(request, obj, change=change, **kwargs)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a draft's page; a case that can no longer be changed has only the case's page."""
        if not is_key(str(object_id)):
            raise Http404
        filing = self._case(int(object_id))
        if not self.may_edit(request, filing):
            if request.method == "POST":
                messages.error(request, _NOT_EDITABLE)
            return to_case(filing)
        if filing.type != FilingType.INITIAL:
            return HttpResponseRedirect(reverse("admin:filings_filing_acts", args=[filing.pk]))
        page = "rights" if _is_rights_page(request) else "description"
        try:
            return super().change_view(
                request, str(object_id), form_url, {"page": page, **(extra_context or {})}
            )
        except CaseStateError as error:
            messages.error(request, str(error))
            return to_case(filing)

    def save_model(self, request: HttpRequest, obj: Filing, form: object, change: object) -> None:
        """Number a new draft; keep a changed one only while it may be changed.

        Raises:
            CaseStateError: a colleague has submitted it since the page was opened.
        """
        if not change:
            create_filing(obj, by=officer_of(request), at=now_utc())
            return
        revise(obj, by=officer_of(request))

    def response_add(
        self, request: HttpRequest, obj: Filing, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Go on to the papers, or stay."""
        del post_url_continue
        messages.success(request, _("Draft %(number)s is kept.") % {"number": obj.number})
        return self._go_on(request, obj, "papers")

    def response_change(self, request: HttpRequest, obj: Filing) -> HttpResponse:
        """Go on to the next page, or stay."""
        messages.success(request, _("Draft %(number)s is kept.") % {"number": obj.number})
        return self._go_on(request, obj, "case" if _is_rights_page(request) else "papers")

    def _go_on(self, request: HttpRequest, filing: Filing, page: str) -> HttpResponse:
        if "_continue" in request.POST:
            page = "rights" if _is_rights_page(request) else "change"
        return HttpResponseRedirect(reverse(f"admin:filings_filing_{page}", args=[filing.pk]))


_NOT_EDITABLE = _("What is applied for can no longer be changed; nothing was saved.")


def _is_rights_page(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and match.url_name == "filings_filing_rights"


admin.site.register(Batch, BatchAdmin)
admin.site.register(CalendarYear, CalendarYearAdmin)
admin.site.register(Erasure, ErasureAdmin)
admin.site.register(ListedItem, ListedItemAdmin)
admin.site.register(Objection, ObjectionAdmin)

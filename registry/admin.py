"""The register in the office: parties, data assets, their versions and outside sources.

A registrar enters a party by an act; everything else here is only looked at.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import ReadOnlyModelAdmin, UnloggedMixin, holds_role, officer_of, refusal
from accounts.roles import CASE_OFFICERS, Role
from primitives.clock import now_utc
from primitives.rules import RulesBrokenError
from registry.kinds import PartyKind
from registry.models import (
    AssetVersion,
    DataAsset,
    Derivation,
    Disclosure,
    ExternalSource,
    Named,
    Party,
)
from registry.parties import broken_rules, enter_party
from registry.queries import MOST, asset_keys, parties_by_stage
from registry.search import find

IDENTITY_FIELDS = (
    "kind",
    "name",
    "identifier_scheme",
    "identifier",
    "legal_representative",
    "address",
    "contact",
    "business_status",
    "is_example",
)


class PartyForm(forms.ModelForm[Party]):
    """A party to be entered, judged by the PTY rules."""

    class Meta:
        model = Party
        fields = IDENTITY_FIELDS

    def validate_unique(self) -> None:
        """Name every PTY rule that the party would break."""
        for rule in broken_rules(self.instance):
            self.add_error(None, refusal(rule))

    def _get_validation_exclusions(self) -> set[str]:
        # Rule PTY-3 says what the table's constraint would say, in words.
        inherited: set[str] = super()._get_validation_exclusions()  # type: ignore[misc] # Django's
        return {*inherited, "identifier"}


@admin.register(Party)
class PartyAdmin(UnloggedMixin, ReadOnlyModelAdmin[Party]):
    """Persons and organisations; a registrar enters new ones."""

    form = PartyForm
    list_display = (
        "shown_name",
        "kind",
        "identifier_scheme",
        "identifier",
        "reference",
        "is_example",
    )
    list_filter = ("kind", "is_example")
    search_fields = ("identifier__exact", "reference__exact", "legal_representative")
    search_help_text = _("Name, identifier, reference or legal representative")
    ordering = ("-pk",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Party], search_term: str
    ) -> tuple[QuerySet[Party], bool]:
        """Find organisations by the index of names, and of the others whoever has the words."""
        if not search_term.strip():
            return queryset, False
        named = find(Named.PARTY, search_term, limit=MOST)
        persons = Q(kind=PartyKind.NATURAL, name__icontains=search_term.strip())
        others, _more = super().get_search_results(request, queryset, search_term)
        found = Q(pk__in=named) | Q(pk__in=others.values("pk")) | persons
        return queryset.filter(found), False

    def choice_text(self, party: Party) -> str:
        """Tell parties of the same name apart where one is chosen."""
        return f"{party} · {party.identifier}"

    def has_view_permission(self, request: HttpRequest, obj: Party | None = None) -> bool:
        """Identity numbers are for those who work on cases."""
        return holds_role(request, *CASE_OFFICERS)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """See `has_view_permission`."""
        return request.user.is_authenticated and self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Registrars enter parties."""
        return holds_role(request, Role.REGISTRAR)

    def get_fields(self, request: HttpRequest, obj: Party | None = None) -> tuple[str, ...]:
        """Show of a party on record also where it stands in the ledger."""
        return (*IDENTITY_FIELDS, "reference", "entry", "privacy") if obj else IDENTITY_FIELDS

    @admin.display(description=_("name"), ordering="name")
    def shown_name(self, party: Party) -> str:
        """Return the name, or that it was erased."""
        return str(party)

    @admin.display(description=_("personal data"))
    def privacy(self, party: Party) -> SafeString:
        """Say what was erased, or lead to where it is disclosed and its erasure is requested."""
        if granted := party.erasures.filter(entry__isnull=False).first():
            erased = _("erased %(day)s, %(ground)s") % {
                "day": date_format(granted.decided_at, "Y-m-d") if granted.decided_at else "",
                "ground": granted.get_ground_display(),
            }
            address = reverse("admin:registry_erasure_change", args=[granted.pk])
            return format_html('<a href="{}">{}</a>', address, erased)
        entries = [
            party.entry_id,
            *party.changes.order_by("number").values_list("entry", flat=True),
        ]
        ways = [
            *(
                (reverse("admin:ledger_entry_disclose", args=[entry]), _("disclose fields"))
                for entry in entries
            ),
            (reverse("admin:registry_erasure_request", args=[party.pk]), _("request erasure")),
        ]
        return format_html_join(" · ", '<a href="{}">{}</a>', ways)

    def get_readonly_fields(self, request: HttpRequest, obj: Party | None = None) -> Any:
        """Let the page show what is no column."""
        return ("privacy",) if obj else ()

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Enter a party outside Django's transaction: an act opens its own, and does not nest."""
        try:
            response: HttpResponse = self._changeform_view(  # type: ignore[attr-defined] # Django's
                request, object_id, form_url, extra_context
            )
        except RulesBrokenError as error:  # a colleague entered the same party a moment ago
            for rule in error.rules:
                messages.error(request, refusal(rule))
            return HttpResponseRedirect(reverse("admin:registry_party_changelist"))
        return response

    def save_model(self, request: HttpRequest, obj: Party, form: object, change: object) -> None:
        """Enter the party by an act."""
        enter_party(obj, by=officer_of(request), at=now_utc())


@admin.register(DataAsset)
class DataAssetAdmin(ReadOnlyModelAdmin[DataAsset]):
    """Registered assets, with everything that stands in them (its own template)."""

    list_display = ("number", "name", "holder_names", "kind", "source_kind", "registered_at")
    list_filter = ("kind", "source_kind", "situation")
    ordering = ("-pk",)
    search_fields = (
        "versions__sha256",
        "versions__sm3",
        "interests__reference",
        "interests__shares__party__name",
        "interests__shares__party__identifier",
        "certificates__number",
        "certificates__sha256",
        "filing__number",
    )
    search_help_text = _(
        "Number, name, holder, social credit code, digest, certificate or filing number"
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[DataAsset]:
        """Read the holders of all listed assets at once."""
        return (
            super()
            .get_queryset(request)
            .select_related("entry__leaf")
            .prefetch_related("interests__shares__party")
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[DataAsset], search_term: str
    ) -> tuple[QuerySet[DataAsset], bool]:
        """Find by what the public finds by, and by anything else on the papers, word for word.

        Each is asked apart, so that an index answers it.
        """
        text = search_term.strip()
        if not text:
            return queryset, False
        keys = set(asset_keys(text, limit=MOST))
        for path in self.search_fields:
            keys.update(queryset.filter(**{path: text}).values_list("pk", flat=True)[:MOST])
        return queryset.filter(pk__in=keys), False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show who is responsible, stage by stage."""
        named = context["original"].responsibilities.select_related("party").order_by("pk")
        context["responsibilities"] = parties_by_stage(named)
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("holders"))
    def holder_names(self, asset: DataAsset) -> str:
        """Return each holder of any right once."""
        names = {
            str(share.party)
            for interest in asset.interests.all()
            for share in interest.shares.all()
        }
        return "、".join(sorted(names))


class DerivationInline(admin.TabularInline[Derivation, AssetVersion]):
    """A version's sources."""

    model = Derivation
    fk_name = "derived_version"
    fields = (
        "source_version",
        "external_source",
        "activity",
        "method",
        "responsible",
        "basis",
        "is_proven",
    )
    can_delete = False
    verbose_name_plural = _("provenance")

    def has_add_permission(self, request: HttpRequest, obj: AssetVersion | None = None) -> bool:
        """Nothing is added here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: AssetVersion | None = None) -> bool:
        """Nothing is changed here."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: AssetVersion | None = None) -> bool:
        """Whoever sees the version sees its sources."""
        return True


@admin.register(AssetVersion)
class AssetVersionAdmin(ReadOnlyModelAdmin[AssetVersion]):
    """The exact data that was registered."""

    list_display = ("asset", "number", "sha256", "sm3", "size_bytes")
    list_select_related = ("asset",)
    ordering = ("-pk",)
    search_fields = ("asset__number", "asset__name", "sha256", "sm3")
    search_help_text = _("Number or name of the asset, or a digest")
    inlines = (DerivationInline,)


@admin.register(ExternalSource)
class ExternalSourceAdmin(ReadOnlyModelAdmin[ExternalSource]):
    """Pinned sources outside the register."""

    list_display = ("title", "edition", "publisher", "licence", "sha256")
    list_select_related = ("publisher",)
    ordering = ("-pk",)
    search_fields = ("title", "edition", "publisher__name", "reference", "sha256", "locator")


@admin.register(Disclosure)
class DisclosureAdmin(ReadOnlyModelAdmin[Disclosure]):
    """What was disclosed to whom: a record that only grows (NDA35 art. 30)."""

    list_display = ("disclosed_at", "recipient", "purpose", "disclosed_by", "entry")
    list_select_related = ("disclosed_by", "entry")
    ordering = ("-pk",)
    search_fields = ("recipient", "purpose", "sha256", "entry__keys__key")
    fields = (
        "recipient",
        "purpose",
        "entry",
        "fields",
        "disclosed_by",
        "disclosed_at",
        "sha256",
    )

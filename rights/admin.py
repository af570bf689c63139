"""Registered rights in the office: only looked at."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import ReadOnlyModelAdmin
from rights.models import Interest


@admin.register(Interest)
class InterestAdmin(ReadOnlyModelAdmin[Interest]):
    """Who holds which share of which right."""

    list_display = ("reference", "asset", "kind", "holders", "valid_from", "valid_to")
    list_filter = ("kind",)
    list_select_related = ("asset",)
    ordering = ("-pk",)
    search_fields = (
        "reference",
        "asset__number",
        "asset__name",
        "shares__party__name",
        "shares__party__identifier",
        "shares__party__reference",
    )
    search_help_text = _("Reference, asset, holder or social credit code")
    fields = ("reference", "asset", "kind", "holders", "valid_from", "valid_to", "limits", "entry")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Interest]:
        """Read the holders of all listed rights at once."""
        return super().get_queryset(request).prefetch_related("shares__party")

    @admin.display(description=_("holders and shares"))
    def holders(self, interest: Interest) -> str:
        """Return each holder with the exact share."""
        return "；".join(f"{share.party.name} {share.fraction}" for share in interest.shares.all())

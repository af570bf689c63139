"""Registered rights and what lies on them, in the office: only looked at."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import ReadOnlyModelAdmin, holds_role
from accounts.roles import CASE_OFFICERS
from rights.answers import names_of
from rights.entries import remark_facts
from rights.models import Interest, Remark
from rights.remarks import Pledge
from rights.wording import body_sayings


@admin.register(Interest)
class InterestAdmin(ReadOnlyModelAdmin[Interest]):
    """Who holds which share of which right, revision by revision."""

    list_display = ("reference", "revision", "asset", "kind", "holders", "valid_from", "until")
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
    fields = (
        "reference",
        "revision",
        "asset",
        "kind",
        "holders",
        "granted_from",
        "valid_from",
        "valid_to",
        "until",
        "limits",
        "entry",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Interest]:
        """Read the holders of all listed rights at once."""
        return super().get_queryset(request).prefetch_related("shares__party")

    @admin.display(description=_("holders and shares"))
    def holders(self, interest: Interest) -> str:
        """Return each holder with the exact share."""
        return "；".join(f"{share.party.name} {share.fraction}" for share in interest.shares.all())


@admin.register(Remark)
class RemarkAdmin(ReadOnlyModelAdmin[Remark]):
    """What lies on assets and rights, revision by revision."""

    list_display = (
        "reference",
        "revision",
        "kind",
        "asset",
        "interest",
        "party",
        "valid_from",
        "until",
    )
    list_filter = ("kind",)
    list_select_related = ("asset", "party")
    ordering = ("-pk",)
    search_fields = (
        "reference",
        "interest",
        "asset__number",
        "asset__name",
        "party__name",
        "party__identifier",
        "party__reference",
    )
    search_help_text = _("Reference, right, asset, party or social credit code")

    def get_fields(
        self, request: HttpRequest, obj: Remark | None = None
    ) -> tuple[str, ...]:  # Django's signature
        """Show the free text to those who work on cases."""
        shown = (
            "reference",
            "revision",
            "kind",
            "asset",
            "interest",
            "party",
            "content",
            "entered",
            "valid_from",
            "valid_to",
            "until",
            "entry",
        )
        return (*shown, "words") if holds_role(request, *CASE_OFFICERS) else shown

    @admin.display(description=_("content"))
    def content(self, remark: Remark) -> str:
        """Return what it says, in words."""
        body = remark_facts(remark).body
        pledgors = body.burdens if isinstance(body, Pledge) else ()
        said = body_sayings(body, names_of(pledgors, shown=str))
        return "；".join(f"{label} {value}" for label, value in said)

    @admin.display(description=_("rank of entry"))
    def entered(self, remark: Remark) -> str:
        """Return the version of the asset in which it was first entered, and the place in it."""
        return f"{remark.rank_version}.{remark.rank_position}"

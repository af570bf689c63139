"""Certificates in the office: only looked at."""

import json

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import ReadOnlyModelAdmin
from certificates.models import Certificate


@admin.register(Certificate)
class CertificateAdmin(ReadOnlyModelAdmin[Certificate]):
    """Issued certificates and those on their way."""

    list_display = ("number", "asset", "state", "issued_at", "sha256")
    list_filter = ("state",)
    list_select_related = ("asset",)
    ordering = ("-pk",)
    search_fields = (
        "number",
        "check_code",
        "sha256",
        "sm3",
        "asset__number",
        "asset__name",
        "asset__interests__shares__party__name",
        "asset__interests__shares__party__identifier",
    )
    search_help_text = _("Certificate number, verification code, digest of the file, asset, holder")
    fields = (
        "number",
        "check_code",
        "asset",
        "state",
        "numbered_at",
        "issued_at",
        "sha256",
        "sm3",
        "size_bytes",
        "registration",
        "entry",
        "statement_json",
    )

    @admin.display(description=_("statement"))
    def statement_json(self, certificate: Certificate) -> SafeString | str:
        """Return what the certificate says, as data."""
        if not certificate.statement:
            return "-"
        statement = json.loads(bytes(certificate.statement))
        return format_html(
            '<pre class="document">{}</pre>', json.dumps(statement, ensure_ascii=False, indent=2)
        )

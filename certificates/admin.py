"""Certificates and documents in the office: looked at, and documents ordered."""

import json
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import ReadOnlyModelAdmin, holds_role, is_key, officer_of
from accounts.roles import CASE_OFFICERS, Role
from certificates.admin_status import StatusProposalAdmin, status_context
from certificates.documents.ordering import Order, OrderError, order, require_sense
from certificates.models import (
    Certificate,
    Document,
    DocumentKind,
    Issued,
    SealedFile,
    StatusProposal,
    TimestampOutage,
    named,
)
from certificates.queries import (
    CertificateMissingError,
    certificate_numbered,
    latest_archival,
    read_certificate,
    read_file,
)
from certificates.status_acts import possible_events
from primitives.clock import now_utc


class SealedFileAdmin(ReadOnlyModelAdmin[Any]):
    """Hands out the sealed file to those whose work needs it, and shows a certificate's status."""

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses of the issued and the renewed file."""
        view, renewed = (self.admin_site.admin_view(of) for of in (self.file, self.renewed))
        return [
            path("<int:pk>/file/", view, name=f"{self._name}_file"),
            path("<int:pk>/renewed/", renewed, name=f"{self._name}_renewed"),
            *super().get_urls(),
        ]

    def file(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Return the sealed PDF; say so on the row's page if the store has lost it."""
        row = self._row(request, pk)
        return self._shown(request, pk, lambda: read_certificate(row), name=str(row))

    def renewed(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Return the file as it was last renewed, in the same way."""
        row = self._row(request, pk)
        archival = latest_archival(row)
        if archival is None:
            raise Http404
        return self._shown(request, pk, lambda: read_file(archival), name=f"{row}-renewed")

    def _row(self, request: HttpRequest, pk: int) -> Certificate | Document:
        if not holds_role(request, *CASE_OFFICERS):
            raise PermissionDenied
        row: Certificate | Document = get_object_or_404(self.model, pk=pk)
        return row

    def _shown(
        self, request: HttpRequest, pk: int, read: Callable[[], bytes], *, name: str
    ) -> HttpResponseBase:
        try:
            content = read()
        except CertificateMissingError as error:
            messages.error(request, str(error))
            return redirect(f"admin:{self._name}_change", pk)
        headers = {
            "Content-Disposition": f'inline; filename="{name}.pdf"',
            "Cache-Control": "private, no-store",
        }
        return HttpResponse(content, content_type="application/pdf", headers=headers)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show what happened to a certificate, and offer what may be proposed or decided."""
        found = self.model.objects.filter(pk=object_id).first() if is_key(object_id) else None
        certificate = certificate_numbered(found.number) if found else None
        status = self._status(request, certificate) if certificate else {}
        return super().change_view(
            request, object_id, form_url, {**(extra_context or {}), **status}
        )

    def _status(self, request: HttpRequest, certificate: Issued) -> dict[str, Any]:
        open_one = StatusProposal.objects.filter(**named(certificate), decided_at=None).first()
        may_propose = open_one is None and holds_role(request, Role.REGISTRAR)
        return {
            **status_context(certificate),
            "proposal": open_one,
            "may_propose": may_propose and bool(possible_events(certificate)),
        }

    @admin.display(description=_("file"))
    def file_link(self, row: SealedFile) -> SafeString | str:
        """Return the way to the file, once it is there."""
        if not row.sha256:
            return "-"
        return format_html(
            '<a href="{}">{}.pdf</a>', reverse(f"admin:{self._name}_file", args=[row.pk]), row
        )

    @admin.display(description=_("renewed file"))
    def renewed_link(self, row: Certificate | Document) -> SafeString | str:
        """Return the way to the file under a further time-stamp, and since when there is one."""
        archival = latest_archival(row)
        if archival is None:
            return "-"
        return format_html(
            '<a href="{}">{}-renewed.pdf</a> ({})',
            reverse(f"admin:{self._name}_renewed", args=[row.pk]),
            row,
            localtime(archival.renewed_at).strftime("%Y-%m-%d"),
        )

    @property
    def _name(self) -> str:
        options = self.model._meta  # noqa: SLF001 # Django's public model API
        return f"{options.app_label}_{options.model_name}"


@admin.register(Certificate)
class CertificateAdmin(SealedFileAdmin):
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
        "file_link",
        "renewed_link",
        "numbered_at",
        "issued_at",
        "sha256",
        "sm3",
        "size_bytes",
        "registration",
        "entry",
        "statement_json",
    )

    readonly_fields = ("file_link", "renewed_link")

    @admin.display(description=_("statement"))
    def statement_json(self, certificate: Certificate) -> SafeString | str:
        """Return what the certificate says, as data."""
        if not certificate.statement:
            return "-"
        statement = json.loads(bytes(certificate.statement))
        return format_html(
            '<pre class="document">{}</pre>', json.dumps(statement, ensure_ascii=False, indent=2)
        )


class DocumentForm(forms.ModelForm[Document]):
    """What an officer orders, for a court for instance."""

    class Meta:
        model = Document
        fields = ("kind", "asset", "party", "query", "since", "as_of")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "kind" not in self.fields:
            return  # one that was ordered is only looked at
        for name in ("asset", "party", "query", "since", "as_of"):
            self.fields[name].required = False
        # Django's pair of fields for a day and a time has one label for two.
        for name in ("since", "as_of"):
            self.fields[name] = forms.DateTimeField(
                label=self.fields[name].label,
                required=False,
                widget=forms.DateTimeInput({"type": "datetime-local"}),
            )
        kinds = [kind for kind in DocumentKind if kind != DocumentKind.TITLE]
        self.fields["kind"] = forms.ChoiceField(
            label=_("Document"), choices=[(kind.value, kind.label) for kind in kinds]
        )

    def clean(self) -> dict[str, Any]:
        """Order it, so that what is wrong with the order stands beside the form."""
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        self.ordered = Order(
            kind=DocumentKind(cleaned["kind"]),
            asset=cleaned["asset"],
            party=cleaned["party"],
            query=cleaned["query"],
            since=cleaned["since"],
            as_of=cleaned["as_of"],
        )
        try:
            require_sense(self.ordered, at=now_utc())
        except OrderError as error:
            raise forms.ValidationError(str(error)) from error
        return cleaned


@admin.register(Document)
class DocumentAdmin(SealedFileAdmin):
    """Documents that state the register: ordered here or on the desk, never edited."""

    form = DocumentForm
    list_display = ("number", "kind", "asset", "party", "state", "as_of", "issued_at")
    list_filter = ("kind", "state")
    list_select_related = ("asset", "party")
    ordering = ("-pk",)
    search_fields = ("number", "sha256", "asset__number", "asset__name", "party__name")
    autocomplete_fields = ("asset", "party")
    fields = (
        "number",
        "kind",
        "asset",
        "party",
        "query",
        "since",
        "as_of",
        "state",
        "file_link",
        "renewed_link",
        "ordered_by",
        "issued_at",
        "sha256",
        "sm3",
        "entry",
    )
    ordered_fields = ("kind", "asset", "party", "query", "since", "as_of")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whoever works on cases may order."""
        return holds_role(request, *CASE_OFFICERS)

    def get_fields(self, request: HttpRequest, obj: Document | None = None) -> tuple[str, ...]:
        """Ask for what an order needs; show the rest of one that was made."""
        return self.fields if obj else self.ordered_fields

    def get_readonly_fields(
        self, request: HttpRequest, obj: Document | None = None
    ) -> tuple[str, ...]:
        """Leave only a new order open."""
        return self.fields if obj else ()

    def save_model(
        self, request: HttpRequest, obj: Document, form: DocumentForm, change: object
    ) -> None:
        """Take the number by the same use case as the desk."""
        made = order(form.ordered, by=officer_of(request), at=now_utc())
        obj.__dict__.update(made.__dict__)


@admin.register(TimestampOutage)
class TimestampOutageAdmin(ReadOnlyModelAdmin[TimestampOutage]):
    """When no time-stamp was to be had, and why."""

    list_display = ("began_at", "tried_at", "ended_at", "error")
    ordering = ("-pk",)


admin.site.register(StatusProposal, StatusProposalAdmin)

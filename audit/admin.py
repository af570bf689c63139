"""The ledger in the office: entries as they were written, checkpoints as they were signed.

It stands here because the ledger itself knows no users, and so not who may look.
"""

import json
from typing import cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import ReadOnlyModelAdmin, officer_of
from accounts.roles import require_role
from ledger.models import Checkpoint, Entry
from ledger.proofs import NotPublishedError
from primitives.clock import now_utc
from registry.disclosure import (
    DISCLOSING,
    DisclosureRefusedError,
    disclose_fields,
    field_label,
    open_fields,
)


class DisclosureForm(forms.Form):
    """Which committed members, to whom, for what."""

    members = forms.MultipleChoiceField(label=_("Fields"), widget=forms.CheckboxSelectMultiple)
    recipient = forms.CharField(label=_("Recipient"), max_length=200)
    purpose = forms.CharField(label=_("Purpose"), max_length=300)

    def __init__(self, data: QueryDict | None, *, members: list[str]) -> None:
        super().__init__(data)
        choices = [(member, field_label(member)) for member in members]
        cast("forms.MultipleChoiceField", self.fields["members"]).choices = choices


@admin.register(Entry)
class EntryAdmin(ReadOnlyModelAdmin[Entry]):
    """Acts as the log has them."""

    list_display = ("leaf_index", "kind", "key_names", "recorded_at", "officer")
    list_filter = ("kind",)
    list_display_links = ("kind",)
    ordering = ("-pk",)
    search_fields = ("keys__key", "kind", "actor", "officer")
    search_help_text = _("Asset or party reference, certificate number, officer, leaf hash, index")
    fields = (
        "leaf_index",
        "kind",
        "key_names",
        "recorded_at",
        "actor",
        "officer",
        "leaf_hash_hex",
        "commitments",
        "content_json",
    )

    def get_urls(self) -> list[URLPattern]:
        """Add the page on which fields are disclosed."""
        own = path(
            "<int:object_id>/disclose/",
            self.admin_site.admin_view(self.disclose_view),
            name="ledger_entry_disclose",
        )
        return [own, *super().get_urls()]

    def disclose_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask what is disclosed to whom and for what, and on POST send the file."""
        officer = officer_of(request)
        require_role(officer, *DISCLOSING)
        entry = get_object_or_404(Entry, pk=object_id)
        data = request.POST if request.method == "POST" else None
        form = DisclosureForm(data, members=open_fields(entry))
        if form.is_valid():
            try:
                text = disclose_fields(
                    entry,
                    fields=form.cleaned_data["members"],
                    recipient=form.cleaned_data["recipient"],
                    purpose=form.cleaned_data["purpose"],
                    by=officer,
                    at=now_utc(),
                )
            except (DisclosureRefusedError, NotPublishedError) as error:
                form.add_error(None, str(error))
            else:
                return _download(text, f"entry-{entry.pk}.disclosure")
        return TemplateResponse(
            request,
            "admin/ledger/entry/disclose.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": _("Disclose fields"),
                "entry": entry,
                "form": form,
                "can_disclose": bool(open_fields(entry)),
            },
        )

    @admin.display(description=_("commitments"))
    def commitments(self, entry: Entry) -> SafeString | str:
        """Say which members can still be opened, and lead to their disclosure."""
        fields = open_fields(entry)
        if not fields:
            return "–"
        address = reverse("admin:ledger_entry_disclose", args=[entry.pk])
        return format_html(
            '{} · <a href="{}">{}</a>',
            ", ".join(map(field_label, fields)),
            address,
            _("disclose fields"),
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        """Read keys and places of all listed entries at once."""
        return super().get_queryset(request).select_related("leaf").prefetch_related("keys")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Entry], search_term: str
    ) -> tuple[QuerySet[Entry], bool]:
        """Find an entry by its leaf hash or index too."""
        text = search_term.strip()
        if text.isdecimal() and len(text) < len(str(2**63)):
            return queryset.filter(leaf__index=int(text)), False
        if (digest := _digest(text)) is not None:
            return queryset.filter(leaf_hash=digest), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description=_("index"), ordering="leaf__index")
    def leaf_index(self, entry: Entry) -> object:
        """Return the place in the tree, counted from 0."""
        leaf = getattr(entry, "leaf", None)
        return leaf.index if leaf else _("waiting")

    @admin.display(description=_("concerns"))
    def key_names(self, entry: Entry) -> str:
        """Return what the entry is about, with the version it makes of it."""
        return ", ".join(str(key) for key in entry.keys.all())

    @admin.display(description=_("leaf hash"))
    def leaf_hash_hex(self, entry: Entry) -> SafeString:
        """Return the RFC 6962 leaf hash."""
        return format_html("<code>{}</code>", bytes(entry.leaf_hash).hex())

    @admin.display(description=_("content"))
    def content_json(self, entry: Entry) -> SafeString:
        """Return the entry indented for reading; the log has it in RFC 8785 form."""
        content = json.loads(bytes(entry.content))
        return format_html(
            '<pre class="document">{}</pre>', json.dumps(content, ensure_ascii=False, indent=2)
        )


@admin.register(Checkpoint)
class CheckpointAdmin(ReadOnlyModelAdmin[Checkpoint]):
    """Signed heads of the log."""

    list_display = ("size", "signed_at", "root_hash_hex")
    list_select_related = ("tree_head",)
    ordering = ("-pk",)
    search_fields = ("note",)
    fields = ("size", "signed_at", "root_hash_hex", "signed_note")

    @admin.display(description=_("tree size"), ordering="pk")
    def size(self, checkpoint: Checkpoint) -> int:
        """Return how many entries the checkpoint covers."""
        return checkpoint.tree_head.size

    @admin.display(description=_("root hash"))
    def root_hash_hex(self, checkpoint: Checkpoint) -> SafeString:
        """Return the root of the tree."""
        return format_html("<code>{}</code>", bytes(checkpoint.tree_head.root_hash).hex())

    @admin.display(description=_("signed note"))
    def signed_note(self, checkpoint: Checkpoint) -> SafeString:
        """Return the note verbatim."""
        return format_html('<pre class="document">{}</pre>', checkpoint.note)


def _download(text: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _digest(text: str) -> bytes | None:
    try:
        return bytes.fromhex(text) if len(text) == 64 else None  # noqa: PLR2004 # SHA-256 in hex
    except ValueError:
        return None

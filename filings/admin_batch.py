"""The office's pages of batches: the template, handing a workbook in, its progress, its faults."""

from collections.abc import Callable

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import format_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import ReadOnlyModelAdmin, UnloggedMixin, holds_role, officer_of
from accounts.roles import Role
from filings.batch.columns import columns
from filings.batch.filing import take_in
from filings.batch.workbook import MAX_BYTES, MAX_ROWS, Finding, marked, template
from filings.models import Batch, BatchState
from primitives.clock import now_utc

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
RUNNING = frozenset({BatchState.WAITING, BatchState.CHECKING})
SHOWN = 200


class BatchForm(forms.Form):
    """The workbook."""

    file = forms.FileField(
        label=_("Workbook (.xlsx)"),
        help_text=format_lazy(_("Made from the template; at most {rows} rows."), rows=MAX_ROWS),
    )

    def clean_file(self) -> UploadedFile[bytes]:
        """Return the workbook.

        Raises:
            ValidationError: it is larger than any workbook that is taken.
        """
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > MAX_BYTES:
            raise forms.ValidationError(
                _("The workbook has more than %(size)s MB. Split it."),
                params={"size": MAX_BYTES // 2**20},
            )
        return file


class BatchAdmin(UnloggedMixin, ReadOnlyModelAdmin[Batch]):
    """Workbooks of filings, newest first; a registrar's."""

    list_display = ("file_name", "state", "rows", "uploaded_by", "uploaded_at", "settled_at")
    list_filter = ("state",)
    list_select_related = ("uploaded_by",)
    ordering = ("-pk",)

    def has_view_permission(self, request: HttpRequest, obj: Batch | None = None) -> bool:
        """It is the work of registrars."""
        return holds_role(request, Role.REGISTRAR)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """See `has_view_permission`."""
        return holds_role(request, Role.REGISTRAR)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """See `has_view_permission`."""
        return request.user.is_authenticated and self.has_view_permission(request)

    def get_urls(self) -> list[URLPattern]:
        """Put our pages in the place of Django's forms, and add the downloads."""
        pages: list[tuple[str, str, Callable[..., HttpResponse]]] = [
            ("add/", "add", self.hand_in_view),
            ("template/", "template", self.template_view),
            ("<int:object_id>/change/", "change", self.batch_view),
            ("<int:object_id>/progress/", "progress", self.progress_view),
            ("<int:object_id>/marked/", "marked", self.marked_view),
        ]
        view = self.admin_site.admin_view
        own = [path(route, view(page), name=f"filings_batch_{name}") for route, name, page in pages]
        return [*own, *super().get_urls()]

    def hand_in_view(self, request: HttpRequest) -> HttpResponse:
        """Take in a workbook."""
        self._require_registrar(request)
        form = BatchForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            batch = take_in(
                file.read(),
                file.name,
                language=get_language() or "zh-hans",
                by=officer_of(request),
                at=now_utc(),
            )
            return HttpResponseRedirect(reverse("admin:filings_batch_change", args=[batch.pk]))
        return self._page(request, "hand_in", {"form": form, "columns": columns()})

    def template_view(self, request: HttpRequest) -> HttpResponse:
        """Send the template in the reader's language."""
        self._require_registrar(request)
        return _workbook(template(), "quanji-batch.xlsx")

    def batch_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show how far a workbook is, or what became of it."""
        batch = self._batch(request, object_id)
        findings = batch.findings
        return self._page(
            request,
            "batch",
            {
                "batch": batch,
                "is_running": batch.state in RUNNING,
                "findings": findings[:SHOWN],
                "count": len(findings),
                "is_cut": len(findings) > SHOWN,
                "is_filed": batch.state == BatchState.FILED,
                "is_faulty": batch.state == BatchState.FAULTY,
            },
        )

    def progress_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Say how far a workbook is, for the page's own script."""
        batch = self._batch(request, object_id)
        running = batch.state in RUNNING
        return JsonResponse({"running": running, "done": batch.done, "rows": batch.rows})

    def marked_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Send a copy of the workbook with the bad cells marked.

        Raises:
            Http404: nothing is wrong with it, or it could not be read.
        """
        batch = self._batch(request, object_id)
        if batch.state != BatchState.FAULTY:
            raise Http404
        findings = [Finding(**finding) for finding in batch.findings]
        return _workbook(marked(bytes(batch.content), findings), f"marked-{batch.pk}.xlsx")

    def _batch(self, request: HttpRequest, object_id: int) -> Batch:
        self._require_registrar(request)
        return get_object_or_404(Batch.objects.select_related("uploaded_by"), pk=object_id)

    def _require_registrar(self, request: HttpRequest) -> None:
        if not holds_role(request, Role.REGISTRAR):
            raise PermissionDenied

    def _page(self, request: HttpRequest, name: str, context: dict[str, object]) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts}
        return TemplateResponse(request, f"admin/filings/batch/{name}.html", shared | context)


def _workbook(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type=XLSX,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )

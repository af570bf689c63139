"""The registrars' office: Django's admin with our look, and admins that only show.

A registered fact is never edited, only changed by an act; so what the register holds is shown by
`ReadOnlyModelAdmin`.
"""

from typing import TypeVar

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

ModelT = TypeVar("ModelT", bound=Model)


class OfficeSite(admin.AdminSite):
    """The office's own admin site."""

    site_title = _("Quanji office")
    site_header = _("Quanji · Data Rights Registry")
    index_title = _("Work list")


class ReadOnlyModelAdmin(admin.ModelAdmin[ModelT]):
    """Shows what acts have written; offers no way to add, change or delete it."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 # Django's signature
        """Nothing is added here."""
        return False

    def has_change_permission(
        self,
        request: HttpRequest,  # noqa: ARG002 # Django's signature
        obj: ModelT | None = None,  # noqa: ARG002 # Django's signature
    ) -> bool:
        """Nothing is changed here."""
        return False

    def has_delete_permission(
        self,
        request: HttpRequest,  # noqa: ARG002 # Django's signature
        obj: ModelT | None = None,  # noqa: ARG002 # Django's signature
    ) -> bool:
        """Nothing is deleted here."""
        return False

    def has_view_permission(
        self,
        request: HttpRequest,
        obj: ModelT | None = None,  # noqa: ARG002 # Django's signature
    ) -> bool:
        """Every officer may look at the register."""
        return bool(request.user.is_active and request.user.is_staff)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Every officer sees the register's pages."""
        return bool(request.user.is_active and request.user.is_staff)

"""The registrars' office: Django's admin with our look, and admins that only show.

A registered fact is never edited, only changed by an act; so what the register holds is shown by
`ReadOnlyModelAdmin`. Who may do what is asked of `accounts.roles`, never of Django's model
permissions.
"""

from collections.abc import Sequence
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.i18n import set_language

from accounts.models import User
from accounts.roles import Role, roles_of
from primitives.citations import cited
from primitives.rules import NumberedRule

MAX_KEY_DIGITS = 18
"""So many digits always fit into 64 bits."""

ModelT = TypeVar("ModelT", bound=Model)

APP_ORDER = ("filings", "registry", "rights", "certificates", "ledger", "accounts")
"""The order of the navigation: first the work, then the register, then the people."""


class ChoicesView(AutocompleteJsonView):
    """The choices of a search field, told apart by the admin's ``choice_text`` where it has one."""

    def serialize_result(self, obj: Model, to_field_name: str) -> dict[str, str]:
        """Return one choice."""
        describe = getattr(self.model_admin, "choice_text", str)
        return {"id": str(getattr(obj, to_field_name)), "text": describe(obj)}


class ChoiceSelect(AutocompleteSelect):
    """A search field that reads what cannot be a row's key as the key of no row.

    Django's own asks the database even for that, and fails.
    """

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Return the chosen key."""
        value = super().value_from_datadict(data, files, name)
        return _key(value) if value else value


class ChoiceSelectMultiple(AutocompleteSelectMultiple):
    """See `ChoiceSelect`."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Return the chosen keys."""
        return [_key(value) for value in super().value_from_datadict(data, files, name)]


class ChoiceFieldsMixin(BaseModelAdmin[Any]):
    """An admin whose search fields stand up to any input."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Choose one row."""
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", ChoiceSelect(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Choose several rows."""
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", ChoiceSelectMultiple(db_field, self.admin_site))
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class OfficeSite(admin.AdminSite):
    """The office's own admin site."""

    site_title = _("Quanji office")
    site_header = _("Quanji · Data Rights Registry")
    index_title = _("Work list")
    enable_nav_sidebar = False

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """Add the language switch, which the sign-in page needs too."""
        return [path("language/", set_language, name="language"), *super().get_urls()]

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Send everybody to the one door.

        Raises:
            PermissionDenied: the person is signed in and no officer.
        """
        if not request.user.is_authenticated:
            return redirect_to_login(request.GET.get("next") or reverse("admin:index"))
        if not is_officer(request):
            raise PermissionDenied
        return redirect("admin:index")

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """Answer a search field."""
        return ChoicesView.as_view(admin_site=self)(request)  # type: ignore[return-value] # as Django

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """Return apps and models in the order of the work, not of their names."""
        apps: list[dict[str, Any]] = super().get_app_list(request, app_label)
        registered = list(self._registry)
        for app in apps:
            app["models"].sort(key=lambda model: registered.index(model["model"]))
        places = {label: place for place, label in enumerate(APP_ORDER)}
        return sorted(apps, key=lambda app: places.get(app["app_label"], len(places)))


class ReadOnlyModelAdmin(admin.ModelAdmin[ModelT]):
    """Shows what acts have written; offers no way to add, change or delete it."""

    actions: Sequence[str] | None = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nothing is added here."""
        return False

    def has_change_permission(
        self,
        request: HttpRequest,
        obj: ModelT | None = None,
    ) -> bool:
        """Nothing is changed here."""
        return False

    def has_delete_permission(
        self,
        request: HttpRequest,
        obj: ModelT | None = None,
    ) -> bool:
        """Nothing is deleted here."""
        return False

    def has_view_permission(
        self,
        request: HttpRequest,
        obj: ModelT | None = None,
    ) -> bool:
        """Every officer may look at the register."""
        return is_officer(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Every officer sees the register's pages."""
        return is_officer(request)


class UnloggedMixin(admin.ModelAdmin[Any]):
    """Keeps Django's log of the admin out of what concerns parties and cases.

    That log copies names, and nothing would erase them there. Who did what stands in the ledger and
    in the steps of the case.
    """

    def log_addition(self, request: HttpRequest, obj: Model, message: object) -> Any:
        """Write nothing."""

    def log_change(self, request: HttpRequest, obj: Model, message: object) -> Any:
        """Write nothing."""


def is_key(text: str) -> bool:
    """Say whether ``text`` can be a row's key: a whole number that the database can hold."""
    return text.isdecimal() and len(text) <= MAX_KEY_DIGITS


def _key(text: str) -> str:
    return text if is_key(text) else "0"


def is_officer(request: HttpRequest) -> bool:
    """Say whether the person asking belongs to the office."""
    return bool(request.user.is_active and request.user.is_staff)


def officer_of(request: HttpRequest) -> User:
    """Return the signed-in person.

    Raises:
        PermissionDenied: nobody is signed in.
    """
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def holds_role(request: HttpRequest, *roles: Role) -> bool:
    """Say whether the person asking holds one of ``roles``; read once for a page.

    What a page offers may rest on it. What is done asks `accounts.roles.require_role`, anew.
    """
    return bool(held_roles(request) & frozenset(roles))


def held_roles(request: HttpRequest) -> frozenset[Role]:
    """Return the roles of the person asking, as `holds_role` knows them."""
    if request not in _roles:
        officer = officer_of(request)
        _roles[request] = roles_of(officer) if officer.is_active else frozenset()
    return _roles[request]


_roles: WeakKeyDictionary[HttpRequest, frozenset[Role]] = WeakKeyDictionary()


def refusal(rule: NumberedRule) -> str:
    """Return a broken rule as its reader sees it: number, sentence in their language, source."""
    language = get_language() or "zh"
    return f"{rule.number} · {rule.sentence(language)} ({cited(rule.source, language)})"

"""The office's page of the negative list: a registrar adds an item, or lets one end.

An item is never edited: it is ended, and another one entered.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import ReadOnlyModelAdmin, holds_role, officer_of
from accounts.roles import CASE_OFFICERS, Role
from filings.models import ListedItem
from filings.negative_list import check_day, checked_terms, end_item, enter_item
from primitives.clock import now_utc

ENTERED = ("title", "terms", "source", "valid_from")


class ListedItemForm(forms.ModelForm[ListedItem]):
    """A new item, or the last day of one that is in force."""

    class Meta:
        model = ListedItem
        fields = (*ENTERED, "valid_to")
        widgets = {"terms": forms.Textarea(attrs={"rows": 5})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # passed through
        super().__init__(*args, **kwargs)
        if "valid_to" in self.fields:
            self.fields["valid_to"].required = True

    def clean_terms(self) -> str:
        """Return the terms, one a line.

        Raises:
            ValidationError: there is none, or one is too short.
        """
        return "\n".join(checked_terms(self.cleaned_data["terms"].splitlines()))

    def clean_valid_from(self) -> Any:
        """Refuse a day that is over."""
        check_day(self.cleaned_data["valid_from"], at=now_utc())
        return self.cleaned_data["valid_from"]

    def clean_valid_to(self) -> Any:
        """Refuse a day that is over, or lies before the first."""
        last_day = self.cleaned_data["valid_to"]
        check_day(last_day, at=now_utc())
        if last_day < self.instance.valid_from:
            raise ValidationError(_("The last day lies before the first."))
        return last_day


class ListedItemAdmin(ReadOnlyModelAdmin[ListedItem]):
    """The items, those in force and those that ended, the newest first."""

    form = ListedItemForm
    list_display = ("title", "edition", "valid_from", "valid_to", "source", "entered_by")
    list_select_related = ("entered_by",)
    ordering = ("-pk",)

    def has_view_permission(self, request: HttpRequest, obj: ListedItem | None = None) -> bool:
        """It concerns those who work on cases."""
        return holds_role(request, *CASE_OFFICERS)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """See `has_view_permission`."""
        return request.user.is_authenticated and self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Registrars enter an item."""
        return request.user.is_authenticated and holds_role(request, Role.REGISTRAR)

    def has_change_permission(self, request: HttpRequest, obj: ListedItem | None = None) -> bool:
        """Registrars end an item that has no end."""
        return self.has_add_permission(request) and obj is not None and obj.valid_to is None

    def get_fields(self, request: HttpRequest, obj: ListedItem | None = None) -> Any:
        """Ask for an end only of what has begun."""
        return (*ENTERED, "valid_to") if obj else ENTERED

    def get_readonly_fields(self, request: HttpRequest, obj: ListedItem | None = None) -> Any:
        """Leave what was entered as it is."""
        return ENTERED if obj else ()

    def save_model(self, request: HttpRequest, obj: ListedItem, form: Any, change: bool) -> None:
        """Enter or end the item through its use case."""
        given, officer, at = form.cleaned_data, officer_of(request), now_utc()
        if change:
            try:
                end_item(obj, last_day=given["valid_to"], by=officer, at=at)
            except ValidationError as error:  # somebody else ended it meanwhile
                messages.error(request, error.message)
            return
        obj.pk = enter_item(
            given["title"],
            terms=given["terms"].splitlines(),
            source=given["source"],
            valid_from=given["valid_from"],
            by=officer,
            at=at,
        ).pk

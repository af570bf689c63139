"""The office's page of the working days: a registrar enters the official notice of a further year.

It is the registrar's, not the administrator's: the notice is law for the office's deadlines, and
whoever keeps the machines decides no case. An edition is never changed; a further one follows it.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import ReadOnlyModelAdmin, holds_role, officer_of
from accounts.roles import CASE_OFFICERS, Role
from filings.calendars import check_year, enter_year
from filings.models import CalendarYear
from primitives.clock import now_utc


class DaysField(forms.CharField):
    """Days as 2026-10-01, one a line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 12}), **options)

    def clean(self, value: Any) -> list[str]:
        """Return the days as they are stored.

        Raises:
            ValidationError: a line is no day; the message names it.
        """
        days = []
        for line in super().clean(value).split():
            try:
                days.append(date.fromisoformat(line).isoformat())
            except ValueError as error:
                raise ValidationError(
                    _("“%(line)s” is no day; write it as 2026-10-01.") % {"line": line[:40]}
                ) from error
        return days


class CalendarYearForm(forms.ModelForm[CalendarYear]):
    """The days off and the weekend days that are worked, as the State Council's notice has them."""

    holidays = DaysField(label=_("days off"), help_text=_("As 2026-10-01, one a line."))
    workdays = DaysField(
        label=_("weekend days that are worked"),
        help_text=_("As 2026-10-10, one a line."),
        required=False,
    )

    class Meta:
        model = CalendarYear
        fields = ("year", "holidays", "workdays", "source")

    def clean(self) -> dict[str, Any]:
        """Refuse days that cannot be a year's."""
        given = self.cleaned_data
        if {"year", "holidays", "workdays"} <= given.keys():
            check_year(given["year"], **_days(given))
        return given


class CalendarYearAdmin(ReadOnlyModelAdmin[CalendarYear]):
    """The years that were entered here; those that came with the release need no row."""

    form = CalendarYearForm
    list_display = ("year", "edition", "source", "entered_by", "entered_at")
    list_select_related = ("entered_by",)

    def has_view_permission(self, request: HttpRequest, obj: CalendarYear | None = None) -> bool:
        """It concerns those who work on cases."""
        return holds_role(request, *CASE_OFFICERS)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """See `has_view_permission`."""
        return request.user.is_authenticated and self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Registrars enter a year."""
        return request.user.is_authenticated and holds_role(request, Role.REGISTRAR)

    def save_model(self, request: HttpRequest, obj: CalendarYear, form: Any, change: bool) -> None:
        """Enter the year through its use case; the sweep then computes what waited for it."""
        given = form.cleaned_data
        entered = enter_year(
            given["year"],
            **_days(given),
            source=given["source"],
            by=officer_of(request),
            at=now_utc(),
        )
        obj.pk, obj.edition = entered.pk, entered.edition
        messages.info(request, _("Deadlines that waited for this year are computed by the sweep."))


def _days(given: Mapping[str, Any]) -> dict[str, list[date]]:
    return {
        name: [date.fromisoformat(day) for day in given[name]] for name in ("holidays", "workdays")
    }

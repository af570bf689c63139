"""The negative list as anyone may read it: today, or as it was on an earlier day."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from filings.models import ListedItem
from filings.negative_list import edition_on, items_on
from primitives.clock import CHINA, now_utc
from web.forms import DayForm


@require_safe
def negative_list(request: HttpRequest) -> HttpResponse:
    """Show the items in force on a day, and today also those that begin later."""
    today = now_utc().astimezone(CHINA).date()
    form = DayForm(request.GET or None)
    is_read = not form.is_bound or form.is_valid()
    day = (form.is_bound and form.is_valid() and form.cleaned_data["on"]) or today
    return render(
        request,
        "web/negative_list.html",
        {
            "form": form,
            "day": day,
            "edition": edition_on(day),
            "items": items_on(day),
            "later": ListedItem.objects.filter(valid_from__gt=day).order_by("valid_from", "pk")
            if day == today
            else (),
        },
        status=200 if is_read else 400,
    )

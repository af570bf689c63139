"""The registry's fee table as anyone may read it: today's, or that of another day."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from filings.fee_tables import fee_table_on
from primitives.citations import cited
from primitives.clock import CHINA, now_utc
from registry.fees import yuan_text
from web.forms import DayForm


@require_safe
def fees(request: HttpRequest) -> HttpResponse:
    """Show what registration costs on a day (NDA35 art. 10(3))."""
    today = now_utc().astimezone(CHINA).date()
    form = DayForm(request.GET or None)
    is_read = not form.is_bound or form.is_valid()
    day = (form.is_bound and form.is_valid() and form.cleaned_data["on"]) or today
    language, table = get_language() or "en", fee_table_on(day)
    context = {
        "form": form,
        "day": day,
        "table": table,
        "title": table.title(language) if table else "",
        "source": cited(table.source, language) if table else "",
        "items": [(item.name(language), yuan_text(item.fen)) for item in table.items]
        if table
        else [],
    }
    return render(request, "web/fees.html", context, status=200 if is_read else 400)

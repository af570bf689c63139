"""Public notices of applications, and objections by anyone with an interest (NDA35 art. 24-29)."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.roles import Role, has_role
from filings.cases import CaseStateError
from filings.models import Filing, Objection
from filings.objections import (
    OPEN_TO_OBJECTION,
    ObjectionRefusedError,
    Objector,
    find_objection,
    receive_objection,
    told_of,
)
from filings.objections import notices as current_notices
from filings.workflow import Action
from primitives.clock import now_utc
from registry.instruments import InstrumentRefusedError
from registry.masking import masked_name
from web.forms import ObjectionForm, ObjectionStatusForm
from web.throttles import throttled
from web.uploads import limited_upload

PAGE_SIZE = 50


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """List the applications that are in publicity, those that end first at the top."""
    page = Paginator(current_notices(at=now_utc()), PAGE_SIZE).get_page(request.GET.get("page"))
    shown = [(filing, _applicants(filing)) for filing in page]
    return render(request, "web/notices.html", {"page": page, "notices": shown})


@require_safe
def notice(request: HttpRequest, number: str) -> HttpResponse:
    """Show one notice: applicants, name, summary, limits, and until when it is public."""
    filing = get_object_or_404(current_notices(at=now_utc()), number=number)
    return render(
        request,
        "web/notice.html",
        {
            "filing": filing,
            "applicants": _applicants(filing),
            "published_at": filing.steps.filter(action=Action.PUBLICISE).latest("pk").taken_at,
            "rights": filing.claims.order_by("pk"),
        },
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@throttled("objection", "OBJECTIONS_PER_HOUR")
@limited_upload(lambda: settings.MAX_INSTRUMENT_BYTES)
def object_to(request: HttpRequest, number: str) -> HttpResponse:
    """Take in an objection and show its receipt, with the code that is shown this once."""
    filing = _open_to_objection(number)
    if request.method != "POST":
        return _objection_page(request, filing, ObjectionForm())
    form = ObjectionForm(request.POST, request.FILES)
    if not form.is_valid():
        return _objection_page(request, filing, form, status=400)
    given = form.cleaned_data
    try:
        objection, code = receive_objection(
            filing,
            given["evidence"],
            objector=Objector(
                name=given["objector"], contact=given["contact"], email=given["email"]
            ),
            ground=given["ground"],
            at=now_utc(),
            at_counter=isinstance(request.user, User) and has_role(request.user, Role.REGISTRAR),
        )
    except InstrumentRefusedError as error:
        form.add_error("evidence", str(error))
        return _objection_page(request, filing, form, status=400)
    except (CaseStateError, ObjectionRefusedError) as error:
        form.add_error(None, str(error))
        return _objection_page(request, filing, form, status=409)
    return _shown(request, objection, code=code)


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
@throttled("objection-lookup", "OBJECTION_LOOKUPS_PER_HOUR")
def status(request: HttpRequest) -> HttpResponse:
    """Show how far an objection is to whoever has its number and code."""
    form = ObjectionStatusForm(request.POST or None)
    if not form.is_valid():
        code = 400 if form.is_bound else 200
        return render(request, "web/objection_status.html", {"form": form}, status=code)
    given = form.cleaned_data
    objection = find_objection(given["number"].strip().upper(), given["code"].strip().lower())
    if objection is None:
        form.add_error(None, _("There is no objection with this number and this code."))
        return render(request, "web/objection_status.html", {"form": form}, status=404)
    return _shown(request, objection)


def _open_to_objection(number: str) -> Filing:
    """Return a case in publicity or registered; of all others nothing is known."""
    filing = Filing.objects.filter(number=number, state__in=OPEN_TO_OBJECTION).first()
    if filing is None:
        raise Http404
    return filing


def _objection_page(
    request: HttpRequest, filing: Filing, form: ObjectionForm, *, status: int = 200
) -> HttpResponse:
    context = {"filing": filing, "form": form}
    return render(request, "web/objection_form.html", context, status=status)


def _shown(request: HttpRequest, objection: Objection, *, code: str = "") -> HttpResponse:
    context = {"objection": objection, "code": code, "steps": told_of(objection)}
    return render(request, "web/objection.html", context)


def _applicants(filing: Filing) -> list[str]:
    return [masked_name(party) for party in filing.applicants.all()]

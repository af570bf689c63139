"""Applying online: an enterprise drafts its own applications at its desk.

A draft has one page for each part; the page of the case shows what is missing and submits it.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Organisation, User
from accounts.roles import Role, has_role
from filings.act_forms import act_form, acts_of
from filings.cases import CaseStateError, NoteMissingError
from filings.claims import (
    add_source,
    claim_rights,
    drop_source,
    name_participants,
    name_responsible,
)
from filings.drafting import ActNotOfTypeError, ask, create_dealing, drop
from filings.kinds import FilingType
from filings.models import AskedAct, ClaimedSource, Filing, Paper
from filings.office import acts_content
from filings.queries import drafts_of, own_cases_of
from filings.submission import create_filing, revise, take_back, withdraw
from primitives.clock import now_utc
from registry.kinds import IdentifierScheme, Stage
from registry.models import DataAsset, Party
from rights.wording import act_name
from web.application_forms import (
    ApplicantForm,
    DataForm,
    GroundsForm,
    NewActsForm,
    RightsForm,
    SourceForm,
)
from web.uploads import limited_upload

form_page = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@never_cache
@require_safe
def new(request: HttpRequest) -> HttpResponse:
    """Ask what is applied for."""
    user = _applying(request)
    return render(request, "web/new_application.html", {"applicants": applicants_of(user)})


@login_required
@never_cache
@form_page
@limited_upload(lambda: settings.MAX_INSTRUMENT_BYTES)
def new_data(request: HttpRequest) -> HttpResponse:
    """Begin an application for data that is not yet registered."""
    user = _applying(request)
    applicants = applicants_of(user)
    if not applicants:
        return redirect("web:new-application")
    data = request.POST if request.method == "POST" else None
    who = ApplicantForm(data, applicants=applicants)
    form = DataForm(data, request.FILES or None)
    if data is None or not (who.is_valid() & form.is_valid()):
        return _data_page(request, form, who=who)
    applicant = _chosen(who, applicants)
    filing: Filing = form.save(commit=False)
    filing.organisation = _account(user, applicant)
    with transaction.atomic():
        create_filing(filing, by=user, at=now_utc())
        filing.applicants.set([applicant])
        name_responsible(filing, dict.fromkeys(Stage, applicant), by=user)
    messages.success(request, _kept(filing))
    return redirect("web:draft-rights", filing.number)


@login_required
@never_cache
@form_page
def new_acts(request: HttpRequest) -> HttpResponse:
    """Begin an application about data that is registered."""
    user = _applying(request)
    applicants = applicants_of(user)
    if not applicants:
        return redirect("web:new-application")
    data = request.POST if request.method == "POST" else None
    form = NewActsForm(data, applicants=applicants)
    if not form.is_valid():
        return render(
            request, "web/new_acts.html", {"form": form}, status=200 if data is None else 400
        )
    applicant, other = _chosen(form, applicants), form.cleaned_data["other"]
    filing = create_dealing(
        FilingType(form.cleaned_data["type"]),
        applicants={applicant, other} - {None},
        organisation=_account(user, applicant),
        profile=form.cleaned_data["procedure"],
        by=user,
        at=now_utc(),
    )
    messages.success(request, _kept(filing))
    return _to_acts(filing, form.cleaned_data["asset"])


@login_required
@never_cache
@form_page
@limited_upload(lambda: settings.MAX_INSTRUMENT_BYTES)
def data(request: HttpRequest, number: str) -> HttpResponse:
    """Change the description of a draft."""
    filing = _draft(request, number, is_for_acts=False)
    posted = request.POST if request.method == "POST" else None
    form = DataForm(posted, request.FILES or None, instance=filing)
    if posted is None or not form.is_valid():
        return _data_page(request, form, filing=filing)
    changed: Filing = form.save(commit=False)
    return _done(request, filing, "web:draft-rights", lambda by: revise(changed, by=by))


@login_required
@never_cache
@form_page
def rights(request: HttpRequest, number: str) -> HttpResponse:
    """Write which rights are applied for, who holds them, and who is responsible."""
    filing = _draft(request, number, is_for_acts=False)
    posted = request.POST if request.method == "POST" else None
    form = RightsForm(posted, filing=filing, applicant=_applicant(filing))
    grounds = GroundsForm(posted, instance=filing)
    if posted is None or not (form.is_valid() & grounds.is_valid()):
        return render(
            request,
            "web/draft_rights.html",
            {"filing": filing, "form": form, "grounds": grounds, "part": "rights"},
            status=200 if posted is None else 400,
        )

    @transaction.atomic
    def keep(by: User) -> None:
        revise(grounds.save(commit=False), by=by)
        claim_rights(filing, form.claims(), by=by)
        name_responsible(filing, form.responsible(), by=by)
        name_participants(filing, form.others(), by=by)

    return _done(request, filing, "web:draft-sources", keep)


@login_required
@never_cache
@form_page
def sources(request: HttpRequest, number: str) -> HttpResponse:
    """List where the data came from, and add a source."""
    filing = _draft(request, number, is_for_acts=False)
    posted = request.POST if request.method == "POST" else None
    form = SourceForm(posted, filing=filing, applicant=_applicant(filing))
    if posted is None or not form.is_valid():
        context = {
            "filing": filing,
            "form": form,
            "part": "sources",
            "sources": filing.sources.select_related(
                "source_version__asset", "external_source", "publisher", "responsible"
            ).order_by("pk"),
        }
        return render(
            request, "web/draft_sources.html", context, status=200 if posted is None else 400
        )
    source: ClaimedSource = form.save(commit=False)
    return _done(request, filing, "web:draft-sources", lambda by: add_source(source, by=by))


@login_required
@never_cache
@require_POST
def drop_claimed_source(request: HttpRequest, number: str, key: int) -> HttpResponse:
    """Take a source back."""
    filing = _draft(request, number, is_for_acts=False)
    source = get_object_or_404(filing.sources.select_related("filing"), pk=key)
    return _done(request, filing, "web:draft-sources", lambda by: drop_source(source, by=by))


@login_required
@never_cache
@form_page
def acts(request: HttpRequest, number: str) -> HttpResponse:
    """List what a draft asks for, and add an act."""
    filing = _draft(request, number, is_for_acts=True)
    asset = _asset(request, filing)
    offered = acts_of(filing)
    only = offered[0] if len(offered) == 1 and asset and not filing.acts.exists() else ""
    act = request.GET.get("act", only)
    if act and (act not in offered or asset is None):
        raise Http404
    posted = request.POST if request.method == "POST" else None
    form = act_form(act, filing, asset, at=now_utc())(posted) if act and asset else None
    if form and posted is not None and form.is_valid():
        wanted = form.request()
        return _done(
            request, filing, "web:draft-acts", lambda by: ask(filing, wanted, by=by), asset
        )
    context = {
        "filing": filing,
        "asset": asset,
        **acts_content(filing),
        "acts": [(name, act_name(name)) for name in offered],
        "act": act,
        "act_label": act_name(act) if act else "",
        "form": form,
        "part": "acts",
    }
    return render(request, "web/draft_acts.html", context, status=200 if posted is None else 400)


@login_required
@never_cache
@require_POST
def drop_act(request: HttpRequest, number: str, key: int) -> HttpResponse:
    """Take an act back from a draft."""
    filing = _draft(request, number, is_for_acts=True)
    asset = _asset(request, filing)
    asked = get_object_or_404(AskedAct.objects.select_related("filing"), pk=key, filing=filing)
    return _done(request, filing, "web:draft-acts", lambda by: drop(asked, by=by), asset)


@login_required
@never_cache
@require_POST
def drop_paper(request: HttpRequest, number: str, key: int) -> HttpResponse:
    """Take a paper back from a draft."""
    filing = _draft(request, number)
    paper = get_object_or_404(Paper.objects.select_related("filing"), pk=key, filing=filing)
    return _done(request, filing, "web:case", lambda by: take_back(paper, by=by))


@login_required
@never_cache
@require_POST
def withdraw_case(request: HttpRequest, number: str) -> HttpResponse:
    """Withdraw an application of one's own organisation on a ground that is written."""
    user = _applying(request)
    filing = get_object_or_404(own_cases_of(user), number=number)
    note = request.POST.get("note", "")
    return _done(
        request,
        filing,
        "web:case",
        lambda by: withdraw(filing, by=by, at=now_utc(), note=note),
        said=_("The application is withdrawn."),
    )


def applicants_of(user: User) -> list[Party]:
    """Return the parties that the user's organisations are; one that is not entered has none."""
    return list(
        Party.objects.filter(
            identifier_scheme=IdentifierScheme.USCC,
            identifier__in=user.organisations.values("uscc"),
        ).order_by("name")
    )


def _applying(request: HttpRequest) -> User:
    if not isinstance(request.user, User) or not has_role(request.user, Role.ENTERPRISE):
        raise PermissionDenied
    return request.user


def _draft(request: HttpRequest, number: str, *, is_for_acts: bool | None = None) -> Filing:
    """Return a draft of the person's own organisations.

    Raises:
        Http404: there is none, or what is asked for has no such part.
    """
    filing = get_object_or_404(drafts_of(_applying(request)), number=number)
    if is_for_acts is not None and is_for_acts != (filing.type != FilingType.INITIAL):
        raise Http404
    return filing


def _account(user: User, applicant: Party) -> Organisation:
    return user.organisations.get(uscc=applicant.identifier)


def _applicant(filing: Filing) -> Party:
    """Return the party that the filing's own organisation is."""
    own = filing.organisation
    return get_object_or_404(
        Party, identifier_scheme=IdentifierScheme.USCC, identifier=own.uscc if own else ""
    )


def _chosen(form: ApplicantForm, applicants: Sequence[Party]) -> Party:
    code = form.cleaned_data["organisation"]
    return next(party for party in applicants if party.identifier == code)


def _asset(request: HttpRequest, filing: Filing) -> DataAsset | None:
    number = request.GET.get("asset", "")[:20]
    if number:
        return get_object_or_404(DataAsset, number=number)
    return filing.concerned.order_by("pk").first()


def _to_acts(filing: Filing, asset: DataAsset | None) -> HttpResponse:
    address = reverse("web:draft-acts", args=[filing.number])
    return redirect(f"{address}?asset={asset.number}" if asset else address)


def _done(
    request: HttpRequest,
    filing: Filing,
    page: str,
    work: Callable[[User], object],
    asset: DataAsset | None = None,
    said: str = "",
) -> HttpResponse:
    """Do the work and lead on; what stands against it is said on the case's page."""
    try:
        work(_applying(request))
    except (ActNotOfTypeError, CaseStateError, NoteMissingError) as error:
        messages.error(request, str(error))
        return redirect("web:case", filing.number)
    messages.success(request, said or _("Kept."))
    return _to_acts(filing, asset) if asset else redirect(page, filing.number)


def _data_page(
    request: HttpRequest,
    form: DataForm,
    *,
    filing: Filing | None = None,
    who: forms.Form | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "filing": filing, "who": who, "part": "data"}
    return render(request, "web/draft_data.html", context, status=400 if form.is_bound else 200)


def _kept(filing: Filing) -> str:
    return _("Draft %(number)s is kept.") % {"number": filing.number}

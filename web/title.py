"""The title of an asset at any instant, and what a pledge on one of its rights would get now."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localtime
from django.views.decorators.http import require_safe

from filings.queries import pending_cases_on
from ledger.models import Pending
from ledger.queries import tree_size
from primitives.clock import now_utc
from registry.entries import asset_key
from registry.models import DataAsset
from registry.queries import find_asset
from rights.answers import answer_for, names_of, nested
from rights.falling import what_falls
from rights.forms import LOCAL, AsOfForm
from rights.models import Interest, Remark
from rights.queries import (
    AsOf,
    described_as_of,
    freezes_of,
    history_of,
    interests_of,
    remarks_of,
    title_as_of,
)
from rights.ranking import prospect
from rights.recording import limits
from rights.targets import Target
from web.forms import HistoryForm, PledgeForm
from web.title_timeline import timeline_of

ACTS_SHOWN = 50
"""How many acts a page shows at once."""
DERIVED_SHOWN = 10


@require_safe
def title(request: HttpRequest, number: str) -> HttpResponse:
    """Show who held what at an instant, what lay on it, the timeline and the acts behind it."""
    asset, now = _asset(number), now_utc()
    form, page = AsOfForm(request.GET, now=now), HistoryForm(request.GET)
    if not (form.is_valid() and page.is_valid()):
        context = {"asset": asset, "form": form, "page": page}
        return render(request, "web/title.html", context, status=400)
    as_of = form.as_of
    asset = described_as_of(asset, as_of)
    events = history_of(
        asset, size=as_of.size, before=page.cleaned_data["before"], limit=ACTS_SHOWN
    )
    in_force: list[Interest | Remark] = [
        *interests_of(asset, at=as_of.at, size=as_of.size),
        *remarks_of(asset, at=as_of.at, size=as_of.size),
    ]
    return render(
        request,
        "web/title.html",
        {
            "asset": asset,
            "form": form,
            "page": page,
            "as_of": as_of,
            "size": tree_size() if as_of.size is None else as_of.size,
            "answer": answer_for(asset, as_of),
            "timeline": timeline_of(
                events, in_force, freezes_of(asset, size=as_of.size), chosen=as_of.at
            ),
            "events": events[::-1],
            "older": events[0].version if events and events[0].version > 1 else None,
            "fixed_address": _fixed_address(asset, as_of),
        },
    )


@require_safe
def rank(request: HttpRequest, number: str) -> HttpResponse:
    """Tell a bank what a pledge entered now would get, and what would fall with the right."""
    asset, now = _asset(number), now_utc()
    interests = [interest for interest, _depth in nested(interests_of(asset, at=now))]
    form = PledgeForm(request.GET, interests=interests)
    context = {"asset": asset, "form": form, "at": now, "interests": interests}
    if form.is_valid():
        context |= _prospects(asset, form, at=now)
    status = 400 if form.errors else 200
    return render(request, "web/rank.html", context, status=status)


def _prospects(asset: DataAsset, form: PledgeForm, *, at: datetime) -> dict[str, Any]:
    as_of, reference = AsOf(at=at), form.cleaned_data["right"]
    title = title_as_of(asset, as_of)
    right = title.interests[reference]
    found = prospect(
        title,
        right,
        secured_fen=form.fen,
        currency=form.cleaned_data["currency"],
        at=at,
        pending=pending_cases_on(asset),
    )
    answer = answer_for(asset, as_of)
    laid = {one.remark.reference: one for one in answer.laid}
    recorded = [laid[one.reference] for one in found.recorded]
    fall = what_falls(Target(interest=reference), at=at, first=DERIVED_SHOWN)
    fallen = (*fall.falls, *fall.survives)
    names = names_of(party for one in fallen for party in one.shares)
    return {
        "right": right,
        "is_pledgeable": right.kind in limits().pledgeable
        and (right.is_original or right.terms.may_transfer),
        "prospect": found,
        "ahead": [laid[one.reference] for one in found.ahead],
        "kept": [laid[one.reference] for one in found.kept],
        "recorded": recorded,
        "is_bound": any(one.binds for one in recorded),
        "causes": answer.causes,
        "fall": fall,
        "names": names,
    }


def _asset(number: str) -> DataAsset:
    asset = find_asset(number)
    if asset is None:
        raise Http404
    return asset


def _fixed_address(asset: DataAsset, as_of: AsOf) -> str:
    """Return the query of the same answer for good; empty while an act waits for its place."""
    if as_of.size is None and Pending.objects.filter(entry__keys__key=asset_key(asset.number)):
        return ""
    size = tree_size() if as_of.size is None else as_of.size
    return urlencode({"at": localtime(as_of.at).strftime(LOCAL), "size": size})

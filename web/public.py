"""The open register: the start page, the search, and one asset with everything public about it."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from certificates.models import Issued
from certificates.queries import issued_certificates, later_certificates
from certificates.status import Status, standings
from ledger.models import Entry
from ledger.queries import entry_index, latest_checkpoint
from ledger.state_map import PublishedState, StateMapWrongError, published_commitment
from primitives.clock import now_utc
from registry.entries import asset_key
from registry.models import DataAsset
from registry.queries import find_asset, latest_version, parties_by_stage, search_assets
from rights.models import Interest
from rights.queries import current_rights, latest_interests_of
from web.forms import CertificateForm, SearchForm
from web.provenance import provenance_of

PAGE_SIZE = 20
NEWEST_SHOWN = 4
COUNTED = 100
"""How many of what a search finds are counted."""


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Say what this register is, and let the reader search or verify at once."""
    assets = search_assets("")
    return render(
        request,
        "web/home.html",
        {
            "search_form": SearchForm(),
            "certificate_form": CertificateForm(),
            "newest": _with_rights(assets)[:NEWEST_SHOWN],
            "asset_count": assets.count(),
            "certificate_count": issued_certificates().count(),
            "checkpoint": latest_checkpoint(),
        },
    )


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """List the assets found, newest first; ``before`` is the key after which a page goes on."""
    form = SearchForm(request.GET)
    if not form.is_valid():
        return render(request, "web/search.html", {"form": form}, status=400)
    text, before = form.cleaned_data["q"], form.cleaned_data["before"]
    found = search_assets(text, limit=PAGE_SIZE + 1, before=before)
    page = list(_with_rights(found.filter(pk__lt=before) if before else found)[: PAGE_SIZE + 1])
    shown = page[:PAGE_SIZE]
    return render(
        request,
        "web/search.html",
        {
            "form": form,
            "text": text,
            "count": search_assets(text, limit=COUNTED + 1).count(),
            "counted": COUNTED,
            "assets": shown,
            "before": before,
            "next_before": shown[-1].pk if len(page) > PAGE_SIZE else None,
        },
    )


@require_safe
def asset(request: HttpRequest, number: str) -> HttpResponse:
    """Show one asset: what it is, who has which right, its provenance and its place in the log."""
    found = find_asset(number)
    if found is None:
        raise Http404
    at = now_utc()
    return render(
        request,
        "web/asset.html",
        {
            "asset": found,
            "at": at,
            "interests": [
                (interest, _term_status(interest, at)) for interest in latest_interests_of(found)
            ],
            "certificates": _with_status(found, at),
            "responsibilities": parties_by_stage(
                found.responsibilities.select_related("party").order_by("pk")
            ),
            "versions": found.versions.select_related("entry__leaf").order_by("-number"),
            "provenance": provenance_of(latest_version(found)),
            "checkpoint": latest_checkpoint(),
            "state": _state_that_covers(found.entry),
            "state_key": asset_key(found.number),
        },
    )


def _state_that_covers(entry: Entry) -> PublishedState | None:
    """Return the published commitment that a proof for ``entry`` would speak as of."""
    try:
        published = published_commitment()
    except StateMapWrongError:
        return None
    index = entry_index(entry)
    if published is None or index is None or index >= published.commitment.tree_size:
        return None
    return published


def _term_status(interest: Interest, at: datetime) -> Status:
    """Return whether the interest's own term has begun, runs or has ended."""
    if interest.in_force_at(at):
        return Status.IN_FORCE
    return Status.NOT_YET if at < interest.valid_from else Status.LAPSED


def _with_rights(assets: QuerySet[DataAsset]) -> QuerySet[DataAsset]:
    return assets.prefetch_related(current_rights(now_utc()))


def _with_status(asset: DataAsset, at: datetime) -> Sequence[tuple[Issued, Status]]:
    """Return the asset's certificates, also those after a change, the latest first."""
    found: list[Issued] = [
        *later_certificates().filter(asset=asset),
        *issued_certificates().filter(asset=asset),
    ]
    return [(certificate, standing.status(at)) for certificate, standing in standings(found)]

"""Reads of rights: always as of an instant."""

from datetime import datetime

from django.db.models import QuerySet

from registry.models import DataAsset, Party
from rights.kinds import RemarkKind
from rights.models import Interest, Remark


def interests_of(asset: DataAsset, *, at: datetime) -> list[Interest]:
    """Return the interests in the asset that are in force at ``at``, in order of registration."""
    return list(
        _with_holders().filter(asset=asset, valid_from__lte=at, until__gt=at).order_by("pk")
    )


def all_interests_of(asset: DataAsset) -> list[Interest]:
    """Return every interest ever registered in the asset, in order of registration."""
    return list(_with_holders().filter(asset=asset).order_by("pk"))


def portfolio_of(party: Party, *, at: datetime) -> list[Interest]:
    """Return the interests that the party holds a share of at ``at``, the first to end first."""
    return list(
        _with_holders()
        .filter(shares__party=party, valid_from__lte=at, until__gt=at)
        .order_by("until", "pk")
    )


def uses_of(asset: DataAsset, *, at: datetime) -> list[Remark]:
    """Return the uses of the asset's rights that began by ``at``, the latest first.

    Breaches are among them, as their bodies say.
    """
    return list(_events(asset, RemarkKind.METERED_USE, at))


def circulation_of(asset: DataAsset, *, at: datetime) -> list[Remark]:
    """Return the circulation filings of what flowed by ``at``, the latest first."""
    return list(_events(asset, RemarkKind.CIRCULATION, at))


def revenue_terms_of(asset: DataAsset, *, at: datetime) -> list[Remark]:
    """Return the revenue-sharing terms of the asset's rights in force at ``at``, first to last."""
    remarks = Remark.objects.select_related("asset", "party", "entry")
    return list(
        remarks.filter(
            asset=asset, kind=RemarkKind.REVENUE_TERMS, valid_from__lte=at, until__gt=at
        ).order_by("pk")
    )


def _events(asset: DataAsset, kind: RemarkKind, at: datetime) -> QuerySet[Remark]:
    """Return what happened by ``at``; it is over, so that no term includes ``at``."""
    remarks = Remark.objects.select_related("asset", "party", "entry")
    return remarks.filter(asset=asset, kind=kind, valid_from__lte=at).order_by("-valid_from", "-pk")


def _with_holders() -> QuerySet[Interest]:
    return Interest.objects.select_related("asset", "entry").prefetch_related("shares__party")

"""Reads of rights: always as of an instant."""

from datetime import datetime

from django.db.models import QuerySet

from registry.models import DataAsset, Party
from rights.models import Interest


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


def _with_holders() -> QuerySet[Interest]:
    return Interest.objects.select_related("asset", "entry").prefetch_related("shares__party")

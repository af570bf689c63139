"""Reads of rights: always as of an instant."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from registry.models import DataAsset, Party
from rights.entries import remark_facts
from rights.freezes import Effect, effects
from rights.kinds import RemarkKind
from rights.models import Interest, Remark
from rights.remarks import RemarkFacts
from rights.title import Title


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


def causes_of(asset: DataAsset, *, at: datetime) -> list[RemarkFacts]:
    """Return the remarks elsewhere that reach the asset and are in force at ``at``.

    In order of entry. The asset is clear of what lies on its sources if there are none (P5); what
    lies on the asset itself is not among them.
    """
    remarks = Remark.objects.filter(
        reference__in=asset.marks.values("cause"), valid_from__lte=at, until__gt=at
    )
    causes = [
        cause
        for cause in map(remark_facts, remarks.select_related("asset", "party").order_by("pk"))
        if cause.is_cause
    ]
    frozen = {cause.asset for cause in causes if cause.kind == RemarkKind.FREEZE}
    binding = {effect.remark.reference for effect in freezes_of(frozen) if effect.includes(at)}
    return [
        cause for cause in causes if cause.kind != RemarkKind.FREEZE or cause.reference in binding
    ]


def freezes_of(numbers: Collection[str]) -> list[Effect]:
    """Return when each freeze ever entered on the assets is in effect, in order of rank."""
    rows = Remark.objects.filter(kind=RemarkKind.FREEZE, asset__number__in=numbers)
    rows = rows.select_related("asset", "party").order_by("revision")
    return effects(Title(remarks={row.reference: remark_facts(row) for row in rows}))


def _with_holders() -> QuerySet[Interest]:
    return Interest.objects.select_related("asset", "entry").prefetch_related("shares__party")

"""Reads of the register."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from accounts.models import User
from registry.kinds import IdentifierScheme, PartyKind, Stage
from registry.models import AssetVersion, DataAsset, Party, Responsibility


def search_assets(text: str) -> QuerySet[DataAsset]:
    """Return the assets whose number, name, summary or organisation holder contains ``text``.

    Newest first; an empty text returns all. Natural persons are not found by name.
    """
    assets = DataAsset.objects.order_by("-pk")
    text = text.strip()
    if not text:
        return assets
    holders = Party.objects.filter(name__icontains=text).exclude(kind=PartyKind.NATURAL)
    held = assets.filter(interests__shares__party__in=holders)
    found = Q(number__iexact=text) | Q(name__icontains=text) | Q(summary__icontains=text)
    return assets.filter(Q(pk__in=held.values("pk")) | found)


def find_asset(number: str) -> DataAsset | None:
    """Return the asset with this number, or None."""
    return DataAsset.objects.select_related("entry").filter(number=number).first()


def parties_of(user: User) -> QuerySet[Party]:
    """Return the parties for which a person may see what only they may: their organisations."""
    codes = user.organisations.values("uscc")
    parties = Party.objects.filter(identifier_scheme=IdentifierScheme.USCC, identifier__in=codes)
    return parties.order_by("pk")


def latest_version(asset: DataAsset) -> AssetVersion:
    """Return the version registered last.

    Raises:
        AssetVersion.DoesNotExist: the asset has none, which no act leaves behind.
    """
    return asset.versions.select_related("asset").latest("number")


def parties_by_stage(responsibilities: Iterable[Responsibility]) -> dict[Stage, list[Party]]:
    """Return who is responsible at every stage, in the order of the stages."""
    parties: dict[Stage, list[Party]] = {stage: [] for stage in Stage}
    for named in responsibilities:
        parties[Stage(named.stage)].append(named.party)
    return parties

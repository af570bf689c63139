"""Reads of the register."""

from collections.abc import Iterable

from django.db.models import QuerySet

from accounts.models import User
from registry.kinds import IdentifierScheme, Stage
from registry.models import AssetVersion, DataAsset, Named, Party, Responsibility
from registry.search import find

MOST = 1_000
"""How many a search finds, and how many holders it goes by, at most."""


def search_assets(
    text: str, *, limit: int = MOST, before: int | None = None
) -> QuerySet[DataAsset]:
    """Return the newest assets whose number is ``text``, or whose name or a holder's contains it.

    Newest first; an empty text returns all. Natural persons are not found by name. A text that more
    than `MOST` organisations have in their names finds no asset by its holders.

    Args:
        text: what is looked for; of two or more characters.
        limit: how many are found at most.
        before: only assets with a key below this one.
    """
    assets = DataAsset.objects.order_by("-pk")
    if not text.strip():
        return assets
    return assets.filter(pk__in=asset_keys(text, limit=limit, before=before))


def asset_keys(text: str, *, limit: int, before: int | None = None) -> list[int]:
    """Return the keys that `search_assets` finds, newest first."""
    older = DataAsset.objects.order_by("-pk")
    older = older if before is None else older.filter(pk__lt=before)
    keys = set(find(Named.ASSET, text, limit=limit, before=before))
    keys.update(older.filter(number=text.strip().upper()).values_list("pk", flat=True))
    holders = find(Named.PARTY, text, limit=MOST + 1)
    if 0 < len(holders) <= MOST:
        held = older.filter(interests__shares__party__in=holders).values("pk")
        keys.update(older.filter(pk__in=held).values_list("pk", flat=True)[:limit])
    return sorted(keys, reverse=True)[:limit]


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

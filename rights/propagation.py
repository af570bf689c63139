"""Propagation: how far a freeze, control, sustained objection or early end of a right reaches (P5).

Rights nested in the one concerned are met by the rules themselves (DEA-3, DEA-4, TIT-2). Derived
assets are marked: `propagate` writes the marks of a new cause, `inherit` those of a new asset, and
`rights.queries.causes_of` reads which are live. Both hold the key `PROPAGATION`: who opens a cause
alone, who registers what was derived together with others of its kind. So each of two such acts
sees the other whole or comes before it: either the closure includes the new asset, or the new
asset finds the cause. An act on an asset that a cause reaches from elsewhere needs no such order:
neither reads what the other writes.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from django.db import connection
from django.db.models import QuerySet

from ledger.models import Entry
from primitives.canonical_json import JsonObject
from registry.closure import (
    Closure,
    ancestor_versions,
    batches,
    descendant_versions,
    versions_relying_on,
)
from registry.models import AssetVersion, Derivation
from rights.entries import remark_facts
from rights.kinds import RemarkKind
from rights.models import Interest, Mark, Remark
from rights.remarks import RemarkFacts

PROPAGATION = "propagation"

CAUSES = (RemarkKind.FREEZE, RemarkKind.CONTROL, RemarkKind.OBJECTION, RemarkKind.SOURCE_ENDED)
"""The kinds of remark that can be a cause; an objection is one once it was sustained."""

MARK = "INSERT INTO rights_mark (cause, asset_id, entry_id) SELECT %s, reached.value, %s FROM "
REACHED_ON_POSTGRESQL = "unnest(%s::bigint[]) AS reached (value)"
REACHED_ON_SQLITE = "json_each(%s) AS reached"


def closure_of(cause: RemarkFacts) -> Closure:
    """Return every version that a cause reaches.

    One on the whole asset reaches whatever was derived from any version of it; one on a right what
    was derived in reliance on that or on a right nested in it; and both what was derived from that.
    The end of a right reaches what relied on that very right: each that fell with it has its own.
    """
    if not cause.interest:
        return derived_from(cause.asset)
    if cause.kind == RemarkKind.SOURCE_ENDED:
        return versions_relying_on(cause.interest)
    return versions_relying_on(*nested_in(cause.interest))


def derived_from(asset: str) -> Closure:
    """Return what was derived from any version of the asset, directly or through others."""
    versions = AssetVersion.objects.filter(asset__number=asset)
    return descendant_versions(*versions.values_list("pk", flat=True))


def nested_in(interest: str) -> list[str]:
    """Return the right and every one ever granted out of it, or out of one of those."""
    granted = defaultdict(list)
    asset = Interest.objects.filter(reference=interest).values("asset")[:1]
    rights = Interest.objects.filter(asset__in=asset, revision=1).exclude(granted_from="")
    for reference, source in rights.values_list("reference", "granted_from"):
        granted[source].append(reference)
    found = [interest]
    for reference in found:
        found.extend(granted[reference])
    return found


def reached(cause: RemarkFacts) -> dict[int, str]:
    """Return the derived assets that a cause reaches, key to number; never its own asset."""
    return assets_of(closure_of(cause), but=cause.asset)


def assets_of(closure: Closure, *, but: str) -> dict[int, str]:
    """Return the assets that have one of the versions, key to number, without the one named."""
    found: dict[int, str] = {}
    for keys in batches(closure.pks()):
        versions = AssetVersion.objects.filter(pk__in=keys).exclude(asset__number=but)
        found.update(versions.values_list("asset", "asset__number"))
    return found


def reach_json(numbers: Iterable[str]) -> JsonObject:
    """Return what an entry says of how far a cause reached: how many assets, and which, hashed."""
    ordered = sorted(numbers)
    return {
        "assets": len(ordered),
        "sha256": hashlib.sha256("\n".join(ordered).encode()).hexdigest(),
    }


def propagate(cause: str, assets: Collection[int], entry: Entry) -> None:
    """Mark the derived assets, by key, that a new cause reaches; by one statement."""
    is_postgresql = connection.vendor == "postgresql"
    source = REACHED_ON_POSTGRESQL if is_postgresql else REACHED_ON_SQLITE
    keys = sorted(assets)
    with connection.cursor() as cursor:
        cursor.execute(
            MARK + source, [cause, entry.pk, keys if is_postgresql else json.dumps(keys)]
        )


def inherit(version: AssetVersion, entry: Entry) -> None:
    """Mark the asset of a new version, whose derivations are stored, with what reaches it.

    Also with causes that are over: which are live says the clock, and marks know none.
    """
    number = version.asset.number
    causes = {cause.reference for cause in _causes_behind(version) if cause.asset != number}
    marked = Mark.objects.filter(asset=version.asset).values_list("cause", flat=True)
    Mark.objects.bulk_create(
        Mark(cause=cause, asset=version.asset, entry=entry)
        for cause in sorted(causes.difference(marked))
    )


def first_causes(remarks: QuerySet[Remark]) -> Iterator[tuple[RemarkFacts, Remark]]:
    """Yield of each remark the first revision that is a cause, with its row."""
    seen: set[str] = set()
    causal = remarks.filter(kind__in=CAUSES).select_related("asset", "party", "entry")
    for row in causal.order_by("revision", "pk"):
        facts = remark_facts(row)
        if facts.is_cause and facts.reference not in seen:
            seen.add(facts.reference)
            yield facts, row


def _causes_behind(version: AssetVersion) -> Iterator[RemarkFacts]:
    """Yield every cause on an asset from which the version comes, or on a right relied on."""
    behind = ancestor_versions(version.pk).pks()
    for keys in batches(behind):
        on_assets = Remark.objects.filter(interest="", asset__versions__in=keys).distinct()
        yield from (cause for cause, _row in first_causes(on_assets))
    relied_on = _relied_on([version.pk, *behind])
    for references in batches(sorted(_line_of(relied_on))):
        for cause, _row in first_causes(Remark.objects.filter(interest__in=references)):
            if cause.kind != RemarkKind.SOURCE_ENDED or cause.interest in relied_on:
                yield cause


def _relied_on(versions: Sequence[int]) -> set[str]:
    """Return the rights on which the derivations of these versions relied."""
    found: set[str] = set()
    for keys in batches(versions):
        edges = Derivation.objects.filter(derived_version__in=keys).exclude(basis_interest="")
        found.update(edges.values_list("basis_interest", flat=True))
    return found


def _line_of(rights: set[str]) -> set[str]:
    """Return the rights, those that they were granted from, and so on to the originals."""
    found, level = set(rights), rights
    while level:
        sources: set[str] = set()
        for references in batches(sorted(level)):
            granted = Interest.objects.filter(reference__in=references, revision=1)
            sources.update(granted.exclude(granted_from="").values_list("granted_from", flat=True))
        level = sources - found
        found |= level
    return found

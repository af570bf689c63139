"""Provenance: the rules of its edges, and walking from an asset to everything it came from.

Entry points: `broken_source_rules`, `ancestry`, `direct_sources`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from primitives.rules import Rule, broken, rule
from registry.closure import ancestor_versions, batches
from registry.models import AssetVersion, Derivation


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts:
    """What a provenance rule may look at: one edge and the data that is to be registered."""

    derived_sha256: str
    source_sha256: str
    source_is_registered: bool
    is_external: bool
    is_named_before: bool = False
    has_ended: bool = True


@rule("PRV-1", source="invariant P1; NDA35 art. 20", zh="衍生关系只引用此前已登记的版本。")
def cites_earlier_version(facts: SourceFacts) -> bool:
    """A derivation cites only versions registered before it."""
    return facts.is_external or facts.source_is_registered


@rule("PRV-2", source="invariant P1", zh="数据不得以自身为来源。")
def is_not_its_own_source(facts: SourceFacts) -> bool:
    """Data is not its own source."""
    return facts.derived_sha256 != facts.source_sha256


@rule("PRV-3", source="NDA35 art. 20", zh="同一来源只载明一次。")
def is_named_once(facts: SourceFacts) -> bool:
    """Each source is named once."""
    return not facts.is_named_before


@rule("PRV-4", source="NDA35 art. 20", zh="处理活动在登记之前已经结束。")
def activity_has_ended(facts: SourceFacts) -> bool:
    """The activity had ended before the registration."""
    return facts.has_ended


SOURCE_RULES = (
    cites_earlier_version,
    is_not_its_own_source,
    is_named_once,
    activity_has_ended,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ancestor:
    """One edge on the way back from an asset, ``depth`` steps away (1 = a direct source)."""

    derivation: Derivation
    depth: int


def broken_source_rules(
    derived: AssetVersion, edges: Iterable[Derivation], *, at: datetime
) -> list[Rule[SourceFacts]]:
    """Return every PRV rule that registering the version at ``at`` would break, each once."""
    found: set[Rule[SourceFacts]] = set()
    named: set[tuple[object, ...]] = set()
    for edge in edges:
        name = _name(edge)
        facts = _facts(derived, edge, is_named_before=name in named, at=at)
        found.update(broken(SOURCE_RULES, facts))
        named.add(name)
    return [rule for rule in SOURCE_RULES if rule in found]


def direct_sources(version: AssetVersion) -> list[Ancestor]:
    """Return the edges that lead to ``version`` from its own sources."""
    edges = _edges_into([version.pk])[version.pk]
    return [Ancestor(derivation=edge, depth=1) for edge in sorted(edges, key=attrgetter("pk"))]


def ancestry(version: AssetVersion, *, budget: int | None = None) -> list[Ancestor]:
    """Return every edge behind ``version``, nearest first, each edge once at its least depth.

    Raises:
        MoreVersionsError: more than ``budget`` versions stand behind it.
    """
    edges = _edges_into([version.pk, *ancestor_versions(version.pk).pks(budget=budget)])
    found: list[Ancestor] = []
    seen, level, depth = {version.pk}, {version.pk}, 1
    while level:
        nearest = sorted((edge for key in level for edge in edges[key]), key=attrgetter("pk"))
        found.extend(Ancestor(derivation=edge, depth=depth) for edge in nearest)
        level = {edge.source_version_id for edge in nearest if edge.source_version_id} - seen
        seen |= level
        depth += 1
    return found


def _edges_into(versions: Sequence[int]) -> defaultdict[int, list[Derivation]]:
    """Return the edges that lead to each of these versions from its sources."""
    edges: defaultdict[int, list[Derivation]] = defaultdict(list)
    for keys in batches(versions):
        for edge in Derivation.objects.filter(derived_version__in=keys).select_related(
            "derived_version__asset",
            "source_version__asset",
            "external_source__publisher",
            "responsible",
            "basis_instrument",
        ):
            edges[edge.derived_version_id].append(edge)
    return edges


def _facts(
    derived: AssetVersion, edge: Derivation, *, is_named_before: bool, at: datetime
) -> SourceFacts:
    source = edge.source_version or edge.external_source
    return SourceFacts(
        derived_sha256=derived.sha256,
        source_sha256=source.sha256 if source else "",
        source_is_registered=bool(edge.source_version and edge.source_version.pk),
        is_external=edge.external_source is not None,
        is_named_before=is_named_before,
        # The ledger counts whole seconds.
        has_ended=edge.ended_at.replace(microsecond=0) <= at,
    )


def _name(edge: Derivation) -> tuple[object, ...]:
    external = edge.external_source
    if external is None:
        return (edge.source_version_id,)
    return (external.publisher_id, external.title, external.edition, external.sha256)

"""Where a registered version came from and what came from it, ready for a page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from registry.closure import MoreVersionsError
from registry.masking import masked_name
from registry.models import AssetVersion, Derivation
from registry.provenance import ancestry, direct_sources
from web.provenance_picture import Edge, Node, Picture, draw

MAX_NODES = 40
"""A picture with more boxes explains nothing; the table beside it is always complete."""
MAX_VERSIONS = 1_000
"""Of a longer ancestry a page shows the direct sources, each of which has a page of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """The picture, the same in full as derivations, and how many of them the picture leaves out.

    Attributes:
        budget: set if more versions than this stand behind it; then only its own sources are here.
    """

    picture: Picture
    derivations: Sequence[Derivation]
    left_out: int
    budget: int | None = None


def provenance_of(version: AssetVersion) -> Provenance:
    """Return everything that ``version`` came from and what was derived from it directly."""
    budget = None
    try:
        found = ancestry(version, budget=MAX_VERSIONS)
    except MoreVersionsError as error:
        found, budget = direct_sources(version), error.budget
    sources = [ancestor.derivation for ancestor in found]
    derived = version.derived.select_related(
        "derived_version__asset",
        "source_version__asset",
        "external_source__publisher",
        "responsible",
        "basis_instrument",
    ).order_by("pk")
    derivations = [*sources, *derived]
    nodes, edges = _graph(version, derivations)
    return Provenance(
        picture=draw(nodes, edges, centre=_version_key(version)),
        derivations=derivations,
        left_out=len(derivations) - len(edges),
        budget=budget,
    )


def _graph(
    version: AssetVersion, derivations: Iterable[Derivation]
) -> tuple[list[Node], list[Edge]]:
    """Return the nearest nodes up to the limit, and the derivations between them."""
    nodes = {_version_key(version): _version_node(version)}
    edges = []
    for derivation in derivations:
        source, target = _source_node(derivation), _version_node(derivation.derived_version)
        new = {source.key: source, target.key: target}.keys() - nodes.keys()
        if len(new) > 1 or len(nodes) + len(new) > MAX_NODES:
            continue
        nodes |= {source.key: source, target.key: target}
        edges.append(
            Edge(
                source=source.key,
                derived=target.key,
                label=derivation.get_activity_display(),
                is_proven=derivation.is_proven,
            )
        )
    return list(nodes.values()), edges


def _source_node(derivation: Derivation) -> Node:
    external = derivation.external_source
    if external is None:
        return _version_node(_source_version(derivation))
    return Node(
        key=external.reference,
        title=f"{external.title} {external.edition}",
        subtitle=_("outside · %(publisher)s") % {"publisher": masked_name(external.publisher)},
        is_external=True,
    )


def _source_version(derivation: Derivation) -> AssetVersion:
    if derivation.source_version is None:
        raise ValueError(f"derivation {derivation.pk} has no source")
    return derivation.source_version


def _version_node(version: AssetVersion) -> Node:
    return Node(
        key=_version_key(version),
        title=version.asset.name,
        subtitle=str(version),
        address=reverse("web:asset", args=[version.asset.number]),
    )


def _version_key(version: AssetVersion) -> str:
    return f"{version.asset_id}@{version.number}"

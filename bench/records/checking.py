"""UNPROVEN where it is due: each issued file held against what follows from the records alone.

Entry points: `due`, `faults_of`. What a certificate must state is computed from the plan, by
walking every way back to every source; no row of the register is read for it.
"""

from collections import Counter
from collections.abc import Mapping

import pypdfium2

from bench.records.collection import Parent, Plan, Record, folded
from bench.records.filing import NAME, shortened
from bench.records.licences import USE
from bench.records.parties import holders_of
from primitives.canonical_json import JsonObject
from verifier.document import SealedDocument, read_document

UNPROVEN = "UNPROVEN"
Edge = tuple[str, int, bool]
"""A source as it is stated: its title, how many steps away, whether its basis is proven."""


def is_proven(record: Record, parent: Parent) -> bool:
    """Say whether the parent is registered and a holder of the record has a right to use it."""
    return (
        parent.record is not None
        and USE in parent.record.rights
        and not set(holders_of(record)).isdisjoint(holders_of(parent.record))
    )


def due(plan: Plan, record: Record, numbers: Mapping[str, str]) -> Counter[Edge]:
    """Return what is to be stated: all direct sources, and the farther ones that are unproven.

    ``numbers`` gives the asset number of each record that a way may lead to, by its place.
    """
    depths: dict[tuple[str, str], int] = {}
    edges: dict[tuple[str, str], tuple[str, bool]] = {}

    def walk(child: Record, depth: int) -> None:
        for parent in plan.parents[child.place]:
            edge = child.place, parent.name
            depths[edge] = min(depth, depths.get(edge, depth))
            edges[edge] = _title(parent, numbers), is_proven(child, parent)
            if parent.record:
                walk(parent.record, depth + 1)

    walk(record, 1)
    return Counter(
        (title, depths[edge], proven)
        for edge, (title, proven) in edges.items()
        if depths[edge] == 1 or not proven
    )


def faults_of(pdf: bytes, expected: Counter[Edge]) -> list[str]:
    """Return in what the file states or prints its sources otherwise than is due."""
    document = read_document(pdf)
    if not isinstance(document, SealedDocument):
        return ["it is a letter"]
    stated = Counter(map(_edge, _sources(document.statement.json)))
    faults = [f"{edge} is stated and not due" for edge in stated - expected]
    faults += [f"{edge} is due and not stated" for edge in expected - stated]
    unproven = sum(count for (*_, proven), count in expected.items() if not proven)
    # Once beside each source, and once on the front if there is any.
    marks = unproven + bool(unproven)
    printed = sum(
        page.get_textpage().get_text_bounded().count(UNPROVEN)
        for page in pypdfium2.PdfDocument(pdf)
    )
    if printed != marks:
        faults.append(f"{UNPROVEN} is printed {printed} times and due {marks} times")
    return faults


def _title(parent: Parent, numbers: Mapping[str, str]) -> str:
    if parent.record is None:
        # The register writes it as the first record that named it did.
        return folded(parent.name)
    return f"{shortened(parent.record.name, NAME)}（{numbers[parent.record.place]}@1）"


def _edge(source: JsonObject) -> Edge:
    title = str(source["title"])
    is_registered = title.endswith("@1）")
    named = title if is_registered else folded(title)
    return named, int(str(source["depth"])), source["is_proven"] is True


def _sources(statement: JsonObject) -> list[JsonObject]:
    sources = statement["provenance"]
    if not isinstance(sources, list):
        raise TypeError("the provenance is no list")
    return [source for source in sources if isinstance(source, dict)]

"""The matrix of NDA35 art. 21: which right may be registered in which legal situation.

`SITUATIONS` says which situations go with which source of the data (art. 20, Annex 1).
"""

from collections.abc import Mapping

from registry.kinds import Situation, SourceKind
from rights.kinds import RightKind

ALL = frozenset(RightKind)

MATRIX: Mapping[Situation, frozenset[RightKind]] = {
    Situation.OWN_BUSINESS: ALL,
    Situation.OBTAINED_BACK: ALL,
    Situation.NATURAL_PERSON: ALL,
    Situation.CRAWLED: frozenset({RightKind.HOLD, RightKind.USE}),
    Situation.CRAWLED_PRODUCT: ALL,
    Situation.BY_CONTRACT: ALL,
    Situation.FUSED_SILENT: ALL,
    Situation.DERIVED: ALL,
    Situation.ENTRUSTED: frozenset(),
}
"""What may be registered at most; contract and consent narrow it further (REG-4, REG-5)."""

SITUATIONS: Mapping[SourceKind, frozenset[Situation]] = {
    SourceKind.COLLECTED: frozenset(
        {
            Situation.OWN_BUSINESS,
            Situation.OBTAINED_BACK,
            Situation.NATURAL_PERSON,
            Situation.BY_CONTRACT,
            Situation.FUSED_SILENT,
            Situation.ENTRUSTED,
        }
    ),
    SourceKind.CRAWLED: frozenset({Situation.CRAWLED, Situation.CRAWLED_PRODUCT}),
    SourceKind.AGREEMENT: frozenset(
        {
            Situation.OBTAINED_BACK,
            Situation.NATURAL_PERSON,
            Situation.BY_CONTRACT,
            Situation.FUSED_SILENT,
            Situation.ENTRUSTED,
        }
    ),
    SourceKind.DERIVED: frozenset(
        {
            Situation.DERIVED,
            Situation.BY_CONTRACT,
            Situation.FUSED_SILENT,
            Situation.ENTRUSTED,
            Situation.CRAWLED_PRODUCT,
        }
    ),
}

ARTICLES: Mapping[Situation, str] = {
    Situation.OWN_BUSINESS: "NDA35 art. 21",
    Situation.OBTAINED_BACK: "NDA35 art. 21",
    Situation.NATURAL_PERSON: "NDA35 art. 21",
    Situation.CRAWLED: "NDA35 art. 21(4)",
    Situation.CRAWLED_PRODUCT: "NDA35 art. 21(4)",
    Situation.BY_CONTRACT: "NDA35 art. 20, 21(5)",
    Situation.FUSED_SILENT: "NDA35 art. 21(5)",
    Situation.DERIVED: "NDA35 art. 21(6)",
    Situation.ENTRUSTED: "NDA35 art. 21(7)",
}
"""Where each row of the matrix stands."""

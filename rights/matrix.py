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

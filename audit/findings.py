"""What an audit says: one finding a fault, with the place where it is."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class FindingKind(StrEnum):
    """Every kind of fault that the audit knows; docs/operations.md explains each."""

    TRIGGER_MISSING = "trigger_missing"
    ENTRY_ALTERED = "entry_altered"
    ENTRY_MISSING = "entry_missing"
    ENTRY_UNSEQUENCED = "entry_unsequenced"
    ENTRY_REQUEUED = "entry_requeued"
    ENTRY_REPEATED = "entry_repeated"
    KEY_MISMATCH = "key_mismatch"
    INDEX_GAP = "index_gap"
    LEAF_MISMATCH = "leaf_mismatch"
    TILE_ALTERED = "tile_altered"
    ROOT_MISMATCH = "root_mismatch"
    HEAD_MISSING = "head_missing"
    HEAD_UNSIGNED = "head_unsigned"
    CHECKPOINT_INVALID = "checkpoint_invalid"
    COSIGNATURE_INVALID = "cosignature_invalid"
    COPY_CONTRADICTS = "copy_contradicts"
    COPY_DAMAGED = "copy_damaged"
    ROW_ALTERED = "row_altered"
    ROW_MISSING = "row_missing"
    ROW_WITHOUT_ENTRY = "row_without_entry"
    COUNTER_BEHIND = "counter_behind"
    SHARES_NOT_ONE = "shares_not_one"
    REACH_WRONG = "reach_wrong"
    FILE_DAMAGED = "file_damaged"
    STATE_MAP_WRONG = "state_map_wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault: its kind, and as much of its place as is known.

    Attributes:
        pk: primary key; the parts of a composite one with a slash between.
        index: leaf index of the entry concerned, from 0.
        checkpoint: size of the first bad checkpoint: the first signed one that covers the entry,
            or the one that is contradicted.
        detail: one sentence for the operator.
    """

    kind: FindingKind
    table: str
    pk: str = ""
    column: str = ""
    index: int | None = None
    checkpoint: int | None = None
    detail: str = ""

    def to_json(self) -> dict[str, object]:
        """Return the finding for ``audit_ledger --json``."""
        return asdict(self)

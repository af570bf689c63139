"""What an audit says: one finding a fault, with the place where it is."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class FindingKind(StrEnum):
    """Every kind of fault that the audit knows."""

    TRIGGER_MISSING = "trigger_missing"
    ENTRY_ALTERED = "entry_altered"
    ENTRY_UNSEQUENCED = "entry_unsequenced"
    ENTRY_REQUEUED = "entry_requeued"
    ENTRY_REPEATED = "entry_repeated"
    KEY_MISMATCH = "key_mismatch"
    INDEX_GAP = "index_gap"
    TILE_ALTERED = "tile_altered"
    ROOT_MISMATCH = "root_mismatch"
    HEAD_MISSING = "head_missing"
    HEAD_UNSIGNED = "head_unsigned"
    CHECKPOINT_INVALID = "checkpoint_invalid"
    ROW_ALTERED = "row_altered"
    ROW_MISSING = "row_missing"
    ROW_WITHOUT_ENTRY = "row_without_entry"
    COUNTER_BEHIND = "counter_behind"
    SHARES_NOT_ONE = "shares_not_one"
    FILE_DAMAGED = "file_damaged"
    STATE_MAP_WRONG = "state_map_wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault: its kind, and as much of its place as is known.

    Attributes:
        index: leaf index of the entry concerned, from 0.
        detail: one sentence for the operator.
    """

    kind: FindingKind
    table: str
    pk: str = ""
    column: str = ""
    index: int | None = None
    detail: str = ""

    def to_json(self) -> dict[str, object]:
        """Return the finding for ``audit_ledger --json``."""
        return asdict(self)

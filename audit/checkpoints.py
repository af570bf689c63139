"""Signed checkpoints and the cosignatures under them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from audit.findings import Finding, FindingKind
from ledger.keys import log_verifier_key, log_verifier_keys
from ledger.models import Cosignature
from ledger.policy import PolicyError, witness_policy
from ledger.recovery import Predecessor, predecessors
from registry.replay import each_row
from tlog.checkpoint import Checkpoint, open_checkpoint
from tlog.encoding import decode_loose_base64
from tlog.errors import TlogError
from tlog.keys import LogKey
from tlog.named_key import KEY_ID_BYTES
from tlog.note import SignatureError, Verifier, VerifierKey, open_note

TREE_HEAD, CHECKPOINT = "ledger_treehead", "ledger_checkpoint"
COSIGNATURE = "ledger_cosignature"
TIMESTAMP_BYTES = 8

Witnesses = Mapping[tuple[str, str], Verifier]
"""Keys of witnesses by name and key id in hexadecimal."""


@dataclass(frozen=True, slots=True)
class OurKeys:
    """What our checkpoints are checked with: our keys, and those of logs that ours succeeds."""

    log: VerifierKey
    others: tuple[LogKey, ...]
    predecessors: tuple[Predecessor, ...]

    @classmethod
    def load(cls) -> Self:
        """Return our keys as they are configured, and predecessors as the ledger has them."""
        others = [key for key in log_verifier_keys() if key != log_verifier_key()]
        try:
            recorded = tuple(predecessors())
        except Exception:  # noqa: BLE001 # the walk and the fold report an entry that holds garbage
            recorded = ()
        return cls(log_verifier_key(), tuple(others), recorded)

    def open(self, note: str) -> Checkpoint:
        """Return a checkpoint that this log signed, with every line of a key of ours verified.

        Raises:
            TlogError: it did not, or one of those lines is false.
        """
        for log in self.predecessors:
            if note.startswith(f"{log.key.name}\n") and log.key.name != self.log.name:
                signed = open_checkpoint(note, log.key)
                if signed.size > log.size:
                    raise SignatureError(f"{log.key.name} ended at {log.size} by a recovery act")
                return signed
        return open_checkpoint(note, self.log, *self.others)


def invalid_checkpoint(size: object, detail: str, *, index: int | None = None) -> Finding:
    """Return the finding about one stored checkpoint."""
    number = size if isinstance(size, int) else None
    return Finding(
        kind=FindingKind.CHECKPOINT_INVALID,
        table=CHECKPOINT,
        pk=str(size),
        column="note",
        index=number - 1 if index is None and number else index,
        checkpoint=number,
        detail=detail,
    )


def check_cosignatures(since: int = 0) -> Iterator[Finding]:
    """Check the lines of witnesses: those of our policy by signature, others by their form."""
    rows = Cosignature.objects.filter(checkpoint_id__gte=since).select_related("checkpoint")
    witnesses = _witnesses()
    for pk, fault in each_row(rows, lambda row: _cosignature_fault(row, witnesses)):
        if fault:
            size, name, key_id = pk
            yield Finding(
                kind=FindingKind.COSIGNATURE_INVALID,
                table=COSIGNATURE,
                pk=f"{size}/{name}/{key_id}",
                column="line",
                index=size - 1,
                checkpoint=size,
                detail=repr(fault) if isinstance(fault, Exception) else fault,
            )


def _witnesses() -> Witnesses:
    try:
        policy = witness_policy()
    except PolicyError:  # the system check ledger.E004 reports it
        policy = None
    keys = [witness.key for witness in policy.witnesses.values()] if policy else []
    return {(key.name, key.key_id.hex()): key for key in keys}


def _cosignature_fault(row: Cosignature, witnesses: Witnesses) -> str:
    text, _separator, _lines = row.checkpoint.note.rpartition("\n\n")
    note = f"{text}\n\n{row.line.removesuffix(chr(10))}\n"
    key = witnesses.get((row.name, row.key_id))
    try:
        open_note(note, [key] if key else [])
    except SignatureError as error:
        if key:
            return str(error)
    except TlogError as error:
        return str(error)
    blob = decode_loose_base64(row.line.split()[-1])
    timestamp = int.from_bytes(blob[KEY_ID_BYTES : KEY_ID_BYTES + TIMESTAMP_BYTES], "big")
    said = (row.line.split()[1], blob[:KEY_ID_BYTES].hex(), timestamp)
    if said != (row.name, row.key_id, _seconds(row.signed_at)):
        return "the line is another witness's, another key's or of another time"
    return ""


def _seconds(instant: datetime) -> int:
    return int(instant.timestamp())

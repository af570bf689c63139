"""Is this the latest act on an asset? Is nothing registered under a key? From a file, offline.

Entry point: `verify_state`. The ``.state-proof`` file proves an entry in which the ledger commits
to the map of its state, and what that map says of one key. Shape: docs/entries.md.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from primitives.canonical_json import JsonObject, instant_text
from tlog.checkpoint import Checkpoint
from tlog.encoding import MalformedError
from tlog.merkle import ProofError
from tlog.state_map import StateCommitment, StateItem, StateMapError
from tlog.state_proof import StateProof
from verifier.evidence import (
    MAX_PROOF_CHARACTERS,
    STATE_COMMITMENT,
    ProvenEntry,
    prove_entry,
)
from verifier.log_keys import LogKeys
from verifier.verdict import UNDECIDED, Facts, Outcome, Reason, StepError, checkpoint_json

RECORDED_KEYS = re.compile(
    r"asset:DA-[0-9]{9,12}|party:P-[0-9A-Z]{13}|certificate:SJ[0-9]{13}|state-map|status-list",
    re.ASCII,
)
"""Keys under which acts enter what they register.

Of a key of another form, a misspelt one or one that acts only lock (``data:``, ``identity:``), no
map has an item, whatever is registered: that it is absent says nothing.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenState:
    """What the file proves of ``key``, as of the first ``tree_size`` entries of the ledger.

    Attributes:
        item: the latest entry under the key, or None: there is none.
        recorded_at: when the ledger committed to this.
        commitment_index: in which entry.
        checkpoint: the signed tree head under which that entry is proven.
    """

    key: str
    item: StateItem | None
    tree_size: int
    recorded_at: datetime
    commitment_index: int
    checkpoint: Checkpoint

    def facts(self) -> dict[str, str | int]:
        """Return what the sentences name."""
        facts: dict[str, str | int] = {
            "key": self.key,
            "tree_size": self.tree_size,
            "recorded_at": instant_text(self.recorded_at),
            "commitment": self.commitment_index,
            "size": self.checkpoint.size,
            "origin": self.checkpoint.origin,
        }
        if self.item is None:
            return facts
        return {
            **facts,
            "index": self.item.index,
            "version": self.item.version,
            "leaf_hash": self.item.leaf_hash.hex(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class StateVerdict:
    """The whole answer: what is proven, or why nothing is.

    Attributes:
        facts: what the sentence of ``reason`` names.
    """

    proven: ProvenState | None = None
    reason: Reason | None = None
    facts: Facts = field(default_factory=dict)

    @classmethod
    def stopped(cls, reason: Reason, facts: Facts) -> Self:
        """Return the verdict on a file that proves nothing."""
        return cls(reason=reason, facts=facts)

    @property
    def outcome(self) -> Outcome:
        """VALID if something is proven, INVALID if the file is false, else CANNOT_VERIFY."""
        if self.proven:
            return Outcome.VALID
        return Outcome.CANNOT_VERIFY if self.reason in UNDECIDED else Outcome.INVALID

    def to_json(self) -> JsonObject:
        """Return the verdict as data; hashes are in hexadecimal, ``entry`` is null if absent."""
        proven = self.proven
        return {
            "verdict": self.outcome.value,
            "reasons": [self.reason.value] if self.reason else [],
            "state": _state_json(proven) if proven else None,
            "checkpoint": checkpoint_json(proven.checkpoint) if proven else None,
        }


def verify_state(text: str, *, log_key: str) -> StateVerdict:
    """Return what the file proves under the log's verifier key.

    Raises:
        MalformedError: ``log_key`` holds no verifier key.
    """
    key = LogKeys.parse(log_key)
    try:
        return StateVerdict(proven=_prove(text, key))
    except StepError as error:
        return StateVerdict.stopped(error.reason, error.facts)


def _prove(text: str, log_key: LogKeys) -> ProvenState:
    proof = _parse(text)
    committed = prove_entry(proof.commitment, kinds={STATE_COMMITMENT}, log_key=log_key)
    commitment, item = _verify(proof, committed)
    if item is None and not RECORDED_KEYS.fullmatch(proof.key):
        raise StepError(Reason.STATE_KEY_UNKNOWN, key=proof.key)
    return ProvenState(
        key=proof.key,
        item=item,
        tree_size=commitment.tree_size,
        recorded_at=committed.recorded_at,
        commitment_index=committed.index,
        checkpoint=committed.checkpoint,
    )


def _parse(text: str) -> StateProof:
    if len(text) > MAX_PROOF_CHARACTERS:
        raise StepError(Reason.PROOF_MALFORMED)
    try:
        return StateProof.parse(text)
    except MalformedError as error:
        raise StepError(Reason.PROOF_MALFORMED) from error


def _verify(proof: StateProof, committed: ProvenEntry) -> tuple[StateCommitment, StateItem | None]:
    try:
        commitment = StateCommitment.parse(committed.payload)
    except MalformedError as error:
        raise StepError(Reason.PROOF_OF_ANOTHER_ACT, kind="?") from error
    try:
        item = proof.verify(commitment)
    except (ProofError, MalformedError) as error:
        raise StepError(Reason.STATE_ITEM_FALSE) from error
    except StateMapError as error:
        raise StepError(Reason.STATE_NOT_SHOWN, key=proof.key) from error
    if commitment.tree_size > committed.index:
        # It speaks of entries that came after it.
        raise StepError(Reason.STATE_NOT_SHOWN, key=proof.key)
    return commitment, item


def _state_json(proven: ProvenState) -> JsonObject:
    return {
        "key": proven.key,
        "tree_size": proven.tree_size,
        "recorded_at": instant_text(proven.recorded_at),
        "commitment_index": proven.commitment_index,
        "entry": _item_json(proven.item) if proven.item else None,
    }


def _item_json(item: StateItem) -> JsonObject:
    return {"index": item.index, "version": item.version, "leaf_hash": item.leaf_hash.hex()}

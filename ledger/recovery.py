"""Going on after the log was set back: a successor log, and the act that says so.

A restored backup lacks entries that were signed. Under the old name the log could go on only by
signing a second history, which is what every holder of a checkpoint would convict it of. So it goes
on under a new name and a new key: the successor begins with the restored tree, and its next entry,
``ledger.recovered/1``, says what was lost, on what ground, who asked and who approved. The
statement in it is signed with the old key and with the new one.

Entry points: `record_recovery`, and `restore_memory` for a signer that lost its memory only.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from ledger.acts import open_act
from ledger.entries import RECOVERED
from ledger.keys import log_signer, log_signers
from ledger.memory import SignerMemory, held
from ledger.models import Entry, TreeHead
from ledger.publishing import publish
from primitives.canonical_json import JsonObject
from tlog.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from tlog.encoding import encode_base64
from tlog.errors import TlogError
from tlog.merkle import EMPTY_ROOT
from tlog.note import NoteSigner, VerifierKey, sign_note


class RecoveryRefusedError(Exception):
    """There is nothing to recover from, or not in this way; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Predecessor:
    """A log that ours succeeds.

    Attributes:
        key: what its checkpoints are checked with.
        size: up to which size ours begins with the same entries.
    """

    key: VerifierKey
    size: int


def record_recovery(
    *, ground: str, old_signer: NoteSigner, actor: str, officer: str, at: datetime
) -> Entry:
    """Let the log go on under its new name from the entries that are left; return the act's entry.

    ``LEDGER_ORIGIN`` and ``LEDGER_KEY_FILE`` already name the successor. Safe to run again after a
    crash: the act is recorded once.

    Args:
        ground: why, in one line without personal data.
        old_signer: the key of the log that was set back.
        actor: reference of who asked.
        officer: reference of who approved, another person.
        at: aware UTC.

    Raises:
        RecoveryRefusedError: see its message.
        LedgerDamagedError: what was restored does not agree with itself.
    """
    if actor == officer:
        raise RecoveryRefusedError("A recovery is asked for and approved by two persons.")
    if not ground.strip() or not ground.isprintable():
        raise RecoveryRefusedError("Give the ground in one line.")
    with held() as memory:
        signed, note = _signed_last(memory, old_signer)
        head = TreeHead.objects.order_by("-size").first()
        restored = Checkpoint(
            origin=settings.LEDGER_ORIGIN,
            size=head.size if head else 0,
            root=bytes(head.root_hash) if head else EMPTY_ROOT,
        )
        if signed.size <= restored.size:
            raise RecoveryRefusedError(
                "The log holds all that was signed; it was not set back. Nothing was recorded."
            )
        entry = _recorded(note) or _record(
            _payload(signed, note, restored, old_signer, ground), actor, officer, at
        )
        first = sign_checkpoint(restored, *log_signers(at=at)) if restored.size else None
        memory.begin_anew(first)
    publish(at=at)
    return entry


def restore_memory(note: str) -> Checkpoint:
    """Teach a signer that lost its memory the newest checkpoint that others kept.

    Raises:
        SignerMemoryError: the log's key did not sign it, or the signer remembers a larger tree.
    """
    with held() as memory:
        memory.remember(note)
        return open_checkpoint(note, log_signer().verifier_key)


def predecessors() -> Iterator[Predecessor]:
    """Yield the logs that ours succeeds, as the recorded recoveries have them."""
    # By its key: the table of keys is small beside that of the entries' bytes.
    recorded = Entry.objects.filter(kind=RECOVERED, keys__key__startswith="log:")
    for entry in recorded.order_by("pk"):
        payload = json.loads(bytes(entry.content))["payload"]
        yield Predecessor(
            VerifierKey.parse(payload["predecessor_key"]), payload["restored"]["size"]
        )


def _signed_last(memory: SignerMemory, old_signer: NoteSigner) -> tuple[Checkpoint, str]:
    if old_signer.name == settings.LEDGER_ORIGIN:
        raise RecoveryRefusedError(
            "Give the log a new name and a new key first (QUANJI_LEDGER_ORIGIN, "
            "QUANJI_LEDGER_KEY_FILE): under the old name it would sign a second history."
        )
    note = memory.note()
    if note is None:
        raise RecoveryRefusedError(
            "The signer remembers nothing that could be missing. Restore its memory under the "
            "old name first, from the newest checkpoint that is kept outside."
        )
    try:
        return open_checkpoint(note, old_signer.verifier_key), note
    except TlogError as error:
        raise RecoveryRefusedError(
            "What the signer remembers was not signed with this old key."
        ) from error


def _payload(
    signed: Checkpoint, note: str, restored: Checkpoint, old_signer: NoteSigner, ground: str
) -> JsonObject:
    successor = log_signer()
    lines = [
        RECOVERED,
        f"predecessor {old_signer.verifier_key}",
        f"signed {signed.size} {encode_base64(signed.root)}",
        f"restored {restored.size} {encode_base64(restored.root)}",
        f"successor {successor.verifier_key}",
        f"ground {ground}",
    ]
    return {
        "predecessor_key": str(old_signer.verifier_key),
        "checkpoint": note,
        "restored": {"size": restored.size, "root": restored.root.hex()},
        "ground": ground,
        "statement": sign_note("".join(f"{line}\n" for line in lines), old_signer, successor),
    }


def _record(payload: JsonObject, actor: str, officer: str, at: datetime) -> Entry:
    key = f"log:{settings.LEDGER_ORIGIN}"
    with open_act(recorded_at=at, actor=actor, officer=officer, keys=[key], publishes=False) as act:
        return act.record(kind=RECOVERED, keys=[key], payload=payload)


def _recorded(note: str) -> Entry | None:
    """Return the act of an earlier try that was cut short."""
    for entry in Entry.objects.filter(kind=RECOVERED):
        if json.loads(bytes(entry.content))["payload"]["checkpoint"] == note:
            return entry
    return None

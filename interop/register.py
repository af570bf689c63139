"""A register of some hundred acts, made through the product's own doors."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from interop.logs import Folder
from ledger.acts import open_act
from ledger.keys import log_verifier_key
from ledger.models import Checkpoint, Entry
from ledger.proofs import prove_entry
from ledger.tiles import stored_tiles
from primitives.clock import now_utc
from tlog.note import VerifierKey
from tlog.proof import TlogProof
from tlog.tiles import TileReader

ACTS_AFTER_THE_DEMONSTRATION = 380


@dataclass(frozen=True, slots=True)
class Register:
    """What the product published, as others see it.

    Attributes:
        early: the log as exported when the demonstration was loaded.
        now: the log as exported at last.
        certificate_proof: the proof file of the demonstration's certificate, as old as ``early``.
        proofs: the proof of every tenth entry.
        checkpoints: some of the signed checkpoints, by size.
        consistency: the proof between each of them and the one before, by the later size.
        key: the log's verifier key.
    """

    early: Folder
    now: Folder
    certificate_proof: Path
    proofs: tuple[TlogProof, ...]
    checkpoints: dict[int, str]
    consistency: dict[int, tuple[bytes, ...]]
    key: VerifierKey

    @classmethod
    def make(cls, shelf: Path) -> "Register":
        """Load the demonstration, go on for some hundred acts, and export before and after.

        To be called once, with access to an empty database.
        """
        call_command("load_demo", verbosity=0)
        demo = Path(settings.STATE_DIR) / "demo"
        early = _export(shelf / "early", key=demo / "log_key.txt")
        for number in range(ACTS_AFTER_THE_DEMONSTRATION):
            with open_act(recorded_at=now_utc(), actor="U-1", officer="U-2") as act:
                act.record(kind="test.noted/1", keys=[f"test:{number}"], payload={})
        stored = Checkpoint.objects.order_by("tree_head__size").select_related("tree_head")
        checkpoints = {row.tree_head.size: row.public_note() for row in list(stored)[::60]}
        return cls(
            early=early,
            now=_export(shelf / "register", key=demo / "log_key.txt"),
            certificate_proof=demo / "certificate.pdf.tlog-proof",
            proofs=tuple(prove_entry(entry) for entry in Entry.objects.order_by("pk")[::10]),
            checkpoints=checkpoints,
            consistency=_consistency(list(checkpoints)),
            key=log_verifier_key(),
        )


def _export(path: Path, *, key: Path) -> Folder:
    call_command("export_ledger", path, verbosity=0)
    return Folder(path, key)


def _consistency(sizes: list[int]) -> dict[int, tuple[bytes, ...]]:
    steps = zip([0, *sizes], sizes, strict=False)
    return {new: TileReader(new, stored_tiles).consistency_proof(old) for old, new in steps}

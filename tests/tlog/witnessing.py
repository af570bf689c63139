"""A log that grows as tests ask, and a store in memory, for tests of witnesses."""

import threading
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from tlog.checkpoint import Checkpoint, sign_checkpoint
from tlog.cosignature import CosignatureSigner
from tlog.merkle import consistency_ranges, leaf_hash, tree_hash
from tlog.mldsa import MldsaSigner
from tlog.note import NoteSigner
from tlog.witness import AddCheckpoint

LOG = NoteSigner("log.example", Ed25519PrivateKey.from_private_bytes(b"l" * 32))
WITNESS = CosignatureSigner("witness.example", Ed25519PrivateKey.from_private_bytes(b"w" * 32))
POST_QUANTUM = MldsaSigner("witness.example", MLDSA44PrivateKey.from_seed_bytes(b"p" * 32))


@dataclass
class GrowingLog:
    """A log of numbered leaves; a fork of it has other leaves from one place on."""

    signer: NoteSigner = LOG
    forked_at: int = 1 << 62
    fork: str = ""

    def leaves(self, size: int) -> list[bytes]:
        return [
            leaf_hash(f"{number}{self.fork if number >= self.forked_at else ''}".encode())
            for number in range(size)
        ]

    def checkpoint(self, size: int) -> str:
        head = Checkpoint(origin=self.signer.name, size=size, root=tree_hash(self.leaves(size)))
        return sign_checkpoint(head, self.signer)

    def proof(self, old_size: int, size: int) -> tuple[bytes, ...]:
        leaves = self.leaves(size)
        ranges = consistency_ranges(old_size, size)
        return tuple(tree_hash(leaves[start:end]) for start, end in ranges)

    def request(self, old_size: int, size: int) -> bytes:
        return AddCheckpoint(
            old_size=old_size, proof=self.proof(old_size, size), checkpoint=self.checkpoint(size)
        ).format()


@dataclass
class MemoryStore:
    """The smallest store that keeps its promise."""

    notes: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def latest(self, origin: str) -> str | None:
        return self.notes.get(origin)

    def swap(self, origin: str, *, old: str | None, new: str) -> bool:
        with self.lock:
            if self.notes.get(origin) != old:
                return False
            self.notes[origin] = new
            return True

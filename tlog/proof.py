"""C2SP tlog-proof: a file that proves offline that an entry is in a log.

It holds the entry's index, the inclusion proof and the signed checkpoint it leads to. ``extra`` is
opaque and not signed by itself: ours carries the entry's bytes, which the proof then vouches for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from tlog.checkpoint import Checkpoint, open_checkpoint
from tlog.encoding import MalformedError, decode_base64, encode_base64, parse_decimal
from tlog.merkle import HASH_BYTES, leaf_hash, verify_inclusion
from tlog.note import Verifier

HEADER = "c2sp.org/tlog-proof@v1"
EXTRA_PREFIX = "extra "
INDEX_PREFIX = "index "


@dataclass(frozen=True, slots=True, kw_only=True)
class TlogProof:
    """What a ``.tlog-proof`` file says; nothing of it is checked before `verify_proof`.

    Attributes:
        index: the entry's leaf index, from 0.
        hashes: the inclusion proof, the leaf's sibling first.
        checkpoint: the signed checkpoint, verbatim.
        extra: opaque bytes beside the proof, or None.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    def format(self) -> str:
        """Return the file's text."""
        extra = [] if self.extra is None else [EXTRA_PREFIX + encode_base64(self.extra)]
        hashes = [encode_base64(hash_) for hash_ in self.hashes]
        lines = [HEADER, *extra, f"{INDEX_PREFIX}{self.index}", *hashes, "", self.checkpoint]
        return "\n".join(lines)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse what `format` wrote.

        Raises:
            MalformedError: anything else. The checkpoint is parsed when it is verified.
        """
        head, separator, checkpoint = text.partition("\n\n")
        header, *lines = head.split("\n")
        if header != HEADER or not separator:
            raise MalformedError(f"a proof begins with {HEADER} and ends with a checkpoint")
        extra = None
        if lines and lines[0].startswith(EXTRA_PREFIX):
            extra = decode_base64(lines.pop(0).removeprefix(EXTRA_PREFIX))
        if not lines or not lines[0].startswith(INDEX_PREFIX):
            raise MalformedError("a proof has a line with the entry's index")
        return cls(
            index=parse_decimal(lines.pop(0).removeprefix(INDEX_PREFIX)),
            hashes=tuple(parse_hash(line) for line in lines),
            checkpoint=checkpoint,
            extra=extra,
        )


def verify_proof(
    proof: TlogProof, *, entry: bytes, log_key: Verifier, others: Iterable[Verifier] = ()
) -> Checkpoint:
    """Check that the log with this key holds the entry at the proof's index.

    ``others`` as in `open_checkpoint`.

    Returns:
        The checkpoint as of which this is proven.

    Raises:
        MalformedError: the proof's checkpoint is none.
        SignatureError: the log's key did not sign the checkpoint.
        ProofError: the entry is not at that index under the checkpoint's root.
    """
    checkpoint = open_checkpoint(proof.checkpoint, log_key, *others)
    verify_inclusion(
        index=proof.index,
        size=checkpoint.size,
        leaf_hash=leaf_hash(entry),
        proof=proof.hashes,
        root=checkpoint.root,
    )
    return checkpoint


def parse_hash(line: str) -> bytes:
    """Return the 32 bytes that stand in one line of a proof.

    Raises:
        MalformedError: the line is not the base64 of 32 bytes.
    """
    hash_ = decode_base64(line)
    if len(hash_) != HASH_BYTES:
        raise MalformedError(f"{line!r} is not a hash of {HASH_BYTES} bytes")
    return hash_

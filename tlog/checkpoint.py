"""C2SP tlog-checkpoint: a tree head as the text of a signed note."""

from dataclasses import dataclass
from typing import Self

from tlog.encoding import MalformedError, decode_base64, encode_base64, parse_decimal
from tlog.merkle import HASH_BYTES
from tlog.note import SignatureError, Signer, Verifier, open_note, sign_note

HEAD_LINES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The head of a log's tree.

    Attributes:
        origin: the log's name, which is also the name of its key.
        size: how many leaves the tree has.
        root: the 32-byte root hash.
        extensions: further lines; ours have none, and none is ever interpreted.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        lines = (self.origin, *self.extensions)
        if not all(lines) or any("\n" in line for line in lines):
            raise MalformedError("the origin and every extension of a checkpoint is one line")
        if self.size < 0 or len(self.root) != HASH_BYTES:
            raise MalformedError(f"a tree of {self.size} leaves, a root of {len(self.root)} bytes")

    def body(self) -> str:
        """Return the note text: origin, size, root and extensions, one a line."""
        lines = [self.origin, str(self.size), encode_base64(self.root), *self.extensions]
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, body: str) -> Self:
        """Parse what `body` wrote.

        Raises:
            MalformedError: anything else.
        """
        lines = body.split("\n")
        if len(lines) <= HEAD_LINES or lines.pop():
            raise MalformedError("a checkpoint is an origin, a size and a root, one a line")
        origin, size, root, *extensions = lines
        return cls(
            origin=origin,
            size=parse_decimal(size),
            root=decode_base64(root),
            extensions=tuple(extensions),
        )


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer, *others: Signer) -> str:
    """Return the checkpoint as a note signed by the log's keys.

    The caller has made sure that it extends every checkpoint the log signed before.

    Raises:
        SignatureError: a key's name is not the checkpoint's origin.
        MalformedError: the origin holds a control character.
    """
    for key in (signer, *others):
        _require_origin(checkpoint, key.name)
    return sign_note(checkpoint.body(), signer, *others)


def open_checkpoint(note: str, log_key: Verifier, *others: Verifier) -> Checkpoint:
    """Check the log's signature and return the checkpoint.

    ``others`` are further known keys: they need not have signed, but not falsely either.

    Raises:
        MalformedError: this is not a signed checkpoint.
        SignatureError: the log's key did not sign it, or its origin is another log.
    """
    opened = open_note(note, [log_key, *others])
    signers = {(line.name, line.key_id) for line in opened.signatures}
    if (log_key.name, log_key.key_id) not in signers:
        raise SignatureError(f"the key of {log_key.name} did not sign the checkpoint")
    checkpoint = Checkpoint.parse(opened.text)
    _require_origin(checkpoint, log_key.name)
    return checkpoint


def _require_origin(checkpoint: Checkpoint, name: str) -> None:
    if checkpoint.origin != name:
        raise SignatureError(f"{name} signs for itself, not for {checkpoint.origin}")

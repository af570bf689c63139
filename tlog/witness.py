"""C2SP tlog-witness, both sides, without the network.

The witness: `Witness.add_checkpoint` decides on a request and says exactly what to answer. The
client: `AddCheckpoint.format` is the request, `read_answer` what the answer means.

Where the specification leaves a choice, or we are stricter:
- The optional ``sign-subtree`` is not answered.
- A log is known by its origin; several keys of one origin are trusted alike (rotation, or an
  ML-DSA-44 key beside an Ed25519 one).
- An unknown origin is answered 404 before its signatures are looked at, as litewitness does.
- A witness with an ML-DSA-44 key answers 400 to a checkpoint with extension lines, or with an
  origin of more than 255 bytes: no ML-DSA-44 cosignature covers them.
- What is stored and shown to monitors has one line of each log key, so that a request full of
  copies cannot grow it beyond what readers accept.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, Self

from tlog.checkpoint import Checkpoint
from tlog.cosignature import signature_timestamp
from tlog.encoding import MalformedError, decode_base64, encode_base64, parse_decimal
from tlog.errors import TlogError
from tlog.keys import LogKey, WitnessKey, WitnessSigner
from tlog.merkle import EMPTY_ROOT, HASH_BYTES, ProofError, verify_consistency
from tlog.note import SignatureError, open_note, sign_note, split_note

OLD_PREFIX = "old "
MAX_PROOF_LINES = 63
MAX_MESSAGE = 200
TEXT_TYPE = "text/plain; charset=utf-8"
SIZE_TYPE = "text/x.tlog.size"

OK = 200
BAD_REQUEST = 400
FORBIDDEN = 403
NOT_FOUND = 404
CONFLICT = 409
UNPROCESSABLE = 422


class WitnessRefusedError(TlogError):
    """A witness did not cosign.

    Attributes:
        status: the HTTP status of its answer.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"the witness answers {status}: {message}")
        self.status = status


class WitnessConflictError(WitnessRefusedError):
    """A witness has cosigned a tree of another size than the request named.

    Attributes:
        size: how many leaves that tree has.
    """

    def __init__(self, size: int) -> None:
        super().__init__(CONFLICT, f"it has cosigned the tree of {size}")
        self.size = size


class StateDamagedError(TlogError):
    """What a witness kept is not what it cosigned; it cosigns nothing more of that log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCheckpoint:
    """The body of an ``add-checkpoint`` request.

    Attributes:
        old_size: the size of the last tree that the witness has cosigned, 0 for none.
        proof: the consistency proof from that tree to the checkpoint's; empty from size 0.
        checkpoint: the signed checkpoint, verbatim.
    """

    old_size: int
    proof: tuple[bytes, ...]
    checkpoint: str

    def format(self) -> bytes:
        """Return the body."""
        proof = [encode_base64(hash_) for hash_ in self.proof]
        return "\n".join([f"{OLD_PREFIX}{self.old_size}", *proof, "", self.checkpoint]).encode()

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Parse what `format` wrote.

        Raises:
            MalformedError: anything else. The checkpoint is parsed when it is verified.
        """
        try:
            head, separator, checkpoint = body.decode().partition("\n\n")
        except UnicodeDecodeError as error:
            raise MalformedError("the request is not UTF-8") from error
        old, *lines = head.split("\n")
        if not old.startswith(OLD_PREFIX) or not separator or len(lines) > MAX_PROOF_LINES:
            raise MalformedError(
                f"a request is an old size, up to {MAX_PROOF_LINES} hashes, and a checkpoint"
            )
        proof = tuple(decode_base64(line) for line in lines)
        if any(len(hash_) != HASH_BYTES for hash_ in proof):
            raise MalformedError(f"a hash of the proof is not {HASH_BYTES} bytes")
        old_size = parse_decimal(old.removeprefix(OLD_PREFIX))
        return cls(old_size=old_size, proof=proof, checkpoint=checkpoint)


class Answer(NamedTuple):
    """What a witness answers over HTTP."""

    status: int
    body: str
    content_type: str = TEXT_TYPE


class WitnessStore(Protocol):
    """Where a witness keeps, for each origin, the latest checkpoint that it cosigned, as a note."""

    def latest(self, origin: str) -> str | None:
        """Return the note that was stored last."""
        ...

    def swap(self, origin: str, *, old: str | None, new: str) -> bool:
        """Store ``new`` durably if ``old`` is still the latest; say whether it was.

        Nothing may come between the comparison and the storing, in any thread or process.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A witness of some logs.

    Attributes:
        cosigners: the keys that cosign, each adds a line.
        logs: by origin, the keys that are trusted to sign the log's checkpoints.
        store: what it has cosigned.
    """

    cosigners: Sequence[WitnessSigner]
    logs: Mapping[str, Sequence[LogKey]]
    store: WitnessStore

    def add_checkpoint(self, body: bytes, *, timestamp: int) -> Answer:
        """Answer a request; a cosignature is stored before it is answered.

        ``timestamp`` is the time of the cosignature in seconds since 1970, never 0.

        Raises:
            StateDamagedError: what was kept of the log is not what this witness cosigned.
        """
        try:
            request = AddCheckpoint.parse(body)
            signed = self._open(request)
            origin = signed.checkpoint.origin
            while True:
                known = self.store.latest(origin)
                _require_extension(request, signed.checkpoint, self._read(origin, known))
                lines, note = self._cosign(signed, timestamp)
                # If another request was faster, this one is judged again by what that one stored.
                if self.store.swap(origin, old=known, new=note):
                    return Answer(OK, lines)
        except _RefusalError as refusal:
            return refusal.answer
        except SignatureError as error:
            return Answer(FORBIDDEN, f"invalid signature: {error}\n")
        except MalformedError as error:
            return Answer(BAD_REQUEST, f"invalid input: {error}\n")
        except ProofError as error:
            return Answer(UNPROCESSABLE, f"bad consistency proof: {error}\n")

    def latest_checkpoint(self, origin_hash: str) -> Answer:
        """Answer a monitor with the latest checkpoint of the log that `hash_origin` calls so."""
        for origin in self.logs:
            if hash_origin(origin) == origin_hash and (note := self.store.latest(origin)):
                return Answer(OK, note)
        return Answer(NOT_FOUND, "no checkpoint of such a log was cosigned here\n")

    def last_cosigned(self, origin: str) -> Checkpoint | None:
        """Return the latest checkpoint of a log that this witness cosigned.

        Raises:
            StateDamagedError: what was kept of the log is not what this witness cosigned.
        """
        return self._read(origin, self.store.latest(origin))

    def _read(self, origin: str, note: str | None) -> Checkpoint | None:
        if note is None:
            return None
        try:
            opened = open_note(note, [cosigner.verifier_key for cosigner in self.cosigners])
            checkpoint = Checkpoint.parse(opened.text)
        except TlogError as error:
            raise StateDamagedError(f"the checkpoint kept of {origin}: {error}") from error
        if checkpoint.origin != origin:
            raise StateDamagedError(f"the checkpoint kept of {origin} is of {checkpoint.origin}")
        return checkpoint

    def _open(self, request: AddCheckpoint) -> "_Signed":
        origin = request.checkpoint.partition("\n")[0]
        if origin not in self.logs:
            raise _RefusalError(Answer(NOT_FOUND, "unknown log\n"))
        opened = open_note(request.checkpoint, self.logs[origin])
        lines = {(line.name, line.key_id): str(line) for line in opened.signatures}
        return _Signed(opened.text, Checkpoint.parse(opened.text), "".join(lines.values()))

    def _cosign(self, signed: "_Signed", timestamp: int) -> tuple[str, str]:
        """Return the lines that cosign a checkpoint, and the note to store."""
        first, *others = (key.at(timestamp) for key in self.cosigners)
        lines = split_note(sign_note(signed.text, first, *others))[1]
        return lines, f"{signed.text}\n{signed.lines}{lines}"


@dataclass(frozen=True, slots=True)
class Cosignature:
    """One verified signature line of a witness.

    Attributes:
        name: the witness key's name.
        key_id: its 4 bytes.
        line: the signature line with its newline, to put below the checkpoint.
        timestamp: when it cosigned, in seconds since 1970.
    """

    name: str
    key_id: bytes
    line: str
    timestamp: int


def read_answer(
    *, status: int, content_type: str, body: bytes, checkpoint: str, keys: Iterable[WitnessKey]
) -> tuple[Cosignature, ...]:
    """Return the cosignatures that a witness with these keys answered to a signed checkpoint.

    Lines of unknown keys are left out.

    Raises:
        WitnessConflictError: the witness has cosigned a tree of another size.
        WitnessRefusedError: the witness did not cosign.
        MalformedError: the answer is not what a witness answers.
        SignatureError: no key signed the checkpoint, or one falsely, or without saying when.
    """
    lines = body.decode(errors="replace")
    if status == CONFLICT and content_type.partition(";")[0].strip() == SIZE_TYPE:
        raise WitnessConflictError(parse_decimal(lines.removesuffix("\n")))
    if status != OK:
        raise WitnessRefusedError(status, ascii(lines[:MAX_MESSAGE]))
    text = split_note(checkpoint)[0]
    # Lines that make another text of this one are false: what follows a checkpoint's empty line
    # is no checkpoint, and witness keys sign nothing else.
    found = [
        Cosignature(line.name, line.key_id, str(line), signature_timestamp(line.signature))
        for line in open_note(f"{text}\n{lines}", keys).signatures
    ]
    if not all(each.timestamp for each in found):
        raise SignatureError("the witness does not say when it cosigned")
    return tuple(found)


def hash_origin(origin: str) -> str:
    """Return the name of a log in the paths for monitors: 64 hexadecimal characters."""
    return hashlib.sha256(origin.encode()).hexdigest()


class _Signed(NamedTuple):
    """A checkpoint, and the signature lines of its log that were found true."""

    text: str
    checkpoint: Checkpoint
    lines: str


class _RefusalError(TlogError):
    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.body)
        self.answer = answer


def _require_extension(request: AddCheckpoint, new: Checkpoint, known: Checkpoint | None) -> None:
    if request.old_size > new.size:
        raise MalformedError(f"the old size {request.old_size} exceeds the size {new.size}")
    size, root = (known.size, known.root) if known else (0, EMPTY_ROOT)
    if request.old_size != size:
        raise _RefusalError(Answer(CONFLICT, f"{size}\n", SIZE_TYPE))
    verify_consistency(
        old_size=size, old_root=root, new_size=new.size, new_root=new.root, proof=request.proof
    )

"""C2SP tlog-cosignature: a cosigner states when it saw that a checkpoint extends all before it.

Here live the Ed25519 cosignatures (type 0x04) and what they share with the ML-DSA-44 ones of
`tlog.mldsa` (type 0x06). A cosigner signs for an instant: ``sign_note(body, key.at(instant))``.
Instants are whole seconds since 1970, as in the signature; 0 states no time.

Stricter than the specification, for one reason each:
- A timestamp that an Ed25519 cosignature gives as 0 is read as no time, as ML-DSA-44 has it: it
  says nothing about how fresh the checkpoint is.
- ML-DSA-44 cosignatures of checkpoints with extension lines are neither made nor accepted, as in
  torchwood: they do not cover those lines.
"""

from abc import abstractmethod
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tlog.checkpoint import Checkpoint
from tlog.encoding import MAX_NUMBER, MalformedError
from tlog.named_key import PrivateNoteKey, PublicNoteKey
from tlog.note import ED25519_KEY_BYTES, Signer, is_ed25519_signature

TIMESTAMP_BYTES = 8


def signature_timestamp(signature: bytes) -> int:
    """Return the seconds since 1970 in a cosignature, 0 if it states no time.

    Raises:
        MalformedError: the signature is shorter than a timestamp, or the number exceeds 2**63 - 1.
    """
    timestamp = int.from_bytes(signature[:TIMESTAMP_BYTES], "big")
    if len(signature) < TIMESTAMP_BYTES or timestamp > MAX_NUMBER:
        raise MalformedError("a cosignature begins with a timestamp of 8 bytes")
    return timestamp


@dataclass(frozen=True, slots=True)
class CosignerKey(PublicNoteKey):
    """A public key that verifies timestamped signatures of checkpoints."""

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Say whether this key made the timestamped signature over a checkpoint's text."""
        try:
            message = self.message(text, signature_timestamp(signature))
        except MalformedError:
            return False
        return self._verify_raw(message, signature[TIMESTAMP_BYTES:])

    @abstractmethod
    def message(self, text: bytes, timestamp: int) -> bytes:
        """Return the bytes that are signed for a checkpoint's text.

        Raises:
            MalformedError: the text is not a checkpoint that such a key signs.
        """

    @abstractmethod
    def _verify_raw(self, message: bytes, signature: bytes) -> bool: ...


@dataclass(frozen=True, slots=True)
class Cosigner(PrivateNoteKey):
    """A private key that makes timestamped signatures of checkpoints."""

    @property
    @abstractmethod
    def verifier_key(self) -> CosignerKey:
        """The public half, to hand out."""

    def at(self, timestamp: int) -> Signer:
        """Return the signer of notes that states this instant, in seconds since 1970.

        Raises:
            MalformedError: the instant is negative or exceeds 2**63 - 1.
        """
        return _TimedSigner(self, timestamp)


@dataclass(frozen=True, slots=True)
class _TimedSigner:
    cosigner: Cosigner
    timestamp: int

    def __post_init__(self) -> None:
        if not 0 <= self.timestamp <= MAX_NUMBER:
            raise MalformedError(f"{self.timestamp} is not a time of a cosignature")

    @property
    def name(self) -> str:
        return self.cosigner.name

    @property
    def key_id(self) -> bytes:
        return self.cosigner.key_id

    def sign(self, text: bytes) -> bytes:
        message = self.cosigner.verifier_key.message(text, self.timestamp)
        stamp = self.timestamp.to_bytes(TIMESTAMP_BYTES, "big")
        return stamp + self.cosigner.private_key.sign(message)


@dataclass(frozen=True, slots=True)
class CosignatureKey(CosignerKey):
    """An Ed25519 public key that verifies cosignatures (signature type 0x04)."""

    signature_type = 0x04
    key_bytes = ED25519_KEY_BYTES

    def message(self, text: bytes, timestamp: int) -> bytes:
        """Return the ``cosignature/v1`` message; it does not name the cosigner.

        Raises:
            MalformedError: the text is not a checkpoint.
        """
        Checkpoint.parse(decode_text(text))
        return f"cosignature/v1\ntime {timestamp}\n".encode() + text

    def _verify_raw(self, message: bytes, signature: bytes) -> bool:
        return is_ed25519_signature(self.public_key, signature, message)


@dataclass(frozen=True, slots=True)
class CosignatureSigner(Cosigner):
    """An Ed25519 private key that cosigns checkpoints; no other cosigner may have it."""

    public_type = CosignatureKey
    generate_raw = staticmethod(Ed25519PrivateKey.generate)
    from_seed = staticmethod(Ed25519PrivateKey.from_private_bytes)

    @property
    def verifier_key(self) -> CosignatureKey:
        """The public half, to hand out."""
        return CosignatureKey(self.name, self._public_bytes())


def decode_text(text: bytes) -> str:
    """Return the text of a note.

    Raises:
        MalformedError: the bytes are not UTF-8.
    """
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise MalformedError("the text of a note is UTF-8") from error

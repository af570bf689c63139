"""C2SP signed notes: text that ends in a newline, an empty line, then signature lines.

The plain Ed25519 keys (signature type 0x01) live here; `tlog.cosignature` and `tlog.mldsa` have the
others. `Signer` and `Verifier` are what `sign_note` and `open_note` need of any key.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tlog.encoding import MalformedError, decode_loose_base64, encode_base64
from tlog.errors import TlogError
from tlog.named_key import KEY_ID_BYTES, NAME_FORM, PrivateNoteKey, PublicNoteKey

ED25519_KEY_BYTES = 32
# The specification demands 16 at least; Go's note package stops at 100.
MAX_SIGNATURES = 100

TEXT_FORM = re.compile(r"[^\x00-\x09\x0b-\x1f\ud800-\udfff]*\n")
SIGNATURE_LINE_FORM = re.compile(rf"— (?P<name>{NAME_FORM.pattern}) (?P<blob>\S+)")


class SignatureError(TlogError):
    """A note bears a false signature of a known key, or none of any known key."""


class Signer(Protocol):
    """A key that signs notes."""

    @property
    def name(self) -> str:
        """The key's name: no spaces, no plus sign."""
        ...

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that tell keys of one name apart."""
        ...

    def sign(self, text: bytes) -> bytes:
        """Return the signature over a note's text, without the key id."""
        ...


class Verifier(Protocol):
    """A key that is trusted to have signed notes."""

    @property
    def name(self) -> str:
        """The key's name: no spaces, no plus sign."""
        ...

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that tell keys of one name apart."""
        ...

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Say whether this key made the signature over a note's text."""
        ...


@dataclass(frozen=True, slots=True)
class VerifierKey(PublicNoteKey):
    """An Ed25519 public key that verifies notes (signature type 0x01)."""

    signature_type = 0x01
    key_bytes = ED25519_KEY_BYTES

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Say whether this key made the signature over a note's text."""
        return is_ed25519_signature(self.public_key, signature, text)


@dataclass(frozen=True, slots=True)
class NoteSigner(PrivateNoteKey):
    """An Ed25519 private key that signs notes."""

    public_type = VerifierKey
    generate_raw = staticmethod(Ed25519PrivateKey.generate)
    from_seed = staticmethod(Ed25519PrivateKey.from_private_bytes)

    @property
    def verifier_key(self) -> VerifierKey:
        """The public half, to hand out."""
        return VerifierKey(self.name, self._public_bytes())

    def sign(self, text: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature over a note's text."""
        return self.private_key.sign(text)


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: whose it is, and the signature without the key id."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"— {self.name} {encode_base64(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A note's text, with its final newline, and the signatures that were found true."""

    text: str
    signatures: tuple[NoteSignature, ...]


def sign_note(text: str, signer: Signer, *others: Signer) -> str:
    """Return ``text`` as a note that bears one signature of each signer, in their order.

    Raises:
        MalformedError: the text does not end in a newline or holds a control character.
    """
    if not TEXT_FORM.fullmatch(text):
        raise MalformedError("a note's text ends in a newline and has no control characters")
    lines = [
        str(NoteSignature(key.name, key.key_id, key.sign(text.encode())))
        for key in (signer, *others)
    ]
    return "".join([text, "\n", *lines])


def open_note(note: str, verifiers: Iterable[Verifier]) -> Note:
    """Check every signature of a known key and return the text they sign.

    Signatures of unknown keys are ignored, as the specification demands: keys rotate and witnesses
    add lines of their own.

    Raises:
        MalformedError: this is not a note.
        SignatureError: a known key's signature is false, or no known key signed.
    """
    text, lines = _parse_note(note)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    verified = []
    for line in lines:
        verifier = known.get((line.name, line.key_id))
        if verifier is None:
            continue
        if not verifier.verify(text.encode(), line.signature):
            raise SignatureError(f"the signature of {line.name} is false")
        verified.append(line)
    if not verified:
        raise SignatureError("no known key signed the note")
    return Note(text, tuple(verified))


def split_note(note: str) -> tuple[str, str]:
    """Return a note's text and its signature lines, as they stand and unverified.

    Raises:
        MalformedError: the note has no empty line, or ends otherwise than in a newline, or holds a
            control character.
    """
    text, separator, signatures = note.rpartition("\n\n")
    if not separator or not TEXT_FORM.fullmatch(note):
        raise MalformedError("a note is a text, an empty line and signature lines")
    return f"{text}\n", signatures


def _parse_note(note: str) -> tuple[str, list[NoteSignature]]:
    text, signatures = split_note(note)
    lines = signatures.removesuffix("\n").split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise MalformedError(f"a note has up to {MAX_SIGNATURES} signature lines")
    return text, [_parse_signature(line) for line in lines]


def _parse_signature(line: str) -> NoteSignature:
    match = SIGNATURE_LINE_FORM.fullmatch(line)
    if not match:
        raise MalformedError(f"{line!r} is not a signature line")
    blob = decode_loose_base64(match["blob"])
    if len(blob) <= KEY_ID_BYTES:
        raise MalformedError(f"{line!r} holds no signature")
    return NoteSignature(match["name"], blob[:KEY_ID_BYTES], blob[KEY_ID_BYTES:])


def is_ed25519_signature(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Say whether the key with these 32 bytes signed the message (RFC 8032)."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except InvalidSignature:
        return False
    return True

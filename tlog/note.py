"""C2SP signed notes: text that ends in a newline, an empty line, then signature lines.

Only Ed25519 keys (signature type 0x01) live here. `Signer` and `Verifier` are what `sign_note` and
`open_note` need of any key, so that cosignatures and other signature types can stand beside them.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tlog.encoding import MalformedError, decode_loose_base64, encode_base64
from tlog.errors import TlogError

ED25519_TYPE = b"\x01"
ED25519_KEY_BYTES = 32
KEY_ID_BYTES = 4
# The specification demands 16 at least; Go's note package stops at 100.
MAX_SIGNATURES = 100

NAME_FORM = re.compile(r"[^\s+\x00-\x1f\ud800-\udfff]+")
TEXT_FORM = re.compile(r"[^\x00-\x09\x0b-\x1f\ud800-\udfff]*\n")
SIGNATURE_LINE_FORM = re.compile(rf"— (?P<name>{NAME_FORM.pattern}) (?P<blob>\S+)")
# 33 bytes, the type and the key, are 44 characters without padding or unused bits.
KEY_FORM = re.compile(
    rf"(?P<name>{NAME_FORM.pattern})\+(?P<id>[0-9a-f]{{8}})\+(?P<key>[A-Za-z0-9+/]{{44}})"
)
PRIVATE_KEY_PREFIX = "PRIVATE+KEY+"


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
class VerifierKey:
    """An Ed25519 public key with its name; as text ``<name>+<key id>+<base64>``, a "vkey"."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        if not NAME_FORM.fullmatch(self.name):
            raise MalformedError(f"{self.name!r} is not the name of a key")
        if len(self.public_key) != ED25519_KEY_BYTES:
            raise MalformedError(f"an Ed25519 key of {len(self.public_key)} bytes")

    def __str__(self) -> str:
        encoded = encode_base64(ED25519_TYPE + self.public_key)
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a verifier key.

        Raises:
            MalformedError: the text is not an Ed25519 verifier key, or its key id is another key's.
        """
        name, key_id, public_key = _parse_key(text)
        key = cls(name, public_key)
        if key.key_id != key_id:
            raise MalformedError(f"the key id of {text!r} is not that of its key")
        return key

    @property
    def key_id(self) -> bytes:
        """The first 4 bytes of SHA-256(name, newline, signature type, public key)."""
        content = self.name.encode() + b"\n" + ED25519_TYPE + self.public_key
        return hashlib.sha256(content).digest()[:KEY_ID_BYTES]

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Say whether this key made the signature over a note's text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class NoteSigner:
    """An Ed25519 private key with its name; it shows its secret only in `private_text`."""

    name: str
    private_key: Ed25519PrivateKey = field(repr=False)

    def __post_init__(self) -> None:
        if not NAME_FORM.fullmatch(self.name):
            raise MalformedError(f"{self.name!r} is not the name of a key")

    @classmethod
    def generate(cls, name: str) -> Self:
        """Return a fresh key.

        Raises:
            MalformedError: the name is empty or holds a space or a plus sign.
        """
        return cls(name, Ed25519PrivateKey.generate())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse what `private_text` wrote.

        Raises:
            MalformedError: anything else; the message does not repeat the text.
        """
        if not text.startswith(PRIVATE_KEY_PREFIX):
            raise MalformedError("the text is not a private note key")
        name, key_id, seed = _parse_key(text.removeprefix(PRIVATE_KEY_PREFIX))
        signer = cls(name, Ed25519PrivateKey.from_private_bytes(seed))
        if signer.key_id != key_id:
            raise MalformedError("the key id of the private note key is not that of its key")
        return signer

    def private_text(self) -> str:
        """Return the secret as ``PRIVATE+KEY+<name>+<key id>+<base64>``, as Go's note package."""
        encoded = encode_base64(ED25519_TYPE + self.private_key.private_bytes_raw())
        return f"{PRIVATE_KEY_PREFIX}{self.name}+{self.key_id.hex()}+{encoded}"

    @property
    def verifier_key(self) -> VerifierKey:
        """The public half, to hand out."""
        return VerifierKey(self.name, self.private_key.public_key().public_bytes_raw())

    @property
    def key_id(self) -> bytes:
        """The key id of the public half."""
        return self.verifier_key.key_id

    def sign(self, text: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature over a note's text."""
        return self.private_key.sign(text)


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: whose it is, and the signature without the key id."""

    name: str
    key_id: bytes
    signature: bytes


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
        f"— {key.name} {encode_base64(key.key_id + key.sign(text.encode()))}\n"
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


def _parse_note(note: str) -> tuple[str, list[NoteSignature]]:
    if not TEXT_FORM.fullmatch(note):
        raise MalformedError("a note ends in a newline and has no control characters")
    text, separator, signatures = note.rpartition("\n\n")
    lines = signatures.removesuffix("\n").split("\n")
    if not separator or len(lines) > MAX_SIGNATURES:
        raise MalformedError("a note has an empty line and up to 100 signature lines")
    return f"{text}\n", [_parse_signature(line) for line in lines]


def _parse_signature(line: str) -> NoteSignature:
    match = SIGNATURE_LINE_FORM.fullmatch(line)
    if not match:
        raise MalformedError(f"{line!r} is not a signature line")
    blob = decode_loose_base64(match["blob"])
    if len(blob) <= KEY_ID_BYTES:
        raise MalformedError(f"{line!r} holds no signature")
    return NoteSignature(match["name"], blob[:KEY_ID_BYTES], blob[KEY_ID_BYTES:])


def _parse_key(text: str) -> tuple[str, bytes, bytes]:
    """Return the name, the key id and the 32 bytes of a key's text."""
    match = KEY_FORM.fullmatch(text)
    key = base64.b64decode(match["key"]) if match else b""
    if not match or not key.startswith(ED25519_TYPE):
        # The text may be a secret: the message does not repeat it.
        raise MalformedError("the text is not an Ed25519 note key")
    return match["name"], bytes.fromhex(match["id"]), key[1:]

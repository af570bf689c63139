"""Keys with a name, and their text forms (C2SP signed-note, "Verifier keys").

The kinds of key differ in their signature type and in what they sign; name, key id and text are
made here for all of them.
"""

import hashlib
import re
from dataclasses import dataclass, field
from typing import ClassVar, Protocol, Self

from tlog.encoding import MalformedError, decode_base64, encode_base64

KEY_ID_BYTES = 4
SEED_BYTES = 32
NAME_FORM = re.compile(r"[^\s+\x00-\x1f\ud800-\udfff]+")
KEY_FORM = re.compile(rf"(?P<name>{NAME_FORM.pattern})\+(?P<id>[0-9a-f]{{8}})\+(?P<key>\S+)")
PRIVATE_KEY_PREFIX = "PRIVATE+KEY+"


class RawPublicKey(Protocol):
    """A public key of the cryptography package."""

    def public_bytes_raw(self) -> bytes:
        """Return the key's bytes."""
        ...


class RawPrivateKey(Protocol):
    """A private key of the cryptography package."""

    def private_bytes_raw(self) -> bytes:
        """Return the key's 32-byte seed."""
        ...

    def public_key(self) -> RawPublicKey:
        """Return the public half."""
        ...

    def sign(self, data: bytes, /) -> bytes:
        """Return the signature over the bytes."""
        ...


@dataclass(frozen=True, slots=True)
class PublicNoteKey:
    """A public key with its name; as text ``<name>+<key id>+<base64>``, a "vkey".

    Attributes:
        name: no spaces, no plus sign.
        public_key: its bytes, as many as its kind has.
    """

    name: str
    public_key: bytes

    signature_type: ClassVar[int]
    key_bytes: ClassVar[int]

    def __post_init__(self) -> None:
        _require_name(self.name)
        if len(self.public_key) != self.key_bytes:
            raise MalformedError(
                f"a key of {len(self.public_key)} bytes where {self.key_bytes} belong"
            )

    def __str__(self) -> str:
        return _key_text(self.name, self.key_id, self.signature_type, self.public_key)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a verifier key of this kind.

        Raises:
            MalformedError: the text is not one, or its key id is another key's.
        """
        name, key_id, signature_type, public_key = parse_key_text(text)
        if signature_type != cls.signature_type:
            raise MalformedError(f"a key of type {signature_type}, not {cls.signature_type}")
        key = cls(name, public_key)
        if key.key_id != key_id:
            raise MalformedError(f"the key id of {text!r} is not that of its key")
        return key

    @property
    def key_id(self) -> bytes:
        """The first 4 bytes of SHA-256(name, newline, signature type, public key)."""
        content = self.name.encode() + b"\n" + bytes([self.signature_type]) + self.public_key
        return hashlib.sha256(content).digest()[:KEY_ID_BYTES]


@dataclass(frozen=True, slots=True)
class PrivateNoteKey:
    """A private key with its name; it shows its secret only in `private_text`."""

    name: str
    private_key: RawPrivateKey = field(repr=False)

    public_type: ClassVar[type[PublicNoteKey]]

    def __post_init__(self) -> None:
        _require_name(self.name)

    @classmethod
    def generate(cls, name: str) -> Self:
        """Return a fresh key.

        Raises:
            MalformedError: the name is empty or holds a space or a plus sign.
        """
        return cls(name, cls.generate_raw())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse what `private_text` wrote.

        Raises:
            MalformedError: anything else; the message does not repeat the text.
        """
        if not text.startswith(PRIVATE_KEY_PREFIX):
            raise MalformedError("the text is not a private note key")
        body = text.removeprefix(PRIVATE_KEY_PREFIX)
        name, key_id, signature_type, seed = parse_key_text(body)
        if signature_type != cls.public_type.signature_type or len(seed) != SEED_BYTES:
            raise MalformedError("the private note key is not of this kind")
        key = cls(name, cls.from_seed(seed))
        if key.key_id != key_id:
            raise MalformedError("the key id of the private note key is not that of its key")
        return key

    def private_text(self) -> str:
        """Return the secret as ``PRIVATE+KEY+<name>+<key id>+<base64>``, as Go's note package."""
        seed = self.private_key.private_bytes_raw()
        text = _key_text(self.name, self.key_id, self.public_type.signature_type, seed)
        return PRIVATE_KEY_PREFIX + text

    @property
    def key_id(self) -> bytes:
        """The key id of the public half."""
        return self.public_type(self.name, self._public_bytes()).key_id

    @staticmethod
    def generate_raw() -> RawPrivateKey:
        """Return a fresh private key of this kind."""
        raise NotImplementedError

    @staticmethod
    def from_seed(seed: bytes, /) -> RawPrivateKey:
        """Return the private key of this kind that the 32 bytes stand for."""
        raise NotImplementedError

    def _public_bytes(self) -> bytes:
        return self.private_key.public_key().public_bytes_raw()


def parse_key_text(text: str) -> tuple[str, bytes, int, bytes]:
    """Return the name, the key id, the signature type and the bytes of a key's text.

    Raises:
        MalformedError: this is no key's text. It may be a secret: the message does not repeat it.
    """
    match = KEY_FORM.fullmatch(text)
    if not match:
        raise MalformedError("the text is not a note key")
    try:
        key = decode_base64(match["key"])
    except MalformedError:
        raise MalformedError("the text is not a note key") from None
    return match["name"], bytes.fromhex(match["id"]), key[0], key[1:]


def _key_text(name: str, key_id: bytes, signature_type: int, key: bytes) -> str:
    return f"{name}+{key_id.hex()}+{encode_base64(bytes([signature_type]) + key)}"


def _require_name(name: str) -> None:
    if not NAME_FORM.fullmatch(name):
        raise MalformedError(f"{name!r} is not the name of a key")

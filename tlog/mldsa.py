"""Post-quantum signatures of checkpoints: ML-DSA-44 (FIPS 204) as C2SP tlog-cosignature has them.

A witness cosigns with such a key; a log signs its own checkpoints with one beside its Ed25519 key,
and then the cosigner's name is the log's origin. The signature covers both names, size and root.
"""

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from tlog.checkpoint import Checkpoint
from tlog.cosignature import Cosigner, CosignerKey, decode_text
from tlog.encoding import MalformedError
from tlog.merkle import EMPTY_ROOT

LABEL = b"subtree/v1\n\x00"
MAX_NAME_BYTES = 255
NUMBER_BYTES = 8


@dataclass(frozen=True, slots=True)
class MldsaKey(CosignerKey):
    """An ML-DSA-44 public key that verifies checkpoints (signature type 0x06)."""

    signature_type = 0x06
    key_bytes = 1312

    def message(self, text: bytes, timestamp: int) -> bytes:
        """Return the ``subtree/v1`` message over the whole tree of a checkpoint.

        Raises:
            MalformedError: the text is not a checkpoint, has extension lines, which would not be
                signed, or the root of an empty tree is not `EMPTY_ROOT`; or a name is too long.
        """
        checkpoint = Checkpoint.parse(decode_text(text))
        if checkpoint.extensions:
            raise MalformedError("ML-DSA-44 does not sign the extension lines of a checkpoint")
        if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
            raise MalformedError("the root of an empty tree is the hash of nothing")
        return b"".join(
            [
                LABEL,
                _opaque(self.name),
                _uint64(timestamp),
                _opaque(checkpoint.origin),
                _uint64(0),
                _uint64(checkpoint.size),
                checkpoint.root,
            ]
        )

    def _verify_raw(self, message: bytes, signature: bytes) -> bool:
        try:
            MLDSA44PublicKey.from_public_bytes(self.public_key).verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class MldsaSigner(Cosigner):
    """An ML-DSA-44 private key that signs checkpoints; as text it is its 32-byte seed."""

    public_type = MldsaKey
    generate_raw = staticmethod(MLDSA44PrivateKey.generate)
    from_seed = staticmethod(MLDSA44PrivateKey.from_seed_bytes)

    @property
    def verifier_key(self) -> MldsaKey:
        """The public half, to hand out."""
        return MldsaKey(self.name, self._public_bytes())


def _opaque(name: str) -> bytes:
    content = name.encode()
    if len(content) > MAX_NAME_BYTES:
        raise MalformedError(f"a name of {len(content)} bytes; {MAX_NAME_BYTES} at most")
    return len(content).to_bytes(1, "big") + content


def _uint64(number: int) -> bytes:
    return number.to_bytes(NUMBER_BYTES, "big")

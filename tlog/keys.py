"""Key texts of any kind: the signature type in the text says which."""

from functools import lru_cache
from typing import TypeAlias

from tlog.cosignature import CosignatureKey, CosignatureSigner, CosignerKey
from tlog.encoding import MalformedError
from tlog.mldsa import MldsaKey, MldsaSigner
from tlog.named_key import PRIVATE_KEY_PREFIX, parse_key_text
from tlog.note import VerifierKey

AnyVerifierKey: TypeAlias = VerifierKey | CosignatureKey | MldsaKey
LogKey: TypeAlias = VerifierKey | MldsaKey
WitnessKey: TypeAlias = CosignatureKey | MldsaKey
WitnessSigner: TypeAlias = CosignatureSigner | MldsaSigner


def parse_verifier_key(text: str) -> AnyVerifierKey:
    """Parse a verifier key: a log's Ed25519 (0x01), a witness's (0x04), or an ML-DSA-44 (0x06).

    Raises:
        MalformedError: the text is no verifier key of these kinds, or its key id is another key's.
    """
    signature_type = parse_key_text(text)[2]
    for kind in (VerifierKey, CosignatureKey, MldsaKey):
        if signature_type == kind.signature_type:
            return kind.parse(text)
    raise MalformedError(f"signature type {signature_type} is unknown")


# The trusted keys are the same for every note that is opened.
@lru_cache(maxsize=64)
def parse_log_key(text: str) -> LogKey:
    """Parse the verifier key of a log, whose name is the log's origin.

    Raises:
        MalformedError: the text is no verifier key, or an Ed25519 cosigner's.
    """
    key = parse_verifier_key(text)
    if isinstance(key, CosignatureKey):
        raise MalformedError("an Ed25519 cosigner's key is not a log's key")
    return key


def parse_witness_key(text: str) -> WitnessKey:
    """Parse the verifier key of a witness.

    Raises:
        MalformedError: the text is no verifier key, or a key without timestamps.
    """
    key = parse_verifier_key(text)
    if not isinstance(key, CosignerKey):
        raise MalformedError("a key that signs without a timestamp is not a witness's key")
    return key


def parse_witness_signer(text: str) -> WitnessSigner:
    """Parse the private text of a witness's key.

    Raises:
        MalformedError: the text is none; the message does not repeat it.
    """
    signature_type = parse_key_text(text.removeprefix(PRIVATE_KEY_PREFIX))[2]
    for kind in (CosignatureSigner, MldsaSigner):
        if signature_type == kind.public_type.signature_type:
            return kind.parse(text)
    raise MalformedError("the text is not the private key of a witness")

"""A signature suite whose key never leaves its token: PKCS#11, at the address of RFC 7512.

Pure. Entry point: `hardware_suite`. The session is opened when the first signature is asked for. A
token that goes away costs the signature that was asked for meanwhile; the next opens a new session,
so that a worker outlives the token's absence and return.
"""

import logging
import threading
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pkcs11
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from pkcs11.exceptions import PKCS11Error

from certificates.suites import (
    RSA_WITH_SHA256,
    SealingError,
    SignatureSuite,
    algorithm_of,
    read_chain,
)

SCHEME = "pkcs11:"
FILE = "file:"
PATH_ATTRIBUTES = {"token", "object", "id"}
QUERY_ATTRIBUTES = {"module-path", "pin-source"}

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TokenKey:
    """Where a key lies.

    Attributes:
        module: the PKCS#11 library of the device.
        token: the token's label.
        label: the key's.
        pin_file: the file that holds the PIN.
    """

    module: str
    token: str
    label: str
    pin_file: Path

    @classmethod
    def parse(cls, uri: str) -> "TokenKey":
        """Read ``pkcs11:token=...;object=...?module-path=...&pin-source=file:...`` (RFC 7512).

        Raises:
            SealingError: it is not of this form; the message says what is missing.
        """
        path, _, query = uri.removeprefix(SCHEME).partition("?")
        parts = {
            name: unquote(value)
            for name, _, value in (part.partition("=") for part in path.split(";"))
        }
        asked = {
            name: unquote(value)
            for name, _, value in (part.partition("=") for part in query.split("&"))
        }
        _require(uri.startswith(SCHEME), "it does not begin with pkcs11:")
        for name in ("token", "object"):
            _require(bool(parts.get(name)), f"it names no {name}")
        for name in ("module-path", "pin-source"):
            _require(bool(asked.get(name)), f"it names no {name}")
        unknown = (set(parts) - PATH_ATTRIBUTES) | (set(asked) - QUERY_ATTRIBUTES) - {""}
        _require(not unknown, f"it names {', '.join(sorted(unknown))}, which is not understood")
        pin_source = asked["pin-source"]
        _require(pin_source.startswith(FILE), "its pin-source is not file:PATH")
        pin_file = Path(pin_source.removeprefix(FILE))
        return cls(asked["module-path"], parts["token"], parts["object"], pin_file)


def hardware_suite(uri: str, chain_pem: bytes) -> SignatureSuite:
    """Return the suite of the key at ``uri``; the token itself is asked when it is to sign.

    Raises:
        SealingError: the address or the chain cannot be read.
    """
    chain = read_chain(chain_pem)
    algorithm = algorithm_of(chain[0])
    return SignatureSuite(chain, algorithm, _Signer(TokenKey.parse(uri), algorithm).sign)


class _Signer:
    """A session with a token, opened anew after a failure; one signature at a time."""

    def __init__(self, place: TokenKey, algorithm: str) -> None:
        self._place = place
        self._is_rsa = algorithm == RSA_WITH_SHA256
        self._key: Any = None  # what it can do depends on the key, which python-pkcs11 types as Key
        self._session: pkcs11.Session | None = None
        self._lock = threading.Lock()

    def sign(self, data: bytes) -> bytes:
        """Return the raw signature.

        Raises:
            SealingError: the token is away or refuses; the next call tries again.
        """
        with self._lock:
            if self._key is not None:
                try:
                    return self._signed(self._key, data)
                except PKCS11Error as error:
                    logger.warning("The token's session ended (%s)", type(error).__name__)
                    self._close()
            try:
                return self._signed(self._open(), data)
            except (PKCS11Error, OSError, RuntimeError) as error:
                self._close()
                raise SealingError(
                    f"the token {self._place.token} cannot sign: {type(error).__name__}"
                ) from error

    def _open(self) -> Any:  # noqa: ANN401 # as above
        library = pkcs11.lib(self._place.module)
        # A token that came back is seen by a library that was told to look again.
        library.reinitialize()
        token = library.get_token(token_label=self._place.token)
        pin = self._place.pin_file.read_text(encoding="utf-8").strip()
        self._session = token.open(user_pin=pin)
        self._key = self._session.get_key(
            object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=self._place.label
        )
        return self._key

    def _signed(self, key: Any, data: bytes) -> bytes:  # noqa: ANN401 # as above
        if self._is_rsa:
            return bytes(key.sign(data, mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS))
        # Digested here, because not every token knows ECDSA_SHA256.
        raw = bytes(key.sign(sha256(data).digest(), mechanism=pkcs11.Mechanism.ECDSA))
        half = len(raw) // 2
        return encode_dss_signature(
            int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big")
        )

    def _close(self) -> None:
        session, self._session, self._key = self._session, None, None
        if session is not None:
            try:
                session.close()
            except PKCS11Error:
                logger.info("The lost session could not be closed")


def _require(holds: bool, why: str) -> None:  # noqa: FBT001 # reads as an assertion
    if not holds:
        raise SealingError(f"the address of the seal's key is no PKCS#11 URI of use: {why}")

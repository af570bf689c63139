"""The registrar's seal: a PAdES B-B certification signature in the first revision of the file.

Pure: pyHanko and keys, no Django. Entry point: `PadesSealer.seal`. The file is drawn with the
seal's place in it (`drawing.canvas`) and written once, so that one revision and one ByteRange cover
every byte of it and "nothing was added" is a rule that any tool can check. Production gives
`PadesSealer` a pyHanko `Signer` over a hardware key; `DevelopmentSealer` keeps its key in memory
and says so.
"""

import asyncio
import hashlib
import re
import warnings
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko_certvalidator.registry import SimpleCertificateStore

from drawing.canvas import BYTE_RANGE_PLACEHOLDER

DIGEST = "sha256"
PLACE = re.compile(re.escape(BYTE_RANGE_PLACEHOLDER) + rb"\s+/Contents (?P<contents><0+>)")


class SealingError(Exception):
    """The file could not be sealed; nothing was issued."""


class UnprotectedKeyWarning(UserWarning):
    """A seal is made with a key that no hardware protects."""


class Sealer(Protocol):
    """Whoever can put the registrar's seal on a file."""

    def seal(self, prepared_pdf: bytes) -> bytes:
        """Return the file under the registrar's seal, in the place prepared for it."""
        ...


class PadesSealer:
    """Seals with any pyHanko signer, e.g. `pyhanko.sign.pkcs11.PKCS11Signer`."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def seal(self, prepared_pdf: bytes) -> bytes:
        """Return the file with its signature, over every byte of it but the signature itself.

        Args:
            prepared_pdf: a file with the place for one (`drawing.canvas.PageCanvas.add_signature`).

        Raises:
            SealingError: there is no such place, or more than one; the key cannot sign; or the
                signature needs more room.
        """
        place = _place_in(prepared_pdf)
        ranged = _with_byte_range(prepared_pdf, place)
        before, after = ranged[: place.start], ranged[place.stop :]
        digest = hashlib.new(DIGEST, before + after).digest()
        try:
            signature = asyncio.run(self._signer.async_sign(digest, DIGEST, use_pades=True))
        except (PdfError, SigningError) as error:
            raise SealingError(str(error)) from error
        digits = signature.dump().hex().encode()
        room = place.stop - place.start - len(b"<>")
        if len(digits) > room:
            raise SealingError(f"the signature needs {len(digits)} digits and has room for {room}")
        return b"%b<%b>%b" % (before, digits.ljust(room, b"0"), after)


class DevelopmentSealer(PadesSealer):
    """Seals with an unprotected RSA key under an example CA. Never for production."""

    def __init__(self, key_pem: bytes, chain_pem: bytes) -> None:
        """Load the RSA key, and its certificate followed by those between it and the CA.

        Raises:
            SealingError: the key or a certificate cannot be read.
        """
        warnings.warn(
            "sealing with an unprotected key under an example CA: no legal effect",
            UnprotectedKeyWarning,
            stacklevel=2,
        )
        super().__init__(_KeptKeySigner(_load_key(key_pem), chain_pem))


class _KeptKeySigner(Signer):
    """pyHanko's own SimpleSigner parses its RSA key again for each signature (40-120 ms)."""

    def __init__(self, key: RSAPrivateKey, chain_pem: bytes) -> None:
        try:
            chain = list(load_certs_from_pemder_data(chain_pem))
        except ValueError as error:
            raise SealingError("the certificate chain is not PEM") from error
        if not chain:
            raise SealingError("the certificate chain is empty")
        registry = SimpleCertificateStore()  # type: ignore[no-untyped-call] # pyHanko's
        registry.register_multiple(chain)
        super().__init__(signing_cert=chain[0], cert_registry=registry, embed_roots=False)
        self._key = key

    async def async_sign_raw(
        self,
        data: bytes,
        digest_algorithm: str,
        dry_run: bool = False,  # noqa: ARG002, FBT001, FBT002 # pyHanko's signature
    ) -> bytes:
        if digest_algorithm != DIGEST:
            raise SealingError(f"the seal is made over SHA-256, not {digest_algorithm}")
        return self._key.sign(data, PKCS1v15(), SHA256())


def _place_in(prepared_pdf: bytes) -> slice:
    """Return where the signature goes, with its angle brackets."""
    places = list(PLACE.finditer(prepared_pdf))
    if len(places) != 1:
        raise SealingError(f"the file has {len(places)} places for a signature, not one")
    return slice(*places[0].span("contents"))


def _with_byte_range(prepared_pdf: bytes, place: slice) -> bytes:
    """Return the file with what is signed written into it, which takes no other room."""
    rest = len(prepared_pdf) - place.stop
    signed = b"/ByteRange [0 %d %d %d]" % (place.start, place.stop, rest)
    padded = signed.ljust(len(BYTE_RANGE_PLACEHOLDER))
    return prepared_pdf.replace(BYTE_RANGE_PLACEHOLDER, padded, 1)


def _load_key(key_pem: bytes) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(key_pem, password=None)
    except (ValueError, TypeError) as error:
        raise SealingError("the seal key is not an unencrypted PEM key") from error
    if not isinstance(key, RSAPrivateKey):
        raise SealingError("the seal key is not an RSA key")
    return key

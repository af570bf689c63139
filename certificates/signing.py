"""The registrar's seal: a PAdES B-B certification signature in the first revision of the file.

Pure: pyHanko and keys, no Django. Entry point: `PadesSealer.seal`. The file is written once, with
its attachments and its seal, so that one revision and one ByteRange cover every byte of it and
"nothing was added" is a rule that any tool can check. Production gives `PadesSealer` a pyHanko
`Signer` over a hardware key; `DevelopmentSealer` keeps its key in memory and says so.
"""

import asyncio
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from operator import attrgetter
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.embed import EmbeddedFileObject, EmbeddedFileParams, FileSpec, embed_file
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PdfFileWriter, copy_into_new_writer
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.cms_embedder import (
    PdfCMSEmbedder,
    SigIOSetup,
    SigMDPSetup,
    SigObjSetup,
)
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_byterange import SignatureObject
from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko_certvalidator.registry import SimpleCertificateStore

FIELD_NAME = "RegistrarSeal"
DIGEST = "sha256"
# The CMS object of an RSA-3072 key with a chain of two stands in hexadecimal: about 7,400 digits.
RESERVED_HEX_DIGITS = 12 * 1024


class SealingError(Exception):
    """The file could not be sealed; nothing was issued."""


class UnprotectedKeyWarning(UserWarning):
    """A seal is made with a key that no hardware protects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file carried inside the sealed one, as an associated file (ISO 32000-2, 14.13)."""

    name: str
    media_type: str
    content: bytes
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SealWords:
    """What PDF readers show beside the seal: who, why, where."""

    name: str
    reason: str
    location: str


class Sealer(Protocol):
    """Whoever can put the registrar's seal on a file."""

    def seal(
        self, unsigned_pdf: bytes, *, attachments: Sequence[Attachment], signed_at: datetime
    ) -> bytes:
        """Return the file with its attachments under the registrar's seal."""
        ...


class PadesSealer:
    """Seals with any pyHanko signer, e.g. `pyhanko.sign.pkcs11.PKCS11Signer`."""

    def __init__(self, signer: Signer, *, words: SealWords) -> None:
        self._signer = signer
        self._words = words

    def seal(
        self, unsigned_pdf: bytes, *, attachments: Sequence[Attachment], signed_at: datetime
    ) -> bytes:
        """Return the file, rewritten as one revision, certified against any change (DocMDP P=1).

        Args:
            unsigned_pdf: a whole PDF without signatures.
            attachments: the files to carry, each name once.
            signed_at: the time that the seal claims, aware UTC.

        Raises:
            SealingError: the PDF cannot be read or the key cannot sign.
        """
        try:
            writer = copy_into_new_writer(PdfFileReader(BytesIO(unsigned_pdf)))
            # ISO 32000-2, 7.9.6: the names in a name tree stand in order.
            for attachment in sorted(attachments, key=attrgetter("name")):
                _attach(writer, attachment)
            return self._sign(writer, signed_at)
        except (PdfError, SigningError) as error:
            raise SealingError(str(error)) from error

    def _sign(self, writer: PdfFileWriter, signed_at: datetime) -> bytes:
        writer.register_extension(ESIC_EXTENSION_1)
        # pyHanko's protocol: it asks for the field, the dictionary, the output, then the CMS.
        embedding = PdfCMSEmbedder(SigFieldSpec(FIELD_NAME)).write_cms(FIELD_NAME, writer)
        next(embedding)
        embedding.send(
            SigObjSetup(
                sig_placeholder=SignatureObject(
                    timestamp=signed_at,
                    subfilter=SigSeedSubFilter.PADES,
                    name=self._words.name,
                    reason=self._words.reason,
                    location=self._words.location,
                    bytes_reserved=RESERVED_HEX_DIGITS,
                ),
                mdp_setup=SigMDPSetup(
                    md_algorithm=DIGEST, certify=True, docmdp_perms=MDPPerm.NO_CHANGES
                ),
            )
        )
        prepared, output = embedding.send(SigIOSetup(md_algorithm=DIGEST))
        signature = asyncio.run(
            self._signer.async_sign(prepared.document_digest, DIGEST, use_pades=True)
        )
        embedding.send(signature)
        sealed: bytes = output.getvalue()
        return sealed


class DevelopmentSealer(PadesSealer):
    """Seals with an unprotected RSA key under an example CA. Never for production."""

    def __init__(self, key_pem: bytes, chain_pem: bytes, *, words: SealWords) -> None:
        """Load the RSA key, and its certificate followed by those between it and the CA.

        Raises:
            SealingError: the key or a certificate cannot be read.
        """
        warnings.warn(
            "sealing with an unprotected key under an example CA: no legal effect",
            UnprotectedKeyWarning,
            stacklevel=2,
        )
        super().__init__(_KeptKeySigner(_load_key(key_pem), chain_pem), words=words)


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


def _attach(writer: PdfFileWriter, attachment: Attachment) -> None:
    embedded = EmbeddedFileObject.from_file_data(
        writer,
        attachment.content,
        params=EmbeddedFileParams(),
        mime_type=attachment.media_type,
    )
    embed_file(
        writer,
        FileSpec(
            file_spec_string=attachment.name,
            file_name=attachment.name,
            embedded_data=embedded,
            description=attachment.description,
            af_relationship=pdf_name("/Data"),
        ),
    )
    # pyHanko raises the version for /AF; ISO 19005-3 took it into PDF 1.7, which more tools read.
    writer.output_version = (1, 7)


def _load_key(key_pem: bytes) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(key_pem, password=None)
    except (ValueError, TypeError) as error:
        raise SealingError("the seal key is not an unencrypted PEM key") from error
    if not isinstance(key, RSAPrivateKey):
        raise SealingError("the seal key is not an RSA key")
    return key

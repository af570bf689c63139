"""The frame of a sealed file as pyHanko reads it, and the seal as it judges it.

Entry point: `PyhankoFile`. It takes many times as long as the plain code, to import as well, and
knows what the plain code does not: how a file was changed, and every form that PDF, CMS and X.509
allow. `verifier.sealed_file` comes here for whatever is not plain.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO

from asn1crypto import crl, ocsp
from cryptography.x509 import Certificate
from pyhanko.pdf_utils.decode_limits import DecodeLimits, DocumentDecodeBudget, StreamDecodeLimits
from pyhanko.pdf_utils.generic import DictionaryObject
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import EmbeddedPdfSignature

from verifier.plain import Timestamp
from verifier.plain_objects import MAX_STREAM_BYTES
from verifier.seal import check_issuer, check_seal, check_seal_time, claimed_time
from verifier.timestamp import NO_REVOCATIONS, Revocations
from verifier.verdict import Reason, StepError

DECODE_LIMITS = DecodeLimits(
    per_stream=StreamDecodeLimits(max_output_size=MAX_STREAM_BYTES),
    document_budget=DocumentDecodeBudget(base_allowance=8 * MAX_STREAM_BYTES, max_ratio=0),
)

HEX_STRING = re.compile(rb"<(?:[0-9A-Fa-f]{2})+>")


class PyhankoFile:
    """A file under one signature over all of it; only this frame has been checked.

    Attributes:
        attachments: those that were wanted, by name.
    """

    def __init__(self, pdf: bytes, wanted: frozenset[str]) -> None:
        """Open the file and check its frame.

        pyHanko raises exceptions of many classes over a hostile file; the caller turns any of them
        into UNREADABLE.

        Raises:
            StepError: with the reason why this is not the frame of a certificate.
        """
        reader = PdfFileReader(BytesIO(pdf), strict=True, decode_limits=DECODE_LIMITS)
        self._signature = _only_signature(reader)
        _require_whole_coverage(pdf, self._signature)
        self.attachments = _attachments(reader, wanted)
        # Read here, so that a file is unreadable as soon as any part of its frame is.
        self._revocations = _revocations(reader)

    def signer(self) -> str:
        """Check the seal's form and that it is intact; return the signer's name.

        Raises:
            StepError: as `check_seal`.
        """
        return check_seal(self._signature)

    def require_issuer(self, trust: Sequence[Certificate], moment: datetime) -> None:
        """Check that the seal's certificate leads to a trusted one and was good at ``moment``.

        Raises:
            StepError: as `check_issuer`.
        """
        check_issuer(self._signature, trust, moment, self._revocations)

    def stamp(self, trust: Sequence[Certificate] | None) -> Timestamp | None:
        """Check the time-stamp beside the seal's signature, if there is one, and return it.

        Raises:
            StepError: as `check_seal_time`.
        """
        return check_seal_time(self._signature, trust=trust, revocations=self._revocations)

    def claimed_time(self) -> datetime | None:
        """Return the time at which the seal says it was made; only its own word stands for it."""
        return claimed_time(self._signature)


def _revocations(reader: PdfFileReader) -> Revocations:
    """Return the revocation data of the document security store (ISO 32000-2, 12.8.4.3)."""
    if "/DSS" not in reader.root:
        return NO_REVOCATIONS
    store = reader.root["/DSS"]
    return Revocations(
        crls=[crl.CertificateList.load(content) for content in _streams(store, "/CRLs")],
        ocsps=[ocsp.OCSPResponse.load(content) for content in _streams(store, "/OCSPs")],
    )


def _streams(store: DictionaryObject, name: str) -> list[bytes]:
    streams = store[name] if name in store else []  # noqa: SIM401 # `get` gives a reference
    return [bytes(streams[place].data) for place in range(len(streams))]


def _only_signature(reader: PdfFileReader) -> EmbeddedPdfSignature:
    signatures: list[EmbeddedPdfSignature] = reader.embedded_signatures
    if not signatures:
        raise StepError(Reason.NOT_SEALED)
    if len(signatures) > 1:
        raise StepError(Reason.MORE_THAN_ONE_SIGNATURE, count=len(signatures))
    if reader.total_revisions > 1:
        raise StepError(Reason.MORE_THAN_ONE_REVISION, count=reader.total_revisions)
    return signatures[0]


def _require_whole_coverage(pdf: bytes, signature: EmbeddedPdfSignature) -> None:
    """Check that the only bytes not signed are the signature itself (ISO 32000-2, 12.8.1)."""
    start, first_length, second_start, second_length = map(int, signature.byte_range)
    gap = pdf[first_length:second_start]
    covers = (
        start == 0
        and first_length > 0
        and second_length > 0
        and second_start + second_length == len(pdf)
    )
    # The gap must be the very string that was parsed as the signature, and nothing beside it.
    if not (
        covers
        and HEX_STRING.fullmatch(gap)
        and bytes.fromhex(gap[1:-1].decode("ascii")) == signature.pkcs7_content
    ):
        raise StepError(Reason.NOT_WHOLLY_COVERED)


def _attachments(reader: PdfFileReader, wanted: frozenset[str]) -> dict[str, bytes]:
    root = reader.root
    if "/Names" not in root or "/EmbeddedFiles" not in root["/Names"]:
        return {}
    names = root["/Names"]["/EmbeddedFiles"]["/Names"]
    files = {
        str(names[position]): names[position + 1]["/EF"]["/F"]
        for position in range(0, len(names), 2)
    }
    if 2 * len(files) != len(names):
        raise StepError(Reason.UNREADABLE, error="a name stands twice among the attachments")
    return {name: bytes(stream.data) for name, stream in files.items() if name in wanted}

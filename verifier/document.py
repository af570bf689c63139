"""Step 1, the file: a PDF of one revision whose one signature covers every byte of it.

Whatever extends, wraps or prepends to a sealed file fails here, before anything in it is believed.
Only the trailer, the catalog, the signature and the attachments are parsed; pages never are.
"""

import re
from dataclasses import dataclass
from io import BytesIO

from asn1crypto import crl, ocsp
from pyhanko.pdf_utils.decode_limits import DecodeLimits, DocumentDecodeBudget, StreamDecodeLimits
from pyhanko.pdf_utils.generic import DictionaryObject
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import EmbeddedPdfSignature

from verifier.canonical import member, read_object
from verifier.statement import EmbeddedDocument, EmbeddedLetter, EmbeddedStatement
from verifier.timestamp import NO_REVOCATIONS, Revocations
from verifier.verdict import Reason, StepError

MAX_FILE_BYTES = 20 * 1024 * 1024
# A statement with hundreds of holders is far below this; a decompression bomb far above.
MAX_STREAM_BYTES = 4 * 1024 * 1024
DECODE_LIMITS = DecodeLimits(
    per_stream=StreamDecodeLimits(max_output_size=MAX_STREAM_BYTES),
    document_budget=DocumentDecodeBudget(base_allowance=8 * MAX_STREAM_BYTES, max_ratio=0),
)

PDF_HEADER = b"%PDF-"
STATEMENT_FILE = "statement.json"
REGISTRATION_PROOF_FILE = "registration.tlog-proof"
CHECKPOINT_FILE = "register.checkpoint"
OPENINGS_FILE = "openings.json"
"""Not in certificates of registrations that committed nothing (``registration.initial/1``)."""
REPORT_FILE = "verification-report.json"
"""What makes a sealed file a report on another one (`certificates.verification_report`)."""
LETTER_FILE = "letter.json"
"""What makes a sealed file a letter of the procedure (`filings.letter_pages`)."""
OPENINGS_SCHEMA = "quanji.openings/1"
HEX_STRING = re.compile(rb"<(?:[0-9A-Fa-f]{2})+>")


@dataclass(frozen=True, slots=True)
class SealedDocument:
    """What a sealed file carries; only its frame has been checked so far.

    Attributes:
        registration_proof: of a certificate; of another document the signed checkpoint that it
            speaks for.
    """

    signature: EmbeddedPdfSignature
    statement: EmbeddedStatement | EmbeddedDocument
    registration_proof: str
    openings: tuple[str, ...] = ()
    revocations: Revocations = NO_REVOCATIONS


@dataclass(frozen=True, slots=True)
class SealedLetter:
    """What a letter of the procedure carries; only its frame has been checked so far."""

    signature: EmbeddedPdfSignature
    letter: EmbeddedLetter
    revocations: Revocations = NO_REVOCATIONS


def read_document(pdf: bytes) -> SealedDocument | SealedLetter:
    """Open the file and check its frame.

    pyHanko raises exceptions of many classes over a hostile file; the caller turns any of them
    into UNREADABLE.

    Raises:
        StepError: with the reason why this is not the frame of a certificate.
    """
    if not pdf.startswith(PDF_HEADER):
        raise StepError(Reason.NOT_A_PDF)
    reader = PdfFileReader(BytesIO(pdf), strict=True, decode_limits=DECODE_LIMITS)
    signature = _only_signature(reader)
    _require_whole_coverage(pdf, signature)
    files = _attachments(reader)
    if REPORT_FILE in files:
        raise StepError(Reason.VERIFICATION_REPORT)
    if LETTER_FILE in files:
        letter = EmbeddedLetter.parse(files[LETTER_FILE])
        return SealedLetter(signature, letter, _revocations(reader))
    if {STATEMENT_FILE, CHECKPOINT_FILE} <= files.keys():
        return SealedDocument(
            signature,
            EmbeddedDocument.parse(files[STATEMENT_FILE]),
            files[CHECKPOINT_FILE].decode("utf-8", errors="replace"),
            revocations=_revocations(reader),
        )
    if not {STATEMENT_FILE, REGISTRATION_PROOF_FILE} <= files.keys():
        raise StepError(Reason.STATEMENT_MISSING)
    return SealedDocument(
        signature,
        EmbeddedStatement.parse(files[STATEMENT_FILE]),
        files[REGISTRATION_PROOF_FILE].decode("utf-8", errors="replace"),
        _openings(files[OPENINGS_FILE]) if OPENINGS_FILE in files else (),
        _revocations(reader),
    )


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


def _openings(content: bytes) -> tuple[str, ...]:
    """Return what ``quanji.openings/1`` lists; whether they open anything is checked later."""
    try:
        file = read_object(content)
        openings = member(file, "openings", of=list)
        if member(file, "schema", of=str) != OPENINGS_SCHEMA:
            raise StepError(Reason.OPENING_FALSE)
    except ValueError as error:
        raise StepError(Reason.OPENING_FALSE) from error
    return tuple(str(opening) for opening in openings)


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


def _attachments(reader: PdfFileReader) -> dict[str, bytes]:
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
    wanted = {
        STATEMENT_FILE,
        REGISTRATION_PROOF_FILE,
        OPENINGS_FILE,
        CHECKPOINT_FILE,
        REPORT_FILE,
        LETTER_FILE,
    }
    return {name: bytes(stream.data) for name, stream in files.items() if name in wanted}

"""Step 1, the file: a PDF of one revision whose one signature covers every byte of it.

Whatever extends, wraps or prepends to a sealed file fails here, before anything in it is believed.
Only the trailer, the catalog, the signature and the attachments are parsed; pages never are.
"""

from dataclasses import dataclass

from verifier.canonical import member, read_object
from verifier.sealed_file import SealedFile
from verifier.statement import EmbeddedDocument, EmbeddedLetter, EmbeddedStatement
from verifier.verdict import Reason, StepError

MAX_FILE_BYTES = 20 * 1024 * 1024
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
WANTED = frozenset(
    {
        STATEMENT_FILE,
        REGISTRATION_PROOF_FILE,
        OPENINGS_FILE,
        CHECKPOINT_FILE,
        REPORT_FILE,
        LETTER_FILE,
    }
)
OPENINGS_SCHEMA = "quanji.openings/1"


@dataclass(frozen=True, slots=True)
class SealedDocument:
    """What a sealed file carries; only its frame has been checked so far.

    Attributes:
        registration_proof: of a certificate; of another document the signed checkpoint that it
            speaks for.
    """

    file: SealedFile
    statement: EmbeddedStatement | EmbeddedDocument
    registration_proof: str
    openings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SealedLetter:
    """What a letter of the procedure carries; only its frame has been checked so far."""

    file: SealedFile
    letter: EmbeddedLetter


def read_document(pdf: bytes) -> SealedDocument | SealedLetter:
    """Open the file, check its frame and parse what it states.

    Raises:
        StepError: with the reason why this is not the frame of a certificate.
        Exception: of any class, over a hostile file.
    """
    if not pdf.startswith(PDF_HEADER):
        raise StepError(Reason.NOT_A_PDF)
    file = SealedFile(pdf, WANTED)
    files = file.attachments
    if REPORT_FILE in files:
        raise StepError(Reason.VERIFICATION_REPORT)
    if LETTER_FILE in files:
        return SealedLetter(file, EmbeddedLetter.parse(files[LETTER_FILE]))
    if {STATEMENT_FILE, CHECKPOINT_FILE} <= files.keys():
        return SealedDocument(
            file,
            EmbeddedDocument.parse(files[STATEMENT_FILE]),
            files[CHECKPOINT_FILE].decode("utf-8", errors="replace"),
        )
    if not {STATEMENT_FILE, REGISTRATION_PROOF_FILE} <= files.keys():
        raise StepError(Reason.STATEMENT_MISSING)
    return SealedDocument(
        file,
        EmbeddedStatement.parse(files[STATEMENT_FILE]),
        files[REGISTRATION_PROOF_FILE].decode("utf-8", errors="replace"),
        _openings(files[OPENINGS_FILE]) if OPENINGS_FILE in files else (),
    )


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

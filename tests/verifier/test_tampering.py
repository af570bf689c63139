"""Whatever is done to an issued file, it is never VALID; and the finding says what was done."""

import asyncio
import re
from collections.abc import Callable
from io import BytesIO

import pytest
from pyhanko.pdf_utils.generic import StreamObject, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import BasePdfFileWriter, copy_into_new_writer
from pyhanko.sign import PdfSignatureMetadata
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import sign_pdf
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from tests.verifier.attacks.variants import signer_of
from tests.verifier.example import Issued, Office, drawn_page
from verifier.verdict import Outcome, Reason

SAMPLES = 300
BOUNDARIES = re.compile(
    rb"%PDF|\d+ 0 obj|endobj|(?:end)?stream|/ByteRange|/Contents|/Root|(?:start)?xref|trailer|%%EOF"
)


def flipped(pdf: bytes, position: int) -> bytes:
    return pdf[:position] + bytes([pdf[position] ^ 1]) + pdf[position + 1 :]


def sample(pdf: bytes) -> list[int]:
    """Return 300 positions: every boundary of the file's structure, the rest spread evenly."""
    boundaries = {position for match in BOUNDARIES.finditer(pdf) for position in match.span()}
    boundaries |= {0, len(pdf) - 1}
    boundaries.discard(len(pdf))
    spread = range(0, len(pdf), max(1, len(pdf) // SAMPLES))
    return sorted(boundaries)[:SAMPLES] + list(spread)[: max(0, SAMPLES - len(boundaries))]


def test_a_flipped_bit_is_found(office: Office, issued: Issued) -> None:
    for position in sample(issued.pdf):
        verdict = office.verify(flipped(issued.pdf, position), issued.proof)

        assert verdict.outcome == Outcome.INVALID, position
        assert verdict.reasons == (Reason.NOT_THE_REGISTERED_BYTES,), position


@pytest.mark.long
def test_a_flipped_bit_is_found_in_every_byte(office: Office, issued: Issued) -> None:
    for position in range(len(issued.pdf)):
        assert (
            office.verify(flipped(issued.pdf, position), issued.proof).outcome == Outcome.INVALID
        ), position


def test_the_file_alone_betrays_a_flipped_bit_outside_its_seal(
    office: Office, issued: Issued
) -> None:
    start = issued.pdf.index(b"/Contents <")
    end = issued.pdf.index(b">", start)
    for position in sample(issued.pdf)[::3]:
        if not start <= position <= end:
            verdict = office.verify(flipped(issued.pdf, position), None)

            assert set(verdict.reasons) - {Reason.PROOF_MISSING}, position


def test_a_flipped_bit_inside_the_seal_is_never_a_crash(office: Office, issued: Issued) -> None:
    start = issued.pdf.index(b"/Contents <")
    for position in range(start, start + 3000, 60):
        assert office.verify(flipped(issued.pdf, position), None).outcome != Outcome.VALID


def test_a_flipped_bit_in_the_proof_is_never_valid(office: Office, issued: Issued) -> None:
    proof = issued.proof.encode()
    for position in range(0, len(proof), 9):
        changed = flipped(proof, position).decode("utf-8", errors="replace")

        assert office.verify(issued.pdf, changed).outcome != Outcome.VALID, position


def test_what_was_added_after_issue_is_counted(office: Office, issued: Issued) -> None:
    for added in (b"\n", b"%comment\n", b"PK\x03\x04" * 100):
        verdict = office.verify(issued.pdf + added, issued.proof)

        assert verdict.outcome == Outcome.INVALID
        assert verdict.reasons == (Reason.ALTERED_AFTER_ISSUE,)
        facts = next(step.facts for step in verdict.steps if step.reason)
        assert (facts["issued"], facts["added"]) == (len(issued.pdf), len(added))


def updated(issued: Issued, _: Office) -> bytes:
    """An incremental update that changes the catalog, as an overlay or a shadow attack does."""
    writer = IncrementalPdfFileWriter(BytesIO(issued.pdf))
    writer.root["/Lang"] = pdf_string("en")
    writer.update_root()  # type: ignore[no-untyped-call] # pyHanko's
    return written(writer)


def overdrawn(issued: Issued, _: Office) -> bytes:
    """An incremental update that draws over the page."""
    writer = IncrementalPdfFileWriter(BytesIO(issued.pdf))
    drawing = writer.add_object(StreamObject(stream_data=b"0 0 600 800 re f"))
    writer.add_stream_to_page(0, drawing)  # type: ignore[no-untyped-call] # pyHanko's
    return written(writer)


def twice_signed(issued: Issued, office: Office) -> bytes:
    """A second signature of the very same seal, which the first one forbids."""
    signer = signer_of(office.pki)  # to make it as hard as possible
    writer = IncrementalPdfFileWriter(BytesIO(issued.pdf))
    embedding = PdfCMSEmbedder().write_cms("Second", writer)
    next(embedding)
    embedding.send(SigObjSetup(SignatureObject(subfilter=SigSeedSubFilter.PADES)))
    prepared, output = embedding.send(SigIOSetup("sha256"))
    embedding.send(
        asyncio.run(signer.async_sign(prepared.document_digest, "sha256", use_pades=True))
    )
    signed: bytes = output.getvalue()
    return signed


def with_trailing_newline(issued: Issued, _: Office) -> bytes:
    return issued.pdf + b"\n"


def truncated(issued: Issued, _: Office) -> bytes:
    return issued.pdf[:-1]


def prefixed(issued: Issued, _: Office) -> bytes:
    return b"%PDF-1.7\n" + issued.pdf


def wrapped(issued: Issued, _: Office) -> bytes:
    return drawn_page() + issued.pdf


def rewritten(issued: Issued, _: Office) -> bytes:
    """The same document saved again: same look, same signature object, other bytes."""
    return written(copy_into_new_writer(PdfFileReader(BytesIO(issued.pdf))))


def with_byte_range(issued: Issued, form: bytes) -> bytes:
    match = re.search(rb"/ByteRange \[[^]]*\] *", issued.pdf)
    assert match
    return issued.pdf.replace(match[0], (b"/ByteRange " + form).ljust(len(match[0])))


def covering_nothing(issued: Issued, _: Office) -> bytes:
    return with_byte_range(issued, b"[0 0 0 0]")


def covering_too_much(issued: Issued, _: Office) -> bytes:
    return with_byte_range(issued, b"[0 9 99999 1]")


def without_byte_range(issued: Issued, _: Office) -> bytes:
    return with_byte_range(issued, b"[]")


def without_signature(issued: Issued, _: Office) -> bytes:
    return issued.pdf.replace(b"/AcroForm", b"/AcroFerm")


ALTERATIONS = [
    updated,
    overdrawn,
    twice_signed,
    with_trailing_newline,
    truncated,
    prefixed,
    wrapped,
    rewritten,
    covering_nothing,
    covering_too_much,
    without_byte_range,
    without_signature,
]


@pytest.mark.parametrize("alter", ALTERATIONS)
def test_an_altered_file_is_never_valid(
    office: Office, issued: Issued, alter: Callable[[Issued, Office], bytes]
) -> None:
    altered = alter(issued, office)

    assert office.verify(altered, issued.proof).outcome == Outcome.INVALID
    assert set(office.verify(altered, None).reasons) - {Reason.PROOF_MISSING}


@pytest.mark.parametrize("alter", ALTERATIONS)
def test_an_altered_file_is_not_valid_even_if_the_ledger_lists_it(
    office: Office, issued: Issued, alter: Callable[[Issued, Office], bytes]
) -> None:
    altered = alter(issued, office)
    listed = office.enter(altered, issued.statement).format()

    assert office.verify(altered, listed).outcome != Outcome.VALID


@pytest.mark.parametrize(
    ("alter", "reason"),
    [
        (updated, Reason.MORE_THAN_ONE_REVISION),
        (twice_signed, Reason.MORE_THAN_ONE_SIGNATURE),
        (with_trailing_newline, Reason.NOT_WHOLLY_COVERED),
        (rewritten, Reason.NOT_WHOLLY_COVERED),
        (without_signature, Reason.NOT_SEALED),
    ],
)
def test_the_finding_says_what_was_done(
    office: Office,
    issued: Issued,
    alter: Callable[[Issued, Office], bytes],
    reason: Reason,
) -> None:
    verdict = office.verify(alter(issued, office), None)

    assert verdict.outcome == Outcome.INVALID
    assert verdict.reasons[0] == reason


@pytest.mark.parametrize("certify", [False, True], ids=["approval", "certification for forms"])
def test_a_signature_of_the_seal_key_that_is_not_a_seal_is_refused(
    office: Office, *, certify: bool
) -> None:
    registration = office.register()
    statement = office.state(registration)
    seal = office.seal(statement, office.log.prove(registration).format())
    unsigned = copy_into_new_writer(PdfFileReader(BytesIO(seal)))
    del unsigned.root["/AcroForm"], unsigned.root["/Perms"]
    signer = signer_of(office.pki)  # the very key, used for another purpose
    profile = PdfSignatureMetadata(field_name="Seal", md_algorithm="sha256", certify=certify)
    output: BytesIO = sign_pdf(unsigned, profile, signer=signer)

    proof = office.enter(output.getvalue(), statement).format()
    verdict = office.verify(output.getvalue(), proof)

    assert verdict.outcome == Outcome.INVALID
    assert verdict.reasons == (Reason.SEAL_PROFILE,)


def written(writer: BasePdfFileWriter) -> bytes:
    output = BytesIO()
    writer.write(output)  # type: ignore[no-untyped-call] # pyHanko's
    return output.getvalue()

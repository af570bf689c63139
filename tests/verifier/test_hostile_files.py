"""Files that are no certificates, and files built to exhaust or mislead who reads them."""

import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from certificates.development_pki import DevelopmentPki
from certificates.signing import PadesSealer
from certificates.suites import key_file_suite
from tests.verifier.example import IN_TERM, SEALED_AT, Issued, Office, drawn_page
from verifier import isolation
from verifier.document import MAX_FILE_BYTES
from verifier.isolation import verify_isolated
from verifier.verdict import Outcome, Reason

GIGABYTE = 1 << 30
MEGABYTE = 1 << 20


def isolated(
    office: Office, pdf: bytes, proof: str | None = None
) -> tuple[Outcome, tuple[Reason, ...]]:
    verdict = verify_isolated(
        pdf, proof=proof, trust=office.trust, log_key=office.log_key, at=IN_TERM
    )
    return verdict.outcome, verdict.reasons


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", Reason.NOT_A_PDF),
        (b"Certificate of registration\n", Reason.NOT_A_PDF),
        (b"\xff" * 1000, Reason.NOT_A_PDF),
        (b"%PDF-", Reason.UNREADABLE),
        (b"%PDF-1.7\n%%EOF", Reason.UNREADABLE),
        (b"%PDF-1.7\n" + b"[" * 100_000, Reason.UNREADABLE),
        (b"%PDF-1.7\nstartxref\n9\n%%EOF", Reason.UNREADABLE),
        (b"%PDF-1.7\nstartxref\n99999999999\n%%EOF", Reason.UNREADABLE),
    ],
    ids=["empty", "text", "noise", "header", "no body", "nested", "loop", "beyond"],
)
def test_what_cannot_be_read_cannot_be_verified(
    office: Office, content: bytes, reason: Reason
) -> None:
    verdict = office.verify(content, None)

    assert verdict.outcome == Outcome.CANNOT_VERIFY
    assert verdict.reasons == (reason, Reason.PROOF_MISSING)
    assert len(verdict.steps) == 7


@pytest.mark.parametrize("content", [b"", b"text", b"%PDF-1.7"])
def test_what_a_good_proof_disowns_is_invalid_even_if_it_cannot_be_read(
    office: Office, issued: Issued, content: bytes
) -> None:
    assert office.verify(content, issued.proof).outcome == Outcome.INVALID


def test_a_pdf_without_a_seal_is_not_a_certificate(office: Office) -> None:
    verdict = office.verify(drawn_page(), None)

    assert verdict.outcome == Outcome.INVALID
    assert verdict.reasons == (Reason.NOT_SEALED, Reason.PROOF_MISSING)


def test_a_file_larger_than_any_certificate_is_not_opened(office: Office, issued: Issued) -> None:
    verdict = office.verify(issued.pdf + bytes(MAX_FILE_BYTES), issued.proof)

    assert verdict.outcome == Outcome.CANNOT_VERIFY
    assert verdict.reasons == (Reason.TOO_LARGE,)


def bomb(size: int) -> bytes:
    """Return a deflated stream of ``size`` zero bytes without deflating them all."""
    squeeze = zlib.compressobj(9)
    header = squeeze.compress(bytes(MEGABYTE)) + squeeze.flush(zlib.Z_FULL_FLUSH)
    # After a full flush the same input gives the same output.
    block = squeeze.compress(bytes(MEGABYTE)) + squeeze.flush(zlib.Z_FULL_FLUSH)
    return header + block * (size // MEGABYTE - 1) + squeeze.flush()


def pdf_of(objects: list[bytes]) -> bytes:
    """Return a PDF of these objects, numbered from 1; the first is the catalog."""
    pdf, offsets = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(pdf))
        pdf += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    xref = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    trailer = b"trailer\n<</Root 1 0 R /Size %d>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(pdf))
    return pdf + xref + trailer


def stream(content: bytes, entries: bytes = b"") -> bytes:
    head = b"<</Length %d /Filter /FlateDecode %s>>" % (len(content), entries)
    return b"%s\nstream\n%s\nendstream" % (head, content)


def page_bomb() -> bytes:
    return pdf_of(
        [
            b"<</Type /Catalog /Pages 2 0 R>>",
            b"<</Type /Pages /Count 1 /Kids [3 0 R]>>",
            b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R>>",
            stream(bomb(GIGABYTE)),
        ]
    )


def object_stream_bomb() -> bytes:
    """The catalog itself lies in an object stream of a gigabyte."""
    body = b"%PDF-1.7\n"
    objects = stream(bomb(GIGABYTE), b"/Type /ObjStm /N 1 /First 4")
    packed = b"1 0 obj\n%s\nendobj\n" % objects
    start = len(body) + len(packed)
    rows = b"".join(
        row.to_bytes(7, "big")
        for row in (
            0,
            (1 << 48) | (len(body) << 16),
            (1 << 48) | (start << 16),
            (2 << 48) | (1 << 16),
        )
    )
    entries = b"/Type /XRef /W [1 4 2] /Size 4 /Root 3 0 R"
    table = b"2 0 obj\n%s\nendobj\n" % stream(zlib.compress(rows), entries)
    return body + packed + table + b"startxref\n%d\n%%%%EOF\n" % start


def xref_stream_bomb() -> bytes:
    body = b"%PDF-1.7\n"
    entries = b"/Type /XRef /W [1 4 2] /Size 4 /Root 3 0 R"
    table = b"2 0 obj\n%s\nendobj\n" % stream(bomb(GIGABYTE), entries)
    return body + table + b"startxref\n%d\n%%%%EOF\n" % len(body)


@pytest.mark.parametrize("build", [object_stream_bomb, xref_stream_bomb])
def test_a_decompression_bomb_does_not_go_off(office: Office, build: Callable[[], bytes]) -> None:
    hostile = build()
    assert len(hostile) < 2 * MEGABYTE

    verdict = office.verify(hostile, None)

    assert verdict.outcome == Outcome.CANNOT_VERIFY
    assert verdict.steps[0].facts == {"error": "PdfDecodeLimitError"}


def test_pages_are_never_unpacked(office: Office) -> None:
    assert office.verify(page_bomb(), None).reasons == (Reason.NOT_SEALED, Reason.PROOF_MISSING)


def test_a_bomb_as_the_sealed_statement_does_not_go_off(office: Office) -> None:
    sealed = office.seal_files(bytes(64 * MEGABYTE), b"")

    verdict = office.verify(sealed, None)

    assert verdict.outcome == Outcome.CANNOT_VERIFY
    assert verdict.reasons == (Reason.UNREADABLE, Reason.PROOF_MISSING)


def test_the_isolated_process_gives_the_same_verdict(office: Office, issued: Issued) -> None:
    verdict = verify_isolated(
        issued.pdf,
        proof=issued.proof,
        trust=office.trust,
        log_key=office.log_key,
        at=IN_TERM,
    )

    assert verdict == office.verify(issued.pdf, issued.proof)
    assert verdict.outcome == Outcome.VALID


def test_a_process_that_takes_too_long_is_ended(
    office: Office, issued: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolation, "WALL_SECONDS", 0.01)

    outcome, reasons = isolated(office, issued.pdf, issued.proof)

    assert outcome == Outcome.CANNOT_VERIFY
    assert reasons == (Reason.RESOURCE_LIMIT,)


@pytest.mark.long
def test_a_file_that_takes_too_much_memory_or_time_is_given_up(office: Office) -> None:
    numbers = b"0 " * (MAX_FILE_BYTES // 2 - 1000)
    hostile = pdf_of([b"<</Type /Catalog /AcroForm [%s]>>" % numbers])

    outcome, reasons = isolated(office, hostile)

    assert outcome == Outcome.CANNOT_VERIFY
    assert reasons[0] == Reason.RESOURCE_LIMIT


def test_no_address_in_a_certificate_is_ever_visited(office: Office) -> None:
    # Sockets are closed in tests: a visit would raise, and the verdict would say UNREADABLE.
    pki = luring_pki(office.pki, "http://127.0.0.1:9/aia.cer")
    sealer = PadesSealer(key_file_suite(pki.seal_key_pem, pki.seal_chain_pem))
    forged = replace(office, sealer=sealer).issue()

    verdict = office.verify(forged.pdf, forged.proof)

    assert verdict.outcome == Outcome.INVALID
    assert verdict.reasons == (Reason.ISSUER_NOT_TRUSTED,)


def luring_pki(pki: DevelopmentPki, address: str) -> DevelopmentPki:
    """Return a seal whose certificate asks its reader to fetch its issuer and its status."""
    key = generate_private_key(65537, 2048)
    location = x509.UniformResourceIdentifier(address)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Lure")])
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Fetch me")])
    access = [
        x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, location),
        x509.AccessDescription(AuthorityInformationAccessOID.OCSP, location),
    ]
    point = x509.DistributionPoint([location], None, None, None)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(SEALED_AT - timedelta(days=1))
        .not_valid_after(SEALED_AT + timedelta(days=1))
        .add_extension(x509.AuthorityInformationAccess(access), critical=False)
        .add_extension(x509.CRLDistributionPoints([point]), critical=False)
        .sign(key, SHA256())
    )
    return replace(
        pki,
        seal_key_pem=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        seal_chain_pem=certificate.public_bytes(Encoding.PEM),
    )

"""What programs that we did not write say of a sealed file."""

import re
import subprocess
from pathlib import Path

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from tests.programs import run
from tests.verifier.example import Issued, Office


def test_poppler_finds_the_whole_document_signed(certificate_path: Path) -> None:
    said = run("pdfsig", certificate_path)

    assert "Signature is Valid" in said
    assert "Total document signed" in said
    assert "ETSI.CAdES.detached" in said
    assert said.count("Signature #") == 1


def test_openssl_verifies_the_signature_and_the_chain(
    office: Office, certificate_path: Path, tmp_path: Path
) -> None:
    said = openssl_says(certificate_path.read_bytes(), office.pki.trust_pem, tmp_path)

    assert "CAdES Verification successful" in said


def test_openssl_refuses_other_content_and_another_root(
    office: Office, impostor: Office, issued: Issued, tmp_path: Path
) -> None:
    place = issued.pdf.index(b"stream\n") + 20
    altered = issued.pdf[:place] + bytes([issued.pdf[place] ^ 1]) + issued.pdf[place + 1 :]
    for pdf, trust in ((altered, office.pki), (issued.pdf, impostor.pki)):
        with pytest.raises(subprocess.CalledProcessError) as refusal:
            openssl_says(pdf, trust.trust_pem, tmp_path)
        assert b"erification failure" in refusal.value.stdout


def test_qpdf_finds_no_error(certificate_path: Path) -> None:
    assert "No syntax or stream encoding errors found" in run("qpdf", "--check", certificate_path)


def test_mutool_reads_the_file_and_finds_it_unchanged(certificate_path: Path) -> None:
    assert "Pages: 1" in run("mutool", "info", certificate_path)
    assert "unchanged since signing" in run("mutool", "sign", "-v", certificate_path)


def test_poppler_lists_and_extracts_the_attachments(
    issued: Issued, certificate_path: Path, tmp_path: Path
) -> None:
    listed = run("pdfdetach", "-list", certificate_path)
    run("pdfdetach", "-saveall", "-o", tmp_path, certificate_path)

    assert "3 embedded files" in listed
    assert (tmp_path / "statement.json").read_bytes() == issued.statement.to_bytes()
    assert (tmp_path / "registration.tlog-proof").read_text().startswith("c2sp.org/tlog-proof@v1")


def test_the_file_is_written_once(certificate_path: Path) -> None:
    pdf = certificate_path.read_bytes()
    with certificate_path.open("rb") as file:
        assert PdfFileReader(file).total_revisions == 1
    assert pdf.count(b"%%EOF") == 1
    assert pdf.count(b"startxref") == 1


def openssl_says(pdf: bytes, trust_pem: str, folder: Path) -> str:
    """Let OpenSSL judge the CMS of the signature over what its ByteRange names, by CAdES.

    Raises:
        CalledProcessError: it refuses.
    """
    match = re.search(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\]", pdf)
    assert match
    first, second, last = map(int, match.groups())
    (folder / "signed").write_bytes(pdf[:first] + pdf[second : second + last])
    (folder / "cms").write_bytes(bytes.fromhex(pdf[first + 1 : second - 1].decode()))
    (folder / "trust.pem").write_text(trust_pem)
    return run(
        *("openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER"),
        *("-in", folder / "cms", "-content", folder / "signed"),
        *("-CAfile", folder / "trust.pem", "-out", folder / "verified"),
    )

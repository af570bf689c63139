"""Our documents before veraPDF: an archive can keep them, and they can be read aloud."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from certificates.development_pki import DevelopmentPki, ensure_development_pki
from certificates.documents.issuance import finish_document
from certificates.documents.ordering import Order, order
from certificates.forensics import examine
from certificates.models import DocumentKind
from certificates.queries import read_certificate
from certificates.rendering import render_certificate
from certificates.signing import PadesSealer
from certificates.statement import Statement
from certificates.verification import verify_file
from certificates.verification_report import verification_report
from drawing.archival import Attachment
from filings.kinds import LetterKind
from filings.letter_pages import sealed_letter
from filings.models import Letter
from interop.programs import Answer, accepts, refuses
from interop.register import Register
from interop.verapdf import verapdf, why_no_verapdf
from primitives.clock import now_utc
from registry.models import DataAsset, Party
from tests.certificates.test_rendering import LONG, STATEMENT
from tests.verifier.example import example_sealer, renewed

PROFILES = {"PDF/A 3a-veraPDF": "PDFA-3A", "PDF/UA 1-veraPDF": "PDFUA-1"}
MISSING = why_no_verapdf()

pytestmark = [
    pytest.mark.skipif(MISSING is not None, reason=MISSING or ""),
    pytest.mark.parametrize("profile", PROFILES),
]


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> DevelopmentPki:
    return ensure_development_pki(tmp_path_factory.mktemp("keys") / "seal")


@pytest.fixture(scope="module")
def sealer(pki: DevelopmentPki) -> PadesSealer:
    return example_sealer(pki)


def test_a_sealed_certificate_with_rare_names_is(
    profile: str, sealer: PadesSealer, tmp_path: Path
) -> None:
    accepts(judge(profile, sealed(sealer, STATEMENT), tmp_path))


def test_a_sealed_certificate_of_many_pages_is(
    profile: str, sealer: PadesSealer, tmp_path: Path
) -> None:
    accepts(judge(profile, sealed(sealer, LONG), tmp_path))


def test_the_demonstrations_certificate_is(profile: str, register: Register) -> None:
    accepts(verapdf(PROFILES[profile], register.certificate_proof.with_suffix("")))


@pytest.mark.parametrize("language", ["zh-hans", "en"], ids=["in Chinese is", "in English is"])
def test_a_letter(profile: str, language: str, register: Register, tmp_path: Path) -> None:
    letter = Letter.objects.filter(kind=LetterKind.RECEIPT).order_by("pk").first()
    assert letter
    accepts(judge(profile, sealed_letter(letter, language=language, at=now_utc()), tmp_path))


def test_a_renewed_certificate_is(
    profile: str, pki: DevelopmentPki, sealer: PadesSealer, tmp_path: Path
) -> None:
    accepts(judge(profile, renewed(sealed(sealer, STATEMENT), pki), tmp_path))


@pytest.mark.parametrize("kind", DocumentKind)
def test_a_document_of_kind(
    kind: DocumentKind, profile: str, register: Register, tmp_path: Path
) -> None:
    asset = DataAsset.objects.order_by("pk").first()
    party = Party.objects.filter(shares__isnull=False).order_by("pk").first()
    query = asset.number if asset else ""
    at = now_utc()
    wanted = Order(kind=kind, asset=asset, party=party, query=query, since=at - timedelta(days=365))
    document = order(wanted, by=None, at=at)
    finish_document(document, at=at)
    accepts(judge(profile, read_certificate(document), tmp_path))


def test_a_verification_report(profile: str, register: Register, tmp_path: Path) -> None:
    pdf = register.certificate_proof.with_suffix("").read_bytes() + b"\n"
    answer = verify_file(pdf, proof=None, at=now_utc())
    report = verification_report(pdf, answer, examine(pdf, answer))
    accepts(judge(profile, report.pdf, tmp_path))


def test_no_page_without_tags_is(profile: str, tmp_path: Path) -> None:
    output = BytesIO()
    canvas = Canvas(output)
    canvas.drawString(72, 720, "Certificate")
    canvas.save()
    refuses(judge(profile, output.getvalue(), tmp_path))


@pytest.mark.parametrize("entry", ["/MarkInfo", "/Metadata", "/StructTreeRoot"])
def test_no_certificate_is_without_its(entry: str, profile: str, tmp_path: Path) -> None:
    with pikepdf.open(BytesIO(render_certificate(STATEMENT))) as document:
        del document.Root[entry]
        document.save(tmp_path / "lost.pdf")
    refuses(verapdf(PROFILES[profile], tmp_path / "lost.pdf"))


def sealed(sealer: PadesSealer, statement: Statement) -> bytes:
    at = statement.issued_at
    file = Attachment(
        name="statement.json",
        media_type="application/json",
        content=statement.to_bytes(),
        description="What this certificate states",
    )
    return sealer.seal(render_certificate(statement, [file], sealer.evidence(at)), at=at)


def judge(profile: str, pdf: bytes, folder: Path) -> Answer:
    path = folder / "document.pdf"
    path.write_bytes(pdf)
    return verapdf(PROFILES[profile], path)

"""Our documents before veraPDF: an archive can keep them, and they can be read aloud."""

from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from certificates.development_pki import ensure_development_pki
from certificates.rendering import render_certificate
from certificates.signing import DevelopmentSealer
from certificates.statement import Statement
from drawing.archival import Attachment
from filings.kinds import LetterKind
from filings.letter_pages import letter_pdf
from filings.models import Letter
from interop.programs import Answer, accepts, refuses
from interop.register import Register
from interop.verapdf import verapdf, why_no_verapdf
from tests.certificates.test_rendering import LONG, STATEMENT

PROFILES = {"PDF/A 3a-veraPDF": "PDFA-3A", "PDF/UA 1-veraPDF": "PDFUA-1"}
MISSING = why_no_verapdf()

pytestmark = [
    pytest.mark.skipif(MISSING is not None, reason=MISSING or ""),
    pytest.mark.filterwarnings("ignore::certificates.signing.UnprotectedKeyWarning"),
    pytest.mark.parametrize("profile", PROFILES),
]


@pytest.fixture(scope="module")
def sealer(tmp_path_factory: pytest.TempPathFactory) -> DevelopmentSealer:
    pki = ensure_development_pki(tmp_path_factory.mktemp("keys") / "seal")
    return DevelopmentSealer(pki.seal_key_pem, pki.seal_chain_pem)


def test_a_sealed_certificate_with_rare_names_is(
    profile: str, sealer: DevelopmentSealer, tmp_path: Path
) -> None:
    accepts(judge(profile, sealer.seal(prepared(STATEMENT)), tmp_path))


def test_a_sealed_certificate_of_many_pages_is(
    profile: str, sealer: DevelopmentSealer, tmp_path: Path
) -> None:
    accepts(judge(profile, sealer.seal(prepared(LONG)), tmp_path))


def test_the_demonstrations_certificate_is(profile: str, register: Register) -> None:
    accepts(verapdf(PROFILES[profile], register.certificate_proof.with_suffix("")))


@pytest.mark.parametrize("language", ["zh-hans", "en"], ids=["in Chinese is", "in English is"])
def test_a_letter(profile: str, language: str, register: Register, tmp_path: Path) -> None:
    letter = Letter.objects.filter(kind=LetterKind.RECEIPT).order_by("pk").first()
    assert letter
    accepts(judge(profile, letter_pdf(letter, language=language), tmp_path))


def test_no_page_without_tags_is(profile: str, tmp_path: Path) -> None:
    output = BytesIO()
    canvas = Canvas(output)
    canvas.drawString(72, 720, "Certificate")
    canvas.save()
    refuses(judge(profile, output.getvalue(), tmp_path))


@pytest.mark.parametrize("entry", ["/MarkInfo", "/Metadata", "/StructTreeRoot"])
def test_no_certificate_is_without_its(entry: str, profile: str, tmp_path: Path) -> None:
    with pikepdf.open(BytesIO(prepared(STATEMENT))) as document:
        del document.Root[entry]
        document.save(tmp_path / "lost.pdf")
    refuses(verapdf(PROFILES[profile], tmp_path / "lost.pdf"))


def prepared(statement: Statement) -> bytes:
    file = Attachment(
        name="statement.json",
        media_type="application/json",
        content=statement.to_bytes(),
        description="What this certificate states",
    )
    return render_certificate(statement, [file])


def judge(profile: str, pdf: bytes, folder: Path) -> Answer:
    path = folder / "document.pdf"
    path.write_bytes(pdf)
    return verapdf(PROFILES[profile], path)

"""The same page by plain ReportLab and stock pyHanko, as one would begin: the measure of our own.

Its texts stand where ours do; it has no frame, no tags and no archival metadata, which spares it
work. Fonts are registered once; the signer loads its key for each signature, as it does for all.
"""

from functools import cache
from io import BytesIO
from pathlib import Path

from asn1crypto import cms, keys, pem, tsp, x509
from django.conf import settings
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, SimpleSigner, sign_pdf
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from certificates.development_pki import DevelopmentPki, ensure_development_pki
from certificates.development_tsa import DevelopmentTimestampAuthority
from certificates.drawing.page import BOTTOM, FIRST_ROWS_TOP, LATER_ROWS_TOP, LEFT, QR_SIDE
from certificates.rendering import pages_of
from certificates.statement import Statement
from certificates.suites import key_file_suite
from drawing.flow import placed
from drawing.fonts import EM, Typeface, font_path
from drawing.text import Point
from primitives.clock import now_utc

FACES = (Typeface.SONGTI, Typeface.SONGTI_BOLD, Typeface.KAI, Typeface.MONO)


def draw_stock(statement: Statement, qr: str) -> bytes:
    """Return the texts of a certificate as plain ReportLab draws them, with its QR code."""
    _register()
    written = BytesIO()
    canvas: Canvas = Canvas(written, pagesize=A4)
    for number, rows in enumerate(pages_of(statement)):
        top = LATER_ROWS_TOP if number else FIRST_ROWS_TOP
        for row in rows:
            for cell in row.cells:
                corner = Point(LEFT + cell.left, top - row.space_above)
                for line, start in placed(corner, cell.lines):
                    x = start.x
                    for part in line.parts:
                        canvas.setFont(part.typeface.name, line.style.size)
                        canvas.setFillColorRGB(*line.style.colour)
                        canvas.drawString(x, start.y, part.text)
                        x += part.advance * line.style.size / EM
            top -= row.height
        if not number:
            drawing = Drawing(QR_SIDE, QR_SIDE)
            drawing.add(QrCodeWidget(qr, barWidth=QR_SIDE, barHeight=QR_SIDE, barLevel="M"))
            drawing.drawOn(canvas, LEFT, BOTTOM)
        canvas.showPage()
    canvas.save()
    return written.getvalue()


def seal_stock(pdf: bytes) -> bytes:
    """Return the page under pyHanko's own B-LT signature, certified, with our example keys."""
    pki = ensure_development_pki(Path(settings.PKI_DIR))
    certificate, key = _certificate_and_key(pki.seal_chain_pem, pki.seal_key_pem)
    roots = [
        *load_certs_from_pemder_data(pki.trust_pem.encode()),
        *load_certs_from_pemder_data(pki.tsa_trust_pem.encode()),
    ]
    registry = SimpleCertificateStore()  # type: ignore[no-untyped-call] # pyHanko's
    metadata = PdfSignatureMetadata(
        field_name="Seal",
        subfilter=SigSeedSubFilter.PADES,
        embed_validation_info=True,
        validation_context=ValidationContext(trust_roots=roots, crls=list(pki.crls)),
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    sealed: BytesIO = sign_pdf(
        IncrementalPdfFileWriter(BytesIO(pdf)),
        metadata,
        SimpleSigner(signing_cert=certificate, signing_key=key, cert_registry=registry),
        timestamper=_stamper(pki),
    )
    return sealed.getvalue()


class _OurAuthority(TimeStamper):
    """The authority that stamps for our own sealer too."""

    def __init__(self, authority: DevelopmentTimestampAuthority) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # pyHanko's
        self._authority = authority

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        digest, nonce = req["message_imprint"]["hashed_message"].native, req["nonce"].native
        token = self._authority.token(digest, at=now_utc(), nonce=nonce)
        granted = {"status": {"status": "granted"}, "time_stamp_token": cms.ContentInfo.load(token)}
        return tsp.TimeStampResp(granted)


@cache
def _stamper(pki: DevelopmentPki) -> TimeStamper:
    suite = key_file_suite(pki.tsa_key_pem, pki.tsa_chain_pem)
    return _OurAuthority(DevelopmentTimestampAuthority(suite))


@cache
def _register() -> None:
    for typeface in FACES:
        pdfmetrics.registerFont(TTFont(typeface.name, str(font_path(typeface))))


def _certificate_and_key(chain: bytes, key: bytes) -> tuple[x509.Certificate, keys.PrivateKeyInfo]:
    certificate, *_ = load_certs_from_pemder_data(chain)
    _, _, der = pem.unarmor(key)
    return certificate, keys.PrivateKeyInfo.load(der)

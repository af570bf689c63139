"""The same page by plain ReportLab and stock pyHanko, as one would begin: the measure of our own.

It has the rows, the head, the texts of the foot and the QR code of ours, and no frame, emblem, seal
or microprint, no tags and no archival metadata, which spares it work. Fonts are registered once;
the signer loads its key for each signature, as it does for all.
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
from certificates.drawing.page import (
    BOTTOM,
    CENTRE,
    CHECKING_LEFT,
    FIRST_ROWS_TOP,
    LATER_ROWS_TOP,
    LEFT,
    OFFLINE_SIGNED,
    ONLINE,
    QR_SIDE,
    TOP,
    Sheet,
    sheet_of,
)
from certificates.rendering import pages_of
from certificates.statement import Statement
from certificates.suites import key_file_suite
from drawing.flow import placed
from drawing.fonts import EM, Typeface, font_path
from drawing.moments import moment_text
from drawing.palette import INK
from drawing.text import Line, Point, Style, set_line
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
                    _draw(canvas, line, start)
            top -= row.height
        if not number:
            _draw_around(canvas, sheet_of(statement, qr))
        canvas.showPage()
    canvas.save()
    return written.getvalue()


def _draw_around(canvas: Canvas, sheet: Sheet) -> None:
    registrar, style = sheet.registrar, Style(Typeface.SONGTI, 8, 11, INK)
    title = set_line(sheet.title.zh, Style(Typeface.SONGTI_BOLD, 31, 0, INK))
    _draw(canvas, title, Point(CENTRE - title.width / 2, TOP - 86))
    for y, text in (
        (TOP - 103, sheet.title.en),
        (TOP - 129, sheet.number),
        *(
            (BOTTOM + 160 - 11 * place, text)
            for place, text in enumerate(
                (
                    *sheet.prevails,
                    sheet.check_code,
                    *ONLINE,
                    *OFFLINE_SIGNED,
                    sheet.verify_url,
                    registrar.name_zh,
                    registrar.name_en,
                    moment_text(sheet.issued_at),
                    sheet.tie,
                )
            )
        ),
    ):
        _draw(canvas, set_line(text, style), Point(CHECKING_LEFT, y))
    drawing = Drawing(QR_SIDE, QR_SIDE)
    code = QrCodeWidget(sheet.signed_qr, barWidth=QR_SIDE, barHeight=QR_SIDE, barLevel="M")
    drawing.add(code)
    drawing.drawOn(canvas, LEFT, BOTTOM)


def _draw(canvas: Canvas, line: Line, start: Point) -> None:
    x = start.x
    for part in line.parts:
        canvas.setFont(part.typeface.name, line.style.size)
        canvas.setFillColorRGB(*line.style.colour)
        canvas.drawString(x, start.y, part.text)
        x += part.advance * line.style.size / EM


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

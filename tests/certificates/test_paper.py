"""The signed QR code of a certificate: who signs it, what it says, and that a scanner reads it."""

import hashlib
import json
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from PIL import Image, ImageChops, ImageFilter
from pytest_django import Settings

from certificates.checks import paper_key_in_production
from certificates.documents.ordering import Order, order
from certificates.issuance import issue_waiting
from certificates.models import Certificate, CertificateState, Document, DocumentKind
from certificates.paper import (
    PaperKeyError,
    check_paper,
    paper_facts,
    paper_keys,
    paper_text,
    printed_of,
    printed_on,
)
from certificates.queries import read_certificate
from certificates.rendering import render_certificate
from certificates.statement import Statement
from primitives.clock import CHINA, now_utc
from registry.kinds import IdentifierScheme, PartyKind
from rights.kinds import RightKind
from tests.certificates.test_rendering import COMPANY, LONG, PERSON, RIGHT, STATEMENT
from tests.certificates.test_status import DAY, LATER, transfer
from tests.factories import Office, make_party, register_asset, uscc
from verifier.paper import PaperKey
from verifier.printed import Printed, PrintedDocument
from verifier.verdict import Outcome, Reason

AT = datetime(2027, 6, 1, tzinfo=UTC)
DPI = 150


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    """A folder that no key was ever made in."""
    settings.PKI_DIR = tmp_path / "seal"
    return tmp_path / "seal"


def page_of(pdf: bytes) -> Image.Image:
    """Return the first page as a printer and a scanner of 150 dpi see it."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        image: Image.Image = document[0].render(scale=DPI / 72).to_pil().convert("L")
    finally:
        document.close()
    return image


def scanned(page: Image.Image) -> Image.Image:
    """Return the page laid askew on the glass, out of focus, with the noise of a cheap sensor."""
    turned = page.rotate(3, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    blurred = turned.filter(ImageFilter.GaussianBlur(0.7))
    return ImageChops.add(blurred, Image.effect_noise(blurred.size, 10), offset=-128)


def read(image: Image.Image) -> str:
    (code,) = zxingcpp.read_barcodes(image)
    return str(code.text)


def code_of(statement: Statement) -> str:
    return paper_text(printed_of(statement.to_json()))


def document_of(wanted: Order) -> Document:
    at = now_utc()
    document = order(wanted, by=None, at=at)
    issue_waiting(at=at)
    document.refresh_from_db()
    return document


@pytest.fixture
def certificate(office: Office) -> Certificate:
    register_asset(office, make_party(office))
    issue_waiting(at=now_utc())
    return Certificate.objects.get()


@pytest.mark.django_db(transaction=True)
def test_an_issued_certificate_is_verified_from_a_poor_scan_of_its_paper(
    certificate: Certificate,
) -> None:
    text = read(scanned(page_of(read_certificate(certificate))))

    verdict = check_paper(text, at=now_utc())
    assert verdict.outcome == Outcome.VALID
    assert verdict.printed == printed_of(json.loads(bytes(certificate.statement)))
    assert verdict.printed.number == certificate.number


@pytest.mark.django_db(transaction=True)
def test_an_issued_extract_is_verified_from_a_poor_scan_of_its_paper(
    certificate: Certificate,
) -> None:
    document = document_of(Order(kind=DocumentKind.STATUS, asset=certificate.asset))

    verdict = check_paper(read(scanned(page_of(read_certificate(document)))), at=now_utc())
    assert verdict.outcome == Outcome.VALID
    stated = json.loads(bytes(document.statement))
    assert isinstance(verdict.printed, PrintedDocument)
    assert verdict.printed == printed_on(document)
    assert verdict.printed.to_json() == {
        "kind": "STATUS",
        "number": document.number,
        "check_code": document.check_code,
        "subject": certificate.asset.number,
        "party": "",
        "as_of": stated["as_of"]["at"],
        "tree_size": stated["as_of"]["tree_size"],
        "root_hash": stated["as_of"]["root_hash"][:32],
        "statement_sha256": hashlib.sha256(bytes(document.statement)).hexdigest(),
        "issued_day": f"{document.numbered_at.astimezone(CHINA):%Y-%m-%d}",
    }


@pytest.mark.parametrize(
    ("query", "subject"),
    [
        ("DA-999999999", "DA-999999999"),
        ("ab" * 32, "abababababababa…"),
        (uscc(1), uscc(1)[:15] + "…"),
        (uscc(1)[:-1] + "?", "9**"),
        ("370102199001011234", "3**"),
        ("张三丰", "张**"),
    ],
)
@pytest.mark.django_db
def test_the_code_of_a_search_says_for_what_but_names_nobody(query: str, subject: str) -> None:
    document = Document(kind=DocumentKind.SEARCH, query=query)

    assert paper_facts(document) == {"subject": subject, "party": ""}


@pytest.mark.django_db(transaction=True)
def test_a_certificate_after_a_change_has_the_code_of_a_certificate(
    office: Office,
) -> None:
    anne, ben = make_party(office, 1), make_party(office, 2)
    asset = register_asset(office, anne)
    transfer(office, asset, RightKind.HOLD, anne, ben)
    issue_waiting(at=LATER + DAY)
    document = Document.objects.get(kind=DocumentKind.TITLE)
    assert document.cause

    printed = check_paper(read(page_of(read_certificate(document))), at=now_utc()).printed
    assert isinstance(printed, Printed)
    assert printed == printed_on(document)
    assert (printed.number, printed.asset) == (document.number, asset.number)
    assert printed.entry_index == document.cause.leaf.index
    assert printed.leaf_hash == bytes(document.cause.leaf_hash).hex()[:32]


def test_a_true_code_on_a_paper_with_another_number_names_the_true_one(tmp_path: Path) -> None:
    other = "SJ3702026119999"
    path = tmp_path / "copy.pdf"
    forged = replace(STATEMENT, number=other)
    path.write_bytes(render_certificate(forged, signed_qr=code_of(STATEMENT)))

    verdict = check_paper(read(scanned(page_of(path.read_bytes()))), at=AT)
    text = subprocess.run(  # noqa: S603 # poppler, on our own file
        ["pdftotext", path, "-"],  # noqa: S607 # from the PATH
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    assert other in text
    assert verdict.printed
    assert verdict.printed.number == STATEMENT.number != other


def test_the_code_says_who_holds_what_until_when_and_where_it_is_registered() -> None:
    printed = check_paper(code_of(STATEMENT), at=AT).printed

    assert printed
    assert printed.to_json() == {
        "number": "SJ3702026110001",
        "check_code": "7K3M-9QXT-2WVB-C4HN",
        "holder": "示例数据科技有限公司",
        "holders": 3,
        "asset": "DA-000001",
        "asset_name": "全球城市地理名称与人口数据集（…",
        "sha256": "a1" * 32,
        "entry_index": 12,
        "leaf_hash": "c3" * 16,
        "issued_day": "2026-11-25",
        "last_day": "2029-11-24",
    }


def test_of_a_natural_person_the_code_holds_the_first_character_alone() -> None:
    right = replace(RIGHT, holders=[replace(PERSON, share=Fraction(1))])

    printed = check_paper(code_of(replace(STATEMENT, rights=[right])), at=AT).printed
    assert isinstance(printed, Printed)
    assert printed.holder == "䶮**"


def test_who_holds_several_rights_is_counted_once_and_the_last_term_counts() -> None:
    later = replace(RIGHT, valid_to=datetime(2030, 1, 1, 4, tzinfo=UTC), holders=[COMPANY])

    printed = printed_of(replace(LONG, rights=[RIGHT, later]).to_json())
    assert printed.holders == 3
    assert printed.last_day == date(2030, 1, 1)


def test_the_same_certificate_gets_the_same_code() -> None:
    assert code_of(STATEMENT) == code_of(STATEMENT)


def test_each_year_has_a_key_of_its_own(folder: Path) -> None:
    issued = (STATEMENT, replace(STATEMENT, issued_at=datetime(2026, 12, 31, 16, tzinfo=UTC)))
    texts = [code_of(statement) for statement in issued]

    assert [(key.kid, key.first_day, key.last_day) for key in paper_keys().keys] == [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2027", date(2027, 1, 1), date(2027, 12, 31)),
    ]
    assert [check_paper(text, at=AT).kid for text in texts] == ["2026", "2027"]
    assert (folder / "paper_key_2026.pem").stat().st_mode & 0o077 == 0
    assert (folder / "trust.pem").exists()


def write_key(path: Path, *, public: bool = False, curve: type = SECP256R1) -> PaperKey:
    key = generate_private_key(curve())
    pem = (
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        if public
        else key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    path.write_bytes(pem)
    return PaperKey(kid="", public_key=key.public_key(), first_day=date.min, last_day=date.max)


def test_a_second_key_of_a_year_signs_from_then_on_and_the_first_still_verifies(
    folder: Path,
) -> None:
    first = code_of(STATEMENT)
    write_key(folder / "paper_key_2026-2.pem")

    verdicts = [check_paper(text, at=AT) for text in (first, code_of(STATEMENT))]
    assert [verdict.kid for verdict in verdicts] == ["2026", "2026-2"]
    assert {verdict.outcome for verdict in verdicts} == {Outcome.VALID}


def test_a_key_that_is_taken_away_verifies_no_more(folder: Path) -> None:
    text = code_of(STATEMENT)
    (folder / "paper_key_2026.pem").unlink()

    assert check_paper(text, at=AT).reason == Reason.PAPER_KEY_UNKNOWN


def test_of_a_year_that_is_over_the_public_key_is_enough_to_verify_but_not_to_sign(
    folder: Path,
) -> None:
    folder.mkdir()
    written = write_key(folder / "paper_key_2026.pem", public=True)

    assert paper_keys().keys[0].public_key == written.public_key
    with pytest.raises(PaperKeyError, match=r"paper_key_2026\.pem"):
        code_of(STATEMENT)


@pytest.mark.parametrize("public", [True, False])
def test_a_key_on_another_curve_is_not_published_nor_does_it_sign(
    folder: Path, caplog: pytest.LogCaptureFixture, *, public: bool
) -> None:
    folder.mkdir()
    good = write_key(folder / "paper_key_2025.pem")
    write_key(folder / "paper_key_2026.pem", public=public, curve=SECP384R1)

    assert [key.public_key for key in paper_keys().keys] == [good.public_key]
    assert "paper_key_2026.pem holds no key on P-256" in caplog.text
    with pytest.raises(PaperKeyError):
        code_of(STATEMENT)


def test_in_production_no_key_is_made(settings: Settings, folder: Path) -> None:
    settings.PRODUCTION = True

    with pytest.raises(PaperKeyError, match=r"holds no paper_key_2026\.pem"):
        code_of(STATEMENT)


def test_a_key_that_is_missing_in_production_is_told_a_month_before(
    settings: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.mkdir()

    def told(at: datetime) -> list[str]:
        monkeypatch.setattr("certificates.checks.now_utc", lambda: at)
        return [warning.msg for warning in paper_key_in_production()]

    def words(year: int) -> str:
        return f"No key signs the QR codes of certificates that are issued in {year}: they wait."

    assert told(AT) == [], "development makes its keys"
    settings.PRODUCTION = True
    assert told(AT) == [words(2027)]
    write_key(folder / "paper_key_2027.pem")
    assert told(AT) == []
    assert told(datetime(2027, 12, 10, tzinfo=UTC)) == [words(2028)]
    write_key(folder / "paper_key_2028.pem", public=True)
    assert told(datetime(2027, 12, 10, tzinfo=UTC)), "a public key signs nothing"


@pytest.mark.django_db(transaction=True)
def test_without_a_key_the_certificate_waits_and_is_issued_when_there_is_one(
    office: Office, settings: Settings
) -> None:
    register_asset(office, make_party(office))
    at = now_utc()
    key = Path(settings.PKI_DIR) / f"paper_key_{at:%Y}.pem"
    key.unlink(missing_ok=True)
    settings.PRODUCTION = True
    assert issue_waiting(at=at) == 0
    assert Certificate.objects.get().state == CertificateState.NUMBERED

    write_key(key)
    assert issue_waiting(at=at) == 1


@pytest.mark.django_db(transaction=True)
def test_a_person_among_the_holders_is_masked_in_an_issued_code(office: Office) -> None:
    person = make_party(
        office,
        kind=PartyKind.NATURAL,
        identifier_scheme=IdentifierScheme.RESIDENT_ID,
        name="张三丰",
        identifier="370102199001011234",
    )
    register_asset(office, person)
    issue_waiting(at=now_utc())

    text = read(page_of(read_certificate(Certificate.objects.get())))
    printed = check_paper(text, at=now_utc()).printed
    assert isinstance(printed, Printed)
    assert printed.holder == "张**"

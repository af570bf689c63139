"""Scanning the QR code of a paper: the record, and in words whether the code is genuine."""

import re
from base64 import b32encode
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.test import Client, override_settings

from certificates.documents.ordering import Order
from certificates.models import Certificate, DocumentKind
from certificates.queries import read_certificate
from primitives.clock import now_utc
from tests.certificates.test_paper import document_of, page_of, read
from verifier.paper import PaperKeys, SignedPaper, sign_paper, verify_paper
from verifier.printed import AnyPrinted, Printed, PrintedDocument
from verifier.verdict import Outcome


@pytest.fixture
def scanned(certificate: Certificate) -> str:
    """What a phone reads from the paper."""
    return read(page_of(read_certificate(certificate)))


@pytest.fixture
def printed(scanned: str) -> Printed:
    found = SignedPaper.parse(scanned).printed
    assert isinstance(found, Printed)
    return found


def address_of(printed: AnyPrinted, key: EllipticCurvePrivateKey, kid: str) -> str:
    content = sign_paper(printed, kid=kid, key=key).to_cbor()
    return f"/Q/{b32encode(content).decode().rstrip('=')}"


def our_key(kid: str) -> EllipticCurvePrivateKey:
    path = Path(settings.PKI_DIR) / f"paper_key_{kid}.pem"
    key = load_pem_private_key(path.read_bytes(), password=None)
    assert isinstance(key, EllipticCurvePrivateKey)
    return key


def section(text: str) -> str:
    found = re.search(
        r'<section class="sheet" aria-labelledby="paper">(.*?)</section>', text, re.DOTALL
    )
    assert found
    return " ".join(found[1].split())


@pytest.mark.parametrize("written", [str, str.lower])
def test_the_address_on_the_paper_opens_the_record_and_says_that_the_code_is_genuine(
    english_client: Client, certificate: Certificate, scanned: str, written: type[str]
) -> None:
    assert urlsplit(scanned).netloc.lower() == urlsplit(settings.PUBLIC_BASE_URL).netloc
    response = english_client.get(written(urlsplit(scanned).path))

    assert response.status_code == 200
    assert response.headers["Cache-Control"].count("no-store")
    text = response.content.decode()
    assert certificate.asset.summary in text
    shown = section(text)
    assert "</span> Genuine</span>" in shown
    assert "all that it says is what was issued" in shown
    assert "A QR code proves what was printed" in shown
    assert shown.count("the same") == 11
    assert "differs" not in shown


def test_the_code_of_an_extract_opens_its_record_and_is_judged_line_by_line(
    english_client: Client, certificate: Certificate
) -> None:
    document = document_of(Order(kind=DocumentKind.STATUS, asset=certificate.asset))
    scanned = read(page_of(read_certificate(document)))

    text = english_client.get(urlsplit(scanned).path).content.decode()

    shown = section(text)
    assert document.get_kind_display() in shown
    assert "</span> Genuine</span>" in shown
    assert shown.count("the same") == 9
    assert "What came later, only the page" in shown
    assert certificate.asset.summary in text
    found = SignedPaper.parse(scanned)
    assert isinstance(found.printed, PrintedDocument)
    other = replace(found.printed, tree_size=1, subject="")
    shown = section(
        english_client.get(address_of(other, our_key(found.kid), found.kid)).content.decode()
    )
    assert "Signed, but not as issued" in shown
    assert shown.count("differs") == 2
    forged = address_of(other, generate_private_key(SECP256R1()), found.kid)
    assert "</span> Not genuine</span>" in section(english_client.get(forged).content.decode())


def test_the_page_speaks_chinese_too(client: Client, scanned: str) -> None:
    text = client.get(urlsplit(scanned).path).content.decode()

    assert "二维码只证明所印内容" in section(text)


def test_a_code_signed_by_another_opens_the_record_it_names_and_is_called_not_genuine(
    english_client: Client, certificate: Certificate, printed: Printed
) -> None:
    forged = replace(printed, holder="EXAMPLE FORGER")
    address = address_of(forged, generate_private_key(SECP256R1()), f"{printed.issued_day.year}")
    text = english_client.get(address).content.decode()

    assert certificate.asset.summary in text
    assert "</span> Not genuine</span>" in section(text)
    assert "FORGER" not in text, "whoever forges a code could make the page say anything"


def test_a_code_that_our_key_signed_over_something_else_is_told_line_by_line(
    english_client: Client, printed: Printed
) -> None:
    kid = f"{printed.issued_day.year}"
    other = replace(printed, holder="示例另一公司", holders=9)
    shown = section(english_client.get(address_of(other, our_key(kid), kid)).content.decode())

    assert "Signed, but not as issued" in shown
    assert "report this to the registrar" in shown
    assert shown.count("differs") == 2
    assert "示例另一公司" in shown


def test_a_code_for_a_number_that_was_never_issued_finds_no_record_and_says_why(
    english_client: Client, printed: Printed
) -> None:
    kid = f"{printed.issued_day.year}"
    unknown = replace(printed, number="SJ3702026119999")
    for key, word in (
        (our_key(kid), "Signed, but not as issued"),
        (generate_private_key(SECP256R1()), "Not genuine"),
    ):
        response = english_client.get(address_of(unknown, key, kid))
        assert response.status_code == 404
        assert word in section(response.content.decode())


def test_the_code_of_another_key_is_not_judged_but_leads_to_the_record(
    english_client: Client, certificate: Certificate, printed: Printed
) -> None:
    address = address_of(printed, generate_private_key(SECP256R1()), "2001")
    text = english_client.get(address).content.decode()

    assert certificate.asset.summary in text
    assert "Cannot be judged" in section(text)
    assert "names the key 2001" in section(text)


@pytest.mark.parametrize("content", ["A", "%20", "张", "A" * 3000, "2KCETIQ="])
@pytest.mark.django_db
def test_what_is_no_code_of_ours_is_said_to_be_none(english_client: Client, content: str) -> None:
    response = english_client.get(f"/Q/{content}")

    assert response.status_code == 404
    assert "not what the QR code of a certificate or document of ours holds" in section(
        response.content.decode()
    )


@override_settings(CERTIFICATE_LOOKUPS_PER_HOUR=2)
@pytest.mark.django_db
def test_scans_count_among_the_look_ups_of_a_caller(client: Client) -> None:
    answers = [client.get(f"/{letter}/A").status_code for letter in "QqQ"]

    assert answers == [404, 404, 429]


def test_whoever_has_the_published_keys_verifies_without_us(client: Client, scanned: str) -> None:
    response = client.get("/.well-known/quanji-paper-keys.json")
    keys = PaperKeys.parse(response.content.decode())

    assert response.headers["Content-Type"] == "application/json"
    assert "PRIVATE" not in response.content.decode()
    assert set(response.json()["keys"][0]) == {
        "kid",
        "kty",
        "crv",
        "alg",
        "use",
        "x",
        "y",
        "from",
        "until",
    }
    assert verify_paper(scanned, keys=keys, at=now_utc()).outcome == Outcome.VALID

"""What the API tells of a document to whoever has its number and code, and to nobody else."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from certificates.documents.ordering import Order, order
from certificates.issuance import issue_waiting
from certificates.models import Certificate, CertificateState, Document, DocumentKind, EventKind
from certificates.queries import find_document, proof_text
from certificates.renewal import renew
from primitives.canonical_json import instant_text
from primitives.clock import now_utc
from registry.models import Party
from rights.kinds import RightKind
from tests.api.conftest import Conforms
from tests.certificates.test_paper import document_of
from tests.certificates.test_status import transfer
from tests.certificates.test_status_acts import changed, decide
from tests.factories import Office, make_party

pytestmark = pytest.mark.django_db(transaction=True)


def address(number: str) -> str:
    return f"/api/v1/documents/{number}"


def code(document: Document) -> dict[str, str]:
    return {"code": document.check_code}


@pytest.fixture
def extract(certificate: Certificate) -> Document:
    return document_of(Order(kind=DocumentKind.STATUS, asset=certificate.asset))


def test_an_extract_opens_with_its_code_and_leads_to_what_its_reader_may_fetch(
    client: Client, extract: Document, conforms: Conforms
) -> None:
    answer = conforms(client.get(address(extract.number.lower()), code(extract)))

    found = answer["document"]
    assert (found["number"], found["kind"], found["status"]) == (extract.number, "STATUS", None)
    assert (found["sha256"], found["sm3"]) == (extract.sha256, extract.sm3)
    assert found["as_of"] == instant_text(extract.as_of)
    assert (found["events"], found["renewal"], answer["since"]) == ([], None, None)
    assert extract.check_code not in json.dumps(answer)
    for link in ("record_url", "signature_url"):
        assert client.get(found[link], {"c": extract.check_code}).status_code == 200
        assert client.get(found[link], {"c": "0000"}).status_code == 404
    proof = client.get(found["proof_url"], {"c": extract.check_code})
    assert proof.content.decode() == proof_text(extract)
    assert client.get(found["asset_url"]).json()["asset"]["number"] == found["asset"]

    archival = renew(extract, at=now_utc())
    renewed = conforms(client.get(address(extract.number), code(extract)))["document"]["renewal"]
    assert (renewed["sha256"], renewed["size_bytes"]) == (archival.sha256, archival.size_bytes)


def test_a_certificate_after_a_change_tells_its_status_and_what_was_decided(
    client: Client, office: Office, certificate: Certificate, conforms: Conforms
) -> None:
    first = changed(office, certificate, at=now_utc())
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    answer = conforms(client.get(address(first.number), code(first)))
    assert (answer["document"]["status"], answer["document"]["events"]) == ("IN_FORCE", [])

    decide(office, first, EventKind.SUSPENDED, now_utc(), words="示例：有异议")
    suspended = conforms(client.get(address(first.number), code(first)))
    assert suspended["document"]["status"] == "SUSPENDED"
    assert "suspended (Objection to what it states: 示例：有异议)" in suspended["since"]

    taker = make_party(office, 3)
    [share] = certificate.asset.interests.get(kind=RightKind.HOLD, ended_by=None).shares.all()
    transfer(office, certificate.asset, RightKind.HOLD, share.party, taker, at=now_utc())
    issue_waiting(at=now_utc())
    later = Document.objects.exclude(pk=first.pk).get()
    superseded = conforms(client.get(address(first.number), code(first)))["document"]
    assert superseded["status"] == "SUPERSEDED"
    told = [(each["event"], each["ground"], each["successor"]) for each in superseded["events"]]
    assert told == [
        ("SUSPENDED", "OBJECTION", None),
        ("SUPERSEDED", "NEW_CERTIFICATE", later.number),
    ]
    assert conforms(client.get(address(later.number), code(later)))["document"]["events"] == []


def test_what_a_search_was_about_is_not_told(
    client: Client, certificate: Certificate, conforms: Conforms
) -> None:
    holder = Party.objects.filter(shares__interest__asset=certificate.asset).first()
    assert holder
    search = document_of(Order(kind=DocumentKind.SEARCH, query=holder.identifier))

    answer = conforms(client.get(address(search.number), code(search)))

    assert (answer["document"]["asset"], answer["document"]["asset_url"]) == (None, None)
    assert holder.identifier not in json.dumps(answer)


def test_a_wrong_code_an_unknown_number_and_what_is_not_issued_get_the_same_answer(
    client: Client, extract: Document, certificate: Certificate
) -> None:
    wanted = Order(kind=DocumentKind.STATUS, asset=certificate.asset)
    waiting = order(wanted, by=None, at=now_utc())
    assert waiting.state == CertificateState.NUMBERED
    wrong = [
        client.get(address(extract.number), {"code": "0000"}),
        client.get(address("E20200100001"), code(extract)),
        client.get(address(waiting.number), code(waiting)),
        # A first certificate has an address of its own.
        client.get(address(certificate.number), {"code": certificate.check_code}),
    ]

    assert {answer.status_code for answer in wrong} == {404}
    assert len({answer.content for answer in wrong}) == 1
    assert all(answer.headers == wrong[0].headers for answer in wrong)
    with CaptureQueriesContext(connection) as by_code:
        assert find_document(extract.number, "0000") is None
    with CaptureQueriesContext(connection) as by_number:
        assert find_document("E20200100001", extract.check_code) is None
    assert len(by_code) == len(by_number)


def test_without_a_code_or_with_one_that_is_none_nothing_opens(
    client: Client, extract: Document, conforms: Conforms
) -> None:
    missing = conforms(client.get(address(extract.number)))
    assert missing["errors"][0]["parameter"] == "code"
    for text in ("\0", "\u202e", "𝟜" * 19, " ", "'; --", "9" * 5000):
        answer = client.get(address(extract.number), {"code": text})
        assert answer.status_code in {400, 404}
        assert extract.sha256 not in answer.content.decode()

"""The public notices, and an objection by somebody without an account."""

import re
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from filings.investigation import confirm, objection_digest, propose
from filings.kinds import Outcome
from filings.models import Filing, Objection
from filings.review import pass_examination, publicise
from filings.workflow import State
from primitives.clock import CHINA
from tests.factories import Office, bring_to_examination, make_complete_draft, make_party
from tests.web.conftest import ZHANG

BEGUN = datetime(2026, 11, 25, 13, tzinfo=CHINA)
LAST_SECOND = datetime(2026, 12, 2, 23, 59, 59, tzinfo=CHINA)
OVER = datetime(2026, 12, 3, tzinfo=CHINA)
INLINE = re.compile(r"<style|<script(?![^>]* src=)|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)


@pytest.fixture
def public(office: Office) -> Filing:
    filing = bring_to_examination(office, make_complete_draft(office, make_party(office)))
    pass_examination(filing, by=office.li, at=BEGUN)
    return publicise(filing, by=office.li, at=BEGUN)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.notices.now_utc", lambda: LAST_SECOND)


def hand_in(client: Client, filing: Filing, **changes: object) -> tuple[int, str]:
    form = {
        "objector": "示例甲公司",
        "contact": "示例联系方式",
        "ground": "示例：来源有争议",
        "evidence": SimpleUploadedFile("e.txt", "示例".encode()),
    } | changes
    response = client.post(f"/notices/{filing.number}/object/", form)

    return response.status_code, response.content.decode()


def test_a_notice_shows_what_article_24_publishes_and_its_last_day(
    client: Client, public: Filing
) -> None:
    listed = client.get("/notices/").content.decode()
    shown = client.get(f"/notices/{public.number}/").content.decode()

    assert f"/notices/{public.number}/" in listed
    for text in (public.name, public.summary, "示例数据科技有限公司1", "2026-12-02"):
        assert text in shown
    for page in (listed, shown):
        assert not INLINE.search(page)
    assert public.sha256 not in shown


def test_a_notice_is_gone_when_the_publicity_is_over(
    client: Client, public: Filing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.notices.now_utc", lambda: OVER)

    assert public.number not in client.get("/notices/").content.decode()
    assert client.get(f"/notices/{public.number}/").status_code == 404


def test_v1_of_a_case_that_is_not_public_nothing_is_shown_or_objected_to(
    client: Client, office: Office
) -> None:
    filing = make_complete_draft(office, make_party(office))

    assert client.get(f"/notices/{filing.number}/").status_code == 404
    assert client.get(f"/notices/{filing.number}/object/").status_code == 404
    assert client.get("/notices/F0/object/").status_code == 404


def test_v1_a_natural_person_is_announced_by_a_masked_name(
    client: Client, office: Office, public: Filing
) -> None:
    person = make_party(office, **ZHANG)
    public.applicants.set([person])

    for address in ("/notices/", f"/notices/{public.number}/"):
        page = client.get(address).content.decode()
        assert "张**" in page
        assert ZHANG["name"] not in page
        assert ZHANG["identifier"] not in page


def test_anyone_objects_with_evidence_and_follows_the_objection_by_number_and_code(
    client: Client, office: Office, public: Filing
) -> None:
    _status, receipt = hand_in(client, public)
    objection = Objection.objects.get()
    codes = re.findall(r"\b[0-9a-f]{16}\b", receipt)
    public.refresh_from_db()
    assert (public.state, objection.in_publicity) == (State.OBJECTED, True)
    assert objection.number in receipt
    assert not INLINE.search(receipt)

    propose(objection, Outcome.DISMISSED, by=office.li, at=LAST_SECOND, conclusion="示例结论")
    pending = client.post("/objections/", {"number": objection.number, "code": codes[0]})
    assert "示例结论" not in pending.content.decode()
    digest = objection_digest(objection)
    confirm(objection, by=office.zhao, at=LAST_SECOND, shown_digest=digest)
    known = client.post("/objections/", {"number": objection.number, "code": codes[0]})
    assert "示例结论" in known.content.decode()
    assert "示例联系方式" not in known.content.decode()
    wrong = client.post("/objections/", {"number": objection.number, "code": "0" * 16})
    assert wrong.status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"evidence": ""},
        {"evidence": SimpleUploadedFile("malware.pdf", b"MZ\x90\x00")},
        {"evidence": SimpleUploadedFile("empty.pdf", b"")},
        {"ground": ""},
        {"ground": "长" * 2001},
        {"objector": "\x00"},
    ],
)
def test_an_objection_that_lacks_something_is_shown_again_and_stops_nothing(
    client: Client, public: Filing, changes: dict[str, object]
) -> None:
    status, page = hand_in(client, public, **changes)

    assert status == 400
    assert 'class="error"' in page
    public.refresh_from_db()
    assert public.state == State.PUBLICISED
    assert not Objection.objects.exists()

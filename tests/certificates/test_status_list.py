"""The status list: what it says offline of a certificate, and that a false list says nothing."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from audit.register import compare_register
from certificates.entries import STATUS_LIST_KEY, STATUS_LISTED, status_list_json
from certificates.issuance import issue_waiting
from certificates.models import Certificate, EventKind, StatusList
from certificates.queries import log_verifier_key, proof_text, read_certificate
from certificates.sealing import load_certificates, trust_pem
from certificates.status_list import (
    enter_status_list,
    enter_when_due,
    published_status_list,
    status_list_text,
)
from ledger.acts import open_act
from primitives.canonical_json import JsonObject, canonical_json
from tests.certificates.test_status_acts import changed, decide
from tests.factories import NOON, Office, make_party, register_asset
from verifier.verdict import Outcome, Reason
from verifier.verification import verify

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)
LATER = NOON + 30 * DAY


@pytest.fixture
def certificate(office: Office) -> Certificate:
    register_asset(office, make_party(office))
    issue_waiting(at=NOON)
    return Certificate.objects.get()


@pytest.fixture
def folder(certificate: Certificate, tmp_path: Path) -> Path:
    (tmp_path / "certificate.pdf").write_bytes(read_certificate(certificate))
    (tmp_path / "certificate.pdf.tlog-proof").write_text(proof_text(certificate))
    (tmp_path / "trust.pem").write_text(trust_pem())
    (tmp_path / "log_key.txt").write_text(log_verifier_key() + "\n")
    return tmp_path


def judged(folder: Path, text: str, at: str = "2026-12-26T04:00:00Z") -> tuple[int, dict[str, str]]:
    """Return what the offline program says with this list: exit code, reason and sentence."""
    (folder / "status-list").write_text(text)
    command = [sys.executable, "-m", "verifier", "certificate.pdf", "--trust", "trust.pem"]
    command += ["--log-key", "log_key.txt", "--status-list", "status-list", "--json", "--at", at]
    found = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 # a command of ours
    answer = json.loads(found.stdout)
    return found.returncode, {**answer["steps"][-1], "sentence": answer["sentence"]}


def published() -> str:
    latest = published_status_list()
    assert latest
    return status_list_text(latest)


def test_a_list_speaks_offline_for_a_certificate_that_is_not_on_it(folder: Path) -> None:
    enter_status_list(at=LATER)
    text = published()

    code, status = judged(folder, text)

    assert (code, status["outcome"]) == (0, "passed")
    assert "As of 2026-12-25T04:00:00Z the register said: neither suspended" in status["sentence"]
    content = json.loads(text.split("\n")[1])
    assert content["certificates"] == []
    assert content["highest"] == Certificate.objects.get().number
    assert content["next_issue"] == "2026-12-26T04:00:00Z"
    assert list(compare_register()) == []


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (EventKind.SUSPENDED, "CERTIFICATE_SUSPENDED"),
        (EventKind.REVOKED, "CERTIFICATE_REVOKED"),
    ],
)
def test_a_certificate_on_the_list_is_not_valid_offline_and_it_is_said_since_when(
    office: Office, certificate: Certificate, folder: Path, kind: EventKind, reason: str
) -> None:
    decide(office, certificate, kind, LATER)
    enter_status_list(at=LATER)

    code, status = judged(folder, published())

    assert (code, status["reason"]) == (1, reason)
    assert "since 2026-12-25T04:00:00Z" in status["sentence"]
    # Of an instant before, the list says nothing.
    code, status = judged(folder, published(), at="2026-12-01T00:00:00Z")
    assert (code, status["reason"]) == (2, "STATUS_NOT_SAID")


def test_a_restored_certificate_leaves_the_list(
    office: Office, certificate: Certificate, folder: Path
) -> None:
    decide(office, certificate, EventKind.SUSPENDED, LATER)
    decide(office, certificate, EventKind.RESTORED, LATER + timedelta(hours=1))
    enter_status_list(at=LATER + timedelta(hours=2))

    assert judged(folder, published())[0] == 0


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"REVOKED"', '"LAPSED"', "STATUS_LIST_FALSE"),
        ('"certificates":[{', '"certificates":[ {', "STATUS_LIST_FALSE"),
        ("quanji.status-list/2\n", "quanji.status-list/1\n", "STATUS_LIST_MALFORMED"),
        ("quanji.status-list/2\n", "quanji.status-list/3\n", "STATUS_LIST_MALFORMED"),
        ("\n\n", "\n", "STATUS_LIST_MALFORMED"),
        ("extra ", "extra AAAA", "STATUS_LIST_FALSE"),
        ("index ", "index 1", "STATUS_LIST_FALSE"),
    ],
)
def test_a_tampered_list_is_refused_and_says_nothing_of_the_certificate(
    office: Office, certificate: Certificate, folder: Path, old: str, new: str, reason: str
) -> None:
    decide(office, certificate, EventKind.REVOKED, LATER)
    enter_status_list(at=LATER)
    text = published()
    assert old in text

    code, status = judged(folder, text.replace(old, new, 1))

    assert (code, status["outcome"], status["reason"]) == (2, "not_checked", reason)


def test_a_list_of_no_use_is_refused(folder: Path, certificate: Certificate) -> None:
    enter_status_list(at=LATER)

    late = judged(folder, published(), at="2026-12-27T00:00:00Z")
    assert (late[0], late[1]["reason"]) == (2, "STATUS_LIST_OLD")
    for text in ("", "nonsense", proof_text(certificate), "quanji.status-list/2\n{}\n\n"):
        code, status = judged(folder, text)
        assert (code, status["reason"]) == (2, "STATUS_LIST_MALFORMED")
    other = published().partition("\n\n")[0] + "\n\n" + proof_text(certificate)
    assert judged(folder, other)[1]["reason"] == "STATUS_LIST_MALFORMED"


def test_a_list_from_before_the_issue_does_not_speak_of_the_certificate(
    office: Office, certificate: Certificate, folder: Path
) -> None:
    enter_status_list(at=NOON)
    text = published()
    register_asset(office, make_party(office, 2), data=b"other")
    issue_waiting(at=NOON)
    second = Certificate.objects.latest("pk")
    (folder / "certificate.pdf").write_bytes(read_certificate(second))
    (folder / "certificate.pdf.tlog-proof").write_text(proof_text(second))

    code, status = judged(folder, text, at="2026-11-25T05:00:00Z")

    assert (code, status["reason"]) == (2, "STATUS_LIST_OLD")


def test_a_certificate_after_a_change_stands_on_the_list_and_a_list_of_before_is_too_old_for_it(
    office: Office, certificate: Certificate, folder: Path
) -> None:
    later = changed(office, certificate, at=LATER)
    (folder / "certificate.pdf").write_bytes(read_certificate(later))
    (folder / "certificate.pdf.tlog-proof").write_text(proof_text(later))
    enter_status_list(at=LATER)
    assert judged(folder, published())[0] == 0
    content = json.loads(published().split("\n")[1])
    assert [row["number"] for row in content["certificates"]] == [certificate.number]
    assert content["highest"] == later.number

    decide(office, later, EventKind.SUSPENDED, LATER + timedelta(hours=1))
    enter_status_list(at=LATER + timedelta(hours=1))
    code, status = judged(folder, published())
    assert (code, status["reason"]) == (1, "CERTIFICATE_SUSPENDED")
    assert list(compare_register()) == []

    of_before = {**content, "schema": "quanji.status-list/1", "certificates": []}
    text = published_with(of_before)
    code, status = judged(folder, text.replace("status-list/2", "status-list/1", 1))
    assert (code, status["reason"]) == (2, "STATUS_LIST_OLD")
    (folder / "certificate.pdf").write_bytes(read_certificate(certificate))
    (folder / "certificate.pdf.tlog-proof").write_text(proof_text(certificate))
    assert judged(folder, text.replace("status-list/2", "status-list/1", 1))[0] == 0


def test_offline_the_term_of_a_certificate_after_a_change_ends(
    office: Office, certificate: Certificate, folder: Path
) -> None:
    later = changed(office, certificate, at=LATER)
    assert later.asset
    last = max(right.until for right in later.asset.interests.all())
    proof = proof_text(later)
    verdicts = [
        verify(
            read_certificate(later),
            proof=proof,
            trust=load_certificates(trust_pem().encode()),
            log_key=log_verifier_key(),
            at=at,
        )
        for at in (LATER + DAY, last)
    ]
    assert [verdict.outcome for verdict in verdicts] == [Outcome.VALID, Outcome.INVALID]
    assert verdicts[1].reasons == (Reason.TERM_ENDED,)


def published_with(content: JsonObject) -> str:
    """Enter another content in the place of a list, as a release of before wrote it."""
    listed = StatusList(content=canonical_json(content), tree_size=1)
    at = LATER + timedelta(hours=2)
    with open_act(recorded_at=at, actor="U-1", officer="U-1", keys=[STATUS_LIST_KEY]) as act:
        listed.entry = act.record(
            kind=STATUS_LISTED, keys=[STATUS_LIST_KEY], payload=status_list_json(listed)
        )
        listed.save()
    return published()


def test_a_list_is_due_once_a_day_and_after_each_event(
    office: Office, certificate: Certificate, settings: Settings
) -> None:
    settings.STATUS_LIST_HOURS = 24
    assert enter_when_due(at=LATER)
    assert enter_when_due(at=LATER + timedelta(hours=23)) is None
    decide(office, certificate, EventKind.SUSPENDED, LATER + timedelta(hours=1))
    assert enter_when_due(at=LATER + timedelta(hours=1))
    assert enter_when_due(at=LATER + timedelta(hours=2)) is None
    assert enter_when_due(at=LATER + timedelta(hours=25))
    settings.STATUS_LIST_HOURS = 0
    assert enter_when_due(at=LATER + 9 * DAY) is None


def test_the_list_is_served_and_cached(
    office: Office, certificate: Certificate, client: Client
) -> None:
    assert client.get("/log/status-list").status_code == 404
    enter_status_list(at=LATER)

    response = client.get("/log/status-list")

    assert response.content.decode() == published()
    assert response.headers["Cache-Control"] == "public, max-age=300"
    etag = response.headers["ETag"]
    assert client.get("/log/status-list", headers={"If-None-Match": etag}).status_code == 304
    decide(office, certificate, EventKind.REVOKED, LATER)
    enter_status_list(at=LATER)
    assert client.get("/log/status-list", headers={"If-None-Match": etag}).status_code == 200
    assert StatusList.objects.count() == 2

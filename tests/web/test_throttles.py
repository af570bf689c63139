"""The limits of the public forms: they hold for one caller, and lock out nobody else."""

import threading
from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts.models import CountedRequest
from accounts.throttles import WINDOW, seconds_to_wait
from filings.models import Filing, Objection
from filings.review import pass_examination, publicise
from primitives.clock import CHINA
from tests.factories import Office, bring_to_examination, make_complete_draft, make_party, sign_in

NOW = datetime(2026, 11, 26, 9, tzinfo=CHINA)
MOST = 5
LOOKUP = {"number": "O20261100001", "code": "0" * 16}


@pytest.fixture(autouse=True)
def _limits(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.OBJECTIONS_PER_HOUR = settings.OBJECTION_LOOKUPS_PER_HOUR = MOST
    settings.INVITATIONS_PER_HOUR = settings.CERTIFICATE_LOOKUPS_PER_HOUR = MOST
    for module in ("web", "api"):
        monkeypatch.setattr(f"{module}.throttles.now_utc", lambda: NOW)


def look_up(client: Client, address: str = "203.0.113.9", forwarded: str = "") -> int:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return client.post("/objections/", LOOKUP, REMOTE_ADDR=address, headers=headers).status_code


@pytest.mark.django_db
@pytest.mark.parametrize("proxies", [0, 1])
def test_en_03_a_thousand_made_up_forwarded_addresses_pass_no_more_than_the_limit(
    client: Client, settings: Settings, proxies: int
) -> None:
    settings.TRUSTED_PROXIES = proxies
    passed = 0
    for place in range(1000):
        made_up = f"{place % 223 + 1}.{place // 223}.{place % 7}.{place % 251}"
        # A proxy appends the true address to what the caller wrote.
        forwarded = f"{made_up}, 203.0.113.9" if proxies else made_up
        passed += look_up(client, "10.0.0.1" if proxies else "203.0.113.9", forwarded) != 429
    assert passed == MOST


@pytest.mark.django_db
def test_other_people_are_not_locked_out(client: Client, office: Office) -> None:
    while look_up(client) != 429:
        pass
    assert look_up(client, "203.0.113.10") == 404
    assert look_up(client, "2001:db8::1") == 404
    # A colleague behind the same address who is signed in.
    assert look_up(sign_in(office.alice)) == 404
    assert client.get("/objections/", REMOTE_ADDR="203.0.113.9").status_code == 200


@pytest.mark.django_db
def test_an_account_is_one_caller_wherever_it_comes_from(office: Office) -> None:
    alice, charlie = sign_in(office.alice), sign_in(office.charlie)
    statuses = [look_up(alice, f"203.0.113.{place}") for place in range(MOST + 2)]
    assert statuses == [404] * MOST + [429] * 2
    assert look_up(charlie) == 404


@pytest.mark.django_db
def test_en_03_all_addresses_of_an_ipv6_site_are_one_caller(client: Client) -> None:
    statuses = [look_up(client, f"2001:db8:0:1::{place + 1:x}") for place in range(MOST + 1)]
    assert statuses == [404] * MOST + [429]
    assert look_up(client, "2001:db8:0:2::1") == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "sentence"), [("zh-hans", 'lang="zh'), ("en", "Too many requests")]
)
def test_the_refusal_says_when_to_try_again_in_the_readers_language(
    client: Client, settings: Settings, language: str, sentence: str
) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    while look_up(client) != 429:
        pass
    answer = client.post("/objections/", LOOKUP, REMOTE_ADDR="203.0.113.9")
    assert answer["Retry-After"] == "3600"
    assert sentence in answer.content.decode()
    assert "60" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/v/SJ3702026110001?c=0",
        "/v/SJ3702026110001/proof?c=0",
        "/desk/invitations/none/",
    ],
)
def test_numbers_and_invitations_are_not_guessed_without_end(client: Client, address: str) -> None:
    statuses = [client.get(address).status_code for _each in range(MOST + 2)]
    assert statuses == [404] * MOST + [429] * 2


@pytest.mark.django_db
def test_proof_and_record_of_certificates_share_one_limit(client: Client) -> None:
    for _each in range(MOST):
        client.get("/v/SJ3702026110001?c=0")
    assert client.get("/v/SJ3702026110001/proof?c=0").status_code == 429


@pytest.mark.django_db
def test_the_api_shares_the_limit_of_certificates_with_the_pages(
    client: Client, office: Office
) -> None:
    for _each in range(MOST):
        client.get("/v/SJ3702026110001?c=0")
    question = {"number": "SJ3702026110001", "code": "0"}
    asked = [
        client.get("/api/v1/certificates/SJ3702026110001?code=0"),
        client.get("/api/v1/documents/E20261100001?code=0"),
        client.post("/api/v1/verify/number", question, content_type="application/json"),
    ]
    for answer in asked:
        assert answer.status_code == 429
        assert answer["Retry-After"] == "3600"
        assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
def test_of_an_objection_too_many_nothing_is_kept(client: Client, office: Office) -> None:
    filing = bring_to_examination(office, make_complete_draft(office, make_party(office)))
    pass_examination(filing, by=office.li, at=NOW)
    publicise(filing, by=office.li, at=NOW)
    statuses = [hand_in(client, filing) for _each in range(MOST + 2)]
    assert statuses == [200] * MOST + [429] * 2
    assert Objection.objects.count() == MOST


def hand_in(client: Client, filing: Filing) -> int:
    form = {
        "objector": "示例甲公司",
        "contact": "示例",
        "ground": "示例：来源有争议",
        "evidence": SimpleUploadedFile("e.txt", "示例".encode()),
    }
    return client.post(f"/notices/{filing.number}/object/", form).status_code


def wait(at: datetime, page: str = "page", address: str = "203.0.113.9") -> int:
    return seconds_to_wait(address, page, most=MOST, at=at)


@pytest.mark.django_db
def test_the_window_slides_and_the_refused_lengthen_nothing() -> None:
    for minute in range(MOST):
        assert wait(NOW + timedelta(minutes=minute)) == 0
    assert wait(NOW + timedelta(minutes=30)) == 30 * 60
    assert wait(NOW + WINDOW - timedelta(seconds=1)) == 1
    assert wait(NOW + WINDOW) == 0
    assert wait(NOW + WINDOW) == 60
    assert wait(NOW + WINDOW, page="other") == 0


@pytest.mark.django_db
def test_what_counts_no_more_is_deleted_and_names_nobody() -> None:
    for place in range(20):
        wait(NOW, address=f"203.0.113.{place}")
    assert not CountedRequest.objects.filter(caller__contains="203.0.113").exists()
    wait(NOW + WINDOW)
    assert CountedRequest.objects.count() == 1


@pytest.mark.django_db
def test_zero_sets_no_limit(client: Client, settings: Settings) -> None:
    settings.OBJECTION_LOOKUPS_PER_HOUR = 0
    assert {look_up(client) for _each in range(MOST * 3)} == {404}
    assert not CountedRequest.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_requests_at_the_same_moment_no_more_than_the_limit_pass() -> None:
    passed: list[bool] = []
    barrier = threading.Barrier(16)

    def ask() -> None:
        barrier.wait()
        try:
            passed.extend(wait(NOW) == 0 for _each in range(3))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _each in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 48
    assert 1 <= sum(passed) <= MOST

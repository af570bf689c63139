"""A key has its quota: a bank's program that runs wild locks out nobody else."""

from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from accounts.api_keys import create_api_key
from accounts.models import User
from accounts.roles import Role
from primitives.clock import CHINA
from tests.factories import NOON, make_user

NOW = datetime(2026, 11, 27, 9, tzinfo=CHINA)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    hands = [NOW]
    for module in ("web", "api"):
        monkeypatch.setattr(f"{module}.throttles.now_utc", lambda: hands[0])
    return hands


@pytest.fixture
def bank(db: None) -> User:
    return make_user("bank", Role.BANK)


def key_of(bank: User, quota: int | None = None) -> str:
    return create_api_key(owner=bank, label="k", created_at=NOON, requests_per_hour=quota)


def call(client: Client, key: str, address: str = "/api/v1/assets") -> int:
    return client.get(address, headers={"Authorization": f"Bearer {key}"}).status_code


def test_a_key_passes_its_quota_whatever_it_asks_and_waits_for_the_rest_of_the_hour(
    client: Client, bank: User, clock: list[datetime]
) -> None:
    key, other = key_of(bank, 3), key_of(bank, 3)
    addresses = ("/api/v1/assets", "/api/v1/", "/api/v1/nowhere")
    assert [call(client, key, address) for address in addresses] == [200, 200, 404]
    refused = client.get("/api/v1/assets", headers={"Authorization": f"Bearer {key}"})
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "3600"
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert call(client, other) == 200
    assert client.get("/api/v1/assets").status_code == 200
    clock[0] = NOW + timedelta(hours=1)
    assert call(client, key) == 200


@pytest.mark.usefixtures("clock")
def test_a_key_without_a_quota_of_its_own_has_that_of_the_installation(
    client: Client, bank: User, settings: Settings
) -> None:
    settings.API_REQUESTS_PER_HOUR = 2
    usual, unlimited = key_of(bank), key_of(bank, 0)
    assert [call(client, usual) for _ in range(3)] == [200, 200, 429]
    assert [call(client, unlimited) for _ in range(4)] == [200] * 4


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
def test_en_03_files_are_checked_for_one_caller_so_often_an_hour(
    client: Client, settings: Settings
) -> None:
    settings.VERIFICATIONS_PER_HOUR = 2

    def check() -> int:
        file = SimpleUploadedFile("certificate.pdf", b"no PDF")
        return client.post("/verify/file/", {"file": file}).status_code

    assert [check() for _ in range(3)] == [200, 200, 429]

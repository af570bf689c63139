"""While no time-stamp is to be had registrations go on, certificates wait, and none is lost."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from certificates import issuance
from certificates.development_pki import ensure_development_pki
from certificates.development_tsa import DevelopmentTimestampAuthority
from certificates.documents.ordering import Order, OrderError, order
from certificates.issuance import issue_waiting
from certificates.models import Certificate, CertificateState, DocumentKind, TimestampOutage
from certificates.sealing import timestamp_services
from certificates.suites import key_file_suite
from certificates.timestamping import ServiceError, TimestampServices
from registry.models import DataAsset
from tests.factories import NOON, Office, make_party, register_asset
from tests.verifier.example import sealer_with

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NAMES = {"1": "示例港口吞吐量", "2": "示例气象观测", "3": "示例电价曲线"}


class Switch:
    """The installation's authority, which can be switched off; it counts how often it is asked."""

    name = "a service that comes and goes"

    def __init__(self, authority: DevelopmentTimestampAuthority) -> None:
        self.is_on, self.asked, self._authority = False, 0, authority

    def token(self, digest: bytes, *, at: datetime) -> bytes:
        self.asked += 1
        if not self.is_on:
            raise ServiceError("off")
        return self._authority.token(digest, at=at)


@pytest.fixture
def switch(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Switch:
    pki, services = ensure_development_pki(Path(settings.PKI_DIR)), timestamp_services()
    stamping = key_file_suite(pki.tsa_key_pem, pki.tsa_chain_pem)
    switch = Switch(DevelopmentTimestampAuthority(stamping))
    sealer = sealer_with(pki, TimestampServices([switch], services.trust, services.tolerance))
    monkeypatch.setattr(issuance, "sealer", lambda: sealer)
    return switch


@pytest.fixture
def assets(office: Office) -> list[DataAsset]:
    holder = make_party(office)
    return [
        register_asset(office, holder, data=letter.encode(), name=name)
        for letter, name in NAMES.items()
    ]


def states() -> list[str]:
    return list(Certificate.objects.order_by("pk").values_list("state", flat=True))


def test_certificates_wait_for_a_time_stamp_and_are_issued_when_it_comes(
    assets: list[DataAsset], switch: Switch
) -> None:
    assert issue_waiting(at=NOON + MINUTE) == 0
    assert states() == [CertificateState.NUMBERED] * 3
    assert switch.asked == 1, "the others would wait as long and hear the same"
    assert not any(certificate.sha256 for certificate in Certificate.objects.all())
    switch.is_on = True
    assert issue_waiting(at=NOON + 2 * MINUTE) == 3
    assert states() == [CertificateState.ISSUED] * 3
    outage = TimestampOutage.objects.get()
    assert (outage.began_at, outage.ended_at) == (NOON + MINUTE, NOON + 2 * MINUTE)
    assert "off" in outage.error


def test_after_four_hours_no_number_is_taken_until_a_time_stamp_comes(
    office: Office, assets: list[DataAsset], switch: Switch
) -> None:
    issue_waiting(at=NOON + MINUTE)
    register_asset(office, make_party(office, 2), data=b"4", name="示例水文记录")
    issue_waiting(at=NOON + MINUTE + 4 * HOUR - MINUTE)
    assert len(states()) == 4
    register_asset(office, make_party(office, 3), data=b"5", name="示例车流统计")
    issue_waiting(at=NOON + MINUTE + 4 * HOUR)
    assert len(states()) == 4
    search = Order(kind=DocumentKind.SEARCH, query="DA-999999999")
    with pytest.raises(OrderError, match=r"time-stamp|时间戳"):
        order(search, by=None, at=NOON + MINUTE + 4 * HOUR)
    switch.is_on = True
    assert issue_waiting(at=NOON + 5 * HOUR) == 4
    assert issue_waiting(at=NOON + 5 * HOUR) == 1
    assert states() == [CertificateState.ISSUED] * 5


def test_the_health_page_says_since_when_no_time_stamp_was_given(
    assets: list[DataAsset], switch: Switch, client: Client, settings: Settings
) -> None:
    assert client.get("/healthz").json()["time_stamps"] == "ok"
    issue_waiting(at=NOON + MINUTE)
    settings.TSA_OUTAGE_MINUTES = 10**9
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["time_stamps"]) == (200, "waiting")
    assert answer.json()["time_stamp_outage_seconds"] != 0
    settings.TSA_OUTAGE_MINUTES = -(10**9)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["time_stamps"]) == (503, "stopped")
    switch.is_on = True
    issue_waiting(at=NOON + 2 * MINUTE)
    assert client.get("/healthz").json()["time_stamps"] == "ok"

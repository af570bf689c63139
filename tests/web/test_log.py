import pytest
from django.test import Client

from certificates.models import Certificate
from certificates.queries import log_verifier_key, trust_pem
from ledger.queries import latest_checkpoint
from registry.models import DataAsset
from tlog.checkpoint import open_checkpoint
from tlog.note import VerifierKey


def test_the_checkpoint_is_public_and_opens_with_the_public_key(
    client: Client, asset: DataAsset
) -> None:
    note = client.get("/log/checkpoint").content.decode()
    key = client.get("/log/key").content.decode().strip()

    checkpoint = open_checkpoint(note, VerifierKey.parse(key))
    latest = latest_checkpoint()
    assert latest
    assert checkpoint.size == latest.tree_head.size


@pytest.mark.django_db
def test_an_empty_log_has_no_checkpoint(client: Client) -> None:
    assert client.get("/log/checkpoint").status_code == 404


def test_the_trust_roots_are_public(client: Client) -> None:
    assert client.get("/log/trust.pem").content.decode() == trust_pem()
    assert client.get("/log/key").content.decode() == log_verifier_key() + "\n"


def test_health_counts_what_waits(client: Client, asset: DataAsset) -> None:
    before = client.get("/healthz").json()
    assert before["waiting_certificates"] == 1
    assert before["ledger_size"] == 3
    assert before["database"] == "ok"
    assert before["checkpoint_age_seconds"] >= 0


def test_health_is_quiet_when_all_is_issued(client: Client, certificate: Certificate) -> None:
    assert client.get("/healthz").json()["waiting_certificates"] == 0


@pytest.mark.django_db
def test_health_answers_before_the_first_act(client: Client) -> None:
    answer = client.get("/healthz").json()

    assert answer["ledger_size"] == 0
    assert answer["checkpoint_age_seconds"] is None

import pytest
from django.test import Client
from pytest_django import Settings

from certificates.models import Certificate
from certificates.queries import log_verifier_key
from certificates.sealing import trust_pem
from ledger.acts import open_act
from ledger.keys import log_signers, log_verifier_keys
from ledger.keys import log_verifier_key as log_key
from ledger.memory import held
from ledger.queries import latest_checkpoint
from ledger.sequencing import Sequencer
from ledger.signing import sign_checkpoint
from registry.models import DataAsset
from tests.factories import NOON
from tests.reference.merkle import root
from tlog.checkpoint import Checkpoint, open_checkpoint
from tlog.checkpoint import sign_checkpoint as sign_body
from tlog.merkle import leaf_hash
from tlog.note import VerifierKey
from tlog.tiles import unpack_bundle


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


def test_health_says_that_the_log_was_set_back(
    client: Client, asset: DataAsset, settings: Settings
) -> None:
    larger = Checkpoint(origin=settings.LEDGER_ORIGIN, size=99, root=bytes(32))
    with held() as memory:
        memory.remember(sign_body(larger, *log_signers(at=NOON)))

    answer = client.get("/healthz")

    assert answer.status_code == 503
    assert answer.json()["ledger"] == "set back"


def test_health_counts_entries_that_wait_for_their_place(
    client: Client, asset: DataAsset, settings: Settings
) -> None:
    assert client.get("/healthz").json()["pending_entries"] == 0
    settings.LEDGER_PUBLISH_INLINE = False
    with open_act(recorded_at=NOON, actor="U-1", officer="U-2") as act:
        act.record(kind="test.noted/1", keys=["test:1"], payload={})

    assert client.get("/healthz").json()["pending_entries"] == 1


def test_every_key_that_signed_is_public_the_log_key_first(client: Client, db: None) -> None:
    lines = client.get("/log/keys").content.decode().splitlines()

    assert lines == [str(key) for key in log_verifier_keys()]
    assert lines[0] + "\n" == client.get("/log/key").content.decode()


def test_health_is_quiet_when_all_is_issued(client: Client, certificate: Certificate) -> None:
    assert client.get("/healthz").json()["waiting_certificates"] == 0


@pytest.mark.django_db
def test_health_answers_before_the_first_act(client: Client) -> None:
    answer = client.get("/healthz").json()

    assert answer["ledger_size"] == 0
    assert answer["checkpoint_age_seconds"] is None


def test_a_stranger_reads_the_whole_log_over_http(client: Client, certificate: Certificate) -> None:
    checkpoint = open_checkpoint(client.get("/log/checkpoint").content.decode(), log_key())

    tiles = client.get(f"/log/tile/0/000.p/{checkpoint.size}")
    bundle = client.get(f"/log/tile/entries/000.p/{checkpoint.size}")
    entries = unpack_bundle(bundle.content)

    assert b"".join(map(leaf_hash, entries)) == tiles.content
    assert root(entries) == checkpoint.root
    for answer in (tiles, bundle):
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        # Whatever varies with a cookie is kept by no shared cache.
        assert "Vary" not in answer.headers
        assert not answer.cookies


@pytest.mark.parametrize(
    "path",
    [
        "0/000",  # full, and the log is not that long
        "0/000.p/{beyond}",
        "0/001.p/1",
        "1/000.p/1",
        "entries/000.p/{beyond}",
        "0/000.p/1?x=1",
        "0/000.p/0",
        "0/000.p/256",
        "0/0.p/1",
        "00/000.p/1",
        "64/000.p/1",
        "x/000.p/1",
        "../checkpoint",
        "0/x001/000.p/1/",
    ],
)
def test_no_tile_is_served_that_the_published_tree_does_not_have(
    client: Client, asset: DataAsset, path: str
) -> None:
    latest = latest_checkpoint()
    assert latest
    beyond = latest.tree_head.size + 1

    assert client.get("/log/tile/" + path.format(beyond=beyond)).status_code == 404


def test_what_is_not_signed_yet_is_not_served(
    client: Client, asset: DataAsset, settings: Settings
) -> None:
    settings.LEDGER_PUBLISH_INLINE = False
    latest = latest_checkpoint()
    assert latest
    with open_act(recorded_at=NOON, actor="U-1", officer="U-2") as act:
        act.record(kind="test.noted/1", keys=["test:1"], payload={})
    Sequencer().integrate(at=NOON)
    width = latest.tree_head.size + 1

    assert client.get(f"/log/tile/entries/000.p/{width}").status_code == 404
    sign_checkpoint(at=NOON)
    assert client.get(f"/log/tile/entries/000.p/{width}").status_code == 200

"""One public request proves what is the latest act on an asset, or that nothing is registered."""

from pathlib import Path
from urllib.parse import quote

import pytest
from django.test import Client

from certificates.queries import log_verifier_key
from ledger.acts import open_act
from ledger.state_map import commit_state_map
from primitives.clock import now_utc
from registry.models import DataAsset
from tests.factories import NOON
from verifier.cli import main


def test_the_latest_act_on_an_asset_is_proven_by_one_request(
    client: Client, asset: DataAsset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commit_state_map(at=now_utc())
    response = client.get(f"/log/state/asset:{asset.number}")
    file = tmp_path / "asset.state-proof"
    file.write_bytes(response.content)

    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["Cache-Control"] == "public, max-age=60"
    assert f'"asset-{asset.number}.state-proof"' in response.headers["Content-Disposition"]
    assert main([str(file), "--log-key", log_verifier_key()]) == 0
    assert f"the latest act on asset:{asset.number} is entry" in capsys.readouterr().out


def test_that_nothing_is_registered_is_proven_by_one_request(
    client: Client, asset: DataAsset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commit_state_map(at=now_utc())
    file = tmp_path / "asset.state-proof"
    file.write_bytes(client.get("/log/state/asset:DA-999999999").content)

    assert main([str(file), "--log-key", log_verifier_key()]) == 0
    assert "nothing is registered under asset:DA-999999999" in capsys.readouterr().out


def test_before_the_first_commitment_nothing_is_proven(
    english_client: Client, asset: DataAsset
) -> None:
    response = english_client.get(f"/log/state/asset:{asset.number}")

    assert response.status_code == 404
    assert "has not committed to a state map yet" in response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["a b", "x" * 81, "a\u202eb", "\x7f", "%00", "a\tb"])
def test_a_key_that_no_act_could_use_is_refused(english_client: Client, key: str) -> None:
    response = english_client.get("/log/state/" + (key if key == "%00" else quote(key)))

    assert response.status_code == 400


@pytest.mark.parametrize(
    "key", ["data:" + "0" * 64, "a/b", "../checkpoint", "公司", '"', "%", "x" * 80]
)
def test_any_other_key_is_answered(client: Client, asset: DataAsset, key: str) -> None:
    commit_state_map(at=now_utc())

    response = client.get("/log/state/" + quote(key))

    assert response.status_code == 200
    assert response.content.decode().startswith(f"quanji.state-proof/1\nabsent {key}\n")
    assert response.headers["Content-Disposition"].isascii()
    assert response.headers["Content-Disposition"].count('"') == 2


def test_a_commitment_that_the_entries_belie_is_not_proven_from(
    english_client: Client, asset: DataAsset
) -> None:
    keys = ["state-map"]
    with open_act(recorded_at=NOON, actor="U-1", officer="U-1", keys=keys) as act:
        act.record(kind="state.committed/1", keys=keys, payload={"map_size": "many"})

    response = english_client.get(f"/log/state/asset:{asset.number}")

    assert response.status_code == 503
    assert "cannot be proven from" in response.content.decode()
    assert english_client.get(f"/assets/{asset.number}/").status_code == 200


@pytest.mark.django_db
def test_two_lines_are_no_address(client: Client) -> None:
    assert client.get("/log/state/a%0A").status_code == 404

"""The witness over HTTP: litewitness's transcript, what monitors see, and wrong requests."""

import http.client
import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tlog.witnessing import LOG, POST_QUANTUM, WITNESS, GrowingLog, MemoryStore
from tests.witness.serving import Client, ask, run, serve
from tlog.cosignature import CosignatureSigner
from tlog.keys import parse_log_key
from tlog.note import Verifier, open_note
from tlog.witness import SIZE_TYPE, TEXT_TYPE, Answer, Witness, hash_origin
from witness.cli import main
from witness.server import MAX_BODY_BYTES
from witness.store import DirectoryStore

TRANSCRIPTS = json.loads(
    (Path(__file__).parents[1] / "tlog" / "vectors" / "litewitness.json").read_text()
)
HONEST = GrowingLog()
CHECKPOINT_PATH = f"/{hash_origin(LOG.name)}/checkpoint"


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness(
        cosigners=[WITNESS, POST_QUANTUM],
        logs={LOG.name: [LOG.verifier_key]},
        store=DirectoryStore(tmp_path),
    )


@pytest.fixture
def port(witness: Witness, socket_enabled: None) -> Iterator[int]:
    with serve(witness) as port:
        yield port


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_litewitnesss_transcript_is_answered(
    name: str, tmp_path: Path, socket_enabled: None
) -> None:
    transcript: dict[str, Any] = TRANSCRIPTS[name]
    witness = Witness(
        cosigners=[CosignatureSigner.generate("example.com/witness")],
        logs={transcript["origin"]: [parse_log_key(transcript["log_key"])]},
        store=DirectoryStore(tmp_path),
    )
    with serve(witness) as port, Client(port) as client:
        for request in transcript["requests"]:
            answer = client.add_checkpoint(request["body"].encode())
            assert answer.status == request["status"]
            assert request.get("contains", "") in answer.body
            assert request.get("equals", answer.body) == answer.body
        assert transcript["origin"] in client.ask("GET", "/").body


def test_answers_have_the_types_of_the_protocol(port: int) -> None:
    with Client(port) as client:
        answer = client.add_checkpoint(HONEST.request(0, 4))
        assert (answer.status, answer.content_type) == (200, TEXT_TYPE)
        assert client.add_checkpoint(HONEST.request(0, 9)) == Answer(409, "4\n", SIZE_TYPE)
        shown = client.ask("GET", CHECKPOINT_PATH)
        assert shown == Answer(200, HONEST.checkpoint(4) + answer.body, TEXT_TYPE)


def test_a_monitor_opens_the_checkpoint_with_every_key(port: int) -> None:
    assert ask(port, "GET", CHECKPOINT_PATH).status == 404
    assert ask(port, "POST", "/add-checkpoint", HONEST.request(0, 4)).status == 200
    note = ask(port, "GET", CHECKPOINT_PATH).body
    keys: list[Verifier] = [LOG.verifier_key, WITNESS.verifier_key, POST_QUANTUM.verifier_key]
    assert len(open_note(note, keys).signatures) == 3


def test_the_front_page_shows_keys_and_logs(port: int) -> None:
    page = ask(port, "GET", "/").body
    assert page == f"{WITNESS.verifier_key}\n{POST_QUANTUM.verifier_key}\n\n{LOG.name}\n"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/add-checkpoint", 404),
        ("POST", "/", 404),
        ("POST", "/add-checkpoint/", 404),
        ("POST", "/sign-subtree", 404),
        ("POST", CHECKPOINT_PATH, 404),
        ("GET", CHECKPOINT_PATH + "?a", 404),
        ("GET", CHECKPOINT_PATH.upper(), 404),
        ("GET", f"/{hash_origin('x')}/checkpoint", 404),
        ("GET", "/../witness.key", 404),
        ("PUT", "/add-checkpoint", 501),
        ("HEAD", "/", 501),
    ],
)
def test_other_requests_are_refused(port: int, method: str, path: str, status: int) -> None:
    assert ask(port, method, path, HONEST.request(0, 4)).status == status
    assert ask(port, "GET", CHECKPOINT_PATH).status == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 411),
        ({"Transfer-Encoding": "chunked"}, 411),
        ({"Transfer-Encoding": "chunked", "Content-Length": "5"}, 411),
        ({"Content-Length": "five"}, 400),
        ({"Content-Length": "-5"}, 400),
        ({"Content-Length": "9" * 30}, 400),
        ({"Content-Length": str(MAX_BODY_BYTES + 1)}, 413),
    ],
)
def test_a_body_of_unknown_or_too_great_length_is_not_read(
    port: int, headers: dict[str, str], status: int
) -> None:
    with Client(port) as client:
        client.connection.putrequest("POST", "/add-checkpoint")
        for name, value in headers.items():
            client.connection.putheader(name, value)
        client.connection.endheaders()
        response = client.connection.getresponse()
        assert response.status == status
        assert response.headers["Connection"] == "close"
        response.read()


def test_the_longest_body_is_read_and_judged(port: int) -> None:
    assert ask(port, "POST", "/add-checkpoint", b"x" * MAX_BODY_BYTES).status == 400


def test_a_body_that_ends_early_is_a_bad_request(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 50\r\n\r\nold 0\n")
        connection.shutdown(socket.SHUT_WR)
        response = http.client.HTTPResponse(connection)
        response.begin()
        assert response.status == 400
        response.read()


def test_a_client_that_falls_silent_does_not_hold_up_others(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("witness.server._RequestHandler.timeout", 1)
    with Client(port) as silent:
        assert silent.ask("GET", "/").status == 200
        monkeypatch.undo()
        silent.connection.putrequest("POST", "/add-checkpoint")
        silent.connection.putheader("Content-Length", "50")
        silent.connection.endheaders(b"old")
        assert ask(port, "POST", "/add-checkpoint", HONEST.request(0, 4)).status == 200
        with pytest.raises(http.client.RemoteDisconnected):
            silent.connection.getresponse()


def test_connections_beyond_the_limit_are_dropped_and_room_is_made_again(
    witness: Witness, socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("witness.server.MAX_CONNECTIONS", 2)
    with serve(witness) as port:
        with Client(port) as first, Client(port) as second:
            for client in (first, second):
                assert client.ask("GET", "/").status == 200
            with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
                ask(port, "GET", "/")
        while True:
            try:
                assert ask(port, "GET", "/").status == 200
                break
            except (http.client.RemoteDisconnected, ConnectionError):
                # The server has not yet seen that the others hung up.
                continue


@given(st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_no_bytes_on_the_wire_bring_the_witness_down(port: int, content: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(content)
        connection.shutdown(socket.SHUT_WR)
        answered = b""
        while received := connection.recv(4096):
            answered += received
    assert b" 500 " not in answered.partition(b"\n")[0]
    assert ask(port, "GET", "/").status == 200


@given(st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_no_body_is_answered_with_a_failure(port: int, body: bytes) -> None:
    assert ask(port, "POST", "/add-checkpoint", body).status in {400, 404}


def test_a_fork_that_the_log_signed_is_kept_in_the_servers_log(
    port: int, capfd: pytest.CaptureFixture[str]
) -> None:
    fork = GrowingLog(forked_at=2, fork="'")
    assert ask(port, "POST", "/add-checkpoint", HONEST.request(0, 4)).status == 200
    assert ask(port, "POST", "/add-checkpoint", fork.request(4, 9)).status == 422
    logged = capfd.readouterr().err
    assert fork.checkpoint(9).replace("\n", "\\x0a") in logged


def test_damaged_state_is_503_and_nothing_is_cosigned(
    tmp_path: Path, witness: Witness, port: int
) -> None:
    assert ask(port, "POST", "/add-checkpoint", HONEST.request(0, 4)).status == 200
    path = tmp_path / CHECKPOINT_PATH[1:]
    kept = path.read_bytes()
    other = replace(witness, store=MemoryStore(), cosigners=[CosignatureSigner.generate("w")])
    other.add_checkpoint(GrowingLog(fork="'", forked_at=0).request(0, 4), timestamp=1)
    forged = other.latest_checkpoint(hash_origin(LOG.name)).body.encode()
    for damaged in (b"", b"\xff", kept[:-9], kept.replace(b"\n4\n", b"\n3\n"), forged):
        path.write_bytes(damaged)
        answer = ask(port, "POST", "/add-checkpoint", HONEST.request(4, 9))
        assert answer.status == 503
        assert "— witness" not in answer.body
    path.write_bytes(kept)
    assert ask(port, "POST", "/add-checkpoint", HONEST.request(4, 9)).status == 200


def test_a_witness_that_cannot_store_does_not_cosign(tmp_path: Path, socket_enabled: None) -> None:
    state = tmp_path / "state"
    assert main(["init", "--state", str(state), "--name", "witness.example"]) == 0
    with run(state, str(LOG.verifier_key)) as (port, _):
        assert ask(port, "POST", "/add-checkpoint", HONEST.request(0, 4)).status == 200
    with run(state, str(LOG.verifier_key), limit="ulimit -f 0") as (port, _):
        answer = ask(port, "POST", "/add-checkpoint", HONEST.request(4, 9))
        assert answer.status == 503
        assert "— witness" not in answer.body
        assert ask(port, "GET", CHECKPOINT_PATH).body.startswith("log.example\n4\n")
    files = sorted(path.name for path in (state / "logs").rglob("*") if path.is_file())
    assert files == ["checkpoint", "lock"]

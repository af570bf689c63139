"""What no moment may undo: races between threads and processes, and kill -9."""

import contextlib
import http.client
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.tlog.witnessing import LOG, GrowingLog
from tests.witness.serving import Client, ask, run
from tlog.checkpoint import Checkpoint
from tlog.keys import parse_witness_key
from tlog.note import open_note
from tlog.witness import Answer, WitnessConflictError, hash_origin, read_answer
from witness.cli import main

CHECKPOINT_PATH = f"/{hash_origin(LOG.name)}/checkpoint"
CONTENDERS = 8


@pytest.fixture
def state(tmp_path: Path) -> Path:
    assert main(["init", "--state", str(tmp_path / "state"), "--name", "witness.example"]) == 0
    return tmp_path / "state"


def test_of_many_extensions_of_one_tree_two_processes_cosign_one(
    state: Path, socket_enabled: None
) -> None:
    key = str(LOG.verifier_key)
    log, size = GrowingLog(), 0
    with run(state, key) as (one, _), run(state, key) as (two, _):
        for rival in range(15):
            # Each contender has a fork of its own from the size that all agree on.
            forks = [
                GrowingLog(forked_at=size, fork=f"{rival}/{number}") for number in range(CONTENDERS)
            ]
            if size:
                forks = [_grown(log, size, fork.fork) for fork in forks]
            answers = _race([one, two], [fork.request(size, size + 3) for fork in forks])
            won = [place for place, answer in enumerate(answers) if answer.status == 200]
            assert len(won) == 1, "one of the inconsistent trees is cosigned"
            assert {answer.body for place, answer in enumerate(answers) if place != won[0]} == {
                f"{size + 3}\n"
            }
            log, size = forks[won[0]], size + 3
            shown = ask(one, "GET", CHECKPOINT_PATH).body
            assert shown == ask(two, "GET", CHECKPOINT_PATH).body
            assert shown.startswith(log.checkpoint(size))


def _grown(log: GrowingLog, size: int, fork: str) -> GrowingLog:
    """Return a log that shares ``size`` leaves with another and then goes its own way."""
    shared = log.leaves(size)

    class Grown(GrowingLog):
        def leaves(self, size: int) -> list[bytes]:
            return [*shared, *super().leaves(size)[len(shared) :]]

    return Grown(forked_at=size, fork=fork)


def _race(ports: list[int], requests: list[bytes]) -> list[Answer]:
    """Send all requests at one moment, to the ports in turn."""
    barrier = threading.Barrier(len(requests))

    def send(place: int) -> Answer:
        with Client(ports[place % len(ports)]) as client:
            client.ask("GET", "/")
            barrier.wait()
            return client.add_checkpoint(requests[place])

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(send, range(len(requests))))


def test_many_refreshes_of_one_tree_are_all_cosigned(state: Path, socket_enabled: None) -> None:
    log, key = GrowingLog(), str(LOG.verifier_key)
    with run(state, key) as (one, _), run(state, key) as (two, _):
        assert ask(one, "POST", "/add-checkpoint", log.request(0, 5)).status == 200
        answers = _race([one, two], [log.request(5, 5)] * CONTENDERS)
        assert [answer.status for answer in answers] == [200] * CONTENDERS


@pytest.mark.parametrize(
    "kills", [pytest.param(8, id="short"), pytest.param(100, id="long", marks=pytest.mark.long)]
)
def test_a_killed_witness_remembers_all_that_it_cosigned(
    state: Path, socket_enabled: None, capsys: pytest.CaptureFixture[str], kills: int
) -> None:
    assert main(["key", "--state", str(state)]) == 0
    key = parse_witness_key(capsys.readouterr().out.strip().rpartition("\n")[2])
    log, acknowledged = GrowingLog(), 0
    for trial in range(kills):
        with run(state, str(LOG.verifier_key)) as (port, process):
            shown = ask(port, "GET", CHECKPOINT_PATH)
            assert shown.status == 200 or not acknowledged
            if shown.status == 200:
                note = open_note(shown.body, [LOG.verifier_key, key])
                assert len(note.signatures) == 2
                kept = Checkpoint.parse(note.text)
                # One more may have been stored just before the kill, unanswered.
                assert kept.size in {acknowledged, acknowledged + 1}
                assert shown.body.startswith(log.checkpoint(kept.size))
                stale = ask(port, "POST", "/add-checkpoint", log.request(kept.size - 1, kept.size))
                assert stale == Answer(409, f"{kept.size}\n", "text/x.tlog.size")
                acknowledged = kept.size
            killer = threading.Timer(0.001 * (trial % 9), process.kill)
            acknowledged = _grow_until_killed(log, port, acknowledged, killer)
            killer.join()
            assert process.wait() == -signal.SIGKILL
    assert acknowledged >= kills
    files = {path.name for path in (state / "logs").rglob("*") if path.is_file()}
    assert files <= {"checkpoint", "lock", ".checkpoint.new"}


def _grow_until_killed(log: GrowingLog, port: int, size: int, killer: threading.Timer) -> int:
    """Have one more leaf cosigned at a time; return the last size that was answered 200."""
    with contextlib.suppress(http.client.HTTPException, OSError), Client(port) as client:
        while client.add_checkpoint(log.request(size, size + 1)).status == 200:
            size += 1
            if not killer.ident:
                killer.start()
    return size


def test_a_client_that_lost_its_place_finds_it(
    state: Path, socket_enabled: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["key", "--state", str(state)]) == 0
    key = parse_witness_key(capsys.readouterr().out.strip().rpartition("\n")[2])
    log = GrowingLog()

    def cosign(client: Client, old_size: int, size: int) -> int:
        answer = client.add_checkpoint(log.request(old_size, size))
        found = read_answer(
            status=answer.status,
            content_type=answer.content_type,
            body=answer.body.encode(),
            checkpoint=log.checkpoint(size),
            keys=[key],
        )
        return found[0].timestamp

    with run(state, str(LOG.verifier_key)) as (port, _), Client(port) as client:
        before = int(time.time())
        cosign(client, 0, 4)
        with pytest.raises(WitnessConflictError) as conflict:
            cosign(client, 0, 9)
        assert before <= cosign(client, conflict.value.size, 9) <= int(time.time())


def test_a_restarted_witness_says_where_it_stands(state: Path, socket_enabled: None) -> None:
    log = GrowingLog()
    command = ["run", "--state", str(state), "--log", str(LOG.verifier_key)]
    with run(state, str(LOG.verifier_key)) as (port, process):
        assert ask(port, "POST", "/add-checkpoint", log.request(0, 4)).status == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
    path = state / "logs" / CHECKPOINT_PATH[1:]
    path.write_text(re.sub("\n4\n", "\n3\n", path.read_text()))
    assert main(command) == 2


def test_two_witnesses_on_one_port_are_not_started(
    state: Path, socket_enabled: None, capsys: pytest.CaptureFixture[str]
) -> None:
    with run(state, str(LOG.verifier_key)) as (port, _):
        listen = f"127.0.0.1:{port}"
        command = ["run", "--state", str(state), "--log", str(LOG.verifier_key)]
        assert main([*command, "--listen", listen]) == 2
    assert "in use" in capsys.readouterr().err


def test_the_witness_needs_no_django() -> None:
    code = "import sys, witness.cli; assert not any(m.startswith('django') for m in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 # our own code

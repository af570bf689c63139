"""The disk full under the database, under its write-ahead log, and under the state folder."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest

from tests.crash.cluster import ClusterDownError, cluster_on_two_disks, folder_for_all
from tests.crash.disk import SmallDisk, small_disk
from tests.crash.storming import settle
from tests.crash.trial import Trial, copy_of

ACTS_UNTIL_FULL = 2000
ON_SQLITE = pytest.mark.parametrize(
    "trial", ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)], indirect=True
)
ON_POSTGRESQL = pytest.mark.parametrize(
    "trial", [pytest.param("sqlite", marks=pytest.mark.long), "postgresql"], indirect=True
)
"""Files fill up alike under both: the short form takes one each."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    with small_disk(folder, megabytes=16) as small:
        yield small


def tell(service: Popen[str], order: str) -> dict[str, Any]:
    assert service.stdin
    assert service.stdout
    service.stdin.write(order + "\n")
    service.stdin.flush()
    answer: dict[str, Any] = json.loads(service.stdout.readline())
    return answer


def act_until_refused(service: Popen[str]) -> str:
    """Act until the caller is told that it cannot be done, and return what it is told."""
    for _act in range(ACTS_UNTIL_FULL):
        answer = tell(service, "act")
        if "error" in answer:
            return str(answer["error"])
    return f"{ACTS_UNTIL_FULL} acts went well"


def works(service: Popen[str]) -> bool:
    """Say whether all that the service is for can be done."""
    orders = ("act", "number", "register", "publish", "issue")
    return all("done" in tell(service, order) for order in orders)


def require_sound(trial: Trial) -> None:
    settle(trial)
    assert trial.broken_promises() == []
    assert trial.findings() == []
    assert len(trial.evidence.acts) > 0


def test_sqlite_on_a_full_disk_refuses_acts_and_resumes_when_there_is_room(
    prepared: Path, tmp_path: Path, disk: SmallDisk
) -> None:
    trial = copy_of(prepared, tmp_path / "state", f"sqlite:///{disk.folder}/quanji.sqlite3")
    shutil.copy(trial.state / "quanji.sqlite3", disk.folder)
    with trial.process("service") as service:
        assert works(service)

        disk.fill()
        told = act_until_refused(service)
        assert "database or disk is full" in told
        assert "error" in tell(service, "act")
        assert tell(service, "read")["done"] > 0

        disk.make_room()
        assert works(service)
    require_sound(trial)


@ON_SQLITE
def test_a_full_state_folder_delays_checkpoint_and_certificate_and_no_act(
    trial: Trial, disk: SmallDisk
) -> None:
    for name in ("ledger", "certificates"):
        (disk.folder / name).mkdir()
        shutil.rmtree(trial.state / name, ignore_errors=True)
        (trial.state / name).symlink_to(disk.folder / name)
    with trial.process("service") as service:
        assert works(service)
        assert "done" in tell(service, "register")

        disk.fill()
        assert "done" in tell(service, "act")
        before = tell(service, "read")
        assert "No space left on device" in tell(service, "publish")["error"]
        assert "No space left on device" in tell(service, "issue")["error"]
        assert tell(service, "read") == before

        disk.make_room()
        assert tell(service, "publish")["done"] > before["done"]
        assert tell(service, "issue") == {"done": 1}
        assert works(service)
    require_sound(trial)


@ON_POSTGRESQL
def test_a_certificate_that_finds_no_room_waits_and_is_issued_when_there_is(
    trial: Trial, disk: SmallDisk
) -> None:
    (trial.state / "certificates").symlink_to(disk.folder)
    with trial.process("service") as service:
        assert works(service)
        assert "done" in tell(service, "register")
        assert "done" in tell(service, "publish")

        disk.fill()
        assert tell(service, "issue") == {"done": 0}
        assert "No space left on device" in (trial.state / "service.log").read_text()

        disk.make_room()
        assert tell(service, "issue") == {"done": 1}
    require_sound(trial)


def test_postgresql_whose_data_disk_is_full_refuses_acts_and_resumes_when_there_is_room(
    tmp_path: Path,
) -> None:
    with (
        folder_for_all() as data,
        folder_for_all() as wal,
        small_disk(data, megabytes=160) as disk,
        cluster_on_two_disks(data=data, wal=wal) as server,
    ):
        trial = Trial(tmp_path, server.url("postgres"))
        trial.program("prepare")
        with trial.process("service") as service:
            assert works(service)

            disk.fill()
            assert "No space left on device" in act_until_refused(service)
            assert tell(service, "read")["done"] > 0

            disk.make_room()
            assert works(service)
        require_sound(trial)


@pytest.mark.long
def test_postgresql_whose_log_disk_is_full_stops_and_has_lost_nothing_when_it_is_started_again(
    tmp_path: Path,
) -> None:
    with (
        folder_for_all() as data,
        folder_for_all() as wal,
        small_disk(wal, megabytes=64) as disk,
        cluster_on_two_disks(data=data, wal=wal) as server,
    ):
        trial = Trial(tmp_path, server.url("postgres"))
        trial.program("prepare")
        with trial.process("service") as service:
            assert works(service)

            disk.fill()
            # Whoever writes first meets the full disk: our session, or a process of the server.
            refusal = act_until_refused(service)
            assert any(words in refusal for words in ("closed the connection", "in recovery mode"))
            assert "No space left on device" in server.log()
            server.kill()
            with pytest.raises(ClusterDownError, match="No space left on device"):
                server.start()
            assert "error" in tell(service, "act")

            disk.make_room()
            server.start()
            assert works(service)
        require_sound(trial)

"""A PostgreSQL of our own that keeps its word as a real one does, and that we kill."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg

ROOT = Path(__file__).resolve().parents[2]
PAUSE_SECONDS = 0.005
START_SECONDS = 60
DURABLE = (
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "listen_addresses=",
    "shared_buffers=16MB",
    "max_wal_size=64MB",
    # A restart synchronises each of a thousand files otherwise, which takes longer than recovering.
    "recovery_init_sync_method=syncfs",
)


class ClusterDownError(Exception):
    """PostgreSQL ended instead of accepting connections; the message is the end of its log."""


class Cluster:
    """One cluster in one folder; it listens on a socket there."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self._options = [part for option in (*DURABLE, *options) for part in ("-c", option)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start PostgreSQL and return the seconds until it accepted connections.

        Raises:
            ClusterDownError: it refused, for instance because the disk is full.
        """
        begun = time.monotonic()
        (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)
        with (self.folder / "server.log").open("ab") as log:
            command = [f"{self.folder}/run", "postgres", "-D", "data", "-k", f"{self.folder}"]
            self._process = subprocess.Popen(  # noqa: S603 # the cluster's own program
                [*command, *self._options], stdout=log, stderr=log, start_new_session=True
            )
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() - begun > START_SECONDS:
                self.kill()
                raise ClusterDownError(self.log()[-2000:])
            time.sleep(PAUSE_SECONDS)
        return time.monotonic() - begun

    def kill(self) -> None:
        """Kill -9 the postmaster and every child of its, and see all of them gone."""
        if self._process is None:
            return
        postmaster = self._process.pid
        if self._process.poll() is None:
            # A stopped postmaster has no more children while we count them.
            self._process.send_signal(signal.SIGSTOP)
        family = [*children_of(postmaster), postmaster]
        for pid in family:
            end(pid)
        self._process.wait()
        self._process = None
        while any(is_alive(pid) for pid in family):
            time.sleep(PAUSE_SECONDS)

    def is_up(self) -> bool:
        """Say whether the postmaster still lives."""
        return self._process is not None and self._process.poll() is None

    def log(self) -> str:
        """Return what the server has said so far."""
        return (self.folder / "server.log").read_text(errors="replace")

    def execute(self, statement: str) -> None:
        """Run one statement of the cluster's administrator."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def url(self, database: str, **settings: str) -> str:
        """Return the address of a database, with settings of the session where they are given."""
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        query = {"host": str(self.folder)} | ({"options": options} if options else {})
        return f"postgresql://quanji@/{database}?{urlencode(query, quote_via=quote)}"

    def _is_ready(self) -> bool:
        try:
            lines = (self.folder / "data" / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready"


@contextmanager
def cluster(*options: str) -> Iterator[Cluster]:
    """Make a cluster, start it, and leave nothing of it behind."""
    # Not below pytest's own folder: that is closed to the user who runs the server.
    with folder_for_all() as folder:
        yield from started(folder, *options)


@contextmanager
def cluster_on_two_disks(*, data: Path, wal: Path) -> Iterator[Cluster]:
    """The same with its data in one folder and its write-ahead log in another, open to all."""
    # Small segments, so that a full disk is met soon.
    yield from started(data, initdb=("--wal-segsize=1", f"--waldir={wal / 'wal'}"))


def started(folder: Path, *options: str, initdb: tuple[str, ...] = ()) -> Iterator[Cluster]:
    """Fill the folder with a cluster, start it, and end all of its processes afterwards."""
    made = Cluster(folder, *options)
    try:
        make_cluster(folder, *initdb)
        made.start()
        yield made
    finally:
        made.kill()


@contextmanager
def folder_for_all() -> Iterator[Path]:
    """Make a folder in which every user may make files; it is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="quanji-crash."))
    folder.chmod(0o1777)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def make_cluster(folder: Path, *initdb: str) -> None:
    """Fill the folder as scripts/with_postgresql does."""
    subprocess.run([ROOT / "scripts" / "make_cluster", folder, *initdb], check=True)  # noqa: S603 # our own script


def children_of(parent: int) -> list[int]:
    """Return the processes whose parent this is, from /proc/<pid>/stat (proc(5))."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        state = _state(int(folder.name))
        if state is not None and int(state[1]) == parent:
            found.append(int(folder.name))
    return found


def is_alive(pid: int) -> bool:
    """Say whether the process runs; one that nobody has buried yet does not."""
    state = _state(pid)
    return state is not None and state[0] != "Z"


def end(pid: int) -> None:
    """Kill -9 a process that may be gone already."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _state(pid: int) -> list[str] | None:
    try:
        # The name in parentheses may hold anything, blanks and parentheses too.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None

"""Torchwood's litewitness on a scratch database, asked in the C2SP tlog-witness protocol."""

import os
import re
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import IO

from interop.programs import BINARIES
from tlog.encoding import encode_base64
from tlog.merkle import EMPTY_ROOT
from tlog.note import VerifierKey
from tlog.witness import AddCheckpoint

NAME = "witness.example/one"
AGENT_PROGRAMS = ("ssh-agent", "ssh-add", "ssh-keygen")
START_SECONDS = 20


@dataclass(frozen=True, slots=True)
class LiteWitness:
    """A running witness.

    Attributes:
        address: host and port on the loopback interface.
        database: its SQLite file.
        key: the cosigner's verifier key.
    """

    address: tuple[str, int]
    database: Path
    key: str

    @classmethod
    @contextmanager
    def running(cls) -> Iterator["LiteWitness"]:
        """Start one with a new key in an ssh-agent of its own, and stop both at the end."""
        # A socket's path is short: at most 107 bytes.
        with tempfile.TemporaryDirectory(prefix="witness-") as name, ExitStack() as stack:
            folder = Path(name)
            agent, fingerprint = folder / "agent", _new_key(folder / "key")
            _start(stack, "ssh-agent", "-D", "-a", agent, log=folder / "agent.log")
            _wait_for(agent.exists, log=folder / "agent.log")
            _run("ssh-add", "-q", folder / "key", agent=agent)
            address, log = ("127.0.0.1", free_port()), folder / "witness.log"
            _start(
                stack,
                BINARIES / "litewitness",
                f"-name={NAME}",
                f"-db={folder / 'witness.db'}",
                f"-ssh-agent={agent}",
                f"-key={fingerprint}",
                f"-listen={address[0]}:{address[1]}",
                log=log,
            )
            _wait_for(lambda: _listens(address), log=log)
            key = re.search(r"vkey=(\S+)", log.read_text())
            if key is None:
                raise RuntimeError(log.read_text())
            yield cls(address, folder / "witness.db", key[1])

    def know(self, log_key: VerifierKey) -> None:
        """Make a log and its key known, with the two rows that torchwood's witnessctl writes."""
        with closing(sqlite3.connect(self.database)) as database, database:
            empty = encode_base64(EMPTY_ROOT)
            database.execute("INSERT INTO log VALUES (?, 0, ?)", (log_key.name, empty))
            database.execute("INSERT INTO key VALUES (?, ?)", (log_key.name, str(log_key)))

    def known_size(self, origin: str) -> int:
        """Return the size of the tree that the witness cosigned last."""
        with closing(sqlite3.connect(self.database)) as database:
            row = database.execute("SELECT tree_size FROM log WHERE origin = ?", (origin,))
            return int(row.fetchone()[0])

    def add_checkpoint(
        self, checkpoint: str, *, old: int, proof: Sequence[bytes] = ()
    ) -> tuple[int, str]:
        """Send a checkpoint with its consistency proof; return the status and the answer."""
        request = AddCheckpoint(old_size=old, proof=tuple(proof), checkpoint=checkpoint)
        with closing(HTTPConnection(*self.address, timeout=START_SECONDS)) as connection:
            connection.request("POST", "/add-checkpoint", request.format())
            response = connection.getresponse()
            return response.status, response.read().decode()


def _new_key(path: Path) -> str:
    """Make an Ed25519 key and return its fingerprint."""
    _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path)
    return _run("ssh-keygen", "-l", "-f", path).split()[1]


def _run(program: str, *arguments: str | Path, agent: Path | None = None) -> str:
    environment = {**os.environ, "SSH_AUTH_SOCK": str(agent)} if agent else None
    done = subprocess.run(
        [program, *arguments],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
    )
    return done.stdout


def _start(stack: ExitStack, program: str | Path, *arguments: str | Path, log: Path) -> None:
    output: IO[bytes] = stack.enter_context(log.open("wb"))
    process = subprocess.Popen([program, *arguments], stdout=output, stderr=output)
    stack.callback(process.wait, timeout=START_SECONDS)
    stack.callback(process.terminate)


def _wait_for(condition: Callable[[], bool], *, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(log.read_text())
        time.sleep(0.02)


def _listens(address: tuple[str, int]) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(address) == 0


def free_port() -> int:
    """Return a port of the loopback interface on which nobody listens."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

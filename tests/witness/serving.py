"""Real witnesses over real HTTP: in a thread of the test, or as a process of its own."""

import contextlib
import http.client
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tlog.witness import Answer, Witness
from witness.server import WitnessServer


@dataclass
class Client:
    """One kept-alive connection to a witness."""

    port: int
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def ask(self, method: str, path: str, body: bytes | None = None) -> Answer:
        self.connection.request(method, path, body)
        response = self.connection.getresponse()
        content = response.read().decode()
        return Answer(response.status, content, response.headers["Content-Type"])

    def add_checkpoint(self, body: bytes) -> Answer:
        return self.ask("POST", "/add-checkpoint", body)


def ask(port: int, method: str, path: str, body: bytes | None = None) -> Answer:
    with Client(port) as client:
        return client.ask(method, path, body)


@contextlib.contextmanager
def serve(witness: Witness) -> Iterator[int]:
    """Serve in a thread; the port."""
    with WitnessServer("127.0.0.1", 0, witness) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def run(state: Path, *logs: str, limit: str = "") -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """Run ``quanji-witness run`` under a shell's ``ulimit``; the port and the process."""
    options = [option for log in logs for option in ("--log", log)]
    command = [sys.executable, "-m", "witness", "run", "--listen", "127.0.0.1:0"]
    shell = ["/bin/sh", "-c", f'{limit or ":"}; exec "$@"', "sh"]
    with subprocess.Popen(  # noqa: S603 # our own command
        [*shell, *command, "--state", str(state), *options], stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield _port(process), process
        finally:
            process.kill()


def _port(process: subprocess.Popen[str]) -> int:
    assert process.stderr is not None
    for line in process.stderr:
        if match := re.fullmatch(r"listening on port (\d+)\n", line):
            return int(match[1])
    raise AssertionError("the witness does not listen")

"""What the judges are given."""

import shutil
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket

import pytest
from pytest_django import DjangoDbBlocker
from pytest_django.live_server_helper import LiveServer

from interop.litewitness import AGENT_PROGRAMS, LiteWitness
from interop.logs import Folder, SyntheticLog
from interop.programs import MODULE, build, why_not_here
from interop.register import Register
from tlog.note import NoteSigner

WITHOUT_GO = ("test_documents.py", "test_dss.py")
LARGE_SIZE = 70_000
"""Entries enough for full and partial tiles of level 0 and 1, and one of level 2."""
WIDE_SIZE = 1001 * 256 + 44
"""Entries enough for a thousand and more tiles, whose paths have two parts."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = why_not_here()
    for item in (item for item in items if MODULE in item.path.parents):
        item.add_marker(pytest.mark.allow_hosts(["127.0.0.1"]))
        if "register" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.django_db)  # else no test database is made
        if missing and item.path.name not in WITHOUT_GO:
            item.add_marker(pytest.mark.skip(reason=missing))


@pytest.fixture(scope="session", autouse=True)
def _programs() -> None:
    if why_not_here():
        return
    try:
        build()
    except RuntimeError as error:
        pytest.exit(f"The Go programs cannot be built: {error}", returncode=1)


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory below which every log lies, so that one server can serve them."""
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="session")
def shelf_url(shelf: Path) -> Iterator[str]:
    """Serve the shelf on the loopback interface, as any plain web server would."""
    server = QuietServer(("127.0.0.1", 0), partial(QuietHandler, directory=shelf))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class QuietServer(ThreadingHTTPServer):
    """A server to which it is no error that a client which has seen enough hangs up."""

    def handle_error(self, request: socket | tuple[bytes, socket], client_address: object) -> None:
        """Tell every other error."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class QuietHandler(SimpleHTTPRequestHandler):
    """A static file server that keeps connections open and says nothing."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def large_log() -> SyntheticLog:
    entries = (f"entry {number} of a large log".encode() for number in range(LARGE_SIZE))
    return SyntheticLog(NoteSigner.generate("large.example/log"), entries)


@pytest.fixture(scope="session")
def large(large_log: SyntheticLog, shelf: Path) -> Folder:
    return large_log.write(shelf / "large")


@pytest.fixture(scope="session")
def wide(shelf: Path) -> Folder:
    entries = (str(number).encode() for number in range(WIDE_SIZE))
    return SyntheticLog(NoteSigner.generate("wide.example/log"), entries).write(shelf / "wide")


@pytest.fixture(scope="session")
def register(django_db_setup: None, django_db_blocker: DjangoDbBlocker, shelf: Path) -> Register:
    """Return the demonstration register and some hundred acts, made and exported by the product."""
    with django_db_blocker.unblock():
        return Register.make(shelf)


@pytest.fixture(scope="session")
def product_url(register: Register, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Let the product itself serve the register, and return the log's address."""
    with django_db_blocker.unblock():
        server = LiveServer("127.0.0.1")
        yield f"{server.url}/log"
        server.stop()


@pytest.fixture(scope="session")
def witness() -> Iterator[LiteWitness]:
    if missing := [name for name in AGENT_PROGRAMS if shutil.which(name) is None]:
        pytest.skip(f"{', '.join(missing)} of OpenSSH is not installed")
    with LiteWitness.running() as running:
        yield running

"""Papers are looked at by a virus scanner before they are kept; without its answer none is."""

import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django.fixtures import Settings

from registry.instruments import InstrumentRefusedError, store_instrument
from registry.models import Instrument
from registry.scanning import ScannerAwayError, is_there, papers_are_scanned, scan
from tests.factories import NOON

# The test file of EICAR, in two halves so that no scanner takes this one for it.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

Answering = Callable[[bytes], str]


@pytest.fixture
def answering(tmp_path: Path, settings: Settings, socket_enabled: None) -> Iterator[Answering]:
    """Serve clamd's protocol on a socket; each answer is made by what the test gives."""
    path = tmp_path / "clamd.ctl"
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.listen()
    settings.SCANNER = f"clamd://{path}"
    answers: dict[str, Callable[[bytes], bytes]] = {"next": lambda _content: b"stream: OK\0"}

    def serve() -> None:
        while True:
            try:
                connection, _address = server.accept()
            except OSError:
                return
            with connection:
                connection.sendall(answers["next"](received(connection)))

    threading.Thread(target=serve, daemon=True).start()

    def answer(make: Callable[[bytes], bytes]) -> None:
        answers["next"] = make

    yield answer  # type: ignore[misc] # a setter, which the tests call
    server.close()


def received(connection: socket.socket) -> bytes:
    """Return the file that is sent, or the command if it is another one."""
    stream = connection.makefile("rb")
    command = b""
    while not command.endswith(b"\0"):
        command += stream.read(1)
    if command != b"zINSTREAM\0":
        return command
    content = b""
    while size := struct.unpack("!I", stream.read(4))[0]:
        content += stream.read(size)
    return content


def upload(content: bytes = b"text") -> SimpleUploadedFile:
    return SimpleUploadedFile("paper.txt", content)


def store(content: bytes = b"text") -> Instrument:
    return store_instrument(upload(content), kind="OTHER", title="示例", stored_at=NOON)


@pytest.mark.django_db
def test_a_clean_paper_is_sent_whole_and_kept(answering: Callable[..., None]) -> None:
    seen = list[bytes]()

    def answer(content: bytes) -> bytes:
        seen.append(content)
        return b"stream: OK\0"

    answering(answer)
    assert store(b"whole text").size_bytes == 10
    assert seen == [b"whole text"]


@pytest.mark.django_db
def test_what_the_scanner_finds_is_refused_by_its_name(answering: Callable[..., None]) -> None:
    answering(lambda _content: b"stream: Win.Test.EICAR_HDB-1 FOUND\0")
    with pytest.raises(InstrumentRefusedError, match=r"Win\.Test\.EICAR_HDB-1"):
        store()
    assert not Instrument.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "said", [b"", b"INSTREAM size limit exceeded. ERROR\0", b"nonsense\0", b"stream: \xff\0"]
)
def test_without_a_verdict_nothing_is_kept(answering: Callable[..., None], said: bytes) -> None:
    answering(lambda _content: said)
    with pytest.raises(ScannerAwayError):
        scan([b"text"])
    with pytest.raises(InstrumentRefusedError, match="Try again"):
        store()
    assert not Instrument.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["clamd:///no/such/socket", "clamd://", "http://127.0.0.1/"])
def test_a_scanner_that_is_away_or_named_wrongly_lets_nothing_in(
    settings: Settings, address: str
) -> None:
    settings.SCANNER = address
    assert not is_there()
    with pytest.raises(InstrumentRefusedError, match="Try again"):
        store()


def test_an_installation_without_a_scanner_is_warned(settings: Settings) -> None:
    settings.SCANNER = ""
    assert [warning.id for warning in papers_are_scanned()] == ["registry.W001"]
    settings.SCANNER = "clamd:///run/clamav/clamd.ctl"
    assert papers_are_scanned() == []


@pytest.mark.skipif(not shutil.which("clamd"), reason="clamd is not installed")
def test_the_real_scanner_finds_the_test_file(tmp_path: Path, settings: Settings) -> None:
    """With a database of our own that knows one signature: nothing is downloaded."""
    signatures, path = tmp_path / "db", tmp_path / "clamd.ctl"
    signatures.mkdir()
    (signatures / "own.ndb").write_text(f"Example.Test-File:0:*:{EICAR.hex()}\n")
    configuration = tmp_path / "clamd.conf"
    configuration.write_text(
        f"LocalSocket {path}\nDatabaseDirectory {signatures}\nForeground yes\n"
        "FixStaleSocket yes\nUser root\n"
    )
    program = shutil.which("clamd")
    assert program
    settings.SCANNER = f"clamd://{path}"
    with subprocess.Popen([program, "-c", str(configuration)]) as daemon:  # noqa: S603 # our own file
        try:
            deadline = time.monotonic() + 60
            while not is_there() and time.monotonic() < deadline:
                time.sleep(0.2)
            assert scan([EICAR[:10], EICAR[10:]]).startswith("Example.Test-File")
            assert scan([b"clean"]) == ""
        finally:
            daemon.terminate()

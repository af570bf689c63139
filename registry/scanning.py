"""A virus scanner looks at every paper before it is kept, where the installation has one.

Entry point: `scan`. It speaks clamd's own protocol (clamd(8), INSTREAM) over a socket; the file
goes there in pieces and without its name. Without an answer nothing is taken in.
"""

import socket
import struct
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register  # noqa: A004 # Django's name

TIMEOUT_SECONDS = 20.0
PING_SECONDS = 2.0
MAX_ANSWER_BYTES = 4096
PORT = 3310


class ScannerAwayError(Exception):
    """The scanner gave no answer that says anything of the file."""


def scan(chunks: Iterable[bytes]) -> str:
    """Return the name of what is wrong with a file, or nothing if the scanner finds nothing.

    Raises:
        ScannerAwayError: it cannot be reached, takes too long, or gives no verdict.
    """
    try:
        with _connected(settings.SCANNER) as connection:
            connection.sendall(b"zINSTREAM\0")
            for chunk in chunks:
                connection.sendall(struct.pack("!I", len(chunk)) + chunk)
            connection.sendall(struct.pack("!I", 0))
            answer = _answer(connection)
    except (OSError, ValueError) as error:
        raise ScannerAwayError(str(error)) from error
    verdict = answer.removeprefix("stream: ")
    if verdict == "OK":
        return ""
    name, _space, found = verdict.rpartition(" ")
    if found != "FOUND":
        raise ScannerAwayError(answer)
    return name


def is_there() -> bool:
    """Say whether the scanner answers."""
    try:
        with _connected(settings.SCANNER, timeout=PING_SECONDS) as connection:
            connection.sendall(b"zPING\0")
            return _answer(connection) == "PONG"
    except (OSError, ValueError):
        return False


@register(Tags.security, deploy=True)
def papers_are_scanned(**_kwargs: object) -> list[CheckMessage]:
    """Warn of an installation that keeps papers which no scanner has seen (registry.W001)."""
    if settings.SCANNER:
        return []
    return [
        Warning(
            "No virus scanner looks at the papers that are handed in.",
            hint="Run clamd and set QUANJI_SCANNER, e.g. to clamd:///run/clamav/clamd.ctl.",
            id="registry.W001",
        )
    ]


def _connected(address: str, *, timeout: float = TIMEOUT_SECONDS) -> socket.socket:
    """Return a connection to ``clamd:///path`` or ``clamd://host:port``.

    Raises:
        OSError: nobody answers there.
        ValueError: the address is none.
    """
    parts = urlsplit(address)
    if parts.scheme != "clamd" or not (parts.hostname or parts.path):
        raise ValueError(address)
    if parts.hostname:
        place = parts.hostname, parts.port or PORT
        return socket.create_connection(place, timeout=timeout)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(timeout)
    try:
        connection.connect(parts.path)
    except OSError:
        connection.close()
        raise
    return connection


def _answer(connection: socket.socket) -> str:
    """Return what the scanner says, up to its zero byte."""
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < MAX_ANSWER_BYTES:
        piece = connection.recv(MAX_ANSWER_BYTES)
        if not piece:
            break
        answer += piece
    return answer.rstrip(b"\0").decode("utf-8", errors="replace").strip()

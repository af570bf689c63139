"""The witness over HTTP: ``POST /add-checkpoint``, ``GET /<origin hash>/checkpoint``, ``GET /``.

A small server for a trusted network or the loopback; towards the Internet a web server stands in
front of it. Wrong requests are answered 4xx. 503 says that the witness itself cannot store, and
that nothing was cosigned.
"""

import re
import socket
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias

from primitives.clock import now_utc
from tlog.witness import NOT_FOUND, OK, UNPROCESSABLE, Answer, StateDamagedError, Witness

# 100 signature lines of the longest kind and 63 hashes are 340 kB.
MAX_BODY_BYTES = 384 * 1024
MAX_CONNECTIONS = 64
IDLE_SECONDS = 10
CHECKPOINT_PATH = re.compile(r"/(?P<origin_hash>[0-9a-f]{64})/checkpoint", re.ASCII)
LENGTH_FORM = re.compile(r"[0-9]{1,9}", re.ASCII)

# What the base class declares; of TCP it is always the socket.
Connection: TypeAlias = socket.socket | tuple[bytes, socket.socket]


class _RequestHandler(BaseHTTPRequestHandler):
    server: "WitnessServer"
    protocol_version = "HTTP/1.1"
    server_version = "quanji-witness"
    sys_version = ""
    error_message_format = "%(message)s\n"
    error_content_type = "text/plain; charset=utf-8"
    timeout = IDLE_SECONDS

    def do_GET(self) -> None:
        """Show what this witness is, or the latest checkpoint of a log."""
        if self.path == "/":
            self._send(Answer(OK, self.server.description))
        elif match := CHECKPOINT_PATH.fullmatch(self.path):
            origin_hash = match["origin_hash"]
            self._send(self._decide(lambda: self.server.witness.latest_checkpoint(origin_hash)))
        else:
            self._send(Answer(NOT_FOUND, "there is nothing here\n"))

    def do_POST(self) -> None:
        """Answer an add-checkpoint request."""
        body = self._body()
        if isinstance(body, Answer):
            # What follows on the connection may be the rest of a body, not a request.
            self.close_connection = True
            self._send(body)
        elif self.path != "/add-checkpoint":
            self._send(Answer(NOT_FOUND, "there is nothing here\n"))
        else:
            self._send(self._add_checkpoint(body))

    def _add_checkpoint(self, body: bytes) -> Answer:
        timestamp = int(now_utc().timestamp())
        answer = self._decide(lambda: self.server.witness.add_checkpoint(body, timestamp=timestamp))
        if answer.status == UNPROCESSABLE:
            # The log signed it, so it may be evidence that the log shows different trees.
            self.log_error("refused: %s%s", answer.body, body.decode())
        return answer

    def _body(self) -> bytes | Answer:
        """Return the request's body, or why it is not read to its end."""
        length = self.headers.get("Content-Length", "")
        if "Transfer-Encoding" in self.headers or not length:
            return Answer(411, "say the length of the body\n")
        if not LENGTH_FORM.fullmatch(length):
            return Answer(400, "the length of the body is not a number\n")
        if int(length) > MAX_BODY_BYTES:
            return Answer(413, f"a request has up to {MAX_BODY_BYTES} bytes\n")
        body = self.rfile.read(int(length))
        return body if len(body) == int(length) else Answer(400, "the body ends early\n")

    def _decide(self, decide: Callable[[], Answer]) -> Answer:
        try:
            return decide()
        except (OSError, StateDamagedError) as error:
            # Nothing of the request's making: the disk is full, or a file is damaged.
            self.log_error("cannot answer: %r", error)
            return Answer(503, "the witness cannot answer now\n")

    def _send(self, answer: Answer) -> None:
        content = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(content)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)


class WitnessServer(ThreadingHTTPServer):
    """Serves one witness until `shutdown`.

    Attributes:
        witness: who decides.
        description: the page at ``/``.
    """

    daemon_threads = True

    def __init__(self, host: str, port: int, witness: Witness) -> None:
        """Listen on the address; port 0 takes any that is free.

        Raises:
            OSError: the address cannot be listened on.
        """
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.witness = witness
        keys = [f"{cosigner.verifier_key}\n" for cosigner in witness.cosigners]
        self.description = "".join([*keys, "\n", *(f"{origin}\n" for origin in witness.logs)])
        self._slots = threading.BoundedSemaphore(MAX_CONNECTIONS)
        super().__init__((host, port), _RequestHandler)

    def process_request(self, request: Connection, client_address: object) -> None:
        """Serve a connection in a thread of its own, or drop it when there are too many."""
        if self._slots.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Connection, client_address: object) -> None:
        """Serve a connection, then make room for the next."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._slots.release()

    def handle_error(
        self,
        request: Connection,  # noqa: ARG002 # the base class passes it
        client_address: object,
    ) -> None:
        """Note that a connection broke off; nothing else has happened to the witness."""
        sys.stderr.write(f"{client_address}: {sys.exc_info()[1]!r}\n")

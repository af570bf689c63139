"""A time-stamp service over HTTP that can be good, down, slow or lying."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from asn1crypto import cms, tsp

from certificates.development_tsa import DevelopmentTimestampAuthority

Answer = Callable[[bytes], bytes]


def honest(authority: DevelopmentTimestampAuthority, at: datetime) -> Answer:
    """Answer as RFC 3161 has it."""
    return lambda query: granted(authority, query, at)


REJECTION = bytes.fromhex("30053003020102")
"""A response with status 2 and no token (RFC 3161, 2.4.2)."""


def granted(
    authority: DevelopmentTimestampAuthority,
    query: bytes,
    at: datetime,
    *,
    nonce: int | None = None,
    imprint: bytes | None = None,
) -> bytes:
    asked = tsp.TimeStampReq.load(query)
    token = authority.token(
        imprint or asked["message_imprint"]["hashed_message"].native,
        at=at,
        nonce=nonce or asked["nonce"].native,
    )
    return response(token)


def response(token: bytes) -> bytes:
    answer = {"status": {"status": "granted"}, "time_stamp_token": cms.ContentInfo.load(token)}
    return bytes(tsp.TimeStampResp(answer).dump())


@contextmanager
def served(answer: Answer, *, status: int = 200, drip: bool = False) -> Iterator[str]:
    """Serve answers on an address of this machine until the block ends."""
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            body = answer(query)
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", self.path + "elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            for byte in body if drip else ():
                if ended.wait(0.2):
                    return
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
            if not drip:
                self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        ended.set()
        server.shutdown()
        server.server_close()


LATE = timedelta(minutes=10)

"""Verification in a process of its own, for files from strangers.

Entry point: `verify_isolated`; `ask_child` and `confine` are for other readers of such files. The
child may use little time and memory, write no file and open no connection; it gets no environment,
so no secrets. If it dies, the answer is CANNOT_VERIFY.
"""

import base64
import json
import logging
import resource
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, load_pem_x509_certificates

from primitives.canonical_json import JsonObject
from tlog.errors import TlogError
from verifier.document import MAX_FILE_BYTES
from verifier.log_keys import LogKeys
from verifier.verdict import Reason, Verdict
from verifier.verification import verify

CPU_SECONDS = 10
WALL_SECONDS = 20
ADDRESS_SPACE_BYTES = 1024 * 1024 * 1024
LIMITS = {
    resource.RLIMIT_CPU: CPU_SECONDS,
    resource.RLIMIT_AS: ADDRESS_SPACE_BYTES,
    resource.RLIMIT_FSIZE: 0,
    resource.RLIMIT_CORE: 0,
}
FORBIDDEN_EVENTS = frozenset(
    {
        "os.exec",
        "os.fork",
        "os.posix_spawn",
        "os.system",
        "socket.bind",
        "socket.connect",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.sendto",
        "subprocess.Popen",
    }
)

logger = logging.getLogger(__name__)


def verify_isolated(
    pdf: bytes,
    *,
    proof: str | None,
    trust: Sequence[Certificate],
    log_key: str,
    at: datetime,
    tsa_trust: Sequence[Certificate] | None = None,
    status_list: str | None = None,
) -> Verdict:
    """Return what `verifier.verification.verify` does, without its risks; takes about a second.

    Raises:
        MalformedError: ``log_key`` holds no verifier key.
    """
    LogKeys.parse(log_key)
    if len(pdf) > MAX_FILE_BYTES:
        return Verdict.undecided(Reason.TOO_LARGE, size_bytes=len(pdf), limit=MAX_FILE_BYTES)
    question: JsonObject = {
        "pdf": base64.b64encode(pdf).decode("ascii"),
        "proof": proof,
        "trust": _pem(trust),
        "tsa_trust": None if tsa_trust is None else _pem(tsa_trust),
        "log_key": log_key,
        "at": at.isoformat(),
        "status_list": status_list,
    }
    try:
        return Verdict.from_json(json.loads(ask_child("verifier.isolation", question)))
    except (subprocess.SubprocessError, ValueError, TlogError) as error:
        logger.warning("The verifying process gave no answer: %s", type(error).__name__)
        return Verdict.undecided(Reason.RESOURCE_LIMIT)


def ask_child(module: str, question: JsonObject) -> bytes:
    """Return what a module that confines itself writes, given the question on its input.

    Raises:
        SubprocessError: it died or took too long; ``output`` is what it had written.
    """
    return subprocess.run(  # noqa: S603 # our own modules
        [sys.executable, "-m", module],
        input=json.dumps(question).encode(),
        # Its errors too: where ours go into a file, its limit on files would end it at the first.
        capture_output=True,
        # The directory that holds this package, so that the child finds it without an environment.
        cwd=Path(__file__).parent.parent,
        env={},
        timeout=WALL_SECONDS,
        check=True,
    ).stdout


def confine() -> None:
    """Take from this process what reading a file does not need; there is no way back."""
    for limit, value in LIMITS.items():
        resource.setrlimit(limit, (value, value))
    sys.addaudithook(_refuse)


def _pem(certificates: Sequence[Certificate]) -> str:
    return "".join(
        certificate.public_bytes(Encoding.PEM).decode("ascii") for certificate in certificates
    )


def _answer() -> None:
    confine()
    question = json.load(sys.stdin.buffer)
    tsa_trust = question["tsa_trust"]
    verdict = verify(
        base64.b64decode(question["pdf"]),
        proof=question["proof"],
        trust=load_pem_x509_certificates(question["trust"].encode("ascii")),
        log_key=question["log_key"],
        at=datetime.fromisoformat(question["at"]),
        tsa_trust=tsa_trust and load_pem_x509_certificates(tsa_trust.encode("ascii")),
        status_list=question["status_list"],
    )
    json.dump(verdict.to_json(), sys.stdout)


def _refuse(event: str, _arguments: tuple[object, ...]) -> None:
    if event in FORBIDDEN_EVENTS:
        raise PermissionError(f"the verifying process may not do {event}")


if __name__ == "__main__":
    _answer()

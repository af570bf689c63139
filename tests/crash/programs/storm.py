"""Four writers, a publisher, an issuer and a reader at once, until told otherwise.

On its standard input: "kill" kills all of them with -9 and starts them again, "stop" lets the
writers finish their act and ends. Each order is answered with a line. What fails because the
database is gone is tried again, as a service does.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from types import FrameType

from django.conf import settings
from django.core.management import call_command
from django.db import Error, connections

from certificates.issuance import issue_waiting
from certificates.models import Certificate, CertificateState
from ledger.management.commands import publish_ledger
from ledger.models import Checkpoint
from primitives.clock import now_utc
from tests.crash import acts, plants
from tests.crash.children import answer, fork
from tests.crash.evidence import Diary

WRITERS = 4
WRITERS_NICE = 10
CYCLE = [acts.register, *[acts.enter, acts.number] * 20]
SERIALS, SERIALS_OF_A_LIFE = 2_000_000, 5_000
PAUSE_SECONDS = 0.02


class Stop:
    """Whether a worker was asked to end once its act is done."""

    asked = False

    def ask(self, _signal: int, _frame: FrameType | None) -> None:
        self.asked = True


def main(plant: str = "") -> None:
    plants.put(plant)
    workers = start_all(0)
    for generation, order in enumerate(sys.stdin, start=1):
        died = end_all(workers, signal.SIGTERM if order == "stop\n" else signal.SIGKILL)
        answer(f"ended, {died} had died before")
        if order == "stop\n":
            return
        workers = start_all(generation)


def start_all(generation: int) -> list[int]:
    writers = [partial(write, name, generation) for name in range(WRITERS)]
    works: list[Callable[[], None]] = [*writers, publish, issue, read]
    return [fork(work) for work in works]


def end_all(workers: list[int], with_signal: int) -> int:
    """End all and return how many had ended before, of an error of their own."""
    died = [worker for worker in workers if os.waitpid(worker, os.WNOHANG) != (0, 0)]
    living = set(workers) - set(died)
    for worker in living:
        os.kill(worker, with_signal)
    for worker in living:
        os.waitpid(worker, 0)
    return len(died)


def diary(name: str) -> Diary:
    return Diary(Path(settings.STATE_DIR) / "evidence" / f"{name}.jsonl")


def write(name: int, generation: int) -> None:
    """Make one act after the other and write down which were acknowledged."""
    # A busy machine would leave the publisher no time between two kills.
    os.nice(WRITERS_NICE)
    acknowledged = diary(f"writer-{name}-{generation}")
    stop = Stop()
    signal.signal(signal.SIGTERM, stop.ask)
    office = None
    for serial in count(name * SERIALS + generation * SERIALS_OF_A_LIFE):
        if stop.asked:
            return
        act = CYCLE[serial % len(CYCLE)]
        try:
            office = office or acts.load_office()
            acts.acknowledge(acknowledged, act(office, serial))
        except Error:  # nobody knows whether it was committed; it was not acknowledged
            forget_connection()


def publish() -> None:
    # Between two kills there is no time for the pauses of the product.
    publish_ledger.PAUSE_SECONDS = PAUSE_SECONDS
    publish_ledger.PAUSE_AFTER_FAILURE_SECONDS = 0
    call_command("publish_ledger", watch=True, stdout=sys.stderr)


def issue() -> None:
    while True:
        try:
            issue_waiting(at=now_utc())
        except Error:
            forget_connection()
        time.sleep(PAUSE_SECONDS)


def read() -> None:
    """Look at the newest checkpoint and certificates, and write down what was seen."""
    seen = diary("reader")
    notes: set[str] = set()
    numbers: set[str] = set()
    while True:
        try:
            note = Checkpoint.objects.order_by("-tree_head").values_list("note", flat=True).first()
            issued = Certificate.objects.filter(state=CertificateState.ISSUED).order_by("-pk")
            certificates = list(issued.values_list("number", "sha256")[:20])
        except Error:
            forget_connection()
            continue
        if note and note not in notes:
            seen.write(checkpoint=note)
            notes.add(note)
        for number, sha256 in certificates:
            if number not in numbers:
                seen.write(certificate=number, sha256=sha256)
                numbers.add(number)
        time.sleep(PAUSE_SECONDS)


def forget_connection() -> None:
    connections.close_all()
    time.sleep(PAUSE_SECONDS)

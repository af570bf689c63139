"""Acts a second, against a plain INSERT of the same row, by the same means."""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from django.db import connection, connections, models, transaction
from django.db.models import Max

from bench.filling import AT, KIND, rows
from bench.measuring import Report, interleaved
from ledger.acts import open_act
from ledger.models import EntryKey
from ledger.publishing import publish
from primitives.canonical_json import JsonObject

SECONDS = 2.0
VARIANTS = ("INSERT after a read", "acts, sequencer running")
BATCH = 100
PAYLOAD: JsonObject = {"text": "x" * 280}


class PlainEntry(models.Model):
    """The row of an entry in a table without keys, queue and triggers."""

    kind = models.CharField(max_length=60)
    recorded_at = models.DateTimeField()
    actor = models.CharField(max_length=20)
    officer = models.CharField(max_length=20)
    content = models.BinaryField()
    leaf_hash = models.BinaryField(max_length=32)

    class Meta:
        app_label = "ledger"
        db_table = "bench_plainentry"
        managed = False

    def __str__(self) -> str:
        return f"plain {self.pk}"


def measure(report: Report) -> None:
    """Report acts a second for one and eight clients, one and a hundred acts a transaction.

    Beside them stands what any code does that must know the latest version before it inserts the
    next: the same INSERT after a read, in one transaction.
    """
    with connection.schema_editor() as editor:
        editor.create_model(PlainEntry)
    for clients, count in ((1, 1), (8, 1), (1, BATCH), (8, BATCH)):
        base, results = interleaved(
            partial(_rate, clients, _insert, count),
            [
                partial(_rate, clients, _read_and_insert, count),
                partial(_rate_while_sequencing, clients, _act, count),
            ],
        )
        label = f"{clients} clients, {count} a transaction"
        report.add(f"plain INSERT, {label}", f"{base:,.0f} rows/s")
        for name, (rate, ratio) in zip(VARIANTS, results, strict=True):
            report.add(f"{name}, {label}", f"{rate:,.0f} /s", ratio=ratio, to="plain INSERT")


def act_once(turn: int) -> None:
    """Commit one act."""
    _act(0, turn, 1)


def _insert(client: int, turn: int, count: int) -> None:  # noqa: ARG001 # the shape of `_act`
    with transaction.atomic():
        _insert_rows(count)


def _insert_rows(count: int) -> None:
    for kind, at, actor, officer, content, digest in rows(0, count):
        PlainEntry._default_manager.create(  # noqa: SLF001 # the public name of a model made here
            kind=kind,
            recorded_at=at,
            actor=actor,
            officer=officer,
            content=content,
            leaf_hash=digest,
        )


def _read_and_insert(client: int, turn: int, count: int) -> None:
    with transaction.atomic():
        EntryKey.objects.filter(key=f"act:{client}-{turn}").aggregate(Max("version"))
        _insert_rows(count)


def _act(client: int, turn: int, count: int) -> None:
    keys = [f"act:{client}-{time.monotonic_ns()}-{turn}-{number}" for number in range(count)]
    with open_act(recorded_at=AT, actor="U-BENCH", officer="U-BENCH", keys=keys) as act:
        for key in keys:
            act.record(kind=KIND, keys=[key], payload=PAYLOAD)


def _rate_while_sequencing(
    clients: int, work: Callable[[int, int, int], None], count: int
) -> float:
    with _sequencer():
        return _rate(clients, work, count)


def _rate(clients: int, work: Callable[[int, int, int], None], count: int) -> float:
    """Return how many rows or acts a second all clients get done together."""
    connections.close_all()
    context = multiprocessing.get_context("fork")
    ready, done = context.Barrier(clients), context.SimpleQueue()
    processes = [
        context.Process(target=_client, args=(client, work, count, ready, done))
        for client in range(clients)
    ]
    for process in processes:
        process.start()
    total: int = sum(done.get() for _ in processes)
    for process in processes:
        process.join()
    return total / SECONDS


def _client(client: int, work, count: int, ready, done) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001 # what multiprocessing hands over
    work(client, -1, count)  # connects
    ready.wait()
    turn, end = 0, time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        work(client, turn, count)
        turn += 1
    done.put(turn * count)


@contextmanager
def _sequencer() -> Iterator[None]:
    connections.close_all()
    process = multiprocessing.get_context("fork").Process(target=_publish_for_ever)
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join()
        publish(at=AT)


def _publish_for_ever() -> None:
    while True:
        publish(at=AT)
        time.sleep(0.25)

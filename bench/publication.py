"""From the commit of an act to the checkpoint that covers it, in the running product."""

import subprocess
import sys
import time
from datetime import timedelta

from bench.acts import act_once
from bench.measuring import Report, percentiles
from ledger.models import Checkpoint, Entry, Leaf

ACTS = 40
POLL_SECONDS = 0.005
LONGEST = timedelta(seconds=30)


def measure(report: Report) -> None:
    """Report how long an act waits for its signed checkpoint beside ``publish_ledger --watch``."""
    with subprocess.Popen(
        [sys.executable, "manage.py", "publish_ledger", "--watch"], stdout=subprocess.PIPE
    ) as watch:
        assert watch.stdout  # noqa: S101 # Popen was asked for it
        watch.stdout.readline()
        waits = [_wait_for_checkpoint(turn) for turn in range(ACTS)]
        watch.terminate()
    p50, p99 = percentiles(waits)
    report.add(
        "commit to signed checkpoint, publish_ledger --watch", f"p50 {p50:.2f} p99 {p99:.2f} s"
    )


def _wait_for_checkpoint(turn: int) -> float:
    act_once(turn)
    start = time.perf_counter()
    entry = Entry.objects.latest("pk").pk
    while not _is_covered(entry):
        if time.perf_counter() - start > LONGEST.total_seconds():
            raise RuntimeError("the publisher does not publish")
        time.sleep(POLL_SECONDS)
    return time.perf_counter() - start


def _is_covered(entry: int) -> bool:
    leaf = Leaf.objects.filter(entry=entry).values_list("index", flat=True).first()
    return leaf is not None and Checkpoint.objects.filter(tree_head__gt=leaf).exists()

"""The database server killed with -9 under four writers, again and again."""

import statistics
import sys

import pytest

from tests.crash.cluster import Cluster
from tests.crash.conftest import NewTrial
from tests.crash.promises import broken_counts, snapshot
from tests.crash.storming import last_words, live, order, settle
from tests.crash.trial import Trial

AUDIT_EVERY = 25


def kill_again_and_again(
    trial: Trial, postgresql: Cluster, *, kills: int, longest_life: float
) -> list[float]:
    """Kill the server under the storm and look at what is left each time.

    Returns:
        The seconds that each recovery took.
    """
    recoveries = []
    with trial.process("storm") as storm:
        for kill in range(1, kills + 1):
            live(trial, longest_life)
            postgresql.kill()
            recoveries.append(postgresql.start())
            with snapshot(trial.database_url) as query:
                assert broken_counts(query) == []
            if kill % AUDIT_EVERY == 0:
                assert trial.broken_promises() == []
                # The publisher is at work meanwhile.
                assert {found["kind"] for found in trial.findings()} <= {"head_unsigned"}
        assert order(storm, "stop") == "ended, 0 had died before\n", last_words(trial)
    return recoveries


def report(trial: Trial, recoveries: list[float]) -> None:
    sys.stdout.write(
        f"\n{len(recoveries)} kills, {len(trial.evidence.acts)} acts acknowledged,"
        f" {len(trial.evidence.checkpoints)} checkpoints seen,"
        f" {len(trial.evidence.certificates)} certificates seen; recovery median"
        f" {statistics.median(recoveries):.2f} s, longest {max(recoveries):.2f} s\n"
    )


@pytest.mark.parametrize(
    ("kills", "longest_life"),
    [
        pytest.param(20, 0.8, id="short"),
        pytest.param(300, 2, id="long", marks=pytest.mark.long),
    ],
)
def test_nothing_acknowledged_is_lost_when_the_server_is_killed(
    kills: int, longest_life: float, postgresql: Cluster, new_on_postgresql: NewTrial
) -> None:
    trial = new_on_postgresql()

    recoveries = kill_again_and_again(trial, postgresql, kills=kills, longest_life=longest_life)
    settle(trial)

    assert trial.broken_promises() == []
    assert trial.findings() == []
    report(trial, recoveries)

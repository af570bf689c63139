"""The trials see what they are there to see: each of these bugs, planted, is found."""

import json

import pytest

from tests.crash.cluster import Cluster
from tests.crash.conftest import NewTrial
from tests.crash.storming import live
from tests.crash.trial import Trial

KILLS = 40


def broken_under_kills(trial: Trial, postgresql: Cluster, plant: str = "") -> list[str]:
    """Kill the server until a promise is broken, and return what is."""
    with trial.process("storm", plant):
        for _kill in range(KILLS):
            live(trial, longest_life=1)
            postgresql.kill()
            postgresql.start()
            if broken := trial.broken_promises():
                return broken
    return []


def test_acts_acknowledged_before_they_are_written_are_found_lost(
    postgresql: Cluster, new_on_postgresql: NewTrial
) -> None:
    trial = new_on_postgresql(synchronous_commit="off")

    broken = broken_under_kills(trial, postgresql)

    assert any("acknowledged acts are lost" in sentence for sentence in broken)


def test_numbers_from_a_sequence_are_found_to_have_gaps(
    postgresql: Cluster, new_on_postgresql: NewTrial
) -> None:
    broken = broken_under_kills(new_on_postgresql(), postgresql, "number_from_a_sequence")

    assert any("the numbers of crash have a gap" in sentence for sentence in broken)


def test_an_act_in_two_transactions_is_found_torn(
    postgresql: Cluster, new_on_postgresql: NewTrial
) -> None:
    broken = broken_under_kills(
        new_on_postgresql(), postgresql, "act_and_entry_in_two_transactions"
    )

    assert any("entries party.registered without their act" in sentence for sentence in broken)


@pytest.mark.parametrize(
    ("step", "plant", "found"),
    [
        ("planted act", "act_and_entry_in_two_transactions", "without their act"),
        ("planted publication", "memory_after_the_checkpoint", "does not remember it"),
    ],
)
def test_a_step_in_the_wrong_order_is_found(
    step: str, plant: str, found: str, trial: Trial
) -> None:
    report = json.loads(trial.program("every_line", step, "kill", "lines", "1", plant))

    assert any(found in sentence for sentence in report["broken"])

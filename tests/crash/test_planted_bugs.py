"""The trials see what they are there to see: each of these bugs, planted, is found."""

import json

import pytest

from tests.crash.cluster import Cluster
from tests.crash.conftest import NewTrial
from tests.crash.storming import live
from tests.crash.trial import Trial

KILLS = 40
LONG = pytest.mark.long


def broken_under_kills(trial: Trial, postgresql: Cluster, sought: str, plant: str = "") -> set[str]:
    """Kill the server until the promise sought is broken, and return all that were."""
    broken: set[str] = set()
    with trial.process("storm", plant):
        for _kill in range(KILLS):
            live(trial, longest_life=1)
            postgresql.kill()
            postgresql.start()
            broken |= set(trial.broken_promises())
            if is_among(broken, sought):
                break
    return broken


def is_among(sentences: set[str], sought: str) -> bool:
    return any(sought in sentence for sentence in sentences)


def test_acts_acknowledged_before_they_are_written_are_found_lost(
    postgresql: Cluster, new_on_postgresql: NewTrial
) -> None:
    trial = new_on_postgresql(synchronous_commit="off")

    broken = broken_under_kills(trial, postgresql, "acknowledged acts are lost")

    assert is_among(broken, "acknowledged acts are lost"), broken


@LONG
def test_numbers_from_a_sequence_are_found_to_have_gaps(
    postgresql: Cluster, new_on_postgresql: NewTrial
) -> None:
    gap = "the numbers of crash have a gap"
    broken = broken_under_kills(new_on_postgresql(), postgresql, gap, "number_from_a_sequence")

    assert is_among(broken, gap), broken


@LONG
def test_an_act_in_two_transactions_is_found_torn(
    postgresql: Cluster, new_on_postgresql: NewTrial
) -> None:
    torn = "entries party.registered without their act"
    plant = "act_and_entry_in_two_transactions"
    broken = broken_under_kills(new_on_postgresql(), postgresql, torn, plant)

    assert is_among(broken, torn), broken


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


@pytest.mark.parametrize(
    ("step", "plant", "found"),
    [
        ("planted renewal", "file_before_its_name", "nothing names the file"),
        pytest.param("planted issue", "file_before_its_name", "nothing names the file", marks=LONG),
        pytest.param("planted renewal", "renewal_without_a_time_stamp", "time-stamps", marks=LONG),
    ],
)
def test_a_file_that_nothing_names_and_a_time_stamp_that_is_not_there_are_found(
    step: str, plant: str, found: str, on_sqlite: Trial
) -> None:
    report = json.loads(on_sqlite.program("every_line", step, "kill", "lines", "1", plant))

    assert any(found in sentence for sentence in report["broken"])

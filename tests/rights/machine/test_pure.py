"""Histories of every act, decided by the law and by a naive register: they always agree."""

import sys

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.rights.machine.machines import PureMachine, drive

SOUND = settings(
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def test_the_law_and_a_naive_register_agree_after_every_step() -> None:
    PureMachine.tally.clear()
    drive(PureMachine, histories=300)
    sys.stdout.write(PureMachine.tally.report())
    # An act that was never entered, or never refused, was not tried.
    assert PureMachine.tally.missing() == []


def test_hypothesis_finds_no_history_in_which_they_differ() -> None:
    run_state_machine_as_test(PureMachine, settings=settings(SOUND, max_examples=6))


@pytest.mark.long
def test_hypothesis_finds_none_in_two_thousand_histories() -> None:
    PureMachine.tally.clear()
    run_state_machine_as_test(PureMachine, settings=settings(SOUND, max_examples=2000))
    drive(PureMachine, histories=20000)
    sys.stdout.write(PureMachine.tally.report())
    assert PureMachine.tally.missing() == []

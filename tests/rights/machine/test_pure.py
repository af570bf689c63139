"""Histories of every act, decided by the law and by a naive register: they always agree."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.rights.machine.machines import PureMachine


def test_law_and_naive_register_agree_on_every_step_of_random_histories() -> None:
    PureMachine.tally.clear()
    run_state_machine_as_test(
        PureMachine,
        settings=settings(
            max_examples=60,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(PureMachine.tally)

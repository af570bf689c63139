"""Histories in the real register: rows, naive world and fold of the ledger are one after each step.

The database is the one that DATABASE_URL names.
"""

import sys
from unittest.mock import patch

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.factories import Office
from tests.rights.machine.machines import LONGEST, drive
from tests.rights.machine.recorded import RecordedMachine, register_two_assets
from tests.rights.machine.test_pure import SOUND


def test_rows_naive_world_and_fold_are_one_in_random_histories(office: Office) -> None:
    _run(office, histories=6, compares_each=4)


@pytest.mark.long
def test_rows_naive_world_and_fold_are_one_in_two_thousand_histories(office: Office) -> None:
    _run(office, histories=2000, compares_each=1, shortest=1)
    assert RecordedMachine.tally.missing() == []


@pytest.mark.long
def test_hypothesis_finds_no_history_in_which_they_differ(office: Office) -> None:
    with patch.object(RecordedMachine, "parties", register_two_assets(office)):
        run_state_machine_as_test(RecordedMachine, settings=settings(SOUND, max_examples=200))


def _run(office: Office, *, histories: int, compares_each: int, shortest: int = LONGEST) -> None:
    RecordedMachine.tally.clear()
    parties = register_two_assets(office)
    with (
        patch.object(RecordedMachine, "parties", parties),
        patch.object(RecordedMachine, "compares_each", compares_each),
    ):
        drive(RecordedMachine, histories=histories, shortest=shortest)
    sys.stdout.write(RecordedMachine.tally.report())
    # What never happened was not shown: crashes of what would have been entered among it.
    for seen in (("crash", True), ("again", False), ("past answer", True), ("steps", True)):
        assert RecordedMachine.tally[seen], seen

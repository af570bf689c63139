"""Every writer, publisher, issuer and reader killed with -9 at once, at any instant."""

import pytest

from tests.crash.promises import broken_counts, snapshot
from tests.crash.storming import last_words, live, order, settle
from tests.crash.trial import Trial


@pytest.mark.parametrize(
    "kills", [pytest.param(5, id="short"), pytest.param(300, id="long", marks=pytest.mark.long)]
)
def test_nothing_acknowledged_is_lost_when_all_processes_are_killed(
    kills: int, trial: Trial
) -> None:
    with trial.process("storm") as storm:
        for _kill in range(kills):
            live(trial, longest_life=1)
            assert order(storm, "kill") == "ended, 0 had died before\n", last_words(trial)
            with snapshot(trial.database_url) as query:
                assert broken_counts(query) == []
        assert order(storm, "stop") == "ended, 0 had died before\n", last_words(trial)
    settle(trial)

    assert trial.broken_promises() == []
    assert trial.findings() == []

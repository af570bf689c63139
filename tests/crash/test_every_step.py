"""The process killed, and the disk full, at every line from act and decision to renewal."""

import json
import sys
from itertools import product

import pytest

from tests.crash.trial import Trial

SEALING = {
    "certificates/numbering.py",
    "certificates/sealed_files.py",
    "certificates/detached.py",
}
STEPS = {
    "act": {"ledger/acts.py", "ledger/locks.py", "registry/numbers.py", "registry/parties.py"},
    "decide": {"ledger/acts.py", "filings/decision.py", "rights/initial_registration.py"},
    "publish": {"ledger/sequencing.py", "ledger/signing.py", "ledger/memory.py"},
    "issue": {"certificates/issuance.py", "primitives/durable_files.py", "ledger/acts.py"}
    | SEALING,
    "document": {"certificates/documents/issuance.py", "certificates/documents/ordering.py"}
    | SEALING,
    "renew": {"certificates/renewal.py", "primitives/durable_files.py"},
}
"""The steps, and some files that each must have been struck in."""

SAMPLES = {"act": 4, "decide": 48, "publish": 4, "issue": 48, "document": 80, "renew": 12}
"""The short form kills at one line in so many on SQLite; of the rest it takes a quarter of that."""

FULL = ("kill", "sqlite")
ON_POSTGRESQL = {"act", "publish"}
"""What else is sealed and kept is about files; there the short form leaves PostgreSQL out."""
WITH_ERRORS = {"act", "issue"}
"""Where the short form lets a line fail too, which undoes more orderly than a kill."""


def is_short(step: str, fault: str, database: str) -> bool:
    if database == "postgresql":
        return fault == "kill" and step in ON_POSTGRESQL
    return fault == "kill" or step in WITH_ERRORS


@pytest.mark.parametrize(
    ("step", "fault", "trial"),
    [
        pytest.param(*case, marks=() if is_short(*case) else pytest.mark.long)
        for case in product(STEPS, ["kill", "error"], ["sqlite", "postgresql"])
    ],
    indirect=["trial"],
)
def test_a_step_cut_short_anywhere_breaks_no_promise(
    step: str, fault: str, trial: Trial, request: pytest.FixtureRequest
) -> None:
    database = request.node.callspec.params["trial"]
    sample = SAMPLES[step] * (1 if (fault, database) == FULL else 4)

    report = json.loads(trial.program("every_line", step, fault, "lines", str(sample)))

    assert report["broken"] == []
    assert report["strikes"] == len(report["lines"]) > 0
    assert trial.findings() == []
    sys.stdout.write(f"\n{report['strikes']} lines\n")


@pytest.mark.long
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("fault", ["kill", "error"])
def test_a_step_cut_short_at_every_line_each_time_it_is_executed_breaks_no_promise(
    step: str, fault: str, trial: Trial
) -> None:
    report = json.loads(trial.program("every_line", step, fault, "executions"))

    assert report["broken"] == []
    assert {line.partition(":")[0] for line in report["lines"]} >= STEPS[step]
    assert trial.findings() == []
    sys.stdout.write(f"\n{report['strikes']} executions of {len(report['lines'])} lines\n")

"""The process killed, and the disk full, at every line from act and decision to renewal."""

import json
import sys

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

SAMPLES = {"act": 1, "decide": 12, "publish": 1, "issue": 12, "document": 40, "renew": 4}
"""The short form kills at one line in so many on SQLite; of the rest it takes an eighth of that."""

FULL = [("kill", "sqlite")]
FAULTS = [("kill", "sqlite"), ("kill", "postgresql"), ("error", "sqlite")]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    ("fault", "trial"),
    [*FAULTS, pytest.param("error", "postgresql", marks=pytest.mark.long)],
    indirect=["trial"],
)
def test_a_step_cut_short_anywhere_breaks_no_promise(
    step: str, fault: str, trial: Trial, request: pytest.FixtureRequest
) -> None:
    database = request.node.callspec.params["trial"]
    sample = SAMPLES[step] * (1 if (fault, database) in FULL else 8)

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

"""How verdicts are told: a plain line for each check, and the counts alone on the last one."""

from collections import Counter

import pytest

WORDS = {"passed": "ok", "failed": "FAILED", "skipped": "skipped"}
_told: Counter[str] = Counter()


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """Take the dots away: each check has its line."""
    return (report.outcome, "", "") if report.when == "call" or not report.passed else None


@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" or not report.passed:
        _told[report.outcome] += 1
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        why = reason.replace("Skipped", "", 1)
        print(WORDS[report.outcome], _sentence(report.nodeid) + why)  # noqa: T201 # the line that is promised


def pytest_unconfigure() -> None:
    print(", ".join(f"{_told[outcome]} {outcome}" for outcome in WORDS))  # noqa: T201 # the line that is promised


def _sentence(node: str) -> str:
    """Return a test's name as words: what varies completes it, and who judges stands last."""
    name, _, variant = node.partition("::test_")[2].partition("[")
    *objects, judge = variant.removesuffix("]").split("-")
    return " ".join([*name.split("_"), *objects, *([f"({judge})"] if judge else [])])

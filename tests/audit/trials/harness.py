"""The harness: one change, one audit, and what the audit had to say about it."""

import random  # noqa: TID251 # a trial must be replayable from its seed; nothing of it is secret
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from django.db import transaction

from audit.auditing import audit
from audit.copies import Copy, read_memory
from audit.findings import Finding, FindingKind
from tests.audit.trials.attacker import Attacker
from tests.audit.trials.register import checkpoint_sizes

Place: TypeAlias = tuple[FindingKind, str, str, str, int | None]
"""Kind, table, primary key, column, entry index."""


@dataclass(frozen=True)
class Expected:
    """What an audit must say after a change.

    Attributes:
        places: each must be found.
        is_exact: and nothing but them.
        copies: kept outside, where only they can show it; the audit without them must be clean.
    """

    places: set[Place]
    is_exact: bool = True
    copies: list[Copy] = field(default_factory=list)


Change: TypeAlias = Callable[[Attacker], Expected]


@dataclass
class Report:
    """What a series of trials came to.

    Attributes:
        trials: how many were run.
        undetected: kinds whose change had no finding, with the seed.
        unlocated: kinds whose change was found somewhere else, with what is wrong.
    """

    trials: int = 0
    undetected: list[str] = field(default_factory=list)
    unlocated: list[str] = field(default_factory=list)

    @property
    def missed(self) -> set[str]:
        """The names of the kinds that were not found where they are."""
        return {line.split()[0] for line in (*self.undetected, *self.unlocated)}


def run(changes: dict[str, Change], *, instances: int, seed: int) -> Report:
    """Make each change ``instances`` times, each time on the untouched register."""
    report = Report()
    for name, change in changes.items():
        for instance in range(instances):
            replay = f"{name} seed={seed} instance={instance}"
            attacker = Attacker(random.Random(replay))  # noqa: S311 # replayable, not secret
            sizes = checkpoint_sizes()
            report.trials += 1
            with undone(attacker):
                expected = change(attacker)
                if expected.copies and (unexpected := findings()):
                    report.unlocated.append(f"{replay}: without a copy it says {unexpected}")
                judge(report, replay, expected, findings(*expected.copies), sizes)
    return report


def judge(
    report: Report, replay: str, expected: Expected, found: list[Finding], sizes: list[int]
) -> None:
    """Hold what was found against what had to be."""
    if not found:
        report.undetected.append(replay)
        return
    places = {place(finding) for finding in found}
    if missing := expected.places - places:
        report.unlocated.append(f"{replay}: not found {missing}; found {places}")
    elif expected.is_exact and (surplus := places - expected.places):
        report.unlocated.append(f"{replay}: found too much {surplus}")
    for finding in found:
        first_bad = _first_bad(finding, sizes)
        if first_bad is not None and finding.checkpoint != first_bad:
            report.unlocated.append(f"{replay}: first bad checkpoint {first_bad}: {finding}")


def findings(*copies: Copy) -> list[Finding]:
    """Return what an audit finds, with the signer's memory as always."""
    memory = read_memory()
    return list(audit(copies=[*copies, *([memory] if memory else [])]))


def place(finding: Finding) -> Place:
    """Return where a finding is."""
    return (finding.kind, finding.table, finding.pk, finding.column, finding.index)


@contextmanager
def undone(attacker: Attacker) -> Iterator[None]:
    """Take back whatever is done within, in the database and outside of it."""
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)
        attacker.undo()


def _first_bad(finding: Finding, sizes: list[int]) -> int | None:
    """Return the first signed size that covers a finding's entry, where all are left."""
    if finding.index is None or not finding.table.startswith(("registry", "rights", "filings")):
        return None
    covering = bisect_right(sizes, finding.index)
    return sizes[covering] if covering < len(sizes) else None

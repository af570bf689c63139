"""The full audit of the log by rate and peak memory, in a process of its own."""

import json
import resource
import subprocess
import sys
import time

from bench.log import hashing
from bench.measuring import Report


def measure(report: Report, size: int) -> None:
    """Report what ``audit_ledger`` takes for a log of ``size`` entries."""
    plain = hashing(0, size)
    start = time.perf_counter()
    done = subprocess.run(  # our own command
        [sys.executable, "manage.py", "audit_ledger", "--json"],
        capture_output=True,
        check=False,
        text=True,
    )
    spent = time.perf_counter() - start
    findings = json.loads(done.stdout)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    report.add(
        f"full audit, {size:,} entries, {len(findings)} findings",
        f"{size / spent:,.0f} entries/s",
        ratio=spent / plain,
        to="the time of plain SHA-256",
    )
    report.add(f"peak memory of the audit, {size:,} entries", f"{peak} MB")

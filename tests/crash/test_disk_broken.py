"""A disk that answers a synchronisation with an error: what it did not keep is not promised."""

import shutil
import subprocess

import pytest

from tests.crash.storming import order, settle
from tests.crash.trial import Trial

ACTS = 30


@pytest.mark.parametrize("call", ["fsync", pytest.param("fdatasync", marks=pytest.mark.long)])
def test_an_act_that_did_not_reach_the_disk_is_not_acknowledged(
    call: str, on_sqlite: Trial
) -> None:
    failing = (
        *("strace", "-f", "-qq", "-o", str(on_sqlite.state / "strace.log")),
        *("-e", f"trace={call}", "-e", f"inject={call}:error=EIO:when=3+5"),
    )
    if not shutil.which("strace") or subprocess.run([*failing, "true"], check=False).returncode:  # noqa: S603 # a fixed command
        pytest.skip("strace is not installed or may not trace")

    with on_sqlite.process("service", under=failing) as service:
        answers = [order(service, act) for act in ("act", "number", "publish") * ACTS]
    settle(on_sqlite)

    assert any("Input/output error" in answer or "disk I/O error" in answer for answer in answers)
    assert on_sqlite.broken_promises() == []
    assert len(on_sqlite.evidence.acts) > 0
    assert on_sqlite.findings() == []

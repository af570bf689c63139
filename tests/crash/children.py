"""Children of a program that has Django loaded already: they start at once and die with it."""

import ctypes
import os
import signal
import sys
import traceback
from collections.abc import Callable

from django.db import connections

PR_SET_PDEATHSIG = 1
LAST_WORDS = "A worker died: "


def fork(work: Callable[[], None]) -> int:
    """Run ``work`` in a child with connections of its own; return its process id."""
    connections.close_all()
    child = os.fork()
    if child:
        return child
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        work()
    except BaseException:  # noqa: BLE001 # it must not go on as if it were its parent
        sys.stderr.write(f"{LAST_WORDS}{traceback.format_exc()}")
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def answer(text: str) -> None:
    """Say a line to whoever gave the order."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def status_of(child: int) -> int:
    """Wait for its end and return its exit code, or minus the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

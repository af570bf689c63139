"""One register to be ill-treated: a database and a state folder of its own, and its processes."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from tests.crash.cluster import ROOT
from tests.crash.evidence import Evidence
from tests.crash.promises import Log, broken_promises
from tlog.note import VerifierKey

# What we start dies with us, however we end.
WITH_US = ("setpriv", "--pdeathsig", "KILL")


class Trial:
    """A register, and what was promised to those who use it."""

    def __init__(self, state: Path, database_url: str = "", **environment: str) -> None:
        self.state = state
        self.database_url = database_url or f"sqlite:///{state}/quanji.sqlite3"
        self.environment = os.environ | {
            # Without its byte code a process takes seconds to start.
            "PYTHONDONTWRITEBYTECODE": "",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": self.database_url,
            "QUANJI_STATE_DIR": str(state),
            "QUANJI_LOG_LEVEL": "ERROR",
            "QUANJI_LEDGER_PUBLISH_INLINE": "0",
            "PYTHONWARNINGS": "ignore",
            **environment,
        }
        self.evidence = Evidence(state / "evidence")

    def program(self, name: str, *arguments: str) -> str:
        """Run a program of the trial to its end and return what it prints."""
        return self._run("-m", "tests.crash", name, *arguments)

    def manage(self, *arguments: str) -> str:
        """Run a management command to its end and return what it prints."""
        return self._run("manage.py", *arguments)

    def broken_promises(self) -> list[str]:
        """Return what does not hold."""
        return broken_promises(self.database_url, self.evidence, self.log())

    def findings(self) -> list[dict[str, Any]]:
        """Return what `audit_ledger` finds."""
        answer = subprocess.run(  # our own command
            [sys.executable, "manage.py", "audit_ledger", "--json"],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            check=False,
        )
        findings: list[dict[str, Any]] = json.loads(answer.stdout)
        assert answer.returncode == bool(findings)
        return findings

    def log(self) -> Log:
        """Return whose log it is."""
        key = VerifierKey.parse((self.state / "log_key.txt").read_text())
        return Log(key=key, memory=self.state / "ledger" / "last_signed")

    @contextmanager
    def process(
        self, name: str, *arguments: str, under: tuple[str, ...] = ()
    ) -> Iterator[subprocess.Popen[str]]:
        """Start a program that is spoken to over its standard input; nothing of it stays."""
        with (self.state / f"{name}.log").open("a") as errors:
            process = self._start(errors, "-m", "tests.crash", name, *arguments, under=under)
        try:
            yield process
        finally:
            end_group(process)

    def _start(
        self, errors: IO[str], *arguments: str, under: tuple[str, ...] = ()
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(  # noqa: S603 # our own program
            [*WITH_US, *under, sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )

    def _run(self, *arguments: str) -> str:
        with (self.state / "run.log").open("a+") as errors:
            process = self._start(errors, *arguments)
            try:
                answer, _nothing = process.communicate()
            finally:
                end_group(process)
            errors.seek(0)
            assert process.returncode == 0, errors.read()[-4000:]
        return answer


def end_group(process: subprocess.Popen[str]) -> None:
    """Kill a process and all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def copy_of(template: Path, state: Path, database_url: str = "", **environment: str) -> Trial:
    """Return a trial that begins as the template was prepared."""
    shutil.copytree(template, state)
    return Trial(state, database_url, **environment)

"""The storm seen from outside: how it is spoken to and how it is let live."""

import secrets
import time
from subprocess import Popen

from tests.crash.children import LAST_WORDS
from tests.crash.trial import Trial

PATIENCE_SECONDS = 120
PAUSE_SECONDS = 0.01


def order(storm: Popen[str], word: str) -> str:
    """Give the storm an order and return its answer."""
    assert storm.stdin
    assert storm.stdout
    storm.stdin.write(word + "\n")
    storm.stdin.flush()
    answer: str = storm.stdout.readline()
    return answer


def last_words(trial: Trial) -> str:
    """Return why the storm's first dead worker died, or else the end of what the storm wrote."""
    log = (trial.state / "storm.log").read_text("utf-8", errors="replace")
    _, died, why = log.partition(LAST_WORDS)
    return died + why[:6_000] if died else log[-6_000:]


def live(trial: Trial, longest_life: float) -> None:
    """Wait for some time, and on a busy machine until something was promised."""
    promised, seen = len(trial.evidence.acts), trial.evidence
    time.sleep(longest_life * secrets.randbelow(1000) / 1000)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and len(seen.acts) <= promised:
        seen.refresh()
        time.sleep(PAUSE_SECONDS)


def settle(trial: Trial) -> None:
    """Let what was begun come to its end, as the next start of the service would."""
    trial.manage("publish_ledger")
    trial.manage("issue_certificates")

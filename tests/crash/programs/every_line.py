"""Strike at every line of a step: kill the process before the line, or let the line fail.

Line tracing shows the lines that the step executes in the files that decide or write something. At
one of them the process kills itself with -9, or the disk is full; then the step is done again and
struck at the next. The extent is "lines", each line once, or "executions", each time that a line is
executed. A fault before a line is one after the line before: whatever that did is there.

After each strike what waits is taken up again, in a new process after a kill and in the same after
an error, and every promise is looked at. What it prints is a `Report` as JSON.
"""

import dis
import errno
import json
import os
import secrets
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from functools import partial
from itertools import count
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Protocol

from django.conf import settings

from certificates.documents.ordering import Order, order
from certificates.issuance import issue_waiting
from certificates.models import Certificate, Document, DocumentKind
from certificates.queries import issued_certificates, issued_documents, latest_archival
from certificates.renewal import renew
from filings.models import Filing
from ledger.acts import open_act
from ledger.models import Entry
from ledger.publishing import publish
from primitives.clock import now_utc
from registry.models import DataAsset, Party
from rights.dealing import Dealing
from rights.kinds import RightKind
from rights.recording import deal, keys_of
from rights.transfer import Transfer
from tests.crash import acts, plants
from tests.crash.children import answer, fork, status_of
from tests.crash.cluster import ROOT
from tests.crash.evidence import Diary, Evidence
from tests.crash.promises import Log, broken_promises, snapshot, unfinished, unnamed
from tests.factories import (
    Office,
    bring_to_publicity,
    decide,
    make_complete_draft,
    make_party,
)
from tlog.note import VerifierKey

SECONDS_UNTIL_HUNG = 120
PLACE = 200
"""The file descriptor to which a child writes where it is struck."""


class TraceFunction(Protocol):
    """What `sys.settrace` calls."""

    def __call__(
        self, frame: FrameType, event: str, argument: object, /
    ) -> "TraceFunction | None": ...


LEDGER = ("ledger/acts.py", "ledger/locks.py", "registry/numbers.py")
PUBLICATION = (
    "ledger/publishing.py",
    "ledger/sequencing.py",
    "ledger/signing.py",
    "ledger/memory.py",
    "ledger/tiles.py",
    "primitives/durable_files.py",
)
SEALING = (
    "certificates/sealed_files.py",
    "certificates/detached.py",
    "primitives/durable_files.py",
)
PARTY_OF_TRANSFERS = 900_000
PLANTS = "tests/crash/plants.py"


@dataclass(frozen=True)
class Step:
    """What is struck: how the case is brought there, what is done, and whose lines count.

    Attributes:
        resume: what the next run does besides publishing and issuing.
    """

    arrange: Callable[[Office, int], Any]
    do: Callable[[Office, int, Any], list[Entry]]
    files: tuple[str, ...]
    resume: Callable[[], None] = lambda: None


def act(office: Office, turn: int, _arranged: None) -> list[Entry]:
    """Make two acts, one with a row and one with a number."""
    return [acts.enter(office, turn), acts.number(office, turn)]


def filing_in_publicity(office: Office, turn: int) -> Filing:
    holder = Party.objects.order_by("pk").first()
    assert holder
    return bring_to_publicity(office, make_complete_draft(office, holder, data=str(turn).encode()))


def publish_what_waits(_office: Office, _turn: int, _arranged: None) -> list[Entry]:
    """Publish; nobody is promised an act by it."""
    publish(at=now_utc())
    return []


def issue_what_waits(_office: Office, _turn: int, _arranged: Entry) -> list[Entry]:
    """Issue; nobody is promised an act by it."""
    issue_waiting(at=now_utc())
    return []


def certified_and_transferred(office: Office, turn: int) -> DataAsset:
    """Register an asset, issue its certificate, and let the right to operate change hands."""
    asset = certified(office, turn)
    giver = Party.objects.order_by("pk").first()
    taker = Party.objects.order_by("pk")[1:].first() or make_party(office, PARTY_OF_TRANSFERS)
    assert giver
    right = asset.interests.get(kind=RightKind.OPERATE)
    transfer = Transfer(
        interest=right.reference, giver=giver.reference, takers={taker.reference: Fraction(1)}
    )
    both = frozenset({giver.reference, taker.reference})
    dealing = Dealing(filing="F-EXAMPLE", items=(transfer,), applicants=both)
    with open_act(
        recorded_at=now_utc(), actor="U-CRASH", officer="U-CRASH", keys=keys_of(dealing)
    ) as opened:
        deal(opened, dealing)
    publish(at=now_utc())
    return asset


def order_and_issue(_office: Office, _turn: int, asset: DataAsset) -> list[Entry]:
    """Order an extract and issue it, with the certificate after the change."""
    order(Order(kind=DocumentKind.STATUS, asset=asset), by=None, at=now_utc())
    issue_waiting(at=now_utc())
    return []


def certified(office: Office, turn: int) -> DataAsset:
    """Register an asset and issue its certificate."""
    entry = acts.register(office, turn)
    settle()
    return DataAsset.objects.get(entry=entry)


def certified_or_ordered(office: Office, turn: int) -> None:
    """Have a new file to renew: a certificate and a document in turn."""
    if turn % 2:
        certified(office, turn)
    else:
        order(Order(kind=DocumentKind.SEARCH, query=f"{turn}"), by=None, at=now_utc())
        settle()


def renew_what_was_not(_office: Office, _turn: int, _arranged: None) -> list[Entry]:
    """Renew each file that never was; nobody is promised an act by it."""
    renew_the_rest()
    return []


def renew_the_rest() -> None:
    rows: list[Certificate | Document] = [*issued_certificates(), *issued_documents()]
    for row in rows:
        if latest_archival(row) is None:
            renew(row, at=now_utc())


STEPS = {
    "act": Step(
        arrange=lambda _office, _turn: None,
        do=act,
        files=(*LEDGER, "registry/parties.py"),
    ),
    "decide": Step(
        arrange=filing_in_publicity,
        do=lambda office, _turn, filing: [decide(office, filing).entry],
        files=(
            *LEDGER,
            "filings/decision.py",
            "filings/cases.py",
            "rights/initial_registration.py",
        ),
    ),
    "publish": Step(
        arrange=lambda office, turn: act(office, turn, None),
        do=publish_what_waits,
        files=PUBLICATION,
    ),
    "planted issue": Step(
        arrange=acts.register,
        do=issue_what_waits,
        files=(PLANTS,),
    ),
    "planted renewal": Step(
        arrange=certified_or_ordered,
        do=renew_what_was_not,
        files=(PLANTS,),
        resume=renew_the_rest,
    ),
    "planted act": Step(arrange=lambda _office, _turn: None, do=act, files=(PLANTS,)),
    "planted publication": Step(
        arrange=lambda office, turn: act(office, turn, None),
        do=publish_what_waits,
        files=(PLANTS,),
    ),
    "issue": Step(
        arrange=acts.register,
        do=issue_what_waits,
        files=(
            *LEDGER,
            *PUBLICATION,
            *SEALING,
            "certificates/issuance.py",
            "certificates/numbering.py",
        ),
    ),
    "document": Step(
        arrange=certified_and_transferred,
        do=order_and_issue,
        files=(
            *SEALING,
            "certificates/numbering.py",
            "certificates/documents/ordering.py",
            "certificates/documents/issuance.py",
            "certificates/issuance.py",
            "certificates/status_acts.py",
        ),
    ),
    "renew": Step(
        arrange=certified_or_ordered,
        do=renew_what_was_not,
        files=("certificates/renewal.py", "primitives/durable_files.py"),
        resume=renew_the_rest,
    ),
}


@dataclass
class Report:
    """How often the step was struck, at which lines, and what was broken."""

    strikes: int = 0
    lines: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)

    def add(self, place: str, broken: list[str]) -> None:
        """Count one strike and keep what it broke."""
        self.strikes += 1
        self.lines.add(place)
        self.broken += [f"{place}: {sentence}" for sentence in broken]

    def to_json(self) -> str:
        """Return it as JSON."""
        return json.dumps(asdict(self) | {"lines": sorted(self.lines)})


class Striker:
    """A tracer that strikes at the first line that ``is_meant`` says yes to."""

    def __init__(self, is_meant: Callable[[str], bool], fault: str, files: tuple[str, ...]) -> None:
        self.struck = ""
        self._is_meant, self._fault = is_meant, fault
        self._files = {str(ROOT / name): name for name in files}

    def trace(self, frame: FrameType, event: str, _argument: object) -> TraceFunction | None:
        """Look at a line; see `sys.settrace`."""
        name = self._files.get(frame.f_code.co_filename)
        place = f"{name}:{frame.f_lineno}"
        is_here = event == "line" and not self.struck and not _leaves_a_with(frame)
        if is_here and self._is_meant(place):
            self.struck = place
            self._strike()
        return self.trace if name else None

    def _strike(self) -> None:
        os.write(PLACE, self.struck.encode())
        if self._fault == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _leaves_a_with(frame: FrameType) -> bool:
    """Say whether the line is that of a `with` whose block is done.

    An exception just there would keep `__exit__` from being called; no full disk does that.
    """
    if frame.f_code not in _ENDS:
        _ENDS[frame.f_code] = set(_ends_of_blocks(frame.f_code))
    return frame.f_lasti in _ENDS[frame.f_code]


def _ends_of_blocks(code: CodeType) -> Iterator[int]:
    """Yield where blocks of `with` end: `__exit__` is called with None, None and None.

    Before that a value to be returned is swapped with the context manager.
    """
    instructions = list(dis.get_instructions(code))
    for place, instruction in enumerate(instructions):
        following = instructions[place : place + 3]
        if all(each.opname == "LOAD_CONST" and each.argval is None for each in following):
            yield instruction.offset
            if place and instructions[place - 1].opname == "SWAP":
                yield instructions[place - 1].offset


_ENDS: dict[CodeType, set[int]] = {}
"""By code, where its blocks of `with` end."""


def main(name: str, fault: str, extent: str, sample: str = "1", plant: str = "") -> None:
    plants.put(plant)
    office, report = acts.load_office(), Report()
    # What is loaded or made at first use, the children find done.
    acts.register(office, 0)
    settle()
    # A sample begins anywhere, so that each run takes others.
    first = secrets.randbelow(int(sample))
    for turn in count(1):
        if extent == "lines":
            is_meant = new_line(report.lines, first + (turn - 1) * (int(sample) - 1))
        else:
            is_meant = execution(first + 1 + (turn - 1) * int(sample))
        place, status = strike(
            STEPS[name], office, turn, Striker(is_meant, fault, STEPS[name].files)
        )
        if not place:
            assert status == 0, f"{name} ended with {status} where nothing struck"
            break
        report.add(place, consequences(STEPS[name], status, fault))
    answer(report.to_json())


def new_line(struck: set[str], passing: int) -> Callable[[str], bool]:
    """Mean a line that was not struck yet, after ``passing`` others such."""
    others: set[str] = set()

    def is_meant(place: str) -> bool:
        if place not in struck:
            others.add(place)
        return len(others) > passing

    return is_meant


def execution(number: int) -> Callable[[str], bool]:
    """Mean the line that is executed as the ``number``-th, counted from 1."""
    counted = count(1)
    return lambda _place: next(counted) == number


def strike(step: Step, office: Office, turn: int, striker: Striker) -> tuple[str, int]:
    """Do the step in a child that is struck; return at which line and how the child ended."""
    arranged = step.arrange(office, turn)

    def be_struck() -> None:
        signal.alarm(SECONDS_UNTIL_HUNG)
        diary = Diary(Path(settings.STATE_DIR) / "evidence" / f"{turn}.jsonl")
        sys.settrace(striker.trace)
        try:
            made = step.do(office, turn, arranged)
        except Exception:  # however it refuses, it has acknowledged nothing
            made = []
            if not striker.struck:
                raise
        finally:
            sys.settrace(None)
        for entry in made:
            acts.acknowledge(diary, entry)
        if striker.struck:
            # The same process goes on, as a service does.
            settle(step)

    reading, writing = os.pipe()
    os.dup2(writing, PLACE)
    os.close(writing)
    child = fork(be_struck)
    os.close(PLACE)
    with os.fdopen(reading) as place:
        return place.read(), status_of(child)


def consequences(step: Step, status: int, fault: str) -> list[str]:
    """Take up again what waits, and return all that is broken afterwards."""
    if status != (-signal.SIGKILL if fault == "kill" else 0):
        return [f"the process ended with {status}"]
    evidence = Evidence(Path(settings.STATE_DIR) / "evidence")
    database_url = os.environ["DATABASE_URL"]
    found = broken_promises(database_url, evidence, log())
    resumed = status_of(fork(partial(settle, step)))
    with snapshot(database_url) as query:
        found += unfinished(query)
        found += unnamed(query, log())
    found += broken_promises(database_url, evidence, log())
    return [*found, *([f"resuming ended with {resumed}"] if resumed else [])]


def settle(step: Step | None = None) -> None:
    """Publish and issue whatever waits, and do what else the step's next run does."""
    publish(at=now_utc())
    issue_waiting(at=now_utc())
    publish(at=now_utc())
    if step:
        step.resume()
        publish(at=now_utc())


def log() -> Log:
    """Return whose log it is."""
    state = Path(settings.STATE_DIR)
    key = VerifierKey.parse((state / "log_key.txt").read_text())
    return Log(key=key, memory=state / "ledger" / "last_signed")

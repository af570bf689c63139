"""A cause and what it reaches at the same moment, with real threads and transactions (P5, W5).

Each act is held just before its commit while the other begins, in both orders.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection

from audit.marks import check_marks
from audit.register import compare_register
from filings.application import content_digest
from filings.cases import take_step
from filings.decision import approve
from filings.models import Filing
from ledger.acts import open_act
from registry.entries import INITIAL_REGISTRATION
from registry.models import DataAsset
from rights.entries import TITLE_DEALING
from rights.kinds import RightKind
from rights.models import Interest, Mark
from rights.recording import deal, keys_of
from rights.transfer import Transfer
from tests.factories import NOON, make_office, make_party
from tests.filings.test_races import at_once
from tests.rights.deriving import (
    LATER,
    a_dealing,
    a_freeze,
    draft_derived,
    enter,
    license_from,
    operate,
    register,
)

SOON = 20.0
"""Seconds within which what is not blocked happens, on the slowest machine."""

A_WHILE = 0.7
"""Seconds in which what is blocked would have happened, had it not been."""

pytestmark = pytest.mark.django_db(transaction=True)

on_postgresql = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="one writer at a time is all that SQLite has"
)


class Held:
    """An act in a thread of its own that stops where it is told, before its commit."""

    def __init__(self, act: Callable[[], object]) -> None:
        self.stands, self.may_go = threading.Event(), threading.Event()
        self.error: BaseException | None = None
        self._act = act
        self._thread = threading.Thread(target=self._run)

    def stop(self, *_args: object, **_options: object) -> None:
        self.stands.set()
        assert self.may_go.wait(SOON)

    def start(self) -> None:
        self._thread.start()

    def is_done_within(self, seconds: float) -> bool:
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._act()
        except Exception as error:  # noqa: BLE001 # the test raises it where it is looked at
            self.error = error
        finally:
            connection.close()


@contextmanager
def held(act: Held) -> Iterator[None]:
    """Let an act run until it stops; let it go in the end, and see that it committed."""
    act.start()
    try:
        assert act.stands.wait(SOON)
        yield
    finally:
        act.may_go.set()
        assert act.is_done_within(SOON)
    assert act.error is None


class Case:
    """A source, what was derived from it, and a case of data derived from that in turn."""

    def __init__(self) -> None:
        self.office = make_office()
        self.anne = make_party(self.office, 1)
        self.source = register(self.office, self.anne, "source")
        self.child = register(self.office, self.anne, "child", self.source)
        self.filing = draft_derived(self.office, self.anne, "grandchild", self.child)
        self.freeze = a_freeze(self.source)

    def approve(self) -> None:
        digest = content_digest(Filing.objects.get(pk=self.filing.pk))
        approve(self.filing, by=self.office.zhao, at=NOON, shown_digest=digest)

    def enter_freeze(self, *, before_commit: Callable[[], None] = lambda: None) -> None:
        dealing = a_dealing(self.freeze)
        with open_act(recorded_at=LATER, actor="U-1", officer="U-1", keys=keys_of(dealing)) as act:
            deal(act, dealing)
            before_commit()


@on_postgresql
def test_p5_a_freeze_waits_for_a_registration_and_reaches_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = Case()
    registration = Held(case.approve)

    def step_and_stop(*args: Any, **options: Any) -> None:
        take_step(*args, **options)
        registration.stop()

    monkeypatch.setattr("filings.decision.take_step", step_and_stop)
    freeze = Held(case.enter_freeze)
    with held(registration):
        freeze.start()
        assert not freeze.is_done_within(A_WHILE)
    assert freeze.is_done_within(SOON)

    grandchild = Filing.objects.get(pk=case.filing.pk).asset
    assert freeze.error is None
    assert marked_by(case) == {case.child: TITLE_DEALING, grandchild: TITLE_DEALING}
    assert_clean()


@on_postgresql
def test_p5_a_registration_waits_for_a_freeze_and_inherits_it() -> None:
    case = Case()
    freeze = Held(lambda: case.enter_freeze(before_commit=freeze.stop))
    registration = Held(case.approve)
    with held(freeze):
        registration.start()
        assert not registration.is_done_within(A_WHILE)
    assert registration.is_done_within(SOON)

    grandchild = Filing.objects.get(pk=case.filing.pk).asset
    assert registration.error is None
    assert marked_by(case) == {case.child: TITLE_DEALING, grandchild: INITIAL_REGISTRATION}
    assert_clean()


@on_postgresql
def test_w5_an_act_on_what_a_freeze_reaches_does_not_wait_for_it() -> None:
    case = Case()
    ben = make_party(case.office, 2)
    right = case.child.interests.get(kind=RightKind.HOLD)
    move = Transfer(
        interest=right.reference,
        giver=case.anne.reference,
        takers={ben.reference: Fraction(1)},
    )
    freeze = Held(lambda: case.enter_freeze(before_commit=freeze.stop))

    with held(freeze):
        enter(case.office, move, applicants=[case.anne, ben])

    assert case.child.interests.get(reference=right.reference, revision=2).shares.get().party == ben
    assert marked_by(case) == {case.child: TITLE_DEALING}
    assert_clean()


def test_p5_causes_and_registrations_all_at_once_leave_the_marks_complete() -> None:
    case = Case()
    licence = license_from(case.office, operate(case.source), case.anne)
    sources: list[DataAsset | Interest] = [case.source, case.child, licence]
    filings = [
        draft_derived(case.office, case.anne, f"late {place}", source)
        for place, source in enumerate(sources)
    ]
    digests = [content_digest(Filing.objects.get(pk=filing.pk)) for filing in filings]
    freezes = [a_freeze(target) for target in (case.source, case.child, operate(case.source))]

    raised = at_once(
        *[
            lambda filing=filing, digest=digest: approve(
                filing, by=case.office.zhao, at=NOON, shown_digest=digest
            )
            for filing, digest in zip(filings, digests, strict=True)
        ],
        *[lambda freeze=freeze: enter(case.office, freeze) for freeze in freezes],
    )

    assert raised == [None] * 6
    assert Mark.objects.count() == 4 + 1 + 1
    assert_clean()


def marked_by(case: Case) -> dict[DataAsset, str]:
    """Return what the freeze marks, with the kind of the entry that wrote the mark."""
    marks = Mark.objects.filter(cause=case.freeze.reference).select_related("asset", "entry")
    return {mark.asset: mark.entry.kind for mark in marks}


def assert_clean() -> None:
    assert list(compare_register()) == []
    assert list(check_marks()) == []

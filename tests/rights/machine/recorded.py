"""The machine over the real register: rows, entries, crashes, retries and past answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, ClassVar
from unittest.mock import patch

from django.db import transaction

from audit.register import compare_register
from filings.models import Filing
from ledger.acts import open_act
from ledger.models import Entry, EntryKey, Leaf
from ledger.sequencing import Sequencer
from primitives.rules import RulesBrokenError
from registry.kinds import InstrumentKind
from registry.models import DataAsset, Instrument
from rights import recording
from rights.dealing import Dealing
from rights.kinds import RightKind
from rights.models import Interest, Mark, Remark, Share, UsedConsent
from rights.queries import AsOf, title_as_of
from rights.recording import deal, keys_of, load
from rights.title import Title
from tests.factories import (
    NOON,
    Office,
    bring_to_publicity,
    claim,
    decide,
    hand_in_papers,
    make_draft,
    make_paper,
    make_party,
    name_applicants,
)
from tests.rights.machine.comparing import of_title
from tests.rights.machine.histories import OFFICER, Choose
from tests.rights.machine.machines import Machine, Tally
from tests.rights.machine.model import World

TABLES = (Entry, EntryKey, Interest, Share, Remark, UsedConsent, Mark)
DAY = timedelta(days=1)


class PowerCutError(Exception):
    """What the tests raise where a crash is to happen."""


def register_two_assets(office: Office) -> list[str]:
    """Register two assets of one party, the second of personal data; return four parties."""
    parties = [make_party(office, serial) for serial in (1, 2, 3, 4)]
    for serial, personal in enumerate(("NONE", "CONTAINED")):
        filing: Filing = make_draft(
            office,
            data=f"示例{serial}".encode(),
            personal_information=personal,
            personal_basis="CONSENT" if serial else "",
            resale_allowed=True,
            export_allowed=True,
        )
        name_applicants(filing, parties[0])
        for kind in (RightKind.OPERATE, RightKind.HOLD):
            claim(filing, kind, [(parties[0], Fraction(1))])
        hand_in_papers(
            filing,
            InstrumentKind.CONSENT,
            InstrumentKind.ASSESSMENT,
            InstrumentKind.EXPORT_CLEARANCE,
        )
        decide(office, bring_to_publicity(office, filing))
    return [party.reference for party in parties]


class RecordedMachine(Machine):
    """Each history happens in a savepoint of the test's transaction and is taken back."""

    tally: ClassVar[Tally] = Tally()
    compares_each: ClassVar[int] = 1
    """After how many dealings the ledger is folded; at the end of a history all of it is."""

    def begin(self) -> tuple[datetime, Title]:
        self._savepoint = transaction.atomic()
        self._savepoint._from_testcase = True  # type: ignore[attr-defined] # noqa: SLF001 # so that acts see no other transaction
        self._savepoint.__enter__()
        self.assets = sorted(DataAsset.objects.values_list("number", flat=True))
        self.since = Leaf.objects.count()
        self.answers: list[tuple[str, AsOf, dict[str, Any]]] = []
        return NOON + DAY, self.stands()

    def teardown(self) -> None:
        assert list(compare_register()) == []
        transaction.set_rollback(True)
        self._savepoint.__exit__(None, None, None)

    def stands(self) -> Title:
        return load(self.assets)

    def refused(self, dealing: Dealing) -> list[str]:
        try:
            self._enter(dealing)
        except RulesBrokenError as refused:
            return [rule.number for rule in refused.rules]
        return []

    def before(self, choose: Choose, dealing: Dealing) -> None:
        """Now and then enter the dealing and crash, before the rows or before the commit."""
        where = choose([*["nowhere"] * 8, "after the entry", "before the commit"])
        if where == "nowhere":
            return
        counts = _counts()
        try:
            with _crash(where):
                self._enter(dealing, crashes=where == "before the commit")
        except PowerCutError:
            self.tally["crash", True] += 1
        except RulesBrokenError:
            self.tally["crash", False] += 1
        assert _counts() == counts, "something is left of an act that crashed"

    def after(self, choose: Choose, dealing: Dealing, before: World) -> None:
        if self.world is not before:
            self._replay(choose)
            if choose(range(10)) == 9:
                self._enter_again(dealing, before)
        place = choose(range(10))
        if place < len(self.answers):
            asset, as_of, answer = self.answers[place]
            assert _answer(asset, as_of) == answer, as_of
            self.tally["past answer", True] += 1

    def _replay(self, choose: Choose) -> None:
        """Hold the rows against the fold, and what is in force now against the naive world."""
        if self.serial % self.compares_each == 0:
            assert list(compare_register(self.since)) == []
        number = choose(self.assets)
        standing = title_as_of(DataAsset.objects.get(number=number), AsOf(at=self.at))
        rights = self.world.rights.values()
        lasting = {r.name: r.shares for r in rights if r.asset == number and r.lasts(self.at)}
        assert {r.reference: r.shares for r in standing.interests.values()} == lasting
        if len(self.answers) < 5 and choose(range(4)) == 3:
            _sequence(self.at)
            self.since = Leaf.objects.count()
            as_of = AsOf(at=self.at, size=self.since)
            self.answers.append((number, as_of, _answer(number, as_of)))

    def _enter_again(self, dealing: Dealing, before: World) -> None:
        """Enter once more what was entered: what opens something, or rests on a consent."""
        opens = self.world.rights.keys() | self.world.notes.keys()
        if not dealing.consents and opens <= before.rights.keys() | before.notes.keys():
            return
        counts = _counts()
        try:
            self._enter(dealing)
        except RulesBrokenError:
            self.tally["again", False] += 1
        assert _counts() == counts, "a dealing was entered twice"

    def _enter(self, dealing: Dealing, *, crashes: bool = False) -> None:
        _hand_in(dealing)
        with open_act(
            recorded_at=self.at,
            actor="U-WANG",
            officer=OFFICER,
            keys=keys_of(dealing),
            publishes=False,
        ) as act:
            deal(act, dealing)
            if crashes:
                raise PowerCutError


def _hand_in(dealing: Dealing) -> None:
    """Put on file what the dealing rests on, as a case does before it is decided."""
    papers = dealing.instruments | {consent.instrument for consent in dealing.consents}
    on_file = Instrument.objects.filter(reference__in=papers)
    for reference in sorted(papers - set(on_file.values_list("reference", flat=True))):
        make_paper(reference)


def _answer(number: str, as_of: AsOf) -> dict[str, Any]:
    return of_title(title_as_of(DataAsset.objects.get(number=number), as_of))


def _sequence(at: datetime) -> None:
    """Give the entries their places in the log; nobody has to sign it for an answer as of one."""
    sequencer = Sequencer()
    while sequencer.integrate(at=at):
        pass


def _counts() -> list[int]:
    return [
        *(table._default_manager.count() for table in TABLES),  # noqa: SLF001 # Django's public model API
        Interest.objects.filter(ended_by=None).count(),
        Remark.objects.filter(ended_by=None).count(),
    ]


@contextmanager
def _crash(where: str) -> Iterator[None]:
    if where != "after the entry":
        yield
        return
    with patch.object(recording, "_store", side_effect=PowerCutError):
        yield

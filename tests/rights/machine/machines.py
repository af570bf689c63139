"""The state machine: draw a dealing, ask the law and the naive world, and find them agreed."""

from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from datetime import datetime
from random import Random  # noqa: TID251 # a replayable choice, no secret
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

import tests.rights.machine.laws  # noqa: F401 # enters the law of each act
from registry.kinds import PersonalInformation
from rights.acts import BY_REQUEST
from rights.dealing import Dealing, decide
from rights.facts import Limits
from rights.kinds import RightKind
from rights.scope import EVERYTHING
from rights.terms import term_end
from rights.title import NO_TERMS, AssetFacts, InterestFacts, Title
from tests.rights.machine.comparing import of_title, of_world
from tests.rights.machine.histories import OFFICER, Choose, Drawing, later
from tests.rights.machine.model import Right, World, enter
from tests.rights.plain import ANNE, BEN, CARL, DORA, NOW, WHOLE

PARTIES = (ANNE, BEN, CARL, DORA)
ASSETS = ("DA-000000001", "DA-000000002")


class Tally(Counter[tuple[str, bool]]):
    """How often each act was entered and refused; only dealings of one act are counted."""

    def count(self, dealing: Dealing, *, is_entered: bool) -> None:
        self["steps", is_entered] += 1
        if len(dealing.items) == 1:
            self[BY_REQUEST[type(dealing.items[0])].name, is_entered] += 1

    def report(self) -> str:
        """Return how often each was entered and refused."""
        names = sorted({name for name, _ in self})
        return "\n".join(f"{name}: {self[name, True]} / {self[name, False]}" for name in names)

    def missing(self) -> list[tuple[str, bool]]:
        """Return what never happened: acts that were never entered, or never refused."""
        names = [act.name for act in BY_REQUEST.values()]
        return [(n, entered) for n in names for entered in (True, False) if not self[n, entered]]


LONGEST = 40


def drive(machine: type["Machine"], *, histories: int, shortest: int = LONGEST) -> None:
    """Let seeded chance choose in place of hypothesis: five times as fast, and nothing shrinks.

    Each history has at least ``shortest`` and at most `LONGEST` steps.
    """
    for seed in range(histories):
        chance, driven = Random(seed), machine()  # noqa: S311 # as above
        try:
            for _ in range(chance.randint(shortest, LONGEST)):
                driven.take(chance.choice)
        except AssertionError as error:
            error.add_note(f"in step {driven.serial} of the history of seed {seed}")
            raise
        finally:
            driven.teardown()


def empty_title() -> Title:
    """Return a title of two assets, the second of personal data; Anne holds all rights in them."""
    described = {
        "name": "示例数据",
        "resale_allowed": True,
        "export_allowed": True,
    }
    assets = {}
    for number, personal in zip(ASSETS, ("NONE", PersonalInformation.CONTAINED), strict=True):
        assets[number] = AssetFacts(
            number=number,
            resale_allowed=True,
            export_allowed=True,
            is_personal=personal != "NONE",
            description=described | {"personal_information": str(personal)},
            registered_at=NOW,
        )
    end = term_end(NOW, 36)
    interests = {
        f"I-{number[-1]}-{kind}": InterestFacts(
            reference=f"I-{number[-1]}-{kind}",
            asset=number,
            kind=kind,
            shares=WHOLE,
            valid_from=NOW,
            valid_to=end,
            until=end,
        )
        for number in ASSETS
        for kind in (RightKind.OPERATE, RightKind.HOLD)
    }
    return Title(assets=assets, interests=interests, parties=frozenset(PARTIES))


def world_of(title: Title) -> World:
    """Return the naive world that begins as the title does: with original rights and no more."""
    return World(
        assets={n: dict(asset.description) for n, asset in title.assets.items()},
        registered_at={n: asset.registered_at or NOW for n, asset in title.assets.items()},
        rights={
            fact.reference: Right(
                name=fact.reference,
                asset=fact.asset,
                kind=fact.kind,
                shares=dict(fact.shares),
                start=fact.valid_from,
                end=fact.valid_to,
                scope=EVERYTHING,
                terms=NO_TERMS,
            )
            for fact in title.interests.values()
        },
    )


class Machine(RuleBasedStateMachine):
    """Draws dealings one after another; what they are put to is for the two machines below."""

    tally: ClassVar[Tally] = Tally()
    parties: ClassVar[Sequence[str]] = PARTIES

    def __init__(self) -> None:
        super().__init__()
        self.at, title = self.begin()
        self.world = world_of(title)
        self.serial = 0
        self.tally["histories", True] += 1

    def begin(self) -> tuple[datetime, Title]:
        """Return when the history begins, and the title as it then stands."""
        raise NotImplementedError

    def refused(self, dealing: Dealing) -> list[str]:
        """Enter the dealing, or return the numbers of the rules that it breaks."""
        raise NotImplementedError

    def stands(self) -> Title:
        """Return the title as it stands."""
        raise NotImplementedError

    @rule(data=st.data())
    def step(self, data: st.DataObject) -> None:
        self.take(lambda values: data.draw(st.sampled_from(values)))

    def take(self, choose: Choose) -> None:
        """Draw one dealing, and hold what comes of it against the naive world."""
        self.serial += 1
        self.at = later(choose, self.world, self.at)
        world = deepcopy(self.world)
        dealing = Drawing(choose, world, self.at, self.parties, self.serial).dealing()
        following, against = enter(self.world, dealing, at=self.at, officer=OFFICER)
        self.before(choose, dealing)
        numbers = self.refused(dealing)
        assert bool(numbers) == (following is None), (numbers, sorted(against), dealing)
        self.tally.count(dealing, is_entered=not numbers)
        before, self.world = self.world, following or self.world
        if following is not None:
            assert of_title(self.stands()) == of_world(self.world), dealing
        self.after(choose, dealing, before)

    def before(self, choose: Choose, dealing: Dealing) -> None:
        """Do what comes before the dealing."""

    def after(self, choose: Choose, dealing: Dealing, before: World) -> None:
        """Do what comes after the dealing, entered or not."""


class PureMachine(Machine):
    """Against the law alone (`rights.dealing.decide`): no database, and so many histories."""

    tally: ClassVar[Tally] = Tally()

    def begin(self) -> tuple[datetime, Title]:
        self.title = empty_title()
        return NOW, self.title

    def refused(self, dealing: Dealing) -> list[str]:
        outcome = decide(
            dealing,
            self.title,
            at=self.at,
            officer=OFFICER,
            versions=dict.fromkeys(self.title.assets, self.serial + 1),
            limits=Limits(),
        )
        self.title = self.title.after(outcome.change)
        return [rule.number for rule in outcome.broken]

    def stands(self) -> Title:
        return self.title

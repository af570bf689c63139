"""The queue of freezes, held against a simulation that lives through every day."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rights.facts import Order
from rights.freeze import FreezeLifting, FreezeOrder, FreezeRenewal
from rights.freezes import binding_freeze, effects, freezes_in_effect
from rights.kinds import AuthorityKind
from rights.remarks import Freeze, RemarkFacts
from rights.terms import FOREVER, term_end
from rights.title import Title
from tests.rights.plain import (
    ASSET,
    NOW,
    a_dealing,
    a_remark,
    a_title,
    an_interest,
    outcome,
)

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
DAYS = 500
RIGHTS = ("I-1", "I-2")
ORDER = Order(authority=AuthorityKind.COURT, level=1, number="示例1号")


@dataclass(frozen=True)
class Event:
    """What happens on one day: a new freeze, or something that befalls one of those before."""

    day: int
    act: str
    target: str
    months: int
    which: int


events = st.lists(
    st.builds(
        Event,
        day=st.integers(0, 250),
        act=st.sampled_from(["freeze", "freeze", "freeze", "renew", "lift"]),
        target=st.sampled_from(["", *RIGHTS]),
        months=st.integers(1, 4),
        which=st.integers(0, 5),
    ),
    max_size=14,
).map(lambda found: sorted(found, key=lambda event: event.day))


@dataclass
class Simulated:
    """A freeze as somebody would keep it who looks into the register every day."""

    name: str
    target: str
    months: int
    state: str = "waits"
    end: datetime | None = None


class Simulation:
    """The register of somebody who moves the queue up by hand, every day."""

    def __init__(self) -> None:
        self.freezes: list[Simulated] = []

    def live(self, today: datetime) -> None:
        """Let lapse what lapses today, then let take effect what nothing earlier holds back."""
        for freeze in self.freezes:
            if freeze.state == "binds" and freeze.end == today:
                freeze.state = "over"
        for place, freeze in enumerate(self.freezes):
            ahead = [
                earlier
                for earlier in self.freezes[:place]
                if earlier.state != "over" and earlier.target in ("", freeze.target)
            ]
            if freeze.state == "waits" and not ahead:
                freeze.state, freeze.end = "binds", term_end(today, freeze.months)

    def happens(self, event: Event) -> bool:
        """Do what is asked for; say whether it can be done."""
        if event.act == "freeze":
            name = f"N-{len(self.freezes)}"
            self.freezes.append(Simulated(name, event.target, event.months))
            return True
        if event.which >= len(self.freezes):
            return False
        freeze = self.freezes[event.which]
        if event.act == "lift" and freeze.state != "over":
            freeze.state = "over"
            return True
        if event.act == "renew" and freeze.state == "binds" and freeze.end:
            freeze.end = term_end(freeze.end, event.months)
            return True
        return False

    def binding(self, right: str) -> str | None:
        """Return the freeze that binds a right: the first of those that bind and lie on it."""
        return next(
            (
                freeze.name
                for freeze in self.freezes
                if freeze.state == "binds" and freeze.target in ("", right)
            ),
            None,
        )

    def all_binding(self) -> set[str]:
        return {freeze.name for freeze in self.freezes if freeze.state == "binds"}


def act_of(event: Event, title: Title) -> FreezeOrder | FreezeRenewal | FreezeLifting:
    """Return the act that an event asks for."""
    known = title.remarks.get(f"N-{event.which}")
    target = {
        "interest": known.interest if known else event.target,
        "asset": "" if known and known.interest else ASSET,
    }
    name = f"N-{event.which}"
    if event.act == "renew":
        return FreezeRenewal(remark=name, months=event.months, **target)
    if event.act == "lift":
        return FreezeLifting(remark=name, **target)
    return FreezeOrder(
        reference=f"N-{len(title.remarks)}",
        interest=event.target,
        asset="" if event.target else ASSET,
        months=event.months,
    )


@given(events)
def test_e6_the_queue_is_that_of_somebody_who_moves_it_up_by_hand(happening: list[Event]) -> None:
    title = a_title(*(an_interest(name) for name in RIGHTS))
    simulation = Simulation()
    by_hand: list[tuple[set[str], dict[str, str | None]]] = []
    for day in range(DAYS):
        today = NOW + day * DAY
        simulation.live(today)
        for event in (event for event in happening if event.day == day):
            dealing = a_dealing(act_of(event, title), order=ORDER)
            found = outcome(dealing, title, at=today, version=2 + len(title.remarks))
            assert (found.broken == ()) == simulation.happens(event), event
            title = title.after(found.change)
            simulation.live(today)
        binding = {right: simulation.binding(right) for right in RIGHTS}
        by_hand.append((simulation.all_binding(), binding))

    queue = effects(title)
    for day, (all_binding, _) in enumerate(by_hand):
        today = NOW + day * DAY
        assert {each.remark.reference for each in queue if each.includes(today)} == all_binding
    for day in {0} | {day for day in range(1, DAYS) if by_hand[day] != by_hand[day - 1]}:
        for right in RIGHTS:
            bond = binding_freeze(title, title.interests[right], at=NOW + day * DAY)
            assert (bond[0].reference if bond else None) == by_hand[day][1][right]


def a_freeze(name: str, place: int, *, interest: str = "", **changes: Any) -> RemarkFacts:
    """Return a freeze from now on for three months, ranked by ``place``."""
    body = Freeze(authority=AuthorityKind.COURT, level=2, order="示例1号", months=3)
    fields = {"valid_from": NOW, "valid_to": FOREVER, "rank": (place, 0)} | changes
    return a_remark(name, body, interest=interest, **fields)


def in_effect(title: Title, at: datetime) -> list[str]:
    return [remark.reference for remark, _ in freezes_in_effect(title, at=at)]


def test_e6_a_later_freeze_takes_effect_by_itself_and_its_term_runs_from_then() -> None:
    first, second = a_freeze("N-1", 2), a_freeze("N-2", 3, valid_from=NOW + DAY)
    title = a_title(an_interest(), first, second)
    lapse = term_end(NOW, 3)

    assert in_effect(title, lapse - SECOND) == ["N-1"]
    assert in_effect(title, lapse) == ["N-2"]
    assert in_effect(title, term_end(lapse, 3)) == []


def test_e6_a_freeze_lifted_while_it_waits_holds_nobody_back() -> None:
    lifted = a_freeze("N-2", 3, until=NOW + DAY)
    title = a_title(an_interest(), a_freeze("N-1", 2), lifted, a_freeze("N-3", 4))

    assert [effect.until for effect in effects(title)][1] == NOW + DAY
    assert in_effect(title, term_end(NOW, 3) - SECOND) == ["N-1"]
    assert in_effect(title, term_end(NOW, 3)) == ["N-3"]


def test_e6_a_freeze_of_the_whole_asset_binds_at_once_what_is_not_frozen_yet() -> None:
    early, whole = a_freeze("N-1", 2, interest="I-1"), a_freeze("N-2", 3)
    title = a_title(an_interest("I-1"), an_interest("I-2"), early, whole)

    def bond(right: str, at: datetime) -> str:
        found = binding_freeze(title, title.interests[right], at=at)
        assert found is not None
        return found[0].reference

    assert (bond("I-1", NOW), bond("I-2", NOW)) == ("N-1", "N-2")
    lifted = replace(early, until=NOW + DAY)
    title = a_title(*title.interests.values(), lifted, whole)
    assert (bond("I-1", NOW), bond("I-1", NOW + DAY)) == ("N-1", "N-2")


def test_freezes_of_different_rights_and_assets_do_not_wait_for_each_other() -> None:
    one, other = a_freeze("N-1", 2, interest="I-1"), a_freeze("N-2", 3, interest="I-2")
    elsewhere = a_freeze("N-3", 4, asset="DA-000000002")

    assert in_effect(a_title(one, other, elsewhere), NOW) == ["N-1", "N-2", "N-3"]

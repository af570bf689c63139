"""The law of title once more, naively: plain objects that are altered in place, nothing clever.

Independent of what it checks: it takes requests and values (kinds, scopes, terms, bodies) from
`rights`, and neither a rule nor a change. Where `rights` derives, this simulates: the queue of
freezes is walked through event by event, the order of pledges is the first permutation that fits,
a rank is the place in a journal. An act's law is one function that yields what stands against it,
its effect another that alters the world. Texts are taken to be well formed.
"""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import permutations
from typing import Any
from zoneinfo import ZoneInfo

from rights.dealing import Dealing
from rights.kinds import (
    AuthorityKind,
    RightKind,
)
from rights.remarks import (
    Authorisation,
    BasisWithdrawn,
    Breach,
    Cancellation,
    Caution,
    Circulation,
    Clearance,
    Control,
    Corrected,
    Covenant,
    Description,
    Freeze,
    MeteredUse,
    Pledge,
    PriorityNotice,
    RevenueTerms,
    SetAside,
    SourceEnded,
    Subordination,
)
from rights.scope import Scope
from rights.terms import term_end
from rights.title import GrantTerms

SHANGHAI = ZoneInfo("Asia/Shanghai")
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MAJORITY = Fraction(2, 3)
STRANGER = "P-STRANGER"
"""A party that the register does not know."""

FALLS_WITH_RIGHT = (
    Pledge,
    Subordination,
    Covenant,
    PriorityNotice,
    Breach,
    Authorisation,
    BasisWithdrawn,
    Clearance,
    RevenueTerms,
)
STANDS_FOR_EVER = (
    SourceEnded,
    Cancellation,
    SetAside,
    Description,
    Corrected,
    MeteredUse,
    Circulation,
)
REMEMBERED = (Freeze, Authorisation, Clearance, Circulation)
PASSES = (Pledge, Covenant, Caution, PriorityNotice)

Reasons = Iterator[str]


@dataclass(kw_only=True)
class Right:
    name: str
    revision: int = 1
    asset: str
    kind: RightKind
    shares: dict[str, Fraction]
    start: datetime
    end: datetime
    source: str = ""
    scope: Scope
    terms: GrantTerms
    limits: str = ""

    def lasts(self, at: datetime) -> bool:
        return self.start <= at < self.end


@dataclass(kw_only=True)
class Note:
    """What lies on a right or an asset; ``place`` is where it stands in the journal."""

    name: str
    revision: int = 1
    asset: str
    right: str = ""
    party: str = ""
    start: datetime
    end: datetime
    until: datetime | None = None
    place: int
    body: Any
    words: str = ""

    def stops(self) -> datetime:
        return self.until or self.end

    def lasts(self, at: datetime) -> bool:
        return self.start <= at < self.stops()

    def lies_on(self, right: Right) -> bool:
        return self.asset == right.asset and self.right in ("", right.name)


@dataclass
class World:
    """Who holds what, and what lies on it. Whatever ended is gone, but for what is remembered."""

    assets: dict[str, dict[str, Any]]
    registered_at: dict[str, datetime]
    rights: dict[str, Right] = field(default_factory=dict)
    notes: dict[str, Note] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    journal: int = 0

    def line(self, name: str) -> list[Right]:
        found = []
        while name in self.rights:
            found.append(self.rights[name])
            name = self.rights[name].source
        return found

    def children(self, name: str) -> list[Right]:
        return [right for right in self.rights.values() if right.source == name]

    def on(self, right: Right, kind: Any, at: datetime) -> list[Note]:
        notes = [note for note in self.notes.values() if isinstance(note.body, kind)]
        lying = [note for note in notes if note.lies_on(right) and note.lasts(at)]
        return sorted(lying, key=lambda note: note.place)

    def is_personal(self, asset: str) -> bool:
        return self.assets[asset].get("personal_information") not in (None, "", "NONE")

    def holders(self, asset: str, at: datetime) -> set[str]:
        lasting = [right for right in self.rights.values() if right.lasts(at)]
        return {party for right in lasting if right.asset == asset for party in right.shares}

    def originals(self, asset: str, at: datetime) -> list[Right]:
        rights = [right for right in self.rights.values() if right.asset == asset]
        return [right for right in rights if not right.source and right.end > at]

    # --- freezes, walked through event by event

    def freezes(self, asset: str, at: datetime) -> dict[str, tuple[str, datetime, datetime]]:
        """Return freeze -> waits, binds or over; with since when and until when, at ``at``."""
        queue = [n for n in self.notes.values() if n.asset == asset and isinstance(n.body, Freeze)]
        queue.sort(key=lambda note: note.place)
        state = dict.fromkeys((note.name for note in queue), ("waits", FOREVER, FOREVER))
        moments = {note.body.since or note.start for note in queue}
        moments |= {note.stops() for note in queue}
        while moments and min(moments) <= at:
            now = min(moments)
            moments.remove(now)
            for place, note in enumerate(queue):
                what, since, until = state[note.name]
                if what == "binds" and until <= now:
                    state[note.name] = ("over", since, until)
                if what != "waits" or now < (note.body.since or note.start):
                    continue
                ahead = [other for other in queue[:place] if other.right in ("", note.right)]
                if note.stops() <= now:
                    state[note.name] = ("over", now, now)
                elif note.body.since or all(state[other.name][0] == "over" for other in ahead):
                    since = note.body.since or now
                    end = note.body.renewed_to or term_end(since, note.body.months)
                    until = min(end, note.stops())
                    state[note.name] = ("over" if until <= now else "binds", since, until)
                    if until > now:
                        moments.add(until)
        return state

    def binding(self, right: Right, at: datetime) -> Note | None:
        """Return the first freeze in the queue that binds the right."""
        state = self.freezes(right.asset, at)
        lying = [self.notes[name] for name, (what, _, _) in state.items() if what == "binds"]
        lying = [note for note in lying if note.lies_on(right)]
        return min(lying, key=lambda note: note.place, default=None)

    # --- pledges, in the first order that fits

    def order(self, right: Right, at: datetime) -> list[Note]:
        pledges = self.on(right, Pledge, at)
        names = [note.name for note in pledges]
        yields = [(n.body.favours, n.body.yields) for n in self.on(right, Subordination, at)]
        yields = [(first, then) for first, then in yields if first in names and then in names]
        for ordered in permutations(names):
            if all(ordered.index(first) < ordered.index(then) for first, then in yields):
                return [self.notes[name] for name in ordered]
        raise AssertionError("a circle of subordinations")

    # --- exclusivity

    def shut_out(self, source: str, start: datetime, end: datetime, scope: Scope) -> set[str]:
        """Return the names of what shuts it out."""
        above = {right.name for right in self.line(source)}
        bars = set()
        for other in self.rights.values():
            is_beside = other.source in above and other.name not in above
            overlaps = other.start < end and start < other.end
            if other.terms.is_exclusive and is_beside and overlaps and other.scope.meets(scope):
                bars.add(other.name)
        return bars | {
            note.name
            for note in self.notes.values()
            if isinstance(note.body, Covenant)
            and note.right in above
            and note.start < end
            and start < note.end
            and note.body.scope.meets(scope)
        }

    # --- personal data and export

    def authorised(self, asset: str, scenario: str, start: datetime, end: datetime) -> bool:
        """Say whether every second of the time is covered, by looking at where that changes."""
        spans = [
            (note.start, note.stops())
            for note in self.notes.values()
            if isinstance(note.body, Authorisation)
            and (note.asset, note.body.scenario) == (asset, scenario)
        ]
        points = {start, *(until for _, until in spans if start <= until < end)}
        return all(any(a <= point < b for a, b in spans) for point in points)

    def cleared(self, asset: str, territories: frozenset[str] | None, at: datetime) -> bool:
        for note in self.notes.values():
            if isinstance(note.body, Clearance) and note.asset == asset and note.lasts(at):
                places = note.body.destinations
                if places is None or (
                    territories is not None
                    and all(place in places for place in abroad(territories))
                ):
                    return True
        return False


def abroad(territories: frozenset[str] | None) -> set[str]:
    return {code for code in territories or () if code != "CN" and not code.startswith("CN-")}


def exports(terms: GrantTerms, scope: Scope) -> bool:
    return terms.may_export or bool(abroad(scope.territories))


def within(terms: GrantTerms, source: GrantTerms) -> bool:
    flags = ("may_sublicense", "may_resell", "may_export", "may_transfer")
    if any(getattr(terms, flag) and not getattr(source, flag) for flag in flags):
        return False
    return source.max_uses is None or (
        terms.max_uses is not None and terms.max_uses <= source.max_uses
    )


def whole(parts: Mapping[str, Fraction]) -> bool:
    return sum(parts.values()) == 1 and all(part > 0 for part in parts.values())


def given(shares: Mapping[str, Fraction], giver: str, takers: Mapping[str, Fraction]) -> Any:
    after = dict(shares)
    after[giver] -= sum(takers.values())
    for taker, part in takers.items():
        after[taker] = after.get(taker, Fraction(0)) + part
    return {party: part for party, part in after.items() if part}


@dataclass
class Step:
    """One act of a dealing in the world as the acts before it left it."""

    world: World
    dealing: Dealing
    at: datetime
    officer: str
    place: int = 0
    # What the acts before began, and whether this one alters that at another instant.
    begun: set[str] = field(default_factory=set)
    mine: set[str] = field(default_factory=set)
    is_twice: bool = False
    overrides: dict[str, Any] = field(default_factory=dict)

    @property
    def court(self) -> bool:
        order = self.dealing.order
        return order is not None and order.authority == AuthorityKind.COURT

    @property
    def ordered(self) -> bool:
        order = self.dealing.order
        return order is not None and order.number != "" and order.level >= 1

    def outranks(self, level: int) -> bool:
        return self.dealing.order is not None and self.dealing.order.level >= level

    def applies(self, *parties: str) -> bool:
        return set(parties) <= self.dealing.applicants

    def applies_or_order(self, *parties: str) -> bool:
        return self.dealing.order is not None or self.applies(*parties)

    def majority(self, right: Right) -> bool:
        mine = [part for party, part in right.shares.items() if self.applies(party)]
        return sum(mine) >= MAJORITY

    def agrees(self, party: str) -> bool:
        papers = [
            consent
            for consent in self.dealing.consents
            if consent.party == party
            and consent.dealing == self.dealing.digest()
            and consent.instrument not in self.world.used
        ]
        return self.applies(party) or bool(papers)

    def pledgees_agree(self, rights: list[Right]) -> bool:
        return self.dealing.order is not None or all(
            self.agrees(note.party)
            for right in rights
            for note in self.world.on(right, Pledge, self.at)
            if note.body.no_disposal
        )

    def own_pledgees_agree(self, named: Any) -> bool:
        """Ask those to whom an applicant pledged, with a covenant, what falls with the named."""
        return self.dealing.order is not None or all(
            self.agrees(note.party)
            for right in self.falling(named)
            if right.name not in named
            for note in self.world.on(right, Pledge, self.at)
            if note.body.no_disposal and any(self.applies(party) for party in note.body.burdens)
        )

    def announced_agree(self, rights: list[Right]) -> bool:
        return self.dealing.order is not None or all(
            self.agrees(note.party)
            for right in rights
            for note in self.world.on(right, PriorityNotice, self.at)
            if not note.body.used_by and any(self.applies(party) for party in note.body.burdens)
        )

    def is_bound(self, names: Any, assets: Any = ()) -> bool:
        """Say whether a freeze or control stands against touching these."""
        for asset in assets:
            for name, (what, _, _) in self.world.freezes(asset, self.at).items():
                if what == "binds" and not self.outranks(self.world.notes[name].body.level):
                    return True
        above = [right for name in names for right in self.world.line(name)]
        for right in above:
            note = self.world.binding(right, self.at)
            if note and not self.outranks(note.body.level):
                return True
        return any(
            isinstance(note.body, Control)
            and note.lasts(self.at)
            and not self.outranks(note.body.level)
            and (note.asset in assets or any(note.lies_on(right) for right in above))
            for note in self.world.notes.values()
        )

    def pledge(self, right: Right, name: str) -> Note | None:
        return next((n for n in self.world.on(right, Pledge, self.at) if n.name == name), None)

    def target(self, asked: Any, kind: Any) -> Note | None:
        """Return what the request names, if it lies where the request says and is not over."""
        note = self.world.notes.get(asked.remark)
        if note is None or not isinstance(note.body, kind) or note.stops() <= self.at:
            return None
        place = (
            note.right == asked.interest
            if asked.interest
            else (not note.right and note.asset == asked.asset)
        )
        return note if place else None

    def falling(self, names: Any) -> list[Right]:
        """Return the rights that end with these: their children but survivors, and so on."""
        found: dict[str, Right] = {}

        def fall(right: Right) -> None:
            if right.end > self.at:
                found[right.name] = right
            for child in self.world.children(right.name):
                if not child.terms.survives and child.name not in found:
                    fall(child)

        for name in names:
            if name in self.world.rights:
                fall(self.world.rights[name])
        return list(found.values())

    # --- how the world alters

    def _touch(self, what: Right | Note, instant: datetime) -> None:
        if what.name in self.begun and (
            instant != what.start or isinstance(getattr(what, "body", None), Description)
        ):
            self.is_twice = True

    def revise(self, what: Right | Note, start: datetime | None = None) -> None:
        """Let it go on as something else from ``start`` on, by default from now on."""
        start = self.at if start is None else start
        self._touch(what, start)
        what.revision += 1
        what.start = start
        self.mine.add(what.name)

    def end(self, what: Right | Note) -> None:
        instant = max(self.at, what.start)
        self._touch(what, instant)
        self.begun.discard(what.name)
        if isinstance(what, Right):
            self.world.rights.pop(what.name, None)
        elif isinstance(what.body, REMEMBERED):
            what.until = instant
        else:
            self.world.notes.pop(what.name, None)

    def note(self, name: str, asset: str, body: Any, end: datetime = FOREVER, **more: Any) -> Note:
        note = Note(
            **{"name": name, "asset": asset, "body": body, "end": end, "start": self.at}
            | {"place": self.place}
            | more
        )
        self.world.notes[name] = note
        self.mine.add(name)
        return note

    def lay(self, asked: Any, body: Any, end: datetime = FOREVER) -> None:
        asset = asked.asset or self.world.rights[asked.interest].asset
        more = {"right": asked.interest, "party": asked.party, "words": asked.words}
        self.note(asked.reference, asset, body, end, **more)

    def discharge(self, note: Note) -> None:
        """End a pledge, notice or subordination, and of a pledge the places it gave or took."""
        for other in list(self.world.notes.values()):
            body = other.body
            if isinstance(body, Subordination) and note.name in (body.yields, body.favours):
                if other.lasts(self.at):
                    self.end(other)
        if note.name in self.world.notes:
            self.end(note)

    def free(self, note: Note, parts: Mapping[str, Fraction]) -> None:
        left = {p: part - parts.get(p, 0) for p, part in note.body.burdens.items()}
        left = {party: part for party, part in left.items() if part}
        if left:
            note.body = replace(note.body, burdens=left)
            self.revise(note)
        else:
            self.discharge(note)

    def fall(self, names: Any) -> None:
        rights = self.falling(names)
        gone = {right.name for right in rights}
        fallen = [
            note
            for note in self.world.notes.values()
            if note.right in gone
            and isinstance(note.body, FALLS_WITH_RIGHT)
            and note.stops() > self.at
        ]
        for right in rights:
            self.end(right)
            self.note(
                f"N-E{right.name.removeprefix('I-')}",
                right.asset,
                SourceEnded(ended=right.name),
                right.end,
                right=right.name,
            )
        for note in fallen:
            self.end(note)

    def put_right(self, asked: Any, asset: str, wrong: str, right: str = "") -> None:
        body = Corrected(wrong=wrong, cause=asked.cause, paper=asked.paper)
        self.note(asked.record, asset, body, right=right, words=asked.words)


@dataclass(frozen=True)
class Law:
    """What is known of one act."""

    against: Callable[[Step, Any], Reasons]
    then: Callable[[Step, Any], None]
    disposes: bool = False
    barred: bool = True
    force: bool = True


LAWS: dict[type, Law] = {}


def enter(
    world: World, dealing: Dealing, *, at: datetime, officer: str
) -> tuple[World | None, set[str]]:
    """Return the world after the dealing, or None and what stands against it."""
    after = deepcopy(world)
    step = Step(after, dealing, at, officer)
    step.overrides = {override.rule: override for override in dealing.overrides}
    reasons: set[str] = set()
    for item in dealing.items:
        after.journal += 1
        step.place, step.mine = after.journal, set()
        against = set(_against(step, item))
        override = step.overrides.get("GRT-8")
        set_aside = against == {"majority of the grantors"} and override is not None
        if against and not set_aside:
            return None, against
        LAWS[type(item)].then(step, item)
        if set_aside and override is not None:
            step.overrides.pop("GRT-8")
            body = SetAside(rule="GRT-8", approved_by=override.approved_by)
            asset = after.rights[item.interests[0]].asset
            step.note(override.reference, asset, body, words=override.ground)
        if step.is_twice:
            reasons.add("begun and altered in one dealing")
        step.begun |= step.mine
    reasons |= set(_finally(step, world))
    if reasons:
        return None, reasons
    for name, note in list(after.notes.items()):
        if note.until and name not in world.notes:
            after.notes.pop(name)  # began and ended in one dealing: it never stood
        elif note.until and note.revision != world.notes[name].revision:
            after.notes[name] = replace(deepcopy(world.notes[name]), until=note.until)
    _renumber(after.rights, world.rights)
    _renumber(after.notes, world.notes)
    after.used |= {consent.instrument for consent in dealing.consents}
    return after, set()


def _renumber(after: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """Count one revision for each that the dealing altered, however often."""
    for name, fact in after.items():
        if name not in before:
            fact.revision = 1
        elif fact.revision != before[name].revision:
            fact.revision = before[name].revision + 1


def _against(step: Step, item: Any) -> Reasons:
    world, law = step.world, LAWS[type(item)]
    known = [world.rights[name] for name in item.interests if name in world.rights]
    assets = {right.asset for right in known} | set(item.asset_numbers)
    over = {note.asset for note in world.notes.values() if isinstance(note.body, Cancellation)}
    if assets & over or not set(item.asset_numbers) <= world.assets.keys():
        yield "asset is live"
    if any(
        consent.dealing != step.dealing.digest() or consent.instrument in world.used
        for consent in step.dealing.consents
    ):
        yield "consents are fresh"
    if law.force and not (
        len(known) == len(item.interests) and all(right.lasts(step.at) for right in known)
    ):
        yield "right is in force"
        return
    if law.barred and step.is_bound(item.interests, item.asset_numbers):
        yield "nothing binds it"
    if law.disposes and not (step.pledgees_agree(known) and step.announced_agree(known)):
        yield "consent of pledgees"
    yield from law.against(step, item)


def _finally(step: Step, before: World) -> Reasons:
    """Yield what must hold at the end and does not."""
    world, dealing, at = step.world, step.dealing, step.at
    touched = {
        name
        for name, right in world.rights.items()
        if name not in before.rights or right.revision != before.rights[name].revision
    }
    for name, right in world.rights.items():
        source = world.rights.get(right.source)
        if name in touched and not whole(right.shares):
            yield "shares are one"
        if right.source and right.end > at and not right.terms.survives:
            if source is None or right.end > source.end:
                yield "child ends with its source"
            if source and {right.name, source.name} & touched:
                if not source.scope.includes(right.scope):
                    yield "child is within its source"
                if source.source and not within(right.terms, source.terms):
                    yield "child is within its source"
        if name in touched and right.start >= right.end:
            yield "term lasts"
    for name, note in world.notes.items():
        if note.right and isinstance(note.body, FALLS_WITH_RIGHT) and note.stops() > at:
            if note.right not in world.rights or note.stops() > world.rights[note.right].end:
                yield "restriction ends with its right"
        if isinstance(note.body, Pledge) and note.lasts(at) and note.right in world.rights:
            shares = world.rights[note.right].shares
            if any(part > shares.get(party, 0) for party, part in note.body.burdens.items()):
                yield "pledge lies on what is held"
        is_altered = name not in before.notes or note.revision != before.notes[name].revision
        if is_altered and note.start >= note.end:
            yield "term lasts"
    for note in list(world.notes.values()):
        if isinstance(note.body, Cancellation) and note.name not in before.notes:
            states = world.freezes(note.asset, at)
            over = {name for name, (what, _, _) in states.items() if what == "over"}
            if any(right.asset == note.asset and right.end > at for right in world.rights.values()):
                yield "cancelled asset is empty"
            if any(
                other.asset == note.asset
                and not isinstance(other.body, STANDS_FOR_EVER)
                and other.stops() > max(at, other.start)
                and other.name not in over
                for other in world.notes.values()
            ):
                yield "cancelled asset is empty"
    for name in before.rights.keys() - world.rights.keys():
        fallen = before.rights[name]
        freeze = world.binding(fallen, at)
        bonds = [note.body.level for note in world.on(fallen, Control, at)]
        bonds += [freeze.body.level] if freeze else []
        if any(not step.outranks(level) for level in bonds):
            yield "nothing bound falls"
    for override in dealing.overrides:
        if (
            not override.ground
            or override.approved_by in ("", step.officer)
            or override.rule != "GRT-8"
        ):
            yield "override is sound"
    if STRANGER in repr(dealing):
        yield "parties are known"


def law(request: type, **flags: bool) -> Callable[[type], type]:
    """Enter a class of two functions, ``against`` and ``then``, as the law of a request."""

    def build(written: Any) -> Any:
        LAWS[request] = Law(written.against, written.then, **flags)
        return written

    return build

"""Which freeze binds: a queue that moves up by itself. Pure.

A later freeze of the same thing waits; it takes effect when every earlier one that overlaps it has
ended, without any job or entry (SEIZE art. 26). Its term runs from then.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from rights.remarks import Freeze, RemarkFacts
from rights.terms import term_end
from rights.title import Title


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """When a freeze binds, [since, until); the two are equal if it never does."""

    remark: RemarkFacts
    freeze: Freeze
    since: datetime
    until: datetime

    def includes(self, instant: datetime) -> bool:
        """Say whether it binds at ``instant``."""
        return self.since <= instant < self.until


def effects(title: Title) -> list[Effect]:
    """Return when each freeze of the title binds, in order of rank within each asset."""
    found: list[Effect] = []
    for remark in sorted(title.remarks.values(), key=lambda fact: (fact.asset, fact.rank)):
        if isinstance(remark.body, Freeze):
            found.append(_effect(remark, remark.body, found))
    return found


def binding_freezes(title: Title, *, at: datetime) -> Iterator[tuple[RemarkFacts, Freeze]]:
    """Yield the freezes in effect at ``at``, not those that wait or have lapsed."""
    for effect in effects(title):
        if effect.includes(at):
            yield effect.remark, effect.freeze


def _effect(remark: RemarkFacts, freeze: Freeze, earlier: list[Effect]) -> Effect:
    ahead = [effect.until for effect in earlier if _overlap(effect.remark, remark)]
    since = max([remark.valid_from, *ahead])
    end = freeze.renewed_to or term_end(since, freeze.months)
    return Effect(
        remark=remark, freeze=freeze, since=since, until=max(since, min(end, remark.until))
    )


def _overlap(one: RemarkFacts, other: RemarkFacts) -> bool:
    return one.asset == other.asset and (
        not one.interest or not other.interest or one.interest == other.interest
    )

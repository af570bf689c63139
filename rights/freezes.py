"""Which freeze binds: a queue that moves up by itself. Pure.

A later freeze of the same thing waits; it takes effect when every one ahead of it has ended,
without any job or entry (查扣冻规定 art. 26), and its term runs from then. Ahead of a freeze of a
right are the earlier ones of that right and of its whole asset. A freeze of a whole asset waits
only for another of the whole: where one right is frozen already it takes effect on all the rest at
once, and on that right when the earlier one ends.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from rights.remarks import Freeze, RemarkFacts
from rights.terms import term_end
from rights.title import InterestFacts, Title


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """When a freeze is in effect, [since, until); never if nothing lies between.

    Until the latter it is in the queue, and what is behind it waits.
    """

    remark: RemarkFacts
    freeze: Freeze
    since: datetime
    until: datetime

    def includes(self, instant: datetime) -> bool:
        """Say whether it is in effect at ``instant``."""
        return self.since <= instant < self.until


def effects(title: Title) -> list[Effect]:
    """Return when each freeze of the title is in effect, in order of rank within each asset."""
    found: list[Effect] = []
    for remark in sorted(title.remarks.values(), key=lambda fact: (fact.asset, fact.rank)):
        if isinstance(remark.body, Freeze):
            found.append(_effect(remark, remark.body, found))
    return found


def freezes_in_effect(title: Title, *, at: datetime) -> Iterator[tuple[RemarkFacts, Freeze]]:
    """Yield the freezes in effect at ``at``, not those that wait or are over."""
    for effect in effects(title):
        if effect.includes(at):
            yield effect.remark, effect.freeze


def binding_freeze(
    title: Title, interest: InterestFacts, *, at: datetime
) -> tuple[RemarkFacts, Freeze] | None:
    """Return the freeze that binds the right at ``at``: the first of those in effect on it."""
    for remark, freeze in freezes_in_effect(title, at=at):
        if remark.lies_on(interest.asset, interest.reference):
            return remark, freeze
    return None


def _effect(remark: RemarkFacts, freeze: Freeze, earlier: list[Effect]) -> Effect:
    ahead = [effect.until for effect in earlier if _is_ahead(effect.remark, remark)]
    since = freeze.since or max([remark.valid_from, *ahead])
    end = freeze.renewed_to or term_end(since, freeze.months)
    return Effect(remark=remark, freeze=freeze, since=since, until=min(end, remark.until))


def _is_ahead(earlier: RemarkFacts, remark: RemarkFacts) -> bool:
    """Say whether an earlier freeze lies on all that a later one lies on."""
    return earlier.asset == remark.asset and earlier.interest in ("", remark.interest)

"""Renewal: a right gets a longer term before it lapses (续期; NDA35 art. 36). Pure.

It is the same right with the same rank: pledges and other restrictions keep their own terms. The
window is for *filing*; a renewal that was filed in time may be decided after the end, and the right
then goes on from its old end as if it had never lapsed. What nobody filed in time is over without
anything having run (R10), and needs a new registration.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from primitives.clock import CHINA
from primitives.rules import rule
from rights.facts import ActOfTitle, Facts
from rights.grant import Grant, agreeing, exclusions
from rights.terms import term_end
from rights.title import Change, InterestFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """That the right ends at ``valid_to`` instead; ``filed_at`` is when that was applied for."""

    interest: str
    valid_to: datetime
    filed_at: datetime

    @property
    def interests(self) -> tuple[str, ...]:
        """The right whose term grows."""
        return (self.interest,)

    @property
    def asset_numbers(self) -> tuple[str, ...]:
        """No asset as a whole."""
        return ()


RenewalFacts = Facts[Renewal]


def window(valid_to: datetime, months: int) -> tuple[datetime, datetime]:
    """Return from when and until when a renewal is taken; half-open, in whole days of Shanghai.

    The day of expiry is the one that holds the last second of the term. The window opens as it
    begins ``months`` earlier, on the last day of a month that has no such day, and closes as the
    day of expiry begins.
    """
    last = (valid_to - timedelta(seconds=1)).astimezone(CHINA)
    closes = last.replace(hour=0, minute=0, second=0, microsecond=0)
    opens = term_end(closes, -months)
    return opens.astimezone(valid_to.tzinfo), closes.astimezone(valid_to.tzinfo)


@rule(
    "REN-1",
    source="NDA35 art. 36; invariant R10",
    zh="续期申请在期满日前6个月内至期满日前1日提出。",
)
def is_filed_in_time(facts: RenewalFacts) -> bool:
    """It is filed from six months before the day of expiry to the day before that day."""
    interest, filed_at = _interest(facts), facts.request.filed_at
    if interest is None:
        return True
    opens, closes = window(interest.valid_to, facts.limits.renewal_months)
    return opens <= filed_at < closes and filed_at <= facts.at


@rule(
    "REN-2",
    source="NDA35 art. 26, 36",
    zh="续期后的期限长于原期限，自原期满日起不超过规定的最长期限。",
)
def term_grows_within_limit(facts: RenewalFacts) -> bool:
    """The new end is later, still to come, and no more than the longest term after the old one."""
    interest, end = _interest(facts), facts.request.valid_to
    return interest is None or (
        max(facts.at, interest.valid_to)
        < end
        <= term_end(interest.valid_to, facts.limits.term_months)
    )


@rule(
    "REN-3",
    source="NDA35 art. 36; Civil Code art. 300, 301",
    zh="由权利人申请；被授予的权利，并由三分之二以上授权人申请。",
)
def holder_asks_for_it(facts: RenewalFacts) -> bool:
    """A holder applies; of a granted right also the profile's majority of those who granted it.

    To keep a right alive takes any of its holders; to lengthen a grant takes who could grant it.
    """
    interest = _interest(facts)
    if interest is None or facts.order is not None:
        return True
    source = facts.title.interests.get(interest.granted_from)
    return bool(interest.shares.keys() & facts.applicants) and (
        source is None or agreeing(facts, source) >= facts.limits.majority
    )


@rule("REN-4", source="invariant R4", zh="被授予的权利续期后不超出其来源权利的期限。")
def source_lasts_as_long(facts: RenewalFacts) -> bool:
    """A granted right is not renewed beyond its source, and not at all when that has ended."""
    interest = _interest(facts)
    if interest is None or interest.is_original:
        return True
    source = facts.title.interests.get(interest.granted_from)
    return source is not None and facts.request.valid_to <= source.until


@rule("REN-5", source="invariant R8", zh="续期期间不与在先登记的独占许可或独占承诺重叠。")
def no_exclusive_grant_is_met(facts: RenewalFacts) -> bool:
    """A granted right's longer term overlaps no exclusive grant and no covenant above it."""
    interest = _interest(facts)
    if interest is None or interest.is_original:
        return True
    longer = Grant(
        reference=interest.reference,
        parent=interest.granted_from,
        kind=interest.kind,
        grantees=interest.shares,
        valid_from=interest.valid_to,
        valid_to=facts.request.valid_to,
        scope=interest.scope,
    )
    return not any(True for _ in exclusions(facts.asking(longer)))


@rule("REN-6", source="invariant R10", zh="拟续期的权利登记在案，且未提前终止。")
def right_has_not_ended(facts: RenewalFacts) -> bool:
    """The right is registered and has not ended before its term."""
    return _interest(facts) is not None


RENEWAL_RULES = (
    is_filed_in_time,
    term_grows_within_limit,
    holder_asks_for_it,
    source_lasts_as_long,
    no_exclusive_grant_is_met,
    right_has_not_ended,
)


def renew(facts: RenewalFacts) -> Change:
    """Return the change: the right goes on without a gap, with the later end."""
    interest = facts.title.interests[facts.request.interest]
    begins = min(max(facts.at, interest.valid_from), interest.valid_to)
    return Change(
        interests=(interest.revised(at=begins, valid_to=facts.request.valid_to),),
        ended={interest.reference: begins},
    )


RENEWAL = ActOfTitle(
    name="renew",
    request=Renewal,
    rules=RENEWAL_RULES,
    change=renew,
    article="NDA35 art. 36",
    # A frozen right may be kept alive: that takes nothing from whom the freeze serves.
    is_barred=False,
    needs_force=False,
)


def _interest(facts: RenewalFacts) -> InterestFacts | None:
    return facts.title.interests.get(facts.request.interest)

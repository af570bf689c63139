"""Priority notice: a place kept for a pledge that is announced (预告登记). Pure.

A pledge entered under it within its period takes its rank, as a mortgage does that was announced
(Civil Code art. 221, SEC-INT art. 52); no notice serves twice. What is entered between is subject
to it (invariant E8): another pledge ranks behind; who announced disposes of the right only as the
announced pledgee agrees (DEA-7); a licence that is not exclusive takes nothing from the pledge. A
freeze comes first: while it binds, no pledge is entered, announced or not (DEA-3).

A place is kept for pledges only. Were it kept for a transfer or a grant, a pledge entered between
would have to fall although its pledgee never gave it up (invariant E5).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from primitives.rules import rule
from rights.facts import ActOfTitle, Facts
from rights.pledge import PLEDGE, are_held, is_an_amount, kind_may_be_pledged
from rights.remarks import PriorityNotice, RemarkFacts
from rights.title import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncePledge:
    """That a place is kept for a pledge to ``pledgee`` of no more than what is said here."""

    reference: str
    interest: str
    pledgee: str
    burdens: Mapping[str, Fraction]
    secured_fen: int
    currency: str = "CNY"
    valid_to: datetime

    @property
    def interests(self) -> tuple[str, ...]:
        """The right that the pledge will lie on."""
        return (self.interest,)

    @property
    def asset_numbers(self) -> tuple[str, ...]:
        """No asset as a whole."""
        return ()


AnnounceFacts = Facts[AnnouncePledge]


@rule("NTC-1", source="NDA35 art. 3; Civil Code art. 426, 440", zh="该权利可以质押，且可以转让。")
def right_may_be_pledged(facts: AnnounceFacts) -> bool:
    """The right is of a kind that may be pledged, and it can be transferred."""
    return kind_may_be_pledged(facts)


@rule("NTC-2", source="Civil Code art. 221", zh="预告出质的权利人均提出申请，且持有所预告的份额。")
def holders_apply(facts: AnnounceFacts) -> bool:
    """Every holder who announces applies, and holds the part announced."""
    burdens = facts.request.burdens
    return are_held(facts, burdens) and burdens.keys() <= facts.applicants


@rule("NTC-3", source="invariant E8", zh="载明拟担保的最高金额和币种。")
def amount_is_stated(facts: AnnounceFacts) -> bool:
    """The most that will be secured is stated, so that a later pledgee knows what comes before."""
    return is_an_amount(facts.request.secured_fen, facts.request.currency)


@rule(
    "NTC-4",
    source="Civil Code art. 221",
    zh="预告登记自登记时起算，不超过规定的期间，且在权利的期限之内。",
)
def period_is_short(facts: AnnounceFacts) -> bool:
    """It begins when it is entered and ends within the profile's days and the right's term."""
    last = facts.at + timedelta(days=facts.limits.notice_days)
    end = facts.request.valid_to
    return all(facts.at < end <= min(last, interest.until) for interest in facts.known())


NOTICE_RULES = (right_may_be_pledged, holders_apply, amount_is_stated, period_is_short)


def announce(facts: AnnounceFacts) -> Change:
    """Return the change: a place is kept from now on."""
    asked, interest = facts.request, facts.title.interests[facts.request.interest]
    return Change(
        remarks=(
            RemarkFacts(
                reference=asked.reference,
                asset=interest.asset,
                interest=asked.interest,
                party=asked.pledgee,
                valid_from=facts.at,
                valid_to=asked.valid_to,
                until=asked.valid_to,
                rank=facts.rank(interest.asset),
                body=PriorityNotice(
                    act=PLEDGE.name,
                    secured_fen=asked.secured_fen,
                    currency=asked.currency,
                    burdens=asked.burdens,
                ),
            ),
        )
    )


NOTICE = ActOfTitle(
    name="priority_notice",
    request=AnnouncePledge,
    rules=NOTICE_RULES,
    change=announce,
    article="Civil Code art. 221; SEC-INT art. 52",
)

"""Revenue: the terms on which the revenue of a right is shared, and the statement of who gets what.

The order is fixed. First the amounts per use and per year are paid, rule after rule, as far as the
revenue goes. The rates are parts of what is then left, so that no rule can promise more than there
is; what they leave is the holders', by their shares.

Whole fen are apportioned by the method of Webster (Sainte-Laguë): each next fen goes to the payee
for whom (2 * received + 1) / part is least, among equals to the first. The method of the largest
remainder would do as well for one statement, but with more revenue it can give a payee less (the
Alabama paradox); this one never does. Pure.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from primitives.rules import rule
from rights.facts import ActOfTitle, Facts
from rights.grant import agreeing
from rights.kinds import RevenueRole
from rights.remarks import RemarkFacts, RevenueRule, RevenueTerms
from rights.shares import Shares
from rights.title import Change, InterestFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRevenueTerms:
    """That from now on the revenue of a right is shared so, in place of the terms that stand."""

    reference: str
    interest: str
    rules: tuple[RevenueRule, ...]
    paper: str
    words: str = ""

    @property
    def interests(self) -> tuple[str, ...]:
        """The right whose revenue is shared."""
        return (self.interest,)

    @property
    def asset_numbers(self) -> tuple[str, ...]:
        """No asset as a whole."""
        return ()


RevenueFacts = Facts[RecordRevenueTerms]


@rule("REV-1", source="SD2: 分红、提成, 按次、按年", zh="每条规则均有金额或者比例，且均不为负。")
def every_rule_gives(facts: RevenueFacts) -> bool:
    """There is a rule, and each gives an amount or a rate, none of them negative."""
    gifts = [
        (each.rate, Fraction(each.per_use_fen), Fraction(each.per_year_fen))
        for each in facts.request.rules
    ]
    return bool(gifts) and all(min(gift) >= 0 and max(gift) > 0 for gift in gifts)


@rule("REV-2", source="SD2: 兼顾不同权利主体", zh="各项比例合计不超过一。")
def rates_fit_into_the_whole(facts: RevenueFacts) -> bool:
    """The rates do not exceed the whole."""
    return sum(each.rate for each in facts.request.rules) <= 1


@rule("REV-3", source="Civil Code art. 301", zh="由持有三分之二以上份额的权利人申请。")
def holders_share_it(facts: RevenueFacts) -> bool:
    """Those who hold the profile's majority of the right apply for it."""
    interest = _interest(facts)
    return (
        interest is None
        or facts.order is not None
        or agreeing(facts, interest) >= facts.limits.majority
    )


@rule("REV-4", source="Civil Code art. 543", zh="变更收益分配约定的，原约定的受益人共同申请。")
def payees_agree_to_change(facts: RevenueFacts) -> bool:
    """Every party that the standing terms pay applies for the change."""
    payees = {each.party for _, terms in _standing(facts) for each in terms.rules if each.party}
    return facts.order is not None or payees <= facts.applicants


@rule("REV-5", source="SD2: 收益共享", zh="收益分配约定已作为材料提交。")
def terms_are_on_file(facts: RevenueFacts) -> bool:
    """The contract is among the papers of the dealing."""
    return facts.request.paper in facts.papers


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What one payee gets, and why exactly that.

    Attributes:
        due_fen: amounts per use and per year.
        fixed_fen: of these, what the revenue sufficed for.
        exact: its exact part, in fen, of what the fixed amounts left.
        rated_fen: what it gets for that in whole fen.
    """

    role: RevenueRole
    party: str
    due_fen: int
    fixed_fen: int
    exact: Fraction
    rated_fen: int

    @property
    def paid_fen(self) -> int:
        """All that it gets."""
        return self.fixed_fen + self.rated_fen

    @property
    def unpaid_fen(self) -> int:
        """What the revenue did not suffice for."""
        return self.due_fen - self.fixed_fen

    @property
    def rounding(self) -> Fraction:
        """How many fen whole fen give it more than its exact part; less than none if negative."""
        return self.rated_fen - self.exact


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Who gets what of the revenue of one period: one line a rule, then one a holder.

    Attributes:
        revenue_fen: what came in; the lines sum to exactly this.
        residue_fen: how many fen stay over when every exact part is rounded down; they are among
            the lines' ``rated_fen``, and each line's ``rounding`` says where they went.
    """

    revenue_fen: int
    uses: int
    years: int
    lines: tuple[Line, ...]
    residue_fen: int


def distribution(
    terms: RevenueTerms, holders: Shares, *, revenue_fen: int, uses: int = 0, years: int = 0
) -> Statement:
    """Return how the revenue of a period is shared.

    Args:
        terms: as recorded.
        holders: who holds the right, in shares that sum to one.
        revenue_fen: revenue of the period, in fen.
        uses: how often the right was used in the period.
        years: how many yearly amounts fall due in the period.

    Raises:
        ValueError: a quantity is negative, or the rates exceed the whole.
    """
    if min(revenue_fen, uses, years) < 0:
        raise ValueError("revenue, uses and years are not negative")
    fixed = list(_fixed(terms.rules, revenue_fen, uses=uses, years=years))
    left = revenue_fen - sum(paid for _, paid in fixed)
    parts = [each.rate for each in terms.rules]
    rest = 1 - sum(parts, Fraction(0))
    held = [(RevenueRole.HOLDER, party) for party in sorted(holders)]
    payees = [*((each.role, each.party) for each in terms.rules), *held]
    parts += [rest * holders[party] for _, party in held]
    fixed += [(0, 0)] * len(held)
    lines = tuple(
        Line(
            role=role,
            party=party,
            due_fen=due,
            fixed_fen=paid,
            exact=left * part,
            rated_fen=rated,
        )
        for (role, party), (due, paid), part, rated in zip(
            payees, fixed, parts, apportion(left, parts), strict=True
        )
    )
    return Statement(
        revenue_fen=revenue_fen,
        uses=uses,
        years=years,
        lines=lines,
        residue_fen=left - sum(floor(line.exact) for line in lines),
    )


def apportion(total: int, parts: Sequence[Fraction]) -> list[int]:
    """Return ``total`` in whole numbers by parts that sum to one, by the method of Webster.

    Nobody's number falls when the total rises. A part of zero gets nothing; parts that are whole
    numbers of the total get just these.

    Raises:
        ValueError: the parts do not sum to one, or one of them is negative.
    """
    if sum(parts) != 1 or min(parts) < 0:
        raise ValueError("the parts are not negative and sum to one")
    claims = [place for place, part in enumerate(parts) if part]
    # Rounding adds at most one half to each claim, so that the total suffices for this much.
    certain = total - Fraction(len(claims), 2)
    given = [max(0, ceil(certain * part - Fraction(1, 2))) for part in parts]
    for _ in range(total - sum(given)):
        first = min(claims, key=lambda place: ((2 * given[place] + 1) / parts[place], place))
        given[first] += 1
    return given


def record_revenue_terms(facts: RevenueFacts) -> Change:
    """Return the change: the terms lie on the right from now on, and those before them end."""
    asked, interest = facts.request, facts.title.interests[facts.request.interest]
    return Change(
        remarks=(
            RemarkFacts(
                reference=asked.reference,
                asset=interest.asset,
                interest=asked.interest,
                valid_from=facts.at,
                valid_to=interest.until,
                until=interest.until,
                rank=facts.rank(interest.asset),
                body=RevenueTerms(rules=asked.rules, paper=asked.paper),
                words=asked.words,
            ),
        ),
        ended={remark.reference: facts.at for remark, _ in _standing(facts)},
    )


RECORD_REVENUE_TERMS = ActOfTitle(
    name="record_revenue_terms",
    request=RecordRevenueTerms,
    rules=(
        every_rule_gives,
        rates_fit_into_the_whole,
        holders_share_it,
        payees_agree_to_change,
        terms_are_on_file,
    ),
    change=record_revenue_terms,
    article="Civil Code art. 301, 543",
    disposes=True,
)


def _interest(facts: RevenueFacts) -> InterestFacts | None:
    return facts.title.interests.get(facts.request.interest)


def _standing(facts: RevenueFacts) -> Iterator[tuple[RemarkFacts, RevenueTerms]]:
    """Yield the terms that lie on the right now."""
    for remark, terms in facts.title.remarks_of(RevenueTerms, at=facts.at):
        if remark.interest == facts.request.interest:
            yield remark, terms


def _fixed(
    rules: Sequence[RevenueRule], revenue_fen: int, *, uses: int, years: int
) -> Iterator[tuple[int, int]]:
    """Yield what each rule's fixed amounts come to and what of it is paid, first come first."""
    left = revenue_fen
    for each in rules:
        due = each.per_use_fen * uses + each.per_year_fen * years
        paid = min(due, left)
        left -= paid
        yield due, paid

"""Use: how often a right was used, counted against every limit above it (使用次数限制).

A use is recorded because it happened. One that goes beyond what the right allows is recorded all
the same, and is a breach: the right bears a mark, and so does each whose limit it exceeds. Pure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from primitives.rules import rule
from rights.authorisation import is_authorised_throughout
from rights.facts import ActOfTitle, Facts
from rights.kinds import BreachGround
from rights.remarks import Breach, MeteredUse, RemarkFacts
from rights.terms import SECOND
from rights.title import Change, InterestFacts, Title


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """That ``party`` used a right ``quantity`` times, in [began, ended).

    Attributes:
        reference: of the use.
        ended: None for a use at one instant.
        evidence: reference of the paper that shows it, such as a meter's report.
        marks: right -> reference of the mark that it gets if this is a breach of it.
    """

    reference: str
    interest: str
    party: str
    quantity: int
    began: datetime
    ended: datetime | None = None
    evidence: str
    marks: Mapping[str, str] = field(default_factory=dict)
    words: str = ""

    @property
    def interests(self) -> tuple[str, ...]:
        """The right that was used."""
        return (self.interest,)

    @property
    def asset_numbers(self) -> tuple[str, ...]:
        """No asset as a whole."""
        return ()

    @property
    def until(self) -> datetime:
        """The first instant after it."""
        return self.began + SECOND if self.ended is None else self.ended


UseFacts = Facts[Use]


@rule("USE-1", source="SD3: 使用次数限制", zh="使用次数至少为一。")
def something_was_used(facts: UseFacts) -> bool:
    """The quantity of a use is at least one."""
    return facts.request.quantity >= 1


@rule("USE-2", source="SD3: 使用次数限制", zh="使用期间先有起始、后有截止，且不在登记之后。")
def use_is_past(facts: UseFacts) -> bool:
    """The use began before it ended, and both before it is recorded."""
    asked = facts.request
    return asked.began < asked.until and (asked.ended or asked.began) <= facts.at


@rule("USE-3", source="SD3: 使用次数限制", zh="使用凭据已作为材料提交。")
def use_is_evidenced(facts: UseFacts) -> bool:
    """The evidence of the use is among the papers of the dealing."""
    return facts.request.evidence in facts.papers


@rule("USE-4", source="NDA35 art. 3", zh="使用人是登记簿所载该权利的权利人。")
def user_holds_the_right(facts: UseFacts) -> bool:
    """The register knows the right, and whoever used it holds a share of it."""
    interest = _interest(facts)
    return interest is not None and facts.request.party in interest.shares


@rule("USE-5", source="DSL art. 33", zh="由使用人或者来源权利的权利人申报。")
def concerned_party_reports(facts: UseFacts) -> bool:
    """Whoever used the right applies, or a holder of it or of one that it was granted from."""
    line = facts.title.line(facts.request.interest)
    return facts.order is not None or any(facts.applicants & right.shares.keys() for right in line)


@rule("USE-6", source="invariant W10", zh="同一次使用不重复登记。")
def use_is_recorded_once(facts: UseFacts) -> bool:
    """No use of the right in the same time is recorded on the same evidence already."""
    asked = facts.request
    return not any(
        remark.interest == asked.interest
        and use.evidence == asked.evidence
        and (remark.valid_from, remark.valid_to) == (asked.began, asked.until)
        for remark, use in _uses(facts.title)
    )


@rule("USE-7", source="SD3: 使用次数限制", zh="每项被违反的权利均予标注。")
def breaches_are_marked(facts: UseFacts) -> bool:
    """There is a reference for the mark of every right that the use breaches."""
    return all(facts.request.marks.get(right.reference) for right, _ in _marked(facts))


def uses_of(title: Title, reference: str) -> int:
    """Return how often the right was used, itself and through all that was granted out of it.

    Rights below it that have ended count as well: each use names all that it counts for.
    """
    return sum(use.quantity for _, use in _uses(title) if reference in use.counts_for)


def is_in_breach(title: Title, reference: str) -> bool:
    """Say whether the right bears the mark of a breach."""
    return any(
        isinstance(remark.body, Breach) and remark.interest == reference
        for remark in title.remarks.values()
    )


def breaches(facts: UseFacts) -> dict[str, frozenset[BreachGround]]:
    """Return what the use goes beyond, by the right that it breaches."""
    found: dict[str, set[BreachGround]] = {}
    for right in facts.title.line(facts.request.interest):
        count = uses_of(facts.title, right.reference) + facts.request.quantity
        if right.terms.max_uses is not None and count > right.terms.max_uses:
            found.setdefault(right.reference, set()).add(BreachGround.BEYOND_COUNT)
    if own := set(_own_breaches(facts)):
        found.setdefault(facts.request.interest, set()).update(own)
    return {reference: frozenset(grounds) for reference, grounds in found.items()}


def record_use(facts: UseFacts) -> Change:
    """Return the change: the use is recorded, and what it breaches is marked."""
    asked, interest = facts.request, facts.title.interests[facts.request.interest]
    rank = facts.rank(interest.asset)
    use = RemarkFacts(
        reference=asked.reference,
        asset=interest.asset,
        interest=asked.interest,
        party=asked.party,
        valid_from=asked.began,
        valid_to=asked.until,
        until=asked.until,
        rank=rank,
        body=MeteredUse(
            quantity=asked.quantity,
            evidence=asked.evidence,
            counts_for=frozenset(right.reference for right in facts.title.line(asked.interest)),
            breaches=frozenset().union(*breaches(facts).values()),
        ),
        words=asked.words,
    )
    marks = (
        RemarkFacts(
            reference=asked.marks[right.reference],
            asset=interest.asset,
            interest=right.reference,
            valid_from=facts.at,
            valid_to=right.until,
            until=right.until,
            rank=rank,
            body=Breach(use=asked.reference, grounds=grounds),
        )
        for right, grounds in _marked(facts)
    )
    return Change(remarks=(use, *marks))


RECORD_USE = ActOfTitle(
    name="record_use",
    request=Use,
    rules=(
        something_was_used,
        use_is_past,
        use_is_evidenced,
        user_holds_the_right,
        concerned_party_reports,
        use_is_recorded_once,
        breaches_are_marked,
    ),
    change=record_use,
    article="NDA35 art. 23(1), 26",
    is_barred=False,
    needs_force=False,
)


def _interest(facts: UseFacts) -> InterestFacts | None:
    return facts.title.interests.get(facts.request.interest)


def _uses(title: Title) -> Iterator[tuple[RemarkFacts, MeteredUse]]:
    for remark in title.remarks.values():
        if isinstance(remark.body, MeteredUse):
            yield remark, remark.body


def _own_breaches(facts: UseFacts) -> Iterator[BreachGround]:
    """Yield what is wrong with the use beside its count."""
    asked, interest = facts.request, _interest(facts)
    if interest is None:
        return
    # Only of a first revision does its beginning say when the right began.
    if asked.until > interest.until or (
        interest.revision == 1 and asked.began < interest.valid_from
    ):
        yield BreachGround.OUT_OF_TERM
    asset = facts.title.assets.get(interest.asset)
    scenario = interest.terms.scenario
    if (
        asset is not None
        and asset.is_personal
        and scenario
        and not is_authorised_throughout(
            facts.title, interest.asset, scenario, since=asked.began, until=asked.until
        )
    ):
        yield BreachGround.UNAUTHORISED


def _marked(facts: UseFacts) -> list[tuple[InterestFacts, frozenset[BreachGround]]]:
    """Return the rights that get a mark, which are those breached that have not ended."""
    return [
        (facts.title.interests[reference], grounds)
        for reference, grounds in breaches(facts).items()
        if facts.title.in_force(reference, facts.at)
    ]

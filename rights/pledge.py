"""Pledge: security over a share of a right; its change, its assignment (质押; Civil Code 425-446).

NDA35 has no type of registration for it: it stands as a remark (art. 23). Whether a pledge of data
rights arises by its registration, and in which register, the law leaves open (Civil Code
art. 440(7), SEC-INT art. 63); so it also says where else it stands. It never grows: who is to have
more security is given a further pledge, with a rank of its own (invariant E9). Pure.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from primitives.rules import rule
from rights.facts import ActOfTitle, Facts
from rights.remarks import Objection, Pledge, PriorityNotice, RemarkFacts, Subordination
from rights.title import Change

MAX_WORDS = 400
CURRENCY_FORM = re.compile("[A-Z]{3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePledge:
    """That the holders named in the pledge's burdens pledge those parts to ``pledgee``.

    Attributes:
        under: reference of the priority notice whose place it takes; empty for none.
        words: the obligation that it secures (Civil Code art. 427).
    """

    reference: str
    interest: str
    pledgee: str
    pledge: Pledge
    valid_to: datetime
    under: str = ""
    words: str

    @property
    def interests(self) -> tuple[str, ...]:
        """The right that it lies on."""
        return (self.interest,)

    @property
    def asset_numbers(self) -> tuple[str, ...]:
        """No asset as a whole."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePledge:
    """That a pledge secures less, or says something else of where it stands besides."""

    interest: str
    reference: str
    pledge: Pledge

    @property
    def interests(self) -> tuple[str, ...]:
        """The right that it lies on."""
        return (self.interest,)

    @property
    def asset_numbers(self) -> tuple[str, ...]:
        """No asset as a whole."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignPledge:
    """That a pledge follows the claim that it secures to ``creditor``.

    Attributes:
        notice: reference of the paper by which the debtor and the pledgors were told.
    """

    interest: str
    reference: str
    creditor: str
    notice: str

    @property
    def interests(self) -> tuple[str, ...]:
        """The right that it lies on."""
        return (self.interest,)

    @property
    def asset_numbers(self) -> tuple[str, ...]:
        """No asset as a whole."""
        return ()


CreateFacts = Facts[CreatePledge]
ChangeFacts = Facts[ChangePledge]
AssignFacts = Facts[AssignPledge]


def named_pledge(facts: Facts[Any], reference: str) -> Iterator[tuple[RemarkFacts, Pledge]]:
    """Yield the pledge if it is in force on the right that the request names."""
    for interest in facts.known():
        for remark, pledge in facts.title.remarks_on(interest, Pledge, at=facts.at):
            if remark.reference == reference:
                yield remark, pledge


def kind_may_be_pledged(facts: Facts[Any]) -> bool:
    """Say whether the profile lets the rights concerned be pledged, and they may move."""
    return all(
        interest.kind in facts.limits.pledgeable
        and (interest.is_original or interest.terms.may_transfer)
        for interest in facts.known()
    )


def are_held(facts: Facts[Any], burdens: Mapping[str, Fraction]) -> bool:
    """Say whether there is a burden, and each is above zero and within what its party holds."""
    return bool(burdens) and all(
        0 < burden <= interest.shares.get(party, Fraction(0))
        for interest in facts.known()
        for party, burden in burdens.items()
    )


def is_an_amount(fen: int, currency: str) -> bool:
    """Say whether it is above zero and the currency has the form of ISO 4217."""
    return fen > 0 and bool(CURRENCY_FORM.fullmatch(currency))


@rule(
    "PLG-1",
    source="NDA35 art. 3; Civil Code art. 426, 440; SEC-INT art. 63",
    zh="该种类的权利可以质押，且该权利可以转让。",
)
def right_may_be_pledged(facts: CreateFacts) -> bool:
    """The right is of a kind that may be pledged, and it can be transferred."""
    return kind_may_be_pledged(facts)


@rule("PLG-2", source="invariant E4", zh="出质的每一份额均大于零，且为出质人所持有。")
def pledgors_hold_it(facts: CreateFacts) -> bool:
    """Every pledged part is above zero, and the pledgor holds it."""
    return are_held(facts, facts.request.pledge.burdens)


@rule("PLG-3", source="Civil Code art. 427", zh="担保的金额大于零，以分为单位，并载明币种。")
def amount_is_stated(facts: CreateFacts) -> bool:
    """The secured amount is above zero, in hundredths of a currency of three capital letters."""
    pledge = facts.request.pledge
    return is_an_amount(pledge.secured_fen, pledge.currency)


@rule("PLG-4", source="Civil Code art. 425", zh="质权人不得同时为出质人。")
def nobody_pledges_to_himself(facts: CreateFacts) -> bool:
    """The pledgee is not a pledgor."""
    return facts.request.pledgee not in facts.request.pledge.burdens


@rule("PLG-5", source="Civil Code art. 427", zh="出质人与质权人共同申请。")
def pledgors_and_pledgee_apply(facts: CreateFacts) -> bool:
    """The pledgors and the pledgee apply together."""
    return {facts.request.pledgee, *facts.request.pledge.burdens} <= facts.applicants


@rule(
    "PLG-6",
    source="Civil Code art. 399(4)",
    zh="该权利及其来源权利不存在争议：没有未处理完毕的异议。",
)
def title_is_not_disputed(facts: CreateFacts) -> bool:
    """No objection is in force against the right or one that it was granted from."""
    return not any(
        True
        for interest in facts.known()
        for source in facts.title.line(interest.reference)
        for _ in facts.title.remarks_on(source, Objection, at=facts.at)
    )


@rule("PLG-7", source="invariant E5", zh="质押自登记时起算，其期限在权利的期限之内。")
def term_lies_within_the_right(facts: CreateFacts) -> bool:
    """The pledge begins when it is entered, lasts, and ends no later than the right."""
    return all(facts.at < facts.request.valid_to <= interest.until for interest in facts.known())


@rule(
    "PLG-8",
    source="动产和权利担保统一登记办法",
    zh="在其他登记系统登记的，同时载明登记系统、登记编号和登记时间；登记时间不晚于本次登记。",
)
def other_register_is_named_in_full(facts: CreateFacts) -> bool:
    """Another register is named with its number and an instant that is past, or not at all."""
    return _is_named_in_full(facts.request.pledge, facts.at)


@rule("PLG-9", source="Civil Code art. 427", zh="载明被担保债权，不超过四百字。")
def obligation_is_stated(facts: CreateFacts) -> bool:
    """The secured obligation is stated, in 400 characters at most."""
    return bool(facts.request.words.strip()) and len(facts.request.words) <= MAX_WORDS


@rule(
    "PLG-10",
    source="invariant E8; SEC-INT art. 52",
    zh="以预告登记的顺位登记的，该预告登记有效且未使用，且权利、质权人、金额、份额不超出其载明的内容。",
)
def place_is_kept_for_it(facts: CreateFacts) -> bool:
    """A place that it takes is kept for it: by a notice in force, unused, for no less than this."""
    asked, pledge = facts.request, facts.request.pledge
    return not asked.under or any(
        remark.party == asked.pledgee
        and not notice.used_by
        and notice.currency == pledge.currency
        and pledge.secured_fen <= notice.secured_fen
        and all(
            burden <= notice.burdens.get(party, Fraction(0))
            for party, burden in pledge.burdens.items()
        )
        for remark, notice in _notice(facts)
    )


PLEDGE_RULES = (
    right_may_be_pledged,
    pledgors_hold_it,
    amount_is_stated,
    nobody_pledges_to_himself,
    pledgors_and_pledgee_apply,
    title_is_not_disputed,
    term_lies_within_the_right,
    other_register_is_named_in_full,
    obligation_is_stated,
    place_is_kept_for_it,
)


def create(facts: CreateFacts) -> Change:
    """Return the change: a pledge begins; a notice whose place it takes is used up."""
    asked, interest = facts.request, facts.title.interests[facts.request.interest]
    used = tuple(
        (remark, remark.revised(at=facts.at, body=replace(notice, used_by=asked.reference)))
        for remark, notice in _notice(facts)
    )
    pledge = RemarkFacts(
        reference=asked.reference,
        asset=interest.asset,
        interest=asked.interest,
        party=asked.pledgee,
        valid_from=facts.at,
        valid_to=asked.valid_to,
        until=asked.valid_to,
        rank=next((notice.rank for notice, _ in used), facts.rank(interest.asset)),
        body=asked.pledge,
        words=asked.words,
    )
    return Change(
        remarks=(pledge, *(revised for _, revised in used)),
        ended={notice.reference: facts.at for notice, _ in used},
    )


PLEDGE = ActOfTitle(
    name="pledge",
    request=CreatePledge,
    rules=PLEDGE_RULES,
    change=create,
    article="Civil Code art. 427, 440; NDA35 art. 23",
)


@rule("PLC-1", source="Civil Code art. 409", zh="所变更的质押在该权利上有效。")
def pledge_is_in_force(facts: ChangeFacts) -> bool:
    """The pledge that changes is in force on the right."""
    return any(True for _ in named_pledge(facts, facts.request.reference))


@rule(
    "PLC-2",
    source="invariant E9; Civil Code art. 409, 422",
    zh="变更不扩大担保：金额不增加，币种、份额、债务履行期限不变，不增设最高额和限制处分的约定。",
)
def nothing_grows(facts: ChangeFacts) -> bool:
    """Nothing grows: no amount, part, ceiling or covenant is added, and no other debt secured."""
    changed = facts.request.pledge
    return all(
        0 < changed.secured_fen <= pledge.secured_fen
        and changed.is_maximum_amount <= pledge.is_maximum_amount
        and changed.no_disposal <= pledge.no_disposal
        and (changed.currency, changed.burdens, changed.due_on)
        == (pledge.currency, pledge.burdens, pledge.due_on)
        for _, pledge in named_pledge(facts, facts.request.reference)
    )


@rule("PLC-3", source="Civil Code art. 409", zh="质权人同意变更，或者由法院命令变更。")
def pledgee_agrees(facts: ChangeFacts) -> bool:
    """The pledgee agrees, or a court orders it."""
    return facts.is_ordered_by_court or all(
        facts.has_consent_of(remark.party)
        for remark, _ in named_pledge(facts, facts.request.reference)
    )


@rule(
    "PLC-4",
    source="动产和权利担保统一登记办法",
    zh="变更后，在其他登记系统登记的，同时载明登记系统、登记编号和登记时间。",
)
def other_register_stays_named_in_full(facts: ChangeFacts) -> bool:
    """Another register is named in full after the change, or not at all."""
    return _is_named_in_full(facts.request.pledge, facts.at)


PLEDGE_CHANGE_RULES = (
    pledge_is_in_force,
    nothing_grows,
    pledgee_agrees,
    other_register_stays_named_in_full,
)


def change(facts: ChangeFacts) -> Change:
    """Return the change: the pledge goes on as it is asked for, at its rank and to its end."""
    ((remark, _),) = named_pledge(facts, facts.request.reference)
    revised = remark.revised(at=facts.at, body=facts.request.pledge)
    return Change(remarks=(revised,), ended={remark.reference: facts.at})


PLEDGE_CHANGE = ActOfTitle(
    name="pledge_change",
    request=ChangePledge,
    rules=PLEDGE_CHANGE_RULES,
    change=change,
    article="Civil Code art. 409, 422",
)


@rule("PLA-1", source="Civil Code art. 407", zh="随债权转让的质押在该权利上有效。")
def assigned_pledge_is_in_force(facts: AssignFacts) -> bool:
    """The pledge that is assigned is in force on the right."""
    return any(True for _ in named_pledge(facts, facts.request.reference))


@rule("PLA-2", source="Civil Code art. 407, 545", zh="原质权人与受让债权的人共同申请。")
def both_creditors_apply(facts: AssignFacts) -> bool:
    """The pledgee and the new creditor apply together, or a court orders it."""
    return facts.is_ordered_by_court or all(
        {remark.party, facts.request.creditor} <= facts.applicants
        for remark, _ in named_pledge(facts, facts.request.reference)
    )


@rule("PLA-3", source="Civil Code art. 425, 545", zh="受让债权的人既不是原质权人，也不是出质人。")
def creditor_is_another(facts: AssignFacts) -> bool:
    """The new creditor is neither the present pledgee nor a pledgor."""
    return not any(
        facts.request.creditor in {remark.party, *pledge.burdens}
        for remark, pledge in named_pledge(facts, facts.request.reference)
    )


@rule("PLA-4", source="Civil Code art. 546", zh="附有已将债权转让通知债务人和出质人的材料。")
def notice_was_given(facts: AssignFacts) -> bool:
    """A paper of the dealing shows that the debtor and the pledgors were told."""
    return facts.request.notice in facts.papers


PLEDGE_ASSIGNMENT_RULES = (
    assigned_pledge_is_in_force,
    both_creditors_apply,
    creditor_is_another,
    notice_was_given,
)


def assign(facts: AssignFacts) -> Change:
    """Return the change: the pledge goes on for the new creditor at its rank and to its end.

    So do the places that others yielded to it.
    """
    ((pledge, _),) = named_pledge(facts, facts.request.reference)
    places = (
        place
        for place, body in facts.title.remarks_of(Subordination, at=facts.at)
        if body.favours == pledge.reference
    )
    moved = tuple(
        replace(remark.revised(at=facts.at), party=facts.request.creditor)
        for remark in (pledge, *places)
    )
    return Change(remarks=moved, ended={remark.reference: facts.at for remark in moved})


PLEDGE_ASSIGNMENT = ActOfTitle(
    name="pledge_assignment",
    request=AssignPledge,
    rules=PLEDGE_ASSIGNMENT_RULES,
    change=assign,
    article="Civil Code art. 407, 546; NDA35 art. 23",
)


def _notice(facts: CreateFacts) -> Iterator[tuple[RemarkFacts, PriorityNotice]]:
    """Yield the notice whose place is asked for, if it is in force on the right."""
    for remark, notice in facts.title.remarks_of(PriorityNotice, at=facts.at):
        if remark.reference == facts.request.under and remark.interest == facts.request.interest:
            yield remark, notice


def _is_named_in_full(pledge: Pledge, at: datetime) -> bool:
    named = (pledge.external_registry, pledge.external_number, pledge.external_at)
    return not any(named) or (
        all(named) and pledge.external_at is not None and pledge.external_at <= at
    )

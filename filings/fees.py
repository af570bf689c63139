"""Fees that were paid for a case: recorded once, corrected by a record that takes one back.

Entry points: `record_fee`, `reverse_fee`, `shown_fees`. No record is ever edited. A fee is no right
and no act of title, so that the ledger has no entry of it; evidence for accounts states what is
recorded, and the digest of that statement is entered (docs/adr/0024).
"""

import re
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Role, require_role
from filings.cases import standing_facts
from filings.fee_tables import FeeItem, fee_table_on, fee_tables
from filings.models import Filing
from filings.rules import officer_is_impartial
from filings.workflow import State
from primitives.clock import CHINA
from primitives.rules import RulesBrokenError, broken, rule
from registry.fees import yuan_text
from registry.models import FeeRecord, Party

RECEIPT = re.compile(r"[0-9A-Za-z][0-9A-Za-z ./-]{0,39}")


class FeeError(Exception):
    """A fee cannot be recorded or taken back like this; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """What was paid for a case.

    Attributes:
        item: its code in the fee table of the day.
        fen: hundredths of a yuan.
        payer: in whose accounts it is a cost.
        paid_on: the day in China.
        receipt: the number of the invoice or receipt.
    """

    item: str
    fen: int
    payer: Party
    paid_on: date
    receipt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeFacts:
    """What a rule of fees may look at.

    Attributes:
        published_fen: what the fee table of the day asks for the item; None if it has no such item.
        today: the day in China.
        is_submitted: the case was submitted, so that somebody asked for what is paid.
    """

    fen: int
    published_fen: int | None
    paid_on: date
    today: date
    payer_is_applicant: bool
    is_submitted: bool
    receipt: str


@rule(
    "FEE-1",
    source="NDA35 art. 10(3), 10(8)",
    zh="收费项目应当列于缴费当日有效的公开收费标准。",
)
def item_is_published(facts: FeeFacts) -> bool:
    """What is paid for stands in the fee table that was published for the day of payment."""
    return facts.published_fen is not None


@rule("FEE-2", source="NDA35 art. 10(3)", zh="收费金额应当大于零，且不得高于公开的收费标准。")
def amount_is_published(facts: FeeFacts) -> bool:
    """The amount is above zero and no more than the published one."""
    return facts.fen > 0 and (facts.published_fen is None or facts.fen <= facts.published_fen)


@rule("FEE-3", source="NDA35 art. 10(2)", zh="缴费日期不得晚于记录当日。")
def was_paid(facts: FeeFacts) -> bool:
    """The day of payment is not to come."""
    return facts.paid_on <= facts.today


@rule("FEE-4", source="财会〔2023〕11号", zh="缴费人应当为该申请的申请人。")
def payer_is_applicant(facts: FeeFacts) -> bool:
    """Whoever paid, in whose accounts it is a cost, is an applicant of the case."""
    return facts.payer_is_applicant


@rule("FEE-5", source="NDA35 art. 10(8), 16", zh="申请提交后方可记录收费。")
def case_was_submitted(facts: FeeFacts) -> bool:
    """The case was submitted: nothing is charged for a draft."""
    return facts.is_submitted


@rule(
    "FEE-6",
    source="财会〔2023〕11号",
    zh="应当载明发票或者收据号码，由数字和拉丁字母组成。",
)
def receipt_is_named(facts: FeeFacts) -> bool:
    """The invoice or receipt is named by its number, in digits and Latin letters."""
    return RECEIPT.fullmatch(facts.receipt) is not None


FEE_RULES = (
    item_is_published,
    amount_is_published,
    was_paid,
    payer_is_applicant,
    case_was_submitted,
    receipt_is_named,
)


@transaction.atomic
def record_fee(filing: Filing, paid: Paid, *, by: User, at: datetime) -> FeeRecord:
    """Record what was paid for a case.

    Raises:
        PermissionDenied: ``by`` is no registrar.
        RulesBrokenError: names every rule that does not hold.
    """
    case = _case_for(filing, by)
    table = fee_table_on(paid.paid_on)
    item = table.item(paid.item) if table else None
    facts = FeeFacts(
        fen=paid.fen,
        published_fen=item.fen if item else None,
        paid_on=paid.paid_on,
        today=at.astimezone(CHINA).date(),
        payer_is_applicant=case.applicants.filter(pk=paid.payer.pk).exists(),
        is_submitted=case.state != State.DRAFT,
        receipt=paid.receipt,
    )
    if (found := broken(FEE_RULES, facts)) or item is None:
        raise RulesBrokenError(found)
    return FeeRecord.objects.create(
        case=case.number,
        payer=paid.payer,
        item=item.code,
        what_zh=item.name_zh,
        what_en=item.name_en,
        fen=paid.fen,
        paid_on=paid.paid_on,
        receipt=paid.receipt,
        recorded_by=by,
        recorded_at=at,
    )


@transaction.atomic
def reverse_fee(
    filing: Filing, record: FeeRecord, *, reason: str, by: User, at: datetime
) -> FeeRecord:
    """Take a record back by one of the opposite amount, of the same day of payment.

    Raises:
        PermissionDenied: ``by`` is no registrar.
        RulesBrokenError: the officer belongs to an applicant.
        FeeError: it is none of the case, was taken back before or takes one back, or no reason is
            given.
    """
    case = _case_for(filing, by)
    if record.case != case.number or record.reverses_id or hasattr(record, "reversal"):
        raise FeeError(_("This record was taken back already, or is none of this case."))
    if not reason.strip():
        raise FeeError(_("Say why the record is taken back."))
    return FeeRecord.objects.create(
        case=record.case,
        payer=record.payer,
        item=record.item,
        what_zh=record.what_zh,
        what_en=record.what_en,
        fen=-record.fen,
        paid_on=record.paid_on,
        receipt=record.receipt,
        reverses=record,
        reason=reason.strip(),
        recorded_by=by,
        recorded_at=at,
    )


def fees_of(filing: Filing) -> QuerySet[FeeRecord]:
    """Return what is recorded for a case, in the order of recording."""
    return (
        FeeRecord.objects.filter(case=filing.number)
        .select_related("payer", "recorded_by", "reversal")
        .order_by("pk")
    )


def shown_fees(filing: Filing) -> dict[str, object]:
    """Return the records of a case and their sum, as its pages show them."""
    # Nothing is charged for a draft (FEE-5), so that nobody needs to look.
    fees = [] if filing.state == State.DRAFT else list(fees_of(filing))
    return {"fees": fees, "fees_total": yuan_text(sum(fee.fen for fee in fees))}


def items_charged() -> list[FeeItem]:
    """Return what is or was charged, in the words of the latest table that has it."""
    items = {item.code: item for table in fee_tables() for item in table.items}
    return list(items.values())


def _case_for(filing: Filing, officer: User) -> Filing:
    """Return the case, locked, if this officer may record its fees."""
    require_role(officer, Role.REGISTRAR)
    case = Filing.objects.select_for_update().get(pk=filing.pk)
    if found := broken((officer_is_impartial,), standing_facts(case, officer=officer)):
        raise RulesBrokenError(found)
    return case

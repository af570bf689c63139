"""Erasure: the act that destroys what opens a party's commitments, and its values in clear.

Entry point: `erase`, inside an act; who may ask and decide, and what cases and rights stand against
it, is gathered in filings/erasure.py. The entry says which fields went and on which ground, never a
value. Every proof keeps verifying; the commitments then say nothing (invariant V2).
"""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from accounts.models import User
from ledger.acts import Act
from primitives.rules import require, rule
from registry import entries, search
from registry.commitments import openings_of_instrument, openings_of_party
from registry.instruments import forget_file
from registry.models import Erasure, Instrument, Named, Party
from tlog.commitments import check_opening, opening_digest

BLANK = {"size_bytes": 0}
"""What an erased column holds; a text holds nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureFacts:
    """What an erasure rule may look at.

    Attributes:
        requested_by, decided_by: references of two persons; the latter is empty for a request.
        holds_right: a right or a remark of the party's is in force or will be.
        is_in_open_case: a case that is not closed names the party.
        fields: pointers to those committed fields of the party that can still be opened.
        words: the ground in words, which the public ledger will show.
        values: what is to be erased, in clear.
        papers: the papers of identity that are to go.
        free_papers: those of the party's cases that may go.
    """

    requested_by: str
    decided_by: str
    holds_right: bool
    is_in_open_case: bool
    fields: tuple[str, ...]
    words: str
    values: frozenset[str]
    papers: frozenset[str]
    free_papers: frozenset[str]


@rule(
    "ERA-1",
    source="PIPL art. 47",
    zh="主体在登记簿上没有有效或即将生效的权利，也没有以其为受益人的登记。",
)
def no_right_is_in_force(facts: ErasureFacts) -> bool:
    """The party has no right, and nothing recorded in its favour, in force or to come."""
    return not facts.holds_right


@rule("ERA-2", source="PIPL art. 47", zh="主体不涉及未结的登记案件。")
def no_case_is_open(facts: ErasureFacts) -> bool:
    """No open case names the party."""
    return not facts.is_in_open_case


@rule("ERA-3", source="invariant W4", zh="申请删除与批准删除的不是同一人。")
def two_persons_decide(facts: ErasureFacts) -> bool:
    """Whoever approves has not requested the erasure."""
    return facts.requested_by != facts.decided_by


@rule("ERA-4", source="PIPL art. 47", zh="主体尚有可删除的内容。")
def something_is_left(facts: ErasureFacts) -> bool:
    """Something of the party is left to erase."""
    return bool(facts.fields)


@rule("ERA-5", source="invariant V2", zh="书面理由不含拟删除的内容。")
def words_name_nobody(facts: ErasureFacts) -> bool:
    """The ground in words repeats nothing that is to be erased."""
    return not any(value in facts.words for value in facts.values)


@rule(
    "ERA-6",
    source="NDA35 art. 10(2)",
    zh="一并删除的仅限身份证明材料，且其登记案卷的保存期限已满。",
)
def papers_may_go(facts: ErasureFacts) -> bool:
    """Only papers of identity go, and none of a registered case before its years of storage end."""
    return facts.papers <= facts.free_papers


ERASURE_RULES = (
    no_right_is_in_force,
    no_case_is_open,
    two_persons_decide,
    something_is_left,
    words_name_nobody,
    papers_may_go,
)


def erasable_fields(party: Party) -> tuple[str, ...]:
    """Return pointers to the committed fields of a party whose openings are kept."""
    return tuple(sorted(set(openings_of_party(party).values_list("path", flat=True))))


def values_of(party: Party) -> frozenset[str]:
    """Return the values that erasing the party would destroy, earlier ones too."""
    openings = openings_of_party(party).values_list("disclosure", flat=True)
    values = (check_opening(opening_digest(opening), opening)[1] for opening in openings)
    return frozenset(str(value) for value in values if value)


def erase(act: Act, erasure: Erasure, facts: ErasureFacts, *, by: User) -> None:
    """Destroy openings and values of a locked party, and the papers named; record it in one entry.

    The papers' files go before the transaction ends: if it then fails, the audit names them as
    missing and the act is to be repeated. The other way round they could stay behind unseen.

    Raises:
        RulesBrokenError: names every ERA rule that does not hold; nothing has been changed.
    """
    party = erasure.party
    act.require_lock(entries.party_key(party.reference))
    require(ERASURE_RULES, facts)
    erasure.fields = list(facts.fields)
    erasure.decided_by, erasure.decided_at = by, act.recorded_at
    erasure.entry = act.record(
        kind=entries.PARTY_ERASED,
        keys=[entries.party_key(party.reference)],
        payload=entries.erasure_json(erasure),
    )
    erasure.save()
    for field in facts.fields:
        setattr(party, field[1:], "")
    party.save(update_fields=[field[1:] for field in facts.fields])
    search.forget(Named.PARTY, party.pk)
    openings_of_party(party).filter(path__in=facts.fields).delete()
    papers = Instrument.objects.filter(reference__in=erasure.instruments, erasure__isnull=True)
    for instrument in papers.select_related("entry").select_for_update(of=("self",)):
        _erase_instrument(instrument, erasure)


def sweep() -> bool:
    """Let the database file forget what was erased; say whether nothing of it is left in there.

    SQLite zeroes what is freed (``secure_delete``), but its write-ahead log keeps the old pages
    until it is emptied, which a reader at work prevents. PostgreSQL keeps dead rows until VACUUM,
    which is the owner's to run: docs/operations.md.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return False
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        is_busy, _frames, _moved = cursor.fetchone()
    return not is_busy


def _erase_instrument(instrument: Instrument, erasure: Erasure) -> None:
    """Destroy a paper's file, and of its row all that no entry holds in clear."""
    forget_file(instrument)
    openings = openings_of_instrument(instrument)
    names = [opening.path.rpartition("/")[2] for opening in openings]
    if instrument.entry is None:  # its case was never registered
        names = list(entries.IDENTITY_FIELDS)
    erased: dict[str, Any] = {name: BLANK.get(name, "") for name in names}
    Instrument.objects.filter(pk=instrument.pk).update(erasure=erasure, file_name="", **erased)
    openings.delete()

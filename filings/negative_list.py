"""The negative list: items of data that may be neither registered nor circulate.

Entry points: `enter_item`, `end_item`, `items_on`, `hits`. Each item that is entered and each that
is ended makes the next edition. An item binds from the day of its entry at the earliest and ends on
that of its ending at the earliest: what the list was on a day that is over never changes. A term
that stands in what a case says is a hit; whether the item applies is an examiner's finding.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Role, require_role
from filings.dealing import texts_in
from filings.kinds import FilingType
from filings.likeness import bare
from filings.models import Filing, ListAnswer, ListedItem
from primitives.clock import CHINA
from registry.numbers import next_number
from rights.change import DESCRIPTION_CHANGE, LIMITS_CHANGE
from rights.circulation import FILE_CIRCULATION
from rights.correction import DESCRIPTION_CORRECTION
from rights.grant import GRANT
from rights.transfer import TRANSFER

SERIES = "negative-list"
DESCRIBED = (
    "name",
    "summary",
    "region",
    "limit_users",
    "limit_qualification",
    "limit_environment",
    "limit_territory",
)
"""The members of a description in which terms are looked for."""
HEEDED = frozenset(
    act.name
    for act in (
        FILE_CIRCULATION,
        DESCRIPTION_CHANGE,
        DESCRIPTION_CORRECTION,
        GRANT,
        LIMITS_CHANGE,
        TRANSFER,
    )
)
"""The acts by which registered data circulates or is described anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An item one of whose terms stands in what a case says, and what was found of it."""

    item: ListedItem
    terms: Sequence[str]
    answer: ListAnswer | None

    @property
    def is_cleared(self) -> bool | None:
        """Whether the item was found not to apply; None where nobody looked yet."""
        return None if self.answer is None else not self.answer.applies


@transaction.atomic
def enter_item(
    title: str, *, terms: Sequence[str], source: str, valid_from: date, by: User, at: datetime
) -> ListedItem:
    """Add an item to the list, as its next edition.

    Raises:
        PermissionDenied: ``by`` is no registrar.
        ValidationError: it would bind on a day that is over, or has no term of two characters.
    """
    require_role(by, Role.REGISTRAR)
    check_day(valid_from, at=at)
    return ListedItem.objects.create(
        title=title,
        terms="\n".join(checked_terms(terms)),
        source=source,
        valid_from=valid_from,
        edition=next_number(SERIES),
        entered_by=by,
        entered_at=at,
    )


@transaction.atomic
def end_item(item: ListedItem, *, last_day: date, by: User, at: datetime) -> ListedItem:
    """Let an item end with a day, as the next edition of the list; it is ended once.

    Raises:
        PermissionDenied: ``by`` is no registrar.
        ValidationError: the item was ended before, or the day is over or before its first.
    """
    require_role(by, Role.REGISTRAR)
    row = ListedItem.objects.select_for_update().get(pk=item.pk)
    if row.valid_to:
        raise ValidationError(_("The item was ended already."))
    check_day(last_day, at=at)
    if last_day < row.valid_from:
        raise ValidationError(_("The last day lies before the first."))
    row.valid_to, row.ended_by, row.ended_at = last_day, by, at
    row.ended_edition = next_number(SERIES)
    row.save()
    return row


def checked_terms(terms: Sequence[str]) -> list[str]:
    """Return the terms without blanks around them.

    Raises:
        ValidationError: there is none, or one has fewer than two letters or digits.
    """
    found = [term.strip() for term in terms if term.strip()]
    short = [term for term in found if len(bare(term)) < 2]  # noqa: PLR2004 # one is in every text
    if not found or short:
        raise ValidationError(_("Write at least one term, each of two or more characters."))
    return found


def check_day(day: date, *, at: datetime) -> None:
    """Refuse to change what the list was on a day that is over.

    Raises:
        ValidationError: ``day`` is over.
    """
    if day < at.astimezone(CHINA).date():
        raise ValidationError(_("That day is over; what the list was then cannot change."))


def items_on(day: date) -> QuerySet[ListedItem]:
    """Return the items in force on a day, in the order of their entry."""
    lasting = Q(valid_to__isnull=True) | Q(valid_to__gte=day)
    return ListedItem.objects.filter(lasting, valid_from__lte=day).order_by("pk")


def edition_on(day: date) -> int:
    """Return the latest edition that was entered by the end of a day; 0 before the first."""
    end = datetime.combine(day, datetime.max.time(), CHINA)
    entered = ListedItem.objects.filter(entered_at__lte=end).values_list("edition", flat=True)
    ended = ListedItem.objects.filter(ended_at__lte=end).values_list("ended_edition", flat=True)
    return max((edition for edition in (*entered, *ended) if edition), default=0)


def hits(filing: Filing, *, at: datetime) -> list[Hit]:
    """Return the items in force at ``at`` of which a term stands in what a case is about.

    That is an application for new data; or acts by which registered data circulates or is
    described anew, with the descriptions of what they concern. An order binds whatever it concerns.
    """
    said = [bare(text) for text in _said(filing)]
    found = [
        (item, terms)
        for item in items_on(at.astimezone(CHINA).date())
        if (terms := list(_standing(item, said)))
    ]
    if not found:
        return []
    answers = {
        answer.item_id: answer for answer in filing.list_answers.select_related("answered_by")
    }
    return [Hit(item=item, terms=terms, answer=answers.get(item.pk)) for item, terms in found]


def _said(filing: Filing) -> list[str]:
    if filing.type == FilingType.ORDER:
        return []
    if filing.type == FilingType.INITIAL:
        return [filing.remarks, *(getattr(filing, name) for name in DESCRIBED)]
    heeded = [asked.asked for asked in filing.acts.all() if asked.act in HEEDED]
    if not heeded:
        return []
    described = [getattr(asset, name) for asset in filing.concerned.all() for name in DESCRIBED]
    return [*described, *texts_in(heeded)]


def _standing(item: ListedItem, said: Sequence[str]) -> Iterator[str]:
    for term in item.terms.splitlines():
        if any(bare(term) in text for text in said):
            yield term

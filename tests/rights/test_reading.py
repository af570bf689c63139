"""Title read by fixed statements is what the rows say, read one by one."""

from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import Any

import pytest

from ledger.queries import tree_size
from rights.entries import interest_facts, remark_facts
from rights.models import Interest, Remark
from rights.queries import AsOf, remarks_as_of, rights_as_of
from rights.remarks import KINDS_HEEDED
from tests.factories import Office
from tests.titles import DAY, Estate

pytestmark = pytest.mark.django_db


@pytest.fixture
def estate(office: Office) -> Estate:
    """An asset with shared rights, grants, securities, a freeze that is lifted and a transfer."""
    estate = Estate(office)
    operate = estate.right().reference
    licence = estate.grant(2, operate, estate.user)
    estate.grant(4, licence, estate.bank)
    estate.announce(5, estate.bank, 500)
    freeze = estate.freeze(6, licence, months=1)
    estate.lift(8, freeze, licence)
    estate.move(8, estate.company, estate.person, Fraction(1, 10))
    estate.caution(7, estate.person)
    return estate


def known_until(row: Interest | Remark, size: int | None) -> datetime | None:
    """Return where a revision ends as known at the size; None if the register did not know it."""
    if size is None:
        return row.until
    if row.entry.leaf.index >= size:
        return None
    is_known = row.ended_by is not None and row.ended_by.leaf.index < size
    return row.until if is_known else row.valid_to


def naive(rows: Any, read: Any, as_of: AsOf) -> list[Any]:
    found = []
    for row in rows:
        end = known_until(row, as_of.size)
        is_heeded = row.kind in KINDS_HEEDED
        if end and row.valid_from <= as_of.at and (end > as_of.at or is_heeded):
            found.append(replace(read(row), until=end))
    return found


@pytest.mark.parametrize("day", [-1, 0, 1, 3, 5, 7, 9, 40, 400])
def test_facts_are_what_the_rows_say_for_every_instant_and_size(estate: Estate, day: int) -> None:
    for size in (None, *range(tree_size() + 1)):
        as_of = AsOf(at=estate.start + day * DAY, size=size)
        rights = Interest.objects.filter(asset=estate.asset).order_by("pk")
        remarks = Remark.objects.filter(asset=estate.asset).order_by("revision", "pk")
        assert rights_as_of(estate.asset, as_of) == naive(rights, interest_facts, as_of)
        assert remarks_as_of(estate.asset, as_of) == naive(remarks, remark_facts, as_of)

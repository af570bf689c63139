"""How large the tree is, and was."""

from datetime import UTC, datetime, timedelta

import pytest

from ledger.models import TreeHead
from ledger.queries import tree_size, tree_size_at

NOON = datetime(2026, 11, 25, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)

pytestmark = pytest.mark.django_db


def head(size: int, at: datetime) -> None:
    TreeHead.objects.create(size=size, root_hash=bytes(32), integrated_at=at)


def test_a_tree_that_has_no_head_is_empty() -> None:
    assert (tree_size(), tree_size_at(NOON)) == (0, 0)


def test_the_tree_had_at_an_instant_what_was_placed_by_then() -> None:
    head(1, NOON)
    head(4, NOON + HOUR)
    head(9, NOON + 2 * HOUR)

    assert tree_size() == 9
    asked = [NOON - HOUR, NOON, NOON + HOUR / 2, NOON + HOUR, NOON + 9 * HOUR]
    assert [tree_size_at(instant) for instant in asked] == [0, 1, 1, 4, 9]

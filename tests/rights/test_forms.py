"""The two clocks as people type them."""

from datetime import UTC, datetime, timedelta

import pytest

from ledger.models import TreeHead
from rights.forms import AsOfForm
from rights.queries import AsOf

NOW = datetime(2026, 11, 26, 4, 0, 0, 999, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def head(size: int, at: datetime) -> None:
    TreeHead.objects.create(size=size, root_hash=bytes(32), integrated_at=at)


def asked(**data: str) -> AsOf:
    form = AsOfForm(data, now=NOW)
    assert form.is_valid(), form.errors
    return form.as_of


def refused(**data: str) -> str:
    form = AsOfForm(data, now=NOW)
    assert not form.is_valid()
    return str(form.errors)


def test_nothing_typed_means_now_and_all_that_is_registered() -> None:
    assert asked() == AsOf(at=NOW.replace(microsecond=0), size=None)


@pytest.mark.parametrize(
    "text",
    ["2026-11-25T12:00:00", "2026-11-25T12:00", "2026-11-25 12:00", "2026-11-25T04:00:00Z"],
)
def test_an_instant_is_read_by_the_clock_of_shanghai(text: str) -> None:
    assert asked(at=text).at == datetime(2026, 11, 25, 4, tzinfo=UTC)


def test_a_day_alone_means_its_first_second_in_shanghai() -> None:
    assert asked(at="2026-11-25").at == datetime(2026, 11, 24, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-02-30", "25.11.2026", "2026-11-25T25:00", "\u0660", "9" * 5000]
)
def test_what_is_no_instant_is_refused_with_an_example(text: str) -> None:
    assert "2026-11-25 12:00" in refused(at=text)
    assert "2026-11-25 12:00" in refused(known_at=text)


@pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31T23:59:59", "1999-12-31", "3000-01-01"])
def test_a_year_that_no_register_sees_is_refused(text: str) -> None:
    assert "from 2000 to 2999" in refused(at=text)


def test_the_field_shows_again_what_was_asked_as_a_browser_takes_it() -> None:
    form = AsOfForm({"at": "2026-11-25 12:00"}, now=NOW)

    assert 'value="2026-11-25T12:00:00"' in str(form["at"])
    assert 'value="yesterday"' in str(AsOfForm({"at": "yesterday"}, now=NOW)["at"])


def test_a_size_up_to_that_of_the_tree_is_taken() -> None:
    head(7, NOW)

    assert asked(size="7").size == 7
    assert asked(size="0").size == 0


@pytest.mark.parametrize("size", ["8", str(2**63 - 1)])
def test_a_size_beyond_the_tree_is_refused_with_the_present_one(size: str) -> None:
    head(7, NOW)

    assert "has 7 entries so far" in refused(size=size)


@pytest.mark.parametrize("size", ["-1", "x", "1.5", str(2**63), "9" * 5000])
def test_what_is_no_size_is_refused(size: str) -> None:
    assert "size" in refused(size=size)


def test_a_day_of_record_gives_the_size_that_the_tree_had_then() -> None:
    day = timedelta(days=1)
    head(3, NOW - 3 * day)
    head(5, NOW - 2 * day)

    assert asked(known_at="2026-11-25").size == 5
    assert asked(known_at="2026-11-24").size == 3
    assert asked(known_at="2020-01-01").size == 0


def test_an_entry_counts_from_the_second_in_which_it_got_its_place() -> None:
    head(3, datetime(2026, 11, 24, 4, 0, 0, 500_000, tzinfo=UTC))

    assert asked(known_at="2026-11-24T12:00:00").size == 3
    assert asked(known_at="2026-11-24T11:59:59").size == 0


def test_a_day_of_record_that_has_not_come_is_refused() -> None:
    assert "has not come yet" in refused(known_at="2026-11-27")


def test_a_size_and_a_day_together_are_refused() -> None:
    assert "not both" in refused(size="0", known_at="2026-11-25")

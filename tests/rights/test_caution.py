"""Cautions: each CAU, CAX and CAC rule; they block nothing and fall with what they extend (E7)."""

from datetime import datetime, timedelta

import pytest

from rights.caution import CautionCancellation, CautionEntry, CautionExtension
from rights.correction import RemarkCorrection
from rights.facts import Order
from rights.freeze import FreezeOrder
from rights.kinds import AuthorityKind, CorrectionCause
from rights.remarks import Caution
from rights.terms import term_end
from rights.title import Title
from rights.transfer import Transfer
from tests.rights.plain import (
    ANNE,
    ASSET,
    BEN,
    CARL,
    NOW,
    WHOLE,
    a_dealing,
    a_title,
    after,
    an_interest,
    broken,
)

DAY = timedelta(days=1)
YEAR = term_end(NOW, 12)
ORDER = Order(authority=AuthorityKind.COURT, level=1, number="示例1号")


def a_caution(valid_to: datetime = YEAR, *, interest: str = "I-1", asset: str = "") -> CautionEntry:
    return CautionEntry(
        reference="N-1", party=CARL, valid_to=valid_to, interest=interest, asset=asset
    )


def extension(reference: str, of: str, valid_to: datetime) -> CautionExtension:
    return CautionExtension(reference=reference, remark=of, valid_to=valid_to, interest="I-1")


def cancellation(reference: str = "N-1") -> CautionCancellation:
    return CautionCancellation(remark=reference, interest="I-1")


def cautioned() -> Title:
    return after(a_dealing(a_caution(), applicants=[CARL]), a_title(an_interest()))


def extended(*, at: datetime = NOW + DAY) -> Title:
    """Return a title with a caution, its extension and the extension of that, a year each."""
    second, third = term_end(YEAR, 12), term_end(YEAR, 24)
    dealing = a_dealing(extension("N-2", "N-1", second), applicants=[CARL])
    title = after(dealing, cautioned(), at=at, version=8)
    dealing = a_dealing(extension("N-3", "N-2", third), applicants=[CARL])
    return after(dealing, title, at=at, version=9)


def shown(title: Title, at: datetime) -> list[str]:
    return [remark.reference for remark, _ in title.remarks_of(Caution, at=at)]


def test_e7_a_caution_blocks_nothing_and_is_shown_until_its_end() -> None:
    title = cautioned()
    move = Transfer(interest="I-1", giver=ANNE, takers={BEN: WHOLE[ANNE]})

    assert broken(a_dealing(move, applicants=[ANNE, BEN]), title) == []
    assert shown(title, YEAR - timedelta(seconds=1)) == ["N-1"]
    assert shown(title, YEAR) == []


def test_e7_a_freeze_bars_no_caution() -> None:
    freeze = FreezeOrder(reference="N-9", months=36, interest="I-1")
    title = after(a_dealing(freeze, order=ORDER), a_title(an_interest()))

    assert broken(a_dealing(a_caution(), applicants=[CARL]), title) == []


def test_cau_1_whoever_warns_applies_or_an_authority_orders_it() -> None:
    title = a_title(an_interest())

    assert broken(a_dealing(a_caution(), applicants=[ANNE]), title) == ["CAU-1"]
    assert broken(a_dealing(a_caution(), applicants=[], order=ORDER), title) == []


@pytest.mark.parametrize(
    ("valid_to", "expected"),
    [(NOW, ["CAU-2"]), (NOW + DAY, []), (YEAR, []), (YEAR + DAY, ["CAU-2"])],
)
def test_cau_2_it_ends_later_than_the_act_and_within_a_year(
    valid_to: datetime, expected: list[str]
) -> None:
    dealing = a_dealing(a_caution(valid_to), applicants=[CARL])

    assert broken(dealing, a_title(an_interest())) == expected


def test_cau_3_it_lies_on_one_right_or_on_one_whole_asset() -> None:
    title = a_title(an_interest())
    both, neither = a_caution(asset=ASSET), a_caution(interest="")

    assert broken(a_dealing(both, applicants=[CARL]), title) == ["CAU-3"]
    assert broken(a_dealing(neither, applicants=[CARL]), title) == ["CAU-3"]
    whole = a_caution(interest="", asset=ASSET)
    assert broken(a_dealing(whole, applicants=[CARL]), title) == []


def test_e7_an_extension_goes_on_when_what_it_extends_has_lapsed() -> None:
    title = extended()

    assert shown(title, NOW + DAY) == ["N-1", "N-2", "N-3"]
    assert shown(title, YEAR) == ["N-2", "N-3"]
    assert title.remarks["N-3"].party == CARL


def test_cax_1_only_a_caution_in_force_is_extended() -> None:
    late = a_dealing(extension("N-2", "N-1", term_end(YEAR, 12)), applicants=[CARL])
    unknown = a_dealing(extension("N-2", "N-8", term_end(YEAR, 12)), applicants=[CARL])

    assert broken(late, cautioned(), at=YEAR - DAY) == []
    assert broken(late, cautioned(), at=YEAR) == ["CAX-1"]
    assert broken(unknown, cautioned()) == ["CAX-1"]


@pytest.mark.parametrize(
    ("valid_to", "expected"),
    [(YEAR, ["CAX-2"]), (term_end(YEAR, 12), []), (term_end(YEAR, 12) + DAY, ["CAX-2"])],
)
def test_cax_2_an_extension_adds_something_and_at_most_a_year(
    valid_to: datetime, expected: list[str]
) -> None:
    dealing = a_dealing(extension("N-2", "N-1", valid_to), applicants=[CARL])

    assert broken(dealing, cautioned()) == expected


def test_cax_3_whoever_warned_extends_it() -> None:
    further = extension("N-2", "N-1", term_end(YEAR, 12))

    assert broken(a_dealing(further, applicants=[ANNE]), cautioned()) == ["CAX-3"]
    assert broken(a_dealing(further, applicants=[], order=ORDER), cautioned()) == []


@pytest.mark.parametrize(
    ("cancelled", "left"), [("N-1", []), ("N-2", ["N-1"]), ("N-3", ["N-1", "N-2"])]
)
def test_e7_cancelling_a_caution_cancels_its_extensions(cancelled: str, left: list[str]) -> None:
    at = NOW + 2 * DAY

    title = after(a_dealing(cancellation(cancelled), applicants=[CARL]), extended(), at=at)

    assert shown(title, at) == left


def test_e7_a_caution_that_lapsed_is_cancelled_for_the_sake_of_its_extensions() -> None:
    title = after(a_dealing(cancellation(), applicants=[CARL]), extended(), at=YEAR)

    assert shown(title, YEAR) == []
    assert title.remarks["N-1"].until == YEAR


def test_cac_1_only_what_is_still_shown_is_cancelled() -> None:
    dealing = a_dealing(cancellation(), applicants=[CARL])

    assert broken(dealing, a_title(an_interest())) == ["CAC-1"]
    assert broken(dealing, cautioned(), at=YEAR) == ["CAC-1"]
    whole = CautionCancellation(remark="N-1", asset=ASSET)
    assert broken(a_dealing(whole, applicants=[CARL]), cautioned()) == ["CAC-1"]


def test_cac_1_a_corrected_extension_falls_with_what_it_extends() -> None:
    title = cautioned()
    for reference, of, days in (("N-2", "N-1", 30), ("N-3", "N-2", 60)):
        longer = extension(reference, of, YEAR + days * DAY)
        title = after(a_dealing(longer, applicants=[CARL]), title)
    put_right = RemarkCorrection(
        remark="N-2",
        interest="I-1",
        valid_to=YEAR + 40 * DAY,
        record="N-4",
        cause=CorrectionCause.REGISTRAR,
        paper="D-1",
    )
    title = after(a_dealing(put_right, instruments=frozenset({"D-1"})), title, version=8)
    assert title.remarks["N-2"].rank > title.remarks["N-3"].rank

    title = after(a_dealing(cancellation(), applicants=[CARL]), title)

    assert {"N-1", "N-2", "N-3"}.isdisjoint(title.remarks)


def test_cac_2_whoever_warned_cancels_it() -> None:
    assert broken(a_dealing(cancellation(), applicants=[ANNE]), cautioned()) == ["CAC-2"]
    assert broken(a_dealing(cancellation(), applicants=[], order=ORDER), cautioned()) == []

"""Objections: each OBJ, OBS and OBC rule, from the mark to the conclusion."""

from datetime import timedelta
from fractions import Fraction

from rights.facts import Order
from rights.freeze import FreezeOrder
from rights.kinds import AuthorityKind, ObjectionStage
from rights.objection import ObjectionConclusion, ObjectionEntry, ObjectionSustaining
from rights.remarks import Objection
from rights.title import Title
from rights.transfer import Transfer
from tests.rights.plain import (
    ANNE,
    ASSET,
    BEN,
    CARL,
    NOW,
    a_dealing,
    a_title,
    after,
    an_interest,
    broken,
)

DAY = timedelta(days=1)
ORDER = Order(authority=AuthorityKind.COURT, level=1, number="示例1号")
MARK = ObjectionEntry(reference="N-1", party=CARL, interest="I-1", words="示例理由")
SUSTAIN = ObjectionSustaining(remark="N-1", interest="I-1")
CONCLUDE = ObjectionConclusion(remark="N-1", interest="I-1")


def disputed() -> Title:
    return after(a_dealing(MARK, applicants=[CARL]), a_title(an_interest()))


def sustained() -> Title:
    return after(a_dealing(SUSTAIN, applicants=[]), disputed(), at=NOW + DAY, version=9)


def stages(title: Title) -> list[str]:
    return [body.stage for _, body in title.remarks_of(Objection, at=NOW + DAY)]


def test_an_objection_is_open_then_sustained_in_its_place_then_concluded() -> None:
    concluded = after(a_dealing(CONCLUDE, applicants=[]), sustained(), at=NOW + DAY)

    assert stages(disputed()) == [ObjectionStage.OPEN]
    assert stages(sustained()) == [ObjectionStage.SUSTAINED]
    remark = sustained().remarks["N-1"]
    assert (remark.revision, remark.rank, remark.words) == (2, (7, 0), "示例理由")
    assert stages(concluded) == []


def test_p5_only_a_sustained_objection_is_a_cause() -> None:
    assert not disputed().remarks["N-1"].is_cause
    assert sustained().remarks["N-1"].is_cause


def test_an_objection_bars_nothing_and_no_freeze_bars_it() -> None:
    move = Transfer(interest="I-1", giver=ANNE, takers={BEN: Fraction(1)})
    freeze = FreezeOrder(reference="N-9", months=36, interest="I-1")
    frozen = after(a_dealing(freeze, order=ORDER), a_title(an_interest()))

    assert broken(a_dealing(move, applicants=[ANNE, BEN]), sustained(), at=NOW + DAY) == []
    assert broken(a_dealing(MARK, applicants=[CARL]), frozen) == []


def test_obj_1_whoever_objects_applies_or_an_authority_orders_it() -> None:
    assert broken(a_dealing(MARK), a_title(an_interest())) == ["OBJ-1"]
    assert broken(a_dealing(MARK, applicants=[], order=ORDER), a_title(an_interest())) == []


def test_obj_2_it_lies_on_one_right_or_on_one_whole_asset() -> None:
    title = a_title(an_interest())
    both = ObjectionEntry(reference="N-1", party=CARL, interest="I-1", asset=ASSET)
    neither = ObjectionEntry(reference="N-1", party=CARL)

    assert broken(a_dealing(both, applicants=[CARL]), title) == ["OBJ-2"]
    assert broken(a_dealing(neither, applicants=[CARL]), title) == ["OBJ-2"]


def test_obs_1_only_what_is_under_investigation_is_sustained() -> None:
    assert broken(a_dealing(SUSTAIN), a_title(an_interest())) == ["OBS-1"]
    assert broken(a_dealing(SUSTAIN), sustained(), at=NOW + DAY) == ["OBS-1"]
    elsewhere = ObjectionSustaining(remark="N-1", asset=ASSET)
    assert broken(a_dealing(elsewhere), disputed()) == ["OBS-1"]


def test_obc_1_an_objection_is_concluded_once() -> None:
    assert broken(a_dealing(CONCLUDE), a_title(an_interest())) == ["OBC-1"]
    concluded = after(a_dealing(CONCLUDE), disputed())
    assert broken(a_dealing(CONCLUDE), concluded) == ["OBC-1"]

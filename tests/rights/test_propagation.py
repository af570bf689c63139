"""Propagation in the real register: what a cause reaches, when it lifts, what an end would do."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from audit.marks import check_marks
from audit.register import compare_register
from ledger.entries import parse_entry
from ledger.models import Entry, Leaf
from primitives.identifiers import new_reference
from registry.models import DataAsset, Party
from rights.acts import BY_REQUEST
from rights.control import ControlLifting, ControlOrder
from rights.falling import what_falls
from rights.freeze import FREEZE, FreezeOrder, FreezeRenewal
from rights.kinds import AuthorityKind, ObjectionStage
from rights.models import Interest, Mark
from rights.objection import ObjectionConclusion, ObjectionEntry, ObjectionSustaining
from rights.propagation import PROPAGATION, reached
from rights.queries import causes_of
from rights.remarks import Freeze, Objection, SourceEnded
from rights.surrender import Surrender
from rights.targets import Target
from rights.terms import term_end
from rights.title import GrantTerms
from tests.factories import Office, make_party
from tests.registry.graphs import derive, make_versions
from tests.rights.deriving import (
    LATER,
    a_freeze,
    enter,
    license_from,
    lifting,
    operate,
    register,
    target_of,
)
from tests.rights.plain import a_remark

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
FREEZE_OF_THREE_MONTHS = Freeze(authority=AuthorityKind.COURT, level=1, order="示例1号", months=3)


@pytest.fixture
def anne(office: Office) -> Party:
    return make_party(office, 1)


@pytest.fixture
def source(office: Office, anne: Party) -> DataAsset:
    return register(office, anne, "source")


def marked(cause: str) -> set[str]:
    """Return the numbers of the assets that a cause marks."""
    return set(Mark.objects.filter(cause=cause).values_list("asset__number", flat=True))


def causes(asset: DataAsset, at: datetime = LATER) -> list[str]:
    return [cause.reference for cause in causes_of(asset, at=at)]


def reach(entry: Entry) -> dict[str, Any]:
    said: dict[str, Any] = parse_entry(bytes(entry.content))["payload"]["reach"]
    return said


def assert_clean() -> None:
    assert list(compare_register()) == []
    assert list(check_marks()) == []


def test_p5_a_freeze_marks_every_descendant_in_its_own_entry(
    office: Office, anne: Party, source: DataAsset
) -> None:
    child = register(office, anne, "child", source)
    grandchild = register(office, anne, "grandchild", child)
    other = register(office, anne, "other")
    freeze = a_freeze(source)

    entry = enter(office, freeze)

    assert marked(freeze.reference) == {child.number, grandchild.number}
    assert set(Mark.objects.values_list("entry", flat=True)) == {entry.pk}
    numbers = f"{child.number}\n{grandchild.number}".encode()
    assert reach(entry) == {
        freeze.reference: {"assets": 2, "sha256": hashlib.sha256(numbers).hexdigest()}
    }
    (cause,) = causes_of(grandchild, at=LATER)
    assert (cause.asset, cause.reference) == (source.number, freeze.reference)
    assert causes(source) == causes(other) == []
    assert_clean()


def test_p5_a_cause_on_a_right_reaches_what_relied_on_it_or_on_one_nested_in_it(
    office: Office, anne: Party, source: DataAsset
) -> None:
    right = operate(source)
    licence = license_from(office, right, anne)
    nested = license_from(office, licence, anne)
    sibling = license_from(office, right, anne)
    relying = [register(office, anne, f"{each.pk}", each) for each in (right, licence, nested)]
    beside = register(office, anne, "beside", sibling)
    derived = register(office, anne, "derived", relying[2])
    unproven = register(office, anne, "unproven", source)
    freeze = a_freeze(licence)

    enter(office, freeze)

    assert marked(freeze.reference) == {each.number for each in (*relying[1:], derived)}
    assert causes(beside) == causes(unproven) == causes(relying[0]) == []
    assert_clean()


def test_p5_what_is_registered_later_inherits_the_marks_of_its_sources(
    office: Office, anne: Party, source: DataAsset
) -> None:
    right = operate(source)
    child = register(office, anne, "child", right)
    on_right, on_asset = a_freeze(right), a_freeze(source)
    entry = enter(office, on_right, on_asset)

    late = register(office, anne, "late", child)
    unproven = register(office, anne, "unproven", source)

    assert marked(on_right.reference) == {child.number, late.number}
    assert marked(on_asset.reference) == {child.number, late.number, unproven.number}
    assert reach(entry)[on_right.reference]["assets"] == 1
    assert {mark.entry for mark in late.marks.all()} == {late.entry}
    assert_clean()


def test_p5_what_relies_on_a_licence_granted_after_the_cause_inherits_it(
    office: Office, anne: Party, source: DataAsset
) -> None:
    right = operate(source)
    objection = ObjectionEntry(
        reference=new_reference("N"), party=anne.reference, **target_of(right)
    )
    enter(office, objection, applicants=[anne])
    enter(office, ObjectionSustaining(remark=objection.reference, **target_of(right)))

    late = register(office, anne, "late", license_from(office, right, anne))

    assert causes(late) == [objection.reference]
    assert_clean()


@pytest.mark.parametrize("first", [0, 1])
def test_p5_an_asset_is_clear_when_its_last_cause_lifts_in_either_order(
    office: Office, anne: Party, source: DataAsset, first: int
) -> None:
    other = register(office, anne, "other")
    child = register(office, anne, "child", source, other)
    freezes = [(target, a_freeze(target)) for target in (source, other)]
    enter(office, *(freeze for _target, freeze in freezes))
    (one, one_freeze), (two, two_freeze) = freezes[first], freezes[1 - first]

    enter(office, lifting(one, one_freeze), at=LATER + DAY)
    enter(office, lifting(two, two_freeze), at=LATER + 2 * DAY)

    assert causes(child, LATER + DAY) == [two_freeze.reference]
    assert causes(child, LATER + 2 * DAY) == []
    assert len(causes(child, LATER)) == 2
    assert Mark.objects.count() == 2
    assert_clean()


def test_p5_what_the_register_knew_of_causes_is_told_for_any_size_of_the_tree(
    office: Office, anne: Party, source: DataAsset
) -> None:
    child = register(office, anne, "child", source)
    freeze = a_freeze(source)
    sizes = [Leaf.objects.count()]
    enter(office, freeze)
    sizes.append(Leaf.objects.count())
    late = register(office, anne, "late", child)
    sizes.append(Leaf.objects.count())
    enter(office, lifting(source, freeze), at=LATER + DAY)
    sizes.append(Leaf.objects.count())

    for asset, known in ((child, [0, 1, 1, 0]), (late, [0, 0, 1, 0])):
        found = [causes_of(asset, at=LATER + DAY, size=size) for size in sizes]
        assert [len(causes) for causes in found] == known
        assert len(causes_of(asset, at=LATER, size=sizes[-1])) == 1


def test_p5_a_freeze_that_waits_is_a_cause_from_when_it_takes_effect_until_it_lapses(
    office: Office, anne: Party, source: DataAsset
) -> None:
    child = register(office, anne, "child", source)
    first, second = a_freeze(source, months=1), a_freeze(source, months=1)
    enter(office, first)
    enter(office, second)
    end = term_end(LATER, 1)

    assert causes(child) == [first.reference]
    assert causes(child, end) == [second.reference]
    assert causes(child, term_end(end, 1)) == []


def test_p5_a_renewed_freeze_goes_on_reaching_what_it_reached(
    office: Office, anne: Party, source: DataAsset
) -> None:
    child = register(office, anne, "child", source)
    freeze = a_freeze(source, months=1)
    enter(office, freeze)
    renewal = FreezeRenewal(remark=freeze.reference, months=1, **target_of(source))

    entry = enter(office, renewal, at=LATER + DAY)

    assert reach(entry) == {}
    end = term_end(term_end(LATER, 1), 1)
    for at in (LATER, LATER + DAY, end - DAY):
        assert causes(child, at) == [freeze.reference]
    assert causes(child, end) == []
    assert_clean()


def test_p5_only_a_sustained_objection_reaches_what_was_derived(
    office: Office, anne: Party, source: DataAsset
) -> None:
    child = register(office, anne, "child", source)
    name, target = new_reference("N"), target_of(source)
    enter(
        office,
        ObjectionEntry(reference=name, party=anne.reference, **target),
        applicants=[anne],
    )
    assert Mark.objects.count() == 0

    enter(office, ObjectionSustaining(remark=name, **target), at=LATER + DAY)
    enter(office, ObjectionConclusion(remark=name, **target), at=LATER + 2 * DAY)

    assert causes(child) == []
    (cause,) = causes_of(child, at=LATER + DAY)
    assert cause.body == Objection(stage=ObjectionStage.SUSTAINED)
    assert causes(child, LATER + 2 * DAY) == []
    assert_clean()


def test_p5_a_control_reaches_what_was_derived_until_it_is_lifted(
    office: Office, anne: Party, source: DataAsset
) -> None:
    child = register(office, anne, "child", source)
    name, target = new_reference("N"), target_of(source)
    enter(office, ControlOrder(reference=name, valid_to=LATER + 9 * DAY, **target))

    enter(office, ControlLifting(remark=name, **target), at=LATER + DAY)

    assert causes(child) == [name]
    assert causes(child, LATER + DAY) == []
    assert_clean()


def test_p5_the_early_end_of_a_right_spares_what_survives_it_and_was_foretold(
    office: Office, anne: Party, source: DataAsset
) -> None:
    right = operate(source)
    falling = license_from(office, right, anne)
    surviving = license_from(
        office, right, anne, terms=GrantTerms(survives=True, may_sublicense=True)
    )
    beneath = license_from(office, surviving, anne)
    relying = [register(office, anne, f"{each.pk}", each) for each in (right, falling)]
    spared = [register(office, anne, f"{each.pk}", each) for each in (surviving, beneath)]
    spared.append(register(office, anne, "unproven", source))

    foretold = what_falls(Target(interest=right.reference), at=LATER, first=1)
    enter(office, Surrender(interest=right.reference), applicants=[anne])
    late = register(office, anne, "late", beneath)
    derived = register(office, anne, "derived", relying[1])

    assert [fact.reference for fact in foretold.falls] == [falling.reference]
    assert {fact.reference for fact in foretold.survives} == {
        surviving.reference,
        beneath.reference,
    }
    assert (foretold.derived, foretold.first) == (2, (relying[0].number,))
    ends = [[cause.body for cause in causes_of(asset, at=LATER)] for asset in (*relying, derived)]
    assert ends == [
        [SourceEnded(ended=name)]
        for name in (right.reference, falling.reference, falling.reference)
    ]
    assert all(causes(asset) == [] for asset in (*spared, late))
    ended = Interest.objects.filter(ended_by__isnull=False)
    assert set(ended.values_list("reference", flat=True)) == {right.reference, falling.reference}
    assert_clean()


def test_a_preview_of_an_asset_names_its_granted_rights_and_writes_nothing(
    office: Office, anne: Party, source: DataAsset
) -> None:
    licence = license_from(office, operate(source), anne)
    child = register(office, anne, "child", source)
    grandchild = register(office, anne, "grandchild", child)
    entries = Entry.objects.count()

    found = what_falls(Target(asset=source.number), at=LATER)

    assert [fact.reference for fact in found.falls] == [licence.reference]
    assert found.survives == ()
    assert (found.derived, found.first) == (2, (child.number, grandchild.number))
    assert (Entry.objects.count(), Mark.objects.count()) == (entries, 0)
    lapsed = what_falls(Target(asset=source.number), at=licence.until)
    assert lapsed.falls == ()


def test_p5_a_version_derived_from_its_own_asset_is_reached_by_what_lies_on_others_only() -> None:
    one, _other, second, last = make_versions(4, assets=2)
    derive([(second, one), (last, second)])
    first, others = (DataAsset.objects.get(versions=version) for version in (one, last))
    freeze = a_remark("N-1", FREEZE_OF_THREE_MONTHS, asset=first.number)

    assert reached(freeze) == {others.pk: others.number}


def test_a_cause_is_not_entered_by_an_act_that_does_not_say_that_it_propagates(
    office: Office, source: DataAsset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(BY_REQUEST, FreezeOrder, replace(FREEZE, propagates=False))

    with pytest.raises(RuntimeError, match=PROPAGATION):
        enter(office, a_freeze(source))

"""Random graphs and causes: after each act the marks are those of somebody who walks every edge."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

from django.conf import settings as django_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from audit.marks import check_marks
from audit.register import compare_register
from primitives.identifiers import new_reference
from primitives.rules import RulesBrokenError
from registry.models import DataAsset, Derivation
from rights.control import ControlLifting, ControlOrder
from rights.facts import Request
from rights.freeze import FreezeLifting, FreezeOrder
from rights.kinds import RemarkKind
from rights.models import Interest, Mark, Remark
from rights.objection import ObjectionConclusion, ObjectionEntry, ObjectionSustaining
from rights.queries import causes_of
from rights.surrender import Surrender
from tests.factories import make_office, make_party
from tests.rights.deriving import (
    LATER,
    SUBLICENSABLE,
    enter,
    license_from,
    operate,
    register,
    target_of,
)

DAY = timedelta(days=1)
LIFTINGS = {
    RemarkKind.FREEZE: FreezeLifting,
    RemarkKind.CONTROL: ControlLifting,
    RemarkKind.OBJECTION: ObjectionConclusion,
}
STEPS = ["register"] * 4 + ["license"] * 2 + ["freeze"] * 2 + ["control", "object", "end"]
STEPS += ["lift"] * 3


class RandomPropagation(TestCase):
    tally: ClassVar[Counter[str]] = Counter()

    @classmethod
    def tearDownClass(cls) -> None:
        super().tearDownClass()
        # A run in which nothing is reached, inherited or lifted would show nothing.
        for seen in ("reached", "inherited", "live", "lifted"):
            assert cls.tally[seen], f"no example was {seen}: {cls.tally}"

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def test_p5_marks_are_those_of_somebody_who_walks_every_edge(self, data: st.DataObject) -> None:
        Path(django_settings.LEDGER_MEMORY_FILE).unlink(missing_ok=True)
        self.office = make_office()
        self.anne = make_party(self.office, 1)
        self._begin()
        steps = data.draw(st.lists(st.sampled_from(STEPS), min_size=5, max_size=10))
        for place, step in enumerate(steps, start=1):
            at = LATER + place * DAY
            try:
                self._take(data, step, at)
            except RulesBrokenError:
                self.tally["refused"] += 1
            self._check(at)
        self._end(data, LATER + (len(steps) + 1) * DAY)
        assert list(compare_register()) == []

    def _end(self, data: st.DataObject, at: datetime) -> None:
        """Freeze a source, register more from it, and lift something, whatever was drawn before."""
        source = DataAsset.objects.order_by("pk")[0]
        self._open("freeze", source, at)
        register(self.office, self.anne, "late", source)
        self._check(at)
        self._lift(data, at + DAY)
        self._check(at + DAY)

    def _begin(self) -> None:
        """Register two originals, a right that survives another, and data relying on both."""
        source, _other = (register(self.office, self.anne, name) for name in ("one", "other"))
        right = operate(source)
        terms = replace(SUBLICENSABLE, survives=True)
        surviving = license_from(self.office, right, self.anne, terms=terms)
        child = register(self.office, self.anne, "child", right)
        register(self.office, self.anne, "grandchild", child)
        register(self.office, self.anne, "spared", surviving)

    def _take(self, data: st.DataObject, step: str, at: datetime) -> None:
        rights = list(Interest.objects.filter(revision=1, kind="OPERATE").order_by("pk"))
        things: list[DataAsset | Interest] = [*DataAsset.objects.order_by("pk"), *rights]
        if step == "register":
            sources = data.draw(st.lists(st.sampled_from(things), max_size=2, unique=True))
            assets = [each.asset if isinstance(each, Interest) else each for each in sources]
            if len(set(assets)) == len(assets):
                register(self.office, self.anne, f"data {len(things)}", *sources)
        elif step == "license":
            self._license(data, data.draw(st.sampled_from(rights)), at)
        elif step == "lift":
            self._lift(data, at)
        elif step == "end":
            right = data.draw(st.sampled_from(rights))
            surrender = Surrender(interest=right.reference)
            enter(self.office, surrender, applicants=[self.anne], at=at)
        else:
            self._open(step, data.draw(st.sampled_from(things)), at)

    def _license(self, data: st.DataObject, parent: Interest, at: datetime) -> None:
        terms = replace(SUBLICENSABLE, survives=data.draw(st.booleans()))
        license_from(self.office, parent, self.anne, terms=terms, at=at)

    def _open(self, step: str, target: DataAsset | Interest, at: datetime) -> None:
        name, on = new_reference("N"), target_of(target)
        if step == "freeze":
            enter(self.office, FreezeOrder(reference=name, months=36, **on), at=at)
        elif step == "control":
            end = LATER + 999 * DAY
            enter(self.office, ControlOrder(reference=name, valid_to=end, **on), at=at)
        else:
            objection = ObjectionEntry(reference=name, party=self.anne.reference, **on)
            enter(self.office, objection, applicants=[self.anne], at=at)
            enter(self.office, ObjectionSustaining(remark=name, **on), at=at)

    def _lift(self, data: st.DataObject, at: datetime) -> None:
        pending = Remark.objects.filter(ended_by=None, kind__in=LIFTINGS).order_by("pk")
        if pending:
            remark = data.draw(st.sampled_from(list(pending)))
            on = (
                {"interest": remark.interest} if remark.interest else {"asset": remark.asset.number}
            )
            lifting: Request = LIFTINGS[RemarkKind(remark.kind)](remark=remark.reference, **on)
            enter(self.office, lifting, at=at)
            self.tally["lifted"] += 1

    def _check(self, at: datetime) -> None:
        """Hold marks, and which of them are live at ``at``, against a walk along every edge."""
        causes = Remark.objects.exclude(kind=RemarkKind.OBJECTION, revision=1).order_by("pk")
        reached = {cause.reference: walk(cause) for cause in causes}
        marks = Mark.objects.select_related("asset", "entry")
        assert {(mark.cause, mark.asset.number) for mark in marks} == {
            (name, number) for name, numbers in reached.items() for number in numbers
        }
        live = {cause.reference for cause in causes if is_live(cause, list(causes))}
        for asset in DataAsset.objects.all():
            names = {cause.reference for cause in causes_of(asset, at=at)}
            assert names == {name for name in live if asset.number in reached[name]}
            self.tally["live"] += len(names)
        assert list(check_marks()) == []
        self.tally["reached"] += len(marks)
        self.tally["inherited"] += sum(mark.entry == mark.asset.entry for mark in marks)


def walk(cause: Remark) -> set[str]:
    """Return the assets that a cause reaches, by walking from each asset back along every edge."""
    # What falls with a right has an end of its own.
    nested = cause.kind != RemarkKind.SOURCE_ENDED
    return {
        asset.number
        for asset in DataAsset.objects.exclude(pk=cause.asset_id)
        if comes_from(asset, cause, nested=nested)
    }


def comes_from(asset: DataAsset, cause: Remark, *, nested: bool) -> bool:
    for edge in Derivation.objects.filter(derived_version__asset=asset):
        if edge.source_version is None:
            continue
        if cause.interest:
            if relies_on(cause.interest, edge.basis_interest, nested=nested):
                return True
        elif edge.source_version.asset_id == cause.asset_id:
            return True
        if comes_from(edge.source_version.asset, cause, nested=nested):
            return True
    return False


def relies_on(right: str, basis: str, *, nested: bool) -> bool:
    """Say whether a basis is the right, or came from it."""
    if basis in ("", right):
        return bool(basis)
    granted_from = Interest.objects.get(reference=basis, revision=1).granted_from
    return nested and bool(granted_from) and relies_on(right, granted_from, nested=nested)


def is_live(cause: Remark, causes: list[Remark]) -> bool:
    """Say whether a cause is in force now: not lifted, and no freeze ahead of it still there."""
    ahead = [
        other
        for other in causes
        if other.kind == cause.kind == RemarkKind.FREEZE
        and other.pk < cause.pk
        and other.asset_id == cause.asset_id
        and other.interest in ("", cause.interest)
        and other.ended_by_id is None
    ]
    return cause.ended_by_id is None and not ahead

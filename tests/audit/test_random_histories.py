"""Random filings and acts: after each, the register equals its rebuild from the ledger."""

from fractions import Fraction

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from audit.log import check_log
from audit.register import compare_register
from filings.checklist import CheckItem
from filings.models import Filing
from filings.review import Finding as Answer
from filings.review import accept, pass_examination, publicise, record_checks, refuse
from filings.submission import submit, withdraw
from filings.workflow import State
from primitives.rules import RulesBrokenError
from registry.kinds import Situation, SourceKind
from registry.models import AssetVersion, DataAsset, Party
from rights.kinds import RightKind
from rights.matrix import SITUATIONS
from rights.models import Interest
from tests.factories import (
    NOON,
    Office,
    claim,
    decide,
    derive_from,
    hand_in_papers,
    make_draft,
    make_office,
    make_party,
)

THIRD, HALF, ONE = Fraction(1, 3), Fraction(1, 2), Fraction(1)
SHARES = st.sampled_from(
    [[ONE], [HALF, HALF], [THIRD, 2 * THIRD], [THIRD, HALF], [THIRD, THIRD], [HALF, THIRD, THIRD]]
)
KINDS = st.lists(st.sampled_from(list(RightKind)), max_size=3, unique=True)
ENDS = st.sampled_from(["register", "register", "register", "refuse", "withdraw", "stop"])


class RandomHistories(TestCase):
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def test_the_register_equals_its_rebuild_after_every_act(self, data: st.DataObject) -> None:
        office = make_office()
        parties = [make_party(office, serial) for serial in range(1, 4)]
        for serial in range(data.draw(st.integers(1, 5), label="filings")):
            filing = self._draft(data, office, parties, serial)
            before = DataAsset.objects.count()
            is_registered = self._play(data, office, filing)

            assert DataAsset.objects.count() == before + is_registered
            assert list(compare_register()) == []
            assert list(check_log()) == []

    def _draft(
        self, data: st.DataObject, office: Office, parties: list[Party], serial: int
    ) -> Filing:
        source_kind = data.draw(st.sampled_from(list(SourceKind)), label="source kind")
        fitting = sorted(SITUATIONS[source_kind])
        situation = data.draw(
            st.sampled_from(fitting) | st.sampled_from(list(Situation)), label="situation"
        )
        content = data.draw(st.sampled_from([f"data {serial}", "the same data"]), label="content")
        filing = make_draft(
            office,
            data=content.encode(),
            source_kind=source_kind,
            situation=situation,
            contract_gives_hold=data.draw(st.booleans()),
            is_substantive=data.draw(st.booleans()),
        )
        filing.applicants.add(parties[0])
        for kind in data.draw(KINDS, label="rights"):
            shares = data.draw(SHARES, label="shares")
            claim(filing, kind, list(zip(parties, shares, strict=False)))
        versions = list(AssetVersion.objects.order_by("pk"))
        source = data.draw(st.sampled_from([None, *versions]), label="source")
        if source:
            basis = Interest.objects.filter(asset=source.asset, kind=RightKind.USE).first()
            derive_from(filing, source, parties[0], basis=basis)
        hand_in_papers(filing)
        return filing

    def _play(self, data: st.DataObject, office: Office, filing: Filing) -> bool:
        """Carry the filing as far as its rules and the draw let it; say if it was registered."""
        end = data.draw(ENDS, label="end")
        submit(filing, by=office.wang, at=NOON)
        if end == "withdraw":
            withdraw(filing, by=office.wang, at=NOON, note="示例：申请人撤回")
            return False
        accept(filing, by=office.wang, at=NOON)
        record_checks(
            filing, {item: Answer(is_met=True) for item in CheckItem}, by=office.li, at=NOON
        )
        try:
            pass_examination(filing, by=office.li, at=NOON)
        except RulesBrokenError:
            refuse(filing, by=office.li, at=NOON, note="示例：不符合登记条件")
            return False
        if end == "refuse":
            refuse(filing, by=office.li, at=NOON, note="示例：权属争议")
            return False
        publicise(filing, by=office.li, at=NOON)
        if end == "register":
            decide(office, filing)
        return Filing.objects.get(pk=filing.pk).state == State.REGISTERED

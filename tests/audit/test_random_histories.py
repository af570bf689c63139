"""Random filings and acts: after each, the register equals its rebuild from the ledger."""

from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import ClassVar

from django.conf import settings as django_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from audit.files import check_files
from audit.log import check_log
from audit.register import compare_register
from certificates.issuance import issue_waiting
from certificates.models import Certificate
from filings.checklist import CheckItem
from filings.erasure import approve_erasure, free_papers, request_erasure
from filings.models import ClaimedResponsibility, ClaimedSource, Filing
from filings.review import Finding as Answer
from filings.review import (
    accept,
    pass_examination,
    publicise,
    record_checks,
    refuse,
    request_correction,
)
from filings.submission import submit, withdraw
from filings.workflow import State
from primitives.rules import RulesBrokenError
from registry.kinds import (
    ErasureGround,
    Grade,
    IdentifierScheme,
    InstrumentKind,
    PartyKind,
    Situation,
    SourceKind,
    Stage,
)
from registry.models import AssetVersion, DataAsset, Derivation, Party
from rights.kinds import RightKind
from rights.matrix import MATRIX, SITUATIONS
from rights.models import Interest
from tests.factories import (
    BEFORE,
    NOON,
    Office,
    claim,
    decide,
    derive_from,
    find_all_different,
    hand_in_papers,
    make_draft,
    make_office,
    make_party,
    name_applicants,
)

THIRD, HALF, ONE = Fraction(1, 3), Fraction(1, 2), Fraction(1)
WHOLE = st.sampled_from([[ONE], [HALF, HALF], [THIRD, 2 * THIRD], [THIRD, THIRD, THIRD]])
NOT_WHOLE = st.sampled_from([[THIRD, HALF], [THIRD, THIRD], [HALF, THIRD, THIRD]])
FAULTS = ["shares", "kinds", "data", "situation", "derivation", "grade", "stage"]
SOUND = st.sampled_from([""] * 15 + FAULTS)
"""Most filings are sound, so that most histories go on; some have one fault."""
GRADES = st.sampled_from([Grade.GENERAL, Grade.IMPORTANT])
MOSTLY = st.sampled_from([True, True, True, False])
ENDS = st.sampled_from(["register"] * 6 + ["refuse", "withdraw", "stop"])


class RandomHistories(TestCase):
    tally: ClassVar[Counter[str]] = Counter()

    @classmethod
    def tearDownClass(cls) -> None:
        super().tearDownClass()
        # A run that registers, derives or refuses nothing would show nothing.
        for seen in ("registered", "refused", "derived", "proven", "issued", "erased", "kept"):
            assert cls.tally[seen], f"no example was {seen}: {cls.tally}"

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def test_the_register_equals_its_rebuild_after_every_act(self, data: st.DataObject) -> None:
        # Each example begins with an empty log, and so with a signer that has signed nothing.
        Path(django_settings.LEDGER_MEMORY_FILE).unlink(missing_ok=True)
        office = make_office()
        parties = [
            make_party(office, 1),
            make_party(office, 2),
            make_party(
                office,
                3,
                kind=PartyKind.NATURAL,
                identifier_scheme=IdentifierScheme.RESIDENT_ID,
                name="示例甲",
            ),
        ]
        for serial in range(data.draw(st.integers(2, 5), label="filings")):
            filing = self._draft(data, office, parties, serial)
            before = DataAsset.objects.count()
            is_registered = self._play(data, office, filing)
            if data.draw(st.booleans(), label="issue"):
                issue_waiting(at=NOON)

            assert DataAsset.objects.count() == before + is_registered
            assert list(compare_register()) == []
            assert list(check_log()) == []
        for party in data.draw(st.lists(st.sampled_from(parties), unique=True), label="erase"):
            self._erase(data, office, party)
            assert list(compare_register()) == []
            assert list(check_log()) == []
            assert list(check_files()) == []
        self.tally["derived"] += Derivation.objects.filter(source_version__isnull=False).count()
        self.tally["proven"] += Derivation.objects.filter(is_proven=True).count()
        self.tally["issued"] += Certificate.objects.filter(entry__isnull=False).count()

    def _erase(self, data: st.DataObject, office: Office, party: Party) -> None:
        at = NOON.replace(year=data.draw(st.sampled_from([2026, 2040, 2060]), label="year"))
        papers = [paper.reference for paper in free_papers(party, at=at)]
        try:
            erasure = request_erasure(
                party,
                ground=ErasureGround.PURPOSE_ENDED,
                words="",
                papers=papers,
                by=office.wang,
                at=at,
            )
            approve_erasure(erasure, by=office.zhao, at=at)
        except RulesBrokenError:
            self.tally["kept"] += 1
        else:
            self.tally["erased"] += 1

    def _draft(
        self, data: st.DataObject, office: Office, parties: list[Party], serial: int
    ) -> Filing:
        fault = data.draw(SOUND, label="fault")
        source_kind = data.draw(st.sampled_from(list(SourceKind)), label="source kind")
        fitting = sorted(SITUATIONS[source_kind] - {Situation.ENTRUSTED})
        others = sorted(set(Situation) - SITUATIONS[source_kind])
        situation = Situation(
            data.draw(
                st.sampled_from(others if fault == "situation" else fitting), label="situation"
            )
        )
        filing = make_draft(
            office,
            data=b"the same data" if fault == "data" else f"data {serial}".encode(),
            source_kind=source_kind,
            situation=situation,
            contract_gives_hold=True,
            contract_gives_use=True,
            is_substantive=fault != "derivation",
            grade=Grade.CORE if fault == "grade" else data.draw(GRADES, label="grade"),
            remarks=data.draw(st.sampled_from(["", "示例：按约定使用"])),
        )
        name_applicants(filing, parties[0])
        allowed = MATRIX[situation]
        if situation in {Situation.BY_CONTRACT, Situation.FUSED_SILENT}:
            allowed = allowed - {RightKind.OPERATE}
        among = sorted(set(RightKind) if fault == "kinds" else allowed) or [RightKind.HOLD]
        kinds = st.lists(st.sampled_from(among), min_size=1, max_size=3, unique=True)
        for kind in data.draw(kinds, label="rights"):
            shares = data.draw(NOT_WHOLE if fault == "shares" else WHOLE, label="shares")
            claim(filing, RightKind(kind), list(zip(parties, shares, strict=False)))
        self._name_sources(data, filing, parties)
        self._name_responsible(data, filing, parties, fault)
        hand_in_papers(filing, InstrumentKind.ASSESSMENT)
        return filing

    def _name_responsible(
        self, data: st.DataObject, filing: Filing, parties: list[Party], fault: str
    ) -> None:
        if fault == "stage":
            filing.responsibilities.filter(stage=Stage.USE).delete()
        elif data.draw(st.booleans(), label="jointly responsible"):
            ClaimedResponsibility.objects.create(filing=filing, stage=Stage.HOLD, party=parties[-1])

    def _name_sources(self, data: st.DataObject, filing: Filing, parties: list[Party]) -> None:
        versions = list(AssetVersion.objects.order_by("pk"))
        if versions:
            source = data.draw(st.sampled_from(versions), label="source")
            basis = Interest.objects.filter(
                asset=source.asset, kind=RightKind.USE, shares__party=parties[0]
            ).first()
            if data.draw(MOSTLY, label="derived"):
                derive_from(filing, source, parties[0], basis=basis)
        if filing.situation == Situation.DERIVED or data.draw(st.booleans(), label="outside"):
            ClaimedSource.objects.create(
                filing=filing,
                title="示例公开数据",
                publisher=parties[1],
                edition=data.draw(st.sampled_from(["1.0", "2.0"])),
                sha256="a" * 64,
                activity="COLLECT",
                method="示例",
                ended_at=NOON,
                responsible=parties[0],
            )

    def _play(self, data: st.DataObject, office: Office, filing: Filing) -> bool:
        """Carry the filing as far as its rules and the draw let it; say if it was registered."""
        end = data.draw(ENDS, label="end")
        submit(filing, by=office.wang, at=NOON)
        if end == "withdraw":
            withdraw(filing, by=office.wang, at=NOON, note="示例：申请人撤回")
            return False
        if data.draw(st.booleans(), label="correction"):
            request_correction(filing, by=office.wang, at=NOON, note="示例：请补正")
            submit(filing, by=office.alice, at=NOON)
        accept(filing, by=office.wang, at=NOON)
        record_checks(
            filing, {item: Answer(is_met=True) for item in CheckItem}, by=office.li, at=NOON
        )
        find_all_different(filing, by=office.li)
        try:
            pass_examination(filing, by=office.li, at=NOON)
        except RulesBrokenError:
            refuse(filing, by=office.li, at=NOON, note="示例：不符合登记条件")
            self.tally["refused"] += 1
            return False
        if end == "refuse":
            refuse(filing, by=office.li, at=NOON, note="示例：权属争议")
            return False
        publicise(filing, by=office.li, at=BEFORE)
        if end == "register":
            decide(office, filing)
            self.tally["registered"] += 1
        return Filing.objects.get(pk=filing.pk).state == State.REGISTERED

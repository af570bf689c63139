"""Filing the records: three officers carry each through the procedure by the product's use cases.

Entry point: `Registrars.register`. What is registered is the record itself, for the collection
holds no data: the digests are those of the record's bytes, and a source from outside is pinned by
its name alone. A record says neither when its data was made nor by which code: the moment of filing
stands for the one, nothing for the other.
"""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from fractions import Fraction

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from accounts.models import User
from accounts.roles import Role, assign_roles
from bench.records.collection import Parent, Plan, Record, folded
from bench.records.licences import HOLD, OPERATE, USE, contradictions
from bench.records.parties import Named, holders_of, publisher_of
from filings.application import content_digest
from filings.cases import undeclared
from filings.checklist import CheckItem
from filings.decision import approve
from filings.models import (
    ClaimedResponsibility,
    ClaimedRight,
    ClaimedShare,
    ClaimedSource,
    Filing,
    Likeness,
)
from filings.near_matches import near_matches
from filings.review import (
    Finding,
    accept,
    decide_match,
    exempt,
    pass_examination,
    record_checks,
    refuse,
)
from filings.submission import create_filing, hand_in, submit
from primitives.digests import digest_bytes
from primitives.rules import RulesBrokenError
from registry.kinds import Stage
from registry.models import DataAsset, Party
from registry.parties import enter_party
from registry.queries import latest_version
from rights.models import Interest

TERM_MONTHS = 36
FORMS = {"": "TEXT", "speech": "AUDIO", "video": "VIDEO"}
REMARK = "示例：依公开记录登记，供测试之用；所载主体未提出申请。"
NAME, SUMMARY, TITLE, BASIS, LIMITS = 40, 400, 200, 300, 400
"""How many characters the form takes."""
PARENT_REFUSED = "its parent"


class Registrars:
    """Three officers at work, and what became of each record.

    Attributes:
        assets: what was registered, by the record's place.
        refused: the places that were refused, by the numbers of the rules that refused them.
        seconds: how long each step took over all records.
    """

    def __init__(self, plan: Plan) -> None:
        self.assets: dict[str, DataAsset] = {}
        self.refused: defaultdict[str, list[str]] = defaultdict(list)
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._plan = plan
        self._parties: dict[tuple[str, str], Party] = {}
        self._outside: dict[str, tuple[str, Party]] = {}
        self._registrar, self._examiner, self._approver = (
            _officer(role) for role in (Role.REGISTRAR, Role.EXAMINER, Role.APPROVER)
        )

    def register(self, record: Record, *, at: datetime) -> None:
        """File a record whose parents are registered, and decide on it at ``at``."""
        parents = self._plan.parents[record.place]
        if not all(parent.record.place in self.assets for parent in parents if parent.record):
            self.refused[PARENT_REFUSED].append(record.place)
            return
        with self._step("parties"):
            holders = [self._party(named, at) for named in holders_of(record)]
            for parent in parents:
                self._know(parent, at)
        filing = self._draft(record, holders, at)
        try:
            self.assets[record.place] = self._decide(filing, at)
        except RulesBrokenError as error:
            numbers = ", ".join(rule.number for rule in error.rules)
            refuse(filing, by=self._examiner, at=at, note=numbers)
            self.refused[numbers].append(record.place)

    def _draft(self, record: Record, holders: list[Party], at: datetime) -> Filing:
        filing = _filing(record)
        with self._step("draft"):
            create_filing(filing, by=self._registrar, at=at)
        with self._step("claims and sources"), transaction.atomic():
            filing.applicants.set(holders)
            for stage in Stage:
                ClaimedResponsibility.objects.create(filing=filing, stage=stage, party=holders[0])
            for kind in record.rights:
                _claim(filing, kind, holders, licence_words(record))
            for parent in self._plan.parents[record.place]:
                self._source(filing, parent, record, holders)
        with self._step("four papers"):
            for kind, name, content in _papers(record, holders):
                upload = SimpleUploadedFile(name, content)
                hand_in(filing, upload, kind=kind, title=name, by=self._registrar, at=at)
        return filing

    def _decide(self, filing: Filing, at: datetime) -> DataAsset:
        registrar, examiner = self._registrar, self._examiner
        with self._step("submit"):
            declared = [row.name for row in undeclared(filing)]
            submit(filing, by=registrar, at=at, declared=declared)
        with self._step("accept"):
            accept(filing, by=registrar, at=at)
        with self._step("checklist"):
            met = {item: Finding(is_met=True) for item in CheckItem}
            record_checks(filing, met, by=examiner, at=at)
        with self._step("near matches"):
            for match in near_matches(filing):
                decide_match(
                    filing, match.other, Likeness.OTHER, by=examiner, at=at, note="示例：另一记录"
                )
        with self._step("examine"):
            pass_examination(filing, by=examiner, at=at)
        with self._step("exempt"):
            filing = exempt(filing, by=examiner, at=at, note="示例：测试输入，不公示")
        with self._step("approve"):
            shown = content_digest(filing)
            filing = approve(filing, by=self._approver, at=at, shown_digest=shown)
        if filing.asset is None:
            raise RuntimeError(f"{filing} was approved without an asset")
        return filing.asset

    def _party(self, named: Named, at: datetime) -> Party:
        identity = named.identifier_scheme, named.identifier
        if identity not in self._parties:
            party = Party(**asdict(named))
            self._parties[identity] = enter_party(party, by=self._registrar, at=at)
        return self._parties[identity]

    def _know(self, parent: Parent, at: datetime) -> None:
        """Keep how a source from outside is called: as the first record that names it writes it."""
        if parent.record is None and folded(parent.name) not in self._outside:
            publisher = self._party(publisher_of(parent), at)
            self._outside[folded(parent.name)] = (shortened(parent.name, TITLE), publisher)

    def _source(self, filing: Filing, parent: Parent, record: Record, holders: list[Party]) -> None:
        source = ClaimedSource(
            filing=filing,
            activity="FUSE" if len(self._plan.parents[record.place]) > 1 else "DERIVE",
            method=f"记录载明的来源：{parent.name}",
            ended_at=filing.created_at,
            responsible=holders[0],
        )
        if parent.record is None:
            source.title, source.publisher = self._outside[folded(parent.name)]
            source.sha256 = digest_bytes(folded(parent.name).encode()).sha256
            basis = f"来源的许可未载明；本记录所载许可：{licence_words(record)}"
        else:
            asset = self.assets[parent.record.place]
            source.source_version = latest_version(asset)
            basis = f"来源的记录所载许可：{licence_words(parent.record)}"
            self._rely_on_a_right(source, asset, holders)
        source.basis = shortened(basis, BASIS)
        source.full_clean()
        source.save()

    def _rely_on_a_right(
        self, source: ClaimedSource, asset: DataAsset, holders: list[Party]
    ) -> None:
        """Cite the right to use of a holder who has one in the parent as well."""
        right = Interest.objects.filter(asset=asset, kind=USE, shares__party__in=holders).first()
        if right:
            having = {share.party_id for share in right.shares.all()}
            source.basis_interest = right
            source.responsible = next(holder for holder in holders if holder.pk in having)

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[name] += time.perf_counter() - start


def shortened(text: str, limit: int) -> str:
    """Return as much of a text as the form takes, with a mark where it was cut."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def licence_words(record: Record) -> str:
    """Return the licences as the record states them, and whether they contradict one another."""
    stated = "；".join(record.licences) or "未载明"
    return f"{stated}（相互矛盾 contradictory）" if contradictions(record.licences) else stated


def _officer(role: Role) -> User:
    officer = User.objects.create_user(username=f"records-{role}")
    assign_roles(officer, [role])
    return officer


def _filing(record: Record) -> Filing:
    digests = digest_bytes(record.content)
    source_kind, situation = _circumstances(record)
    is_by_contract = situation == "BY_CONTRACT"
    filing = Filing(
        sha256=digests.sha256,
        sm3=digests.sm3,
        size_bytes=digests.size_bytes,
        name=shortened(record.name, NAME),
        summary=shortened(_description(record), SUMMARY),
        kind="RESOURCE",
        industry_section="I",
        industry_division="65",
        source_kind=source_kind,
        situation=situation,
        region_scope="INTERNATIONAL",
        update_frequency="OTHER",
        form=FORMS[record.medium],
        structure="UNSTRUCTURED",
        grade="GENERAL",
        personal_information="NONE",
        public_data="NONE",
        resale_allowed=OPERATE in record.rights,
        contract_gives_hold=is_by_contract and HOLD in record.rights,
        contract_gives_use=is_by_contract and USE in record.rights,
        contract_gives_operate=is_by_contract and OPERATE in record.rights,
        remarks=REMARK,
    )
    filing.clean_fields(exclude=["number", "state", "filed_by", "created_at", "asset"])
    return filing


def _circumstances(record: Record) -> tuple[str, str]:
    """Return the source of the data and its legal situation (NDA35 art. 21, Annex 1).

    The contract of derived data is its licence; where it says nothing certain, it is silent.
    """
    if record.parents:
        return "DERIVED", "BY_CONTRACT" if USE in record.rights else "FUSED_SILENT"
    if record.is_from_the_web:
        return "CRAWLED", "CRAWLED"
    return "COLLECTED", "OWN_BUSINESS"


def _claim(filing: Filing, kind: str, holders: list[Party], licences: str) -> None:
    right = ClaimedRight.objects.create(
        filing=filing,
        kind=kind,
        term_months=TERM_MONTHS,
        limits=shortened(f"所载许可：{licences}", LIMITS),
    )
    share = Fraction(1, len(holders))
    for holder in holders:
        ClaimedShare.objects.create(
            right=right,
            party=holder,
            numerator=share.numerator,
            denominator=share.denominator,
        )


def _description(record: Record) -> str:
    facts = (
        ("示例，依公开记录；全称", [record.name]),
        ("合集", [record.collection]),
        ("语言", record.languages),
        ("文本等来源", record.sources),
        ("所载父数据集", record.parents),
    )
    return "；".join(f"{label}：{'、'.join(values)}" for label, values in facts if values)


def _papers(record: Record, holders: list[Party]) -> Iterator[tuple[str, str, bytes]]:
    names = [f"{holder.identifier_scheme} {holder.identifier}" for holder in holders]
    yield "IDENTITY", "identity.txt", "\n".join(["示例：记录所载主体", *names]).encode()
    terms = ["示例：记录所载许可", licence_words(record), *record.licence_notes]
    yield "LAWFUL_ACQUISITION", "licences.txt", "\n".join(terms).encode()
    yield "DATA_SAMPLE", "record.json", record.content
    yield "DATA_DESCRIPTION", "description.txt", _description(record).encode()

"""Loading the demonstration register through the same use cases as any other filing.

Entry point: `Loader.load`. Safe to run again: what is registered is left alone, and a case that a
crash left on its way is carried on from where it stands.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import datetime
from fractions import Fraction

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from accounts.models import Organisation, User
from demo.assets import DemoAsset, Edge, demo_assets
from demo.parties import APPLICANTS, EXAMPLE_GEO, PUBLISHERS, DemoParty
from filings.application import content_digest
from filings.cases import undeclared
from filings.checklist import CheckItem
from filings.decision import approve
from filings.fee_tables import fee_table_on
from filings.fees import Paid, fees_of, record_fee
from filings.models import (
    ClaimedResponsibility,
    ClaimedRight,
    ClaimedShare,
    ClaimedSource,
    Filing,
    FusionParticipant,
    Likeness,
)
from filings.near_matches import near_matches
from filings.review import (
    Finding,
    accept,
    decide_match,
    exempt,
    pass_examination,
    publicise,
    record_checks,
)
from filings.submission import create_filing, hand_in, submit
from filings.workflow import FINAL, State
from primitives.clock import CHINA
from registry.models import AssetVersion, ExternalSource, Party
from registry.parties import enter_party
from rights.kinds import RightKind
from rights.models import Interest

Clock = Callable[[], datetime]

LEFT_OPEN = {"currencies": State.SUBMITTED, "person-days": State.PUBLICISED}
"""Cases that are left for whoever tries the office: one to accept, one to decide."""
WAY = (State.DRAFT, State.SUBMITTED, State.ACCEPTED, State.EXAMINED, State.PUBLICISED)
"""The states that a case passes on its way to the register."""

EXAMPLE_GROUND = "示例数据，仅供演示，免予公示"
EXAMPLE_OTHER = "示例：已比对，系另一数据"
FEE_PAID = ("places", EXAMPLE_GEO)
"""The case for which a fee is recorded, and who paid: the enterprise that has an account."""
FEE_ITEM, FEE_RECEIPT = "INITIAL", "EXAMPLE-0001"


class Loader:
    """The demonstration's officers at work."""

    def __init__(
        self, people: dict[str, User], organisations: dict[str, Organisation], clock: Clock
    ) -> None:
        self.people = people
        self.organisations = organisations
        self.clock = clock
        self.parties: dict[str, Party] = {}

    def load(self) -> Iterable[Filing]:
        """File every asset that is not filed yet; yield each filing when it stands where it shall.

        What a person has moved on since is left where it is.
        """
        for party in (*PUBLISHERS, *APPLICANTS):
            self.parties[party.key] = self._party(party)
        for asset in demo_assets():
            filing = Filing.objects.filter(sha256=asset.digests.sha256).order_by("pk").last()
            left_open = LEFT_OPEN.get(asset.key)
            if filing is None or self._is_on_its_way(filing, left_open):
                yield self._carry_on(filing or self.draft(asset), left_open)
        self._record_fee()

    def _is_on_its_way(self, filing: Filing, left_open: State | None) -> bool:
        """Say whether a load was cut short before the case came to where it is left."""
        before = WAY[: WAY.index(left_open)] if left_open else WAY
        strangers = filing.steps.exclude(taken_by__in=self.people.values())
        return filing.state in before and not strangers.exists()

    def _record_fee(self) -> None:
        """Record once what the example fee table asks; of a table that is no example nothing."""
        key, party = FEE_PAID
        payer, sha256 = self.parties[party.key], _registered(key).digests.sha256
        registered = Filing.objects.filter(sha256=sha256, state=State.REGISTERED)
        filing, at = registered.filter(applicants=payer).first(), self.clock()
        paid_on = at.astimezone(CHINA).date()
        table = fee_table_on(paid_on)
        item = table.item(FEE_ITEM) if table and table.is_example else None
        if filing is None or item is None or fees_of(filing).exists():
            return
        paid = Paid(
            item=item.code,
            fen=item.fen,
            payer=payer,
            paid_on=paid_on,
            receipt=FEE_RECEIPT,
        )
        record_fee(filing, paid, by=self.people["registrar"], at=at)

    def _party(self, party: DemoParty) -> Party:
        known = Party.objects.filter(
            identifier_scheme=party.identifier_scheme, identifier=party.identifier
        ).first()
        return known or enter_party(
            Party(
                kind=party.kind,
                name=party.name,
                identifier_scheme=party.identifier_scheme,
                identifier=party.identifier,
                is_example=party.is_example,
            ),
            by=self.people["registrar"],
            at=self.clock(),
        )

    @transaction.atomic
    def draft(self, asset: DemoAsset) -> Filing:
        """Draft the filing of an asset whose sources are registered, with all its papers."""
        digests = asset.digests
        filing = create_filing(
            Filing(
                organisation=self.organisations.get(asset.applicants[0].identifier),
                sha256=digests.sha256,
                sm3=digests.sm3,
                size_bytes=digests.size_bytes,
                is_substantive=asset.is_substantive,
                remarks=asset.remarks,
                contract_gives_hold=RightKind.HOLD in asset.contract_kinds,
                contract_gives_use=RightKind.USE in asset.contract_kinds,
                contract_gives_operate=RightKind.OPERATE in asset.contract_kinds,
                **asdict(asset.description),
            ),
            by=self.people["registrar"],
            at=self.clock(),
        )
        filing.applicants.set(self.parties[party.key] for party in asset.applicants)
        self._hand_in(filing, asset)
        for claim in asset.claims:
            self._claim(filing, claim.kind, claim.term_months, claim.limits, claim.shares)
        for edge in asset.edges:
            self._source(filing, edge)
        for stage, party in asset.responsible:
            ClaimedResponsibility.objects.create(
                filing=filing, stage=stage, party=self.parties[party.key]
            )
        for participant in asset.participants:
            FusionParticipant.objects.create(
                filing=filing,
                party=self.parties[participant.party.key],
                consent=filing.papers.get(instrument__title=participant.consent_paper),
            )
        return filing

    def _hand_in(self, filing: Filing, asset: DemoAsset) -> None:
        for paper in asset.papers:
            hand_in(
                filing,
                SimpleUploadedFile(paper.file_name, paper.content),
                kind=paper.kind,
                title=paper.title,
                by=self.people["registrar"],
                at=self.clock(),
            )

    def _claim(
        self,
        filing: Filing,
        kind: str,
        term_months: int,
        limits: str,
        shares: Iterable[tuple[DemoParty, Fraction]],
    ) -> None:
        right = ClaimedRight.objects.create(
            filing=filing, kind=kind, term_months=term_months, limits=limits
        )
        for party, share in shares:
            ClaimedShare.objects.create(
                right=right,
                party=self.parties[party.key],
                numerator=share.numerator,
                denominator=share.denominator,
            )

    def _source(self, filing: Filing, edge: Edge) -> None:
        responsible = self.parties[edge.responsible.key]
        source = ClaimedSource(
            filing=filing,
            activity=edge.activity,
            method=edge.method,
            code_sha256=edge.code_sha256,
            ended_at=self.clock(),
            responsible=responsible,
            basis=edge.basis,
        )
        if edge.public_source:
            self._name_public_source(source, edge)
        else:
            version = AssetVersion.objects.get(sha256=_registered(edge.asset_key).digests.sha256)
            source.source_version = version
            if edge.basis:
                source.basis_interest = Interest.objects.filter(
                    asset=version.asset, kind=RightKind.USE, shares__party=responsible
                ).first()
        source.save()

    def _name_public_source(self, source: ClaimedSource, edge: Edge) -> None:
        public = edge.public_source
        if public is None:
            return
        publisher, sha256 = self.parties[public.publisher.key], public.file.digests.sha256
        source.external_source = ExternalSource.objects.filter(
            publisher=publisher, title=public.title_zh, edition=public.edition, sha256=sha256
        ).first()
        if source.external_source is None:
            source.title, source.publisher = public.title_zh, publisher
            source.edition, source.sha256 = public.edition, sha256
            source.locator, source.licence = public.file.locator, public.licence
        if edge.basis_paper:
            source.basis_paper = source.filing.papers.get(instrument__title=edge.basis_paper)

    def _carry_on(self, filing: Filing, left_open: State | None) -> Filing:
        """Take the step that each state waits for, by the officer whose step it is."""
        registrar, examiner = self.people["registrar"], self.people["examiner"]
        while filing.state not in {*FINAL, left_open}:
            at = self.clock()
            if filing.state in {State.DRAFT, State.CORRECTION_REQUESTED}:
                declared = [row.name for row in undeclared(filing)]
                filing = submit(filing, by=registrar, at=at, declared=declared)
            elif filing.state == State.SUBMITTED:
                filing = accept(filing, by=registrar, at=at)
            elif filing.state == State.ACCEPTED:
                met = {item: Finding(is_met=True) for item in CheckItem}
                record_checks(filing, met, by=examiner, at=at)
                for match in near_matches(filing):
                    decide_match(
                        filing, match.other, Likeness.OTHER, by=examiner, at=at, note=EXAMPLE_OTHER
                    )
                filing = pass_examination(filing, by=examiner, at=at)
            elif filing.state == State.EXAMINED:
                if left_open == State.PUBLICISED:
                    filing = publicise(filing, by=examiner, at=at)
                else:
                    filing = exempt(filing, by=examiner, at=at, note=EXAMPLE_GROUND)
            else:
                filing = approve(
                    filing,
                    by=self.people["approver"],
                    at=at,
                    shown_digest=content_digest(filing),
                )
        return filing


def _registered(key: str) -> DemoAsset:
    return next(asset for asset in demo_assets() if asset.key == key)

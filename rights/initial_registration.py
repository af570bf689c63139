"""Initial registration: the first entry of a data asset, its provenance and the rights in it.

Entry point: `register`. The rules see only `InitialFacts`, so each is tested with plain values
(tests/rights/test_initial_registration.py). Which right may be registered in which situation is
the matrix of NDA35 art. 21 (rights/matrix.py). Shares are exact rationals; terms count in
months from the moment of registration (NDA35 art. 26).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from django.conf import settings

from ledger.acts import Act
from primitives.canonical_json import JsonObject
from primitives.identifiers import new_reference
from primitives.rules import NumberedRule, Rule, RulesBrokenError, broken, rule
from primitives.texts import unprintable
from registry import entries as registry_entries
from registry import search
from registry.closure import ancestor_versions
from registry.commitments import record_committed
from registry.kinds import (
    Grade,
    InstrumentKind,
    PersonalBasis,
    PersonalInformation,
    PublicData,
    Situation,
    SourceKind,
    Stage,
)
from registry.models import (
    AssetVersion,
    DataAsset,
    Derivation,
    ExternalSource,
    Instrument,
    Named,
    Party,
    Responsibility,
)
from registry.numbers import next_number
from registry.provenance import broken_source_rules
from rights import entries
from rights.inheritance import FREE, Inheritance, inherited
from rights.kinds import RightKind
from rights.matrix import MATRIX, SITUATIONS
from rights.models import Interest, Share
from rights.propagation import PROPAGATION, inherit
from rights.terms import term_end

PROOF_OF_BASIS = {
    PersonalBasis.CONSENT: InstrumentKind.CONSENT,
    PersonalBasis.CONTRACT: InstrumentKind.CONTRACT,
}
"""The other grounds of PIPL art. 13 are shown by the proof of lawful acquisition (FIL-1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareFacts:
    """One party's claimed share; ``value`` may be anything that was typed."""

    party: str
    value: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFacts:
    """One claimed right."""

    kind: RightKind
    term_months: int
    shares: tuple[ShareFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InitialFacts:
    """Everything a rule of initial registration may look at, read under the act's lock.

    Attributes:
        contract_kinds: the rights that the contract gives the applicant, for BY_CONTRACT.
        participants: references of the other parties to the fusion.
        consenting: those of them whose written consent is on file.
        is_substantive: content, form or structure changed in substance and value rose clearly.
        data_is_registered: a version with the same digest is registered already.
        papers: the kinds of paper on file.
        stages: those at which someone is responsible.
        latest_end: when the claimed right that lasts longest would end.
        inheritance: what the rights demand on which the data rests, directly or through others.
    """

    source_kind: SourceKind
    situation: Situation
    claims: tuple[ClaimFacts, ...]
    max_term_months: int
    contract_kinds: frozenset[RightKind] = frozenset()
    participants: frozenset[str] = frozenset()
    consenting: frozenset[str] = frozenset()
    is_substantive: bool = False
    data_is_registered: bool = False
    derived_has_source: bool = True
    is_printable: bool = True
    names_erased_party: bool = False
    grade: Grade = Grade.GENERAL
    personal_information: PersonalInformation = PersonalInformation.NONE
    personal_basis: PersonalBasis | None = None
    public_data: PublicData = PublicData.NONE
    public_data_code: str = ""
    export_allowed: bool = False
    papers: frozenset[InstrumentKind] = frozenset()
    stages: frozenset[Stage] = frozenset(Stage)
    resale_allowed: bool = False
    latest_end: datetime | None = None
    inheritance: Inheritance = FREE

    @property
    def is_personal(self) -> bool:
        """Whether the data holds personal information."""
        return self.personal_information != PersonalInformation.NONE

    @property
    def kinds(self) -> frozenset[RightKind]:
        """The kinds of right that are claimed."""
        return frozenset(claim.kind for claim in self.claims)


@rule("REG-1", source="NDA35 art. 20-21, Annex 1", zh="权利产生情形与数据来源相符。")
def situation_fits_source(facts: InitialFacts) -> bool:
    """The legal situation fits the source of the data."""
    return facts.situation in SITUATIONS[facts.source_kind]


@rule("REG-2", source="NDA35 art. 21(4)", zh="通过自动化程序收集的公开数据不登记经营权。")
def crawled_data_is_not_operated(facts: InitialFacts) -> bool:
    """Public data gathered by automated programs gets no right to operate."""
    return facts.situation != Situation.CRAWLED or facts.kinds <= MATRIX[Situation.CRAWLED]


@rule("REG-3", source="NDA35 art. 21(7)", zh="受托处理数据的，受托人不取得任何数据产权。")
def mandate_gives_no_right(facts: InitialFacts) -> bool:
    """An entrusted processor gets no right in what it processes for another."""
    return facts.situation != Situation.ENTRUSTED or not facts.kinds


@rule("REG-4", source="NDA35 art. 20, 21(5)", zh="依合同取得或融合的数据，仅登记合同约定的权利。")
def contract_gives_what_is_claimed(facts: InitialFacts) -> bool:
    """Under a contract only the rights that it gives are registered."""
    return facts.situation != Situation.BY_CONTRACT or facts.kinds <= facts.contract_kinds


@rule("REG-5", source="NDA35 art. 21(5)", zh="融合数据合同无约定的，经营权须经其他各方全部同意。")
def silent_fusion_operates_by_consent(facts: InitialFacts) -> bool:
    """Fused data with a silent contract is operated only with every other party's consent."""
    if facts.situation != Situation.FUSED_SILENT or RightKind.OPERATE not in facts.kinds:
        return True
    return bool(facts.participants) and facts.participants <= facts.consenting


@rule("REG-6", source="NDA35 art. 3, 20, 21(6)", zh="衍生数据须有实质性变化且价值明显提升。")
def derivation_is_substantive(facts: InitialFacts) -> bool:
    """Derived data differs in substance from its sources and its value is clearly higher."""
    return facts.situation != Situation.DERIVED or facts.is_substantive


@rule("REG-7", source="NDA35 art. 20", zh="衍生数据至少载明一个来源。")
def derived_data_names_a_source(facts: InitialFacts) -> bool:
    """Derived data names at least one source."""
    return facts.situation != Situation.DERIVED or facts.derived_has_source


@rule("REG-8", source="NDA35 art. 21, Annex 1", zh="至少申请登记一项权利。")
def something_is_claimed(facts: InitialFacts) -> bool:
    """At least one right is claimed."""
    return bool(facts.claims)


@rule("REG-9", source="invariant R1", zh="每项权利的份额合计恰为一。")
def shares_sum_to_one(facts: InitialFacts) -> bool:
    """The shares of each right sum to exactly one."""
    return all(sum(share.value for share in claim.shares) == 1 for claim in facts.claims)


@rule("REG-10", source="invariant R1", zh="每一份额大于零，每一主体在同一权利中只出现一次。")
def shares_are_positive_and_single(facts: InitialFacts) -> bool:
    """Every share is positive and each party has one share of a right at most."""
    return all(
        all(share.value > 0 for share in claim.shares)
        and len({share.party for share in claim.shares}) == len(claim.shares)
        for claim in facts.claims
    )


@rule("REG-11", source="NDA35 art. 26", zh="权利期限至少一个月，且不超过规定的最长期限。")
def term_is_within_limit(facts: InitialFacts) -> bool:
    """The term is at least one month and no longer than the profile allows."""
    return all(1 <= claim.term_months <= facts.max_term_months for claim in facts.claims)


@rule("REG-12", source="NDA35 art. 33; invariant W7", zh="同一数据只办理一次初次登记。")
def data_is_new(facts: InitialFacts) -> bool:
    """The same data is registered once."""
    return not facts.data_is_registered


@rule("REG-13", source="NDA35 art. 27", zh="申请文字不含控制符、私用区或未分配字符，可印于凭证。")
def can_be_printed(facts: InitialFacts) -> bool:
    """Every text can stand on a certificate: no control, private or unassigned characters."""
    return facts.is_printable


@rule("REG-14", source="PIPL art. 47", zh="申请所涉主体的登记内容均未被删除。")
def no_party_was_erased(facts: InitialFacts) -> bool:
    """No party that the application names was erased; it is entered anew first."""
    return not facts.names_erased_party


@rule("REG-15", source="NDA35 art. 22(1); DSL art. 21", zh="国家核心数据不予登记。")
def core_data_is_refused(facts: InitialFacts) -> bool:
    """Core data of the state is not registered."""
    return facts.grade != Grade.CORE


@rule("REG-16", source="DSL art. 30; NETREG art. 31, 33", zh="重要数据已提交风险评估材料。")
def important_data_is_assessed(facts: InitialFacts) -> bool:
    """An assessment of the risks of important data is on file."""
    return facts.grade != Grade.IMPORTANT or InstrumentKind.ASSESSMENT in facts.papers


@rule(
    "REG-17",
    source="NDA35 art. 15(1)",
    zh="党政机关履职收集、产生或者委托、授权他人代为收集的数据，不进行数据产权登记。",
)
def organs_data_is_refused(facts: InitialFacts) -> bool:
    """What Party or state organs collect in their duty, or have collected, is not registered."""
    return facts.public_data != PublicData.ORGAN_DUTY


@rule(
    "REG-18",
    source="NDA35 art. 15(2)",
    zh="公共数据授权运营产品先完成公共数据资源登记并载明登记编码；非公共数据不载明该编码。",
)
def operation_product_is_registered_as_public(facts: InitialFacts) -> bool:
    """A product of authorised operation names its public-data code; non-public data names none."""
    if facts.public_data == PublicData.NONE:
        return not facts.public_data_code
    return facts.public_data != PublicData.OPERATION_PRODUCT or bool(facts.public_data_code)


@rule(
    "REG-19",
    source="PIPL art. 13; NDA35 art. 20",
    zh="涉及个人信息的，载明处理个人信息的合法性基础；不涉及的不载明。",
)
def personal_information_has_a_ground(facts: InitialFacts) -> bool:
    """Personal information has its ground named; other data names none."""
    return facts.is_personal == (facts.personal_basis is not None)


@rule(
    "REG-20",
    source="PIPL art. 13",
    zh="以个人同意为合法性基础的已提交同意材料，以合同为合法性基础的已提交合同。",
)
def ground_is_proven(facts: InitialFacts) -> bool:
    """Consent as a ground is proven by a consent on file, a contract by a contract."""
    proof = PROOF_OF_BASIS.get(facts.personal_basis) if facts.personal_basis else None
    return proof is None or proof in facts.papers


@rule(
    "REG-21",
    source="PIPL art. 55(1), 55(3), 55(4)",
    zh="处理敏感个人信息、向他人或者向境外提供个人信息的，已提交个人信息保护影响评估材料。",
)
def impact_on_persons_is_assessed(facts: InitialFacts) -> bool:
    """The impact is assessed where personal information is sensitive, operated or exported."""
    needs_assessment = facts.is_personal and (
        facts.personal_information == PersonalInformation.SENSITIVE
        or RightKind.OPERATE in facts.kinds
        or facts.export_allowed
    )
    return not needs_assessment or InstrumentKind.ASSESSMENT in facts.papers


@rule(
    "REG-22",
    source="DSL art. 31; PIPL art. 38; NETREG art. 35, 37",
    zh="重要数据、个人信息允许出境的，已提交安全评估、标准合同、认证或者豁免等出境证明材料。",
)
def export_is_cleared(facts: InitialFacts) -> bool:
    """Important data and personal information leave the country only with a clearance on file."""
    needs_clearance = facts.export_allowed and (facts.grade == Grade.IMPORTANT or facts.is_personal)
    return not needs_clearance or InstrumentKind.EXPORT_CLEARANCE in facts.papers


@rule("REG-23", source="BJ20", zh="数据的采集、管理、持有、使用各环节均载明责任主体。")
def every_stage_has_someone_responsible(facts: InitialFacts) -> bool:
    """Collection, management, holding and use each have someone responsible."""
    return facts.stages == frozenset(Stage)


@rule(
    "REG-24",
    source="invariant P4; NDA35 art. 20",
    zh="衍生数据的权利期限不超过约束衍生数据的来源权利的期限。",
)
def ends_with_what_binds_it(facts: InitialFacts) -> bool:
    """No right in derived data outlasts a right it rests on whose terms bind what is derived."""
    return facts.latest_end is None or facts.latest_end <= facts.inheritance.until


@rule(
    "REG-25",
    source="invariant P4; NDA35 Annex 1",
    zh="来源权利约束衍生数据且不允许转售或者出境的，衍生数据同样不允许。",
)
def allows_what_binds_it(facts: InitialFacts) -> bool:
    """Derived data allows no resale or export that a right which binds it does not allow."""
    bound = facts.inheritance
    return (bound.may_resell or not facts.resale_allowed) and (
        bound.may_export or not facts.export_allowed
    )


INITIAL_RULES: tuple[Rule[InitialFacts], ...] = (
    situation_fits_source,
    crawled_data_is_not_operated,
    mandate_gives_no_right,
    contract_gives_what_is_claimed,
    silent_fusion_operates_by_consent,
    derivation_is_substantive,
    derived_data_names_a_source,
    something_is_claimed,
    shares_sum_to_one,
    shares_are_positive_and_single,
    term_is_within_limit,
    data_is_new,
    can_be_printed,
    no_party_was_erased,
    core_data_is_refused,
    important_data_is_assessed,
    organs_data_is_refused,
    operation_product_is_registered_as_public,
    personal_information_has_a_ground,
    ground_is_proven,
    impact_on_persons_is_assessed,
    export_is_cleared,
    every_stage_has_someone_responsible,
    ends_with_what_binds_it,
    allows_what_binds_it,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One claimed right with its holders' shares, as (party, share) pairs."""

    kind: RightKind
    term_months: int
    limits: str
    shares: Sequence[tuple[Party, Fraction]]


@dataclass(frozen=True, slots=True, kw_only=True)
class InitialApplication:
    """What is to be registered.

    ``asset``, ``version``, ``derivations`` and ``responsibilities`` are not yet saved;
    ``max_term_months`` is what the case's rules allow, or None for what the installation does.
    """

    filing: str
    asset: DataAsset
    version: AssetVersion
    derivations: Sequence[Derivation]
    instruments: Sequence[Instrument]
    claims: Sequence[Claim]
    responsibilities: Sequence[Responsibility]
    contract_kinds: frozenset[RightKind] = frozenset()
    participants: frozenset[str] = frozenset()
    consenting: frozenset[str] = frozenset()
    is_substantive: bool = False
    external_sources: Sequence[ExternalSource] = field(default_factory=list)
    max_term_months: int | None = None
    remarks: str = ""


def broken_rules(application: InitialApplication, *, at: datetime) -> tuple[NumberedRule, ...]:
    """Return every REG and PRV rule that registering it at ``at`` would break; writes nothing."""
    return (
        *broken(INITIAL_RULES, _facts(application, at=at)),
        *broken_source_rules(application.version, application.derivations, at=at),
    )


def register(act: Act, application: InitialApplication) -> DataAsset:
    """Register the asset, its version, provenance and rights in one entry; return the asset.

    Raises:
        RulesBrokenError: names every rule that does not hold; nothing has been written.
    """
    _require_locks(act, application)
    if found := broken_rules(application, at=act.recorded_at):
        raise RulesBrokenError(found)
    asset, version = application.asset, application.version
    asset.number = f"DA-{next_number('asset'):09d}"
    asset.registered_at = act.recorded_at
    version.asset, version.number = asset, 1
    proven = bases_are_proven(application.derivations)
    for derivation, is_proven in zip(application.derivations, proven, strict=True):
        derivation.is_proven = is_proven
    interests = [_interest(asset, claim, act.recorded_at) for claim in application.claims]
    shares = [
        Share(
            interest=interest,
            party=party,
            numerator=value.numerator,
            denominator=value.denominator,
        )
        for interest, claim in zip(interests, application.claims, strict=True)
        for party, value in claim.shares
    ]
    payload: JsonObject = {
        "filing": application.filing,
        "remarks": application.remarks,
        "asset": registry_entries.asset_json(asset),
        "responsibilities": registry_entries.responsibilities_json(application.responsibilities),
        "version": registry_entries.version_json(version),
        "external_sources": [
            registry_entries.external_source_json(source) for source in application.external_sources
        ],
        "derivations": [
            registry_entries.derivation_json(derivation) for derivation in application.derivations
        ],
        "instruments": [
            registry_entries.instrument_json(instrument) for instrument in application.instruments
        ],
        "interests": [
            entries.registered_interest_json(
                interest, [share for share in shares if share.interest is interest]
            )
            for interest in interests
        ],
    }
    entry = record_committed(
        act,
        kind=registry_entries.INITIAL_REGISTRATION,
        keys=[registry_entries.asset_key(asset.number)],
        payload=payload,
        committed=registry_entries.committed_of_registration(payload),
    )
    asset.entry = version.entry = entry
    asset.save(force_insert=True)
    search.write(Named.ASSET, asset.pk, asset.name)
    Responsibility.objects.bulk_create(application.responsibilities)
    version.asset = asset
    version.save(force_insert=True)
    for source in application.external_sources:
        source.entry = entry
        source.save(force_insert=True)
    for derivation in application.derivations:
        derivation.derived_version = version
        derivation.external_source = derivation.external_source  # now saved: take its key
        derivation.save(force_insert=True)
    papers = [instrument.pk for instrument in application.instruments]
    Instrument.objects.filter(pk__in=papers).update(entry=entry)
    for interest in interests:
        interest.asset, interest.entry = asset, entry
        interest.save(force_insert=True)
    for share in shares:
        share.interest = share.interest
        share.save(force_insert=True)
    inherit(version, entry)
    return asset


def keys_of_sources(derivations: Iterable[Derivation]) -> list[str]:
    """Return what a registration must lock to share: the title of its sources, and their causes."""
    numbers = {edge.source_version.asset.number for edge in derivations if edge.source_version}
    keys = [registry_entries.asset_key(number) for number in sorted(numbers)]
    return [*keys, PROPAGATION] if keys else []


def bases_are_proven(derivations: Sequence[Derivation]) -> list[bool]:
    """Say of each edge whether its basis is proven (P2), by one query.

    One that is not stays in, marked UNPROVEN.
    """
    named = {edge.basis_interest for edge in derivations if edge.source_version}
    rights = Interest.objects.filter(
        reference__in=named, kind__in=[RightKind.USE, RightKind.OPERATE]
    ).values_list("reference", "asset", "valid_from", "until", "shares__party")
    known = list(rights) if named else []

    def is_proven(edge: Derivation) -> bool:
        if edge.source_version is None:
            return edge.basis_instrument is not None
        return any(
            reference == edge.basis_interest
            and asset == edge.source_version.asset_id
            and valid_from <= edge.ended_at < until
            and party == edge.responsible_id
            for reference, asset, valid_from, until, party in known
        )

    return [is_proven(edge) for edge in derivations]


def _require_locks(act: Act, application: InitialApplication) -> None:
    act.require_lock(registry_entries.data_key(application.version.sha256))
    for source in application.external_sources:
        act.require_lock(registry_entries.source_key(source))
    for key in keys_of_sources(application.derivations):
        act.require_shared_lock(key)


def _interest(asset: DataAsset, claim: Claim, registered_at: datetime) -> Interest:
    end = term_end(registered_at, claim.term_months)
    return Interest(
        reference=new_reference("I"),
        asset=asset,
        kind=claim.kind,
        valid_from=registered_at,
        valid_to=end,
        until=end,
        limits=claim.limits,
    )


def _facts(application: InitialApplication, *, at: datetime) -> InitialFacts:
    asset = application.asset
    ends = [term_end(at, claim.term_months) for claim in application.claims]
    return InitialFacts(
        source_kind=SourceKind(asset.source_kind),
        situation=Situation(asset.situation),
        claims=tuple(
            ClaimFacts(
                kind=claim.kind,
                term_months=claim.term_months,
                shares=tuple(
                    ShareFacts(party=party.reference, value=value) for party, value in claim.shares
                ),
            )
            for claim in application.claims
        ),
        max_term_months=application.max_term_months or settings.MAX_TERM_MONTHS,
        contract_kinds=application.contract_kinds,
        participants=application.participants,
        consenting=application.consenting,
        is_substantive=application.is_substantive,
        data_is_registered=AssetVersion.objects.filter(sha256=application.version.sha256).exists(),
        derived_has_source=bool(application.derivations),
        is_printable=not any(unprintable(text) for text in _texts(application)),
        names_erased_party=any(party.is_erased for party in _parties(application)),
        grade=Grade(asset.grade),
        personal_information=PersonalInformation(asset.personal_information),
        personal_basis=PersonalBasis(asset.personal_basis) if asset.personal_basis else None,
        public_data=PublicData(asset.public_data),
        public_data_code=asset.public_data_code,
        export_allowed=asset.export_allowed,
        papers=frozenset(InstrumentKind(paper.kind) for paper in application.instruments),
        stages=frozenset(Stage(named.stage) for named in application.responsibilities),
        resale_allowed=asset.resale_allowed,
        latest_end=max(ends, default=None),
        inheritance=_inheritance(application),
    )


def _inheritance(application: InitialApplication) -> Inheritance:
    """Return what the rights demand on which the data and all that it came from rests."""
    sources = [
        derivation.source_version_id
        for derivation in application.derivations
        if derivation.source_version_id
    ]
    named = {derivation.basis_interest for derivation in application.derivations}
    if sources:
        behind = [*sources, *ancestor_versions(*sources).pks()]
        edges = Derivation.objects.filter(derived_version__in=behind)
        named |= set(edges.values_list("basis_interest", flat=True))
    rights = Interest.objects.filter(
        reference__in=named - {""}, ended_by__isnull=True, terms__binds_derivatives=True
    )
    relied_on = rights.select_related("asset").prefetch_related("shares__party")
    return inherited(entries.interest_facts(right) for right in relied_on)


def _parties(application: InitialApplication) -> Iterator[Party]:
    """Yield every party that the registration would name for the first time."""
    for claim in application.claims:
        yield from (party for party, _share in claim.shares)
    yield from (source.publisher for source in application.external_sources)
    yield from (derivation.responsible for derivation in application.derivations)
    yield from (named.party for named in application.responsibilities)


def _texts(application: InitialApplication) -> Iterator[str]:
    """Yield every text of the application that its certificate prints."""
    asset = application.asset
    described = (getattr(asset, field) for field in registry_entries.DESCRIPTION_FIELDS)
    yield from (value for value in described if isinstance(value, str))
    yield application.remarks
    for claim in application.claims:
        yield claim.limits
    for source in application.external_sources:
        yield from (source.title, source.edition, source.licence)
    for derivation in application.derivations:
        yield from (derivation.method, derivation.basis)
